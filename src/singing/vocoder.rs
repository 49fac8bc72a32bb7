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
mod settings;
pub mod spectrum;

pub use cpu::CpuVocoder;
pub use gpu::{GpuVocoder, VocoderShaders};
pub use settings::{BREATH_PULSE, VocoderError, VocoderSettings};

use ziyin_signal::Frames;

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

#[cfg(test)]
mod tests;
