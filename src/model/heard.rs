//! What the singer encoder hears of a recording.

use ziyin_signal::AP_BANDS;

/// Bins of an envelope that the encoder looks at, evenly spaced on the mel scale.
pub const HEARD_BINS: usize = 64;
/// Numbers of a frame: envelope, aperiodicity, voicing, pitch.
pub const HEARD: usize = HEARD_BINS + AP_BANDS + 2;
/// Seconds from one frame to the next.
pub const HEARD_STEP: f32 = 0.0116;

/// Frames that stand this far (natural logarithm of the mean amplitude: 30 dB) below the
/// voice hold none.
const SILENT: f32 = 3.5;
/// Brings a log envelope to about unit variance.
const SCALE: f32 = 1.5;

/// The frames of a recording as the singer encoder takes them. How loud the recording is
/// makes no difference.
#[derive(Clone, Debug, Default)]
pub struct Heard {
    /// `[frames × HEARD]`.
    rows: Vec<f32>,
}

impl Heard {
    /// Adds a frame: log amplitude on [`HEARD_BINS`] bins with the corpus' mean taken off,
    /// aperiodicity (`AP_BANDS`), voicing from 0 to 1, and MIDI pitch.
    pub fn push(
        &mut self,
        envelope: impl IntoIterator<Item = f32>,
        aperiodicity: impl IntoIterator<Item = f32>,
        voicing: f32,
        pitch: f32,
    ) {
        let before = self.rows.len();
        self.rows.extend(envelope.into_iter().take(HEARD_BINS));
        self.rows.extend(aperiodicity.into_iter().take(AP_BANDS));
        self.rows.extend([voicing, voicing * (pitch - 66.0) / 12.0]);
        debug_assert_eq!(self.rows.len() - before, HEARD);
    }

    /// The number of frames.
    pub fn len(&self) -> usize {
        self.rows.len() / HEARD
    }

    /// Whether there is no frame.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// `[frames × HEARD]`: without the frames that are silent, the mean level of the voiced
    /// ones taken off.
    pub fn levelled(&self) -> Vec<f32> {
        let mean = |row: &[f32]| row[..HEARD_BINS].iter().sum::<f32>() / HEARD_BINS as f32;
        let voicing = |row: &[f32]| row[HEARD_BINS + AP_BANDS];
        let voiced: f32 = self.rows.chunks(HEARD).map(voicing).sum();
        let level = if voiced > 0.0 {
            self.rows.chunks(HEARD).map(|row| mean(row) * voicing(row)).sum::<f32>() / voiced
        } else {
            self.rows.chunks(HEARD).map(mean).fold(f32::MIN, f32::max)
        };
        let sounding = self.rows.chunks(HEARD).filter(|row| mean(row) > level - SILENT);
        let mut rows: Vec<f32> = sounding.flatten().copied().collect();
        for row in rows.chunks_mut(HEARD) {
            row[..HEARD_BINS].iter_mut().for_each(|e| *e = (*e - level) / SCALE);
        }
        rows
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard(gain: f32) -> Heard {
        let mut heard = Heard::default();
        for i in 0..20 {
            let (voicing, level) = if i % 5 == 4 { (0.0, -6.0) } else { (1.0, 0.1 * i as f32) };
            let envelope = (0..HEARD_BINS).map(|bin| gain + level + (bin as f32 * 0.3 + i as f32).sin());
            heard.push(envelope, [0.2; AP_BANDS], voicing, 60.0);
        }
        heard
    }

    #[test]
    fn loudness_makes_no_difference_and_silence_is_left_out() {
        let (quiet, loud) = (heard(-3.0).levelled(), heard(2.0).levelled());
        assert_eq!((quiet.len(), loud.len()), (16 * HEARD, 16 * HEARD));
        assert!(quiet.iter().zip(&loud).all(|(a, b)| (a - b).abs() < 1e-5));
    }
}
