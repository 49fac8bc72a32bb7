//! Voices to stereo: gain, pan, headroom, and the numbers of a file's format.
//!
//! The headroom rule: where the mix, or a stem alone, would go above [`CEILING_DB`], the mix and every
//! stem are turned down together until it does not. Nothing is ever limited or clipped, so
//! that the stems always add up to the mix.

use serde::Serialize;

/// The loudest sample of a mix, in dB below full scale.
pub const CEILING_DB: f32 = -1.0;

/// How samples are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum SampleFormat {
    S16,
    #[default]
    S24,
    F32,
}

impl SampleFormat {
    pub fn bits(self) -> u16 {
        match self {
            SampleFormat::S16 => 16,
            SampleFormat::S24 => 24,
            SampleFormat::F32 => 32,
        }
    }

    /// The sample as the format can hold it, ±1 being full scale. Integer formats give whole
    /// steps, which add up exactly.
    pub fn rounded(self, sample: f32) -> f64 {
        match self.steps() {
            Some(steps) => (f64::from(sample) * steps).round().clamp(-steps, steps - 1.0) / steps,
            None => f64::from(sample),
        }
    }

    /// Steps from 0 to full scale; `None` for floating point.
    pub fn steps(self) -> Option<f64> {
        match self {
            SampleFormat::S16 => Some(32768.0),
            SampleFormat::S24 => Some(8_388_608.0),
            SampleFormat::F32 => None,
        }
    }
}

/// Amplitude of a gain in dB.
pub fn amplitude(db: f32) -> f32 {
    10f32.powf(db / 20.0)
}

/// What left and right get of a voice at `pan` (-1 left, 1 right), with equal power
/// everywhere: -3 dB in the middle.
pub fn pan_gains(pan: f32) -> [f32; 2] {
    let angle = (pan.clamp(-1.0, 1.0) + 1.0) * std::f32::consts::FRAC_PI_4;
    [angle.cos(), angle.sin()]
}

/// What is left of the two sides of a stereo recording at `pan`: both whole in the middle,
/// and on the way to one side the other fades as [`pan_gains`] has it. Neither is ever raised,
/// and none is folded into the other.
pub fn balance_gains(pan: f32) -> [f32; 2] {
    // Of the side that one goes away from. In the middle a recording is what it was, to the
    // last bit.
    let faded = pan_gains(pan.abs())[0] * std::f32::consts::SQRT_2;
    if pan < 0.0 {
        [1.0, faded]
    } else if pan > 0.0 {
        [faded, 1.0]
    } else {
        [1.0; 2]
    }
}

/// Follows the loudest sample of a mix and of its stems.
#[derive(Clone, Debug, Default)]
pub struct Peak(f32);

impl Peak {
    /// Takes in the next samples of all voices, left and right, each with its gains for the
    /// two; gives their sum.
    pub fn hear(&mut self, voices: &[([&[f32]; 2], [f32; 2])]) -> [Vec<f32>; 2] {
        let longest = voices.iter().map(|(sides, _)| sides[0].len()).max().unwrap_or(0);
        [0, 1].map(|side| {
            let mut sum = vec![0.0f32; longest];
            for (sides, gains) in voices {
                for (sum, sample) in sum.iter_mut().zip(sides[side]) {
                    let sample = sample * gains[side];
                    self.0 = self.0.max(sample.abs());
                    *sum += sample;
                }
            }
            self.0 = sum.iter().fold(self.0, |peak, sample| peak.max(sample.abs()));
            sum
        })
    }

    /// Takes in the next samples of something that is written besides.
    pub fn see(&mut self, samples: impl Iterator<Item = f32>) {
        self.0 = samples.fold(self.0, |peak, sample| peak.max(sample.abs()));
    }

    /// What everything must be multiplied by to keep the headroom; at most 1.
    pub fn headroom(&self) -> f32 {
        let ceiling = amplitude(CEILING_DB);
        if self.0 > ceiling { ceiling / self.0 } else { 1.0 }
    }

    /// What everything must be multiplied by for the loudest sample to stand at the
    /// ceiling; silence stays as it is.
    pub fn to_ceiling(&self) -> f32 {
        if self.0 > 0.0 { amplitude(CEILING_DB) / self.0 } else { 1.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pan_has_equal_power() {
        for pan in [-1.0, -0.3, 0.0, 0.7, 1.0] {
            let [left, right] = pan_gains(pan);
            assert!((left * left + right * right - 1.0).abs() < 1e-6);
        }
        assert!(pan_gains(-1.0)[1].abs() < 1e-6 && pan_gains(1.0)[0].abs() < 1e-6);
    }

    #[test]
    fn headroom_holds_for_the_sum_and_for_each() {
        let mut peak = Peak::default();
        let (a, b) = ([0.9f32, -0.5], [0.6f32, 0.5]);
        peak.hear(&[([&a, &a], [1.0, 1.0]), ([&b, &a], [1.0, 0.0])]);
        assert!((peak.headroom() - amplitude(-1.0) / 1.5).abs() < 1e-6);
        assert_eq!(Peak::default().headroom(), 1.0);
    }

    #[test]
    fn rounding_is_to_whole_steps() {
        assert_eq!(SampleFormat::S16.rounded(1.0), 32767.0 / 32768.0);
        assert_eq!(SampleFormat::S16.rounded(0.4 / 32768.0), 0.0);
        assert_eq!(SampleFormat::F32.rounded(0.1), f64::from(0.1f32));
    }
}
