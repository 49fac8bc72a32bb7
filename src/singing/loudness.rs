//! Attack, body and release of a character: how loud its parts are.
//!
//! A generator is told levels as they are beside the middle of the vowel, which it always
//! gives at one loudness; it hears in them how a character is articulated. What is asked for
//! in dB is therefore given here.

use super::character::{Block, Character};
use crate::signal::BINS;

/// Nepers in a decibel.
const NEPERS: f32 = std::f32::consts::LN_10 / 20.0;

/// Makes the frames of a character as much louder as its note asks for: by the whole amount
/// in the middle of each third, and in between on the way from one to the next.
pub(super) fn make_louder(block: &mut Block, character: &Character) {
    if character.levels.is_usual() {
        return;
    }
    let parts = character.levels.parts();
    let end = character.block.end.max(0.01);
    for (&t, envelope) in block.times.iter().zip(block.frames.envelope.chunks_mut(BINS)) {
        // From 0 in the middle of the first third to 2 in that of the last.
        let place = (3.0 * t / end - 0.5).clamp(0.0, 2.0);
        let (before, part) = if place < 1.0 { (0, place) } else { (1, place - 1.0) };
        let decibels = parts[before] + (parts[before + 1] - parts[before]) * part;
        envelope.iter_mut().for_each(|value| *value += decibels * NEPERS);
    }
}
