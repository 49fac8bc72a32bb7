//! How quickly a song goes, told from where its notes begin.

use std::f64::consts::TAU;

/// The beat of a song.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pulse {
    /// Quarter notes per minute.
    pub bpm: f64,
    /// A beat, in seconds from the start of the recording, at least 0 and below the length of one.
    pub beat: f64,
    /// How well notes begin on it and its parts, 0 to 1.
    pub likeness: f64,
}

/// Quarter notes per minute that are tried.
const SLOWEST: f64 = 55.0;
const QUICKEST: f64 = 190.0;
const APART: f64 = 0.25;
/// Quarter notes per minute that most songs are near, and how many octaves from it a tempo counts by a third
/// less.
const USUAL: f64 = 90.0;
const OCTAVES: f64 = 1.2;
/// Fewer notes tell nothing.
const FEWEST: usize = 8;

impl Pulse {
    /// The pulse of notes that begin at `onsets` (seconds, in order); `None` of too few.
    pub fn of(onsets: &[f64]) -> Option<Self> {
        if onsets.len() < FEWEST {
            return None;
        }
        let count = ((QUICKEST - SLOWEST) / APART) as usize;
        let tried = (0..=count).map(|i| Self::at(onsets, SLOWEST + i as f64 * APART));
        tried.max_by(|a, b| a.weight().total_cmp(&b.weight()))
    }

    /// The pulse of notes at a tempo that is known.
    pub fn at(onsets: &[f64], bpm: f64) -> Self {
        let beat = 60.0 / bpm;
        // The sum of the turns of a hand that goes round once in a beat, twice, four times.
        let turned = |parts: f64| {
            let turn = |onset: &f64| (TAU * parts * onset / beat).sin_cos();
            let sum = onsets.iter().map(turn).fold((0.0, 0.0), |sum, turn| (sum.0 + turn.0, sum.1 + turn.1));
            let count = onsets.len().max(1) as f64;
            (sum.0.hypot(sum.1) / count, sum.0.atan2(sum.1) / (TAU * parts) * beat)
        };
        let (whole, at) = turned(1.0);
        let (halves, _) = turned(2.0);
        let (quarters, _) = turned(4.0);
        let likeness = 0.2 * whole + 0.5 * halves + 0.3 * quarters;
        Self { bpm, beat: at.rem_euclid(beat), likeness }
    }

    fn weight(&self) -> f64 {
        let off = (self.bpm / USUAL).log2() / OCTAVES;
        self.likeness * (-0.4 * off * off).exp()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tempo_of_notes_that_are_sung_a_little_early_and_late_is_told() {
        for (bpm, shift) in [(72.0, 0.3), (100.0, 0.0), (128.0, 0.11)] {
            let beat = 60.0 / bpm;
            let rhythm = [1.0, 1.0, 0.5, 0.5, 1.0, 2.0, 1.0, 0.5, 0.5, 1.0, 1.0, 2.0];
            let mut at = shift;
            let mut onsets = Vec::new();
            for (i, length) in rhythm.iter().cycle().take(36).enumerate() {
                onsets.push(at + 0.012 * (i as f64 * 2.4).sin());
                at += length * beat;
            }
            let pulse = Pulse::of(&onsets).unwrap();
            assert!((pulse.bpm - bpm).abs() < 0.6, "{pulse:?} for {bpm}");
            let off = (pulse.beat - shift).rem_euclid(beat);
            assert!(off.min(beat - off) < 0.03, "{pulse:?} for {shift}");
            assert!(pulse.likeness > 0.7);
        }
        assert_eq!(Pulse::of(&[0.0, 1.0]), None);
    }
}
