use std::sync::Arc;

use realfft::{ComplexToReal, RealFftPlanner, RealToComplex, num_complex::Complex};

use super::{BINS, FFT_SIZE, SAMPLE_RATE};

/// How a frame is looked at.
#[derive(Clone, Copy, Debug)]
pub struct Focus {
    /// Length of the Hann window in seconds.
    pub window: f32,
    /// Width in Hz over which the spectrum is smoothed.
    pub smoothing: f32,
}

impl Focus {
    /// Three periods and one harmonic's distance: what CheapTrick takes.
    pub fn voiced(pitch_hz: f32) -> Self {
        Self { window: 3.0 / pitch_hz, smoothing: pitch_hz }
    }

    /// For noise the two need not be tied: a window short enough for a burst, and
    /// smoothing wide enough that the estimate does not flicker.
    pub const UNVOICED: Focus = Focus { window: 0.008, smoothing: 600.0 };
}

/// Estimates the spectral envelope around any instant of a recording.
///
/// Source: CheapTrick (Morise 2015): a pitch-adaptive window, smoothing over two thirds
/// of the pitch, liftering in the cepstrum. The power of the recording's own hiss is
/// taken off before the logarithm.
pub struct EnvelopeAnalyser {
    forward: Arc<dyn RealToComplex<f32>>,
    inverse: Arc<dyn ComplexToReal<f32>>,
    wave: Vec<f32>,
    bins: Vec<Complex<f32>>,
    scratch: Vec<Complex<f32>>,
    power: Vec<f32>,
    cumulative: Vec<f64>,
}

/// Of the hiss this much stays where nothing is louder: what is left of a noisy estimate
/// after its own mean is taken off says nothing, and would flicker.
const HISS_LEFT: f32 = 0.25;

impl Default for EnvelopeAnalyser {
    fn default() -> Self {
        let mut planner = RealFftPlanner::new();
        let forward = planner.plan_fft_forward(FFT_SIZE);
        let inverse = planner.plan_fft_inverse(FFT_SIZE);
        Self {
            wave: forward.make_input_vec(),
            bins: forward.make_output_vec(),
            scratch: vec![Complex::default(); forward.get_scratch_len().max(inverse.get_scratch_len())],
            power: vec![0.0; BINS],
            cumulative: vec![0.0; BINS + 1],
            forward,
            inverse,
        }
    }
}

impl EnvelopeAnalyser {
    /// Writes the logarithmic amplitude envelope around `seconds` into `envelope`
    /// (`BINS` values). `hiss` is the power per bin that is not voice (`BINS` values, in
    /// the units of [`EnvelopeAnalyser::power_at`]), or empty.
    pub fn envelope_at(
        &mut self,
        samples: &[f32],
        seconds: f64,
        focus: Focus,
        hiss: &[f32],
        envelope: &mut [f32],
    ) {
        self.measure(samples, seconds, focus.window);
        let bin_hz = SAMPLE_RATE as f32 / FFT_SIZE as f32;
        // Below the first harmonic a window of three periods sees little but its own
        // skirt: what is there is mirrored from above, as CheapTrick does.
        let fold = (focus.smoothing / bin_hz) as usize;
        for i in 0..fold / 2 {
            self.power[i] += self.power[(fold - i).min(BINS - 1)];
        }
        self.smooth(2.0 / 3.0 * focus.smoothing / bin_hz);
        for (i, p) in self.power.iter_mut().enumerate() {
            let hiss = hiss.get(i).copied().unwrap_or(0.0);
            *p = (*p - hiss).max(hiss * HISS_LEFT).max(1e-12);
        }
        self.lifter(focus.smoothing / SAMPLE_RATE as f32, envelope);
    }

    /// Brings the envelope of a voiced frame to the amplitudes that its lower harmonics
    /// have: smoothing and liftering leave a strong one up to 3 dB off. `noise` tells the
    /// share of noise at a frequency in Hz.
    ///
    /// A Hann window of three periods is blind to all harmonics but the one that it is
    /// tuned to, so each is measured by itself. What was found is carried over the bins
    /// between two harmonics on straight lines, and fades out from 5 to 8 kHz, where the
    /// pitch is not known well enough to hit a harmonic, and with the share of noise.
    pub fn fit_harmonics(
        &mut self,
        samples: &[f32],
        seconds: f64,
        pitch_hz: f32,
        hiss: &[f32],
        noise: impl Fn(f32) -> f32,
        envelope: &mut [f32],
    ) {
        const KEPT_UP_TO: f32 = 5000.0;
        const FADED_AT: f32 = 8000.0;
        const FURTHEST: f32 = 1.0;
        let bin_hz = SAMPLE_RATE as f32 / FFT_SIZE as f32;
        let window = HannWindow::around(seconds, 3.0 / pitch_hz);
        let mut missing: Vec<f32> = Vec::new();
        for k in 1..=(FADED_AT / pitch_hz) as usize {
            let hz = k as f32 * pitch_hz;
            let bin = (hz / bin_hz).round() as usize;
            let power = (window.amplitude(samples, hz).powi(2)
                - hiss.get(bin).copied().unwrap_or(0.0) * window.noise_gain)
                .max(1e-12);
            let breath = noise(hz);
            let per_envelope =
                4.0 * pitch_hz / SAMPLE_RATE as f32 * (1.0 - breath) + breath * window.noise_gain;
            let found = 0.5 * (power / per_envelope).ln();
            let fade = ((FADED_AT - hz) / (FADED_AT - KEPT_UP_TO)).clamp(0.0, 1.0) * (1.0 - breath);
            missing.push((found - envelope[bin]).clamp(-FURTHEST, FURTHEST) * fade);
        }
        let last = (FADED_AT / bin_hz) as usize;
        for (bin, e) in envelope.iter_mut().enumerate().take(last) {
            let place = (bin as f32 * bin_hz / pitch_hz - 1.0).max(0.0);
            let (k, part) = (place as usize, place.fract());
            let at = |k: usize| missing.get(k).copied().unwrap_or(0.0);
            *e += at(k) * (1.0 - part) + at(k + 1) * part;
        }
    }

