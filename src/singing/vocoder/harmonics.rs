//! The voiced part: a sum of cosines of one running phase.
//!
//! Within a step, `[HOP]` samples between two frames, the sum is taken twice, with the
//! complex amplitudes of the frame before and of the frame after, and the two are
//! cross-faded. So neither amplitude nor offset jumps, and no offset needs unwrapping.

use realfft::num_complex::Complex32;

use super::course::{FADE, PhaseStep, TOP, Turns};
use super::spectrum::Spectrum;
use ziyin_signal::{HOP, SAMPLE_RATE};

/// Samples that are computed side by side; the compiler makes vectors of them.
const LANES: usize = 8;

/// The complex amplitudes of the harmonics of one frame; harmonic `k` stands at `k - 1`.
#[derive(Clone, Debug, Default)]
pub struct Partials(pub Vec<Complex32>);

impl Partials {
    /// Completes the amplitudes up to harmonic `count`. They are left as they are where
    /// they exist: each is a function of the frame and its number alone.
    pub fn extend(&mut self, spectrum: &Spectrum, count: usize) {
        if spectrum.silent || spectrum.pitch <= 0.0 || spectrum.voicing <= 0.0 {
            self.0.resize(self.0.len().max(count), Complex32::default());
            return;
        }
        let level = 2.0 * (spectrum.pitch / SAMPLE_RATE as f32).sqrt();
        for k in self.0.len() + 1..=count {
            let hz = k as f32 * spectrum.pitch;
            let (log_amplitude, phase) = spectrum.at(hz);
            let share = 1.0 - spectrum.noise_share(hz);
            self.0.push(Complex32::from_polar(level * log_amplitude.exp() * share.max(0.0).sqrt(), phase));
        }
    }
}

/// Sums the harmonics of a step, `before` and `after` being the amplitudes at its ends
/// (both completed up to [`PhaseStep::harmonics`]).
pub fn sum(step: &PhaseStep, turns: &Turns, before: &Partials, after: &Partials, out: &mut [f32; HOP]) {
    let count = step.harmonics().min(before.0.len()).min(after.0.len());
    let whole = step.whole_harmonics().min(count);
    for (block, out) in out.chunks_exact_mut(LANES).enumerate() {
        let first = block * LANES;
        let turn_re: [f32; LANES] = std::array::from_fn(|lane| turns.cos[first + lane]);
        let turn_im: [f32; LANES] = std::array::from_fn(|lane| turns.sin[first + lane]);
        let pitch: [f32; LANES] = std::array::from_fn(|lane| step.pitch_at(first + lane));
        // The oscillator of harmonic k is that of harmonic k - 1, turned once more.
        let (mut re, mut im) = (turn_re, turn_im);
        let (mut sum_before, mut sum_after) = ([0.0; LANES], [0.0; LANES]);
        for (b, a) in before.0[..whole].iter().zip(&after.0[..whole]) {
            for lane in 0..LANES {
                sum_before[lane] += b.re * re[lane] - b.im * im[lane];
                sum_after[lane] += a.re * re[lane] - a.im * im[lane];
                let turned = re[lane] * turn_re[lane] - im[lane] * turn_im[lane];
                im[lane] = re[lane] * turn_im[lane] + im[lane] * turn_re[lane];
                re[lane] = turned;
            }
        }
        for k in whole..count {
            let (b, a) = (before.0[k], after.0[k]);
            for lane in 0..LANES {
                let room = ((TOP - (k + 1) as f32 * pitch[lane]) / FADE).clamp(0.0, 1.0);
                let gain = room * room * (3.0 - 2.0 * room);
                sum_before[lane] += gain * (b.re * re[lane] - b.im * im[lane]);
                sum_after[lane] += gain * (a.re * re[lane] - a.im * im[lane]);
                let turned = re[lane] * turn_re[lane] - im[lane] * turn_im[lane];
                im[lane] = re[lane] * turn_im[lane] + im[lane] * turn_re[lane];
                re[lane] = turned;
            }
        }
        for lane in 0..LANES {
            let t = (first + lane) as f32 / HOP as f32;
            out[lane] = sum_before[lane] + (sum_after[lane] - sum_before[lane]) * t;
        }
    }
}
