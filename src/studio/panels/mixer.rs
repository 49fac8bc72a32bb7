//! The mixer: a strip for each voice, and the sum.

use egui::{Color32, Frame, Margin, RichText, ScrollArea, Ui, vec2};
use rust_i18n::t;

use super::mix_controls::{GAINS, PAN_WIDTH, ROOM_WIDTH, pan_name, pan_value, room_size, room_value};
use super::track_panel::set;
use crate::edits::Edits;
use crate::names::harmony_name;
use crate::widgets::{differ, letter, show_meter, slider, theme, track_colour};
use ziyin_score::{
    Backing, BackingCommand, Command, Harmony, HarmonyCommand, SongCommand, Track, TrackField, TrackId,
};
use ziyin_session::backing::name_of;
use ziyin_session::editor::{Folder, Row};
use ziyin_session::engine::{Engine, LaneKey};
use ziyin_singing::score_voices::VoiceKey;

/// Width of a strip in points.
const STRIP: f32 = 108.0;
/// Height of the name of a strip, and of all that is not its fader.
const NAME: f32 = 28.0;
const BESIDE: f32 = 84.0;

/// What a strip shows and changes.
struct Strip {
    name: String,
    colour: Option<Color32>,
    gain: f32,
    /// None for what is nowhere by itself.
    pan: Option<f32>,
    /// How much goes into the room, for what has a choice of its own.
    room: Option<f32>,
    mute: bool,
    solo: Option<bool>,
    levels: Vec<f32>,
}

/// What was done on a strip.
#[derive(Default)]
struct Moved {
    gain: Option<f32>,
    pan: Option<f32>,
    room: Option<f32>,
    mute: bool,
    solo: bool,
    /// The controls, for a drag to be one step.
    gain_response: Option<egui::Response>,
    pan_response: Option<egui::Response>,
    room_response: Option<egui::Response>,
}

/// Shows the strips side by side; the engine knows their levels.
pub fn show(ui: &mut Ui, edits: Edits, engine: &Engine) {
    Mixer { edits, engine }.show(ui);
}

struct Mixer<'a> {
    edits: Edits<'a>,
    engine: &'a Engine,
}

