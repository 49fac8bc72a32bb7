//! Notes between cut and paste, across tracks and songs.

use super::document::Editor;
use ziyin_score::{Command, EditError, MAX_TICK, Note, NoteCommand, NoteId, Tick};

impl Editor {
    /// Whether there is anything to paste.
    pub fn has_copied(&self) -> bool {
        !self.clipboard.is_empty()
    }

    /// Copies the selected notes; with none selected the clipboard stays as it is.
    pub fn copy(&mut self) {
        let mut notes = self.selected_notes();
        let Some(first) = notes.first().map(|note| note.onset) else { return };
        notes.iter_mut().for_each(|note| note.onset -= first);
        self.clipboard = notes;
    }

    /// # Errors
    /// Never, as long as the selection is of the active track.
    pub fn cut(&mut self) -> Result<(), EditError> {
        self.copy();
        self.remove_selected("cut-notes")
    }

    /// Puts the copied notes into the active track, the first of them at `tick`, and
    /// selects them.
    ///
    /// # Errors
    /// If they would lie beyond the end of what a song can hold.
    pub fn paste(&mut self, tick: Tick) -> Result<(), EditError> {
        let notes = self.clipboard.clone();
        self.put("paste-notes", notes, tick)
    }

    /// Repeats the selected notes right behind themselves and selects the copies.
    ///
    /// # Errors
    /// As [`Editor::paste`].
    pub fn duplicate(&mut self) -> Result<(), EditError> {
        let mut notes = self.selected_notes();
        let Some(first) = notes.first().map(|note| note.onset) else { return Ok(()) };
        let end = notes.iter().map(Note::end).max().unwrap_or(first);
        notes.iter_mut().for_each(|note| note.onset -= first);
        self.put("duplicate-notes", notes, end)
    }

    /// Lays copies over the selected notes and selects them; gives the copy of one of them.
    ///
    /// # Errors
    /// Never: there is room where the notes are.
    pub fn copy_in_place(&mut self, held: NoteId) -> Result<NoteId, EditError> {
        let notes = self.selected_notes();
        let place = notes.iter().position(|note| note.id == held).unwrap_or(0) as u64;
        let copy = NoteId(self.notes().next_id().0 + place);
        self.put("duplicate-notes", notes, 0)?;
        Ok(copy)
    }

    fn put(&mut self, step: &str, mut notes: Vec<Note>, tick: Tick) -> Result<(), EditError> {
        let Some(track) = self.active() else { return Ok(()) };
        if notes.is_empty() {
            return Ok(());
        }
        let (id, first) = (track.id, track.notes.next_id().0);
        let tick = tick.clamp(0, MAX_TICK);
        for (i, note) in notes.iter_mut().enumerate() {
            note.id = NoteId(first + i as u64);
            note.onset += tick;
        }
        let put: Vec<NoteId> = notes.iter().map(|note| note.id).collect();
        self.perform(step, Command::Note(NoteCommand::Insert { track: id, notes }))?;
        self.select(put);
        Ok(())
    }
}
