use std::{fs, io, path::Path};

use super::{ImportError, ImportOptions, Imported, Report, import_midi};
use crate::score::{LoadError, Project};

/// The kinds of song files that can be opened, told apart by their extension.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SongKind {
    Ziyin,
    Midi,
}

impl SongKind {
    /// `None` for an extension that is no song's.
    pub fn of(path: &Path) -> Option<Self> {
        let extension = path.extension()?.to_str()?.to_ascii_lowercase();
        match extension.as_str() {
            "ziyin" => Some(Self::Ziyin),
            "mid" | "midi" | "kar" | "rmi" | "smf" => Some(Self::Midi),
            _ => None,
        }
    }
}

/// Why a song could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error("the file cannot be read")]
    Io(#[from] io::Error),
    #[error("a song is a .ziyin, .mid, .midi or .kar file")]
    UnknownKind,
    #[error(transparent)]
    Song(LoadError),
    #[error(transparent)]
    Midi(#[from] ImportError),
}

/// Opens a song of any kind; the options are for MIDI files.
///
/// # Errors
/// If the file is not there, of no known kind, or not what its extension says.
pub fn open_song(path: &Path, options: &ImportOptions) -> Result<Imported, OpenError> {
    match SongKind::of(path).ok_or(OpenError::UnknownKind)? {
        SongKind::Ziyin => {
            let project = Project::load(path).map_err(|error| match error {
                LoadError::Io(error) => OpenError::Io(error),
                error => OpenError::Song(error),
            })?;
            Ok(Imported { project, report: Report::default() })
        }
        SongKind::Midi => {
            // Asked first: a file far too large is not read into memory to be refused.
            let bytes = fs::metadata(path)?.len();
            if bytes > super::midi::MAX_BYTES {
                return Err(ImportError::TooLarge { bytes }.into());
            }
            let mut imported = import_midi(&fs::read(path)?, options)?;
            if imported.project.title.is_empty()
                && let Some(stem) = path.file_stem()
            {
                imported.project.title = stem.to_string_lossy().into_owned();
            }
            Ok(imported)
        }
    }
}
