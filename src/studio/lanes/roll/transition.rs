//! The way into the selected note from the one before, shaped by four handles: where it begins and ends,
//! which part of it is quick, how far it goes beyond.

use egui::{CursorIcon, Pos2, Rect, Shape, Stroke, Ui, Vec2, pos2};
use rust_i18n::t;

use super::geometry::note_rect;
use super::handle::{Knob, alone};
use crate::lanes::view::View;
use crate::widgets::Palette;
use ziyin_score::{EditError, Note, Transition};
use ziyin_session::editor::Editor;

/// A way that is narrower than this on screen, in points, has no room for handles.
const NARROWEST: f32 = 14.0;
/// Height of the way under its note, in points.
const HEIGHT: f32 = 18.0;
/// How far the handle of the overshoot is from the end of the way, in points.
const BESIDE: f32 = 13.0;
/// Points by which that handle stands off for the usual overshoot.
const USUAL: f32 = 5.0;
/// By what part of the way its middle moves with its shape.
const SHAPES: f32 = 0.4;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Handle {
    Begin,
    Shape,
    End,
    Overshoot,
}

/// A way on the screen.
struct Way {
    own: Transition,
    /// Where the note begins.
    onset: f32,
    /// Points in a millisecond.
    scale: f32,
    /// Where the line of the note before runs, and that of the note.
    levels: [f32; 2],
}

impl Way {
    fn x(&self, ms: f32) -> f32 {
        self.onset + ms * self.scale
    }

    fn place(&self, handle: Handle) -> Pos2 {
        let [from, to] = self.levels;
        let (begin, end) = (self.x(self.own.begin_ms), self.x(self.own.end_ms));
        match handle {
            Handle::Begin => pos2(begin, from),
            Handle::End => pos2(end, to),
            Handle::Shape => pos2(begin + (0.5 + SHAPES * self.own.shape) * (end - begin), 0.5 * (from + to)),
            Handle::Overshoot => pos2(end + BESIDE, to + (to - from).signum() * USUAL * self.own.overshoot),
        }
    }

    /// The transition after a handle was moved by so many points.
    fn moved(&self, handle: Handle, by: Vec2) -> Transition {
        let (own, ms) = (self.own, by.x / self.scale);
        let [from, to] = self.levels;
        let moved = match handle {
            Handle::Begin => {
                Transition { begin_ms: (own.begin_ms + ms).min(own.end_ms - Transition::SHORTEST_MS), ..own }
            }
            Handle::End => Transition { end_ms: own.end_ms + ms, ..own },
            Handle::Shape => Transition { shape: own.shape + ms / (SHAPES * own.length_ms()), ..own },
            Handle::Overshoot => {
                Transition { overshoot: own.overshoot + by.y * (to - from).signum() / USUAL, ..own }
            }
        };
        moved.bounded()
    }
}

impl Handle {
    const ALL: [Handle; 4] = [Self::Begin, Self::Shape, Self::End, Self::Overshoot];

    fn name(self) -> String {
        let key = match self {
            Self::Begin => "transition.begin",
            Self::Shape => "transition.shape",
            Self::End => "transition.end",
            Self::Overshoot => "transition.overshoot",
        };
        t!(key).into_owned()
    }

    fn value(self, own: Transition) -> String {
        match self {
            Self::Begin => format!("{:+.0} ms", own.begin_ms),
            Self::Shape => format!("{:+.0}%", 100.0 * own.shape),
            Self::End => format!("{:+.0} ms", own.end_ms),
            Self::Overshoot => format!("{:.0}%", 100.0 * own.overshoot),
        }
    }

    fn cursor(self) -> CursorIcon {
        match self {
            Self::Overshoot => CursorIcon::ResizeVertical,
            _ => CursorIcon::ResizeHorizontal,
        }
    }
}

/// Shows the handles under the beginning of the one note that is selected, if it follows another, and takes
/// their drags.
pub(super) fn show(
    ui: &Ui,
    lanes: Rect,
    editor: &mut Editor,
    view: &View,
    palette: &Palette,
) -> Result<(), EditError> {
    let Some(note) = alone(editor, view) else { return Ok(()) };
    let Some(before) = editor.leads_into(&note) else { return Ok(()) };
    let rect = note_rect(&note, view, lanes);
    let seconds = editor.project().tempo.seconds(note.end()) - editor.project().tempo.seconds(note.onset);
    let scale = (note.length as f64 * view.scale / (1000.0 * seconds.max(1e-3))) as f32;
    let own = note.transition.unwrap_or_default();
    if own.length_ms() * scale < NARROWEST || !lanes.shrink(8.0).intersects(rect) {
        return Ok(());
    }
    let (top, bottom) = (rect.bottom() + 5.0, rect.bottom() + 5.0 + HEIGHT);
    let levels = if before < note.pitch { [bottom, top] } else { [top, bottom] };
    let way = Way { own, onset: rect.left(), scale, levels };
    paint(ui, lanes, &way, note.transition.is_some(), palette);
    for handle in Handle::ALL {
        let (name, value, cursor) = (handle.name(), handle.value(own), handle.cursor());
        let knob = Knob { at: way.place(handle), size: 11.0, name, value, cursor };
        let moved = |by| Note { transition: Some(way.moved(handle, by)), ..note.clone() };
        knob.show(ui, lanes, palette, editor, "change-transition", moved)?;
    }
    Ok(())
}

/// The way as a line from level to level; faint where it is left to the singer.
fn paint(ui: &Ui, lanes: Rect, way: &Way, own: bool, palette: &Palette) {
    let colour = if own { palette.accent } else { palette.weak_text.gamma_multiply(0.7) };
    let [begin, middle, end, beyond] = Handle::ALL.map(|handle| way.place(handle));
    let painter = ui.painter_at(lanes);
    let pen = Stroke::new(1.5, colour);
    let curve = |from: Pos2, to: Pos2, level: f32| {
        // Level at its end, steep in the middle of the way.
        let bend = pos2(0.5 * (from.x + to.x), level);
        egui::epaint::QuadraticBezierShape {
            points: [from, bend, to],
            closed: false,
            fill: egui::Color32::TRANSPARENT,
            stroke: pen.into(),
        }
    };
    painter.add(curve(begin, middle, begin.y));
    painter.add(curve(middle, end, end.y));
    painter.add(Shape::dotted_line(&[end, beyond], colour, 3.0, 0.8));
}

#[cfg(test)]
mod tests {
    use super::*;
    use egui::vec2;

    #[test]
    fn handles_stay_within_what_can_be_sung_and_go_where_they_are_dragged() {
        let way = |own| Way { own, onset: 100.0, scale: 0.2, levels: [50.0, 32.0] };
        let usual = Transition::default();
        for handle in Handle::ALL {
            let before = way(usual).place(handle);
            let by = if handle == Handle::Overshoot { vec2(0.0, -6.0) } else { vec2(-2.0, 0.0) };
            let after = way(way(usual).moved(handle, by)).place(handle);
            assert!((after - before - by).length() < 0.01, "{before} {after}");
            for far in [vec2(9999.0, 9999.0), vec2(-9999.0, -9999.0)] {
                let moved = way(usual).moved(handle, far);
                assert_eq!(moved.bounded(), moved);
            }
        }
        let crossed = way(usual).moved(Handle::Begin, vec2(9999.0, 0.0));
        assert_eq!((crossed.begin_ms, crossed.end_ms), (20.0, 30.0));
    }
}
