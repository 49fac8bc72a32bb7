use serde::{Deserialize, Serialize};

use super::{InvalidScore, MAX_TICK, Tick};

/// A place in the song that has a name, such as the beginning of a section.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Marker {
    pub tick: Tick,
    pub name: String,
}

impl Marker {
    /// Says whether these are markers of a song: within it, in order, no two at one tick.
    pub(super) fn check(markers: &[Marker]) -> Result<(), InvalidScore> {
        let within = markers.iter().all(|marker| (0..=MAX_TICK).contains(&marker.tick));
        let in_order = markers.windows(2).all(|pair| pair[0].tick < pair[1].tick);
        if within && in_order { Ok(()) } else { Err(InvalidScore::Markers) }
    }
}
