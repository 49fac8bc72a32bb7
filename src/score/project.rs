use std::collections::HashSet;

use super::{Backing, InvalidScore, Key, MeterMap, TempoMap, Tick, Track, TrackId};

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

    /// The key that was set, or else the one that the lead seems to be in: the first track that has
    /// notes. What other tracks sing says nothing against it.
    pub fn sounding_key(&self) -> Option<Key> {
        self.key.or_else(|| self.tracks.iter().find_map(|track| Key::of_notes(track.notes.iter())))
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
