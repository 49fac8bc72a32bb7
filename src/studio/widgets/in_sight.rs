//! What is higher than the window scrolls.

use egui::{ScrollArea, Ui};

/// What a menu or a dialog holds; where it is higher than the window, less so many points, it
/// scrolls.
pub fn in_sight<R>(ui: &mut Ui, less: f32, content: impl FnOnce(&mut Ui) -> R) -> R {
    let height = ui.ctx().content_rect().height() - less;
    // It grows with what it holds, whatever room it had before.
    ScrollArea::vertical().max_height(height).min_scrolled_height(height).show(ui, content).inner
}
