use serde::{Deserialize, Serialize};

use super::edit_error::EditError;
use crate::{Backing, Project};

/// Edits of the backing tracks, which are counted from 0.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BackingCommand {
    Insert { index: usize, backing: Backing },
    Remove { index: usize },
    Change { index: usize, backing: Backing },
}

impl BackingCommand {
    pub(super) fn apply(self, project: &mut Project) -> Result<BackingCommand, EditError> {
        let backings = &mut project.backings;
        let (BackingCommand::Insert { index, .. }
        | BackingCommand::Remove { index }
        | BackingCommand::Change { index, .. }) = self;
        let inserts = matches!(self, BackingCommand::Insert { .. });
        if index >= backings.len() + usize::from(inserts) {
            return Err(EditError::NoBacking(index));
        }
        if let BackingCommand::Insert { backing, .. } | BackingCommand::Change { backing, .. } = &self {
            backing.check()?;
        }
        Ok(match self {
            BackingCommand::Insert { backing, .. } => {
                backings.insert(index, backing);
                BackingCommand::Remove { index }
            }
            BackingCommand::Remove { .. } => {
                BackingCommand::Insert { index, backing: backings.remove(index) }
            }
            BackingCommand::Change { backing, .. } => {
                BackingCommand::Change { index, backing: std::mem::replace(&mut backings[index], backing) }
            }
        })
    }
}
