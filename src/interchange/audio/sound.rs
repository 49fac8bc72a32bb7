//! What a decoder gives.

use std::io;
use ziyin_message::{Message, ToMessage, message};

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
#[error("{}", self.to_message())]
pub enum AudioError {
    Io(#[from] io::Error),
    Unsupported(Message),
    Damaged(Message),
    #[error(transparent)]
    Budget(#[from] BudgetError),
    Empty,
}

impl ToMessage for AudioError {
    fn to_message(&self) -> Message {
        match self {
            Self::Io(_) => message!("audio.io"),
            Self::Unsupported(why) => message!("audio.unsupported", why),
            Self::Damaged(why) => message!("audio.damaged", why),
            Self::Budget(inner) => inner.to_message(),
            Self::Empty => message!("audio.empty"),
        }
    }

    fn cause(&self) -> Option<Message> {
        match self {
            Self::Io(why) => Some(why.to_message()),
            _ => None,
        }
    }
}
