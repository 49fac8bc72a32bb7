use serde::{Deserialize, Serialize};

use super::edit_error::EditError;
use crate::project::is_loop;
use crate::{
    GAINS_DB, InvalidScore, Key, MAX_TICK, Marker, MeterMap, Project, ROOMS_S, Tempo, TempoChange, TempoMap,
    Tick, TimeSignature, TimeSignatureChange,
};

/// Edits of what all tracks share.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SongCommand {
    Title(String),
    /// `None` to tell it from the notes.
    Key(Option<Key>),
    /// What is played over and over; `None` for nothing.
    Loop(Option<(Tick, Tick)>),
    /// From `tick` on at this tempo; `None` takes away the change that is there.
    Tempo {
        tick: Tick,
        tempo: Option<Tempo>,
    },
    /// From `tick` on in this time signature; `None` takes away the change that is there.
    Meter {
        tick: Tick,
        signature: Option<TimeSignature>,
    },
    /// The gain of the mix in dB.
    MixGain(f32),
    /// Seconds in which the room dies away.
    Room(f32),
    /// These markers and no others, in order.
    Markers(Vec<Marker>),
    /// These changes of tempo and no others.
    Tempos(Vec<TempoChange>),
    /// These time signatures and no others.
    Meters(Vec<TimeSignatureChange>),
}

impl SongCommand {
    pub(super) fn apply(self, project: &mut Project) -> Result<SongCommand, EditError> {
        match self {
            SongCommand::Title(title) => Ok(SongCommand::Title(std::mem::replace(&mut project.title, title))),
            SongCommand::Key(key) => {
                if key.is_some_and(|key| !key.is_valid()) {
                    return Err(InvalidScore::Key.into());
                }
                Ok(SongCommand::Key(std::mem::replace(&mut project.key, key)))
            }
            SongCommand::Loop(looped) => {
                if !looped.is_none_or(is_loop) {
                    return Err(InvalidScore::Loop.into());
                }
                Ok(SongCommand::Loop(std::mem::replace(&mut project.looped, looped)))
            }
            SongCommand::Tempo { tick, tempo } => {
                if tempo.is_some_and(|tempo| Tempo::from_micros(tempo.micros()).is_none()) {
                    return Err(InvalidScore::TempoMap.into());
                }
                let there = project.tempo.changes().iter().any(|change| change.tick == tick);
                check_change(tick, tempo.is_some(), there, InvalidScore::TempoMap)?;
                Ok(SongCommand::Tempo { tick, tempo: project.tempo.set(tick, tempo) })
            }
            SongCommand::Meter { tick, signature } => {
                if signature.is_some_and(|signature| !signature.is_valid()) {
                    return Err(InvalidScore::MeterMap.into());
                }
                let there = project.meter.changes().iter().any(|change| change.tick == tick);
                check_change(tick, signature.is_some(), there, InvalidScore::MeterMap)?;
                Ok(SongCommand::Meter { tick, signature: project.meter.set(tick, signature) })
            }
            SongCommand::MixGain(gain_db) => {
                if !GAINS_DB.contains(&gain_db) {
                    return Err(InvalidScore::MixGain.into());
                }
                Ok(SongCommand::MixGain(std::mem::replace(&mut project.mix_gain_db, gain_db)))
            }
            SongCommand::Room(seconds) => {
                if !ROOMS_S.contains(&seconds) {
                    return Err(InvalidScore::Room.into());
                }
                Ok(SongCommand::Room(std::mem::replace(&mut project.room_s, seconds)))
            }
            SongCommand::Markers(markers) => {
                Marker::check(&markers)?;
                Ok(SongCommand::Markers(std::mem::replace(&mut project.markers, markers)))
            }
            SongCommand::Tempos(changes) => {
                let before = std::mem::replace(&mut project.tempo, TempoMap::new(changes)?);
                Ok(SongCommand::Tempos(before.changes().to_vec()))
            }
            SongCommand::Meters(changes) => {
                let before = std::mem::replace(&mut project.meter, MeterMap::new(changes)?);
                Ok(SongCommand::Meters(before.changes().to_vec()))
            }
        }
    }
}

fn check_change(tick: Tick, sets: bool, there: bool, out_of_range: InvalidScore) -> Result<(), EditError> {
    match (tick, sets) {
        (0, true) => Ok(()),
        (0, false) => Err(EditError::StartOfSong),
        (tick, _) if !(0..=MAX_TICK).contains(&tick) => Err(out_of_range.into()),
        (tick, false) if !there => Err(EditError::NoChange(tick)),
        _ => Ok(()),
    }
}
