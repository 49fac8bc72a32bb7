//! The harmony lanes of a track: voices that follow every edit of the lead.

use egui::{ComboBox, Response, Ui, Vec2, vec2};
use rust_i18n::t;

use super::mix_controls::{GAINS, pan_name, pan_value};
use crate::edits::Edits;
use crate::names::{harmony_name, key_name};
use crate::widgets::icon::{self, Icon};
use crate::widgets::{differ, in_sight, left_in, letter, number_in, theme};
use ziyin_score::{Command, Harmony, HarmonyCommand, HarmonyKind, Key, Scale, Track, TrackId};
use ziyin_session::engine::Engine;

/// The harmonies that can be added to a track in a key.
fn harmony_kinds(tonic: u8, scale: Scale) -> [HarmonyKind; 10] {
    let interval = |degrees| HarmonyKind::Interval { degrees, tonic, scale };
    [
        HarmonyKind::OctaveUp,
        HarmonyKind::OctaveDown,
        interval(2),
        interval(-2),
        interval(3),
        interval(-3),
        interval(4),
        interval(-4),
        interval(5),
        interval(-5),
    ]
}

/// Where the controls of a harmony begin, in points from the left: under its name.
const INDENT: f32 = 24.0;

/// The lanes of a track.
pub(super) struct Harmonies<'a, 'b> {
    pub edits: &'a mut Edits<'b>,
    /// How far they are.
    pub engine: &'a Engine,
    pub track: &'a Track,
}

