use super::{NoteId, Tick, TrackId};

/// What a score must not hold.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum InvalidScore {
    #[error("note {} begins at tick {onset} and lasts {length} ticks, which is outside the song", .id.0)]
    NoteTime { id: NoteId, onset: Tick, length: Tick },
    #[error("note {} has pitch {pitch}, outside 0 to 127", .id.0)]
    NotePitch { id: NoteId, pitch: i32 },
    #[error("the vibrato of note {} is out of range", .id.0)]
    Vibrato { id: NoteId },
    #[error("the levels of note {} are out of range", .id.0)]
    Levels { id: NoteId },
    #[error("two notes of one track have the id {}", .id.0)]
    NoteTwice { id: NoteId },
    #[error("two tracks have the id {}", .id.0)]
    TrackTwice { id: TrackId },
    #[error("a gain, pan or harmony of track {} is out of range", .track.0)]
    Mix { track: TrackId },
    #[error("the gain, pan or offset of the backing audio {path} is out of range")]
    Backing { path: String },
    #[error("the tempo changes do not begin at tick 0, are out of order, or out of range")]
    TempoMap,
    #[error("the time signatures do not begin at tick 0, are out of order, or out of range")]
    MeterMap,
    #[error("the key has no tonic from 0 to 11")]
    Key,
    #[error("the points of a curve are out of order or out of range")]
    Curve,
}
