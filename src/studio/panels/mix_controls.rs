//! Controls of what is heard in the mix, be it a track, a harmony or a recording.

use std::ops::RangeInclusive;

use egui::{Response, Ui, vec2};
use rust_i18n::t;

use crate::edits::Edits;
use crate::widgets::{differ, number, number_in, slider_in};
use ziyin_score::{Command, ROOMS_S};
use ziyin_session::editor::Folder;

/// Gains that sliders reach, in dB.
pub(super) const GAINS: RangeInclusive<f32> = -36.0..=12.0;

/// What one of the controls changed, to what.
pub(super) enum MixChange {
    Gain(f32),
    Pan(f32),
}

/// The gain in dB and the pan of what has that name, in a row; `command` makes an edit of a
/// change.
pub(super) fn gain_and_pan(
    ui: &mut Ui,
    edits: &mut Edits,
    name: &str,
    (gain_db, pan): (f32, f32),
    command: impl Fn(MixChange) -> Command,
) {
    ui.horizontal(|ui| {
        let mut gain = gain_db;
        ui.spacing_mut().slider_width = (ui.available_width() - 120.0).max(30.0);
        let slider = slider_in(&mut gain, GAINS, " dB").fixed_decimals(1);
        let label = t!("tracks.gain", name = name);
        let response = ui.name_inputs(label.as_ref(), |ui| ui.add(slider)).on_hover_text(label.as_ref());
        let changed = differ(gain, gain_db, 1).then(|| command(MixChange::Gain(gain)));
        edits.edit_by(&response, "change-gain", format_args!("{gain:+.1} dB"), changed);
        let mut side = pan;
        let response = pan_value(ui, PAN_WIDTH, &mut side, &t!("tracks.pan", name = name));
        let changed = differ(side, pan, 2).then(|| command(MixChange::Pan(side)));
        edits.edit_by(&response, "change-pan", format_args!("{}", pan_name(side.into())), changed);
    });
}

/// The gain of a folder in dB, which is added to that of each of its tracks.
pub(super) fn gain_of_folder(ui: &mut Ui, edits: &mut Edits, folder: &Folder) {
    let mut gain = folder.gain_db;
    ui.spacing_mut().slider_width = (ui.available_width() - 76.0).max(30.0);
    let slider = slider_in(&mut gain, GAINS, " dB").fixed_decimals(1);
    let label = t!("folder.gain", name = folder.name.as_str());
    let response = ui.name_inputs(label.as_ref(), |ui| ui.add(slider)).on_hover_text(label.as_ref());
    let changed = differ(gain, folder.gain_db, 1).then(|| edits.editor.folder_gain(&folder.name, gain));
    edits.edit_by(&response, "change-gain", format_args!("{gain:+.1} dB"), changed);
}

/// Of a pan in points.
pub(super) const PAN_WIDTH: f32 = 44.0;

/// Of how much goes into the room, and of its size, in points.
pub(super) const ROOM_WIDTH: f32 = 46.0;

/// A pan as it is shown: L100 to R100.
pub(super) fn pan_name(pan: f64) -> String {
    match (pan * 100.0).round() as i32 {
        0 => "C".into(),
        left @ ..0 => format!("L{}", -left),
        right => format!("R{right}"),
    }
}

/// A pan to drag.
pub(super) fn pan_value(ui: &mut Ui, width: f32, pan: &mut f32, name: &str) -> Response {
    let value = number(pan, -1.0..=1.0)
        .speed(0.01)
        .custom_formatter(|value, _| pan_name(value))
        .custom_parser(|text| {
            let text = text.trim().to_uppercase();
            let part = |rest: &str| rest.trim().parse::<f64>().ok().map(|n| n / 100.0);
            match text.strip_prefix('L') {
                Some(rest) => part(rest).map(|n| -n),
                None if text == "C" => Some(0.0),
                None => part(text.trim_start_matches('R')),
            }
        });
    ui.add_sized(vec2(width, 24.0), value).accessible_name(name).on_hover_text(name)
}

/// How much goes into the room, from 0 to 1, in percent to drag.
pub(super) fn room_value(ui: &mut Ui, width: f32, part: &mut f32, name: &str) -> Response {
    let mut percent = 100.0 * *part;
    let value = number_in(&mut percent, 0.0..=100.0, "%").speed(0.5).fixed_decimals(0);
    let response = ui.add_sized(vec2(width, 24.0), value).accessible_name(name).on_hover_text(name);
    *part = percent / 100.0;
    response
}

/// The seconds in which the room dies away, to drag.
pub(super) fn room_size(ui: &mut Ui, width: f32, seconds: &mut f32) -> Response {
    let value = number_in(seconds, ROOMS_S, " s").speed(0.02).fixed_decimals(1);
    let name = t!("mixer.room-size");
    let sized = ui.add_sized(vec2(width, 24.0), value).accessible_name(name.as_ref());
    sized.on_hover_text(t!("mixer.room-size-why"))
}
