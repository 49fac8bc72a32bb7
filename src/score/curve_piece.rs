//! Pieces of curves: taken out of a stretch of time, stretched, and laid elsewhere.

use std::collections::BTreeMap;

use super::{Curve, CurvePoint, MAX_TICK, Tick};

/// What a curve does at each tick of a stretch of time, counted from the start of that stretch.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CurvePiece {
    /// In ticks.
    length: Tick,
    /// Its first point at tick 0 and its last at `length` - 1; empty where there is no length.
    curve: Curve,
}

impl CurvePiece {
    /// A piece that is at rest, that is 0, throughout. Where the values `before` and `after` it are not,
    /// it comes from them to rest within `blend` ticks, at most half of it each.
    pub fn rest(length: Tick, (before, after): (f32, f32), blend: Tick) -> Self {
        let last = length - 1;
        if last < 1 {
            return Self::of(length, [(0, 0.0)].into_iter().take(length.clamp(0, 1) as usize));
        }
        let blend = blend.min(length / 2);
        // The ways lead from the ticks beside the piece, which it does not hold.
        let begun = blend as f32 / (blend + 1) as f32;
        let mut points = vec![(0, before * begun)];
        if before != 0.0 && blend > 0 && blend < last {
            points.push((blend, 0.0));
        }
        if after != 0.0 && last - blend > points.last().map_or(0, |&(tick, _)| tick) {
            points.push((last - blend, 0.0));
        }
        points.push((last, after * begun));
        Self::of(length, points.into_iter())
    }

    /// The points must be in order, at 0 and at the last tick too.
    fn of(length: Tick, points: impl Iterator<Item = (Tick, f32)>) -> Self {
        let points = points.map(|(tick, value)| CurvePoint { tick, value }).collect();
        Self { length: length.max(0), curve: Curve::sorted(points) }
    }

    /// In ticks.
    pub fn length(&self) -> Tick {
        self.length
    }

    /// Whether it is 0 throughout.
    pub fn is_at_rest(&self) -> bool {
        self.curve.iter().all(|point| point.value == 0.0)
    }

    /// What it does from one of its ticks up to another, which is left out.
    pub fn part(&self, from: Tick, to: Tick) -> Self {
        self.curve.piece(from.max(0), to.min(self.length))
    }

    /// The same in another length. A piece of one tick keeps its first value.
    pub fn stretched(&self, length: Tick) -> Self {
        let (last, new_last) = (self.length - 1, length - 1);
        if length == self.length || last < 0 || length < 1 {
            return if length < 1 { Self::default() } else { self.clone() };
        }
        let mut points: Vec<(Tick, f32)> = Vec::with_capacity(self.curve.len());
        for point in self.curve.iter() {
            let tick = if last == 0 { 0 } else { (point.tick * new_last + last / 2) / last };
            // Of corners that come together the last says how the curve goes on, but for the first of all.
            if tick == 0 && !points.is_empty() {
                continue;
            }
            points.pop_if(|(before, _)| *before == tick);
            points.push((tick, point.value));
        }
        if let Some(&(tick, value)) = points.last().filter(|(tick, _)| *tick < new_last) {
            debug_assert_eq!(tick, 0);
            points.push((new_last, value));
        }
        Self::of(length, points.into_iter())
    }

    /// This and then another.
    pub fn then(&self, other: &Self) -> Self {
        let behind = other.curve.iter().map(|point| (point.tick + self.length, point.value));
        let points = self.curve.iter().map(|point| (point.tick, point.value)).chain(behind);
        Self::of(self.length + other.length, points)
    }

    /// The same with other values at its corners.
    pub fn with_values(&self, value: impl Fn(f32) -> f32) -> Self {
        Self::of(self.length, self.curve.iter().map(|point| (point.tick, value(point.value))))
    }
}

/// Pieces at their places, none over another.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Overlay(BTreeMap<Tick, CurvePiece>);

