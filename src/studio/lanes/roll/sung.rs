//! What is sung, over and behind the notes: its waveform and its pitch.

use egui::{Color32, Painter, Pos2, Rect, Shape, Stroke, pos2};

use crate::lanes::context::LaneContext;
use crate::lanes::view::{Tool, View};
use crate::widgets::Palette;
use ziyin_score::{Curve, CurveKind, Note};
use ziyin_session::editor::Editor;

pub(super) fn paint_waveform(
    painter: &Painter,
    lanes: Rect,
    view: &View,
    waveform: &[(f64, f32)],
    colour: Color32,
) {
    let height = 48.0f32.min(lanes.height() * 0.2);
    let middle = lanes.bottom() - height / 2.0 - 4.0;
    let from = waveform.partition_point(|&(tick, _)| tick < view.left);
    let mut last = f32::NEG_INFINITY;
    let mut loudest = 0.0f32;
    for &(tick, peak) in &waveform[from..] {
        let x = view.x(tick);
        if x > lanes.width() {
            break;
        }
        loudest = loudest.max(peak);
        if x - last >= 1.0 {
            let half = (loudest * height / 2.0).max(0.5);
            painter.vline(lanes.left() + x, middle - half..=middle + half, Stroke::new(1.0, colour));
            (last, loudest) = (x, 0.0);
        }
    }
}

/// The sung pitch runs through the middle of the notes' rows.
pub(super) fn paint_pitch(
    painter: &Painter,
    lanes: Rect,
    view: &View,
    context: &LaneContext,
    palette: &Palette,
) {
    if view.key_height < 8.0 || view.scale < 0.01 {
        return;
    }
    let right = view.tick(lanes.width());
    for run in context.pitch {
        let (Some(first), Some(last)) = (run.first(), run.last()) else { continue };
        if last.0 < view.left || first.0 > right {
            continue;
        }
        let from = run.partition_point(|&(tick, _)| tick < view.left).saturating_sub(1);
        let to = (run.partition_point(|&(tick, _)| tick <= right) + 1).min(run.len());
        let place = |&(tick, key): &(f64, f32)| {
            pos2(lanes.left() + view.x(tick), lanes.top() + view.y(key) + view.key_height / 2.0)
        };
        let mut points: Vec<Pos2> = Vec::with_capacity(to - from);
        for point in run[from..to].iter().map(place) {
            // Finer than the screen is work for nothing.
            if points.last().is_none_or(|last| (point.x - last.x).abs() >= 1.0) {
                points.push(point);
            }
        }
        painter.add(Shape::line(points, Stroke::new(1.5, palette.text.gamma_multiply(0.6))));
    }
}

/// The deviation that the user drew, as a line over the sung pitch, with a hint where
/// there is no sung pitch yet.
pub(super) fn paint_drawn_pitch(
    painter: &Painter,
    lanes: Rect,
    editor: &Editor,
    view: &View,
    context: &LaneContext,
    palette: &Palette,
) {
    if view.tool != Tool::Pitch {
        return;
    }
    let Some(track) = editor.active() else { return };
    for point in track.curves.get(CurveKind::Pitch).iter() {
        let x = view.x(point.tick as f64);
        if !(0.0..=lanes.width()).contains(&x) {
            continue;
        }
        let base = sung_key(editor, context.pitch, point.tick as f64);
        let y = view.y(base) + view.key_height / 2.0;
        painter.circle_filled(pos2(lanes.left() + x, lanes.top() + y), 2.5, palette.warning);
    }
}

/// The key that is sung at a tick: from the sung curve, else from the note there, else the
/// nearest note's.
pub(super) fn sung_key(editor: &Editor, sung: &[Vec<(f64, f32)>], tick: f64) -> f32 {
    key_in(sung, tick).unwrap_or_else(|| nearest_key(editor, tick))
}

/// The key that is written at a tick, without what the curve that was drawn with it adds to it.
pub(super) fn written_key(editor: &Editor, written: &[Vec<(f64, f32)>], curve: &Curve, tick: f64) -> f32 {
    match key_in(written, tick) {
        Some(key) => key - curve.at(tick) / 100.0,
        None => nearest_key(editor, tick),
    }
}

/// The key of a curve of runs at a tick, if one of them is there.
fn key_in(runs: &[Vec<(f64, f32)>], tick: f64) -> Option<f32> {
    let run = runs.iter().find(|run| {
        run.first().is_some_and(|first| first.0 <= tick) && run.last().is_some_and(|last| last.0 >= tick)
    })?;
    let i = run.partition_point(|point| point.0 < tick).min(run.len() - 1);
    Some(run[i].1)
}

/// The key of the note that is nearest to a tick.
fn nearest_key(editor: &Editor, tick: f64) -> f32 {
    let distance = |note: &&Note| (note.onset as f64 - tick).abs().min((note.end() as f64 - tick).abs());
    let notes = editor.notes();
    notes.iter().min_by(|a, b| distance(a).total_cmp(&distance(b))).map_or(60.0, |note| f32::from(note.pitch))
}
