use crate::{InvalidScore, NoteId, Project, Tick, Track, TrackId};

/// Why an edit did not happen.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum EditError {
    #[error("there is no track {}", .0.0)]
    NoTrack(TrackId),
    #[error("track {} has no note {}", .track.0, .note.0)]
    NoNote { track: TrackId, note: NoteId },
    #[error("track {} has no harmony number {index}", .track.0)]
    NoHarmony { track: TrackId, index: usize },
    #[error("there is no backing track number {0}")]
    NoBacking(usize),
    #[error("there is no place number {0} among the tracks")]
    NoPlace(usize),
    #[error("there is no change at tick {0}")]
    NoChange(Tick),
    #[error("the song needs a tempo and a time signature at its start")]
    StartOfSong,
    #[error(transparent)]
    Invalid(#[from] InvalidScore),
}

/// The track of that id.
///
/// # Errors
/// If there is none.
pub(super) fn track_mut(project: &mut Project, id: TrackId) -> Result<&mut Track, EditError> {
    project.track_mut(id).ok_or(EditError::NoTrack(id))
}
