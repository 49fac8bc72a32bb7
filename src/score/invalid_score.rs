use super::{NoteId, Tick, TrackId};
use ziyin_message::{Message, ToMessage, message};

/// What a score must not hold.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{}", self.to_message())]
pub enum InvalidScore {
    NoteTime { id: NoteId, onset: Tick, length: Tick },
    NotePitch { id: NoteId, pitch: i32 },
    Vibrato { id: NoteId },
    Transition { id: NoteId },
    Levels { id: NoteId },
    Timbre { id: NoteId },
    Articulation { id: NoteId },
    NoteTwice { id: NoteId },
    TrackTwice { id: TrackId },
    Mix { track: TrackId },
    Backing { path: String },
    TempoMap,
    MeterMap,
    Key,
    Loop,
    Markers,
    MixGain,
    Room,
    Curve,
}

impl ToMessage for InvalidScore {
    fn to_message(&self) -> Message {
        match self {
            Self::NoteTime { id, .. } => message!("score.note-time", id = id.0),
            Self::NotePitch { id, pitch } => message!("score.note-pitch", id = id.0, pitch),
            Self::Vibrato { id } => message!("score.vibrato", id = id.0),
            Self::Transition { id } => message!("score.transition", id = id.0),
            Self::Levels { id } => message!("score.levels", id = id.0),
            Self::Timbre { id } => message!("score.timbre", id = id.0),
            Self::Articulation { id } => message!("score.articulation", id = id.0),
            Self::NoteTwice { id } => message!("score.note-twice", id = id.0),
            Self::TrackTwice { id } => message!("score.track-twice", id = id.0),
            Self::Mix { track } => message!("score.mix", track = track.0),
            Self::Backing { path } => message!("score.backing", path),
            Self::TempoMap => message!("score.tempo-map"),
            Self::MeterMap => message!("score.meter-map"),
            Self::Key => message!("score.key"),
            Self::Loop => message!("score.loop"),
            Self::Markers => message!("score.markers"),
            Self::MixGain => message!("score.mix-gain"),
            Self::Room => message!("score.room"),
            Self::Curve => message!("score.curve"),
        }
    }
}
