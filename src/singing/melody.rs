//! The notes of one voice in seconds: what a plan is made from.

use super::character::drawn;
use ziyin_score::{
    Articulation, Levels, Manner, MeterMap, NoteId, TICKS_PER_QUARTER, TempoMap, Tick, Track, Transition,
    Vibrato,
};

/// Ticks by which an onset may miss a beat and still be on it: notes that were played do.
const NEAR: Tick = TICKS_PER_QUARTER / 24;

/// A note as it is sung.
#[derive(Clone, Debug, PartialEq)]
pub struct SungNote {
    pub id: NoteId,
    /// Seconds from the start of the song.
    pub onset: f64,
    /// Seconds from the start of the song, after `onset`.
    pub end: f64,
    /// MIDI pitch.
    pub key: f64,
    /// How heavily the meter weighs its onset as it is written: 1 where a bar begins, 0.5 on
    /// another beat, 0 half-way between two, -0.5 elsewhere.
    pub beat: f64,
    pub vibrato: Option<Vibrato>,
    pub transition: Option<Transition>,
    pub levels: Levels,
    pub manner: Option<Manner>,
    /// How its characters are sung, where that is not left to the singer.
    pub articulations: Vec<Articulation>,
    /// Which take of it is sung.
    pub take: u32,
}

impl SungNote {
    /// What chance hangs on.
    pub(super) fn drawn(&self) -> u64 {
        drawn(self.id, self.take)
    }
}

/// The notes of a track, one at a time: where two sound together the later one ends the
/// earlier, and of two that begin together the last is sung. Those that are muted are as good as not there.
pub fn melody(track: &Track, tempo: &TempoMap, meter: &MeterMap) -> Vec<SungNote> {
    let mut notes: Vec<SungNote> = Vec::with_capacity(track.notes.len());
    for note in track.notes.iter().filter(|note| !note.muted) {
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
            beat: beat(note.onset, meter),
            vibrato: note.vibrato,
            transition: note.transition,
            levels: note.levels,
            manner: note.manner,
            articulations: note.articulations.clone(),
            take: note.take,
        });
    }
    notes
}

/// How heavily the meter weighs a tick; see [`SungNote::beat`].
fn beat(tick: Tick, meter: &MeterMap) -> f64 {
    let at = meter.bar_beat((tick + NEAR).max(0));
    let half = meter.at(tick).beat() / 2;
    match (at.tick <= 2 * NEAR, at.beat) {
        // A pickup leads to where it is heavy.
        (true, 1) if at.bar > 0 => 1.0,
        (true, _) => 0.5,
        _ if (at.tick - NEAR - half).abs() <= NEAR => 0.0,
        _ => -0.5,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ziyin_score::{Note, Notes, TrackId};

    #[test]
    fn what_is_muted_is_not_sung_and_ends_nothing() {
        let mut track = Track::new(TrackId(1), "lead");
        let note = |id, onset| Note::new(NoteId(id), onset, 1920, 60, "la");
        track.notes = Notes::new(vec![note(1, 0), Note { muted: true, ..note(2, 960) }, note(3, 2880)]);
        let sung = melody(&track, &TempoMap::default(), &MeterMap::default());
        assert_eq!(sung.iter().map(|note| note.id).collect::<Vec<_>>(), [NoteId(1), NoteId(3)]);
        assert_eq!(sung[0].end, TempoMap::default().seconds(1920));
    }
}