impl Mixer<'_> {
    fn show(&mut self, ui: &mut Ui) {
        ScrollArea::horizontal().auto_shrink([false, false]).show(ui, |ui| {
            ui.horizontal_top(|ui| {
                for row in self.edits.editor.rows() {
                    let track = match row {
                        Row::Track(track) => track,
                        Row::Folder(folder) => {
                            let first = folder.tracks.first().map(|track| track.0);
                            ui.push_id(("folder", first), |ui| self.folder_strip(ui, &folder));
                            continue;
                        }
                    };
                    ui.push_id(track.id.0, |ui| self.track_strip(ui, &track));
                    for (index, harmony) in track.harmonies.iter().enumerate() {
                        ui.push_id((track.id.0, index), |ui| self.harmony_strip(ui, &track, index, *harmony));
                    }
                }
                for index in 0..self.edits.editor.project().backings.len() {
                    ui.push_id(("backing", index), |ui| self.backing_strip(ui, index));
                }
                ui.separator();
                let levels = self.engine.master_meter();
                ui.vertical(|ui| {
                    ui.strong(t!("mixer.mix"));
                    let height = (ui.available_height() - 48.0).max(60.0);
                    ui.horizontal(|ui| {
                        self.mix_fader(ui, height);
                        show_meter(ui, &t!("mixer.mix"), &levels, vec2(22.0, height));
                        ui.vertical(|ui| self.room(ui));
                    });
                    let limited = self.engine.limited_db();
                    if limited >= 0.1 {
                        let text =
                            RichText::new(format!("−{limited:.1} dB")).color(ui.visuals().error_fg_color);
                        ui.label(text.small()).on_hover_text(t!("mixer.limited"));
                    }
                });
            });
        });
    }

    /// The gain of the mix as a whole.
    fn mix_fader(&mut self, ui: &mut Ui, height: f32) {
        let before = self.edits.editor.project().mix_gain_db;
        let mut gain = before;
        ui.spacing_mut().slider_width = height;
        let label = t!("tracks.gain", name = t!("mixer.mix"));
        let fader = slider(&mut gain, GAINS).vertical().show_value(false);
        let response = ui.name_inputs(label.as_ref(), |ui| ui.add(fader));
        if response.double_clicked() {
            gain = 0.0;
        }
        let response = response.on_hover_text(format!("{label}: {before:.1} dB"));
        let changed = (gain != before).then_some(Command::Song(SongCommand::MixGain(gain)));
        self.edits.edit_by(&response, "change-gain", format_args!("{gain:+.1} dB"), changed);
    }

    /// How large the room is.
    fn room(&mut self, ui: &mut Ui) {
        let before = self.edits.editor.project().room_s;
        let mut seconds = before;
        ui.label(RichText::new(t!("mixer.room")).small().weak());
        let response = room_size(ui, ROOM_WIDTH, &mut seconds);
        let changed = differ(seconds, before, 2).then_some(Command::Song(SongCommand::Room(seconds)));
        self.edits.edit_by(&response, "change-room-size", format_args!("{seconds:.1} s"), changed);
    }

    fn folder_strip(&mut self, ui: &mut Ui, folder: &Folder) {
        let level = |track: &TrackId| {
            let lane = LaneKey::Voice(VoiceKey { track: *track, harmony: None });
            self.engine.lane_meter(lane)
        };
        let moved = strip(
            ui,
            Strip {
                name: folder.name.clone(),
                colour: None,
                gain: folder.gain_db,
                pan: None,
                room: None,
                mute: folder.mute,
                solo: Some(folder.solo),
                levels: vec![folder.tracks.iter().map(level).fold(0.0, f32::max)],
            },
        );
        if let Some(response) = &moved.gain_response {
            let gain = moved.gain.unwrap_or_default();
            let changed = moved.gain.map(|gain| self.edits.editor.folder_gain(&folder.name, gain));
            self.edits.edit_by(response, "change-gain", format_args!("{gain:+.1} dB"), changed);
        }
        if moved.mute {
            let done = self.edits.editor.mute_folder(&folder.name, !folder.mute);
            self.edits.done(done);
        }
        if moved.solo {
            let done = self.edits.editor.solo_folder(&folder.name, !folder.solo);
            self.edits.done(done);
        }
    }

    fn track_strip(&mut self, ui: &mut Ui, track: &Track) {
        let lane = LaneKey::Voice(VoiceKey { track: track.id, harmony: None });
        let moved = strip(
            ui,
            Strip {
                name: track.name.clone(),
                colour: Some(track_colour(track.colour)),
                gain: track.gain_db,
                pan: Some(track.pan),
                room: Some(track.room),
                mute: track.mute,
                solo: Some(track.solo),
                levels: vec![self.engine.lane_meter(lane)],
            },
        );
        self.take_moved(&moved, ["mute-track", "solo-track"], |moved| match moved {
            Change::Gain(gain) => set(track.id, TrackField::Gain(gain)),
            Change::Pan(pan) => set(track.id, TrackField::Pan(pan)),
            Change::Mute => set(track.id, TrackField::Mute(!track.mute)),
            Change::Solo => set(track.id, TrackField::Solo(!track.solo)),
        });
        self.take_room(&moved, |part| set(track.id, TrackField::Room(part)));
    }

    fn take_room(&mut self, moved: &Moved, command: impl Fn(f32) -> Command) {
        if let Some(response) = &moved.room_response {
            let part = moved.room.unwrap_or_default();
            let changed = moved.room.map(command);
            self.edits.edit_by(response, "change-room", format_args!("{:.0}%", 100.0 * part), changed);
        }
    }

    fn harmony_strip(&mut self, ui: &mut Ui, track: &Track, index: usize, harmony: Harmony) {
        let lane = LaneKey::Voice(VoiceKey { track: track.id, harmony: Some(index) });
        let moved = strip(
            ui,
            Strip {
                name: harmony_name(harmony.kind),
                colour: Some(track_colour(track.colour).gamma_multiply(0.5)),
                gain: harmony.gain_db,
                pan: Some(harmony.pan),
                room: None,
                mute: harmony.mute,
                solo: None,
                levels: vec![self.engine.lane_meter(lane)],
            },
        );
        self.take_moved(&moved, ["mute-harmony", "solo-track"], |moved| {
            let harmony = match moved {
                Change::Gain(gain_db) => Harmony { gain_db, ..harmony },
                Change::Pan(pan) => Harmony { pan, ..harmony },
                Change::Mute | Change::Solo => Harmony { mute: !harmony.mute, ..harmony },
            };
            Command::Harmony(HarmonyCommand::Change { track: track.id, index, harmony })
        });
    }

    fn backing_strip(&mut self, ui: &mut Ui, index: usize) {
        let Some(backing) = self.edits.editor.project().backings.get(index).cloned() else { return };
        let moved = strip(
            ui,
            Strip {
                name: name_of(&backing),
                colour: None,
                gain: backing.gain_db,
                pan: Some(backing.pan),
                room: Some(backing.room),
                mute: backing.mute,
                solo: Some(backing.solo),
                levels: vec![self.engine.lane_meter(LaneKey::Backing(index))],
            },
        );
        self.take_moved(&moved, ["mute-backing", "solo-backing"], |moved| {
            let mut backing = backing.clone();
            match moved {
                Change::Gain(gain) => backing.gain_db = gain,
                Change::Pan(pan) => backing.pan = pan,
                Change::Mute => backing.mute = !backing.mute,
                Change::Solo => backing.solo = !backing.solo,
            }
            Command::Backing(BackingCommand::Change { index, backing })
        });
        self.take_room(&moved, |room| {
            let backing = Backing { room, ..backing.clone() };
            Command::Backing(BackingCommand::Change { index, backing })
        });
    }

    fn take_moved(&mut self, moved: &Moved, [mute, solo]: [&str; 2], command: impl Fn(Change) -> Command) {
        if let Some(response) = &moved.gain_response {
            let (gain, change) = (moved.gain.unwrap_or_default(), moved.gain.map(Change::Gain));
            self.edits.edit_by(response, "change-gain", format_args!("{gain:+.1} dB"), change.map(&command));
        }
        if let Some(response) = &moved.pan_response {
            let (pan, change) = (moved.pan.unwrap_or_default(), moved.pan.map(Change::Pan));
            let amount = pan_name(pan.into());
            self.edits.edit_by(response, "change-pan", format_args!("{amount}"), change.map(&command));
        }
        for (was, step, change) in [(moved.mute, mute, Change::Mute), (moved.solo, solo, Change::Solo)] {
            if was {
                self.edits.perform(step, command(change));
            }
        }
    }
}

