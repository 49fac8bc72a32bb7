//! Words onto notes.

use super::document::Editor;
use ziyin_lyrics::{Language, split_into_syllables, track_language};
use ziyin_score::{Command, EditError, Note, NoteCommand, NoteId, Track};

impl Editor {
    /// What a note sings that nobody has given a lyric yet, in the language of the track: one
    /// without a lyric would be a rest.
    pub fn first_lyric(&self) -> &'static str {
        let guess = |track: &Track| track_language(track.notes.iter().map(|note| note.lyric.as_str()));
        match self.active().map(|track| track.language.unwrap_or_else(|| guess(track))) {
            None | Some(Language::Mandarin) => "la",
            Some(Language::Japanese) => "ら",
            Some(Language::Korean) => "라",
            Some(Language::English) => "la",
        }
    }

    /// Gives one note a lyric. A pronunciation that was chosen for another goes.
    ///
    /// # Errors
    /// If the active track has no such note.
    pub fn set_lyric(&mut self, id: NoteId, lyric: &str) -> Result<(), EditError> {
        let Some(note) = self.notes().get(id).cloned() else { return Ok(()) };
        if note.lyric == lyric {
            return Ok(());
        }
        self.change("type-lyric", vec![Note { lyric: lyric.into(), pronunciation: None, ..note }])
    }

    /// Chooses how the lyric of a note is read; nothing for the usual reading.
    ///
    /// # Errors
    /// If the active track has no such note.
    pub fn set_pronunciation(&mut self, id: NoteId, pinyin: Option<&str>) -> Result<(), EditError> {
        let Some(note) = self.notes().get(id).cloned() else { return Ok(()) };
        self.change("choose-reading", vec![Note { pronunciation: pinyin.map(Into::into), ..note }])
    }

    /// Lays the syllables of a text on successive notes, from `first` on: over the
    /// selected notes if `first` is one of several selected, else over all that follow.
    /// Gives how many syllables found no note.
    ///
    /// # Errors
    /// If the active track has no such note.
    pub fn spread_lyrics(&mut self, first: NoteId, text: &str) -> Result<usize, EditError> {
        let syllables = split_into_syllables(text);
        let notes = self.notes();
        let within = self.selection.len() > 1 && self.selection.contains(&first);
        let Some(start) = notes.iter().position(|note| note.id == first) else { return Ok(syllables.len()) };
        let targets: Vec<&Note> =
            notes[start..].iter().filter(|note| !within || self.selection.contains(&note.id)).collect();
        let changed: Vec<Note> = (targets.iter().zip(&syllables))
            .map(|(note, lyric)| Note { lyric: lyric.clone(), pronunciation: None, ..(*note).clone() })
            .collect();
        let left = syllables.len().saturating_sub(changed.len());
        if !changed.is_empty() {
            self.change("spread-lyrics", changed)?;
        }
        Ok(left)
    }

    /// Puts changed notes in the place of those with the same ids.
    ///
    /// # Errors
    /// If the active track has no such notes, or a value is out of range.
    pub fn change(&mut self, step: &str, notes: Vec<Note>) -> Result<(), EditError> {
        let Some(track) = self.active_track() else { return Ok(()) };
        if notes.is_empty() {
            return Ok(());
        }
        self.perform(step, Command::Note(NoteCommand::Change { track, notes }))
    }
}
