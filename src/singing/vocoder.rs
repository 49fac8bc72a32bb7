//! Frames and a pitch curve to samples: a source-filter vocoder.
//!
//! The voiced part is a bank of harmonics of one running phase, so that the pitch is the
//! curve's by construction; each harmonic takes its amplitude and its offset from the
//! minimum-phase filter of the envelope. The breathy part is white noise through the same
//! filter. Both have the level that [`Frames`] lays down, whatever the pitch.
//!
//! Everything is a pure function of the frames, the running phase and the index of the
//! sample: cut the input anywhere and the samples are the same, bit for bit.
//!
//! The parts, in the order in which a frame passes through them:
//!
//! 1. [`course`]: the pitch curve to a running phase;
//! 2. [`spectrum`]: the envelope to a minimum-phase filter;
//! 3. [`harmonics`]: filter and pitch to a sum of cosines;
//! 4. [`noise`]: white noise through the filter.
//!
//! [`Frames`]: ziyin_signal::Frames

pub mod course;
pub mod cpu;
pub mod gpu;
pub mod harmonics;
pub mod noise;
pub mod spectrum;

pub use cpu::CpuVocoder;
pub use gpu::{GpuVocoder, VocoderShaders};

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
pub enum VocoderError {
    /// The arrays of the frames and the pitch curve do not have the same length.
    #[error(
        "the frames do not fit together: {voicing} of voicing, {pitch} of pitch, \
         {envelope} values of envelope, {aperiodicity} of aperiodicity"
    )]
    Shape { voicing: usize, pitch: usize, envelope: usize, aperiodicity: usize },
    /// The GPU failed. What it has sung until then is whole hops; the CPU can sing the
    /// phrase again.
    #[error("the GPU cannot sing: {0}")]
    Gpu(String),
}

/// The vocoder on whatever there is.
pub enum Vocoder {
    Cpu(Box<CpuVocoder>),
    Gpu(Box<GpuVocoder>),
}

impl Vocoder {
    /// A vocoder on the CPU.
    pub fn cpu(settings: VocoderSettings) -> Self {
        Self::Cpu(Box::new(CpuVocoder::new(settings)))
    }

    /// A vocoder on the GPU.
    ///
    /// # Errors
    ///
    /// [`VocoderError::Gpu`] if the GPU has no room for it.
    pub fn gpu(
        settings: VocoderSettings,
        shaders: &std::sync::Arc<VocoderShaders>,
    ) -> Result<Self, VocoderError> {
        Ok(Self::Gpu(Box::new(GpuVocoder::new(settings, shaders)?)))
    }

    /// Sings `frames` at `pitch` (Hz for each frame, 0 for none) and appends to `out` the
    /// samples that are complete: all but the last two hops.
    ///
    /// # Errors
    ///
    /// [`VocoderError::Shape`] if the arrays do not have the same number of frames;
    /// [`VocoderError::Gpu`] if the GPU fails.
    pub fn push(&mut self, frames: &Frames, pitch: &[f32], out: &mut Vec<f32>) -> Result<(), VocoderError> {
        match self {
            Self::Cpu(vocoder) => vocoder.push(frames, pitch, out),
            Self::Gpu(vocoder) => vocoder.push(frames, pitch, out),
        }
    }

    /// Appends to `out` the samples that were held back. The vocoder then begins anew.
    ///
    /// # Errors
    ///
    /// [`VocoderError::Gpu`] if the GPU fails.
    pub fn finish(&mut self, out: &mut Vec<f32>) -> Result<(), VocoderError> {
        match self {
            Self::Cpu(vocoder) => {
                vocoder.finish(out);
                Ok(())
            }
            Self::Gpu(vocoder) => vocoder.finish(out),
        }
    }
}

/// Checks that `frames` and `pitch` describe the same number of frames.
fn check_shape(frames: &Frames, pitch: &[f32]) -> Result<(), VocoderError> {
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

#[cfg(test)]
mod tests;
