//! Handles under a note: how they look, and what a drag of one does.

use egui::{Pos2, Rect, Response, Role, Stroke, Ui, Vec2, WidgetInfo};

use crate::widgets::Palette;
use ziyin_score::{EditError, Note};
use ziyin_session::editor::Editor;

/// Paints a handle, and gives it its name.
pub(super) fn show_knob(
    ui: &Ui,
    lanes: Rect,
    at: Pos2,
    response: &Response,
    name: String,
    palette: &Palette,
) {
    response.widget_info(|| WidgetInfo::labeled(Role::Slider, true, name.as_str()));
    let radius = if response.hovered() || response.dragged() { 5.0 } else { 3.5 };
    ui.painter_at(lanes).circle(at, radius, palette.accent, Stroke::new(1.0, palette.text));
}

/// Changes a note as a handle is dragged, by the points since the last frame; a whole drag is one step.
pub(super) fn drag_notes(
    editor: &mut Editor,
    step: &str,
    response: &Response,
    moved: impl FnOnce(Vec2) -> Note,
) -> Result<(), EditError> {
    if response.drag_started() {
        editor.begin(step);
    }
    if response.dragged() && response.drag_delta() != Vec2::ZERO {
        editor.change(step, vec![moved(response.drag_delta())])?;
    }
    if response.drag_stopped() {
        editor.end();
    }
    Ok(())
}
