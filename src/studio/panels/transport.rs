//! The bar of the transport: play, position, tempo, meter, tools, grid.

use egui::{ComboBox, RichText, Ui};
use rust_i18n::t;

use crate::action::Action;
use crate::action_state::ActionState;
use crate::edits::Edits;
use crate::lanes::{Rhythm, Snap, Tool, View};
use crate::names::key_name;
use crate::shortcut::shortcut_text;
use crate::widgets::icon::{self, Icon};
use crate::widgets::{differ, number, show_meter};
use ziyin_score::{Command, Key, Scale, SongCommand, Tempo, Tick, TimeSignature};
use ziyin_session::editor::SongChange;
use ziyin_session::engine::Engine;
use ziyin_session::settings::Settings;

/// The bar, with what it shows.
pub struct TransportBar<'a> {
    pub edits: Edits<'a>,
    /// Whether it plays, and where.
    pub engine: &'a Engine,
    pub view: &'a mut View,
    pub settings: &'a Settings,
    /// Whether what is played on the MIDI keyboard becomes notes.
    pub recording: bool,
    /// How loud the microphone is that is recorded, if one is; 1 is full scale.
    pub recorded: Option<f32>,
}

/// Height of a window, in points, in which the bar has one row.
const LOW: f32 = 480.0;

