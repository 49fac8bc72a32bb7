use std::{
    ops::{Deref, Range},
    sync::Arc,
};

use serde::{Deserialize, Serialize};

use super::{Note, NoteId, Tick};

/// The notes of a track, always sorted by onset, then by id.
///
/// A clone shares its notes with the original until one of the two is edited.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(from = "Vec<Note>", into = "Vec<Note>")]
pub struct Notes(Arc<Vec<Note>>);

impl Notes {
    /// Sorts the notes; ids are taken as they are.
    pub fn new(mut notes: Vec<Note>) -> Self {
        notes.sort_by_key(order);
        Self(Arc::new(notes))
    }

    /// The note of that id.
    pub fn get(&self, id: NoteId) -> Option<&Note> {
        self.iter().find(|note| note.id == id)
    }

    /// The notes that sound somewhere in `[from, to)`, in order.
    pub fn sounding(&self, from: Tick, to: Tick) -> impl Iterator<Item = &Note> {
        let before = self.partition_point(|note| note.onset < to);
        self[..before].iter().filter(move |note| note.end() > from)
    }

    /// What stands between rests: for each phrase the places of its notes. Notes that touch or overlap belong
    /// together.
    pub fn phrases(&self) -> Vec<Range<usize>> {
        let mut phrases: Vec<Range<usize>> = Vec::new();
        let mut sounds_to = Tick::MIN;
        for (place, note) in self.iter().enumerate() {
            match phrases.last_mut() {
                Some(phrase) if note.onset <= sounds_to => phrase.end = place + 1,
                _ => phrases.push(place..place + 1),
            }
            sounds_to = sounds_to.max(note.end());
        }
        phrases
    }

    /// An id that no note of the track has; those that follow it are free as well.
    pub fn next_id(&self) -> NoteId {
        NoteId(self.iter().map(|note| note.id.0).max().map_or(1, |id| id.saturating_add(1)))
    }

    /// Edits the notes in place and puts them back in order.
    pub(super) fn edit<T>(&mut self, change: impl FnOnce(&mut Vec<Note>) -> T) -> T {
        let notes = Arc::make_mut(&mut self.0);
        let result = change(notes);
        // A stable sort of what is nearly sorted takes one pass.
        notes.sort_by_key(order);
        result
    }
}

impl PartialEq for Notes {
    /// What is shared need not be compared: of two states of a song most tracks are.
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.0 == other.0
    }
}

impl Deref for Notes {
    type Target = [Note];

    fn deref(&self) -> &[Note] {
        &self.0
    }
}

impl From<Vec<Note>> for Notes {
    fn from(notes: Vec<Note>) -> Self {
        Self::new(notes)
    }
}

impl From<Notes> for Vec<Note> {
    fn from(notes: Notes) -> Self {
        Arc::unwrap_or_clone(notes.0)
    }
}

impl FromIterator<Note> for Notes {
    fn from_iter<I: IntoIterator<Item = Note>>(notes: I) -> Self {
        Self::new(notes.into_iter().collect())
    }
}

fn order(note: &Note) -> (Tick, NoteId) {
    (note.onset, note.id)
}
