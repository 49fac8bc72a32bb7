use std::collections::{HashMap, HashSet};

use serde::{Deserialize, Serialize};

use super::edit_error::{EditError, track_mut};
use crate::{InvalidScore, Note, NoteId, Project, Tick, Track, TrackId};

/// Edits of the notes of one track.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NoteCommand {
    /// Adds notes; their ids must be free, see [`crate::Notes::next_id`].
    Insert {
        track: TrackId,
        notes: Vec<Note>,
    },
    Remove {
        track: TrackId,
        notes: Vec<NoteId>,
    },
    /// Moves notes together, in time and by semitones.
    Move {
        track: TrackId,
        notes: Vec<NoteId>,
        ticks: Tick,
        semitones: i16,
    },
    /// Gives notes new lyrics.
    Sing {
        track: TrackId,
        lyrics: Vec<(NoteId, String)>,
    },
    /// Gives notes, found by their ids, new values throughout: lengths, pronunciation, vibrato.
    Change {
        track: TrackId,
        notes: Vec<Note>,
    },
}

impl NoteCommand {
    pub(super) fn apply(self, project: &mut Project) -> Result<NoteCommand, EditError> {
        match self {
            NoteCommand::Insert { track, notes } => insert(track_mut(project, track)?, notes),
            NoteCommand::Remove { track, notes } => remove(track_mut(project, track)?, notes),
            NoteCommand::Move { track, notes, ticks, semitones } => {
                let track = track_mut(project, track)?;
                move_notes(track, &notes, ticks, semitones)?;
                // Moving back is exact: a move out of range is refused, never clamped.
                Ok(NoteCommand::Move { track: track.id, notes, ticks: -ticks, semitones: -semitones })
            }
            NoteCommand::Sing { track, lyrics } => sing(track_mut(project, track)?, lyrics),
            NoteCommand::Change { track, notes } => {
                let track = track_mut(project, track)?;
                let notes = exchange(track, notes)?;
                Ok(NoteCommand::Change { track: track.id, notes })
            }
        }
    }
}

fn insert(track: &mut Track, notes: Vec<Note>) -> Result<NoteCommand, EditError> {
    let mut taken: HashSet<NoteId> = track.notes.iter().map(|note| note.id).collect();
    for note in &notes {
        note.check()?;
        if !taken.insert(note.id) {
            return Err(InvalidScore::NoteTwice { id: note.id }.into());
        }
    }
    let ids = notes.iter().map(|note| note.id).collect();
    track.notes.edit(|all| all.extend(notes));
    Ok(NoteCommand::Remove { track: track.id, notes: ids })
}

fn remove(track: &mut Track, ids: Vec<NoteId>) -> Result<NoteCommand, EditError> {
    find(track, &ids)?;
    let gone: HashSet<NoteId> = ids.into_iter().collect();
    let notes = track.notes.edit(|all| all.extract_if(.., |note| gone.contains(&note.id)).collect());
    Ok(NoteCommand::Insert { track: track.id, notes })
}

fn move_notes(track: &mut Track, ids: &[NoteId], ticks: Tick, semitones: i16) -> Result<(), EditError> {
    let mut moved = find(track, ids)?;
    for note in &mut moved {
        let out_of_time = InvalidScore::NoteTime {
            id: note.id,
            onset: note.onset.saturating_add(ticks),
            length: note.length,
        };
        note.onset = note.onset.checked_add(ticks).ok_or(out_of_time)?;
        let pitch = i32::from(note.pitch) + i32::from(semitones);
        note.pitch = u8::try_from(pitch).map_err(|_| InvalidScore::NotePitch { id: note.id, pitch })?;
    }
    exchange(track, moved).map(drop)
}

fn sing(track: &mut Track, lyrics: Vec<(NoteId, String)>) -> Result<NoteCommand, EditError> {
    let ids: Vec<NoteId> = lyrics.iter().map(|(id, _)| *id).collect();
    let mut notes = find(track, &ids)?;
    for (note, (_, lyric)) in notes.iter_mut().zip(lyrics) {
        note.lyric = lyric;
    }
    let before = exchange(track, notes)?;
    let lyrics = before.into_iter().map(|note| (note.id, note.lyric)).collect();
    Ok(NoteCommand::Sing { track: track.id, lyrics })
}

/// Copies of the notes in the order of their ids; each id at most once.
fn find(track: &Track, ids: &[NoteId]) -> Result<Vec<Note>, EditError> {
    let mut wanted = HashSet::with_capacity(ids.len());
    if let Some(&id) = ids.iter().find(|&&id| !wanted.insert(id)) {
        return Err(InvalidScore::NoteTwice { id }.into());
    }
    let found: HashMap<NoteId, &Note> =
        track.notes.iter().filter(|note| wanted.contains(&note.id)).map(|note| (note.id, note)).collect();
    let copy = |id: &NoteId| {
        let missing = EditError::NoNote { track: track.id, note: *id };
        found.get(id).map(|&note| note.clone()).ok_or(missing)
    };
    ids.iter().map(copy).collect()
}

/// Puts the notes in the place of those with the same ids and gives those back.
fn exchange(track: &mut Track, notes: Vec<Note>) -> Result<Vec<Note>, EditError> {
    let ids: Vec<NoteId> = notes.iter().map(|note| note.id).collect();
    let before = find(track, &ids)?;
    notes.iter().try_for_each(Note::check)?;
    let mut new: HashMap<NoteId, Note> = notes.into_iter().map(|note| (note.id, note)).collect();
    track.notes.edit(|all| {
        for note in all {
            if let Some(changed) = new.remove(&note.id) {
                *note = changed;
            }
        }
    });
    Ok(before)
}
