//! What singing asks of a voice, so that it can be planned and tested without networks.

use ziyin_message::{Message, ToMessage, message};

use super::character::{Block, Character};
pub use ziyin_model::{Timing, TimingInput};

/// Why a voice did not sing.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{}", self.to_message())]
pub struct VoiceFailure(pub Message);

impl ToMessage for VoiceFailure {
    fn to_message(&self) -> Message {
        message!("singing.voice", why = &self.0)
    }
}

/// A character that two sing.
#[derive(Clone, Copy, Debug)]
pub struct Mixed<'a> {
    /// As the first sings it.
    pub character: &'a Character,
    /// Index of the second singer in the voice.
    pub second: usize,
    /// How much of the second there is: more than 0, less than 1.
    pub share: f32,
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

    /// The same of characters that two sing. Where a voice does not know better, both sing and their frames
    /// are mixed.
    ///
    /// # Errors
    /// If the device gives up.
    fn generate_mixed(&self, mixed: &[Mixed]) -> Result<Vec<Block>, VoiceFailure> {
        mix_frames(mixed, |characters| self.generate(characters))
    }
}

/// Has both singers of each character sing it, and mixes their frames.
pub(super) fn mix_frames(
    mixed: &[Mixed],
    generate: impl Fn(&[&Character]) -> Result<Vec<Block>, VoiceFailure>,
) -> Result<Vec<Block>, VoiceFailure> {
    let seconds: Vec<Character> = mixed.iter().map(|one| one.character.sung_by(one.second)).collect();
    let firsts = generate(&mixed.iter().map(|one| one.character).collect::<Vec<_>>())?;
    let seconds = generate(&seconds.iter().collect::<Vec<_>>())?;
    let both = mixed.iter().zip(firsts).zip(&seconds);
    Ok(both.map(|((one, first), second)| first.between(second, one.share)).collect())
}
