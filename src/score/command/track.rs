use std::mem::replace;

use serde::{Deserialize, Serialize};

use super::edit_error::{EditError, track_mut};
use crate::{Colour, GAINS_DB, InvalidScore, Project, Track, TrackId};
use ziyin_lyrics::Language;

/// Edits of tracks as a whole.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TrackCommand {
    /// Puts a track, with all that is in it, at a place counted from 0.
    Insert {
        index: usize,
        track: Box<Track>,
    },
    Remove {
        track: TrackId,
    },
    /// Moves a track to the place `index`.
    Reorder {
        track: TrackId,
        index: usize,
    },
    /// Sets one of its properties.
    Set {
        track: TrackId,
        field: TrackField,
    },
}

/// A property of a track, with its value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TrackField {
    Name(String),
    Singer(Option<String>),
    /// Whom the curve of mixture mixes in.
    Second(Option<String>),
    Language(Option<Language>),
    Inflection(f32),
    Expression(f32),
    /// In dB.
    Gain(f32),
    /// -1 is left, 1 is right.
    Pan(f32),
    /// How much is sent into the room, from 0 to 1.
    Room(f32),
    Mute(bool),
    Solo(bool),
    Hidden(bool),
    /// The folder that it lies in.
    Folder(Option<String>),
    /// Whether its folder is shut.
    Folded(bool),
    /// In dB.
    FolderGain(f32),
    Colour(Colour),
    /// The lyrics that wait for notes.
    Words(Vec<String>),
}

impl TrackCommand {
    /// What puts another singer in the place of one, whatever the case, whom a track names first or second.
    pub fn replacing_singer(track: &Track, from: &str, to: &str) -> Vec<TrackCommand> {
        let is_named =
            |name: &Option<String>| name.as_ref().is_some_and(|own| own.eq_ignore_ascii_case(from));
        let (to, track_id) = (Some(to.to_string()), track.id);
        let first = is_named(&track.singer).then(|| TrackField::Singer(to.clone()));
        let second = is_named(&track.second).then_some(TrackField::Second(to));
        let set = |field| TrackCommand::Set { track: track_id, field };
        first.into_iter().chain(second).map(set).collect()
    }

    pub(super) fn apply(self, project: &mut Project) -> Result<TrackCommand, EditError> {
        match self {
            TrackCommand::Insert { index, track } => {
                let id = track.id;
                if index > project.tracks.len() {
                    return Err(EditError::NoPlace(index));
                }
                if project.track(id).is_some() {
                    return Err(InvalidScore::TrackTwice { id }.into());
                }
                track.check()?;
                project.tracks.insert(index, *track);
                Ok(TrackCommand::Remove { track: id })
            }
            TrackCommand::Remove { track } => {
                let index = place(project, track)?;
                let track = Box::new(project.tracks.remove(index));
                Ok(TrackCommand::Insert { index, track })
            }
            TrackCommand::Reorder { track, index } => {
                let before = place(project, track)?;
                if index >= project.tracks.len() {
                    return Err(EditError::NoPlace(index));
                }
                let moved = project.tracks.remove(before);
                project.tracks.insert(index, moved);
                Ok(TrackCommand::Reorder { track, index: before })
            }
            TrackCommand::Set { track, field } => {
                let field = set(track_mut(project, track)?, field)?;
                Ok(TrackCommand::Set { track, field })
            }
        }
    }
}

fn place(project: &Project, id: TrackId) -> Result<usize, EditError> {
    project.tracks.iter().position(|track| track.id == id).ok_or(EditError::NoTrack(id))
}

fn set(track: &mut Track, field: TrackField) -> Result<TrackField, EditError> {
    let valid = match field {
        TrackField::Gain(gain) | TrackField::FolderGain(gain) => GAINS_DB.contains(&gain),
        TrackField::Pan(pan) => (-1.0..=1.0).contains(&pan),
        TrackField::Room(part) => (0.0..=1.0).contains(&part),
        TrackField::Inflection(part) | TrackField::Expression(part) => (0.0..=2.0).contains(&part),
        _ => true,
    };
    if !valid {
        return Err(InvalidScore::Mix { track: track.id }.into());
    }
    Ok(match field {
        TrackField::Name(name) => TrackField::Name(replace(&mut track.name, name)),
        TrackField::Singer(singer) => TrackField::Singer(replace(&mut track.singer, singer)),
        TrackField::Second(second) => TrackField::Second(replace(&mut track.second, second)),
        TrackField::Language(language) => TrackField::Language(replace(&mut track.language, language)),
        TrackField::Inflection(inflection) => {
            TrackField::Inflection(replace(&mut track.inflection, inflection))
        }
        TrackField::Expression(expression) => {
            TrackField::Expression(replace(&mut track.expression, expression))
        }
        TrackField::Gain(gain) => TrackField::Gain(replace(&mut track.gain_db, gain)),
        TrackField::Pan(pan) => TrackField::Pan(replace(&mut track.pan, pan)),
        TrackField::Room(room) => TrackField::Room(replace(&mut track.room, room)),
        TrackField::Mute(mute) => TrackField::Mute(replace(&mut track.mute, mute)),
        TrackField::Solo(solo) => TrackField::Solo(replace(&mut track.solo, solo)),
        TrackField::Hidden(hidden) => TrackField::Hidden(replace(&mut track.hidden, hidden)),
        TrackField::Folder(folder) => TrackField::Folder(replace(&mut track.folder, folder)),
        TrackField::Folded(folded) => TrackField::Folded(replace(&mut track.folded, folded)),
        TrackField::FolderGain(gain) => TrackField::FolderGain(replace(&mut track.folder_gain_db, gain)),
        TrackField::Colour(colour) => TrackField::Colour(replace(&mut track.colour, colour)),
        TrackField::Words(words) => TrackField::Words(replace(&mut track.words, words)),
    })
}
