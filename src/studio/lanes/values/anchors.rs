//! Anchors of the curve in the lane: handles that are set with a click, dragged, and taken away with a double
//! click.

use egui::{Painter, PointerButton, Pos2, Rect, Response, Role, Sense, Stroke, Ui, Vec2, WidgetInfo, pos2};
use rust_i18n::t;

use super::curves::curve_name;
use super::scale::Scale;
use crate::lanes::view::View;
use crate::widgets::Palette;
use ziyin_score::{Curve, CurveKind, CurvePoint, EditError, Tick};
use ziyin_session::editor::{Editor, anchors};

/// Points around an anchor in which it is taken hold of.
const REACH: f32 = 8.0;

/// A drag of an anchor, from press to release: one step of the history.
pub(super) struct Held {
    /// The curve as it was before.
    before: Curve,
    /// Where the anchor stood, if it is not a new one.
    old: Option<Tick>,
}

/// The anchors in sight with their places.
fn in_sight(editor: &Editor, scale: &Scale, view: &View, kind: CurveKind) -> Vec<(CurvePoint, Pos2)> {
    let Some(track) = editor.active() else { return Vec::new() };
    let right = view.tick(scale.lane.width());
    let seen = |anchor: &CurvePoint| (view.left..=right).contains(&(anchor.tick as f64));
    let place = |anchor: CurvePoint| {
        (anchor, pos2(scale.lane.left() + view.x(anchor.tick as f64), scale.y(anchor.value)))
    };
    anchors(track.curves.get(kind)).into_iter().filter(seen).map(place).collect()
}

fn under(all: &[(CurvePoint, Pos2)], at: Pos2) -> Option<CurvePoint> {
    let near = all.iter().filter(|(_, place)| (*place - at).length() <= REACH);
    near.min_by(|a, b| (a.1 - at).length().total_cmp(&(b.1 - at).length())).map(|(anchor, _)| *anchor)
}

/// What the pointer does to anchors.
pub(super) fn edit(
    ui: &Ui,
    response: &Response,
    held: &mut Option<Held>,
    editor: &mut Editor,
    (scale, view, kind): (&Scale, &View, CurveKind),
) -> Result<(), EditError> {
    let all = in_sight(editor, scale, view, kind);
    let Some(curve) = editor.active().map(|track| track.curves.get(kind).clone()) else { return Ok(()) };
    if response.hover_pos().is_some_and(|at| under(&all, at).is_some()) {
        ui.ctx().set_cursor_icon(egui::CursorIcon::Grab);
    }
    let pointed = response.interact_pointer_pos();
    if response.double_clicked() {
        if let Some(anchor) = pointed.and_then(|at| under(&all, at)) {
            editor.remove_anchor(kind, anchor.tick)?;
        }
    } else if response.clicked()
        && let Some(at) = pointed.filter(|&at| under(&all, at).is_none())
    {
        let done = editor.set_anchor(kind, &curve, None, scale.point(view, at));
        editor.end();
        done?;
    }
    if response.drag_started_by(PointerButton::Primary)
        && let Some(at) = ui.input(|i| i.pointer.press_origin())
    {
        editor.begin("set-anchor");
        *held = Some(Held { before: curve, old: under(&all, at).map(|anchor| anchor.tick) });
    }
    if let (Some(held), Some(at)) = (&*held, pointed.filter(|_| response.dragged())) {
        editor.set_anchor(kind, &held.before, held.old, scale.point(view, at))?;
    }
    if held.is_some() && ui.input(|i| i.key_pressed(egui::Key::Escape)) {
        *held = None;
        editor.cancel()?;
    }
    if response.drag_stopped() && held.take().is_some() {
        editor.end();
    }
    Ok(())
}

/// The handles, each with a name that says which it is and where.
pub(super) fn paint(
    ui: &Ui,
    painter: &Painter,
    editor: &Editor,
    (scale, view, kind): (&Scale, &View, CurveKind),
    palette: &Palette,
) {
    for (number, (anchor, place)) in in_sight(editor, scale, view, kind).into_iter().enumerate() {
        let id = ui.scope_id().with(("anchor", number));
        let reach = Rect::from_center_size(place, Vec2::splat(2.0 * REACH)).intersect(scale.lane);
        let handle = ui.interact(reach, id, Sense::hover());
        let at = editor.project().meter.bar_beat(anchor.tick);
        let value = scale.value_name(anchor.value);
        let curve = curve_name(kind);
        let name =
            t!("curve.anchor", curve = curve.as_str(), bar = at.bar, beat = at.beat, value = value.as_str());
        handle.widget_info(|| WidgetInfo::labeled(Role::Slider, true, name.as_ref()));
        painter.circle(place, 4.0, palette.accent, Stroke::new(1.0, palette.text));
    }
}

/// What a right click on an anchor offers; gives whether there is one.
pub(super) fn removable(
    editor: &Editor,
    (scale, view, kind): (&Scale, &View, CurveKind),
    at: Pos2,
) -> Option<Tick> {
    under(&in_sight(editor, scale, view, kind), at).map(|anchor| anchor.tick)
}
