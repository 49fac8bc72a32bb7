use super::{BudgetError, ImportError};
use ziyin_message::{Message, ToMessage, message};

/// Why a song of another program could not be read.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{}", self.to_message())]
pub enum Refusal {
    /// What to do instead is told.
    Unsupported {
        format: String,
        instead: Message,
    },
    Damaged {
        format: &'static str,
        what: Message,
    },
    NothingToSing {
        format: &'static str,
    },
    #[error(transparent)]
    Midi(#[from] ImportError),
    #[error(transparent)]
    Budget(#[from] BudgetError),
}

impl ToMessage for Refusal {
    fn to_message(&self) -> Message {
        match self {
            Self::Unsupported { format, instead } => message!("refusal.unsupported", format, instead),
            Self::Damaged { format, what } => message!("refusal.damaged", format, what),
            Self::NothingToSing { format } => message!("refusal.nothing-to-sing", format),
            Self::Midi(inner) => inner.to_message(),
            Self::Budget(inner) => inner.to_message(),
        }
    }
}

impl Refusal {
    pub(super) fn damaged(format: &'static str, what: Message) -> Self {
        Self::Damaged { format, what }
    }
}
