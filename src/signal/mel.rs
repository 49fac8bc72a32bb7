use std::f32::consts::PI;

use super::{BIN_HZ, BINS, SAMPLE_RATE};

/// Coefficients of a mel-cepstrum that the distortion counts, without the level.
pub const CEPSTRA: usize = 24;
const BANDS: usize = 80;

/// Where a frequency stands on the mel scale.
pub fn mel(hz: f32) -> f32 {
    1127.0 * (1.0 + hz / 700.0).ln()
}

/// The frequency of a place on the mel scale, in Hz.
pub fn mel_hz(mel: f32) -> f32 {
    700.0 * ((mel / 1127.0).exp() - 1.0)
}

/// Where the highest bin stands on the mel scale.
fn top() -> f32 {
    mel(SAMPLE_RATE as f32 / 2.0)
}

/// `count` bins of an envelope evenly spaced on the mel scale, `start` of a step (0 to 1)
/// above the bottom. A bin stands as often in them, over all starts, as the mel scale is
/// dense there: an even loss over them weighs the linear spectrum as mel would.
pub fn mel_places(count: usize, start: f32) -> Vec<usize> {
    (0..count)
        .map(|i| {
            let hz = mel_hz(top() * (i as f32 + start) / count as f32);
            ((hz / BIN_HZ).round() as usize).min(BINS - 1)
        })
        .collect()
}

/// Between which two of `places`, which rise, the bin `at` lies, by their indices, and how much of
/// the way it has gone from the first to the second. What lies outside is at the nearest place.
pub fn between_places(places: &[usize], at: f32) -> (usize, usize, f32) {
    let above = places.partition_point(|&place| place as f32 <= at);
    let (below, above) = (above.saturating_sub(1), above.min(places.len().saturating_sub(1)));
    let (low, high) = (places[below] as f32, places[above] as f32);
    let share = if high > low { ((at - low) / (high - low)).clamp(0.0, 1.0) } else { 0.0 };
    (below, above, share)
}

/// What turns log amplitude on bins that [`mel_places`] gave into a mel-cepstrum: `[count,
/// CEPSTRA]` row by row, to be multiplied and summed over the bins.
pub fn cosines_of_places(places: &[usize]) -> Vec<f32> {
    places
        .iter()
        .flat_map(|&bin| {
            let at = mel(bin as f32 * BIN_HZ) / top();
            (0..CEPSTRA).map(move |c| (PI * (c + 1) as f32 * at).cos() / places.len() as f32)
        })
        .collect()
}

/// Log-amplitude envelopes to mel-cepstra.
pub struct MelCepstrum {
    /// `[BANDS]` places on the bins, as (bin, share of the next bin).
    places: Vec<(usize, f32)>,
    cosines: Vec<f32>,
}

impl Default for MelCepstrum {
    fn default() -> Self {
        let places = (0..BANDS)
            .map(|band| {
                let hz = mel_hz(top() * (band as f32 + 0.5) / BANDS as f32);
                let place = (hz / BIN_HZ).min((BINS - 2) as f32);
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
        cepstral_distance(&self.of(a), &self.of(b))
    }
}

/// The same between two mel-cepstra that [`MelCepstrum::of`] gave.
pub fn cepstral_distance(a: &[f32; CEPSTRA], b: &[f32; CEPSTRA]) -> f32 {
    // These are two-sided coefficients, half of the one-sided ones of the formula.
    let sum: f32 = a.iter().zip(b).map(|(x, y)| (2.0 * (x - y)).powi(2)).sum();
    10.0 / std::f32::consts::LN_10 * (2.0 * sum).sqrt()
}

/// A log-amplitude envelope with the power of a recording's hiss upon it (`BINS` values
/// each): what is below the hiss was not recorded.
pub fn under_hiss(envelope: &[f32], hiss: &[f32]) -> Vec<f32> {
    envelope.iter().zip(hiss).map(|(e, h)| 0.5 * ((2.0 * e).exp() + h).ln()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_dense_where_mel_is_and_reach_every_bin() {
        let mut seen = vec![0usize; BINS];
        for start in 0..256 {
            for bin in mel_places(256, start as f32 / 256.0) {
                seen[bin] += 1;
            }
        }
        assert!(seen.iter().all(|&count| count > 0));
        // The mel scale at 0 Hz is as dense as at 4.9 kHz times eight.
        let ratio = seen[1..9].iter().sum::<usize>() as f32 / seen[225..233].iter().sum::<usize>() as f32;
        assert!((7.0..9.0).contains(&ratio), "{ratio}");
    }

    #[test]
    fn a_bin_lies_between_its_neighbours_or_at_the_end() {
        let places = [4, 8, 20];
        assert_eq!(between_places(&places, 5.0), (0, 1, 0.25));
        assert_eq!(between_places(&places, 14.0), (1, 2, 0.5));
        assert_eq!(between_places(&places, 8.0), (1, 2, 0.0));
        assert_eq!(between_places(&places, 1.0), (0, 0, 0.0));
        assert_eq!(between_places(&places, 30.0), (2, 2, 0.0));
    }

    #[test]
    fn a_cepstrum_from_places_is_nearly_that_from_bands() {
        let envelope: Vec<f32> =
            (0..BINS).map(|bin| (bin as f32 / 40.0).sin() - bin as f32 / 300.0).collect();
        let bands = MelCepstrum::default().of(&envelope);
        let places = mel_places(256, 0.3);
        let cosines = cosines_of_places(&places);
        for (c, band) in bands.iter().enumerate() {
            let sum: f32 =
                places.iter().enumerate().map(|(i, &bin)| envelope[bin] * cosines[i * CEPSTRA + c]).sum();
            assert!((sum - band).abs() < 0.02, "{c}: {sum} against {band}");
        }
    }
}
