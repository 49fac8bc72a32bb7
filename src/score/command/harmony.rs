use serde::{Deserialize, Serialize};

use super::edit_error::{EditError, track_mut};
use crate::{Harmony, InvalidScore, Project, TrackId};

/// Edits of the harmonies of one track, which are counted from 0.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HarmonyCommand {
    Insert { track: TrackId, index: usize, harmony: Harmony },
    Remove { track: TrackId, index: usize },
    Change { track: TrackId, index: usize, harmony: Harmony },
}

impl HarmonyCommand {
    pub(super) fn apply(self, project: &mut Project) -> Result<HarmonyCommand, EditError> {
        let (HarmonyCommand::Insert { track, index, .. }
        | HarmonyCommand::Remove { track, index }
        | HarmonyCommand::Change { track, index, .. }) = self;
        let harmonies = &mut track_mut(project, track)?.harmonies;
        let inserts = matches!(self, HarmonyCommand::Insert { .. });
        if index >= harmonies.len() + usize::from(inserts) {
            return Err(EditError::NoHarmony { track, index });
        }
        if let HarmonyCommand::Insert { harmony, .. } | HarmonyCommand::Change { harmony, .. } = &self
            && !harmony.is_valid()
        {
            return Err(InvalidScore::Mix { track }.into());
        }
        Ok(match self {
            HarmonyCommand::Insert { harmony, .. } => {
                harmonies.insert(index, harmony);
                HarmonyCommand::Remove { track, index }
            }
            HarmonyCommand::Remove { .. } => {
                HarmonyCommand::Insert { track, index, harmony: harmonies.remove(index) }
            }
            HarmonyCommand::Change { harmony, .. } => {
                let harmony = std::mem::replace(&mut harmonies[index], harmony);
                HarmonyCommand::Change { track, index, harmony }
            }
        })
    }
}
