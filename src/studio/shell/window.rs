//! The window: what lies where.
//!
//! ```text
//! menu bar
//! transport
//! tracks │ arrangement            │ history
//!        │ ruler, piano roll      │
//!        │ lyric lane             │
//!        │ phoneme lane           │
//!        │ curve lane             │
//! mixer
//! status line
//! ```

use egui::{CentralPanel, Context, Frame, Margin, Panel, Ui};
use rust_i18n::t;
use ziyin_message::ToMessage;

use super::command_palette::Chosen;
use super::studio::Studio;
use super::{menu, tour::Tour};
use crate::edits::Edits;
use crate::lanes::{ARRANGEMENT, KEYBOARD, LOWEST_KEY, LYRICS, LaneContext, PHONEMES, RULER, Tool, View};
use crate::panels::{NotePanel, StatusLine, TrackPanel, TransportBar, curve_tabs, history, mixer};
use crate::request::Requests;
use crate::widgets::scroll_bar::{self, Extent};
use crate::widgets::theme;
use ziyin_score::Project;
use ziyin_session::engine::SungCharacter;

/// What the engine knows of the part of the song that is in sight.
#[derive(Default)]
struct Sung {
    pitch: Vec<Vec<(f64, f32)>>,
    written: Vec<Vec<(f64, f32)>>,
    waveform: Vec<(f64, f32)>,
    backing: Vec<(f64, f32)>,
    characters: Vec<SungCharacter>,
}

/// Height of the mixer at least, in points.
const MIXER: f32 = 176.0;
/// Room that roll, lyrics and mixer need below one another.
const LOW: f32 = MIXER + LYRICS + RULER + OCTAVE + 20.0;
/// Height of the lane of curves at least.
const CURVES: f32 = 90.0;
/// Height of an octave of the roll at least.
const OCTAVE: f32 = 12.0 * LOWEST_KEY;
/// Width of a window in which tracks and a panel at the right leave no room for notes.
const NARROW: f32 = 760.0;

impl Studio {
    /// Everything but the dialogs.
    pub(super) fn window(&mut self, ui: &mut Ui) {
        let mut asked = Requests::default();
        Panel::top("menu").show(ui, |ui| menu::show(ui, &self.state(), &mut asked));
        let (recording, recorded) = (self.session.is_recording(), self.session.recorded_level());
        let session = &mut self.session;
        let settings = &session.settings;
        Panel::top("transport").show(ui, |ui| {
            let edits = Edits { editor: &mut session.editor, asked: &mut asked };
            TransportBar {
                edits,
                engine: &session.engine,
                view: &mut self.view,
                settings,
                recording,
                recorded,
            }
            .show(ui);
        });
        Panel::bottom("status").show(ui, |ui| {
            let selected = session.editor.selected_count();
            let (notice, asked) = (&mut self.notice, &mut asked);
            StatusLine { engine: &session.engine, notice, selected, asked }.show(ui);
        });
        if settings.show_mixer {
            let edits = Edits { editor: &mut session.editor, asked: &mut asked };
            let engine = &session.engine;
            let room = ui.available_height();
            if room < LOW {
                // The notes keep their room: what does not fit beside them lies over them.
                let rect = ui.available_rect_before_wrap();
                let height = MIXER.min(room);
                let place =
                    egui::Rect::from_min_max(egui::pos2(rect.left(), rect.bottom() - height), rect.max);
                egui::Area::new(egui::Id::unique("mixer over the roll"))
                    .order(egui::Order::Middle)
                    .fixed_pos(place.min)
                    .show(ui.ctx(), |ui| {
                        Frame::popup(ui.style()).show(ui, |ui| {
                            ui.set_width(place.width() - 16.0);
                            ui.set_height(height - 16.0);
                            mixer(ui, edits, engine);
                        });
                    });
            } else {
                Panel::bottom("mixer")
                    .resizable(true)
                    .default_size(MIXER)
                    .size_range(MIXER..=(room - LOW + MIXER).clamp(MIXER, 420.0))
                    .show(ui, |ui| mixer(ui, edits, engine));
            }
        }
        let narrow = ui.available_width() < NARROW && (settings.show_note || settings.show_history);
        if settings.show_tracks && !narrow {
            let guessed = session.readings.guessed(&session.editor);
            let edits = Edits { editor: &mut session.editor, asked: &mut asked };
            let (engine, singers, ghosts) = (&session.engine, &session.singers, &mut self.view.ghosts);
            let mut panel = TrackPanel { edits, engine, singers, ghosts, guessed };
            Panel::left("tracks").default_size(236.0).size_range(200.0..=380.0).show(ui, |ui| panel.show(ui));
        }
        let mut edits = Edits { editor: &mut session.editor, asked: &mut asked };
        if settings.show_history {
            Panel::right("history")
                .default_size(200.0)
                .size_range(150.0..=320.0)
                .show(ui, |ui| history(ui, &mut edits));
        }
        if settings.show_note {
            Panel::right("note")
                .default_size(214.0)
                .size_range(200.0..=320.0)
                .show(ui, |ui| NotePanel(edits).show(ui));
        }
        let looped = self.view.looped;
        CentralPanel::default()
            .frame(Frame::new().fill(ui.visuals().panel_fill))
            .show(ui, |ui| self.lanes(ui, &mut asked));
        if self.view.looped != looped {
            self.set_loop(self.view.looped);
        }
        self.answer(&ui.ctx().clone(), asked);
    }

