use std::sync::Arc;

use realfft::num_complex::Complex32;
use realfft::{ComplexToReal, RealFftPlanner, RealToComplex};

use super::{BINS, FFT_SIZE};

/// Takes envelopes to their cepstra and back, with the plans and buffers to do so.
pub struct CepstralTransform {
    to_cepstrum: Arc<dyn ComplexToReal<f32>>,
    to_spectrum: Arc<dyn RealToComplex<f32>>,
    bins: Vec<Complex32>,
    cepstrum: Vec<f32>,
    scratch: Vec<Complex32>,
}

impl Default for CepstralTransform {
    fn default() -> Self {
        let mut planner = RealFftPlanner::new();
        let to_cepstrum = planner.plan_fft_inverse(FFT_SIZE);
        let to_spectrum = planner.plan_fft_forward(FFT_SIZE);
        let scratch = to_cepstrum.get_scratch_len().max(to_spectrum.get_scratch_len());
        Self {
            to_cepstrum,
            to_spectrum,
            bins: vec![Complex32::default(); BINS],
            cepstrum: vec![0.0; FFT_SIZE],
            scratch: vec![Complex32::default(); scratch],
        }
    }
}

impl CepstralTransform {
    /// Takes a log amplitude (`BINS` values) to its cepstrum, `FFT_SIZE` values that are not scaled
    /// (a factor of `1 / FFT_SIZE` is due), lets `change` have that, and gives what has become of the
    /// spectrum, `BINS` values.
    ///
    /// `None` where a transform refuses. The lengths are the planner's own and the ends are real, so
    /// none does.
    pub fn changed(
        &mut self,
        log_amplitude: &[f32],
        change: impl FnOnce(&mut [f32]),
    ) -> Option<&[Complex32]> {
        for (bin, &l) in self.bins.iter_mut().zip(log_amplitude) {
            *bin = Complex32::new(l, 0.0);
        }
        self.to_cepstrum.process_with_scratch(&mut self.bins, &mut self.cepstrum, &mut self.scratch).ok()?;
        change(&mut self.cepstrum);
        self.to_spectrum.process_with_scratch(&mut self.cepstrum, &mut self.bins, &mut self.scratch).ok()?;
        Some(&self.bins)
    }
}
