//! What the user should know of how a song is sung.

use std::fmt;
use ziyin_message::{Message, ToMessage};

use ziyin_score::{NoteId, TrackId};

/// Something that is not sung as it is written, and where that is.
#[derive(Clone, Debug, PartialEq)]
pub struct Hint {
    pub track: TrackId,
    /// The first note that it is about; `None` for the track as a whole.
    pub note: Option<NoteId>,
    pub message: Message,
}

impl ToMessage for Hint {
    fn to_message(&self) -> Message {
        self.message.clone()
    }
}

impl fmt::Display for Hint {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        self.message.fmt(f)
    }
}
