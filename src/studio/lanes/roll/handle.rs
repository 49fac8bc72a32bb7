//! Handles under a note: how they look, and what a drag of one does.

use egui::{CursorIcon, Pos2, Rect, Role, Sense, Stroke, Ui, Vec2, WidgetInfo};

use crate::lanes::view::{Tool, View};
use crate::widgets::Palette;
use ziyin_score::{EditError, Note};
use ziyin_session::editor::Editor;

/// The note that has handles: the one that is selected, while the tool selects.
pub(super) fn alone(editor: &Editor, view: &View) -> Option<Note> {
    let one = view.tool == Tool::Select && editor.selection().len() == 1;
    editor.selected_notes().into_iter().next().filter(|_| one)
}

/// What is taken hold of.
pub(super) struct Knob {
    pub at: Pos2,
    /// How large it is to the pointer, in points.
    pub size: f32,
    pub name: String,
    /// Where it is, in words.
    pub value: String,
    pub cursor: CursorIcon,
}

impl Knob {
    /// Shows it, and changes its note as it is dragged: `moved` says how by the points since the last frame. A
    /// whole drag is one step.
    pub(super) fn show(
        self,
        ui: &Ui,
        lanes: Rect,
        palette: &Palette,
        editor: &mut Editor,
        step: &str,
        moved: impl FnOnce(Vec2) -> Note,
    ) -> Result<(), EditError> {
        let reach = Rect::from_center_size(self.at, Vec2::splat(self.size));
        let response = ui.interact(reach, ui.scope_id().with((step, &self.name)), Sense::drag());
        response.widget_info(|| WidgetInfo::labeled(Role::Slider, true, self.name.as_str()));
        let radius = if response.hovered() || response.dragged() { 5.0 } else { 3.5 };
        ui.painter_at(lanes).circle(self.at, radius, palette.accent, Stroke::new(1.0, palette.text));
        if response.drag_started() {
            editor.begin(step);
        }
        if response.dragged() && response.drag_delta() != Vec2::ZERO {
            editor.change(step, vec![moved(response.drag_delta())])?;
        }
        if response.drag_stopped() {
            editor.end();
        }
        let hint = format!("{}: {}", self.name, self.value);
        response.on_hover_cursor(self.cursor).on_hover_text(hint);
        Ok(())
    }
}