    /// The power per bin around `seconds`, such that white noise of variance 1 gives 1.
    pub fn power_at(&mut self, samples: &[f32], seconds: f64, window: f32) -> &[f32] {
        self.measure(samples, seconds, window);
        &self.power
    }

    fn measure(&mut self, samples: &[f32], seconds: f64, window: f32) {
        let half = (f64::from(window) * f64::from(SAMPLE_RATE) / 2.0).min((FFT_SIZE / 2 - 1) as f64);
        let centre = seconds * f64::from(SAMPLE_RATE);
        let first = (centre - half).ceil() as isize;
        let last = (centre + half).floor() as isize;
        self.wave.fill(0.0);
        let (mut weight, mut energy, mut mean) = (0.0f32, 0.0f32, 0.0f32);
        for at in first..=last {
            let w = 0.5 + 0.5 * (std::f64::consts::PI * (at as f64 - centre) / half).cos() as f32;
            let x = usize::try_from(at).ok().and_then(|i| samples.get(i)).copied().unwrap_or(0.0);
            self.wave[(at - first) as usize] = x * w;
            weight += w;
            energy += w * w;
            mean += x * w;
        }
        mean /= weight.max(1e-9);
        for at in first..=last {
            let w = 0.5 + 0.5 * (std::f64::consts::PI * (at as f64 - centre) / half).cos() as f32;
            self.wave[(at - first) as usize] -= mean * w;
        }
        // The lengths fit by construction, so this cannot fail.
        let _ = self.forward.process_with_scratch(&mut self.wave, &mut self.bins, &mut self.scratch);
        for (p, b) in self.power.iter_mut().zip(&self.bins) {
            *p = b.norm_sqr() / energy.max(1e-9);
        }
    }

    /// A rectangle `width` bins wide slid over the power, with fractional edges.
    fn smooth(&mut self, width: f32) {
        for i in 0..BINS {
            self.cumulative[i + 1] = self.cumulative[i] + f64::from(self.power[i]);
        }
        let total = self.cumulative[BINS];
        // The integral of the mirrored spectrum from bin -0.5 up to a place.
        let cumulative = &self.cumulative;
        let within = |place: f64| {
            let i = (place.floor() as usize).min(BINS - 1);
            cumulative[i] + (cumulative[i + 1] - cumulative[i]) * (place - i as f64).min(1.0)
        };
        let integral = |place: f64| {
            if place < 0.0 {
                -within(-place)
            } else if place > BINS as f64 {
                2.0 * total - within((2.0 * BINS as f64 - place).max(0.0))
            } else {
                within(place)
            }
        };
        let half = f64::from(width) / 2.0;
        for i in 0..BINS {
            let centre = i as f64 + 0.5;
            self.power[i] =
                ((integral(centre + half) - integral(centre - half)) / (2.0 * half)).max(0.0) as f32;
        }
    }

    /// Takes the ripple of the harmonics out of the log power and gives log amplitude.
    fn lifter(&mut self, pitch: f32, envelope: &mut [f32]) {
        const RECOVERY: f32 = -0.15;
        for (b, &p) in self.bins.iter_mut().zip(&self.power) {
            *b = Complex::new(p.ln(), 0.0);
        }
        let _ = self.inverse.process_with_scratch(&mut self.bins, &mut self.wave, &mut self.scratch);
        for n in 1..=FFT_SIZE / 2 {
            let angle = std::f32::consts::PI * pitch * n as f32;
            let lifter = angle.sin() / angle * (1.0 - 2.0 * RECOVERY + 2.0 * RECOVERY * (2.0 * angle).cos());
            self.wave[n] *= lifter;
            if n < FFT_SIZE / 2 {
                self.wave[FFT_SIZE - n] *= lifter;
            }
        }
        let _ = self.forward.process_with_scratch(&mut self.wave, &mut self.bins, &mut self.scratch);
        for (e, b) in envelope.iter_mut().zip(&self.bins) {
            *e = 0.5 * b.re / FFT_SIZE as f32;
        }
    }
}

