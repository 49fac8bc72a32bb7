//! The harmony lanes of a track: voices that follow every edit of the lead.

use egui::{DragValue, Ui, vec2};
use rust_i18n::t;

use super::icon::{self, Icon};
use super::track_panel::{letter, pan_value};
use crate::score::{Command, Harmony, HarmonyCommand, HarmonyKind, Scale, Track};
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

/// The key that a song seems to be in, told from how long each tone sounds: the major or
/// minor scale that holds the most of it, the one whose tonic is longest among equals.
pub(super) fn key_of(track: &Track) -> (u8, Scale) {
    let mut sounding = [0i64; 12];
    for note in track.notes.iter() {
        sounding[usize::from(note.pitch % 12)] += note.length;
    }
    if let Some(last) = track.notes.last() {
        // A song likes to end on its tonic.
        sounding[usize::from(last.pitch % 12)] += last.length;
    }
    let fit = |tonic: usize, steps: [usize; 7]| {
        let inside: i64 = steps.iter().map(|step| sounding[(tonic + step) % 12]).sum();
        let chord: i64 = [0, 2, 4].iter().map(|&degree| sounding[(tonic + steps[degree]) % 12]).sum();
        2 * inside + chord + sounding[tonic]
    };
    let keys = (0..12u8).flat_map(|tonic| [(tonic, Scale::Major), (tonic, Scale::Minor)]);
    let best = keys.max_by_key(|&(tonic, scale)| match scale {
        Scale::Major => fit(tonic.into(), [0, 2, 4, 5, 7, 9, 11]),
        Scale::Minor => fit(tonic.into(), [0, 2, 3, 5, 7, 8, 10]),
    });
    best.unwrap_or((0, Scale::Major))
}

impl Studio {
    pub(super) fn harmonies(&mut self, ui: &mut Ui, track: &Track) {
        for (index, harmony) in track.harmonies.iter().enumerate() {
            ui.push_id(("harmony", index), |ui| self.harmony_row(ui, track, index, *harmony));
        }
        let key = track.harmonies.iter().find_map(|harmony| match harmony.kind {
            HarmonyKind::Interval { tonic, scale, .. } => Some((tonic, scale)),
            _ => None,
        });
        let mut added = None;
        ui.menu_button(t!("harmony.add"), |ui| {
            let (tonic, scale) = key.unwrap_or_else(|| key_of(track));
            for kind in harmony_kinds(tonic, scale) {
                if ui.button(harmony_name(kind)).clicked() {
                    added = Some(kind);
                    ui.close();
                }
            }
            ui.separator();
            ui.weak(t!("harmony.key", key = key_name(tonic, scale)));
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
            let label = ui.add_sized(vec2(width, 24.0), egui::Label::new(&name).truncate());
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
                let done = self.editor.unlink_harmony(id, index);
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
            let value =
                DragValue::new(&mut gain).range(-36.0..=12.0).speed(0.1).fixed_decimals(1).suffix(" dB");
            let response = ui.name_inputs(label.as_ref(), |ui| ui.add_sized(vec2(64.0, 24.0), value));
            let response = response.on_hover_text(label.as_ref());
            let changed = (gain != harmony.gain_db).then(|| change(Harmony { gain_db: gain, ..harmony }));
            self.edit_by(&response, "change-gain", changed);
            let mut pan = harmony.pan;
            let response = pan_value(ui, &mut pan, &t!("tracks.pan", name = name.as_str()));
            let changed = (pan != harmony.pan).then(|| change(Harmony { pan, ..harmony }));
            self.edit_by(&response, "change-pan", changed);
            let mut humanise = harmony.humanise * 100.0;
            let label = t!("harmony.humanise", name = name.as_str());
            let value = DragValue::new(&mut humanise)
                .range(0.0..=100.0)
                .speed(0.5)
                .fixed_decimals(0)
                .prefix("± ")
                .suffix("%");
            let response = ui.name_inputs(label.as_ref(), |ui| ui.add_sized(vec2(58.0, 24.0), value));
            let response = response.on_hover_text(label.as_ref());
            let moved = (humanise / 100.0 - harmony.humanise).abs() > 1e-4;
            let changed = moved.then(|| change(Harmony { humanise: humanise / 100.0, ..harmony }));
            self.edit_by(&response, "humanise", changed);
        });
    }

    /// The key of an interval can be another than the one that was guessed.
    fn harmony_key_menu(&mut self, ui: &mut Ui, track: &Track, index: usize, harmony: Harmony) {
        let HarmonyKind::Interval { degrees, tonic, scale } = harmony.kind else {
            ui.weak(harmony_name(harmony.kind));
            return;
        };
        ui.weak(t!("harmony.key", key = key_name(tonic, scale)));
        ui.columns(2, |columns| {
            for (column, scale_here) in columns.iter_mut().zip([Scale::Major, Scale::Minor]) {
                for tonic_here in 0..12 {
                    let chosen = (tonic_here, scale_here) == (tonic, scale);
                    if column.selectable_label(chosen, key_name(tonic_here, scale_here)).clicked() {
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

fn key_name(tonic: u8, scale: Scale) -> String {
    let name = crate::studio::roll::key_name(tonic);
    let tone = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '-');
    let key = match scale {
        Scale::Major => "harmony.major",
        Scale::Minor => "harmony.minor",
    };
    t!(key, tone = tone).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::score::{Note, NoteId, TrackId};

    fn track(pitches: &[u8]) -> Track {
        let mut track = Track::new(TrackId(1), "");
        let note = |(i, &pitch): (usize, &u8)| Note {
            id: NoteId(i as u64),
            onset: 960 * i as i64,
            length: 960,
            pitch,
            lyric: String::new(),
            pronunciation: None,
            vibrato: None,
        };
        track.notes = pitches.iter().enumerate().map(note).collect();
        track
    }

    #[test]
    fn the_key_is_told_from_the_notes() {
        assert_eq!(key_of(&track(&[60, 62, 64, 65, 67, 69, 71, 72])), (0, Scale::Major));
        assert_eq!(key_of(&track(&[69, 71, 72, 74, 76, 77, 79, 81, 76, 72, 69])), (9, Scale::Minor));
        assert_eq!(key_of(&track(&[62, 64, 66, 67, 69, 71, 73, 74])), (2, Scale::Major));
    }
}
