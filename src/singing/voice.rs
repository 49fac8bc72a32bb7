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
