//! What a recogniser sees of a recording: how much power lies in the bands of the mel scale.

use std::sync::Arc;

use realfft::num_complex::Complex;
use realfft::{RealFftPlanner, RealToComplex};

use super::{HOP, SAMPLE_RATE, mel, mel_hz};

/// Bands of a frame, evenly spaced on the mel scale.
pub const MEL_BANDS: usize = 64;
/// Samples from one frame to the next: 11.6 ms.
pub const MEL_HOP: usize = 4 * HOP;

/// Hz that the bands reach from and to: most recordings of speech reach no higher.
const BAND_HZ: [f32; 2] = [60.0, 8000.0];
/// Samples that a frame is made of: 23 ms.
const WINDOW: usize = 1024;
/// Length of the Fourier transform: with fewer bins the lowest bands would hold none.
const SIZE: usize = 2048;
/// What is quieter is silence: -100 dB.
const LEAST_POWER: f32 = 1e-10;

/// The frequency in the middle of a band, which may lie between two, in Hz.
pub fn band_hz(band: f32) -> f32 {
    let (low, high) = (mel(BAND_HZ[0]), mel(BAND_HZ[1]));
    mel_hz(low + (high - low) * (band + 1.0) / (MEL_BANDS + 1) as f32)
}

/// The band, with its fraction, in whose middle a frequency in Hz lies.
pub fn band_of_hz(hz: f32) -> f32 {
    let (low, high) = (mel(BAND_HZ[0]), mel(BAND_HZ[1]));
    (mel(hz) - low) / (high - low) * (MEL_BANDS + 1) as f32 - 1.0
}

/// Makes frames of samples at [`SAMPLE_RATE`].
pub struct LogMel {
    transform: Arc<dyn RealToComplex<f32>>,
    window: Vec<f32>,
    /// Of each band the first bin, and the weights of that and those after it.
    bands: Vec<(usize, Vec<f32>)>,
    samples: Vec<f32>,
    bins: Vec<Complex<f32>>,
}

impl Default for LogMel {
    fn default() -> Self {
        let transform = RealFftPlanner::<f32>::new().plan_fft_forward(SIZE);
        let turn = std::f32::consts::TAU / WINDOW as f32;
        let window: Vec<f32> = (0..WINDOW).map(|i| 0.5 - 0.5 * (turn * (i as f32 + 0.5)).cos()).collect();
        // A sine of amplitude 1 has a power of a quarter.
        let scale = (1.0 / window.iter().sum::<f32>()).powi(2);
        let bin_hz = SAMPLE_RATE as f32 / SIZE as f32;
        let bands = (0..MEL_BANDS)
            .map(|band| {
                let [from, middle, to] = [-1.0, 0.0, 1.0].map(|beside| band_hz(band as f32 + beside));
                let first = (from / bin_hz).ceil() as usize;
                let last = (to / bin_hz).floor() as usize;
                let weight = |bin: usize| {
                    let hz = bin as f32 * bin_hz;
                    let up = (hz - from) / (middle - from);
                    let down = (to - hz) / (to - middle);
                    scale * up.min(down).max(0.0)
                };
                (first, (first..=last).map(weight).collect())
            })
            .collect();
        let (samples, bins) = (transform.make_input_vec(), transform.make_output_vec());
        Self { transform, window, bands, samples, bins }
    }
}

impl LogMel {
    /// The frames of a recording, row by row: `[samples.len() / MEL_HOP + 1, MEL_BANDS]`, natural
    /// logarithms of power. Frame `i` is centred on sample `i · MEL_HOP`.
    pub fn frames(&mut self, samples: &[f32]) -> Vec<f32> {
        let count = samples.len() / MEL_HOP + 1;
        let mut all = Vec::with_capacity(count * MEL_BANDS);
        for frame in 0..count {
            self.samples.fill(0.0);
            let middle = frame * MEL_HOP;
            let from = middle.saturating_sub(WINDOW / 2);
            let to = (middle + WINDOW / 2).min(samples.len());
            let shift = WINDOW / 2 - (middle - from);
            let part = samples.get(from..to).unwrap_or_default();
            for ((slot, sample), window) in
                self.samples[shift..].iter_mut().zip(part).zip(&self.window[shift..])
            {
                *slot = sample * window;
            }
            // The lengths fit by construction, so the transform cannot fail.
            let _ = self.transform.process(&mut self.samples, &mut self.bins);
            all.extend(self.bands.iter().map(|(first, weights)| {
                let power: f32 = self.bins[*first..]
                    .iter()
                    .zip(weights)
                    .map(|(bin, weight)| weight * bin.norm_sqr())
                    .sum();
                power.max(LEAST_POWER).ln()
            }));
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tone_lies_in_the_band_of_its_frequency_and_every_band_hears_something() {
        let mut log_mel = LogMel::default();
        for band in 0..MEL_BANDS {
            let hz = band_hz(band as f32);
            assert!((band_of_hz(hz) - band as f32).abs() < 1e-2);
            let turn = std::f32::consts::TAU * hz / SAMPLE_RATE as f32;
            let samples: Vec<f32> = (0..8 * MEL_HOP).map(|i| 0.5 * (turn * i as f32).sin()).collect();
            let frames = log_mel.frames(&samples);
            assert_eq!(frames.len(), 9 * MEL_BANDS);
            let frame = &frames[4 * MEL_BANDS..5 * MEL_BANDS];
            let loudest = (0..MEL_BANDS).max_by(|&a, &b| frame[a].total_cmp(&frame[b])).unwrap();
            assert!(loudest.abs_diff(band) <= usize::from(band < 8), "{hz} Hz in {loudest}, not {band}");
            assert!(frame[loudest] > (0.25f32 * 0.02).ln());
        }
        let silence = log_mel.frames(&[]);
        assert_eq!(silence, vec![LEAST_POWER.ln(); MEL_BANDS]);
    }
}
