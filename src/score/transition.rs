use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};

/// How the pitch comes to a note from the one before, where that is not left to the singer. What is usual
/// is the way that a singer takes by themselves between notes that leave them time.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Transition {
    /// Where it leaves the note before, in ms from the beginning of the note; below 0 is before.
    pub begin_ms: f32,
    /// Where the note is reached, in ms from its beginning, at least [`Transition::SHORTEST_MS`] later.
    pub end_ms: f32,
    /// Which part of the way is quick: below 0 the first, above 0 the last, -1 to 1.
    pub shape: f32,
    /// How far it leans back before and goes too far after, in parts of what is usual, 0 to 4.
    pub overshoot: f32,
}

impl Default for Transition {
    /// The usual way.
    fn default() -> Self {
        Self { begin_ms: -70.0, end_ms: 30.0, shape: 0.0, overshoot: 1.0 }
    }
}

impl Transition {
    /// The most that it begins or ends away from the beginning of the note, in ms.
    pub const FARTHEST_MS: f32 = 500.0;
    /// The least time that it takes, in ms.
    pub const SHORTEST_MS: f32 = 10.0;
    pub const SHAPES: RangeInclusive<f32> = -1.0..=1.0;
    pub const OVERSHOOTS: RangeInclusive<f32> = 0.0..=4.0;

    /// How long it takes, in ms.
    pub fn length_ms(&self) -> f32 {
        self.end_ms - self.begin_ms
    }

    /// The nearest that is possible; where the two ends cross, the end gives way.
    pub fn bounded(self) -> Self {
        let far = Self::FARTHEST_MS;
        let begin_ms = self.begin_ms.clamp(-far, far - Self::SHORTEST_MS);
        Self {
            begin_ms,
            end_ms: self.end_ms.max(begin_ms + Self::SHORTEST_MS).min(far),
            shape: self.shape.clamp(*Self::SHAPES.start(), *Self::SHAPES.end()),
            overshoot: self.overshoot.clamp(*Self::OVERSHOOTS.start(), *Self::OVERSHOOTS.end()),
        }
    }

    pub(super) fn is_valid(&self) -> bool {
        let far = -Self::FARTHEST_MS..=Self::FARTHEST_MS;
        far.contains(&self.begin_ms)
            && far.contains(&self.end_ms)
            // Sums of numbers of so few digits are off by as little.
            && self.length_ms() >= Self::SHORTEST_MS - 1e-3
            && Self::SHAPES.contains(&self.shape)
            && Self::OVERSHOOTS.contains(&self.overshoot)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_is_asked_for_becomes_possible() {
        for begin_ms in [-9e9, -500.0, -70.0, 499.0, 9e9] {
            for end_ms in [-9e9, -490.0, 30.0, 9e9] {
                let own = Transition { begin_ms, end_ms, shape: 7.0, overshoot: -1.0 }.bounded();
                assert!(own.is_valid(), "{own:?}");
            }
        }
        assert_eq!(Transition::default().bounded(), Transition::default());
        assert!(!Transition { shape: f32::NAN, ..Transition::default() }.bounded().is_valid());
    }
}
