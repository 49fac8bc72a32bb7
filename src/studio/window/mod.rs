//! The window: what lies where.
//!
//! ```text
//! menu bar
//! transport
//! tracks │ ruler                  │ history
//!        │ piano roll             │
//!        │ lyric lane             │
//!        │ curve lane             │
//! mixer
//! status line
//! ```

mod curve_tabs;
mod harmonies;
mod history;
pub mod icon;
pub(crate) mod menu;
mod meter;
mod mix_controls;
mod mixer;
mod note_panel;
mod number;
pub mod palette;
pub(crate) mod scroll_bar;
mod status;
pub mod theme;
pub mod tour;
mod track_panel;
mod transport;

use egui::{CentralPanel, Frame, Margin, Panel, Ui};
use rust_i18n::t;

use self::scroll_bar::Extent;
use super::app::Studio;
use super::lyric_lane;
use super::roll::{RULER, RollContext};
use super::view::{KEYBOARD, Tool, View};

pub(super) use harmonies::harmony_name;
pub(super) use meter::show as show_meter;
pub(super) use mix_controls::{MixChange, letter};
pub(super) use number::{differ, number};
pub use status::Notice;
pub(super) use track_panel::{left_in, row};

/// What the engine knows of the part of the song that is in sight.
#[derive(Default)]
struct Sung {
    pitch: Vec<Vec<(f64, f32)>>,
    written: Vec<Vec<(f64, f32)>>,
    waveform: Vec<(f64, f32)>,
    backing: Vec<(f64, f32)>,
}

impl Studio {
    /// Everything but the dialogs.
    pub(super) fn window(&mut self, ui: &mut Ui) {
        Panel::top("menu").show(ui, |ui| self.menu_bar(ui));
        Panel::top("transport").show(ui, |ui| self.transport(ui));
        Panel::bottom("status").show(ui, |ui| self.status_line(ui));
        if self.settings.show_mixer {
            Panel::bottom("mixer").exact_size(160.0).show(ui, |ui| self.mixer(ui));
        }
        if self.settings.show_tracks {
            Panel::left("tracks")
                .default_size(236.0)
                .size_range(200.0..=380.0)
                .show(ui, |ui| self.track_panel(ui));
        }
        if self.settings.show_history {
            Panel::right("history")
                .default_size(200.0)
                .size_range(150.0..=320.0)
                .show(ui, |ui| self.history(ui));
        }
        if self.settings.show_note {
            Panel::right("note")
                .default_size(214.0)
                .size_range(200.0..=320.0)
                .show(ui, |ui| self.note_panel(ui));
        }
        CentralPanel::default()
            .frame(Frame::new().fill(ui.visuals().panel_fill))
            .show(ui, |ui| self.lanes(ui));
    }

    /// The lanes of the song: roll, lyrics, curves, one below the other.
    fn lanes(&mut self, ui: &mut Ui) {
        ui.spacing_mut().item_spacing = egui::Vec2::ZERO;
        let ctx = ui.ctx().clone();
        self.move_view(&ctx);
        self.scroll_along(ui);
        let sung = self.sung();
        let looped = self.view.looped;
        let mut complaint = None;
        let mut notice = None;

        let engine = &self.engine;
        let spectrogram = self.spectrogram.as_ref().zip(self.editor.active()).map(|(spectrogram, track)| {
            // Not in the colour of the track: its notes must stand out.
            let (track, colour) = (track.id, theme::accent(ui.visuals().dark_mode).gamma_multiply(0.75));
            move |ui: &Ui, lanes: egui::Rect, view: &View| {
                spectrogram.paint(ui, lanes, view, engine, track, colour);
            }
        });
        let context = RollContext {
            play_head: self.engine.position_ticks(),
            playing: self.engine.is_playing(),
            states: self.engine.note_states(),
            readings: self.readings.of(&self.editor),
            pitch: &sung.pitch,
            written: &sung.written,
            waveform: &sung.waveform,
            spectrogram: spectrogram.as_ref().map(|paint| paint as _),
            backing: &sung.backing,
        };
        // The lanes end where the roll ends, beside its bar.
        let margin = Margin { right: scroll_bar::THICK as i8, ..Margin::ZERO };
        let bare = Frame::new().fill(ui.visuals().panel_fill).inner_margin(margin);
        if self.view.show_curves {
            // In a low window most of the room is for the notes.
            let most = (0.4 * ui.available_height()).clamp(90.0, 360.0);
            Panel::bottom("curves").default_size(150.0).size_range(90.0..=most).frame(bare).show(ui, |ui| {
                curve_tabs::show(ui, &mut self.view, &mut self.values);
                complaint = self.values.show(ui, &mut self.editor, &mut self.view, &context);
            });
        }
        Panel::bottom("lyrics").exact_size(lyric_lane::HEIGHT).frame(bare).show(ui, |ui| {
            notice = self.lane.show(ui, &mut self.editor, &mut self.view, &context);
        });
        let size = ui.available_size();
        self.lanes = egui::vec2((size.x - KEYBOARD - scroll_bar::THICK).max(1.0), (size.y - RULER).max(1.0));
        let response = self.roll.show(ui, &mut self.editor, &mut self.view, &context);

        if self.view.looped != looped {
            self.set_loop(self.view.looped);
        }
        if let Some(tick) = response.seek {
            self.engine.seek(self.editor.project().tempo.seconds(tick));
        }
        if let Some(key) = response.sound {
            let singer = self.editor.active().and_then(|track| track.singer.as_deref());
            self.engine.sound_key(key, singer);
        }
        if let Some(request) = response.change {
            self.change_song(request);
        }
        if let Some(note) = response.type_lyric {
            self.lane.type_into(&mut self.editor, note);
        }
        if let Some(action) = response.menu {
            self.perform(&ctx, action, None);
        }
        if let Some(text) = notice {
            self.tell(text);
        }
        if let Some(text) = complaint.or(response.error) {
            self.complain(text);
        }
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
            let project = self.editor.project();
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
        let Some(track) = self.editor.active_track() else {
            return Sung::default();
        };
        let ticks = self.view.left..self.view.tick(self.lanes.x);
        let points = self.lanes.x as usize;
        // The first that is heard: more than one behind the notes cannot be told apart.
        let heard = self.editor.project().backings.iter().position(|backing| !backing.mute);
        let backing = heard.map(|index| self.engine.backing_waveform(index, ticks.clone(), points));
        let backing = backing.unwrap_or_default();
        Sung {
            pitch: self.engine.pitch(track, ticks.clone(), points),
            written: match self.view.tool {
                Tool::Pitch => self.engine.written_pitch(track, ticks.clone(), points),
                _ => Vec::new(),
            },
            waveform: self.engine.waveform(track, ticks.clone(), points),
            backing,
        }
    }

    /// Zoom and scroll go on by themselves; the view follows the play head.
    fn move_view(&mut self, ctx: &egui::Context) {
        if self.engine.is_playing() && self.view.follow {
            self.view.keep_in_sight(self.engine.position_ticks(), self.lanes.x);
        }
        if self.view.animate(ctx.input(|i| i.stable_dt)) {
            ctx.request_repaint();
        }
    }
}
