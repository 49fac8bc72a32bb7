//! Curves of VOCALOID whose values go from 0 to 127, and what they are here.

use crate::export::grid::{coarse, stepped};
use crate::export::lines::Line;
use ziyin_message::message;
use ziyin_score::{CurveKind, Tick};

/// A curve that both have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Control {
    Dynamics,
    Breathiness,
}

/// VOCALOID's middle, at which dynamics change nothing, and its most.
const MIDDLE: f64 = 64.0;
const MOST: f64 = 127.0;
/// What the least and the most dynamics are in dB. VOCALOID's manual gives no unit; these are
/// OpenUtau's when it reads such files.
const QUIETEST_DB: f64 = -24.0;
const LOUDEST_DB: f64 = 12.0;

impl Control {
    pub const ALL: [Control; 2] = [Self::Dynamics, Self::Breathiness];

    /// What VOCALOID 3, 4 and 5 call it in files.
    pub fn names(self) -> [&'static str; 3] {
        match self {
            Self::Dynamics => ["DYN", "D", "dynamics"],
            Self::Breathiness => ["BRE", "B", "breathiness"],
        }
    }

    /// The one that any version calls so.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|control| control.names().contains(&name))
    }

    pub fn kind(self) -> CurveKind {
        match self {
            Self::Dynamics => CurveKind::Loudness,
            Self::Breathiness => CurveKind::Breathiness,
        }
    }

    /// A value of VOCALOID's in the unit of the curve.
    pub fn value(self, given: f64) -> f64 {
        let given = given.clamp(0.0, MOST);
        match self {
            Self::Dynamics if given < MIDDLE => QUIETEST_DB * (MIDDLE - given) / MIDDLE,
            Self::Dynamics => LOUDEST_DB * (given - MIDDLE) / (MOST - MIDDLE),
            Self::Breathiness => given / MOST,
        }
    }

    /// The other way round.
    fn given(self, value: f64) -> i32 {
        let given = match self {
            Self::Dynamics if value < 0.0 => MIDDLE - MIDDLE * value / QUIETEST_DB,
            Self::Dynamics => MIDDLE + (MOST - MIDDLE) * value / LOUDEST_DB,
            Self::Breathiness => MOST * value,
        };
        given.round().clamp(0.0, MOST) as i32
    }

    /// The curve of a line in VOCALOID's values, each from its tick on, in ticks of 1/480 quarter; none
    /// where nothing is drawn. What lies beyond its values is told.
    pub fn steps(self, line: &mut Line) -> Vec<(Tick, i32)> {
        let curve = line.curves.get(self.kind());
        let [low, high] = [0.0, MOST].map(|end| self.value(end) as f32);
        let beyond = curve.iter().filter(|point| !(low..=high).contains(&point.value)).count();
        let usual = self.given(0.0);
        let mut steps: Vec<(Tick, i32)> = Vec::new();
        let end = coarse(line.end());
        // As fine as its own values are.
        let finest = (high - low) / MOST as f32;
        for (tick, value) in stepped(curve, line.end(), finest).into_iter().filter(|&(tick, _)| tick < end) {
            let given = self.given(value.into());
            if steps.last().map_or(usual, |&(_, before)| before) != given {
                steps.push((tick, given));
            }
        }
        line.left_out.add(message!("left-out.beyond-drawn", curve = self.kind().name()), beyond);
        steps
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_the_same_both_ways() {
        for control in Control::ALL {
            for given in 0..=127 {
                assert_eq!(control.given(control.value(given.into())), given);
            }
        }
        let decibels = [0.0, 32.0, 64.0, 127.0, 1e9].map(|given| Control::Dynamics.value(given));
        assert_eq!(decibels, [-24.0, -12.0, 0.0, 12.0, 12.0]);
    }
}
