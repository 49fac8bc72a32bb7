//! A line through knots, which moves smoothly between them.

use std::hash::{Hash, Hasher};

/// From 0 at 0 to 1 at 1, level at both ends and beyond.
pub fn smooth(x: f64) -> f64 {
    let x = x.clamp(0.0, 1.0);
    x * x * (3.0 - 2.0 * x)
}

/// Moments in seconds, in order, and a value at each. Before the first and after the last the
/// value stays; a line without knots is 0.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Knots(Vec<(f64, f64)>);

impl Knots {
    pub fn new(knots: Vec<(f64, f64)>) -> Self {
        Self(knots)
    }

    /// The value at `t` seconds.
    pub fn at(&self, t: f64) -> f64 {
        let next = self.0.partition_point(|&(moment, _)| moment <= t);
        match (next.checked_sub(1).and_then(|last| self.0.get(last)), self.0.get(next)) {
            (Some(&(from, first)), Some(&(to, last))) => {
                first + (last - first) * smooth((t - from) / (to - from).max(1e-9))
            }
            (Some(&(_, value)), None) | (None, Some(&(_, value))) => value,
            (None, None) => 0.0,
        }
    }

    /// All that the line depends on between two moments, in seconds.
    pub fn between(&self, from: f64, to: f64) -> &[(f64, f64)] {
        let after = |t: f64| self.0.partition_point(|&(moment, _)| moment <= t);
        &self.0[after(from).saturating_sub(1)..(after(to) + 1).min(self.0.len())]
    }

    /// Takes that in.
    pub fn hash_between(&self, from: f64, to: f64, hash: &mut impl Hasher) {
        for (moment, value) in self.between(from, to) {
            [moment, value].map(|number| number.to_bits()).hash(hash);
        }
    }
}