impl Overlay {
    /// Lays a piece so that it begins at a tick, over what lies there. What would lie outside the
    /// song is cut off.
    pub fn lay(&mut self, at: Tick, piece: &CurvePiece) {
        let (from, to) = (at.max(0), at.saturating_add(piece.length).min(MAX_TICK + 1));
        if from >= to {
            return;
        }
        let reaches = |(start, piece): &(&Tick, &CurvePiece)| **start + piece.length > from;
        let covered: Vec<Tick> =
            self.0.range(..to).rev().take_while(reaches).map(|(&start, _)| start).collect();
        for start in covered {
            let Some(old) = self.0.remove(&start) else { continue };
            if start < from {
                self.0.insert(start, old.part(0, from - start));
            }
            if start + old.length > to {
                self.0.insert(to, old.part(to - start, old.length));
            }
        }
        self.0.insert(from, piece.part(from - at, to - at));
    }
}

impl Curve {
    /// What the curve does from one tick of the song up to another, which is left out.
    pub fn piece(&self, from: Tick, to: Tick) -> CurvePiece {
        let length = to - from;
        if length < 1 {
            return CurvePiece::default();
        }
        let first = self.partition_point(|point| point.tick <= from);
        let last = self.partition_point(|point| point.tick < to - 1).max(first);
        let edge = |tick: Tick| (tick - from, self.at(tick as f64));
        let inside = self[first..last].iter().map(|point| (point.tick - from, point.value));
        let end = (length > 1).then(|| edge(to - 1));
        CurvePiece::of(length, std::iter::once(edge(from)).chain(inside).chain(end))
    }

    /// Whether the curve is at rest, that is 0, at every tick from one up to another, which is left out.
    pub fn is_at_rest(&self, from: Tick, to: Tick) -> bool {
        self.piece(from, to).is_at_rest()
    }

    /// The curve with pieces laid over it. Where none lies it has the values that it had.
    pub fn with(&self, overlay: &Overlay) -> Self {
        // The corners stay; of the edges that stand beside them those go that lie on the way.
        let mut points: Vec<(CurvePoint, bool)> = Vec::with_capacity(self.len() + 4 * overlay.0.len());
        let mut done = 0;
        for (&at, piece) in &overlay.0 {
            self.keep(&mut points, done, at);
            points.extend(piece.curve.iter().map(|point| {
                let edge = point.tick == 0 || point.tick == piece.length - 1;
                let tick = point.tick + at;
                (CurvePoint { tick, ..*point }, !edge)
            }));
            done = at + piece.length;
        }
        self.keep(&mut points, done, MAX_TICK + 1);
        let mut kept: Vec<CurvePoint> = Vec::with_capacity(points.len());
        for (i, &(point, stays)) in points.iter().enumerate() {
            let next = points.get(i + 1).map(|(next, _)| next);
            if stays || !is_on_the_way(kept.last(), &point, next) {
                kept.push(point);
            }
        }
        if kept.iter().all(|point| point.value == 0.0) {
            return Self::default();
        }
        Self::sorted(kept)
    }

    /// Adds what the curve does in `[from, to)`, with the edges that it needs beside pieces. Each point
    /// comes with whether it was there.
    fn keep(&self, points: &mut Vec<(CurvePoint, bool)>, from: Tick, to: Tick) {
        if from >= to {
            return;
        }
        let first = self.partition_point(|point| point.tick < from);
        let last = self.partition_point(|point| point.tick < to);
        let inside = &self[first..last];
        let edge = |tick: Tick| (CurvePoint { tick, value: self.at(tick as f64) }, false);
        if from > 0 && inside.first().is_none_or(|point| point.tick > from) {
            points.push(edge(from));
        }
        points.extend(inside.iter().map(|point| (*point, true)));
        let at_end = |tick: Tick| points.last().is_some_and(|(point, _)| point.tick == tick);
        if to <= MAX_TICK && !at_end(to - 1) {
            points.push(edge(to - 1));
        }
    }
}

/// Whether a curve is the same without a point between two others.
fn is_on_the_way(before: Option<&CurvePoint>, point: &CurvePoint, after: Option<&CurvePoint>) -> bool {
    let way = match (before, after) {
        (None, None) => return false,
        (Some(only), None) | (None, Some(only)) => only.value,
        (Some(before), Some(after)) => {
            let part = (point.tick - before.tick) as f32 / (after.tick - before.tick) as f32;
            before.value + part * (after.value - before.value)
        }
    };
    (way - point.value).abs() <= ROUNDING * (1.0 + point.value.abs())
}

