//! What the pointer does on the lanes of the roll.

use egui::{CursorIcon, Pos2, Rect, Role, Sense, Ui, WidgetInfo};
use rust_i18n::t;

use super::drag::{Drag, draw_note};
use super::geometry::NotePart;
use super::lasso::Area;
use super::menu::context_menu;
use super::{anchors, note};
use crate::lanes::context::{LaneContext, way_of_pointer};
use crate::lanes::view::{Tool, View};
use crate::request::{Request, Requests};
use ziyin_score::{NoteId, Tick};
use ziyin_session::editor::Editor;

/// What the pointer holds from one frame to the next.
#[derive(Default)]
pub(super) struct Pointer {
    drag: Option<Drag>,
    /// The note that it holds.
    held_note: Option<NoteId>,
    /// Length of the last note that was drawn or resized: new ones take it.
    last_length: Option<Tick>,
}

impl Pointer {
    /// The area that is marked out.
    pub(super) fn area(&self) -> Option<&Area> {
        self.drag.as_ref().and_then(Drag::area)
    }

    /// The note that is held.
    pub(super) fn held_note(&self) -> Option<NoteId> {
        self.held_note
    }

    /// Follows the pointer on the lanes.
    pub(super) fn show(
        &mut self,
        ui: &Ui,
        lanes: Rect,
        editor: &mut Editor,
        view: &mut View,
        context: &LaneContext,
        asked: &mut Requests,
    ) {
        let ground = ui.interact(lanes, ui.scope_id().with("lanes"), Sense::click_and_drag());
        ground.widget_info(|| WidgetInfo::labeled(Role::Canvas, true, t!("roll.lanes")));
        let under = |at: Pos2| note::at(editor, view, lanes, at);
        let hovered = ground.hover_pos().and_then(under);
        if !ground.is_pointer_button_down_on() {
            self.held_note = None;
        } else if ui.input(|i| i.pointer.primary_pressed()) && matches!(view.tool, Tool::Select | Tool::Draw)
        {
            self.held_note = hovered.map(|(id, _)| id);
        }
        if self.drag.is_none() {
            let icon = match (view.tool, hovered) {
                (Tool::Select, Some((_, NotePart::Middle))) => CursorIcon::Grab,
                (Tool::Select | Tool::Draw, Some(_)) => CursorIcon::ResizeHorizontal,
                (Tool::Draw | Tool::Pitch, None) | (Tool::Lasso, _) => CursorIcon::Crosshair,
                (Tool::Erase, _) => CursorIcon::NotAllowed,
                _ => CursorIcon::Default,
            };
            if ground.hovered() {
                ui.ctx().set_cursor_icon(icon);
            }
        }
        let modifiers = ui.input(|i| i.modifiers);
        if ground.double_clicked() && view.tool == Tool::Pitch {
            if let Some(at) = ground.interact_pointer_pos() {
                asked.done(anchors::set(editor, (view, lanes), context, at));
            }
        } else if ground.double_clicked() && view.tool == Tool::Select {
            match hovered {
                Some((id, _)) => asked.ask(Request::TypeLyric(id)),
                None => {
                    if let Some(at) = ground.interact_pointer_pos() {
                        asked.done(draw_note(editor, view, lanes, at, self.last_length));
                    }
                }
            }
        } else if ground.clicked() {
            match (view.tool, hovered) {
                (Tool::Erase, Some((id, _))) => {
                    editor.select([id]);
                    asked.done(editor.erase());
                }
                (Tool::Draw, None) => {
                    if let Some(at) = ground.interact_pointer_pos() {
                        asked.done(draw_note(editor, view, lanes, at, self.last_length));
                    }
                }
                (_, Some((id, _))) if modifiers.shift || modifiers.command => editor.toggle(id),
                (_, Some((id, _))) => editor.select([id]),
                (_, None) => editor.select([]),
            }
        }
        if ground.secondary_clicked()
            && let Some((id, _)) = hovered
            && !editor.selection().contains(&id)
        {
            editor.select([id]);
        }
        if ground.secondary_clicked() && hovered.is_none() {
            editor.select([]);
        }
        ground.context_menu(|ui| {
            if let Some(action) = context_menu(ui, editor) {
                asked.act(action);
                ui.close();
            }
        });
        // With no drag to give up, Escape gives up the selection.
        let free = |ctx: &egui::Context| {
            !ctx.any_popup_open() && ctx.memory(|m| m.focused().is_none() && m.top_modal_layer().is_none())
        };
        if self.drag.is_none() && ui.input(|i| i.key_pressed(egui::Key::Escape)) && free(ui.ctx()) {
            editor.select([]);
        }
        if ground.drag_started_by(egui::PointerButton::Primary)
            && let Some(at) = ui.input(|i| i.pointer.press_origin())
        {
            self.drag = Drag::begin(editor, (view, lanes), at, modifiers, context, self.last_length);
            // What the pointer was put down on counts too.
            if let Some(drag @ (Drag::Pitch { .. } | Drag::Erase)) = &mut self.drag {
                asked.done(drag.go_on(editor, view, lanes, at, modifiers.alt));
            }
        }
        if let Some(drag) = &mut self.drag {
            if ui.input(|i| i.key_pressed(egui::Key::Escape)) {
                asked.done(editor.cancel());
                self.drag = None;
            } else if ground.dragged()
                && let Some(at) = ground.interact_pointer_pos()
            {
                scroll_at_edges(ui, lanes, view, at);
                let done = way_of_pointer(ui, at)
                    .into_iter()
                    .try_for_each(|at| drag.go_on(editor, view, lanes, at, modifiers.alt));
                asked.done(done);
            }
        }
        if ground.drag_stopped()
            && let Some(drag) = self.drag.take()
        {
            if drag.came_back() {
                asked.done(editor.cancel());
            }
            editor.end();
            if drag.shapes_length() {
                self.last_length = editor.selected_notes().first().map(|note| note.length);
            }
        }
    }
}

/// A drag that reaches the edge takes the view along: at the sides a little before it, above and
/// below only beyond it, so that a note in the last row stays where it is held.
fn scroll_at_edges(ui: &Ui, lanes: Rect, view: &mut View, at: Pos2) {
    let beyond = |at: f32, low: f32, high: f32| (at - high).max(0.0) + (at - low).min(0.0);
    let x = beyond(at.x, lanes.left() + 16.0, lanes.right() - 16.0);
    let y = beyond(at.y, lanes.top(), lanes.bottom());
    if (x, y) != (0.0, 0.0) {
        view.scroll(f64::from(x) * 0.3 / view.scale, -y * 0.1 / view.key_height, lanes.height());
        ui.ctx().request_repaint();
    }
}
