//! What a frame is: the meeting point of analysis, networks and vocoder.

/// Samples per second of every voice inside the house.
pub const SAMPLE_RATE: u32 = 44_100;
/// Samples from one frame to the next on the vocoder's grid (2.9 ms: fine enough for
/// the burst of a plosive).
pub const HOP: usize = 128;
/// Length of the Fourier transform that the envelope is sampled on.
pub const FFT_SIZE: usize = 2048;
/// Bins of an envelope, from 0 Hz to half the sample rate inclusive.
pub const BINS: usize = FFT_SIZE / 2 + 1;
/// Distance of two bins in Hz.
pub const BIN_HZ: f32 = SAMPLE_RATE as f32 / FFT_SIZE as f32;
/// Bands of aperiodicity.
pub const AP_BANDS: usize = 6;
/// Centre of each band in Hz. Between centres the aperiodicity is interpolated in dB over
/// frequency, below the first from -60 dB at 0 Hz or, where the first is less, from that; above the last it is constant.
///
/// There is no band below 3 kHz (nor has D4C one, Morise 2016): what is measured there is not
/// noise but how much the harmonics themselves move from one period to the next, and sung as
/// noise it is heard as rumble.
pub const AP_CENTRES_HZ: [f32; AP_BANDS] = [3000.0, 5000.0, 7500.0, 10500.0, 14000.0, 18000.0];
/// Natural logarithm of the aperiodicity at 0 Hz: -60 dB.
const AP_AT_ZERO: f32 = -13.815_511;
/// What is less is nothing: -120 dB.
const AP_LEAST: f32 = 1e-12;

/// A run of frames, one after the other in row-major arrays.
///
/// With `H = exp(envelope)`, the filter `H` turns white noise of unit variance into the
/// noisy part, and harmonic `k` of the pitch `f` has the amplitude
/// `2·sqrt(f / SAMPLE_RATE)·H(k·f)`, so that both parts have the same density and the
/// level does not depend on the pitch (the convention of WORLD).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Frames {
    /// Natural logarithm of the amplitude, `[frames × BINS]`.
    pub envelope: Vec<f32>,
    /// Share of the power that is noise, 0 to 1, `[frames × AP_BANDS]`.
    pub aperiodicity: Vec<f32>,
    /// 1 where the vocal folds swing, 0 where they do not, `[frames]`. The harmonic
    /// power is weighted by it; what is not harmonic is noise.
    pub voicing: Vec<f32>,
}

impl Frames {
    /// The number of frames.
    pub fn len(&self) -> usize {
        self.voicing.len()
    }

    /// Whether there is no frame.
    pub fn is_empty(&self) -> bool {
        self.voicing.is_empty()
    }

    /// The envelope of frame `i`, `BINS` values.
    pub fn envelope_at(&self, i: usize) -> &[f32] {
        &self.envelope[i * BINS..(i + 1) * BINS]
    }

    /// The aperiodicity of frame `i`, `AP_BANDS` values.
    pub fn aperiodicity_at(&self, i: usize) -> &[f32] {
        &self.aperiodicity[i * AP_BANDS..(i + 1) * AP_BANDS]
    }
}

/// The aperiodicity at `hz` from that of the bands, as [`AP_CENTRES_HZ`] lays it down.
pub fn aperiodicity_between(bands: &[f32], hz: f32) -> f32 {
    let mut above = 0;
    while above < AP_BANDS && AP_CENTRES_HZ[above] <= hz {
        above += 1;
    }
    if above == AP_BANDS {
        return bands[AP_BANDS - 1];
    }
    let level = |band: usize| bands[band].max(AP_LEAST).ln();
    let (low, from) = match above {
        0 => (0.0, AP_AT_ZERO.min(level(0))),
        _ => (AP_CENTRES_HZ[above - 1], level(above - 1)),
    };
    (from + (level(above) - from) * ((hz - low) / (AP_CENTRES_HZ[above] - low))).exp()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn aperiodicity_is_interpolated_between_centres() {
        let bands = [0.01, 0.04, 0.1, 0.2, 0.4, 0.8];
        let near = |hz: f32, share: f32| (aperiodicity_between(&bands, hz) / share - 1.0).abs() < 1e-4;
        assert!(near(0.0, 1e-6) && near(1500.0, 1e-4) && near(3000.0, 0.01));
        assert!(near(4000.0, 0.02) && near(22_000.0, 0.8));
        assert!(aperiodicity_between(&[0.0; AP_BANDS], 3000.0) <= 1.1e-6);
    }
}
