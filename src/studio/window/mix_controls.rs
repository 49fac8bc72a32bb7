//! Controls of what is heard in the mix, be it a track, a harmony or a recording.

use egui::{Button, Color32, Response, RichText, Ui, vec2};
use rust_i18n::t;

use super::number::{differ, number, slider};
use crate::app::Studio;
use ziyin_score::Command;

/// Gains that sliders reach, in dB.
pub(crate) const GAINS: std::ops::RangeInclusive<f32> = -36.0..=12.0;

/// What one of the controls changed, to what.
pub(crate) enum MixChange {
    Gain(f32),
    Pan(f32),
}

impl Studio {
    /// The gain in dB and the pan of what has that name, in a row; `command` makes an edit of a
    /// change.
    pub(crate) fn gain_and_pan(
        &mut self,
        ui: &mut Ui,
        name: &str,
        (gain_db, pan): (f32, f32),
        command: impl Fn(MixChange) -> Command,
    ) {
        ui.horizontal(|ui| {
            let mut gain = gain_db;
            ui.spacing_mut().slider_width = (ui.available_width() - 120.0).max(30.0);
            let slider = slider(&mut gain, GAINS).suffix(" dB").fixed_decimals(1);
            let label = t!("tracks.gain", name = name);
            let response = ui.name_inputs(label.as_ref(), |ui| ui.add(slider)).on_hover_text(label.as_ref());
            let changed = differ(gain, gain_db, 1).then(|| command(MixChange::Gain(gain)));
            self.edit_by(&response, "change-gain", changed);
            let mut side = pan;
            let response = pan_value(ui, PAN_WIDTH, &mut side, &t!("tracks.pan", name = name));
            let changed = differ(side, pan, 2).then(|| command(MixChange::Pan(side)));
            self.edit_by(&response, "change-pan", changed);
        });
    }

    /// Performs what a control changed; a whole drag of it is one step.
    pub(crate) fn edit_by(&mut self, response: &Response, step: &str, command: Option<Command>) {
        if response.drag_started() {
            self.editor.begin(step);
        }
        if let Some(command) = command {
            let done = self.editor.perform(step, command);
            self.done(done);
        }
        if response.drag_stopped() {
            self.editor.end();
        }
    }
}

/// A small button with a letter, lit while it is on.
pub(crate) fn letter(ui: &mut Ui, letter: &str, name: &str, on: bool, light: Color32) -> bool {
    let text = RichText::new(letter).small().strong();
    let text = if on { text.color(Color32::BLACK) } else { text };
    let button = Button::new(text).min_size(vec2(24.0, 24.0)).corner_radius(4.0);
    let button = if on { button.fill(light) } else { button };
    let response = ui.add(button);
    response.widget_info(|| egui::WidgetInfo::selected(egui::Role::Button, true, on, name));
    response.on_hover_text(name).clicked()
}

/// Of a pan in points.
pub(crate) const PAN_WIDTH: f32 = 44.0;

/// A pan to drag: L100 to R100.
pub(crate) fn pan_value(ui: &mut Ui, width: f32, pan: &mut f32, name: &str) -> Response {
    let value = number(pan, -1.0..=1.0)
        .speed(0.01)
        .custom_formatter(|value, _| match (value * 100.0).round() as i32 {
            0 => "C".into(),
            left @ ..0 => format!("L{}", -left),
            right => format!("R{right}"),
        })
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