    /// The lanes of the song: roll, lyrics, curves, one below the other.
    fn lanes(&mut self, ui: &mut Ui, asked: &mut Requests) {
        ui.spacing_mut().item_spacing = egui::Vec2::ZERO;
        self.move_view(ui.ctx());
        // Where there is no room for both, the arrangement stands in the place of the roll.
        let room = ui.available_height() - LYRICS - RULER - OCTAVE - scroll_bar::THICK;
        let arranges = self.session.settings.show_arrangement;
        let alone = arranges && room < ARRANGEMENT;
        if !alone {
            self.scroll_along(ui);
        }
        let sung = self.sung();
        let singer =
            self.session.editor.active().and_then(|track| self.session.singer(track.singer.as_deref()));
        let range = singer.map(|singer| singer.range);
        let (editor, engine) = (&mut self.session.editor, &self.session.engine);
        let spectrogram = self.spectrogram.as_ref().zip(editor.active()).map(|(spectrogram, track)| {
            // Not in the colour of the track: its notes must stand out.
            let (track, colour) = (track.id, theme::accent(ui.visuals().dark_mode).gamma_multiply(0.75));
            move |ui: &Ui, lanes: egui::Rect, view: &View| {
                spectrogram.paint(ui, lanes, view, engine, track, colour);
            }
        });
        let context = LaneContext {
            play_head: engine.position_ticks(),
            playing: engine.is_playing(),
            states: engine.note_states(),
            readings: self.session.readings.of(editor),
            characters: &sung.characters,
            pitch: &sung.pitch,
            written: &sung.written,
            waveform: &sung.waveform,
            spectrogram: spectrogram.as_ref().map(|paint| paint as _),
            range,
            backing: &sung.backing,
        };
        // The lanes end where the roll ends, beside its bar.
        let margin = Margin { right: scroll_bar::THICK as i8, ..Margin::ZERO };
        let bare = Frame::new().fill(ui.visuals().panel_fill).inner_margin(margin);
        if arranges {
            let shown = self.view.left..self.view.tick(self.lanes.x);
            let frame = Frame::new().fill(ui.visuals().panel_fill);
            let mut show = |ui: &mut Ui, asked: &mut Requests| {
                self.arrangement.show(ui, editor, (&mut self.view, shown.clone()), (&context, engine), asked);
            };
            if alone {
                frame.show(ui, |ui| show(ui, asked));
                return;
            }
            let panel = Panel::top("arrangement").resizable(true).default_size(190.0);
            panel.size_range(ARRANGEMENT..=room).frame(frame).show(ui, |ui| show(ui, asked));
        }
        // In a low window most of the room is for the notes, which keep an octave unless curves are asked for.
        let phonemes = if self.view.show_phonemes { PHONEMES } else { 0.0 };
        let left = ui.available_height() - LYRICS - phonemes - RULER - OCTAVE;
        let most = (0.4 * ui.available_height()).clamp(CURVES, 360.0).min(left);
        self.view.low = most < CURVES;
        if self.view.shows_curves() {
            let panel = Panel::bottom("curves").default_size(150.0).size_range(CURVES..=most.max(CURVES));
            panel.frame(bare).show(ui, |ui| {
                curve_tabs(ui, &mut self.view, &mut self.values);
                self.values.show(ui, editor, &mut self.view, &context, asked);
            });
        }
        if self.view.show_phonemes {
            Panel::bottom("phonemes").exact_size(PHONEMES).frame(bare).show(ui, |ui| {
                self.phonemes.show(ui, editor, &self.view, &context, asked);
            });
        }
        Panel::bottom("lyrics").exact_size(LYRICS).frame(bare).show(ui, |ui| {
            self.lane.show(ui, editor, &mut self.view, &context, asked);
        });
        let size = ui.available_size();
        self.lanes = egui::vec2((size.x - KEYBOARD - scroll_bar::THICK).max(1.0), (size.y - RULER).max(1.0));
        self.roll.show(ui, editor, &mut self.view, &context, asked);
    }

