//! Two singers in one voice: how much of the second sings is drawn as a curve, from 0 to 1.
//!
//! Who sings is told to the networks for a character as a whole, while the curve goes on within it. So a
//! character is generated at a few levels between the two, those that are needed, and a frame lies on the
//! straight line between the two levels that are next to its share. On a level, and so where either sings
//! alone, it is a frame of that level as it was generated.

use std::hash::{Hash, Hasher};
use std::ops::Range;

use super::character::{Block, Fnv};
use super::clock::Clock;
use super::join::join;
use super::plan::Phrase;
use ziyin_score::Curve;
use ziyin_signal::{AP_BANDS, BINS, Frames, HOP, SAMPLE_RATE};

/// The level at which the second sings alone; at 0 it is the first.
pub(super) const SECOND: u8 = 4;

/// The part of the second at that level.
pub(super) fn share_of(level: u8) -> f32 {
    f32::from(level) / f32::from(SECOND)
}

/// How much of the second sings so many seconds after the start of the song.
pub(super) fn share_at(curve: &Curve, clock: &Clock, seconds: f64) -> f32 {
    curve.at(clock.tick_between(seconds)).clamp(0.0, 1.0)
}

/// The same at each of some frames.
pub(super) fn shares(curve: &Curve, clock: &Clock, frames: Range<u64>) -> Vec<f32> {
    frames.map(|frame| share_at(curve, clock, frame as f64 * HOP as f64 / f64::from(SAMPLE_RATE))).collect()
}

/// The level at or below a share, and how far the share is on the way to the next.
fn place(share: f32) -> (u8, f32) {
    let at = share * f32::from(SECOND);
    let level = (at as u8).min(SECOND);
    (level, at - f32::from(level))
}

/// The levels that some shares lie on or between, in order.
pub(super) fn levels(shares: &[f32]) -> Vec<u8> {
    let mut wanted = [false; SECOND as usize + 2];
    for &share in shares {
        let (level, part) = place(share);
        wanted[usize::from(level)] = true;
        wanted[usize::from(level) + 1] |= part > 0.0;
    }
    (0..=SECOND).filter(|&level| wanted[usize::from(level)]).collect()
}

/// A number that is the same for characters of two whose frames are the same; `first` is that of the first
/// singer alone.
pub(super) fn key(first: u64, second: usize, share: f32) -> u64 {
    let mut hash = Fnv::default();
    (first, second, share.to_bits()).hash(&mut hash);
    hash.finish()
}

/// Appends the frames from `first` on of a phrase that two sing, as [`join`] does, one for each of the
/// `shares`; `block` gives the frames of its `i`-th character at a level.
pub(super) fn join_mixed<'a>(
    phrase: &Phrase,
    first: u64,
    shares: &[f32],
    block: impl Fn(usize, u8) -> Option<&'a Block>,
    out: &mut Frames,
) {
    let range = first..first + shares.len() as u64;
    let at_level = |level: u8| {
        let mut frames = Frames::default();
        join(phrase, range.clone(), |i| block(i, level), &mut frames);
        frames
    };
    let mut joined: [Option<Frames>; SECOND as usize + 1] = Default::default();
    for level in levels(shares) {
        joined[usize::from(level)] = Some(at_level(level));
    }
    for (i, &share) in shares.iter().enumerate() {
        let (level, part) = place(share);
        let Some(below) = &joined[usize::from(level)] else { continue };
        let row = out.len();
        out.envelope.extend_from_slice(below.envelope_at(i));
        out.aperiodicity.extend_from_slice(below.aperiodicity_at(i));
        out.voicing.push(below.voicing[i]);
        if part > 0.0
            && let Some(Some(above)) = joined.get(usize::from(level) + 1)
        {
            let mix = |to: &mut [f32], from: &[f32]| {
                to.iter_mut().zip(from).for_each(|(to, from)| *to += part * (from - *to));
            };
            mix(&mut out.envelope[row * BINS..], above.envelope_at(i));
            mix(&mut out.aperiodicity[row * AP_BANDS..], above.aperiodicity_at(i));
            mix(&mut out.voicing[row..], &above.voicing[i..=i]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_lie_on_levels_or_between_two() {
        assert_eq!(levels(&[0.0, 0.0]), [0]);
        assert_eq!(levels(&[1.0]), [SECOND]);
        assert_eq!(levels(&[0.0, 1.0]), [0, SECOND]);
        assert_eq!(levels(&[0.3]), [1, 2]);
        assert_eq!(levels(&[0.5]), [2]);
        assert_eq!(levels(&[0.0, 0.1, 0.9, 1.0]), [0, 1, 3, 4]);
        assert_eq!(levels(&[0.999_999_94]), [3, 4]);
        assert_eq!(share_of(SECOND), 1.0);
    }
}
