//! Anchors of the curve in the lane: handles that are set with a click, dragged, and taken away with a double
//! click; what has the keyboard is moved by the arrows.

use egui::{
    EventFilter, Key, Painter, PointerButton, Pos2, Rect, Response, Role, Sense, Stroke, Ui, Vec2,
    WidgetInfo, pos2,
};

use super::curves::curve_name;
use super::scale::Scale;
use crate::lanes::anchor_menu::anchor_name;
use crate::lanes::view::View;
use crate::widgets::Palette;
use ziyin_score::{Curve, CurveKind, CurvePoint, EditError, TICKS_PER_QUARTER, Tick};
use ziyin_session::editor::{Editor, anchors};

/// Points around an anchor in which it is taken hold of.
const REACH: f32 = 8.0;
/// Ticks by which an arrow moves one.
const NUDGE: Tick = TICKS_PER_QUARTER / 16;

/// The keyboard among the anchors.
#[derive(Default)]
pub(super) struct Keyboard {
    /// The anchor that is to have it.
    pub asked: Option<Tick>,
    /// The one that has it.
    pub at: Option<Tick>,
}

/// A drag of an anchor, from press to release: one step of the history.
pub(super) struct Held {
    /// The curve as it was before.
    before: Curve,
    /// Where the anchor stood, if it is not a new one.
    old: Option<Tick>,
}

/// The anchors in sight with their places on screen, and among all.
fn in_sight(editor: &Editor, scale: &Scale, view: &View, kind: CurveKind) -> Vec<(CurvePoint, Pos2, usize)> {
    let Some(track) = editor.active() else { return Vec::new() };
    let right = view.tick(scale.lane.width());
    let seen = |(_, anchor): &(usize, CurvePoint)| (view.left..=right).contains(&(anchor.tick as f64));
    let place = |(number, anchor): (usize, CurvePoint)| {
        let at = pos2(scale.lane.left() + view.x(anchor.tick as f64), scale.y(anchor.value));
        (anchor, at, number)
    };
    anchors(track.curves.get(kind)).into_iter().enumerate().filter(seen).map(place).collect()
}

fn under(all: &[(CurvePoint, Pos2, usize)], at: Pos2) -> Option<CurvePoint> {
    let near = all.iter().filter(|(_, place, _)| (*place - at).length() <= REACH);
    near.min_by(|a, b| (a.1 - at).length().total_cmp(&(b.1 - at).length())).map(|(anchor, ..)| *anchor)
}

/// What the pointer does to anchors.
pub(super) fn edit(
    ui: &Ui,
    response: &Response,
    (held, keyboard): (&mut Option<Held>, &mut Keyboard),
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
    } else if let Some(anchor) = pointed.filter(|_| response.clicked()).and_then(|at| under(&all, at)) {
        keyboard.asked = Some(anchor.tick);
    } else if response.clicked()
        && let Some(at) = pointed
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

/// The handles, each with a name that says which it is and where, and what the keyboard does to one of them.
pub(super) fn show(
    ui: &Ui,
    painter: &Painter,
    keyboard: &mut Keyboard,
    editor: &mut Editor,
    (scale, view, kind): (&Scale, &View, CurveKind),
    palette: &Palette,
) -> Result<(), EditError> {
    let mut held = None;
    for (anchor, place, number) in in_sight(editor, scale, view, kind) {
        // The number stays while an anchor is moved.
        let id = ui.scope_id().with(("anchor", kind.name(), number));
        let reach = Rect::from_center_size(place, Vec2::splat(2.0 * REACH)).intersect(scale.lane);
        let handle = ui.interact(reach, id, Sense::focusable_noninteractive());
        let value = scale.value_name(anchor.value);
        let name = anchor_name(editor, (kind, &curve_name(kind)), anchor.tick, &value);
        handle.widget_info(|| WidgetInfo::labeled(Role::Slider, true, name.as_str()));
        if keyboard.asked.take_if(|tick| *tick == anchor.tick).is_some() {
            handle.request_focus();
        }
        let (radius, edge) = if handle.has_focus() { (6.0, 2.0) } else { (4.0, 1.0) };
        painter.circle(place, radius, palette.accent, Stroke::new(edge, palette.text));
        if handle.has_focus() {
            held = Some((handle, anchor));
        }
    }
    keyboard.at = held.as_ref().map(|(_, anchor)| anchor.tick);
    let Some((handle, anchor)) = held else { return Ok(()) };
    let arrows = EventFilter { horizontal_arrows: true, vertical_arrows: true, ..Default::default() };
    ui.memory_mut(|memory| memory.set_focus_lock_filter(handle.id, arrows));
    let pressed = |key| ui.input(|input| input.key_pressed(key) && input.modifiers.is_none());
    let by = |more, less| i8::from(pressed(more)) - i8::from(pressed(less));
    let (along, up) = (by(Key::ArrowRight, Key::ArrowLeft), by(Key::ArrowUp, Key::ArrowDown));
    if (along, up) != (0, 0) {
        let Some(before) = editor.active().map(|track| track.curves.get(kind).clone()) else { return Ok(()) };
        let bounds = kind.bounds();
        let value = (anchor.value + f32::from(up) * scale.step()).clamp(*bounds.start(), *bounds.end());
        let tick = (anchor.tick + Tick::from(along) * NUDGE).max(0);
        keyboard.asked = Some(tick);
        let done = editor.set_anchor(kind, &before, Some(anchor.tick), CurvePoint { tick, value });
        editor.end();
        return done;
    }
    match editor.anchor_way(kind, anchor.tick).filter(|_| pressed(Key::Enter)) {
        Some(way) => editor.set_anchor_way(kind, anchor.tick, way.next()),
        None => Ok(()),
    }
}

/// The anchor at a place, to be asked with a right click.
pub(super) fn at_place(
    editor: &Editor,
    (scale, view, kind): (&Scale, &View, CurveKind),
    at: Pos2,
) -> Option<Tick> {
    under(&in_sight(editor, scale, view, kind), at).map(|anchor| anchor.tick)
}
