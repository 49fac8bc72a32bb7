//! Notes and curves between cut and paste, across tracks and songs.

use super::carry::{self, CopiedCurves};
use super::copied::Clipboard;
use super::document::Editor;
use ziyin_score::{Command, CurveKind, EditError, MAX_TICK, Note, NoteCommand, NoteId, Overlay, Tick};

impl Editor {
    /// Whether there are notes to paste.
    pub fn has_copied(&self) -> bool {
        !self.clipboard.notes.is_empty()
    }

    /// Whether there is a part of a curve to paste.
    pub fn has_copied_curve(&self) -> bool {
        self.clipboard.curve.is_some()
    }

    /// Copies the selected notes with their curves; with none selected the clipboard stays as it is.
    pub fn copy(&mut self) {
        if let Some((notes, curves, _)) = self.copied() {
            (self.clipboard.notes, self.clipboard.curves) = (notes, curves);
        }
    }

    /// The selected notes and their curves, counted from the first of them, which stands at the last tick
    /// that is given.
    fn copied(&self) -> Option<(Vec<Note>, CopiedCurves, Tick)> {
        let mut notes = self.selected_notes();
        let first = notes.first()?.onset;
        notes.iter_mut().for_each(|note| note.onset -= first);
        let curves = CopiedCurves::of(self.active()?, self.selection(), first);
        Some((notes, curves, first))
    }

    /// # Errors
    /// Never, as long as the selection is of the active track.
    pub fn cut(&mut self) -> Result<(), EditError> {
        self.copy();
        self.remove_selected("cut-notes")
    }

    /// Puts the copied notes into the active track with their curves, the first of them at `tick`, and
    /// selects them.
    ///
    /// # Errors
    /// If they would lie beyond the end of what a song can hold.
    pub fn paste(&mut self, tick: Tick) -> Result<(), EditError> {
        let Clipboard { notes, curves, .. } = self.clipboard.clone();
        self.put("paste-notes", notes, Some(&curves), tick)
    }

    /// The same without their curves: what is drawn there stays.
    ///
    /// # Errors
    /// As [`Editor::paste`].
    pub fn paste_notes_alone(&mut self, tick: Tick) -> Result<(), EditError> {
        self.put("paste-notes", self.clipboard.notes.clone(), None, tick)
    }

    /// Repeats the selected notes with their curves right behind themselves and selects the copies.
    ///
    /// # Errors
    /// As [`Editor::paste`].
    pub fn duplicate(&mut self) -> Result<(), EditError> {
        let Some((notes, curves, first)) = self.copied() else { return Ok(()) };
        let end = notes.iter().map(Note::end).max().unwrap_or(0);
        self.put("duplicate-notes", notes, Some(&curves), first + end)
    }

    /// Lays copies over the selected notes and selects them; gives the copy of one of them. Moved in
    /// the same step, they take copies of the curves along.
    ///
    /// # Errors
    /// Never: there is room where the notes are.
    pub fn copy_in_place(&mut self, held: NoteId) -> Result<NoteId, EditError> {
        let notes = self.selected_notes();
        let place = notes.iter().position(|note| note.id == held).unwrap_or(0);
        let originals: Vec<NoteId> = notes.iter().map(|note| note.id).collect();
        let first = self.notes().next_id().0;
        let copy = |place: usize| NoteId(first + place as u64);
        self.put("duplicate-notes", notes, None, 0)?;
        if let Some(base) = &mut self.base {
            base.copied(originals.into_iter().enumerate().map(|(place, id)| (copy(place), id)));
        }
        Ok(copy(place))
    }

    fn put(
        &mut self,
        step: &str,
        mut notes: Vec<Note>,
        curves: Option<&CopiedCurves>,
        tick: Tick,
    ) -> Result<(), EditError> {
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
        let mut commands = vec![Command::Note(NoteCommand::Insert { track: id, notes })];
        if let Some(curves) = curves {
            commands.extend(carry::redrawn(id, &track.curves, &curves.laid(track, tick)));
        }
        self.perform(step, Command::All(commands))?;
        self.select(put);
        Ok(())
    }

    /// Copies what a curve of the active track does from one tick up to another.
    pub fn copy_curve(&mut self, kind: CurveKind, from: Tick, to: Tick) {
        let Some(track) = self.active() else { return };
        let piece = track.curves.get(kind).piece(from, to);
        if piece.length() > 0 {
            self.clipboard.curve = Some((kind, piece));
        }
    }

    /// Lays the copied part of a curve into a curve of the active track, from `tick` on. In one of another
    /// kind it means as much: its highest usual value is the highest usual value there.
    ///
    /// # Errors
    /// Never: what would lie beyond the song is cut off.
    pub fn paste_curve(&mut self, kind: CurveKind, tick: Tick) -> Result<(), EditError> {
        let (Some(track), Some((of, piece))) = (self.active(), &self.clipboard.curve) else { return Ok(()) };
        let mut overlay = Overlay::default();
        overlay.lay(tick.clamp(0, MAX_TICK), &piece.with_values(|value| of.converted(value, kind)));
        let mut curves = track.curves.clone();
        let curve = curves.get_mut(kind);
        *curve = curve.with(&overlay);
        let commands = carry::redrawn(track.id, &track.curves, &curves);
        self.perform("paste-curve", Command::All(commands))
    }
}