/// What a value on a straight line may be off, as part of it.
const ROUNDING: f32 = 2e-6;

#[cfg(test)]
mod tests {
    use super::*;

    fn curve(points: &[(Tick, f32)]) -> Curve {
        Curve::new(points.iter().map(|&(tick, value)| CurvePoint { tick, value }).collect()).unwrap()
    }

    #[test]
    fn a_piece_lies_elsewhere_as_it_was_and_nothing_else_changes() {
        let drawn = curve(&[(0, 1.0), (100, 5.0), (200, -5.0), (300, 0.0)]);
        let mut overlay = Overlay::default();
        overlay.lay(500, &drawn.piece(50, 250));
        let with = drawn.with(&overlay);
        for tick in (0..500).chain(700..900) {
            assert_eq!(with.at(tick as f64), drawn.at(tick as f64), "{tick}");
        }
        for tick in 0..200 {
            assert!((with.at((tick + 500) as f64) - drawn.at((tick + 50) as f64)).abs() < 1e-4, "{tick}");
        }
        // Laid where it was taken, it changes no value.
        let mut same = Overlay::default();
        same.lay(50, &drawn.piece(50, 250));
        let again = drawn.with(&same);
        assert_eq!(again, drawn);
    }

    #[test]
    fn what_is_laid_later_lies_above() {
        let level = |length, value| curve(&[(0, value)]).piece(0, length);
        let mut overlay = Overlay::default();
        overlay.lay(10, &level(30, 1.0));
        overlay.lay(20, &level(10, 2.0));
        overlay.lay(35, &level(100, 3.0));
        overlay.lay(-5, &level(10, 4.0));
        let with = Curve::default().with(&overlay);
        let values = [0, 4, 5, 9, 10, 19, 20, 29, 30, 34, 35, 134, 135].map(|tick| with.at(f64::from(tick)));
        assert_eq!(values, [4.0, 4.0, 0.0, 0.0, 1.0, 1.0, 2.0, 2.0, 1.0, 1.0, 3.0, 3.0, 0.0]);
    }

    #[test]
    fn rest_over_all_that_is_drawn_leaves_no_point() {
        let drawn = curve(&[(100, 0.0), (150, 5.0), (200, 0.0)]);
        let mut overlay = Overlay::default();
        overlay.lay(90, &CurvePiece::rest(120, (0.0, 0.0), 30));
        assert!(drawn.with(&overlay).is_empty());
        // Beside what is drawn it leads to rest.
        let level = curve(&[(0, 6.0)]);
        let mut overlay = Overlay::default();
        overlay.lay(100, &CurvePiece::rest(100, (6.0, 6.0), 20));
        let with = level.with(&overlay);
        assert_eq!(
            [0, 99, 120, 150, 179, 200, 900].map(|tick| with.at(f64::from(tick))),
            [6.0, 6.0, 0.0, 0.0, 0.0, 6.0, 6.0]
        );
        let steepest = (90..210).map(|tick| (with.at(f64::from(tick)) - with.at(f64::from(tick + 1))).abs());
        assert!(steepest.fold(0.0, f32::max) < 0.3);
    }

    #[test]
    fn a_stretched_piece_keeps_its_edges() {
        let drawn = curve(&[(0, 1.0), (1, 3.0), (98, 7.0), (99, 2.0)]);
        for length in [1, 2, 3, 10, 99, 100, 101, 1000] {
            let piece = drawn.piece(0, 100).stretched(length);
            let first = piece.curve.at(0.0);
            let expected = if length == 1 { [1.0, 1.0] } else { [1.0, 2.0] };
            assert_eq!([first, piece.curve.at((length - 1) as f64)], expected, "{length}");
            assert_eq!(piece.length(), length);
        }
        assert_eq!(curve(&[(0, 4.0)]).piece(7, 8).stretched(5).curve.at(4.0), 4.0);
    }
}
