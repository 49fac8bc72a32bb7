//! Recordings behind the song.

use std::path::Path;

use super::Session;
use ziyin_score::{Backing, BackingCommand, Command, EditError};

/// The name of a recording: that of its file.
pub fn name_of(backing: &Backing) -> String {
    let name = Path::new(&backing.path).file_name();
    name.map_or_else(|| backing.path.clone(), |name| name.to_string_lossy().into_owned())
}

impl Session {
    /// Lays a recording behind the song, from its start.
    ///
    /// # Errors
    /// Never: there is always room.
    pub fn add_backing(&mut self, path: &Path) -> Result<(), EditError> {
        // Beside the song it goes where the song goes.
        let near = self.folder().and_then(|folder| path.strip_prefix(folder).ok()).unwrap_or(path);
        let backing = Backing::new(near.to_string_lossy());
        let index = self.editor.project().backings.len();
        let insert = Command::Backing(BackingCommand::Insert { index, backing });
        self.editor.perform("add-backing", insert)
    }
}
