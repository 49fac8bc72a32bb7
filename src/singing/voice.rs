//! What singing asks of a voice, so that it can be planned and tested without networks.

use super::character::{Block, Character};
use crate::lyrics::{Phoneme, Syllable};

/// Why a voice did not sing.
#[derive(Clone, Debug, thiserror::Error)]
#[error("the voice cannot sing: {0}")]
pub struct VoiceFailure(pub String);

/// What the length of a character's consonants depends on.
#[derive(Clone, Debug, PartialEq)]
pub struct TimingInput {
    pub syllable: Syllable,
    /// Nucleus and coda of the syllable before, or twice [`Phoneme::Rest`].
    pub previous: [Phoneme; 2],
    /// The first two sounds of the syllable after, or twice [`Phoneme::Rest`].
    pub next: [Phoneme; 2],
    pub singer: usize,
    /// MIDI pitch.
    pub pitch: f32,
    /// Seconds from the vowel to the end.
    pub length: f32,
}

/// How long the parts of a character would be if there is time, in seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Timing {
    /// Silence of a plosive, from the onset to the burst.
    pub closure: f32,
    /// From the burst, or the onset, to the vowel.
    pub consonant: f32,
    /// From the end of the nucleus to the end.
    pub coda: f32,
}

/// A trained voice.
pub trait Voice {
    /// A number that changes with the weights.
    fn fingerprint(&self) -> u64;

    /// The index of a singer, by name.
    fn singer(&self, name: &str) -> Option<usize>;

    /// The lengths of consonants and codas, one for each input.
    ///
    /// # Errors
    /// If the device gives up.
    fn timings(&self, inputs: &[TimingInput]) -> Result<Vec<Timing>, VoiceFailure>;

    /// The frames of each character at its [`Character::times`], one block for each.
    ///
    /// # Errors
    /// If the device gives up.
    fn generate(&self, characters: &[&Character]) -> Result<Vec<Block>, VoiceFailure>;
}
