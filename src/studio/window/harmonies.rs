//! The harmony lanes of a track: voices that follow every edit of the lead.

use egui::{Ui, vec2};
use rust_i18n::t;

use super::icon::{self, Icon};
use super::mix_controls::{GAINS, letter, pan_value};
use super::number::{differ, number};
use super::track_panel::left_in;
use crate::score::{Command, Harmony, HarmonyCommand, HarmonyKind, Key, Scale, Track};
use crate::studio::app::Studio;
use crate::studio::perform::harmony_kinds;

/// What a harmony is called.
pub(in crate::studio) fn harmony_name(kind: HarmonyKind) -> String {
    match kind {
        HarmonyKind::OctaveUp => t!("harmony.octave-up").into_owned(),
        HarmonyKind::OctaveDown => t!("harmony.octave-down").into_owned(),
        HarmonyKind::Interval { degrees, .. } => {
            let above = degrees > 0;
            let interval = t!(format!("harmony.interval-{}", degrees.unsigned_abs() + 1));
            let key = if above { "harmony.above" } else { "harmony.below" };
            t!(key, interval = interval).into_owned()
        }
    }
}

impl Studio {
    pub(super) fn harmonies(&mut self, ui: &mut Ui, track: &Track) {
        for (index, harmony) in track.harmonies.iter().enumerate() {
            ui.push_id(("harmony", index), |ui| self.harmony_row(ui, track, index, *harmony));
        }
        let key = track.harmonies.iter().find_map(|harmony| match harmony.kind {
            HarmonyKind::Interval { tonic, scale, .. } => Some(Key { tonic, scale }),
            _ => None,
        });
        let mut added = None;
        ui.menu_button(t!("harmony.add"), |ui| {
            let project = self.editor.project();
            let sounding = project.key.or(key).or_else(|| project.sounding_key());
            let key = sounding.unwrap_or(Key { tonic: 0, scale: Scale::Major });
            for kind in harmony_kinds(key.tonic, key.scale) {
                if ui.button(harmony_name(kind)).clicked() {
                    added = Some(kind);
                    ui.close();
                }
            }
            ui.separator();
            ui.weak(t!("harmony.key", key = key_name(key)));
        });
        if let Some(kind) = added {
            let done = self.editor.add_harmony(track.id, kind);
            self.done(done);
        }
    }

