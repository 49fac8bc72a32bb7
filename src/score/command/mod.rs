//! Every edit of a score is one value: the command, the undo step, the macro and the
//! test's input are the same thing.

mod backing;
mod between;
mod curve;
mod edit_error;
mod harmony;
mod note;
mod song;
mod track;

use serde::{Deserialize, Serialize};

pub use backing::BackingCommand;
pub use curve::CurveCommand;
pub use edit_error::EditError;
pub use harmony::HarmonyCommand;
pub use note::NoteCommand;
pub use song::SongCommand;
pub use track::{TrackCommand, TrackField};

use super::Project;

/// One edit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Command {
    Note(NoteCommand),
    Curve(CurveCommand),
    Harmony(HarmonyCommand),
    Track(TrackCommand),
    Backing(BackingCommand),
    Song(SongCommand),
    /// Several edits that belong together: all of them happen, or none.
    All(Vec<Command>),
}

impl Command {
    /// Edits the project and gives back the command that undoes it exactly.
    ///
    /// # Errors
    /// If the edit names something that is not there, or would make the score invalid.
    /// The project is then as it was.
    pub fn apply(self, project: &mut Project) -> Result<Command, EditError> {
        match self {
            Command::Note(command) => command.apply(project).map(Command::Note),
            Command::Curve(command) => command.apply(project).map(Command::Curve),
            Command::Harmony(command) => command.apply(project).map(Command::Harmony),
            Command::Track(command) => command.apply(project).map(Command::Track),
            Command::Backing(command) => command.apply(project).map(Command::Backing),
            Command::Song(command) => command.apply(project).map(Command::Song),
            Command::All(commands) => apply_all(commands, project),
        }
    }
}

fn apply_all(commands: Vec<Command>, project: &mut Project) -> Result<Command, EditError> {
    // A clone shares all notes, so that going back is cheap and certain.
    let before = project.clone();
    let mut inverses = Vec::with_capacity(commands.len());
    for command in commands {
        match command.apply(project) {
            Ok(inverse) => inverses.push(inverse),
            Err(error) => {
                *project = before;
                return Err(error);
            }
        }
    }
    inverses.reverse();
    Ok(Command::All(inverses))
}