/// What a strip asks for.
enum Change {
    Gain(f32),
    Pan(f32),
    Mute,
    Solo,
}

fn strip(ui: &mut Ui, strip: Strip) -> Moved {
    let mut moved = Moved::default();
    // A higher mixer has longer faders.
    let height = (ui.available_height() - BESIDE).max(60.0);
    let fill = ui.visuals().widgets.inactive.weak_bg_fill.gamma_multiply(0.6);
    Frame::new().fill(fill).corner_radius(6.0).inner_margin(Margin::same(5)).show(ui, |ui| {
        ui.set_width(STRIP);
        ui.vertical_centered(|ui| {
            ui.spacing_mut().item_spacing = vec2(4.0, 4.0);
            // Two rows hold most names; a fader beside another stands as high whatever its name.
            let (place, named) = ui.allocate_exact_size(vec2(STRIP, NAME), egui::Sense::hover());
            let mut job = egui::text::LayoutJob::simple(
                strip.name.clone(),
                egui::FontId::proportional(11.0),
                ui.visuals().strong_text_color(),
                STRIP,
            );
            (job.wrap.max_rows, job.halign) = (2, egui::Align::Center);
            let galley = ui.painter().layout_job(job);
            let at = place.center_top() + vec2(0.0, (NAME - galley.size().y) / 2.0);
            ui.painter().galley(at, galley, ui.visuals().strong_text_color());
            named.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, &strip.name));
            named.on_hover_text(&strip.name);
            let (line, _) = ui.allocate_exact_size(vec2(STRIP, 3.0), egui::Sense::hover());
            if let Some(colour) = strip.colour {
                ui.painter().rect_filled(line, 1.5, colour);
            }
            ui.horizontal(|ui| {
                ui.spacing_mut().slider_width = height;
                let mut gain = strip.gain;
                let fader = slider(&mut gain, GAINS).vertical().show_value(false);
                let label = t!("tracks.gain", name = strip.name.as_str());
                // What stands beside the fader leaves it near the middle.
                ui.add_space(if strip.room.is_some() { 12.0 } else { 30.0 });
                let response = ui.name_inputs(label.as_ref(), |ui| ui.add(fader));
                if response.double_clicked() {
                    gain = 0.0;
                }
                moved.gain = (gain != strip.gain).then_some(gain);
                moved.gain_response = Some(response.on_hover_text(format!("{label}: {:.1} dB", strip.gain)));
                show_meter(
                    ui,
                    &t!("tracks.meter", name = strip.name.as_str()),
                    &strip.levels,
                    vec2(8.0, height),
                );
                if let Some(before) = strip.room {
                    ui.vertical(|ui| {
                        ui.label(RichText::new(t!("mixer.room")).small().weak());
                        let mut room = before;
                        let label = t!("tracks.room-of", name = strip.name.as_str());
                        let response = room_value(ui, ROOM_WIDTH, &mut room, &label);
                        moved.room = differ(room, before, 2).then_some(room);
                        moved.room_response = Some(response);
                    });
                }
            });
            ui.horizontal(|ui| {
                let warn = ui.visuals().warn_fg_color;
                let accent = theme::accent(ui.visuals().dark_mode);
                let label = t!("tracks.mute", name = strip.name.as_str());
                moved.mute = letter(ui, "M", &label, strip.mute, warn);
                if let Some(solo) = strip.solo {
                    moved.solo =
                        letter(ui, "S", &t!("tracks.solo", name = strip.name.as_str()), solo, accent);
                }
                if let Some(before) = strip.pan {
                    let mut pan = before;
                    let name = t!("tracks.pan", name = strip.name.as_str());
                    let response = pan_value(ui, PAN_WIDTH, &mut pan, &name);
                    moved.pan = differ(pan, before, 2).then_some(pan);
                    moved.pan_response = Some(response);
                }
            });
        });
    });
    moved
}
