//! The breathy part: white noise through the filter of each frame.
//!
//! The noise is cut into Hann windows of two hops, which add up to one, so that noise
//! through a filter that does not change is exactly that: filtered noise. Each window
//! goes through the minimum-phase filter of its frame by a Fourier transform. The filter
//! is causal, so a burst begins where its frame begins.

use std::f32::consts::PI;
use std::sync::Arc;

use realfft::num_complex::Complex32;
use realfft::{ComplexToReal, RealFftPlanner, RealToComplex};

use super::spectrum::Spectrum;
use ziyin_signal::{BIN_HZ, BINS, FFT_SIZE, HOP};

/// Length of the transform: two hops of noise and 17 ms of the filter's ring.
pub const NOISE_FFT: usize = 1024;
/// Bins of the filter.
pub const NOISE_BINS: usize = NOISE_FFT / 2 + 1;
/// Bins of an envelope for each bin of the filter.
const STRIDE: usize = FFT_SIZE / NOISE_FFT;

/// Sample `index` of white noise of unit variance.
///
/// The sum of four uniform numbers is near enough to a Gaussian, and as a sum of integers
/// it is the same number on every machine and on the GPU. It repeats after 2^32 samples:
/// 27 hours.
pub fn white(seed: u32, index: u32) -> f32 {
    // The sum of four uniform numbers of 16 bits has this mean and this variance.
    const MEAN: i32 = 2 * 65_535;
    const DEVIATION: f32 = 37_837.227; // sqrt((65536² - 1) / 3)
    let a = scramble(index ^ scramble(seed));
    let b = scramble(a ^ 0x9e37_79b9);
    let sum = (a & 0xffff) + (a >> 16) + (b & 0xffff) + (b >> 16);
    (sum as i32 - MEAN) as f32 / DEVIATION
}

/// Integer hash "lowbias32" of Chris Wellons' hash prospector.
fn scramble(mut x: u32) -> u32 {
    x ^= x >> 16;
    x = x.wrapping_mul(0x7feb_352d);
    x ^= x >> 15;
    x = x.wrapping_mul(0x846c_a68b);
    x ^ (x >> 16)
}

/// Gain of the noise where the running phase has the cosine `cos`: it swells by `depth`
/// (0 to 1) at the closure of the vocal folds, which is phase 0, and its mean power stays
/// one.
pub fn breath_gain(cos: f32, depth: f32) -> f32 {
    (1.0 + depth * cos) / (1.0 + 0.5 * depth * depth).sqrt()
}

/// Shapes windows of noise, with the plans and buffers to do so.
pub struct NoiseShaper {
    forward: Arc<dyn RealToComplex<f32>>,
    inverse: Arc<dyn ComplexToReal<f32>>,
    bins: Vec<Complex32>,
    block: Vec<f32>,
    scratch: Vec<Complex32>,
    /// The rising half of the window; the falling half is what is missing to one.
    rise: [f32; HOP],
}

impl Default for NoiseShaper {
    fn default() -> Self {
        let mut planner = RealFftPlanner::new();
        let forward = planner.plan_fft_forward(NOISE_FFT);
        let inverse = planner.plan_fft_inverse(NOISE_FFT);
        let scratch = forward.get_scratch_len().max(inverse.get_scratch_len());
        Self {
            forward,
            inverse,
            bins: vec![Complex32::default(); NOISE_BINS],
            block: vec![0.0; NOISE_FFT],
            scratch: vec![Complex32::default(); scratch],
            rise: std::array::from_fn(|n| 0.5 - 0.5 * (PI * n as f32 / HOP as f32).cos()),
        }
    }
}

impl NoiseShaper {
    /// The noise of one frame: `before` and `after` are the raw noise of the hop before
    /// and after it. The result begins where `before` begins and is [`NOISE_FFT`] long.
    /// `None` where the frame has no noise.
    pub fn shape(&mut self, spectrum: &Spectrum, before: &[f32; HOP], after: &[f32; HOP]) -> Option<&[f32]> {
        if spectrum.silent {
            return None;
        }
        for n in 0..HOP {
            self.block[n] = before[n] * self.rise[n];
            self.block[HOP + n] = after[n] * (1.0 - self.rise[n]);
        }
        self.block[2 * HOP..].fill(0.0);
        // The lengths are the planner's own, so neither transform can refuse.
        self.forward.process_with_scratch(&mut self.block, &mut self.bins, &mut self.scratch).ok()?;
        for (j, bin) in self.bins.iter_mut().enumerate() {
            *bin *= filter_bin(spectrum, j);
        }
        // A real signal has real ends.
        self.bins[0].im = 0.0;
        self.bins[NOISE_BINS - 1].im = 0.0;
        self.inverse.process_with_scratch(&mut self.bins, &mut self.block, &mut self.scratch).ok()?;
        Some(&self.block)
    }
}

/// Bin `j` of the filter of a frame, with the scale of the transform there and back.
fn filter_bin(spectrum: &Spectrum, j: usize) -> Complex32 {
    let bin = (j * STRIDE).min(BINS - 1);
    let hz = bin as f32 * BIN_HZ;
    let share = spectrum.noise_share(hz).max(0.0);
    let gain =
        spectrum.log_amplitude[bin].exp() * share.sqrt() * spectrum.noise_passed(hz) / NOISE_FFT as f32;
    Complex32::from_polar(gain, spectrum.phase[bin])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn noise_is_white_and_of_unit_variance() {
        let noise: Vec<f64> = (0..1 << 18).map(|i| f64::from(white(7, i))).collect();
        let n = noise.len() as f64;
        let mean = noise.iter().sum::<f64>() / n;
        let variance = noise.iter().map(|x| x * x).sum::<f64>() / n;
        assert!(mean.abs() < 0.01, "mean {mean}");
        assert!((variance - 1.0).abs() < 0.01, "variance {variance}");
        for lag in [1, 2, 3, 64, 128, 441] {
            let correlation = noise.iter().zip(&noise[lag..]).map(|(a, b)| a * b).sum::<f64>() / n;
            assert!(correlation.abs() < 0.01, "lag {lag}: {correlation}");
        }
        let other: Vec<f64> = (0..1 << 18).map(|i| f64::from(white(8, i))).collect();
        let correlation = noise.iter().zip(&other).map(|(a, b)| a * b).sum::<f64>() / n;
        assert!(correlation.abs() < 0.01, "seeds: {correlation}");
    }

    #[test]
    fn breath_keeps_its_power() {
        for depth in [0.0, 0.5, 1.0] {
            let power = (0..1000)
                .map(|i| breath_gain((2.0 * PI * i as f32 / 1000.0).cos(), depth).powi(2))
                .sum::<f32>()
                / 1000.0;
            assert!((power - 1.0).abs() < 1e-4, "depth {depth}: {power}");
        }
    }
}
