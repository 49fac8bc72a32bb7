//! A take from the microphone, and where it lies in the song that plays along.

use std::path::PathBuf;

use ziyin_playback::{PlaybackError, Recorder};

/// Begins to listen to a microphone.
pub type Microphone = Box<dyn Fn() -> Result<Recorder, PlaybackError>>;

/// Seconds of playing in which it is told where the take lies in the song.
const TOLD_IN: f64 = 2.0;

/// A take that is being recorded.
pub(super) struct AudioTake {
    pub recorder: Recorder,
    /// Where playing began, in seconds from the start of the song.
    pub from: f64,
    /// Where the first sample of the take stands, in the same way, once the song moves.
    pub start: Option<f64>,
    /// Where the play head was when that was told last.
    last: f64,
    pub level: f32,
}

impl AudioTake {
    /// One that begins while the play head is at `from`.
    pub fn new(recorder: Recorder, from: f64) -> Self {
        Self { recorder, from, start: None, last: from, level: 0.0 }
    }

    /// Takes in what was heard, while the play head is at `position`, which moves or not.
    pub fn take_in(&mut self, position: f64, moves: bool) {
        self.level = self.recorder.take_in().max(self.level * 0.8);
        // What comes in lags behind what was sung by what the device keeps back, now more and now less: the
        // least of it is the truth.
        let moved = position > self.last && position - self.from < TOLD_IN;
        if moves && moved {
            let start = position - self.recorder.seconds();
            self.start = Some(self.start.map_or(start, |before| before.min(start)));
            self.last = position;
        }
    }
}

/// A take in its file, and how it lies in the song.
#[derive(Clone, Debug, PartialEq)]
pub struct KeptTake {
    pub path: PathBuf,
    /// The song that it was recorded to; see [`Session::song`](super::Session::song).
    pub song: u64,
    /// Where its first sample stands, in microseconds from the start of the song.
    pub offset_us: i64,
    /// How much of its beginning was heard before the song began to play, in microseconds.
    pub before_us: i64,
}
