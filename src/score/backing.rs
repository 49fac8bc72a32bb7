use serde::{Deserialize, Serialize};

use super::{GAINS_DB, InvalidScore};

/// Recorded audio that plays along: what the singers sing over.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Backing {
    /// The audio file; a relative path is looked for from the folder of the song.
    pub path: String,
    /// Gain in dB.
    #[serde(default)]
    pub gain_db: f32,
    /// How its two sides are weighed: at -1 only the left is heard, at 1 only the right.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub pan: f32,
    /// How much of it is sent into the room: 0 nothing, at most 1, which comes back as loud as it is itself.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub room: f32,
    /// Where its first sample stands, in microseconds from the start of the song; below 0
    /// its beginning is not heard. It keeps its time whatever the tempo.
    #[serde(default)]
    pub offset_us: i64,
    /// How much of its beginning and of its end is left out, in microseconds. What is left keeps its time.
    #[serde(default, skip_serializing_if = "is_nothing")]
    pub trim_us: [i64; 2],
    /// How long it takes to come and to go, in microseconds, counted from where it is cut.
    #[serde(default, skip_serializing_if = "is_nothing")]
    pub fade_us: [i64; 2],
    #[serde(default)]
    pub mute: bool,
    /// Whether it is heard alone, with the tracks and recordings of which that is said too.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub solo: bool,
}

impl Backing {
    /// The furthest that audio may be moved, and the most that may be cut off or faded: a day.
    pub const FARTHEST_US: i64 = 86_400_000_000;

    /// The file as it is, from the start of the song.
    pub fn new(path: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            gain_db: 0.0,
            pan: 0.0,
            room: 0.0,
            offset_us: 0,
            trim_us: [0; 2],
            fade_us: [0; 2],
            mute: false,
            solo: false,
        }
    }

    /// Whether mute and solo leave it to be heard; `alone` if anything in the song has its solo on.
    pub fn is_heard(&self, alone: bool) -> bool {
        !self.mute && (self.solo || !alone)
    }

    pub(super) fn check(&self) -> Result<(), InvalidScore> {
        let placed = (-1.0..=1.0).contains(&self.pan) && (0.0..=1.0).contains(&self.room);
        let valid = GAINS_DB.contains(&self.gain_db)
            && placed
            && (-Self::FARTHEST_US..=Self::FARTHEST_US).contains(&self.offset_us)
            && self.trim_us.iter().chain(&self.fade_us).all(|part| (0..=Self::FARTHEST_US).contains(part));
        if valid { Ok(()) } else { Err(InvalidScore::Backing { path: self.path.clone() }) }
    }
}

fn is_nothing(parts: &[i64; 2]) -> bool {
    *parts == [0; 2]
}

fn is_zero(value: &f32) -> bool {
    *value == 0.0
}
