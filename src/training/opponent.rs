//! What a generator may be trained against, beside the recordings themselves.

use std::path::Path;

use anyhow::Result;
use burn::optim::GradientsParams;
use burn::tensor::{Device, Tensor};

use super::Example;
use super::batch::{GeneratorInput, Target};
use super::checkpoint::Progress;

/// Judges what a generator makes, and learns to judge better as the generator learns.
pub trait Opponent: Send + Sync {
    /// Judges what was made of some examples of a step.
    ///
    /// # Errors
    /// If its own loss is no longer a number.
    fn judge(&self, made: &MadeBlocks, device: &Device) -> Result<Judgement>;

    /// Takes a step by what the parts of a step taught, on the devices that they ran on.
    fn learn(&mut self, lessons: Vec<GradientsParams>, device: &Device);

    /// Saves it beside the generator's checkpoint.
    ///
    /// # Errors
    /// If it cannot be written.
    fn save(&self, folder: &Path, progress: &Progress) -> Result<()>;
}

/// Begins an opponent, or goes on with the one of an interrupted run: from the corpus' mean
/// envelope (`BINS` values), the folder of the run, and the device that it lives on.
pub type BeginOpponent<'a> = &'a dyn Fn(&[f32], &Path, &Device) -> Result<Box<dyn Opponent>>;

/// Blocks that a generator made of some examples, and what it should have made.
pub struct MadeBlocks<'a> {
    pub examples: &'a [Example<'a>],
    /// The bins that both are given on.
    pub bins: &'a [usize],
    /// `[batch, time, bins]` log amplitude.
    pub envelope: &'a Tensor<3>,
    pub input: &'a GeneratorInput,
    pub target: &'a Target,
    /// How much these examples count in their step.
    pub share: f64,
}

/// What an opponent found.
pub struct Judgement {
    /// What the generator's loss gains.
    pub loss: Tensor<1>,
    /// The opponent's own loss, times the share of the part.
    pub own: f32,
    /// What it learns from it, on the device of the part.
    pub lesson: GradientsParams,
}
