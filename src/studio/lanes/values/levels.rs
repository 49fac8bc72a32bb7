//! The levels of the notes in the lane of values: a bar for each third of a note, for its
//! attack, body and release.

use egui::{Mesh, Painter, Rect, pos2};

use super::scale::Scale;
use crate::lanes::view::View;
use crate::widgets::{Palette, track_colour};
use ziyin_score::{Levels, Tick};
use ziyin_session::editor::Editor;

/// The lowest and the highest level, in dB.
pub(super) const RANGE: (f32, f32) = (-Levels::MOST_DB, Levels::MOST_DB);
/// A note narrower than this, in points, has one bar for all three.
const SLIM: f32 = 9.0;
/// Half the height of a bar of 0 dB, which shows where a pen would draw.
const AT_REST: f32 = 1.5;

/// The bars of the notes of the active track in sight; those of selected notes stand out.
pub(super) fn paint(painter: &Painter, scale: &Scale, editor: &Editor, view: &View, palette: &Palette) {
    let Some(track) = editor.active() else { return };
    let colour = track_colour(track.colour);
    let lane = scale.lane;
    let (from, to) = (view.left as Tick, view.tick(lane.width()) as Tick + 1);
    // One shape for all of them: seen from far away they are many.
    let mut bars = Mesh::default();
    for note in track.notes.sounding(from, to) {
        let x = |third: f32| {
            lane.left() + view.x(note.onset as f64 + f64::from(third) * note.length as f64 / 3.0)
        };
        let colour = if editor.selection().contains(&note.id) { palette.text } else { colour };
        let mut bar = |left: f32, right: f32, low: f32, high: f32| {
            let (top, bottom) = (scale.y(high.max(0.0)) - AT_REST, scale.y(low.min(0.0)) + AT_REST);
            let bar = Rect::from_min_max(pos2(left, top), pos2((right - 1.0).max(left + 0.5), bottom));
            bars.add_colored_rect(bar.intersect(lane), colour);
        };
        let parts = note.levels.parts();
        if x(3.0) - x(0.0) < SLIM {
            let (low, high) =
                parts.iter().fold((0.0f32, 0.0f32), |(low, high), part| (low.min(*part), high.max(*part)));
            bar(x(0.0), x(3.0), low, high);
        } else {
            for (third, part) in [0.0, 1.0, 2.0].into_iter().zip(parts) {
                // A wider gap between notes than between their thirds.
                let gap = if third == 2.0 { 1.0 } else { 0.0 };
                bar(x(third), x(third + 1.0) - gap, part, part);
            }
        }
    }
    painter.add(bars);
}
