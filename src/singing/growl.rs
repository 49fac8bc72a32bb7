//! Growl: the false folds swing along with the vocal folds, once for every second, third or fourth turn of
//! these, and let through more and less of the voice by turns. Between the harmonics stand others at parts of
//! the pitch, which the ear hears as rough, and as the pitch that it was (Sakakibara et al., *Growl voice in
//! ethnic and pop styles*, ISMA 2004). Frames come 345 times a second, fast enough for what swings at most 110
//! times.

use std::f64::consts::TAU;

use super::plan::Phrase;
use super::run::seconds;
use super::vocoder::course::sung_pitch;
use ziyin_score::Manner;
use ziyin_signal::{BINS, Frames, HOP, SAMPLE_RATE};

/// The false folds swing no faster than this, in Hz.
const FASTEST: f32 = 110.0;
/// How much of the voice comes and goes by it.
const DEPTH: f64 = 0.8;
/// Seconds in which a growl comes and goes at the ends of a character.
const COMES: f64 = 0.03;

/// How far the false folds have turned where a piece of a run begins.
#[derive(Clone, Copy, Default)]
pub(super) struct FalseFolds {
    turns: f64,
}

impl FalseFolds {
    /// Roughens the frames of growled characters of a phrase, from frame `first` of the song on, sung at a pitch
    /// in Hz for each.
    pub fn roughen(&mut self, frames: &mut Frames, first: u64, pitch: &[f32], phrase: &Phrase) {
        if !phrase.characters.iter().any(|character| character.manner == Some(Manner::Growl)) {
            return;
        }
        for (i, envelope) in frames.envelope.chunks_mut(BINS).enumerate() {
            let hertz = sung_pitch(pitch.get(i).copied().unwrap_or(0.0));
            let slow = hertz / (hertz / FASTEST).ceil().max(1.0);
            self.turns += f64::from(slow) * HOP as f64 / f64::from(SAMPLE_RATE);
            let voicing = f64::from(frames.voicing.get(i).copied().unwrap_or(1.0).clamp(0.0, 1.0));
            let depth = DEPTH * voicing * share(phrase, seconds(first + i as u64));
            if depth > 0.0 {
                // As much power as without it.
                let gain = (1.0 + depth * (TAU * self.turns).cos()) / (1.0 + depth * depth / 2.0).sqrt();
                let change = gain.max(0.05).ln() as f32;
                envelope.iter_mut().for_each(|value| *value += change);
            }
        }
    }
}

/// How much of a moment is growled, from 0 to 1.
fn share(phrase: &Phrase, t: f64) -> f64 {
    let all = &phrase.characters;
    let next = all.partition_point(|character| character.onset <= t);
    let growls = |place: Option<usize>| {
        place.and_then(|place| all.get(place)).is_some_and(|one| one.manner == Some(Manner::Growl))
    };
    let Some(now) = next.checked_sub(1).filter(|&now| growls(Some(now))) else { return 0.0 };
    // From one that is growled to the next it goes on.
    let begins = if growls(now.checked_sub(1)) { 1.0 } else { (t - all[now].onset) / COMES };
    let ends = if growls(Some(next)) { 1.0 } else { (all[now].end() - t) / COMES };
    begins.min(ends).clamp(0.0, 1.0)
}
