use super::{BudgetError, ImportError};

/// Why a song of another program could not be read.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Refusal {
    #[error("{format} files are not read by Ziyin; {instead}")]
    Unsupported { format: &'static str, instead: &'static str },
    #[error("the {format} file is damaged: {what}")]
    Damaged { format: &'static str, what: String },
    #[error("the {format} file holds no part that can be sung")]
    NothingToSing { format: &'static str },
    #[error(transparent)]
    Midi(#[from] ImportError),
    #[error(transparent)]
    Budget(#[from] BudgetError),
}

impl Refusal {
    pub(super) fn damaged(format: &'static str, what: impl ToString) -> Self {
        // One sentence, whatever a parser has to say.
        let what = what.to_string();
        let line = what.lines().next().unwrap_or_default();
        Self::Damaged { format, what: line.chars().take(200).collect() }
    }
}
