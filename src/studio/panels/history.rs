//! The history of the song, step by step; a click goes there.

use egui::{RichText, ScrollArea, Ui};
use rust_i18n::t;

use crate::edits::Edits;
use crate::names::step_name;

/// Shows the panel.
pub fn show(ui: &mut Ui, edits: &mut Edits) {
    ui.add_space(6.0);
    ui.strong(t!("history.title"));
    ui.add_space(2.0);
    let history = edits.editor.history();
    let done: Vec<String> = history.undo_names().map(step_name).collect();
    let undone: Vec<String> = history.redo_names().map(step_name).collect();
    // How many steps back (below 0) or forward a click goes.
    let mut go = 0isize;
    ScrollArea::vertical().auto_shrink([false, false]).stick_to_bottom(true).show(ui, |ui| {
        let here = done.len();
        if ui.selectable_label(here == 0, t!("history.start")).clicked() {
            go = -(here as isize);
        }
        for (i, name) in done.iter().enumerate() {
            ui.push_id(i, |ui| {
                if ui.selectable_label(i + 1 == here, name).clicked() {
                    go = i as isize + 1 - here as isize;
                }
            });
        }
        for (i, name) in undone.iter().enumerate() {
            ui.push_id(("undone", i), |ui| {
                if ui.selectable_label(false, RichText::new(name).weak().italics()).clicked() {
                    go = i as isize + 1;
                }
            });
        }
    });
    for _ in 0..go.unsigned_abs() {
        let result = if go < 0 { edits.editor.undo() } else { edits.editor.redo() };
        edits.done(result.map(drop));
    }
}
