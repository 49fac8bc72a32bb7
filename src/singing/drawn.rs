//! Where the user drew a curve, and where a singer is free.
//!
//! A curve is drawn where it is not at rest, that is 0 throughout, which is how the eraser leaves
//! it and how it lies between two strokes. Where it is drawn it is obeyed to the letter.

use super::clock::Clock;
use super::knots::smooth;
use ziyin_score::Curve;

/// Seconds on each side of what was drawn in which a singer comes back to what they do by
/// themselves.
pub(super) const FADE: f64 = 0.1;

/// 0 where a curve is drawn at `t` seconds, 1 where it is not for a while.
pub(super) fn freedom(curve: &Curve, clock: &Clock, t: f64) -> f64 {
    let tick = clock.tick_between(t);
    let here = curve.partition_point(|point| point.tick as f64 <= tick);
    if is_drawn(curve, here) {
        return 0.0;
    }
    let apart = |point: usize| (clock.seconds(curve[point].tick) - t).abs();
    let mut nearest = FADE;
    for part in (0..here).rev() {
        let distance = apart(part);
        if distance >= nearest {
            break;
        }
        if is_drawn(curve, part) {
            nearest = distance;
        }
    }
    for part in here + 1..=curve.len() {
        let distance = apart(part - 1);
        if distance >= nearest {
            break;
        }
        if is_drawn(curve, part) {
            nearest = distance;
        }
    }
    smooth(nearest / FADE)
}

/// Whether the part of a curve that ends in a point, or the last one, is not at rest.
fn is_drawn(curve: &Curve, part: usize) -> bool {
    let ends = [part.checked_sub(1).and_then(|before| curve.get(before)), curve.get(part)];
    ends.into_iter().flatten().any(|point| point.value != 0.0)
}
