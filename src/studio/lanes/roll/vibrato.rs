//! The vibrato of the selected note, shaped by three handles: where it sets in, how far it
//! swings, how fast.

use egui::{CursorIcon, Rect, Response, Role, Sense, Shape, Stroke, Ui, WidgetInfo, pos2, vec2};
use rust_i18n::t;

use super::geometry::note_rect;
use crate::lanes::view::{Tool, View};
use crate::widgets::Palette;
use ziyin_score::{EditError, Note, Vibrato};
use ziyin_session::editor::{Editor, USUAL_VIBRATO};

/// A note narrower than this on screen, in points, has no room for handles.
const NARROWEST: f32 = 56.0;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Handle {
    Onset,
    Depth,
    Rate,
}

impl Handle {
    const ALL: [Handle; 3] = [Handle::Onset, Handle::Depth, Handle::Rate];

    fn name(self) -> String {
        let key = match self {
            Handle::Onset => "vibrato.onset",
            Handle::Depth => "vibrato.depth",
            Handle::Rate => "vibrato.rate",
        };
        t!(key).into_owned()
    }

    /// Its place under a note.
    fn place(self, under: Rect, vibrato: Vibrato) -> egui::Pos2 {
        let onset = under.left() + vibrato.onset * under.width();
        match self {
            Handle::Onset => pos2(onset, under.center().y),
            Handle::Depth => pos2(under.right(), under.top()),
            Handle::Rate => pos2((onset + under.right()) / 2.0, under.bottom()),
        }
    }

    /// The vibrato after a move by so many points.
    fn moved(self, vibrato: Vibrato, by: egui::Vec2, width: f32) -> Vibrato {
        match self {
            Handle::Onset => Vibrato { onset: (vibrato.onset + by.x / width).clamp(0.0, 0.95), ..vibrato },
            Handle::Depth => {
                Vibrato { depth_cents: (vibrato.depth_cents - 1.5 * by.y).clamp(0.0, 200.0), ..vibrato }
            }
            Handle::Rate => Vibrato { period_ms: (vibrato.period_ms - by.x).clamp(80.0, 500.0), ..vibrato },
        }
    }

    fn value(self, vibrato: Vibrato) -> String {
        match self {
            Handle::Onset => format!("{:.0}%", 100.0 * vibrato.onset),
            Handle::Depth => format!("{:.0} ct", vibrato.depth_cents),
            Handle::Rate => format!("{:.1} Hz", 1000.0 / vibrato.period_ms),
        }
    }
}

/// Shows the handles under the one note that is selected, and takes their drags.
pub(super) fn show(
    ui: &Ui,
    lanes: Rect,
    editor: &mut Editor,
    view: &View,
    palette: &Palette,
) -> Result<(), EditError> {
    if view.tool != Tool::Select || editor.selection().len() != 1 {
        return Ok(());
    }
    let Some(note) = editor.selected_notes().into_iter().next() else { return Ok(()) };
    let rect = note_rect(&note, view, lanes);
    if rect.width() < NARROWEST || !lanes.shrink(8.0).intersects(rect) {
        return Ok(());
    }
    let vibrato = note.vibrato.unwrap_or(USUAL_VIBRATO);
    let under = Rect::from_min_size(pos2(rect.left(), rect.bottom() + 5.0), vec2(rect.width(), 18.0));
    let tempo = &editor.project().tempo;
    let seconds = (tempo.seconds(note.end()) - tempo.seconds(note.onset)).max(1e-3) as f32;
    paint(ui, lanes, under, (vibrato, seconds), note.vibrato.is_some(), palette);
    for (i, handle) in Handle::ALL.into_iter().enumerate() {
        let at = handle.place(under, vibrato);
        let id = ui.scope_id().with(("vibrato", i));
        let response = ui.interact(Rect::from_center_size(at, vec2(13.0, 13.0)), id, Sense::drag());
        response.widget_info(|| WidgetInfo::labeled(Role::Slider, true, handle.name()));
        knob(ui, lanes, at, &response, palette);
        drag(editor, &note, handle, vibrato, rect.width(), &response)?;
        let cursor =
            if handle == Handle::Depth { CursorIcon::ResizeVertical } else { CursorIcon::ResizeHorizontal };
        let hint = format!("{}: {}", handle.name(), handle.value(vibrato));
        response.on_hover_cursor(cursor).on_hover_text(hint);
    }
    Ok(())
}

fn drag(
    editor: &mut Editor,
    note: &Note,
    handle: Handle,
    vibrato: Vibrato,
    width: f32,
    response: &Response,
) -> Result<(), EditError> {
    if response.drag_started() {
        editor.begin("change-vibrato");
    }
    if response.dragged() && response.drag_delta() != egui::Vec2::ZERO {
        let moved = handle.moved(vibrato, response.drag_delta(), width);
        editor.change("change-vibrato", vec![Note { vibrato: Some(moved), ..note.clone() }])?;
    }
    if response.drag_stopped() {
        editor.end();
    }
    Ok(())
}

/// The swing as it would be sung on a note of so many seconds; faint where the singer chooses it.
fn paint(
    ui: &Ui,
    lanes: Rect,
    under: Rect,
    (vibrato, seconds): (Vibrato, f32),
    own: bool,
    palette: &Palette,
) {
    let painter = ui.painter_at(lanes);
    let colour = if own { palette.accent } else { palette.weak_text.gamma_multiply(0.7) };
    let onset = under.left() + vibrato.onset * under.width();
    let swing = (vibrato.depth_cents / 200.0).clamp(0.02, 1.0) * under.height() / 2.0;
    // As many swings as are sung, or as can be told apart from far away.
    let wave = (under.width() * vibrato.period_ms / 1000.0 / seconds).max(3.0);
    let middle = under.center().y;
    let mut line = vec![pos2(under.left(), middle), pos2(onset, middle)];
    let steps = ((under.right() - onset) / 1.5) as usize;
    line.extend((0..=steps).map(|i| {
        let x = onset + i as f32 * 1.5;
        pos2(x, middle - swing * ((x - onset) / wave * std::f32::consts::TAU).sin())
    }));
    painter.add(Shape::line(line, Stroke::new(1.5, colour)));
}

fn knob(ui: &Ui, lanes: Rect, at: egui::Pos2, response: &Response, palette: &Palette) {
    let radius = if response.hovered() || response.dragged() { 5.0 } else { 3.5 };
    let painter = ui.painter_at(lanes);
    painter.circle(at, radius, palette.accent, Stroke::new(1.0, palette.text));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn handles_stay_within_what_can_be_sung() {
        let far = vec2(9999.0, 9999.0);
        let near = Handle::ALL.iter().fold(USUAL_VIBRATO, |v, handle| handle.moved(v, far, 100.0));
        assert_eq!((near.onset, near.depth_cents, near.period_ms), (0.95, 0.0, 80.0));
        let other = Handle::ALL.iter().fold(USUAL_VIBRATO, |v, handle| handle.moved(v, -far, 100.0));
        assert_eq!((other.onset, other.depth_cents, other.period_ms), (0.0, 200.0, 500.0));
    }
}
