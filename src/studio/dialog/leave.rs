//! What takes the place of the open song.

use std::path::PathBuf;

use ziyin_score::Project;
use ziyin_session::song_file::SongFile;

/// What was asked for that ends the work on the open song.
#[derive(Clone, Debug)]
pub enum Leave {
    New,
    /// Another song is there to take its place.
    Take(Box<Incoming>),
    Quit,
}

/// A song that was read, on its way into the place of the open one.
#[derive(Clone, Debug)]
pub struct Incoming {
    pub project: Project,
    /// Its file; none for a song of another program.
    pub file: Option<SongFile>,
    /// Whether the file holds it as it is.
    pub saved: bool,
    /// The file of another program that it came from.
    pub imported: Option<PathBuf>,
}
