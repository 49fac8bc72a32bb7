//! The envelope to a minimum-phase filter.
//!
//! The phase of the minimum-phase filter is the Hilbert transform of its log amplitude,
//! taken by folding the cepstrum (Oppenheim and Schafer, Discrete-Time Signal Processing,
//! section "Minimum-phase sequences"). It comes out unwrapped, so it can be interpolated
//! between bins.

use ziyin_signal::{AP_BANDS, BIN_HZ, BINS, CepstralTransform, FFT_SIZE, aperiodicity_between};

/// Natural logarithm of the amplitude below which there is nothing to hear (-140 dB). A
/// frame with no bin above it is silent.
pub const FLOOR: f32 = -16.0;
/// Natural logarithm of the highest amplitude that is sung; a higher one is a mistake.
pub const CEILING: f32 = 7.0;

/// Below this part of the pitch there is no noise.
const NOISE_FROM: f32 = 0.8;

/// Copies an envelope (`BINS` natural logarithms of the amplitude), with what is no
/// number at the floor and the rest within bounds. Returns whether any of it is heard.
pub fn tidy_envelope(envelope: &[f32], out: &mut [f32]) -> bool {
    let mut heard = false;
    for (o, &x) in out.iter_mut().zip(envelope) {
        // A comparison with NaN is false, so NaN ends at the floor.
        let above = x > FLOOR;
        heard |= above;
        *o = if above { x.min(CEILING) } else { FLOOR };
    }
    heard
}

/// A share (voicing, aperiodicity) within 0 to 1; what is no number becomes `otherwise`.
pub fn tidy_share(share: f32, otherwise: f32) -> f32 {
    if share.is_nan() { otherwise } else { share.clamp(0.0, 1.0) }
}

/// One frame as the parts of the vocoder take it: within bounds, and with its phase.
#[derive(Clone, Debug)]
pub struct Spectrum {
    /// Natural logarithm of the amplitude, `BINS`.
    pub log_amplitude: Vec<f32>,
    /// Phase of the minimum-phase filter in radians, unwrapped, `BINS`.
    pub phase: Vec<f32>,
    /// Share of the voiced power that is noise, in each band.
    pub aperiodicity: [f32; AP_BANDS],
    /// Share of the power that is voiced.
    pub voicing: f32,
    /// Pitch in Hz, 0 for none.
    pub pitch: f32,
    /// Whether nothing of the frame is heard; the phase is then not computed.
    pub silent: bool,
}

impl Spectrum {
    /// Share of the power at `hz` that is noise.
    pub fn noise_share(&self, hz: f32) -> f32 {
        1.0 - self.voicing * (1.0 - aperiodicity_between(&self.aperiodicity, hz))
    }

    /// Share of the amplitude of noise at `hz` that is sung: a voice has none below its pitch,
    /// where an envelope of voiced frames only holds the skirt of the first harmonic.
    pub fn noise_passed(&self, hz: f32) -> f32 {
        if self.pitch <= 0.0 {
            return 1.0;
        }
        ((hz / self.pitch - NOISE_FROM) / (1.0 - NOISE_FROM)).clamp(0.0, 1.0)
    }

    /// Log amplitude and phase at `hz`, interpolated linearly between bins and constant
    /// above the last one.
    pub fn at(&self, hz: f32) -> (f32, f32) {
        let bin = (hz / BIN_HZ).min((BINS - 1) as f32);
        let low = (bin as usize).min(BINS - 2);
        let t = bin - low as f32;
        (
            self.log_amplitude[low] + (self.log_amplitude[low + 1] - self.log_amplitude[low]) * t,
            self.phase[low] + (self.phase[low + 1] - self.phase[low]) * t,
        )
    }
}

/// Computes the phase of minimum-phase filters, with the plans and buffers to do so.
#[derive(Default)]
pub struct MinimumPhase {
    transform: CepstralTransform,
}

impl MinimumPhase {
    /// Fills `phase` (`BINS`, radians) for a finite `log_amplitude` (`BINS`).
    pub fn phase(&mut self, log_amplitude: &[f32], phase: &mut [f32]) {
        let folded = self.transform.changed(log_amplitude, |cepstrum| {
            // Only the odd part of the folded cepstrum makes phase.
            cepstrum[0] = 0.0;
            cepstrum[FFT_SIZE / 2] = 0.0;
            let scale = 1.0 / FFT_SIZE as f32;
            let (causal, rest) = cepstrum.split_at_mut(FFT_SIZE / 2);
            for (c, r) in causal[1..].iter_mut().zip(rest[1..].iter_mut().rev()) {
                *c *= scale;
                *r = -*c;
            }
        });
        match folded {
            Some(bins) => phase.iter_mut().zip(bins).for_each(|(p, bin)| *p = bin.im),
            // It would be sung with zero phase.
            None => phase.fill(0.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use realfft::num_complex::Complex32;
    use ziyin_signal::SAMPLE_RATE;

    #[test]
    fn a_resonance_gets_the_phase_of_its_filter() {
        // H(z) = 1 / (1 - r z^-1)(...)* of one pole pair is minimum phase.
        let (r, w) = (0.97_f32, 2.0 * std::f32::consts::PI * 700.0 / SAMPLE_RATE as f32);
        let filter = |bin: usize| {
            let z = Complex32::from_polar(1.0, -2.0 * std::f32::consts::PI * bin as f32 / FFT_SIZE as f32);
            let (p, q) = (Complex32::from_polar(r, w), Complex32::from_polar(r, -w));
            (Complex32::new(1.0, 0.0) / ((1.0 - p * z) * (1.0 - q * z))).conj().conj()
        };
        let log: Vec<f32> = (0..BINS).map(|b| filter(b).norm().ln()).collect();
        let mut phase = vec![0.0; BINS];
        MinimumPhase::default().phase(&log, &mut phase);
        for (bin, p) in phase.iter().enumerate() {
            let turned = Complex32::from_polar(1.0, *p) * filter(bin).conj();
            assert!(turned.arg().abs() < 2e-3, "bin {bin}: off by {}", turned.arg());
        }
    }

    #[test]
    fn a_flat_envelope_has_no_phase() {
        let mut phase = vec![1.0; BINS];
        MinimumPhase::default().phase(&vec![-3.0; BINS], &mut phase);
        assert!(phase.iter().all(|p| p.abs() < 1e-5));
    }

    #[test]
    fn what_is_no_number_is_silent() {
        let mut out = [1.0; 4];
        assert!(!tidy_envelope(&[f32::NAN, f32::NEG_INFINITY, -90.0, FLOOR], &mut out));
        assert_eq!(out, [FLOOR; 4]);
        assert!(tidy_envelope(&[f32::INFINITY, 0.0, 0.0, 0.0], &mut out));
        assert_eq!(out[0], CEILING);
    }
}
