//! The tempo, tapped with the beat.

/// Seconds without a tap after which it is over.
const PAUSE: f64 = 2.0;
/// Taps that a tempo is told from, at least.
const LEAST: usize = 3;

/// Taps that follow one another.
#[derive(Default)]
pub(super) struct Tapping(Vec<f64>);

impl Tapping {
    /// Takes in a tap at a time in seconds.
    pub fn strike(&mut self, now: f64) {
        self.0.push(now);
    }

    /// Whether there are taps that are not over.
    pub fn goes_on(&self) -> bool {
        !self.0.is_empty()
    }

    /// Beats a minute, once there are enough taps.
    pub fn bpm(&self) -> Option<f64> {
        let (first, last) = (self.0.first()?, self.0.last()?);
        let beats = self.0.len() - 1;
        (self.0.len() >= LEAST && last > first).then(|| 60.0 * beats as f64 / (last - first))
    }

    /// The beats a minute of taps that are over by now, if there were enough.
    pub fn ended(&mut self, now: f64) -> Option<f64> {
        if self.0.last().is_none_or(|last| now - last < PAUSE) {
            return None;
        }
        let bpm = self.bpm();
        self.0.clear();
        bpm
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tempo_is_told_from_three_taps_and_a_pause_ends_it() {
        let mut tapping = Tapping::default();
        for (now, bpm) in [(10.0, None), (10.5, None), (11.0, Some(120.0)), (11.4, Some(180.0 / 1.4))] {
            assert_eq!(tapping.ended(now), None);
            tapping.strike(now);
            assert_eq!(tapping.bpm().map(f64::round), bpm.map(f64::round));
        }
        assert!(tapping.ended(13.3).is_none() && tapping.ended(13.5).is_some());
        assert_eq!(tapping.ended(20.0), None);
        tapping.strike(20.0);
        assert_eq!((tapping.bpm(), tapping.ended(30.0)), (None, None));
    }
}
