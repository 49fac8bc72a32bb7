//! Recordings behind the song. While it is open their paths are absolute; in its file those beside
//! it are relative to it, so that the song goes where its folder goes.

use std::path::{Path, PathBuf, absolute};

use super::editor::Editor;
use ziyin_score::{Backing, BackingCommand, Command, EditError, Project};

/// The name of a recording: that of its file.
pub fn name_of(backing: &Backing) -> String {
    let name = Path::new(&backing.path).file_name();
    name.map_or_else(|| backing.path.clone(), |name| name.to_string_lossy().into_owned())
}

/// A song that lies in `folder`, with the paths of its recordings as they are while it is open.
pub(super) fn opened(mut project: Project, folder: &Path) -> Project {
    for backing in &mut project.backings {
        let path = folder.join(&backing.path);
        backing.path = absolute(&path).unwrap_or(path).to_string_lossy().into_owned();
    }
    project
}

/// A song as it is written into `folder`.
pub(super) fn written(project: &Project, folder: &Path) -> Project {
    let mut project = project.clone();
    for backing in &mut project.backings {
        if let Ok(near) = Path::new(&backing.path).strip_prefix(folder) {
            backing.path = near.to_string_lossy().into_owned();
        }
    }
    project
}

/// Lays a recording behind the song, from its start.
///
/// # Errors
/// Never: there is always room.
pub fn add(editor: &mut Editor, path: &Path) -> Result<(), EditError> {
    laid_at(editor, "add-backing", path, (0, 0))
}

/// Lays a recording behind the song, so that its first sample stands at `offset_us` from the start of the song,
/// and leaves out the first `before_us` of it, both in microseconds.
///
/// # Errors
/// If it would lie further away than recordings may.
pub(super) fn laid_at(
    editor: &mut Editor,
    step: &str,
    path: &Path,
    (offset_us, before_us): (i64, i64),
) -> Result<(), EditError> {
    let path: PathBuf = absolute(path).unwrap_or_else(|_| path.to_path_buf());
    let backing = Backing { offset_us, trim_us: [before_us, 0], ..Backing::new(path.to_string_lossy()) };
    let index = editor.project().backings.len();
    editor.perform(step, Command::Backing(BackingCommand::Insert { index, backing }))
}

/// Says that the recording of that place in the song lies at a path; what else is set of it stays.
///
/// # Errors
/// If there is no such recording.
pub fn find(editor: &mut Editor, index: usize, path: &Path) -> Result<(), EditError> {
    let backing = editor.project().backings.get(index).cloned().ok_or(EditError::NoBacking(index))?;
    let path = absolute(path).unwrap_or_else(|_| path.to_path_buf()).to_string_lossy().into_owned();
    let backing = Backing { path, ..backing };
    editor.perform("find-backing", Command::Backing(BackingCommand::Change { index, backing }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(project: &Project) -> Vec<&str> {
        project.backings.iter().map(|backing| backing.path.as_str()).collect()
    }

    #[test]
    fn recordings_beside_a_song_go_with_it_and_others_stay_where_they_are() {
        let backings = ["take.wav", "../band/mix.flac", "/else/where.wav"].map(Backing::new).to_vec();
        let song = Project { backings, ..Project::default() };
        let open = opened(song.clone(), Path::new("/songs"));
        assert_eq!(written(&open, Path::new("/songs")), song);
        let elsewhere = written(&open, Path::new("/other"));
        assert_eq!(paths(&elsewhere), ["/songs/take.wav", "/songs/../band/mix.flac", "/else/where.wav"]);
        assert_eq!(paths(&written(&open, Path::new("/else")))[2], "where.wav");
    }
}
