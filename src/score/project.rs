use std::collections::HashSet;

use super::{Backing, Key, MeterMap, NoteId, TempoMap, Tick, Track, TrackId};

/// A song: what a `.ziyin` file holds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Project {
    pub title: String,
    pub tempo: TempoMap,
    pub meter: MeterMap,
    /// What intervals are counted in; `None` to tell it from the notes.
    pub key: Option<Key>,
    pub tracks: Vec<Track>,
    /// Recorded audio that plays along.
    pub backings: Vec<Backing>,
}

impl Project {
    pub fn track(&self, id: TrackId) -> Option<&Track> {
        self.tracks.iter().find(|track| track.id == id)
    }

    pub(super) fn track_mut(&mut self, id: TrackId) -> Option<&mut Track> {
        self.tracks.iter_mut().find(|track| track.id == id)
    }

    /// An id that no track has.
    pub fn next_track_id(&self) -> TrackId {
        TrackId(self.tracks.iter().map(|track| track.id.0).max().map_or(1, |id| id.saturating_add(1)))
    }

    /// The key that was set, or else the one that the notes seem to be in.
    pub fn sounding_key(&self) -> Option<Key> {
        self.key.or_else(|| Key::of_notes(self.tracks.iter().flat_map(|track| track.notes.iter())))
    }

    /// The tick at which the last note of all tracks has ended.
    pub fn end(&self) -> Tick {
        self.tracks.iter().map(Track::end).max().unwrap_or(0)
    }

    /// Says what is wrong with a project that was put together by hand. Commands keep a
    /// project valid by themselves.
    ///
    /// # Errors
    /// The first thing that no valid score holds.
    pub fn check(&self) -> Result<(), InvalidScore> {
        let mut ids = HashSet::with_capacity(self.tracks.len());
        for track in &self.tracks {
            if !ids.insert(track.id) {
                return Err(InvalidScore::TrackTwice { id: track.id });
            }
            track.check()?;
        }
        if self.key.is_some_and(|key| !key.is_valid()) {
            return Err(InvalidScore::Key);
        }
        self.backings.iter().try_for_each(Backing::check)
    }
}

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
