//! Adds what is drawn on a stretch of a song to a curve that goes throughout.

use ziyin_score::Tick;

/// A curve that counts from `start` to before `end` and nowhere else.
pub struct Patch {
    pub start: Tick,
    pub end: Tick,
    /// In order; outside of them their first and last values hold.
    pub points: Vec<(Tick, f64)>,
    /// Added throughout.
    pub more: f64,
}

/// The sum of a curve and its patches, point by point. Where two patches overlap the later one
/// counts. Takes time in proportion to all points, but for their order.
pub fn overlay(mut base: Vec<(Tick, f64)>, mut patches: Vec<Patch>) -> Vec<(Tick, f64)> {
    base.sort_by_key(|&(tick, _)| tick);
    patches.retain(|patch| patch.start < patch.end && (patch.more != 0.0 || !patch.points.is_empty()));
    patches.sort_by_key(|patch| patch.start);
    for next in (1..patches.len()).rev() {
        let start = patches[next].start;
        patches[next - 1].end = patches[next - 1].end.min(start);
    }
    let mut sum = Vec::with_capacity(base.len());
    let mut from = Tick::MIN;
    for patch in patches.iter().filter(|patch| patch.start < patch.end) {
        let inside = |tick: Tick| (patch.start..patch.end).contains(&tick);
        sum.extend(between(&base, from, patch.start));
        if patch.start > 0 {
            sum.push((patch.start - 1, value(&base, patch.start - 1)));
        }
        let mut ticks = vec![patch.start, patch.end - 1];
        ticks.extend(between(&base, patch.start, patch.end).iter().map(|&(tick, _)| tick));
        ticks.extend(patch.points.iter().map(|&(tick, _)| tick).filter(|&tick| inside(tick)));
        ticks.sort_unstable();
        ticks.dedup();
        let added = |tick: Tick| (tick, value(&base, tick) + value(&patch.points, tick) + patch.more);
        sum.extend(ticks.into_iter().map(added));
        sum.push((patch.end, value(&base, patch.end)));
        from = patch.end;
    }
    sum.extend(between(&base, from, Tick::MAX));
    sum
}

fn between(points: &[(Tick, f64)], from: Tick, to: Tick) -> &[(Tick, f64)] {
    let first = points.partition_point(|&(tick, _)| tick < from);
    let last = points.partition_point(|&(tick, _)| tick < to);
    points.get(first..last).unwrap_or_default()
}

/// The value of a line through points, at whose ends it holds; 0 without any.
fn value(points: &[(Tick, f64)], tick: Tick) -> f64 {
    let after = points.partition_point(|&(at, _)| at <= tick);
    match (after.checked_sub(1).map(|before| points[before]), points.get(after)) {
        (None, None) => 0.0,
        (Some((_, edge)), None) => edge,
        (None, Some(&(_, edge))) => edge,
        (Some((start, low)), Some(&(end, high))) => {
            low + (high - low) * (tick - start) as f64 / (end - start).max(1) as f64
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_patch_counts_within_itself_alone() {
        let base = vec![(0, 0.0), (1000, 100.0)];
        let patch = |start, end, more| Patch { start, end, points: vec![(start, -10.0), (end, -20.0)], more };
        let sum = overlay(base, vec![patch(600, 900, 0.0), patch(200, 400, 5.0)]);
        for (tick, expected) in
            [(100, 10.0), (199, 19.9), (200, 15.0), (300, 20.0), (400, 40.0), (500, 50.0), (900, 90.0)]
        {
            assert!((value(&sum, tick) - expected).abs() < 1e-6, "{tick}: {}", value(&sum, tick));
        }
        let alone = overlay(Vec::new(), vec![Patch { start: 0, end: 960, points: Vec::new(), more: 50.0 }]);
        assert_eq!(alone, [(0, 50.0), (959, 50.0), (960, 0.0)]);
    }
}
