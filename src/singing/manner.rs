//! Manners that the voice was not taught: its usual frames in another shape.

use super::shape::{NEPERS, tilt, turn};
use ziyin_score::Manner;
use ziyin_signal::{AP_BANDS, BIN_HZ, BINS, Frames};

/// Below this, in Hz, a whisper loses what the vocal folds gave: so many dB per octave.
const FOLDS: f32 = 700.0;
const FOLDS_DB: f32 = 9.0;

/// What makes a manner of the usual one.
struct Shaping {
    gain_db: f32,
    /// At the top of the spectrum against 1 kHz.
    tilt_db: f32,
    /// The share of the harmonic part that becomes noise, or below 0 of the noise that goes.
    breath: f32,
    /// How much louder each octave of harmonics above the first becomes, in dB.
    slope_db: f32,
}

impl Shaping {
    fn of(manner: Manner) -> Self {
        let (gain_db, tilt_db, breath, slope_db) = match manner {
            Manner::Soft => (-4.0, -9.0, 0.12, 0.0),
            Manner::Normal => (0.0, 0.0, 0.0, 0.0),
            Manner::Strong => (3.0, 8.0, -0.35, 0.0),
            Manner::Whisper => (-6.0, 3.0, 1.0, 0.0),
            // The folds hardly close: of the harmonics the first is left, and some air goes by.
            Manner::Falsetto => (-2.0, -2.0, 0.15, -7.0),
            // What makes it rough comes with the frames of the song.
            Manner::Growl => (2.0, 5.0, 0.05, 1.0),
        };
        Self { gain_db, tilt_db, breath, slope_db }
    }
}

/// Gives frames that were generated in the usual manner another one; `keys` is the MIDI pitch of each.
pub(super) fn shape_to(frames: &mut Frames, manner: Manner, keys: &[f32]) {
    let Shaping { gain_db, tilt_db, breath, slope_db } = Shaping::of(manner);
    let is_whisper = manner == Manner::Whisper;
    let change: Vec<f32> = tilt()
        .enumerate()
        .map(|(bin, tilt)| {
            let hertz = bin.max(1) as f32 * BIN_HZ;
            let folds = if is_whisper { (FOLDS / hertz).log2().max(0.0) * FOLDS_DB } else { 0.0 };
            (gain_db + tilt_db * tilt - folds.min(30.0)) * NEPERS
        })
        .collect();
    for (i, envelope) in frames.envelope.chunks_mut(BINS).enumerate() {
        envelope.iter_mut().zip(&change).for_each(|(value, change)| *value += change);
        // What is not voiced has no harmonics to turn.
        let voiced = frames.voicing.get(i).copied().unwrap_or(1.0).clamp(0.0, 1.0);
        if let Some(key) = keys.get(i).filter(|_| slope_db * voiced != 0.0) {
            turn(envelope, 440.0 * ((key - 69.0) / 12.0).exp2(), slope_db * voiced * NEPERS);
        }
    }
    for (aperiodicity, voicing) in frames.aperiodicity.chunks_mut(AP_BANDS).zip(&mut frames.voicing) {
        for share in aperiodicity {
            *share = if breath > 0.0 { *share + (1.0 - *share) * breath } else { *share * (1.0 + breath) };
        }
        if is_whisper {
            *voicing = 0.0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shaped(manner: Manner) -> Frames {
        let mut frames =
            Frames { envelope: vec![-2.0; BINS], aperiodicity: vec![0.2; AP_BANDS], voicing: vec![1.0] };
        shape_to(&mut frames, manner, &[57.0]);
        frames
    }

    #[test]
    fn each_manner_is_itself() {
        let [soft, normal, strong, whisper, falsetto, growl] = Manner::ALL.map(shaped);
        let slope = |frames: &Frames| frames.envelope[BINS - 1] - frames.envelope[BINS / 20];
        assert!(slope(&soft) < slope(&normal) && slope(&normal) < slope(&strong));
        assert_eq!(normal.envelope, vec![-2.0; BINS]);
        assert!(strong.aperiodicity[0] < 0.2 && soft.aperiodicity[0] > 0.2);
        assert!(whisper.aperiodicity.iter().all(|&share| share == 1.0) && whisper.voicing[0] == 0.0);
        // From the first harmonic to the fourth, in dB.
        let bin = |harmonic: f32| (220.0 * harmonic / BIN_HZ).round() as usize;
        let falls = |frames: &Frames| (frames.envelope[bin(1.0)] - frames.envelope[bin(4.0)]) / NEPERS;
        assert!(falls(&falsetto) - falls(&normal) > 12.0, "{}", falls(&falsetto) - falls(&normal));
        assert!(falsetto.aperiodicity[0] > 0.2 && falls(&growl) < falls(&normal));
        assert!(whisper.envelope[10] < whisper.envelope[100] - 1.0, "no hum of the folds is left");
    }
}
