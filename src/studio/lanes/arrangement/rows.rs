//! Where rows and blocks lie.

use egui::{Pos2, Rect, pos2, vec2};

use super::phrases::{Phrase, Row};
use crate::lanes::view::View;
use ziyin_score::Tick;

/// Height of a row, in points.
pub(super) const HEIGHT: f32 = 28.0;

/// The rows as they lie on the lanes, scrolled by some points.
#[derive(Clone, Copy)]
pub(super) struct Rows {
    pub lanes: Rect,
    /// Points of the rows that are above the lanes.
    pub scrolled: f32,
}

impl Rows {
    /// The place of a row.
    pub fn rect(&self, row: usize) -> Rect {
        let top = self.lanes.top() + row as f32 * HEIGHT - self.scrolled;
        Rect::from_min_size(pos2(self.lanes.left(), top), vec2(self.lanes.width(), HEIGHT))
    }

    /// The row at a height on the screen, counted from the first; there need not be such a row.
    pub fn at(&self, y: f32) -> i64 {
        ((y - self.lanes.top() + self.scrolled) / HEIGHT).floor() as i64
    }

    /// The rows in sight, of so many.
    pub fn shown(&self, count: usize) -> std::ops::Range<usize> {
        let first = (self.at(self.lanes.top()).max(0) as usize).min(count);
        let last = (self.at(self.lanes.bottom()).max(-1) + 1) as usize;
        first..last.clamp(first, count)
    }

    /// The place of the block of a phrase.
    pub fn block(&self, row: usize, (from, to): (Tick, Tick), view: &View) -> Rect {
        let across = self.rect(row);
        let left = across.left() + view.x(from as f64);
        let width = (((to - from) as f64 * view.scale) as f32).max(2.0);
        Rect::from_min_size(pos2(left, across.top() + 2.0), vec2(width, HEIGHT - 4.0))
    }

    /// The phrase under a point, and the place of its row.
    pub fn phrase_at<'a>(&self, at: Pos2, rows: &'a [Row], view: &View) -> Option<(usize, &'a Phrase)> {
        let place = usize::try_from(self.at(at.y)).ok()?;
        let tick = view.tick(at.x - self.lanes.left());
        // A block is two points wide at least.
        let reach = 2.0 / view.scale;
        let near = rows.get(place)?.between(tick - reach, tick + reach);
        let found =
            near.iter().rev().find(|phrase| self.block(place, (phrase.from, phrase.to), view).contains(at));
        Some((place, found?))
    }
}
