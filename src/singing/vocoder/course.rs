//! The pitch curve to a running phase.
//!
//! Between two frames the pitch glides linearly in Hz, so the phase is a parabola with a
//! closed form; only its value at each frame is accumulated, in double precision, and
//! nothing drifts over hours of song.

use std::f64::consts::TAU;

use ziyin_signal::{HOP, SAMPLE_RATE};

/// Below this pitch (Hz) nothing is sung as a tone.
pub const LOWEST_PITCH: f32 = 20.0;
/// Above this frequency (Hz) no harmonic is sung.
pub const TOP: f32 = 22_000.0;
/// Width in Hz of the fade of a harmonic below [`TOP`].
pub const FADE: f32 = 1_000.0;

/// The way of the pitch from one frame to the next, [`HOP`] samples long.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct PhaseStep {
    /// Phase at the first sample in turns, 0 to 1.
    pub phase: f64,
    /// Pitch at the first sample in Hz, 0 where nothing is sung as a tone.
    pub from: f64,
    /// Pitch at the first sample of the next step in Hz.
    pub to: f64,
}

impl PhaseStep {
    /// A step from a pitch to a pitch (Hz, 0 for none, as [`sung_pitch`] gives them). A
    /// tone that begins or ends within the step keeps its pitch throughout.
    pub fn new(phase: f64, from: f32, to: f32) -> Self {
        let (from, to) = match (from > 0.0, to > 0.0) {
            (true, false) => (from, from),
            (false, true) => (to, to),
            _ => (from, to),
        };
        Self { phase, from: from.into(), to: to.into() }
    }

    /// Phase in turns at sample `n` of the step, counted on from [`PhaseStep::phase`].
    pub fn phase_at(&self, n: usize) -> f64 {
        let n = n as f64;
        self.phase + (self.from + (self.to - self.from) * n / (2 * HOP) as f64) * n / f64::from(SAMPLE_RATE)
    }

    /// Pitch in Hz at sample `n` of the step.
    pub fn pitch_at(&self, n: usize) -> f32 {
        (self.from + (self.to - self.from) * n as f64 / HOP as f64) as f32
    }

    /// Cosine and sine of the phase at each sample.
    pub fn turns(&self) -> Turns {
        let mut turns = Turns { cos: [1.0; HOP], sin: [0.0; HOP] };
        if self.from > 0.0 {
            for n in 0..HOP {
                let (sin, cos) = (TAU * self.phase_at(n)).sin_cos();
                (turns.cos[n], turns.sin[n]) = (cos as f32, sin as f32);
            }
        }
        turns
    }

    /// Phase in turns, 0 to 1, at which the next step begins.
    pub fn end_phase(&self) -> f64 {
        self.phase_at(HOP).rem_euclid(1.0)
    }

    /// How many harmonics lie below [`TOP`] anywhere within the step.
    pub fn harmonics(&self) -> usize {
        let lowest = self.from.min(self.to);
        if lowest > 0.0 { (f64::from(TOP) / lowest) as usize } else { 0 }
    }

    /// How many harmonics stay below the fade within the whole step.
    pub fn whole_harmonics(&self) -> usize {
        let highest = self.from.max(self.to);
        if highest > 0.0 { (f64::from(TOP - FADE) / highest) as usize } else { 0 }
    }
}

/// Cosine and sine of the running phase at each sample of a step.
#[derive(Clone, Debug)]
pub struct Turns {
    pub cos: [f32; HOP],
    pub sin: [f32; HOP],
}

/// The pitch that is sung for a pitch (Hz) as it came: 0 where it is no number or out of
/// range.
pub fn sung_pitch(pitch: f32) -> f32 {
    if (LOWEST_PITCH..=TOP).contains(&pitch) { pitch } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phase_of_a_glide_is_the_integral_of_its_pitch() {
        let step = PhaseStep::new(0.25, 100.0, 3000.0);
        let mut sum = 0.25;
        for n in 0..HOP {
            // The mean over one sample of a linear glide is its value half-way.
            sum += (100.0 + 2900.0 * (n as f64 + 0.5) / HOP as f64) / f64::from(SAMPLE_RATE);
        }
        assert!((step.end_phase() - sum.rem_euclid(1.0)).abs() < 1e-12);
    }

    #[test]
    fn a_tone_that_begins_or_ends_keeps_its_pitch() {
        assert_eq!(PhaseStep::new(0.0, 0.0, 200.0), PhaseStep::new(0.0, 200.0, 200.0));
        assert_eq!(PhaseStep::new(0.0, 200.0, 0.0), PhaseStep::new(0.0, 200.0, 200.0));
        assert_eq!(PhaseStep::new(0.5, 0.0, 0.0).end_phase(), 0.5);
    }

    #[test]
    fn pitches_out_of_range_are_not_sung() {
        for pitch in [f32::NAN, f32::INFINITY, -100.0, 0.0, 1e9] {
            assert_eq!(sung_pitch(pitch), 0.0);
        }
        assert_eq!(sung_pitch(65.4), 65.4);
    }
}
