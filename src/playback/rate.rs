//! From 44.1 kHz to the rate of the device, without allocating.

use std::f64::consts::PI;

use super::RATE;

/// Taps on each side of a sample.
const REACH: usize = 16;
/// Places between two samples at which the filter is tabulated.
const PHASES: usize = 256;

/// A windowed-sinc interpolator of stereo frames (Smith, *Digital Audio Resampling*).
pub struct RateConverter {
    /// Frames of input for one of output.
    step: f64,
    /// `[PHASES + 1][2 · REACH]`
    filter: Vec<f32>,
    /// The last frames of input; doubled so that any window lies in one piece.
    history: [[f32; 2]; 4 * REACH],
    at: usize,
    /// Where the next frame of output lies after the window's middle.
    place: f64,
}

impl RateConverter {
    pub fn new(rate: u32) -> Self {
        let step = f64::from(RATE) / f64::from(rate.max(1));
        // A slower device must not hear what lies above half its rate.
        let cutoff = (1.0 / step).min(1.0) * 0.96;
        let mut filter = Vec::with_capacity((PHASES + 1) * 2 * REACH);
        for phase in 0..=PHASES {
            for tap in 0..2 * REACH {
                let x = tap as f64 - (REACH as f64 - 1.0) - phase as f64 / PHASES as f64;
                let sinc = if x == 0.0 { 1.0 } else { (PI * cutoff * x).sin() / (PI * cutoff * x) };
                let window = (0.5 * PI * (x / REACH as f64).clamp(-1.0, 1.0)).cos().powi(2);
                filter.push((cutoff * sinc * window) as f32);
            }
        }
        Self { step, filter, history: [[0.0; 2]; 4 * REACH], at: 0, place: 1.0 }
    }

    /// Whether it must be fed before it can give the next frame.
    pub fn is_hungry(&self) -> bool {
        self.place >= 1.0
    }

    /// Takes a frame of input.
    pub fn feed(&mut self, frame: [f32; 2]) {
        self.place -= 1.0;
        self.history[self.at] = frame;
        self.history[self.at + 2 * REACH] = frame;
        self.at = (self.at + 1) % (2 * REACH);
    }

    /// Gives the next frame of output.
    pub fn frame(&mut self) -> [f32; 2] {
        let window = &self.history[self.at..self.at + 2 * REACH];
        let phase = self.place * PHASES as f64;
        self.place += self.step;
        if self.step == 1.0 {
            // Nothing to do for a device of our own rate.
            return window[2 * REACH - 1];
        }
        let (row, part) = (phase as usize, phase.fract() as f32);
        let low = &self.filter[row * 2 * REACH..(row + 1) * 2 * REACH];
        let high = &self.filter[(row + 1) * 2 * REACH..(row + 2) * 2 * REACH];
        let mut out = [0.0; 2];
        for ((frame, a), b) in window.iter().zip(low).zip(high) {
            let weight = a + (b - a) * part;
            out[0] += frame[0] * weight;
            out[1] += frame[1] * weight;
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tone_keeps_its_pitch_and_level() {
        for rate in [44_100, 48_000, 96_000, 32_000] {
            let mut converter = RateConverter::new(rate);
            let mut i = 0;
            let tone = |i: i32| (2.0 * PI * 1000.0 * f64::from(i) / f64::from(RATE)).sin() as f32;
            let out: Vec<f32> = (0..rate)
                .map(|_| {
                    while converter.is_hungry() {
                        converter.feed([tone(i); 2]);
                        i += 1;
                    }
                    converter.frame()[0]
                })
                .collect();
            // The first frames hear the tone begin.
            let crossings =
                out[rate as usize / 10..].windows(2).filter(|w| w[0] < 0.0 && w[1] >= 0.0).count();
            assert!((899..=901).contains(&crossings), "{rate}: {crossings}");
            let rms = (out[4000..].iter().map(|x| x * x).sum::<f32>() / (out.len() - 4000) as f32).sqrt();
            assert!((rms - std::f32::consts::FRAC_1_SQRT_2).abs() < 0.005, "{rate}: {rms}");
        }
    }
}
