//! Attack, body and release of a character: how loud its parts are.
//!
//! A generator is told levels as they are beside the middle of the vowel, which it always
//! gives at one loudness; it hears in them how a character is articulated. What is asked for
//! in dB is therefore given here, along the character as it is sung: a long note has the
//! frames of a short one, stretched.

use super::character::Character;
use super::plan::Phrase;
use super::run::seconds;
use super::shape::NEPERS;
use ziyin_signal::{BINS, Frames};

/// Seconds on each side of an onset in which one character's level becomes the next one's.
const OVER: f64 = 0.01;

/// Makes frames of a phrase, from frame `first` of the song on, as much louder as the notes
/// ask for: by the whole amount in the middle of each third of a character, and in between
/// on the way from one to the next.
pub(super) fn make_louder(frames: &mut Frames, first: u64, phrase: &Phrase) {
    let all = &phrase.characters;
    for (frame, envelope) in (first..).zip(frames.envelope.chunks_mut(BINS)) {
        let t = seconds(frame);
        let next = all.partition_point(|character| character.onset <= t + OVER);
        let (Some(now), before) = (all.get(next.saturating_sub(1)), next.checked_sub(2)) else { continue };
        let mut decibels = decibels(now, t);
        if let Some(before) = before.filter(|_| t < now.onset + OVER) {
            let part = ((t - now.onset + OVER) / (2.0 * OVER)).clamp(0.0, 1.0) as f32;
            decibels = decibels * part + self::decibels(&all[before], t) * (1.0 - part);
        }
        if decibels != 0.0 {
            envelope.iter_mut().for_each(|value| *value += decibels * NEPERS);
        }
    }
}

/// How much louder a character is at a moment in seconds.
fn decibels(character: &Character, t: f64) -> f32 {
    let parts = character.levels.parts();
    let length = f64::from(character.sung.end).max(0.01);
    // From 0 in the middle of the first third to 2 in that of the last.
    let place = (3.0 * (t - character.onset) / length - 0.5).clamp(0.0, 2.0) as f32;
    let (before, part) = if place < 1.0 { (0, place) } else { (1, place - 1.0) };
    parts[before] + (parts[before + 1] - parts[before]) * part
}
