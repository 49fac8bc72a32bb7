//! Keys that come from the host while it records, on their way to becoming notes.

use ziyin_playback::RATE;
use ziyin_score::{Command, EditError, Project, Tick, Track, TrackCommand};
use ziyin_session::editor::{Place, let_wait, new_notes};

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

/// The track that takes what is recorded, by its place in the song: the last where there are not so many.
pub fn recorded(song: &Project, place: usize) -> Option<&Track> {
    song.tracks.get(place).or(song.tracks.last())
}

/// The same, with a new one where there is none.
fn recorded_or_new(song: &mut Project, place: usize) -> Result<&Track, EditError> {
    if song.tracks.is_empty() {
        let track = Box::new(Track::new(song.next_track_id(), "Track 1"));
        Command::Track(TrackCommand::Insert { index: 0, track }).apply(song)?;
    }
    recorded(song, place).ok_or(EditError::NoPlace(place))
}

/// Writes what was played into a track of a song: the notes take the words that wait there.
///
/// # Errors
/// If it would lie outside the song.
pub fn write(song: &mut Project, place: usize, played: &[Played]) -> Result<(), EditError> {
    let tick = |sample: u64| song.tempo.tick(sample as f64 / f64::from(RATE)).max(0);
    let place_of = |&Played { key, from, to }: &Played| -> Place {
        let (onset, end) = (tick(from), tick(to));
        (onset, (end - onset).max(SHORTEST), key.min(127))
    };
    let places: Vec<Place> = played.iter().map(place_of).collect();
    let (command, _) = new_notes(recorded_or_new(song, place)?, &places);
    command.apply(song).map(drop)
}

/// Lets the words of a text wait for what is recorded, in the place of those that wait.
///
/// # Errors
/// None that a song can cause.
pub fn let_words_wait(song: &mut Project, place: usize, text: &str) -> Result<(), EditError> {
    let track = recorded_or_new(song, place)?.id;
    let_wait(track, text).apply(song).map(drop)
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

    #[test]
    fn what_is_played_takes_the_words_that_wait_one_after_the_other() {
        let second = u64::from(RATE);
        let played = |at: u64| Played { key: 60, from: at * second, to: (at + 1) * second };
        let mut song = Project::default();
        let_words_wait(&mut song, 3, "好一朵").unwrap();
        assert_eq!((song.tracks.len(), song.tracks[0].words.len()), (1, 3));
        write(&mut song, 0, &[played(0), played(1)]).unwrap();
        // What is played before them takes what comes next all the same: it was played later.
        write(&mut song, 0, &[played(4)]).unwrap();
        write(&mut song, 0, &[played(2)]).unwrap();
        let lyrics: Vec<&str> = song.tracks[0].notes.iter().map(|note| note.lyric.as_str()).collect();
        assert_eq!(lyrics, ["好", "一", "la", "朵"]);
        assert!(song.check().is_ok() && song.tracks[0].words.is_empty());
    }
}