    fn harmony_row(&mut self, ui: &mut Ui, track: &Track, index: usize, harmony: Harmony) {
        let name = harmony_name(harmony.kind);
        let id = track.id;
        let change = |harmony| Command::Harmony(HarmonyCommand::Change { track: id, index, harmony });
        ui.horizontal(|ui| {
            let warn = ui.visuals().warn_fg_color;
            if letter(ui, "M", &t!("tracks.mute", name = name.as_str()), harmony.mute, warn) {
                let done =
                    self.editor.perform("mute-harmony", change(Harmony { mute: !harmony.mute, ..harmony }));
                self.done(done);
            }
            let state = self.engine.harmony_state(id, index);
            let width = (ui.available_width() - 50.0).max(30.0);
            let label = left_in(
                ui,
                vec2(width, 24.0),
                egui::Label::new(&name).truncate().sense(egui::Sense::click()),
            );
            label.context_menu(|ui| self.harmony_key_menu(ui, track, index, harmony));
            if state.done < state.of {
                let done = (state.done / state.of) as f32;
                let rect = label.rect;
                let line = egui::Rect::from_min_max(
                    egui::pos2(rect.left(), rect.bottom() - 1.5),
                    egui::pos2(rect.left() + rect.width() * done, rect.bottom()),
                );
                ui.painter().rect_filled(line, 0.0, super::theme::accent(ui.visuals().dark_mode));
            }
            if icon::small(ui, Icon::Unlink, &t!("harmony.unlink", name = name.as_str())).clicked() {
                let own = format!("{} – {name}", track.name);
                let done = self.editor.unlink_harmony(id, index, own.trim_start_matches(" – "));
                self.done(done);
            }
            if icon::small(ui, Icon::Close, &t!("harmony.remove", name = name.as_str())).clicked() {
                let remove = HarmonyCommand::Remove { track: id, index };
                let done = self.editor.perform("remove-harmony", Command::Harmony(remove));
                self.done(done);
            }
        });
        ui.horizontal(|ui| {
            ui.add_space(24.0);
            let mut gain = harmony.gain_db;
            let label = t!("tracks.gain", name = name.as_str());
            let value = number(&mut gain, GAINS).speed(0.1).fixed_decimals(1).suffix(" dB");
            let response = ui.add_sized(vec2(64.0, 24.0), value).accessible_name(label.as_ref());
            let response = response.on_hover_text(label.as_ref());
            let changed =
                differ(gain, harmony.gain_db, 1).then(|| change(Harmony { gain_db: gain, ..harmony }));
            self.edit_by(&response, "change-gain", changed);
            let mut pan = harmony.pan;
            let response = pan_value(ui, &mut pan, &t!("tracks.pan", name = name.as_str()));
            let changed = differ(pan, harmony.pan, 2).then(|| change(Harmony { pan, ..harmony }));
            self.edit_by(&response, "change-pan", changed);
            let mut humanise = harmony.humanise * 100.0;
            let label = t!("harmony.humanise", name = name.as_str());
            let value =
                number(&mut humanise, 0.0..=100.0).speed(0.5).fixed_decimals(0).prefix("± ").suffix("%");
            let response = ui.add_sized(vec2(58.0, 24.0), value).accessible_name(label.as_ref());
            let response = response.on_hover_text(label.as_ref());
            let changed = differ(humanise, harmony.humanise * 100.0, 0)
                .then(|| change(Harmony { humanise: humanise / 100.0, ..harmony }));
            self.edit_by(&response, "humanise", changed);
        });
    }

    /// The key of an interval can be another than the one that was guessed.
    fn harmony_key_menu(&mut self, ui: &mut Ui, track: &Track, index: usize, harmony: Harmony) {
        let HarmonyKind::Interval { degrees, tonic, scale } = harmony.kind else {
            ui.weak(harmony_name(harmony.kind));
            return;
        };
        ui.weak(t!("harmony.key", key = key_name(Key { tonic, scale })));
        ui.columns(2, |columns| {
            for (column, scale_here) in columns.iter_mut().zip([Scale::Major, Scale::Minor]) {
                for tonic_here in 0..12 {
                    let chosen = (tonic_here, scale_here) == (tonic, scale);
                    if column
                        .selectable_label(chosen, key_name(Key { tonic: tonic_here, scale: scale_here }))
                        .clicked()
                    {
                        let kind = HarmonyKind::Interval { degrees, tonic: tonic_here, scale: scale_here };
                        let change = HarmonyCommand::Change {
                            track: track.id,
                            index,
                            harmony: Harmony { kind, ..harmony },
                        };
                        let done = self.editor.perform("change-key", Command::Harmony(change));
                        self.done(done);
                        column.close();
                    }
                }
            }
        });
    }
}

/// The tonics as their keys are written: with the fewest sharps or flats.
const MAJOR: [&str; 12] = ["C", "D♭", "D", "E♭", "E", "F", "F♯", "G", "A♭", "A", "B♭", "B"];
const MINOR: [&str; 12] = ["C", "C♯", "D", "E♭", "E", "F", "F♯", "G", "G♯", "A", "B♭", "B"];

/// `D major` in the language of the studio.
pub(super) fn key_name(key: Key) -> String {
    let (text, tones) = match key.scale {
        Scale::Major => ("harmony.major", MAJOR),
        Scale::Minor => ("harmony.minor", MINOR),
    };
    t!(text, tone = tones[usize::from(key.tonic) % 12]).into_owned()
}
