//! The notes of one voice in seconds: what a plan is made from.

use ziyin_score::{Levels, Manner, NoteId, TempoMap, Track, Vibrato};

/// A note as it is sung.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SungNote {
    pub id: NoteId,
    /// Seconds from the start of the song.
    pub onset: f64,
    /// Seconds from the start of the song, after `onset`.
    pub end: f64,
    /// MIDI pitch.
    pub key: f64,
    pub vibrato: Option<Vibrato>,
    pub levels: Levels,
    pub manner: Option<Manner>,
}

/// The notes of a track, one at a time: where two sound together the later one ends the
/// earlier, and of two that begin together the last is sung.
pub fn melody(track: &Track, tempo: &TempoMap) -> Vec<SungNote> {
    let mut notes: Vec<SungNote> = Vec::with_capacity(track.notes.len());
    for note in track.notes.iter() {
        let onset = tempo.seconds(note.onset);
        while let Some(before) = notes.last_mut() {
            before.end = before.end.min(onset);
            if before.end > before.onset {
                break;
            }
            notes.pop();
        }
        notes.push(SungNote {
            id: note.id,
            onset,
            end: tempo.seconds(note.end()),
            key: f64::from(note.pitch),
            vibrato: note.vibrato,
            levels: note.levels,
            manner: note.manner,
        });
    }
    notes
}
