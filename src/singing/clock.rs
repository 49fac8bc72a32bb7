//! Where in the song a voice stands at a moment.

use ziyin_score::{TempoMap, Tick};

/// The time of one voice: what is drawn at a tick is sung when the voice comes there, which a
/// delayed harmony does later than its lead.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Clock {
    pub tempo: TempoMap,
    /// Seconds by which the voice sings late.
    pub delay: f64,
}

impl Clock {
    /// The tick that the voice has come to, with its fraction, so many seconds after the start of
    /// the song.
    pub fn tick_between(&self, seconds: f64) -> f64 {
        self.tempo.tick_between(seconds - self.delay)
    }

    /// Seconds after the start of the song at which the voice comes to a tick.
    pub fn seconds(&self, tick: Tick) -> f64 {
        self.tempo.seconds(tick) + self.delay
    }
}
