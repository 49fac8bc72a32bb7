//! Notes and curves between cut and paste, across tracks and songs.

use std::collections::{BTreeMap, BTreeSet};

use super::carry::{self, CopiedCurves};
use super::copied::Part;
use super::document::Editor;
use ziyin_score::{
    Command, CurveKind, EditError, MAX_TICK, Note, NoteCommand, NoteId, Overlay, Tick, TrackId,
};

impl Editor {
    /// Whether there are notes to paste.
    pub fn has_copied(&self) -> bool {
        !self.clipboard.parts.is_empty()
    }

    /// Whether there is a part of a curve to paste.
    pub fn has_copied_curve(&self) -> bool {
        self.clipboard.curve.is_some()
    }

    /// Copies the selected notes with their curves; with none selected the clipboard stays as it is.
    pub fn copy(&mut self) {
        if let Some((parts, _)) = self.copied() {
            self.clipboard.parts = parts;
        }
    }

    /// The selected notes and their curves, counted from the first of them, which stands at the tick that is
    /// given.
    fn copied(&self) -> Option<(Vec<Part>, Tick)> {
        let (first, _) = self.selected_range()?;
        let part = |(id, selected): (TrackId, BTreeSet<NoteId>)| {
            let track = self.project().track(id)?;
            let chosen = track.notes.iter().filter(|note| selected.contains(&note.id));
            let notes = chosen.map(|note| Note { onset: note.onset - first, ..note.clone() }).collect();
            Some(Part { track: id, notes, curves: CopiedCurves::of(track, &selected, first) })
        };
        Some((self.selected().into_iter().filter_map(part).collect(), first))
    }

    /// # Errors
    /// Never, as long as what is selected is there.
    pub fn cut(&mut self) -> Result<(), EditError> {
        self.copy();
        self.remove_selected("cut-notes")
    }

    /// Puts the copied notes into the active track with their curves, the first of them at `tick`, and
    /// selects them. Those of several tracks go into the tracks that they come from.
    ///
    /// # Errors
    /// If they would lie beyond the end of what a song can hold, or a track of several is not there.
    pub fn paste(&mut self, tick: Tick) -> Result<(), EditError> {
        self.put("paste-notes", self.placed(), true, tick)
    }

    /// The same without their curves: what is drawn there stays.
    ///
    /// # Errors
    /// As [`Editor::paste`].
    pub fn paste_notes_alone(&mut self, tick: Tick) -> Result<(), EditError> {
        self.put("paste-notes", self.placed(), false, tick)
    }

    /// What was copied, with the tracks that it goes into.
    fn placed(&self) -> Vec<Part> {
        let mut parts = self.clipboard.parts.clone();
        if let ([part], Some(track)) = (&mut parts[..], self.active_track()) {
            part.track = track;
        }
        parts
    }

    /// Repeats the selected notes with their curves right behind themselves and selects the copies.
    ///
    /// # Errors
    /// As [`Editor::paste`].
    pub fn duplicate(&mut self) -> Result<(), EditError> {
        let Some((parts, first)) = self.copied() else { return Ok(()) };
        let end = parts.iter().flat_map(|part| &part.notes).map(Note::end).max().unwrap_or(0);
        self.put("duplicate-notes", parts, true, first + end)
    }

    /// Lays copies over the selected notes and selects them; gives the copy of one of them in the active
    /// track. Moved in the same step, they take copies of the curves along.
    ///
    /// # Errors
    /// Never: there is room where the notes are.
    pub fn copy_in_place(&mut self, held: NoteId) -> Result<NoteId, EditError> {
        let Some((parts, first)) = self.copied() else { return Ok(held) };
        let mut copy_of_held = held;
        let mut copies: Vec<(TrackId, Vec<(NoteId, NoteId)>)> = Vec::new();
        for part in &parts {
            let next = self.project().track(part.track).map_or(0, |track| track.notes.next_id().0);
            let copied = (next..).map(NoteId).zip(part.notes.iter().map(|note| note.id));
            if Some(part.track) == self.active_track() {
                copy_of_held = copied.clone().find(|(_, of)| *of == held).map_or(held, |(copy, _)| copy);
            }
            copies.push((part.track, copied.collect()));
        }
        self.put("duplicate-notes", parts, false, first)?;
        for (track, copies) in copies {
            if let Some(base) = self.bases.iter_mut().find(|base| base.track == track) {
                base.copied(copies);
            }
        }
        Ok(copy_of_held)
    }

    fn put(&mut self, step: &str, parts: Vec<Part>, with_curves: bool, tick: Tick) -> Result<(), EditError> {
        let Some(active) = self.active_track() else { return Ok(()) };
        if parts.is_empty() {
            return Ok(());
        }
        let tick = tick.clamp(0, MAX_TICK);
        let mut put: BTreeMap<TrackId, BTreeSet<NoteId>> = BTreeMap::new();
        let mut commands = Vec::new();
        for Part { track: id, mut notes, curves } in parts {
            let track = self.project().track(id).ok_or(EditError::NoTrack(id))?;
            let first = track.notes.next_id().0;
            for (i, note) in notes.iter_mut().enumerate() {
                note.id = NoteId(first + i as u64);
                note.onset += tick;
            }
            put.insert(id, notes.iter().map(|note| note.id).collect());
            commands.push(Command::Note(NoteCommand::Insert { track: id, notes }));
            if with_curves {
                commands.extend(carry::redrawn(id, &track.curves, &curves.laid(track, tick)));
            }
        }
        self.perform(step, Command::All(commands))?;
        let active = if put.contains_key(&active) { active } else { *put.keys().next().unwrap_or(&active) };
        self.select_in(active, put);
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