impl TransportBar<'_> {
    pub fn show(&mut self, ui: &mut Ui) {
        ui.add_space(3.0);
        // In a small window rows of buttons would take the room of the notes: one of them scrolls.
        if ui.ctx().content_rect().height() < LOW {
            egui::ScrollArea::horizontal().show(ui, |ui| ui.horizontal(|ui| self.content(ui)));
        } else {
            ui.horizontal_wrapped(|ui| self.content(ui));
        }
        ui.add_space(1.0);
    }

    fn content(&mut self, ui: &mut Ui) {
        ui.spacing_mut().item_spacing.x = 3.0;
        self.play_buttons(ui);
        ui.separator();
        self.position(ui);
        self.tempo(ui);
        self.meter(ui);
        self.key(ui);
        ui.separator();
        self.tools(ui);
        ui.separator();
        self.grid(ui);
        ui.separator();
        for (action, icon, on) in [
            (Action::ShowCurves, Icon::Curves, self.view.shows_curves()),
            (Action::Mixer, Icon::Mixer, self.settings.show_mixer),
            (Action::NotePanel, Icon::Sliders, self.settings.show_note),
            (Action::History, Icon::Clock, self.settings.show_history),
        ] {
            self.button(ui, action, icon, on);
        }
    }

    /// A button for an action.
    fn button(&mut self, ui: &mut Ui, action: Action, icon: Icon, on: bool) {
        let keys = shortcut_text(ui.ctx(), action);
        let state = ActionState {
            editor: self.edits.editor,
            view: self.view,
            settings: self.settings,
            demo: false,
            recording: self.recording,
            recording_audio: self.recorded.is_some(),
        };
        let enabled = state.is_possible(action);
        // What stands in a scope of its own is not wrapped by itself.
        let wraps = ui.layout().main_wrap();
        if wraps && ui.available_size_before_wrap().x < icon::WIDTH {
            ui.end_row();
        }
        let clicked = ui
            .add_enabled_ui(enabled, |ui| icon::button(ui, icon, &action.title(), keys, on).clicked())
            .inner;
        if clicked {
            self.edits.asked.act(action);
        }
    }

    fn play_buttons(&mut self, ui: &mut Ui) {
        let playing = self.engine.is_playing();
        self.button(ui, Action::ToStart, Icon::ToStart, false);
        self.button(ui, Action::PlayPause, if playing { Icon::Pause } else { Icon::Play }, playing);
        self.button(ui, Action::Stop, Icon::Stop, false);
        if self.settings.keyboard.is_some() {
            self.button(ui, Action::Record, Icon::Record, self.recording);
        }
        if let Some(level) = self.recorded {
            self.button(ui, Action::RecordAudio, Icon::Record, true);
            show_meter(ui, &t!("clone.level"), &[level], egui::vec2(60.0, 6.0));
        }
        self.button(ui, Action::Loop, Icon::Loop, self.view.looped.is_some());
        self.button(ui, Action::Metronome, Icon::Metronome, self.settings.metronome);
        self.button(ui, Action::CountIn, Icon::CountIn, self.settings.count_in);
        self.button(ui, Action::Follow, Icon::Follow, self.view.follow);
        ui.separator();
        self.button(ui, Action::Undo, Icon::Undo, false);
        self.button(ui, Action::Redo, Icon::Redo, false);
    }

    /// Bar, beat and hundredth, and the time.
    fn position(&mut self, ui: &mut Ui) {
        let tick = self.engine.position_ticks().max(0.0) as Tick;
        let at = self.edits.editor.project().meter.bar_beat(tick);
        let seconds = self.engine.position().max(0.0);
        let (minutes, rest) = ((seconds / 60.0) as u64, seconds % 60.0);
        let text = format!("{:>3}.{}.{:03}   {minutes:02}:{rest:05.2}", at.bar, at.beat, at.tick);
        let label = ui.label(RichText::new(text).monospace().size(15.0).strong());
        label.on_hover_text(t!("transport.position"));
        ui.add_space(8.0);
    }

    fn at_play_head(&self) -> Tick {
        self.engine.position_ticks().max(0.0) as Tick
    }

    /// The tempo at the play head. It changes where it was set last.
    fn tempo(&mut self, ui: &mut Ui) {
        let head = self.at_play_head();
        let project = self.edits.editor.project();
        let tick = project.tempo.changes().iter().rev().find(|c| c.tick <= head).map_or(0, |c| c.tick);
        let tempo = project.tempo.tempo_at(head);
        // What was typed comes back as it was typed, though it is kept in microseconds.
        let mut bpm = (tempo.bpm() * 1000.0).round() / 1000.0;
        let before = bpm;
        let value = number(&mut bpm, 20.0..=400.0)
            .speed(0.25)
            .prefix("♩= ")
            .custom_formatter(|bpm, _| format!("{}", (bpm * 100.0).round() / 100.0));
        let label = t!("transport.tempo");
        let response = ui.add(value).accessible_name(label.as_ref()).on_hover_text(label.as_ref());
        if response.drag_started() {
            self.edits.editor.begin("change-tempo");
        }
        if differ(bpm, before, 2)
            && let Some(tempo) = Tempo::from_bpm(bpm)
        {
            let set = Command::Song(SongCommand::Tempo { tick, tempo: Some(tempo) });
            self.edits.perform(&format!("change-tempo:♩={}", (bpm * 100.0).round() / 100.0), set);
        }
        if response.drag_stopped() {
            self.edits.editor.end();
        }
    }

    fn meter(&mut self, ui: &mut Ui) {
        const COMMON: [(u8, u8); 13] = [
            (2, 4),
            (3, 4),
            (4, 4),
            (5, 4),
            (6, 4),
            (7, 4),
            (2, 2),
            (3, 8),
            (5, 8),
            (6, 8),
            (7, 8),
            (9, 8),
            (12, 8),
        ];
        let head = self.at_play_head();
        let project = self.edits.editor.project();
        let tick = project.meter.changes().iter().rev().find(|c| c.tick <= head).map_or(0, |c| c.tick);
        let now = project.meter.at(head);
        let mut chosen = None;
        let label = t!("transport.meter");
        ui.name_inputs(label.as_ref(), |ui| {
            ComboBox::from_id_salt("meter")
                .width(52.0)
                .height(600.0)
                .selected_text(format!("{}/{}", now.beats, now.unit))
                .show_ui(ui, |ui| {
                    for (beats, unit) in COMMON {
                        let signature = TimeSignature { beats, unit };
                        if ui.selectable_label(now == signature, format!("{beats}/{unit}")).clicked() {
                            chosen = Some(signature);
                        }
                    }
                })
                .response
        })
        .on_hover_text(label.as_ref());
        if let Some(signature) = chosen.filter(|&signature| signature != now) {
            let done = self.edits.editor.set_change(Some(tick), tick, SongChange::Meter(signature));
            self.edits.done(done);
        }
    }

    /// The key of the song; told from its notes unless one is chosen.
    fn key(&mut self, ui: &mut Ui) {
        let project = self.edits.editor.project();
        let before = project.key;
        let guessed = if before.is_none() { project.sounding_key() } else { None };
        let name = |key: Option<Key>| key.map_or_else(|| "–".into(), key_name);
        let mut chosen = before;
        let label = t!("transport.key");
        ui.name_inputs(label.as_ref(), |ui| {
            ComboBox::from_id_salt("key")
                .width(86.0)
                .height(400.0)
                .selected_text(name(before.or(guessed)))
                .show_ui(ui, |ui| {
                    ui.selectable_value(&mut chosen, None, t!("transport.key-of-notes"));
                    ui.columns(2, |columns| {
                        for (ui, scale) in columns.iter_mut().zip([Scale::Major, Scale::Minor]) {
                            for tonic in 0..12 {
                                let key = Some(Key { tonic, scale });
                                ui.selectable_value(&mut chosen, key, name(key));
                            }
                        }
                    });
                })
                .response
        })
        .on_hover_text(label.as_ref());
        if chosen != before {
            let done = self.edits.editor.set_key(chosen);
            self.edits.done(done);
        }
    }

    fn tools(&mut self, ui: &mut Ui) {
        for (action, icon, tool) in [
            (Action::ToolSelect, Icon::Pointer, Tool::Select),
            (Action::ToolDraw, Icon::Pencil, Tool::Draw),
            (Action::ToolErase, Icon::Eraser, Tool::Erase),
            (Action::ToolPitch, Icon::Wave, Tool::Pitch),
            (Action::ToolLasso, Icon::Lasso, Tool::Lasso),
        ] {
            self.button(ui, action, icon, self.view.tool == tool);
        }
    }

    fn grid(&mut self, ui: &mut Ui) {
        let name = |value: u8| match value {
            0 => t!("snap.off").into_owned(),
            Snap::BAR => t!("snap.bar").into_owned(),
            value => format!("1/{value}"),
        };
        let snap = &mut self.view.snap;
        let has_rhythm = snap.value > Snap::BAR;
        let mark = if has_rhythm { rhythm_mark(snap.rhythm) } else { "" };
        let label = t!("transport.snap");
        ui.name_inputs(label.as_ref(), |ui| {
            ComboBox::from_id_salt("snap")
                .width(58.0)
                .height(400.0)
                .selected_text(format!("{}{mark}", name(snap.value)))
                .show_ui(ui, |ui| {
                    for value in Snap::VALUES {
                        ui.selectable_value(&mut snap.value, value, name(value));
                    }
                    ui.separator();
                    for rhythm in Rhythm::ALL {
                        ui.selectable_value(&mut snap.rhythm, rhythm, rhythm_name(rhythm));
                    }
                })
                .response
        })
        .on_hover_text(label.as_ref());
        let is_triplet = snap.rhythm == Rhythm::Triplet;
        if icon::button(ui, Icon::Triplet, &t!("snap.triplet"), None, is_triplet).clicked() {
            snap.rhythm = if is_triplet { Rhythm::Straight } else { Rhythm::Triplet };
        }
    }
}

/// What stands behind a note value that has a rhythm.
fn rhythm_mark(rhythm: Rhythm) -> &'static str {
    match rhythm {
        Rhythm::Straight => "",
        Rhythm::Triplet => "T",
        Rhythm::Dotted => ".",
        Rhythm::Swing => "S",
    }
}

fn rhythm_name(rhythm: Rhythm) -> String {
    let key = match rhythm {
        Rhythm::Straight => "snap.straight",
        Rhythm::Triplet => "snap.triplet",
        Rhythm::Dotted => "snap.dotted",
        Rhythm::Swing => "snap.swing",
    };
    t!(key).into_owned()
}
