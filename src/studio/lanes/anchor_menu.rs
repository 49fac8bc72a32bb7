//! What a right click on an anchor offers, in the lane and on the roll: to take it away, and how the curve goes on
//! to the next.

use egui::Ui;
use rust_i18n::t;

use ziyin_score::{CurveKind, EditError, Tick};
use ziyin_session::editor::{Editor, Way};

/// What a way is called.
pub(super) fn way_name(way: Way) -> String {
    let key = match way {
        Way::Bow => "curve.way-bow",
        Way::Straight => "curve.way-straight",
        Way::Early => "curve.way-early",
        Way::Late => "curve.way-late",
    };
    t!(key).into_owned()
}

/// Shows the choices for the anchor at a tick, and does what was chosen.
pub(super) fn show(ui: &mut Ui, editor: &mut Editor, kind: CurveKind, tick: Tick) -> Result<(), EditError> {
    if ui.button(t!("curve.remove-anchor")).clicked() {
        ui.close();
        return editor.remove_anchor(kind, tick);
    }
    // Behind the last there is no way.
    let Some(now) = editor.anchor_way(kind, tick) else { return Ok(()) };
    ui.separator();
    ui.weak(t!("curve.way"));
    for way in Way::ALL {
        if ui.selectable_label(way == now, way_name(way)).clicked() {
            ui.close();
            return editor.set_anchor_way(kind, tick, way);
        }
    }
    Ok(())
}

/// What an anchor is called, with where it is.
pub(super) fn anchor_name(
    editor: &Editor,
    (kind, curve): (CurveKind, &str),
    tick: Tick,
    value: &str,
) -> String {
    let at = editor.project().meter.bar_beat(tick);
    let name = t!("curve.anchor", curve = curve, bar = at.bar, beat = at.beat, value = value);
    match editor.anchor_way(kind, tick) {
        None | Some(Way::Bow) => name.into_owned(),
        Some(way) => format!("{name}, {}", way_name(way)),
    }
}
