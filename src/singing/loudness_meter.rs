//! How loud a mix is, by EBU R 128: loudness in LUFS after ITU-R BS.1770, and the true peak
//! between samples in dBTP.

use std::io;

use ebur128::{EbuR128, Mode};
use serde::Serialize;

/// The highest true peak of a mix that is brought to a loudness, in dBTP.
pub const TRUE_PEAK_DB: f64 = -1.0;
/// What a change of the sample rate may add to it, in dB.
const MARGIN_DB: f64 = 0.1;

/// Listens to a stereo mix.
pub struct Meter(EbuR128);

/// What was heard; `None` of silence.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Loudness {
    /// Integrated, in LUFS.
    pub lufs: Option<f64>,
    /// In dBTP.
    pub true_peak: Option<f64>,
}

impl Meter {
    /// # Errors
    /// If there is no meter for such a rate.
    pub fn new(rate: u32) -> io::Result<Self> {
        EbuR128::new(2, rate, Mode::I | Mode::TRUE_PEAK).map(Self).map_err(io::Error::other)
    }

    /// Takes in the next samples, left and right.
    ///
    /// # Errors
    /// If the two are not of one length.
    pub fn hear(&mut self, left: &[f32], right: &[f32]) -> io::Result<()> {
        self.0.add_frames_planar_f32(&[left, right]).map_err(io::Error::other)
    }

    pub fn loudness(&self) -> Loudness {
        let known = |value: f64| value.is_finite().then_some(value);
        let peaks = (0..2).filter_map(|side| self.0.true_peak(side).ok());
        let peak = peaks.fold(0.0, f64::max);
        Loudness {
            lufs: self.0.loudness_global().ok().and_then(known),
            true_peak: known(20.0 * peak.log10()),
        }
    }
}

impl Loudness {
    /// That of the same mix, raised by so many dB.
    pub fn raised(self, db: f64) -> Self {
        Self { lufs: self.lufs.map(|lufs| lufs + db), true_peak: self.true_peak.map(|peak| peak + db) }
    }

    /// By how much the mix must be raised, in dB, to be as loud as wanted, and whether its true peak
    /// keeps it below that. Silence stays as it is.
    pub fn raise_to(self, lufs: f64) -> (f64, bool) {
        let (Some(now), Some(peak)) = (self.lufs, self.true_peak) else { return (0.0, false) };
        let (wanted, most) = (lufs - now, TRUE_PEAK_DB - MARGIN_DB - peak);
        (wanted.min(most), wanted > most)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tone_is_as_loud_as_the_standard_says() {
        // EBU Tech 3341, case 1: a stereo sine of 1 kHz at -23 dBFS is -23 LUFS.
        let amplitude = 10f64.powf(-23.0 / 20.0);
        let sine =
            |i: i32| ((f64::from(i) * 1000.0 / 48_000.0 * std::f64::consts::TAU).sin() * amplitude) as f32;
        let tone: Vec<f32> = (0..20 * 48_000).map(sine).collect();
        let mut meter = Meter::new(48_000).unwrap();
        meter.hear(&tone, &tone).unwrap();
        let loudness = meter.loudness();
        assert!((loudness.lufs.unwrap() + 23.0).abs() < 0.1, "{loudness:?}");
        assert!((loudness.true_peak.unwrap() + 23.0).abs() < 0.2, "{loudness:?}");
        let (raised, kept) = loudness.raise_to(-16.0);
        assert!((raised - 7.0).abs() < 0.1 && !kept);
        let (raised, kept) = loudness.raise_to(5.0);
        assert!((raised - 21.9).abs() < 0.2 && kept);
        assert_eq!(Meter::new(44_100).unwrap().loudness(), Loudness::default());
        assert_eq!(Loudness::default().raise_to(-14.0), (0.0, false));
    }
}
