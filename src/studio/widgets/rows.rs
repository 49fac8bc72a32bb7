//! Parts of rows.

use super::palette::ink_on;
use super::theme;
use egui::{Button, Color32, Label, Layout, Response, RichText, Ui, UiBuilder, vec2};
use rust_i18n::t;

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

/// A part of a view whose controls keep the keyboard, and what is typed in them, whatever comes and goes
/// before it: what a control has no name for is counted, and would be taken for another.
pub fn steady(ui: &mut Ui, key: &'static str, add: impl FnOnce(&mut Ui)) {
    let id = ui.scope_id().with(key);
    ui.scope_builder(UiBuilder::new().scope_id(id), add);
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

/// The letters of what can be muted and heard alone, lit while it is; gives which of them were clicked.
pub fn mute_and_solo(ui: &mut Ui, name: &str, (mute, solo): (bool, bool)) -> (bool, bool) {
    let (warn, accent) = (ui.visuals().warn_fg_color, theme::accent(ui.visuals().dark_mode));
    let mute = letter(ui, "M", &t!("tracks.mute", name = name), mute, warn);
    (mute, letter(ui, "S", &t!("tracks.solo", name = name), solo, accent))
}

#[cfg(test)]
mod tests {
    use egui::{Context, Event, Key, Modifiers, RawInput};

    use super::*;
    use crate::widgets::number_in;

    #[test]
    fn a_number_keeps_what_is_typed_when_what_stands_before_it_goes() {
        let (ctx, mut seconds) = (Context::default(), 0.0);
        let mut frame = |is_reading: bool, focus: bool, event: Option<Event>| {
            let input = RawInput { events: event.into_iter().collect(), focused: true, ..Default::default() };
            let _ = ctx.run_ui(input, |ui| {
                if is_reading {
                    ui.label("reading");
                }
                steady(ui, "values", |ui| {
                    let number = ui.add(number_in(&mut seconds, 0.0..=9.0, " s"));
                    if focus {
                        number.request_focus();
                    }
                });
            });
            seconds
        };
        let text = |text: &str| Some(Event::Text(text.into()));
        frame(true, true, None);
        frame(true, false, None);
        frame(true, false, text("0.2"));
        frame(false, false, text("5 s"));
        let (physical_key, pressed, repeat) = (None, true, false);
        let modifiers = Modifiers::NONE;
        let enter = Event::Key { key: Key::Enter, physical_key, pressed, repeat, modifiers };
        assert_eq!(frame(false, false, Some(enter)), 0.25);
    }
}
