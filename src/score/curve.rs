use std::{ops::Deref, sync::Arc};

use serde::{Deserialize, Serialize};

use super::{InvalidScore, MAX_TICK, Tick};

/// A corner of a curve.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct CurvePoint {
    pub tick: Tick,
    /// In the unit of its curve, see [`CurveKind`].
    pub value: f32,
}

/// Points with straight lines between them, each at a later tick than the one before.
/// Before the first point and after the last the curve stays at that point's value; without points
/// it is 0, which changes nothing.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Vec<CurvePoint>", into = "Vec<CurvePoint>")]
pub struct Curve(Arc<Vec<CurvePoint>>);

impl Curve {
    /// # Errors
    /// If the points are not strictly in order, lie outside the song, or hold a value that
    /// is no number.
    pub fn new(points: Vec<CurvePoint>) -> Result<Self, InvalidScore> {
        if are_valid(&points) { Ok(Self(Arc::new(points))) } else { Err(InvalidScore::Curve) }
    }

    /// A curve through points that are valid.
    pub(super) fn sorted(points: Vec<CurvePoint>) -> Self {
        debug_assert!(points.windows(2).all(|pair| pair[0].tick < pair[1].tick));
        Self(Arc::new(points))
    }

    /// The value at a tick, which may lie between two.
    pub fn at(&self, tick: f64) -> f32 {
        let after = self.partition_point(|point| point.tick as f64 <= tick);
        match (after.checked_sub(1).map(|before| self[before]), self.get(after)) {
            (None, None) => 0.0,
            (Some(edge), None) => edge.value,
            (None, Some(edge)) => edge.value,
            (Some(left), Some(right)) => {
                let part = (tick - left.tick as f64) / (right.tick - left.tick) as f64;
                (left.value as f64 + part * (right.value as f64 - left.value as f64)) as f32
            }
        }
    }

    /// The curve with another of its kind on top, within what it may have.
    pub fn plus(&self, other: &Self, kind: CurveKind) -> Self {
        if other.is_empty() || self.is_empty() {
            return if other.is_empty() { self.clone() } else { other.clone() };
        }
        let mut ticks: Vec<Tick> = self.iter().chain(other.iter()).map(|point| point.tick).collect();
        ticks.sort_unstable();
        ticks.dedup();
        let bounds = kind.bounds();
        let sum = |tick: Tick| {
            let value = self.at(tick as f64) + other.at(tick as f64);
            CurvePoint { tick, value: value.clamp(*bounds.start(), *bounds.end()) }
        };
        Self::sorted(ticks.into_iter().map(sum).collect())
    }

    /// The ticks between which its values may differ from those of another curve, without
    /// the two themselves; `None` if they are alike throughout.
    pub fn differs_from(&self, other: &Self) -> Option<(f64, f64)> {
        if Arc::ptr_eq(&self.0, &other.0) {
            return None;
        }
        let shorter = self.len().min(other.len());
        let same = |(a, b): &(&CurvePoint, &CurvePoint)| a == b;
        let before = self.iter().zip(other.iter()).take_while(same).count();
        if before == self.len() && before == other.len() {
            return None;
        }
        let after = self.iter().rev().zip(other.iter().rev()).take(shorter - before).take_while(same).count();
        let from = before.checked_sub(1).map_or(f64::NEG_INFINITY, |last| self[last].tick as f64);
        let to = self.get(self.len() - after).filter(|_| after > 0);
        Some((from, to.map_or(f64::INFINITY, |first| first.tick as f64)))
    }

    /// Replaces the points in `[from, to)` and gives back those that were there. The new
    /// points must be valid and lie in that range.
    pub(super) fn splice(&mut self, from: Tick, to: Tick, points: Vec<CurvePoint>) -> Vec<CurvePoint> {
        let first = self.partition_point(|point| point.tick < from);
        let last = self.partition_point(|point| point.tick < to);
        Arc::make_mut(&mut self.0).splice(first..last, points).collect()
    }
}

impl TryFrom<Vec<CurvePoint>> for Curve {
    type Error = InvalidScore;

    fn try_from(points: Vec<CurvePoint>) -> Result<Self, InvalidScore> {
        Self::new(points)
    }
}