impl Harmonies<'_, '_> {
    pub(super) fn show(&mut self, ui: &mut Ui) {
        let track = self.track;
        for (index, harmony) in track.harmonies.iter().enumerate() {
            ui.push_id(("harmony", index), |ui| self.harmony_row(ui, track, index, *harmony));
        }
        let mut added = None;
        ui.menu_button(t!("harmony.add"), |ui| {
            let key = self.harmony_key(track);
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
            let done = self.edits.editor.add_harmony(track.id, kind);
            self.edits.done(done);
        }
    }

    /// The key that intervals of the track are counted in.
    fn harmony_key(&self, track: &Track) -> Key {
        self.edits.editor.project().harmony_key(track)
    }

    fn harmony_row(&mut self, ui: &mut Ui, track: &Track, index: usize, harmony: Harmony) {
        let name = harmony_name(harmony.kind);
        ui.horizontal(|ui| self.harmony_head(ui, track, index, harmony, &name));
        let width = ((ui.available_width() - INDENT - ui.spacing().item_spacing.x) / 2.0).max(40.0);
        let size = vec2(width, 24.0);
        let change = |harmony| Command::Harmony(HarmonyCommand::Change { track: track.id, index, harmony });
        ui.horizontal(|ui| {
            ui.add_space(INDENT);
            let mut gain = harmony.gain_db;
            let value = number_in(&mut gain, GAINS, " dB").speed(0.1).fixed_decimals(1);
            let response = named(ui, size, value, &t!("tracks.gain", name = name.as_str()));
            let changed =
                differ(gain, harmony.gain_db, 1).then(|| change(Harmony { gain_db: gain, ..harmony }));
            self.edits.edit_by(&response, "change-gain", format_args!("{gain:+.1} dB"), changed);
            let mut pan = harmony.pan;
            let response = pan_value(ui, width, &mut pan, &t!("tracks.pan", name = name.as_str()));
            let changed = differ(pan, harmony.pan, 2).then(|| change(Harmony { pan, ..harmony }));
            self.edits.edit_by(&response, "change-pan", format_args!("{}", pan_name(pan.into())), changed);
        });
        ui.horizontal(|ui| {
            ui.add_space(INDENT);
            let mut humanise = harmony.humanise * 100.0;
            let value = number_in(&mut humanise, 0.0..=100.0, "%").speed(0.5).fixed_decimals(0).prefix("± ");
            let response = named(ui, size, value, &t!("harmony.humanise", name = name.as_str()));
            let changed = differ(humanise, harmony.humanise * 100.0, 0)
                .then(|| change(Harmony { humanise: humanise / 100.0, ..harmony }));
            self.edits.edit_by(&response, "humanise", format_args!("{humanise:.0}%"), changed);
            let mut delay = harmony.delay * 1000.0;
            let most = Harmony::MOST_DELAY * 1000.0;
            let value = number_in(&mut delay, -most..=most, " ms").speed(0.5).fixed_decimals(0);
            let value = value.custom_formatter(|delay, _| match delay.round() {
                late if late > 0.0 => format!("+{late}"),
                // Without the sign that a rounded zero may have.
                soon if soon < 0.0 => format!("{soon}"),
                _ => "0".into(),
            });
            let response = named(ui, size, value, &t!("harmony.delay", name = name.as_str()));
            let changed = differ(delay, harmony.delay * 1000.0, 0)
                .then(|| change(Harmony { delay: delay.round() / 1000.0, ..harmony }));
            self.edits.edit_by(&response, "delay-harmony", format_args!("{delay:+.0} ms"), changed);
        });
        self.harmony_key_row(ui, track, index, harmony, &name);
    }

    /// Its name with what is done to it as a whole.
    fn harmony_head(&mut self, ui: &mut Ui, track: &Track, index: usize, harmony: Harmony, name: &str) {
        let id = track.id;
        let warn = ui.visuals().warn_fg_color;
        if letter(ui, "M", &t!("tracks.mute", name = name), harmony.mute, warn) {
            let harmony = Harmony { mute: !harmony.mute, ..harmony };
            self.change_harmony("mute-harmony", id, index, harmony);
        }
        let state = self.engine.harmony_state(id, index);
        let width = (ui.available_width() - 50.0).max(30.0);
        let label =
            left_in(ui, vec2(width, 24.0), egui::Label::new(name).truncate().sense(egui::Sense::click()));
        label.context_menu(|ui| {
            in_sight(ui, 40.0, |ui| self.harmony_menu(ui, track, index, harmony));
        });
        if state.done < state.of {
            let done = (state.done / state.of) as f32;
            let rect = label.rect;
            let line = egui::Rect::from_min_max(
                egui::pos2(rect.left(), rect.bottom() - 1.5),
                egui::pos2(rect.left() + rect.width() * done, rect.bottom()),
            );
            ui.painter().rect_filled(line, 0.0, theme::accent(ui.visuals().dark_mode));
        }
        if icon::small(ui, Icon::Unlink, &t!("harmony.unlink", name = name)).clicked() {
            let own = format!("{} – {name}", track.name);
            let done = self.edits.editor.unlink_harmony(id, index, own.trim_start_matches(" – "));
            self.edits.done(done);
        }
        if icon::small(ui, Icon::Close, &t!("harmony.remove", name = name)).clicked() {
            let remove = HarmonyCommand::Remove { track: id, index };
            self.edits.perform("remove-harmony", Command::Harmony(remove));
        }
    }

    /// A harmony can be made another.
    fn harmony_menu(&mut self, ui: &mut Ui, track: &Track, index: usize, harmony: Harmony) {
        let key = match harmony.kind {
            HarmonyKind::Interval { tonic, scale, .. } => Key { tonic, scale },
            _ => self.harmony_key(track),
        };
        let mut change = |ui: &Ui, step, kind| {
            if kind != harmony.kind {
                self.change_harmony(step, track.id, index, Harmony { kind, ..harmony });
            }
            ui.close();
        };
        for kind in harmony_kinds(key.tonic, key.scale) {
            if ui.selectable_label(kind == harmony.kind, harmony_name(kind)).clicked() {
                change(ui, "change-harmony", kind);
            }
        }
    }

    /// The key of an interval: that of the song or its track, or one that it is pinned to.
    fn harmony_key_row(&mut self, ui: &mut Ui, track: &Track, index: usize, harmony: Harmony, name: &str) {
        let HarmonyKind::Interval { tonic, scale, .. } = harmony.kind else { return };
        let now = Key { tonic, scale };
        let follows = t!("harmony.follows", key = key_name(self.harmony_key(track))).into_owned();
        let shown =
            if harmony.pinned { t!("harmony.pinned", key = key_name(now)) } else { follows.clone().into() };
        let label = t!("harmony.key-of", name = name);
        let mut chosen = None;
        ui.horizontal(|ui| {
            ui.add_space(INDENT);
            ui.name_inputs(label.as_ref(), |ui| {
                ComboBox::from_id_salt("key")
                    .width(ui.available_width())
                    .truncate()
                    .selected_text(shown)
                    .show_ui(ui, |ui| {
                        if ui.selectable_label(!harmony.pinned, follows).clicked() {
                            chosen =
                                Some(Harmony { pinned: false, ..harmony }.in_key(self.harmony_key(track)));
                        }
                        ui.columns(2, |columns| {
                            for (column, scale) in columns.iter_mut().zip([Scale::Major, Scale::Minor]) {
                                for tonic in 0..12 {
                                    let key = Key { tonic, scale };
                                    let on = harmony.pinned && key == now;
                                    if column.selectable_label(on, key_name(key)).clicked() {
                                        chosen = Some(Harmony { pinned: true, ..harmony }.in_key(key));
                                    }
                                }
                            }
                        });
                    });
            });
        });
        if let Some(harmony) = chosen {
            self.change_harmony("change-key", track.id, index, harmony);
        }
    }

    fn change_harmony(&mut self, step: &str, track: TrackId, index: usize, harmony: Harmony) {
        let change = HarmonyCommand::Change { track, index, harmony };
        self.edits.perform(step, Command::Harmony(change));
    }
}

/// A number in a place of its own, with its name.
fn named(ui: &mut Ui, size: Vec2, value: egui::DragValue, name: &str) -> Response {
    ui.add_sized(size, value).accessible_name(name).on_hover_text(name)
}
