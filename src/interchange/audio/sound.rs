//! What a decoder gives.

use std::io;

use crate::budget::{Budget, BudgetError, Resource};

/// Decoded audio.
#[derive(Clone, Debug, PartialEq)]
pub struct Audio {
    /// Frames per second.
    pub rate: u32,
    /// Left and right, ±1 being full scale; of one channel both are the same, and more than two
    /// are mixed down.
    pub sides: [Vec<f32>; 2],
    /// Packets that were damaged and are left out.
    pub damaged: usize,
}

impl Audio {
    /// # Errors
    /// If it lasts too long, whatever its rate: what follows brings it to that of the house.
    pub(super) fn check(&self, budget: &Budget) -> Result<(), BudgetError> {
        let frames = self.sides[0].len() as u64;
        budget.within(Resource::Frames, frames)?;
        budget.within(Resource::Seconds, frames / u64::from(self.rate.max(1)))
    }
}

/// Why audio could not be read.
#[derive(Debug, thiserror::Error)]
pub enum AudioError {
    #[error("the file cannot be read")]
    Io(#[from] io::Error),
    #[error(
        "this is no audio that Ziyin knows: it reads WAV, FLAC, MP3, Ogg Vorbis and Opus; save it as one of these ({0})"
    )]
    Unsupported(String),
    #[error("the audio is damaged: {0}")]
    Damaged(String),
    #[error(transparent)]
    Budget(#[from] BudgetError),
    #[error("the file holds no sound")]
    Empty,
}