    /// The bar under the lanes: the song from its start to some bars behind its last note.
    fn scroll_along(&mut self, ui: &mut Ui) {
        let frame = Frame::new().fill(ui.visuals().panel_fill);
        Panel::bottom("scroll").exact_size(scroll_bar::THICK).frame(frame).show(ui, |ui| {
            let rect = ui.available_rect_before_wrap();
            let bar = egui::Rect::from_min_max(
                rect.min + egui::vec2(KEYBOARD, 0.0),
                rect.max - egui::vec2(scroll_bar::THICK, 0.0),
            );
            let project = self.session.editor.project();
            let (end, width) = (project.end(), f64::from(bar.width()) / self.view.scale);
            let shown = self.view.left..self.view.left + width;
            let room = 4 * project.meter.at(end).bar();
            let first = project.tracks.iter().filter_map(|track| track.notes.first()).map(|note| note.onset);
            let extent = Extent {
                whole: 0.0..((end + room) as f64).max(shown.end),
                shown,
                filled: first.min().unwrap_or(0) as f64..end as f64,
            };
            if let Some(left) = scroll_bar::show(ui, bar, &t!("roll.scroll-time"), extent) {
                self.view.scroll(left - self.view.left, 0.0, self.lanes.y);
            }
        });
    }

    /// What is sung of the active track in sight.
    fn sung(&self) -> Sung {
        let Some(track) = self.session.editor.active_track() else {
            return Sung::default();
        };
        let ticks = self.view.left..self.view.tick(self.lanes.x);
        let points = self.lanes.x as usize;
        // The first that is heard: more than one behind the notes cannot be told apart.
        let heard = self.session.editor.project().backings.iter().position(|backing| !backing.mute);
        let backing = heard.map(|index| self.session.engine.backing_waveform(index, ticks.clone(), points));
        let backing = backing.unwrap_or_default();
        Sung {
            characters: match self.view.show_phonemes {
                true => self.session.engine.characters(track, ticks.clone()),
                false => Vec::new(),
            },
            pitch: self.session.engine.pitch(track, ticks.clone(), points),
            written: match self.view.tool {
                Tool::Pitch => self.session.engine.written_pitch(track, ticks.clone(), points),
                _ => Vec::new(),
            },
            waveform: self.session.engine.waveform(track, ticks.clone(), points),
            backing,
        }
    }

    /// Zoom and scroll go on by themselves; the view follows the play head.
    fn move_view(&mut self, ctx: &egui::Context) {
        if self.session.engine.is_playing() && self.view.follow {
            self.view.keep_in_sight(self.session.engine.position_ticks(), self.lanes.x);
        }
        if self.view.animate(ctx.input(|i| i.stable_dt)) {
            ctx.request_repaint();
        }
    }

    /// The command palette, while it is open.
    pub(super) fn show_palette(&mut self, ctx: &Context) {
        let Some(mut palette) = self.palette.take() else { return };
        match palette.show(ctx, &self.state()) {
            Chosen::Action(action) => self.perform(ctx, action, None),
            Chosen::Closed => {}
            Chosen::Nothing => self.palette = Some(palette),
        }
    }

    /// Begins the tour, on the demo song if no work is open.
    pub(super) fn begin_tour(&mut self) {
        let free = !self.session.editor.is_dirty() && self.path().is_none();
        let demo = self.demo.clone().filter(|_| free);
        self.tour = Some(Tour::begin(demo.is_some()));
        if let Some(demo) = demo {
            match Project::load(&demo) {
                Ok(project) => self.take(project, None),
                Err(error) => self.complain(error.in_full().said()),
            }
        }
    }

    /// A card of the tour, while it goes on and nothing lies over it.
    pub(super) fn show_tour(&mut self, ctx: &Context) {
        if self.dialog.is_none() && self.tour.as_mut().is_some_and(|tour| tour.show(ctx)) {
            self.tour = None;
            self.session.settings.toured = true;
            self.keep_settings();
        }
    }
}
