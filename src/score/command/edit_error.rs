use crate::{InvalidScore, NoteId, Project, Tick, Track, TrackId};
use ziyin_message::{Message, ToMessage, message};

/// Why an edit did not happen.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{}", self.to_message())]
pub enum EditError {
    NoTrack(TrackId),
    NoNote {
        track: TrackId,
        note: NoteId,
    },
    NoHarmony {
        track: TrackId,
        index: usize,
    },
    NoBacking(usize),
    NoPlace(usize),
    NoChange(Tick),
    StartOfSong,
    #[error(transparent)]
    Invalid(#[from] InvalidScore),
}

impl ToMessage for EditError {
    fn to_message(&self) -> Message {
        match self {
            Self::NoTrack(id) => message!("edit.no-track", id = id.0),
            Self::NoNote { track, note } => message!("edit.no-note", track = track.0, note = note.0),
            Self::NoHarmony { track, index } => message!("edit.no-harmony", track = track.0, index),
            Self::NoBacking(index) => message!("edit.no-backing", index),
            Self::NoPlace(index) => message!("edit.no-place", index),
            Self::NoChange(_) => message!("edit.no-change"),
            Self::StartOfSong => message!("edit.start-of-song"),
            Self::Invalid(inner) => inner.to_message(),
        }
    }
}

/// The track of that id.
///
/// # Errors
/// If there is none.
pub(super) fn track_mut(project: &mut Project, id: TrackId) -> Result<&mut Track, EditError> {
    project.track_mut(id).ok_or(EditError::NoTrack(id))
}
