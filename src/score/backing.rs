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
    #[serde(default, skip_serializing_if = "is_centred")]
    pub pan: f32,
    /// Where its first sample stands, in microseconds from the start of the song; below 0
    /// its beginning is not heard. It keeps its time whatever the tempo.
    #[serde(default)]
    pub offset_us: i64,
    #[serde(default)]
    pub mute: bool,
}

/// The furthest that audio may be moved: a day.
const FARTHEST_US: i64 = 86_400_000_000;

impl Backing {
    /// The file as it is, from the start of the song.
    pub fn new(path: impl Into<String>) -> Self {
        Self { path: path.into(), gain_db: 0.0, pan: 0.0, offset_us: 0, mute: false }
    }

    pub(super) fn check(&self) -> Result<(), InvalidScore> {
        let placed = (-1.0..=1.0).contains(&self.pan);
        let valid = GAINS_DB.contains(&self.gain_db)
            && placed
            && (-FARTHEST_US..=FARTHEST_US).contains(&self.offset_us);
        if valid { Ok(()) } else { Err(InvalidScore::Backing { path: self.path.clone() }) }
    }
}

fn is_centred(pan: &f32) -> bool {
    *pan == 0.0
}
