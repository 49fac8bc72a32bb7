use std::f32::consts::PI;

use super::{BINS, SAMPLE_RATE};

/// Coefficients of a mel-cepstrum that the distortion counts, without the level.
pub const CEPSTRA: usize = 24;
const BANDS: usize = 80;

fn mel(hz: f32) -> f32 {
    1127.0 * (1.0 + hz / 700.0).ln()
}

/// How densely the mel scale covers each bin, scaled to a mean of 1: the weight of a bin
/// in a loss on the linear spectrum that listens as mel would.
pub fn mel_density() -> Vec<f32> {
    let bin_hz = SAMPLE_RATE as f32 / 2.0 / (BINS - 1) as f32;
    let density: Vec<f32> = (0..BINS).map(|i| 1.0 / (700.0 + i as f32 * bin_hz)).collect();
    let mean = density.iter().sum::<f32>() / BINS as f32;
    density.into_iter().map(|d| d / mean).collect()
}

/// Log-amplitude envelopes to mel-cepstra.
pub struct MelCepstrum {
    /// `[BANDS]` places on the bins, as (bin, share of the next bin).
    places: Vec<(usize, f32)>,
    cosines: Vec<f32>,
}

impl Default for MelCepstrum {
    fn default() -> Self {
        let top = mel(SAMPLE_RATE as f32 / 2.0);
        let bin_hz = SAMPLE_RATE as f32 / 2.0 / (BINS - 1) as f32;
        let places = (0..BANDS)
            .map(|band| {
                let hz = 700.0 * ((top * (band as f32 + 0.5) / BANDS as f32 / 1127.0).exp() - 1.0);
                let place = (hz / bin_hz).min((BINS - 2) as f32);
                (place as usize, place.fract())
            })
            .collect();
        let cosines = (0..CEPSTRA)
            .flat_map(|c| {
                (0..BANDS).map(move |b| (PI * (c + 1) as f32 * (b as f32 + 0.5) / BANDS as f32).cos())
            })
            .collect();
        Self { places, cosines }
    }
}

impl MelCepstrum {
    /// Coefficients 1 to [`CEPSTRA`] of one log-amplitude envelope (`BINS` values).
    pub fn of(&self, envelope: &[f32]) -> [f32; CEPSTRA] {
        let bands: Vec<f32> = self
            .places
            .iter()
            .map(|&(bin, share)| envelope[bin] * (1.0 - share) + envelope[bin + 1] * share)
            .collect();
        let mut cepstrum = [0.0; CEPSTRA];
        for (c, row) in cepstrum.iter_mut().zip(self.cosines.chunks(BANDS)) {
            *c = row.iter().zip(&bands).map(|(a, b)| a * b).sum::<f32>() / BANDS as f32;
        }
        cepstrum
    }

    /// Mel-cepstral distortion between two log-amplitude envelopes in dB, the level left
    /// out: `10/ln 10 · sqrt(2 Σ Δc²)` with `ln |H| = c0 + Σ c cos(…)` (Kubichek 1993).
    pub fn distortion(&self, a: &[f32], b: &[f32]) -> f32 {
        // `of` gives two-sided coefficients, half of the one-sided ones of the formula.
        let sum: f32 = self.of(a).iter().zip(self.of(b)).map(|(x, y)| (2.0 * (x - y)).powi(2)).sum();
        10.0 / std::f32::consts::LN_10 * (2.0 * sum).sqrt()
    }
}
