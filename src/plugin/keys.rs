//! Keys that come from the host while it records, on their way to becoming notes.

use ziyin_score::{Command, EditError, Project, Track, TrackCommand};
use ziyin_session::editor::{Place, let_wait, new_notes};
use ziyin_session::played::Played;

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
    let places: Vec<Place> = played.iter().map(|played| played.place(&song.tempo)).collect();
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
    use ziyin_playback::RATE;
    use ziyin_score::{Tempo, TempoMap, Tick, TrackId};
    use ziyin_session::editor::SHORTEST;

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
