//! Parts of rows.

use super::palette::ink_on;
use egui::{Button, Color32, Label, Layout, Response, RichText, Ui, vec2};

/// A label at the left of a place of its own.
pub fn left_in(ui: &mut Ui, size: egui::Vec2, label: Label) -> Response {
    let layout = Layout::left_to_right(egui::Align::Center);
    let place = ui.allocate_ui_with_layout(size, layout, |ui| {
        ui.set_min_size(size);
        ui.add(label)
    });
    place.inner
}

/// A control with its name before it, in a column with those of the other rows.
pub fn row(ui: &mut Ui, name: &str, hint: &str, add: impl FnOnce(&mut Ui)) {
    ui.horizontal(|ui| {
        let label = Label::new(RichText::new(name).weak()).truncate();
        left_in(ui, vec2(66.0, 24.0), label).on_hover_text(hint);
        ui.name_inputs(name, add);
    });
}

/// A small button with a letter, lit while it is on.
pub fn letter(ui: &mut Ui, letter: &str, name: &str, on: bool, light: Color32) -> bool {
    let text = RichText::new(letter).small().strong();
    let text = if on { text.color(ink_on(light)) } else { text };
    let button = Button::new(text).min_size(vec2(24.0, 24.0)).corner_radius(4.0);
    let button = if on { button.fill(light) } else { button };
    let response = ui.add(button);
    response.widget_info(|| egui::WidgetInfo::selected(egui::Role::Button, true, on, name));
    response.on_hover_text(name).clicked()
}
