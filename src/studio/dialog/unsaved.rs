//! The question before work would be lost.

use egui::{Context, Key, Modifiers};
use rust_i18n::t;

use super::frame::frame;

/// What to do with unsaved work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    Save,
    Discard,
    Stay,
}

/// Asks; gives the answer once there is one.
pub fn show(ctx: &Context, title: &str) -> Option<Answer> {
    let (answer, escaped) = frame(ctx, "unsaved", t!("unsaved.title").into_owned(), 400.0, |ui| {
        ui.label(t!("unsaved.text", title = title));
        ui.add_space(10.0);
        let mut answer = None;
        ui.horizontal(|ui| {
            if ui.button(t!("unsaved.discard")).clicked() {
                answer = Some(Answer::Discard);
            }
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                if ui.button(egui::RichText::new(t!("unsaved.save")).strong()).clicked()
                    || ui.input_mut(|i| i.consume_key(Modifiers::NONE, Key::Enter))
                {
                    answer = Some(Answer::Save);
                }
                if ui.button(t!("dialog.cancel")).clicked() {
                    answer = Some(Answer::Stay);
                }
            });
        });
        answer
    });
    if escaped { Some(Answer::Stay) } else { answer }
}
