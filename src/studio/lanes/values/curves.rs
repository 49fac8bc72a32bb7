//! Drawn curves in the lane of values: loudness, breathiness, formant, tension, mixture, pitch.

use egui::{Painter, Pos2, Shape, Stroke, pos2};
use rust_i18n::t;

use super::scale::{Scale, Unit};
use crate::lanes::view::View;
use crate::widgets::track_colour;
use ziyin_score::{CurveKind, EditError, MAX_TICK};
use ziyin_session::editor::Editor;

pub(super) fn unit(kind: CurveKind) -> Unit {
    match kind {
        CurveKind::Pitch => Unit::named(" ct"),
        CurveKind::Loudness => Unit::DECIBEL,
        CurveKind::Breathiness | CurveKind::Tension => Unit::named(""),
        CurveKind::Formant => Unit::named(" st"),
        CurveKind::Mixture => Unit::PERCENT,
    }
}

/// The name of a curve in the language of the studio.
pub(super) fn curve_name(kind: CurveKind) -> String {
    t!(format!("curve.{}", kind.name())).into_owned()
}

/// The line of a curve of the active track.
pub(super) fn paint(painter: &Painter, scale: &Scale, editor: &Editor, view: &View, kind: CurveKind) {
    let Some(track) = editor.active() else { return };
    let (curve, lane) = (track.curves.get(kind), scale.lane);
    let from = curve.partition_point(|p| (p.tick as f64) < view.left).saturating_sub(1);
    let right = view.tick(lane.width());
    let to = (curve.partition_point(|p| p.tick as f64 <= right) + 1).min(curve.len());
    let inside = curve[from..to].iter().map(|p| {
        let x = view.x(p.tick as f64).clamp(0.0, lane.width());
        pos2(lane.left() + x, scale.y(p.value))
    });
    let mut line = vec![pos2(lane.left(), scale.y(curve.at(view.left)))];
    line.extend(thin(inside));
    line.push(pos2(lane.right(), scale.y(curve.at(right))));
    painter.add(Shape::line(line, Stroke::new(2.0, track_colour(track.colour))));
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

/// Takes every point of a curve away.
///
/// # Errors
/// Never: an empty curve is a valid one.
pub fn reset(editor: &mut Editor, kind: CurveKind) -> Result<(), EditError> {
    if editor.active().is_none_or(|track| track.curves.get(kind).is_empty()) {
        return Ok(());
    }
    editor.begin("reset-curve");
    let done = editor.draw_curve(kind, 0, MAX_TICK + 1, Vec::new());
    editor.end();
    done
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
