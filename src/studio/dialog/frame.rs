//! What all dialogs have: a frame, a title, buttons.

use egui::{Context, Id, Key, Modal, RichText, Ui};

use crate::widgets::{in_sight, theme};

/// How a dialog stands after a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    Open,
    Cancelled,
    Confirmed,
}

/// A frame of a dialog with its title; Escape cancels it.
pub fn frame<R>(
    ctx: &Context,
    id: &str,
    title: String,
    width: f32,
    content: impl FnOnce(&mut Ui) -> R,
) -> (R, bool) {
    let frame = egui::Frame::popup(&ctx.global_style()).inner_margin(18);
    let modal = Modal::new(Id::unique(id)).frame(frame).show(ctx, |ui| {
        ui.set_width(width.min(ctx.content_rect().width() - 60.0));
        ui.label(RichText::new(title).heading().strong());
        ui.add_space(6.0);
        in_sight(ui, 100.0, |ui| {
            // The bar of what scrolls stands at the edge.
            ui.set_min_width(ui.available_width());
            content(ui)
        })
    });
    let escaped = ctx.input_mut(|i| i.consume_key(egui::Modifiers::NONE, Key::Escape));
    (modal.inner, escaped)
}

/// Gives the keyboard to the field of that id in a dialog that has just opened, before the
/// field is shown: it has the first letter too. Until it has the keyboard the dialog is fresh:
/// a frame in which the window is only measured does not give it.
pub fn take_keyboard(ui: &Ui, fresh: &mut bool, id: Id) {
    if *fresh && ui.memory(|memory| memory.has_focus(id)) {
        *fresh = false;
    } else if *fresh {
        ui.memory_mut(|memory| memory.request_focus(id));
    }
}

/// The row of buttons at the end of a dialog: the one that confirms stands last and is
/// pressed by Enter.
pub fn buttons(ui: &mut Ui, confirm: &str, enabled: bool) -> Step {
    let mut step = Step::Open;
    ui.add_space(8.0);
    let row = egui::vec2(ui.available_width(), 28.0);
    ui.allocate_ui_with_layout(row, egui::Layout::right_to_left(egui::Align::Center), |ui| {
        let main = egui::Button::new(RichText::new(confirm).strong().color(egui::Color32::WHITE))
            .fill(theme::accent(ui.visuals().dark_mode).gamma_multiply(0.85))
            .min_size(egui::vec2(84.0, 28.0));
        if ui.add_enabled(enabled, main).clicked() {
            step = Step::Confirmed;
        }
        let cancel = egui::Button::new(rust_i18n::t!("dialog.cancel")).min_size(egui::vec2(84.0, 28.0));
        if ui.add(cancel).clicked() {
            step = Step::Cancelled;
        }
    });
    // A control that has the focus takes Enter for itself, unless it is a text.
    let (ctx, enter) = (ui.ctx(), ui.input(|i| i.key_pressed(Key::Enter)));
    let free = ctx.memory(|memory| memory.focused().is_none()) || ctx.text_edit_focused();
    if enter && enabled && free && !ctx.any_popup_open() {
        step = Step::Confirmed;
    }
    step
}
