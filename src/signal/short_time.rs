//! The short-time Fourier transform, and the way back.

use std::sync::Arc;

use realfft::num_complex::Complex;
use realfft::{ComplexToReal, RealFftPlanner, RealToComplex};

/// Turns frames of samples into spectra and back. A frame is weighed with a periodic Hann window on both
/// ways, so that spectra which are changed leave no steps behind (Griffin and Lim, 1984).
pub struct ShortTime {
    forward: Arc<dyn RealToComplex<f32>>,
    inverse: Arc<dyn ComplexToReal<f32>>,
    window: Vec<f32>,
    /// The window of the way back: frames that overlap add up to what they were cut from.
    back: Vec<f32>,
    frame: Vec<f32>,
}

impl ShortTime {
    /// Frames of `size` samples that begin `hop` apart, at least four over each sample: `size` is a
    /// multiple of `hop`.
    pub fn new(size: usize, hop: usize) -> Self {
        debug_assert!(size.is_multiple_of(hop) && size >= 4 * hop);
        let mut planner = RealFftPlanner::<f32>::new();
        let (forward, inverse) = (planner.plan_fft_forward(size), planner.plan_fft_inverse(size));
        let turn = std::f32::consts::TAU / size as f32;
        let window: Vec<f32> = (0..size).map(|i| 0.5 - 0.5 * (turn * i as f32).cos()).collect();
        // The squares of so many windows add up to three eighths of their number; the transforms, one
        // after the other, multiply by `size`.
        let scale = 8.0 * hop as f32 / (3.0 * size as f32 * size as f32);
        let back = window.iter().map(|weight| scale * weight).collect();
        Self { forward, inverse, window, back, frame: vec![0.0; size] }
    }

    /// The number of frequencies of a spectrum, from 0 to half the sample rate.
    pub fn bins(&self) -> usize {
        self.frame.len() / 2 + 1
    }

    /// The spectrum of a frame. Where fewer samples are left than it takes, it is silent after them.
    pub fn spectrum(&mut self, samples: &[f32]) -> Vec<Complex<f32>> {
        self.frame.fill(0.0);
        for ((slot, sample), weight) in self.frame.iter_mut().zip(samples).zip(&self.window) {
            *slot = sample * weight;
        }
        let mut spectrum = vec![Complex::default(); self.bins()];
        // The lengths fit by construction, so the transform cannot fail.
        let _ = self.forward.process(&mut self.frame, &mut spectrum);
        spectrum
    }

    /// Adds the samples of a frame to those of the frames before it: `out` begins where the frame does.
    pub fn add(&mut self, mut spectrum: Vec<Complex<f32>>, out: &mut [f32]) {
        // A real signal has no phase at either end of its spectrum.
        for end in [0, self.bins() - 1] {
            if let Some(bin) = spectrum.get_mut(end) {
                bin.im = 0.0;
            }
        }
        if self.inverse.process(&mut spectrum, &mut self.frame).is_ok() {
            for ((sum, sample), weight) in out.iter_mut().zip(&self.frame).zip(&self.back) {
                *sum += sample * weight;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chance;

    #[test]
    fn what_is_turned_into_spectra_comes_back() {
        for (size, hop) in [(4096, 1024), (512, 64)] {
            let mut transform = ShortTime::new(size, hop);
            let samples: Vec<f32> = (0..size * 3 + 17).map(|i| 0.5 * chance(7, i as u64) as f32).collect();
            // Every sample lies in as many frames as any other.
            let padded = [vec![0.0; size], samples.clone()].concat();
            let mut out = vec![0.0; padded.len() + size];
            for at in (0..padded.len()).step_by(hop) {
                let spectrum = transform.spectrum(&padded[at..]);
                assert_eq!(spectrum.len(), size / 2 + 1);
                transform.add(spectrum, &mut out[at..]);
            }
            for (i, (sample, back)) in samples.iter().zip(&out[size..]).enumerate() {
                assert!((sample - back).abs() < 1e-5, "{sample} became {back} at {i} of {size}");
            }
        }
    }

    #[test]
    fn a_tone_lies_in_the_bin_of_its_frequency() {
        let mut transform = ShortTime::new(1024, 256);
        let turn = std::f32::consts::TAU * 40.0 / 1024.0;
        let tone: Vec<f32> = (0..1024).map(|i| (turn * i as f32).sin()).collect();
        let spectrum = transform.spectrum(&tone);
        // A sine is half of its amplitude at either sign of its frequency, and half of that for the window.
        assert!((spectrum[40].norm() - 256.0).abs() < 0.1 && spectrum[50].norm() < 0.1);
    }
}
