//! Where notes lie on the lanes, and what of a note the pointer can hold.

use std::ops::Range;

use egui::{Rect, pos2, vec2};

use crate::lanes::view::View;
use ziyin_score::{Note, Tick};

/// Which part of a note the pointer holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotePart {
    Start,
    Middle,
    End,
}

/// The place of a note on the lanes.
pub fn note_rect(note: &Note, view: &View, lanes: Rect) -> Rect {
    rect_at_pitch(note.onset..note.end(), note.pitch, view, lanes)
}

/// Where a note of these ticks would lie at a pitch.
pub fn rect_at_pitch(ticks: Range<Tick>, pitch: u8, view: &View, lanes: Rect) -> Rect {
    let left = lanes.left() + view.x(ticks.start as f64);
    let width = ((ticks.end - ticks.start) as f64 * view.scale) as f32;
    let top = lanes.top() + view.y(f32::from(pitch));
    Rect::from_min_size(pos2(left, top), vec2(width.max(2.0), view.key_height))
}