impl From<Curve> for Vec<CurvePoint> {
    fn from(curve: Curve) -> Self {
        Arc::unwrap_or_clone(curve.0)
    }
}

impl Deref for Curve {
    type Target = [CurvePoint];

    fn deref(&self) -> &[CurvePoint] {
        &self.0
    }
}

/// Whether points can stand in a curve, in the order in which they are.
pub(super) fn are_valid(points: &[CurvePoint]) -> bool {
    points.iter().all(|point| point.value.is_finite() && (0..=MAX_TICK).contains(&point.tick))
        && points.windows(2).all(|pair| pair[0].tick < pair[1].tick)
}

/// What a curve changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CurveKind {
    /// Deviation from the sung pitch, in cents.
    Pitch,
    /// Gain of the voice, in dB.
    Loudness,
    /// From -1 (pressed) to 1 (all breath).
    Breathiness,
    /// Shift of the spectral envelope, in semitones; below 0 is a larger singer.
    Formant,
    /// From -1 (lax) to 1 (tense).
    Tension,
    /// How much of the second singer sings: from 0, the singer of the track alone, to 1, the second alone.
    Mixture,
}

impl CurveKind {
    /// Every kind, in the order of the file.
    pub const ALL: [CurveKind; 6] =
        [Self::Pitch, Self::Loudness, Self::Breathiness, Self::Formant, Self::Tension, Self::Mixture];

    /// The word that names it in files.
    pub fn name(self) -> &'static str {
        match self {
            CurveKind::Pitch => "pitch",
            CurveKind::Loudness => "loudness",
            CurveKind::Breathiness => "breathiness",
            CurveKind::Formant => "formant",
            CurveKind::Tension => "tension",
            CurveKind::Mixture => "mixture",
        }
    }
}

/// The curves of a track.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Curves {
    pub pitch: Curve,
    pub loudness: Curve,
    pub breathiness: Curve,
    pub formant: Curve,
    pub tension: Curve,
    pub mixture: Curve,
}

impl Curves {
    pub fn get(&self, kind: CurveKind) -> &Curve {
        match kind {
            CurveKind::Pitch => &self.pitch,
            CurveKind::Loudness => &self.loudness,
            CurveKind::Breathiness => &self.breathiness,
            CurveKind::Formant => &self.formant,
            CurveKind::Tension => &self.tension,
            CurveKind::Mixture => &self.mixture,
        }
    }

    pub fn get_mut(&mut self, kind: CurveKind) -> &mut Curve {
        match kind {
            CurveKind::Pitch => &mut self.pitch,
            CurveKind::Loudness => &mut self.loudness,
            CurveKind::Breathiness => &mut self.breathiness,
            CurveKind::Formant => &mut self.formant,
            CurveKind::Tension => &mut self.tension,
            CurveKind::Mixture => &mut self.mixture,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn curve(points: &[(Tick, f32)]) -> Curve {
        Curve::new(points.iter().map(|&(tick, value)| CurvePoint { tick, value }).collect()).unwrap()
    }

    #[test]
    fn curves_differ_between_the_points_that_they_share() {
        let a = curve(&[(10, 1.0), (20, 2.0), (30, 3.0), (40, 4.0)]);
        assert_eq!(a.differs_from(&a.clone()), None);
        assert_eq!(a.differs_from(&curve(&a.iter().map(|p| (p.tick, p.value)).collect::<Vec<_>>())), None);
        let without = curve(&[(10, 1.0), (20, 2.0), (40, 4.0)]);
        assert_eq!(a.differs_from(&without), Some((20.0, 40.0)));
        assert_eq!(without.differs_from(&a), Some((20.0, 40.0)));
        assert_eq!(a.differs_from(&Curve::default()), Some((f64::NEG_INFINITY, f64::INFINITY)));
        let first = curve(&[(11, 1.0), (20, 2.0), (30, 3.0), (40, 4.0)]);
        assert_eq!(first.differs_from(&a), Some((f64::NEG_INFINITY, 20.0)));
        let longer = curve(&[(10, 1.0), (20, 2.0), (30, 3.0), (40, 4.0), (50, 4.0)]);
        assert_eq!(longer.differs_from(&a), Some((40.0, f64::INFINITY)));
    }
}
