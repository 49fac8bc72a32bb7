use std::{cell::LazyCell, collections::HashSet};

use super::{
    Backing, GAINS_DB, Harmony, HarmonyKind, InvalidScore, Key, MAX_TICK, Marker, MeterMap, ROOMS_S, Scale,
    TempoMap, Tick, Track, TrackId,
};

/// Seconds in which the room of a new song dies away.
pub(super) const USUAL_ROOM_S: f32 = 1.2;

/// A song: what a `.ziyin` file holds.
#[derive(Clone, Debug, PartialEq)]
pub struct Project {
    pub title: String,
    pub tempo: TempoMap,
    pub meter: MeterMap,
    /// What intervals are counted in; `None` to tell it from the notes.
    pub key: Option<Key>,
    /// What is played over and over, from one tick to a later one.
    pub looped: Option<(Tick, Tick)>,
    /// In order, no two at one tick.
    pub markers: Vec<Marker>,
    /// The gain of the mix as a whole in dB, with all its stems.
    pub mix_gain_db: f32,
    /// Seconds in which the room dies away, by 60 dB, that tracks are sent into.
    pub room_s: f32,
    pub tracks: Vec<Track>,
    /// Recorded audio that plays along.
    pub backings: Vec<Backing>,
}

impl Default for Project {
    fn default() -> Self {
        Self {
            title: String::new(),
            tempo: TempoMap::default(),
            meter: MeterMap::default(),
            key: None,
            looped: None,
            markers: Vec::new(),
            mix_gain_db: 0.0,
            room_s: USUAL_ROOM_S,
            tracks: Vec::new(),
            backings: Vec::new(),
        }
    }
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

    /// The key that the intervals of a track are counted in unless they are pinned to another: the one that
    /// was set, or else the one that the track itself seems to be in. What other tracks sing, in whatever
    /// key, changes nothing of it.
    pub fn harmony_key(&self, track: &Track) -> Key {
        harmony_key(self.key, track, || self.sounding_key())
    }

    /// The harmonies of all tracks that are counted in a key, each with its track, its place, and as it is in
    /// the key of its track.
    pub(super) fn intervals(&self) -> impl Iterator<Item = (&Track, usize, Harmony)> {
        // Told once, and only if somebody needs it: of a hundred thousand tracks each may be empty.
        let lead = LazyCell::new(move || self.sounding_key());
        let is_interval = |harmony: &Harmony| matches!(harmony.kind, HarmonyKind::Interval { .. });
        self.tracks.iter().filter(move |track| track.harmonies.iter().any(is_interval)).flat_map(
            move |track| {
                let key = harmony_key(self.key, track, || *lead);
                let in_key = move |(index, harmony): (usize, &Harmony)| (track, index, harmony.in_key(key));
                track.harmonies.iter().enumerate().filter(move |(_, one)| is_interval(one)).map(in_key)
            },
        )
    }

    /// The harmonies that go along with the key and are not in it, each with its track, its place, and as
    /// it is in the key.
    pub fn strayed_harmonies(&self) -> Vec<(TrackId, usize, Harmony)> {
        let is_strayed = |&(track, index, followed): &(&Track, usize, Harmony)| {
            let harmony = track.harmonies[index];
            !harmony.pinned && followed != harmony
        };
        self.intervals()
            .filter(is_strayed)
            .map(|(track, index, followed)| (track.id, index, followed))
            .collect()
    }

    /// Whether only what has its solo on is heard, of tracks and backing audio.
    pub fn has_solo(&self) -> bool {
        self.has_solo_track() || self.backings.iter().any(|backing| backing.solo)
    }

    /// The same of tracks, for where backing audio is not played and silences nobody.
    pub fn has_solo_track(&self) -> bool {
        self.tracks.iter().any(|track| track.solo)
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
        if !self.looped.is_none_or(is_loop) {
            return Err(InvalidScore::Loop);
        }
        Marker::check(&self.markers)?;
        if !GAINS_DB.contains(&self.mix_gain_db) {
            return Err(InvalidScore::MixGain);
        }
        if !ROOMS_S.contains(&self.room_s) {
            return Err(InvalidScore::Room);
        }
        self.backings.iter().try_for_each(Backing::check)
    }
}

fn harmony_key(set: Option<Key>, track: &Track, lead: impl FnOnce() -> Option<Key>) -> Key {
    let key = set.or_else(|| Key::of_notes(track.notes.iter())).or_else(lead);
    key.unwrap_or(Key { tonic: 0, scale: Scale::Major })
}

/// Whether a stretch of a song can be played over and over.
pub(super) fn is_loop((from, to): (Tick, Tick)) -> bool {
    0 <= from && from < to && to <= MAX_TICK
}
