//! What a vocoder is told beside frames and pitch, and what it refuses.

use ziyin_message::{Message, ToMessage, message};
use ziyin_signal::{AP_BANDS, BINS, Frames};

/// How a voice is sung beyond its frames and pitch.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct VocoderSettings {
    /// Which noise: voices with different seeds breathe independently.
    pub seed: u32,
    /// The index of the first frame in the song. The noise depends on it alone, so a
    /// phrase rendered by itself equals the phrase rendered within the song.
    pub first_frame: u64,
    /// The running phase at the first frame, in turns.
    pub phase: f64,
    /// How much the noise of a voiced sound swells at each closure of the vocal folds,
    /// 0 (not at all) to 1. The mean power of the noise does not depend on it.
    pub breath_pulse: f32,
}

/// The swell of breath that is sung by default.
pub const BREATH_PULSE: f32 = 0.5;

impl Default for VocoderSettings {
    fn default() -> Self {
        Self { seed: 0, first_frame: 0, phase: 0.0, breath_pulse: BREATH_PULSE }
    }
}

/// What keeps the vocoder from singing.
#[derive(Debug, thiserror::Error)]
#[error("{}", self.to_message())]
pub enum VocoderError {
    /// The arrays of the frames and the pitch curve do not have the same length.
    Shape { voicing: usize, pitch: usize, envelope: usize, aperiodicity: usize },
    /// The GPU failed. What it has sung until then is whole hops; the CPU can sing the
    /// phrase again.
    Gpu(Message),
}

impl ToMessage for VocoderError {
    fn to_message(&self) -> Message {
        match self {
            Self::Shape { voicing, pitch, envelope, aperiodicity } => {
                message!("vocoder.shape", voicing, pitch, envelope, aperiodicity)
            }
            Self::Gpu(why) => message!("vocoder.gpu", why),
        }
    }
}

/// Checks that `frames` and `pitch` describe the same number of frames.
pub(super) fn check_shape(frames: &Frames, pitch: &[f32]) -> Result<(), VocoderError> {
    let n = pitch.len();
    if frames.voicing.len() == n
        && frames.envelope.len() == n * BINS
        && frames.aperiodicity.len() == n * AP_BANDS
    {
        return Ok(());
    }
    Err(VocoderError::Shape {
        voicing: frames.voicing.len(),
        pitch: n,
        envelope: frames.envelope.len(),
        aperiodicity: frames.aperiodicity.len(),
    })
}
