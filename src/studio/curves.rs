//! The lane of drawn curves: loudness, breathiness, formant, tension, pitch.

use egui::{Align2, FontId, Pos2, Role, Sense, Shape, Stroke, Ui, WidgetInfo, pos2};
use rust_i18n::t;

use super::editor::{self, Editor};
use super::roll::{Palette, RollContext, paint_play_head, track_colour, way_of_pointer};
use super::view::{KEYBOARD, View};
use crate::score::{CurveKind, CurvePoint, EditError, TICKS_PER_QUARTER, Tick};

/// How the pointer draws in the lane.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pen {
    #[default]
    Free,
    Line,
    Smooth,
    Erase,
}

/// The lane, and the stroke that is being drawn.
#[derive(Default)]
pub struct CurveLane {
    pub pen: Pen,
    stroke: Option<Drawing>,
}

struct Drawing {
    stroke: editor::Stroke,
    /// Where the pen was put down.
    from: CurvePoint,
    /// How far it went to the left and to the right, in ticks.
    swept: (Tick, Tick),
}

impl Pen {
    /// Every pen with its key in the language files.
    pub const ALL: [(Pen, &'static str); 4] = [
        (Pen::Free, "pen.free"),
        (Pen::Line, "pen.line"),
        (Pen::Smooth, "pen.smooth"),
        (Pen::Erase, "pen.erase"),
    ];

    /// The name of its step in the history.
    fn step(self) -> &'static str {
        match self {
            Pen::Free | Pen::Line => "draw-curve",
            Pen::Smooth => "smooth-curve",
            Pen::Erase => "erase-curve",
        }
    }
}

/// The values that the lane shows of a curve, from the lowest to the highest.
pub fn range(kind: CurveKind) -> (f32, f32) {
    match kind {
        CurveKind::Pitch => (-200.0, 200.0),
        CurveKind::Loudness => (-24.0, 12.0),
        CurveKind::Breathiness | CurveKind::Tension => (-1.0, 1.0),
        CurveKind::Formant => (-6.0, 6.0),
    }
}

fn unit(kind: CurveKind) -> &'static str {
    match kind {
        CurveKind::Pitch => " ct",
        CurveKind::Loudness => " dB",
        CurveKind::Breathiness | CurveKind::Tension => "",
        CurveKind::Formant => " st",
    }
}

/// The name of a curve in the language of the studio.
pub fn curve_name(kind: CurveKind) -> String {
    t!(format!("curve.{}", kind.name())).into_owned()
}

impl CurveLane {
    /// Shows the lane in all the room that is left; gives why an edit was not possible.
    pub fn show(
        &mut self,
        ui: &mut Ui,
        editor: &mut Editor,
        view: &mut View,
        context: &RollContext,
    ) -> Option<String> {
        let whole = ui.available_rect_before_wrap();
        ui.allocate_rect(whole, Sense::hover());
        let palette = Palette::of(ui.visuals());
        let (corner, lane) = whole.split_left_right_at_x(whole.left() + KEYBOARD);
        let kind = view.curve;
        let (low, high) = range(kind);
        let small = FontId::proportional(10.0);
        let edge = corner.right() - 6.0;
        let painter = ui.painter();
        painter.text(
            pos2(edge, lane.top() + 8.0),
            Align2::RIGHT_CENTER,
            format!("{high:+}{}", unit(kind)),
            small.clone(),
            palette.weak_text,
        );
        painter.text(
            pos2(edge, lane.bottom() - 8.0),
            Align2::RIGHT_CENTER,
            format!("{low:+}{}", unit(kind)),
            small,
            palette.weak_text,
        );
        let painter = ui.painter_at(lane);
        painter.rect_filled(lane, 0.0, palette.white_key);
        let inner = lane.shrink2(egui::vec2(0.0, 4.0));
        let y = |value: f32| inner.bottom() - (value.clamp(low, high) - low) / (high - low) * inner.height();
        painter.hline(lane.x_range(), y(0.0), Stroke::new(1.0, palette.beat));

        let response = ui.interact(lane, ui.scope_id().with("curve-lane"), Sense::click_and_drag());
        let name = t!("curve.lane", curve = curve_name(kind));
        response.widget_info(|| WidgetInfo::labeled(Role::Canvas, true, name.as_ref()));
        let point = |at: Pos2| {
            let part = ((inner.bottom() - at.y) / inner.height()).clamp(0.0, 1.0);
            let value = low + part * (high - low);
            // The middle is hard to hit: near it the curve is at rest.
            let value = if (y(value) - y(0.0)).abs() < 3.0 { 0.0 } else { value };
            CurvePoint { tick: view.tick(at.x - lane.left()).max(0.0).round() as Tick, value }
        };
        let mut error = None;
        if response.drag_started()
            && let Some(at) = ui.input(|i| i.pointer.press_origin())
        {
            let from = point(at);
            self.stroke = editor::Stroke::begin(editor, kind).map(|stroke| {
                editor.begin(self.pen.step());
                Drawing { stroke, from, swept: (from.tick, from.tick) }
            });
        }
        if let (Some(drawn), Some(at)) = (&mut self.stroke, response.interact_pointer_pos()) {
            let way = way_of_pointer(ui, at).into_iter().map(point);
            let done = drawn.go_on(self.pen, editor, way.collect(), view);
            error = done.err().map(|e| e.to_string());
        }
        if response.drag_stopped() && self.stroke.take().is_some() {
            editor.end();
        }
        let Some(track) = editor.active() else { return error };
        let curve = track.curves.get(kind);
        let colour = track_colour(track.colour);
        let from = curve.partition_point(|p| (p.tick as f64) < view.left).saturating_sub(1);
        let right = view.tick(lane.width());
        let to = (curve.partition_point(|p| p.tick as f64 <= right) + 1).min(curve.len());
        let inside = curve[from..to].iter().map(|p| {
            let x = view.x(p.tick as f64).clamp(0.0, lane.width());
            pos2(lane.left() + x, y(p.value))
        });
        let mut line = vec![pos2(lane.left(), y(curve.at(view.left)))];
        line.extend(thin(inside));
        line.push(pos2(lane.right(), y(curve.at(right))));
        painter.add(Shape::line(line, Stroke::new(2.0, colour)));
        if let Some(at) = response.hover_pos() {
            let value = format!("{:+.2}{}", point(at).value, unit(kind));
            let place = pos2(at.x + 10.0, (at.y - 8.0).max(lane.top() + 8.0));
            painter.text(place, Align2::LEFT_CENTER, value, FontId::proportional(11.0), palette.text);
        }
        response.context_menu(|ui| {
            if ui.button(t!("curve.reset")).clicked() {
                error = reset(editor, kind).err().map(|e| e.to_string());
                ui.close();
            }
        });
        paint_play_head(&painter, lane, view, context, &palette);
        error
    }
}

