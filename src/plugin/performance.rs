//! What is sung so far, as one immutable value. A change is another performance.

use std::ops::Range;
use std::sync::Arc;

use super::faders::Fader;
use ziyin_playback::{Clips, RATE};
use ziyin_signal::Room;
use ziyin_singing::mix::pan_gains;

/// Stereo outputs beside the mix: one for each track and each harmony, in the order of the song. Those that
/// come after the last output are in the mix alone.
pub const OUTPUTS: usize = 16;

/// One voice of the song.
#[derive(Clone, Debug)]
pub struct Part {
    /// What is sung of it.
    pub clips: Arc<Clips>,
    /// Where it is not sung yet, in samples of the song, in order.
    pub missing: Vec<Range<u64>>,
    /// Gain to the left and to the right.
    pub gains: [f32; 2],
    /// The gain as one factor, and where it stands, for a host that moves it.
    pub volume: f32,
    pub pan: f32,
    /// The part of what is heard of it that is sent into the room.
    pub room: f32,
    /// The strip of its track; [`STRIPS`](super::strips::STRIPS) where it has none.
    pub strip: usize,
    /// The output that it has for itself.
    pub output: Option<usize>,
}

impl Part {
    /// What left and right get of it where its fader stands there.
    pub fn gains_with(&self, fader: Fader) -> [f32; 2] {
        let song = match fader.pan {
            0.0 => self.gains,
            _ if self.gains == [0.0; 2] => self.gains,
            aside => pan_gains((self.pan + aside).clamp(-1.0, 1.0)).map(|gain| gain * self.volume),
        };
        song.map(|gain| gain * fader.volume)
    }
}

/// A song as far as it is sung.
#[derive(Clone, Debug, Default)]
pub struct Performance {
    /// The number of the song.
    pub song: u64,
    /// How many tracks it has.
    pub tracks: usize,
    pub parts: Vec<Part>,
    /// Seconds in which the room dies away.
    pub room_s: f32,
    /// Whether it is not known yet what there is to be sung.
    pub planning: bool,
    /// Whether what is missing will not come: nobody can sing it.
    pub given_up: bool,
}

impl Performance {
    /// Whether all that can be heard between two samples of the song is there, or will never be.
    pub fn is_ready(&self, samples: &Range<u64>) -> bool {
        let is_missing = |part: &Part| {
            let first = part.missing.partition_point(|gap| gap.end <= samples.start);
            part.missing.get(first).is_some_and(|gap| gap.start < samples.end)
        };
        let heard = self.parts.iter().filter(|part| part.gains != [0.0; 2]);
        self.given_up || (!self.planning && !heard.into_iter().any(is_missing))
    }

    /// Whether nothing changes between two samples of the song from one to the other.
    pub fn sounds_like(&self, other: &Self, samples: &Range<u64>) -> bool {
        self.parts.len() == other.parts.len()
            && self.parts.iter().zip(&other.parts).all(|(a, b)| {
                (a.gains, a.room, a.output, a.strip) == (b.gains, b.room, b.output, b.strip)
                    && a.clips.are_alike(&b.clips, samples.clone())
            })
    }

    /// Frames, so many of them a second, that the room sounds on for, if any voice is sent into it.
    pub fn tail(&self, rate: f64) -> u32 {
        let is_sent = |part: &Part| part.room > 0.0 && part.gains != [0.0; 2];
        let samples = if self.parts.iter().any(is_sent) { Room::tail(self.room_s) } else { 0 };
        (samples as f64 / f64::from(RATE) * rate).ceil() as u32
    }

    /// Samples of the song that are still to be sung.
    pub fn left(&self) -> u64 {
        self.parts.iter().flat_map(|part| &part.missing).map(|gap| gap.end - gap.start).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::strips::STRIPS;

    #[test]
    fn what_is_missing_and_heard_is_waited_for() {
        let part = |missing: &[Range<u64>], gain| Part {
            clips: Arc::default(),
            missing: missing.to_vec(),
            gains: [gain; 2],
            volume: gain,
            pan: 0.0,
            room: 0.0,
            strip: STRIPS,
            output: None,
        };
        let parts = vec![part(&[10..20, 40..50], 1.0), part(&[2..4, 20..40], 0.0)];
        let performance = Performance { parts, ..Performance::default() };
        assert!(performance.is_ready(&(0..10)) && performance.is_ready(&(20..40)));
        assert!(!performance.is_ready(&(0..11)) && !performance.is_ready(&(49..60)));
        assert!(Performance { given_up: true, ..performance.clone() }.is_ready(&(0..60)));
        assert!(!Performance { planning: true, ..performance }.is_ready(&(0..10)));
    }
}
