//! Keys that come from the host while it records, on their way to becoming notes.

use ziyin_playback::RATE;
use ziyin_score::{Command, EditError, Note, NoteCommand, Project, Tick, Track, TrackCommand};

/// What is sung on a note that nobody has written words for.
const LYRIC: &str = "la";
/// The shortest note, in ticks.
const SHORTEST: Tick = 30;

/// A key that is pressed or let go of.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Key {
    /// The sample of the song at which that happens.
    pub sample: u64,
    /// As MIDI counts them.
    pub key: u8,
    pub pressed: bool,
}

/// A key that was pressed and let go of.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Played {
    key: u8,
    /// In samples of the song.
    from: u64,
    to: u64,
}

/// The key that is held: a voice sings one at a time.
#[derive(Debug, Default)]
pub struct Keys {
    held: Option<(u8, u64)>,
}

impl Keys {
    /// Takes a key; gives what was played if one has ended with it.
    pub fn take(&mut self, key: Key) -> Option<Played> {
        let ends = key.pressed || self.held.is_some_and(|(held, _)| held == key.key);
        let played = if ends { self.end(key.sample) } else { None };
        if key.pressed {
            self.held = Some((key.key, key.sample));
        }
        played
    }

    /// Ends what is held: the host has stopped.
    pub fn end(&mut self, sample: u64) -> Option<Played> {
        // A host that has gone back in a loop leaves a note that is as short as one can be.
        self.held.take().map(|(key, from)| Played { key, from, to: sample.max(from) })
    }

    pub fn are_held(&self) -> bool {
        self.held.is_some()
    }
}

/// Writes what was played into a track of a song, by its place; the last where there are not so many, and
/// a new one where there is none.
///
/// # Errors
/// If it would lie outside the song.
pub fn write(song: &mut Project, place: usize, played: &[Played]) -> Result<(), EditError> {
    if song.tracks.is_empty() {
        let track = Box::new(Track::new(song.next_track_id(), "Track 1"));
        Command::Track(TrackCommand::Insert { index: 0, track }).apply(song)?;
    }
    let Some(track) = song.tracks.get(place).or(song.tracks.last()) else { return Ok(()) };
    let tick = |sample: u64| song.tempo.tick(sample as f64 / f64::from(RATE)).max(0);
    let free = track.notes.next_id().0;
    let note = |(&Played { key, from, to }, id)| {
        let (onset, end) = (tick(from), tick(to));
        Note::new(ziyin_score::NoteId(id), onset, (end - onset).max(SHORTEST), key.min(127), LYRIC)
    };
    let notes = played.iter().zip(free..).map(note).collect();
    let track = track.id;
    Command::Note(NoteCommand::Insert { track, notes }).apply(song).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ziyin_score::{Tempo, TempoMap, TrackId};

    fn key(sample: u64, key: u8, pressed: bool) -> Key {
        Key { sample, key, pressed }
    }

    #[test]
    fn keys_become_notes_one_after_the_other() {
        let mut keys = Keys::default();
        assert_eq!(keys.take(key(0, 60, false)), None, "it was pressed before");
        assert_eq!(keys.take(key(100, 60, true)), None);
        // Legato: the next is pressed before this one is let go of.
        assert_eq!(keys.take(key(300, 62, true)), Some(Played { key: 60, from: 100, to: 300 }));
        assert_eq!(keys.take(key(350, 60, false)), None);
        assert!(keys.are_held());
        assert_eq!(keys.take(key(500, 62, false)), Some(Played { key: 62, from: 300, to: 500 }));
        keys.take(key(900, 64, true));
        assert_eq!(keys.end(20), Some(Played { key: 64, from: 900, to: 900 }));
        assert!(!keys.are_held() && keys.end(30).is_none());
    }

    #[test]
    fn what_was_played_stands_where_it_was_played() {
        let mut song = Project {
            tempo: TempoMap::constant(Tempo::from_bpm(60.0).unwrap()),
            tracks: vec![Track::new(TrackId(3), "a"), Track::new(TrackId(1), "b")],
            ..Project::default()
        };
        let second = u64::from(RATE);
        let played = [
            Played { key: 60, from: second, to: 2 * second },
            Played { key: 200, from: 2 * second, to: 2 * second },
        ];
        write(&mut song, 1, &played).unwrap();
        write(&mut song, 9, &played[..1]).unwrap();
        let notes = |song: &Project, place: usize| -> Vec<(Tick, Tick, u8, String)> {
            let notes = song.tracks[place].notes.iter();
            notes.map(|note| (note.onset, note.length, note.pitch, note.lyric.clone())).collect()
        };
        let first = (960, 960, 60, "la".to_string());
        assert_eq!(notes(&song, 1), [first.clone(), first.clone(), (1920, SHORTEST, 127, "la".into())]);
        assert!(song.check().is_ok() && song.tracks[0].notes.is_empty());
        let mut empty = Project { tempo: song.tempo.clone(), ..Project::default() };
        write(&mut empty, 0, &played[..1]).unwrap();
        assert_eq!(notes(&empty, 0), [first]);
    }
}
