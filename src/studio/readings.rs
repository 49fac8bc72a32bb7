//! How the notes of the active track are read, worked out once for each change.

use super::editor::{Editor, read_track};
use crate::lyrics::Reading;
use crate::score::{Notes, TrackId};

/// The readings of a track, in the order of its notes.
#[derive(Default)]
pub struct Readings {
    of: Option<(TrackId, Notes, Option<crate::lyrics::Language>)>,
    all: Vec<Reading>,
}

impl Readings {
    /// The readings of the active track as it is now.
    pub fn of(&mut self, editor: &Editor) -> &[Reading] {
        let Some(track) = editor.active() else { return &[] };
        // Notes that are shared are the same: comparing them costs nothing.
        let same = self.of.as_ref().is_some_and(|(id, notes, language)| {
            *id == track.id
                && *language == track.language
                && std::ptr::eq(notes.as_ptr(), track.notes.as_ptr())
                && notes.len() == track.notes.len()
        });
        if !same {
            self.all = read_track(track);
            self.of = Some((track.id, track.notes.clone(), track.language));
        }
        &self.all
    }
}
