//! Ticks and curves of formats that count more coarsely than the song.

use super::lines::Line;
use ziyin_message::message;
use ziyin_score::{Curve, TICKS_PER_QUARTER, Tick};

/// Ticks in a quarter note of UTAU, OpenUtau and VOCALOID.
const QUARTER: Tick = 480;
const COARSE: Tick = TICKS_PER_QUARTER / QUARTER;

/// The nearest tick of those that there are 480 of to the quarter.
pub fn coarse(tick: Tick) -> Tick {
    (tick + COARSE / 2).div_euclid(COARSE)
}

/// Where the notes of a line begin and end in coarse ticks. None is lost and none overlaps: one
/// that would have no length moves those behind it. What is rounded is told.
pub fn coarse_notes(line: &mut Line) -> Vec<(Tick, Tick)> {
    let (mut free, mut rounded) = (0, 0);
    let mut places = Vec::with_capacity(line.notes.len());
    for note in &line.notes {
        let onset = coarse(note.onset).max(free);
        let end = coarse(note.end).max(onset + 1);
        free = end;
        rounded += usize::from((onset * COARSE, end * COARSE) != (note.onset, note.end));
        places.push((onset, end));
    }
    line.left_out.add(message!("left-out.half-ticks"), rounded);
    places
}

/// The curve from the start of the song to `end` by its values at multiples of `step` alone: at
/// each of them it is what it was, wherever its corners stand between them.
pub fn gridded(curve: &Curve, end: Tick, step: Tick) -> Vec<(Tick, f32)> {
    let last = (end + step - 1).div_euclid(step) * step;
    let mut ticks = vec![0, last];
    for point in curve.iter() {
        let before = point.tick.div_euclid(step) * step;
        ticks.extend([before, before + if before < point.tick { step } else { 0 }]);
    }
    ticks.retain(|tick| (0..=last).contains(tick));
    ticks.sort_unstable();
    ticks.dedup();
    ticks.into_iter().map(|tick| (tick, curve.at(tick as f64))).collect()
}

/// Ticks between two steps of a slope.
const STEP: Tick = 10;

/// The curve as values that each hold until the next, at coarse ticks. On a slope there is one
/// every ten ticks of the song, or where it is shallow each time that it has gone by `finest`.
pub fn stepped(curve: &Curve, end: Tick, finest: f32) -> Vec<(Tick, f32)> {
    let corners = gridded(curve, end, COARSE);
    let mut steps = Vec::new();
    for pair in corners.windows(2) {
        let ((from, low), (to, high)) = (pair[0], pair[1]);
        let most = ((high - low).abs() / finest).ceil().clamp(0.0, 1e5) as Tick;
        // What goes from one tick to the next is a leap.
        let count = ((to - from) / STEP).max(2).min((to - from) / COARSE).min(most);
        if count < 2 {
            steps.push((coarse(from), low));
            continue;
        }
        let at = |part: Tick| from + (to - from) * part / count;
        for part in 0..count {
            let middle = (at(part) + at(part + 1)) as f64 / 2.0;
            steps.push((coarse(at(part)), curve.at(middle)));
        }
    }
    steps.extend(corners.last().map(|&(tick, value)| (coarse(tick), value)));
    steps
}

#[cfg(test)]
mod tests {
    use super::*;
    use ziyin_score::CurvePoint;

    fn curve(points: &[(Tick, f32)]) -> Curve {
        Curve::new(points.iter().map(|&(tick, value)| CurvePoint { tick, value }).collect()).unwrap()
    }

    #[test]
    fn a_curve_is_what_it_was_at_each_tick_of_the_grid() {
        let leap = curve(&[(15, 20.0), (99, 20.0), (100, -40.0), (207, 0.0)]);
        let points = gridded(&leap, 200, 10);
        for tick in (0..=200).step_by(10) {
            let after = points.partition_point(|&(at, _)| at <= tick);
            let (from, low) = points[after - 1];
            let drawn = points
                .get(after)
                .map_or(low, |&(to, high)| low + (high - low) * (tick - from) as f32 / (to - from) as f32);
            assert!((drawn - leap.at(tick as f64)).abs() < 1e-3, "{tick}: {drawn}");
        }
    }

    #[test]
    fn a_slope_becomes_steps_and_a_leap_stays_one() {
        let leap = curve(&[(0, 0.0), (999, 0.0), (1000, 50.0)]);
        assert_eq!(stepped(&leap, 2000, 1.0), [(0, 0.0), (499, 0.0), (500, 50.0), (1000, 50.0)]);
        let slope = stepped(&curve(&[(0, 0.0), (960, 96.0)]), 960, 0.1);
        assert_eq!(slope.len(), 97);
        assert_eq!(slope[1], (5, 1.5));
        let shallow = stepped(&curve(&[(0, 0.0), (i64::from(i32::MAX), 10.0)]), 1 << 31, 1.0);
        assert!(shallow.len() < 20);
    }
}