/// Of points that share a column of the screen, the highest and the lowest: more cannot be
/// seen.
fn thin(points: impl Iterator<Item = Pos2>) -> Vec<Pos2> {
    let mut thinned: Vec<Pos2> = Vec::new();
    // Where the column begins, and its range so far.
    let mut column: Option<(Pos2, f32, f32)> = None;
    for point in points {
        match &mut column {
            Some((first, high, low)) if point.x - first.x < 1.0 => {
                (*high, *low) = (high.min(point.y), low.max(point.y));
                let last = thinned.len() - 2;
                // In the order in which the curve goes through them.
                let ends = if point.y < first.y { (*low, *high) } else { (*high, *low) };
                (thinned[last].y, thinned[last + 1].y) = ends;
            }
            _ => {
                column = Some((point, point.y, point.y));
                thinned.extend([point, point]);
            }
        }
    }
    thinned.dedup();
    thinned
}

impl Drawing {
    /// Goes on along a way, which ends where the pointer is.
    fn go_on(
        &mut self,
        pen: Pen,
        editor: &mut Editor,
        way: Vec<CurvePoint>,
        view: &View,
    ) -> Result<(), EditError> {
        let Some(&to) = way.last() else { return Ok(()) };
        for point in &way {
            let (first, last) = &mut self.swept;
            (*first, *last) = (point.tick.min(*first), point.tick.max(*last));
        }
        let (first, last) = self.swept;
        match pen {
            Pen::Free => {
                let apart = ((2.0 / view.scale) as Tick).clamp(1, TICKS_PER_QUARTER / 8);
                if self.stroke.is_empty() {
                    self.stroke.go_to(self.from, apart);
                }
                way.into_iter().for_each(|point| self.stroke.go_to(point, apart));
            }
            Pen::Line => self.stroke.line(self.from, to),
            Pen::Smooth => self.stroke.smooth(first, last, &editor.project().tempo),
            Pen::Erase => self.stroke.erase(first, last),
        }
        self.stroke.apply(editor, pen.step())
    }
}

/// Takes every point of a curve away.
///
/// # Errors
/// Never: an empty curve is a valid one.
pub fn reset(editor: &mut Editor, kind: CurveKind) -> Result<(), EditError> {
    editor.draw_curve(kind, 0, crate::score::MAX_TICK + 1, Vec::new())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_keeps_its_range_and_a_slow_curve_every_point() {
        let crowded = (0..1000).map(|i| pos2(i as f32 * 0.01, (i % 7) as f32));
        let thinned = thin(crowded);
        assert_eq!(thinned.len(), 20);
        assert!(thinned.iter().all(|point| point.y == 0.0 || point.y == 6.0));
        let slow: Vec<_> = (0..50).map(|i| pos2(i as f32 * 5.0, i as f32)).collect();
        assert_eq!(thin(slow.iter().copied()), slow);
    }
}
