//! From 44.1 kHz to the rate of the device, without allocating.

use std::f64::consts::PI;

use super::RATE;

/// Taps on each side of a sample.
const REACH: usize = 16;
/// Places between two samples at which the filter is tabulated.
const PHASES: usize = 256;

/// Frames that a [`Kernel`] looks at for one of output.
pub const WINDOW: usize = 2 * REACH;

/// A tabulated windowed sinc: what each frame around a place weighs there (Smith, *Digital Audio
/// Resampling*).
pub struct Kernel {
    /// `[PHASES + 1][WINDOW]`
    table: Vec<f32>,
}

impl Kernel {
    /// Frames of a window that lie before the one that a place is counted from.
    pub const BEFORE: usize = REACH - 1;

    /// A kernel on the way from 44.1 kHz to `rate` frames a second.
    pub fn new(rate: u32) -> Self {
        // A slower device must not hear what lies above half its rate.
        let cutoff = (f64::from(rate.max(1)) / f64::from(RATE)).min(1.0) * 0.96;
        let mut table = Vec::with_capacity((PHASES + 1) * WINDOW);
        for phase in 0..=PHASES {
            for tap in 0..WINDOW {
                let x = tap as f64 - Self::BEFORE as f64 - phase as f64 / PHASES as f64;
                let sinc = if x == 0.0 { 1.0 } else { (PI * cutoff * x).sin() / (PI * cutoff * x) };
                let window = (0.5 * PI * (x / REACH as f64).clamp(-1.0, 1.0)).cos().powi(2);
                table.push((cutoff * sinc * window) as f32);
            }
        }
        Self { table }
    }

    /// The weights of the frames of a window for what lies at `place`, from 0 to 1, after its frame
    /// [`Kernel::BEFORE`].
    pub fn weights(&self, place: f64) -> impl Iterator<Item = f32> {
        let phase = place * PHASES as f64;
        let (row, part) = (phase as usize, phase.fract() as f32);
        let low = &self.table[row * WINDOW..(row + 1) * WINDOW];
        // At the very end of the table there is nothing between two rows.
        let high = self.table.get((row + 1) * WINDOW..(row + 2) * WINDOW).unwrap_or(low);
        low.iter().zip(high).map(move |(a, b)| a + (b - a) * part)
    }
}

/// Converts a stream of stereo frames.
pub struct RateConverter {
    /// Frames of input for one of output.
    step: f64,
    kernel: Kernel,
    /// The last frames of input; doubled so that any window lies in one piece.
    history: [[f32; 2]; 2 * WINDOW],
    at: usize,
    /// Where the next frame of output lies after the window's middle.
    place: f64,
}

impl RateConverter {
    pub fn new(rate: u32) -> Self {
        let step = f64::from(RATE) / f64::from(rate.max(1));
        Self { step, kernel: Kernel::new(rate), history: [[0.0; 2]; 2 * WINDOW], at: 0, place: 1.0 }
    }

    /// Whether it must be fed before it can give the next frame.
    pub fn is_hungry(&self) -> bool {
        self.place >= 1.0
    }

    /// Takes a frame of input.
    pub fn feed(&mut self, frame: [f32; 2]) {
        self.place -= 1.0;
        self.history[self.at] = frame;
        self.history[self.at + WINDOW] = frame;
        self.at = (self.at + 1) % WINDOW;
    }

    /// Gives the next frame of output.
    pub fn frame(&mut self) -> [f32; 2] {
        let window = &self.history[self.at..self.at + WINDOW];
        let place = self.place;
        self.place += self.step;
        if self.step == 1.0 {
            // Nothing to do for a device of our own rate.
            return window[WINDOW - 1];
        }
        let mut out = [0.0; 2];
        for (frame, weight) in window.iter().zip(self.kernel.weights(place)) {
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