/// A Hann window laid over a recording, to measure single frequencies through.
struct HannWindow {
    first: isize,
    weights: Vec<f32>,
    /// Power that white noise of variance 1 shows in [`HannWindow::amplitude`].
    noise_gain: f32,
}

impl HannWindow {
    fn around(seconds: f64, length: f32) -> Self {
        let half = f64::from(length) * f64::from(SAMPLE_RATE) / 2.0;
        let centre = seconds * f64::from(SAMPLE_RATE);
        let (first, last) = ((centre - half).ceil() as isize, (centre + half).floor() as isize);
        let mut weights: Vec<f32> = (first..=last)
            .map(|at| 0.5 + 0.5 * (std::f64::consts::PI * (at as f64 - centre) / half).cos() as f32)
            .collect();
        let sum: f32 = weights.iter().sum();
        weights.iter_mut().for_each(|w| *w *= 2.0 / sum);
        let noise_gain = weights.iter().map(|w| w * w).sum();
        Self { first, weights, noise_gain }
    }

    /// The amplitude of a sinusoid of `hz` in the window.
    fn amplitude(&self, samples: &[f32], hz: f32) -> f32 {
        let turn = std::f32::consts::TAU * hz / SAMPLE_RATE as f32;
        let step = Complex::new(turn.cos(), turn.sin());
        let mut phase = Complex::new(1.0, 0.0);
        let mut sum = Complex::new(0.0, 0.0);
        for (i, w) in self.weights.iter().enumerate() {
            let x = self.first.checked_add_unsigned(i).and_then(|i| usize::try_from(i).ok());
            sum += phase * (w * x.and_then(|i| samples.get(i)).copied().unwrap_or(0.0));
            phase *= step;
        }
        sum.norm()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_strong_harmonic_has_its_own_level() {
        // The second of five harmonics stands 18 dB above its neighbours.
        let (hz, levels) = (441.0f32, [0.05f32, 0.4, 0.05, 0.03, 0.02]);
        let wave: Vec<f32> = (0..44_100)
            .map(|i| {
                let turn = std::f32::consts::TAU * hz * i as f32 / SAMPLE_RATE as f32;
                (1..).zip(levels).map(|(k, a)| a * (k as f32 * turn + k as f32).cos()).sum()
            })
            .collect();
        let mut analyser = EnvelopeAnalyser::default();
        let mut envelope = vec![0.0; BINS];
        analyser.envelope_at(&wave, 0.5, Focus::voiced(hz), &[], &mut envelope);
        analyser.fit_harmonics(&wave, 0.5, hz, &[], |_| 0.0, &mut envelope);
        for (k, level) in (1..).zip(levels) {
            let place = k as f32 * hz * FFT_SIZE as f32 / SAMPLE_RATE as f32;
            let (bin, part) = (place as usize, place.fract());
            let e = envelope[bin] * (1.0 - part) + envelope[bin + 1] * part;
            let sung = 2.0 * (hz / SAMPLE_RATE as f32).sqrt() * e.exp();
            assert!((sung / level).log10().abs() < 0.03, "harmonic {k}: {sung}, not {level}");
        }
    }

    #[test]
    fn white_noise_of_variance_one_has_the_envelope_zero() {
        let mut seed = 1u32;
        let noise: Vec<f32> = (0..44_100)
            .map(|_| {
                (0..12)
                    .map(|_| {
                        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                        seed as f32 / u32::MAX as f32
                    })
                    .sum::<f32>()
                    - 6.0
            })
            .collect();
        let mut analyser = EnvelopeAnalyser::default();
        let mut envelope = vec![0.0; BINS];
        let mut mean = 0.0;
        for i in 0..200 {
            analyser.envelope_at(&noise, 0.1 + 0.004 * f64::from(i), Focus::UNVOICED, &[], &mut envelope);
            mean += envelope[40..1000].iter().sum::<f32>() / 960.0 / 200.0;
        }
        // The mean of a logarithm lies a little below the logarithm of the mean.
        assert!((-0.25..0.05).contains(&mean), "{mean}");
    }

    #[test]
    fn a_pulse_train_has_the_envelope_of_its_pulse() {
        // Pulses of height sqrt(period) are the unit excitation of the vocoder.
        let period = 147usize;
        let wave: Vec<f32> =
            (0..44_100).map(|i| if i % period == 0 { (period as f32).sqrt() } else { 0.0 }).collect();
        let mut envelope = vec![0.0; BINS];
        EnvelopeAnalyser::default().envelope_at(&wave, 0.5, Focus::voiced(300.0), &[], &mut envelope);
        let worst = envelope[20..1000].iter().fold(0.0f32, |m, e| m.max(e.abs()));
        assert!(worst < 0.1, "{worst}");
    }
}
