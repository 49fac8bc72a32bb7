//! The edit that makes one song of another, for songs that were edited elsewhere.

use std::collections::HashSet;

use super::{BackingCommand, Command, SongCommand, TrackCommand};
use crate::{Project, Tick};

impl Command {
    /// What makes `after` of `before`; of valid songs it is always possible. Tracks that differ go as a whole,
    /// those that are alike stay.
    pub fn between(before: &Project, after: &Project) -> Command {
        let mut commands = Vec::new();
        if before.title != after.title {
            commands.push(Command::Song(SongCommand::Title(after.title.clone())));
        }
        if before.key != after.key {
            commands.push(Command::Song(SongCommand::Key(after.key)));
        }
        if before.looped != after.looped {
            commands.push(Command::Song(SongCommand::Loop(after.looped)));
        }
        if before.mix_gain_db != after.mix_gain_db {
            commands.push(Command::Song(SongCommand::MixGain(after.mix_gain_db)));
        }
        if before.room_s != after.room_s {
            commands.push(Command::Song(SongCommand::Room(after.room_s)));
        }
        if before.markers != after.markers {
            commands.push(Command::Song(SongCommand::Markers(after.markers.clone())));
        }
        let tempo = |project: &Project| -> Vec<(Tick, _)> {
            project.tempo.changes().iter().map(|change| (change.tick, change.tempo)).collect()
        };
        for (tick, tempo) in changes(&tempo(before), &tempo(after)) {
            commands.push(Command::Song(SongCommand::Tempo { tick, tempo }));
        }
        let meter = |project: &Project| -> Vec<(Tick, _)> {
            project.meter.changes().iter().map(|change| (change.tick, change.signature)).collect()
        };
        for (tick, signature) in changes(&meter(before), &meter(after)) {
            commands.push(Command::Song(SongCommand::Meter { tick, signature }));
        }
        commands.extend(tracks(before, after).into_iter().map(Command::Track));
        if before.backings != after.backings {
            let remove = (0..before.backings.len()).rev().map(|index| BackingCommand::Remove { index });
            let insert = after.backings.iter().cloned().enumerate();
            let insert = insert.map(|(index, backing)| BackingCommand::Insert { index, backing });
            commands.extend(remove.chain(insert).map(Command::Backing));
        }
        Command::All(commands)
    }
}

/// What is taken away and set, so that the one list of changes becomes the other. Both begin at tick 0.
fn changes<T: Copy + PartialEq>(before: &[(Tick, T)], after: &[(Tick, T)]) -> Vec<(Tick, Option<T>)> {
    let kept: HashSet<Tick> = after.iter().map(|&(tick, _)| tick).collect();
    let gone = before.iter().filter(|(tick, _)| !kept.contains(tick)).map(|&(tick, _)| (tick, None));
    let there = |change: &(Tick, T)| {
        let place = before.binary_search_by_key(&change.0, |&(tick, _)| tick);
        place.is_ok_and(|place| before[place] == *change)
    };
    let set = after.iter().filter(|change| !there(change)).map(|&(tick, value)| (tick, Some(value)));
    gone.chain(set).collect()
}

fn tracks(before: &Project, after: &Project) -> Vec<TrackCommand> {
    let alike = |a: &Project, b: &Project| -> Vec<_> {
        a.tracks.iter().filter(|track| b.track(track.id) == Some(track)).map(|track| track.id).collect()
    };
    let mut kept = alike(after, before);
    // Those that stay must stay in their order.
    if kept != alike(before, after) {
        kept.clear();
    }
    let gone = before.tracks.iter().filter(|track| !kept.contains(&track.id));
    let come = after.tracks.iter().enumerate().filter(|(_, track)| !kept.contains(&track.id));
    gone.map(|track| TrackCommand::Remove { track: track.id })
        .chain(come.map(|(index, track)| TrackCommand::Insert { index, track: Box::new(track.clone()) }))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Backing, Key, Marker, MeterMap, Note, NoteId, Notes, Scale, Tempo, TempoChange, TempoMap,
        TimeSignature, TimeSignatureChange, Track, TrackId,
    };

    fn song(title: &str, tempos: &[(Tick, f64)], beats: &[(Tick, u8)], tracks: &[(u64, u8)]) -> Project {
        let tempo = |&(tick, bpm)| TempoChange { tick, tempo: Tempo::from_bpm(bpm).unwrap() };
        let meter =
            |&(tick, beats)| TimeSignatureChange { tick, signature: TimeSignature { beats, unit: 4 } };
        let track = |&(id, pitch)| Track {
            notes: Notes::new(vec![Note::new(NoteId(1), 960, 480, pitch, "la")]),
            ..Track::new(TrackId(id), "voice")
        };
        Project {
            title: title.into(),
            tempo: TempoMap::new(tempos.iter().map(tempo).collect()).unwrap(),
            meter: MeterMap::new(beats.iter().map(meter).collect()).unwrap(),
            tracks: tracks.iter().map(track).collect(),
            ..Project::default()
        }
    }

    #[test]
    fn one_song_becomes_the_other_in_one_step_that_is_taken_back() {
        let mut songs = vec![
            Project::default(),
            song("a", &[(0, 120.0)], &[(0, 4)], &[(1, 60), (2, 62), (3, 64)]),
            song("a", &[(0, 120.0)], &[(0, 4)], &[(1, 60), (3, 64), (2, 62)]),
            song(
                "b",
                &[(0, 90.0), (960, 100.0)],
                &[(0, 3), (2880, 4)],
                &[(1, 60), (4, 50), (2, 63), (3, 64)],
            ),
            song("b", &[(0, 90.0), (1920, 100.0)], &[(0, 3)], &[(3, 64)]),
        ];
        songs[2].looped = Some((960, 3840));
        songs[2].mix_gain_db = -3.0;
        songs[3].room_s = 2.5;
        songs[2].markers = vec![Marker { tick: 960, name: "verse".into() }];
        songs[3].key = Some(Key { tonic: 2, scale: Scale::Minor });
        songs[4].backings = vec![Backing::new("a.wav"), Backing::new("b.wav")];
        for before in &songs {
            for after in &songs {
                let mut project = before.clone();
                let back = Command::between(before, after).apply(&mut project).unwrap();
                assert_eq!(&project, after);
                back.apply(&mut project).unwrap();
                assert_eq!(&project, before);
            }
        }
        // What is alike stays.
        assert_eq!(Command::between(&songs[1], &songs[1]), Command::All(Vec::new()));
        assert_eq!(tracks(&songs[1], &songs[3]).len(), 3);
    }
}
