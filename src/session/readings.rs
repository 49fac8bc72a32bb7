//! How the notes of the active track are read, worked out once for each change.

use super::editor::{Editor, read_track};
use ziyin_lyrics::{Language, Reading, track_language};
use ziyin_score::{Notes, TrackId};

/// The readings of a track, in the order of its notes.
#[derive(Default)]
pub struct Readings {
    of: Option<(TrackId, Notes, Option<Language>)>,
    all: Vec<Reading>,
    guessed: Option<Language>,
}

impl Readings {
    /// The readings of the active track as it is now.
    pub fn of(&mut self, editor: &Editor) -> &[Reading] {
        if editor.active().is_none() {
            return &[];
        }
        self.follow(editor);
        &self.all
    }

    /// The language that the lyrics of the active track seem to be in.
    pub fn guessed(&mut self, editor: &Editor) -> Option<Language> {
        self.follow(editor);
        self.guessed
    }

    fn follow(&mut self, editor: &Editor) {
        let Some(track) = editor.active() else { return };
        // Notes that are shared are the same: comparing them costs nothing.
        let same = self.of.as_ref().is_some_and(|(id, notes, language)| {
            *id == track.id
                && *language == track.language
                && std::ptr::eq(notes.as_ptr(), track.notes.as_ptr())
                && notes.len() == track.notes.len()
        });
        if !same {
            self.all = read_track(track);
            self.guessed = Some(track_language(track.notes.iter().map(|note| note.lyric.as_str())));
            self.of = Some((track.id, track.notes.clone(), track.language));
        }
    }
}
