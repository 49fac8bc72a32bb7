//! Anchors of the pitch where it is sung, beside the tool that draws it: set with a double click, dragged, and taken
//! away with another.

use egui::{CursorIcon, PointerButton, Pos2, Rect, Role, Sense, Stroke, Ui, Vec2, WidgetInfo, pos2};
use rust_i18n::t;

use super::sung::written_key;
use crate::lanes::anchor_menu;
use crate::lanes::context::LaneContext;
use crate::lanes::view::{Tool, View};
use crate::widgets::Palette;
use ziyin_score::{Curve, CurveKind, CurvePoint, EditError, Tick};
use ziyin_session::editor::{Editor, anchors};

/// How large one is to the pointer, in points.
const SIZE: f32 = 14.0;

/// The anchor that is dragged, from press to release: one step of the history.
#[derive(Default)]
pub(super) struct PitchAnchors {
    held: Option<Held>,
}

struct Held {
    old: Tick,
    /// The curve before, and what was written with it.
    before: Curve,
    written: Vec<Vec<(f64, f32)>>,
}

/// What an anchor at a place of the lanes is, over a curve and what is written with it.
fn point_at(
    editor: &Editor,
    (view, lanes): (&View, Rect),
    (curve, written): (&Curve, &[Vec<(f64, f32)>]),
    at: Pos2,
) -> CurvePoint {
    let tick = view.tick(at.x - lanes.left()).max(0.0).round() as Tick;
    // The pitch of a key is the middle of its row.
    let wanted = view.key(at.y - lanes.top()) + 0.5;
    let bounds = CurveKind::Pitch.bounds();
    let value = (wanted - written_key(editor, written, curve, tick as f64)) * 100.0;
    CurvePoint { tick, value: value.clamp(*bounds.start(), *bounds.end()) }
}

/// Sets an anchor at a place of the lanes.
pub(super) fn set(
    editor: &mut Editor,
    (view, lanes): (&View, Rect),
    context: &LaneContext,
    at: Pos2,
) -> Result<(), EditError> {
    let Some(curve) = editor.active().map(|track| track.curves.get(CurveKind::Pitch).clone()) else {
        return Ok(());
    };
    let to = point_at(editor, (view, lanes), (&curve, context.written), at);
    let done = editor.set_anchor(CurveKind::Pitch, &curve, None, to);
    editor.end();
    done
}

impl PitchAnchors {
    /// Shows those in sight, and takes their drags.
    pub(super) fn show(
        &mut self,
        ui: &Ui,
        lanes: Rect,
        editor: &mut Editor,
        view: &View,
        context: &LaneContext,
        palette: &Palette,
    ) -> Result<(), EditError> {
        let track = editor.active().filter(|_| view.tool == Tool::Pitch);
        let Some(curve) = track.map(|track| track.curves.get(CurveKind::Pitch).clone()) else {
            // Another tool in the midst of a drag leaves the anchor where it is.
            if self.held.take().is_some() {
                editor.end();
            }
            return Ok(());
        };
        let right = view.tick(lanes.width());
        let mut dragged_to = None;
        let mut done = Ok(());
        for (number, anchor) in anchors(&curve).into_iter().enumerate() {
            if !(view.left..=right).contains(&(anchor.tick as f64)) {
                continue;
            }
            // What is written follows a drag a little later: until then it is as it was.
            let base = match &self.held {
                Some(held) => written_key(editor, &held.written, &held.before, anchor.tick as f64),
                None => written_key(editor, context.written, &curve, anchor.tick as f64),
            };
            let y = view.y(base + anchor.value / 100.0) + view.key_height / 2.0;
            let place = pos2(lanes.left() + view.x(anchor.tick as f64), lanes.top() + y);
            let reach = Rect::from_center_size(place, Vec2::splat(SIZE)).intersect(lanes);
            if !reach.is_positive() {
                continue;
            }
            let handle =
                ui.interact(reach, ui.scope_id().with(("pitch anchor", number)), Sense::click_and_drag());
            let value = format!("{:+.0} ct", anchor.value);
            let name =
                anchor_menu::anchor_name(editor, (CurveKind::Pitch, &t!("roll.pitch")), anchor.tick, &value);
            handle.widget_info(|| WidgetInfo::labeled(Role::Slider, true, name.as_str()));
            let radius = if handle.hovered() || handle.dragged() { 5.5 } else { 4.0 };
            ui.painter_at(lanes).circle(place, radius, palette.accent, Stroke::new(1.0, palette.text));
            if handle.drag_started_by(PointerButton::Primary) {
                let (before, written) = (curve.clone(), context.written.to_vec());
                editor.begin("set-anchor");
                self.held = Some(Held { old: anchor.tick, before, written });
            }
            if handle.dragged_by(PointerButton::Primary) {
                dragged_to = handle.interact_pointer_pos();
            }
            if handle.double_clicked() {
                done = editor.remove_anchor(CurveKind::Pitch, anchor.tick);
            }
            handle.context_menu(|ui| done = anchor_menu::show(ui, editor, CurveKind::Pitch, anchor.tick));
            handle.on_hover_cursor(CursorIcon::Grab).on_hover_text(name);
        }
        done?;
        let Some(held) = &self.held else { return Ok(()) };
        if ui.input(|i| i.key_pressed(egui::Key::Escape)) {
            self.held = None;
            return editor.cancel();
        }
        if let Some(at) = dragged_to {
            let to = point_at(editor, (view, lanes), (&held.before, &held.written), at);
            editor.set_anchor(CurveKind::Pitch, &held.before, Some(held.old), to)?;
        }
        if !ui.input(|i| i.pointer.primary_down()) {
            self.held = None;
            editor.end();
        }
        Ok(())
    }
}
