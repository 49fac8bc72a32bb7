use std::path::Path;
use std::time::Instant;

use anyhow::Result;
use burn::grad_clipping::GradientClippingConfig;
use burn::module::{Module, Param};
use burn::optim::{AdamWConfig, GradientsParams, ModuleOptimizer};
use burn::tensor::activation::relu;
use burn::tensor::{Device, Distribution, Tensor};
use serde::{Deserialize, Serialize};

use super::batch::Emphasis;
use super::checkpoint::{Progress, load_checkpoint, save_checkpoint};
use super::{Batch, Example, draw_curves};
use crate::model::character::CODE;
use crate::model::generator::{Generated, Generator, GeneratorConfig};
use crate::signal::{BINS, mel_density};

/// What is left out of a run, to measure what it is worth.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ablation {
    pub no_code: bool,
    pub no_consonant_emphasis: bool,
    pub no_mel_weight: bool,
    pub no_brightness: bool,
}

/// A run of training.
#[derive(Clone, Debug)]
pub struct GeneratorRun<'a> {
    pub config: GeneratorConfig,
    pub epochs: usize,
    pub batch: usize,
    pub learning_rate: f64,
    /// Share of the run during which the learning rate is held; then it falls to a
    /// fiftieth along a cosine.
    pub hold: f64,
    pub seed: u64,
    pub ablation: Ablation,
    /// Folder of checkpoints and curves; an interrupted run found there goes on.
    pub folder: &'a Path,
}

/// What an epoch is measured by, each with the name of its curve.
pub type Figures = Vec<(String, f32)>;

/// A generator with a latent code for each token that it learned from.
#[derive(Module, Debug)]
pub struct TrainedGenerator {
    pub generator: Generator,
    /// `[tokens, CODE]`
    pub codes: Param<Tensor<2>>,
}

impl TrainedGenerator {
    /// The code of every token, row by row.
    pub fn code_rows(&self) -> Vec<Vec<f32>> {
        let flat = self.codes.val().into_data().try_into_vec::<f32>().unwrap_or_default();
        flat.chunks(CODE).map(<[f32]>::to_vec).collect()
    }
}

/// Trains a generator on `examples`, whose rows number the codes from 0.
///
/// Weighted distance of log amplitude, cross-entropy of the source, and a pull of the
/// codes towards zero. A quarter of the time a token is shown without its code, so that
/// the network also learns the mean of its kind. `progress` hears of each step: epoch,
/// step, steps per epoch, loss.
pub fn train_generator(
    run: &GeneratorRun,
    examples: &[Example],
    device: &Device,
    progress: &mut dyn FnMut(usize, usize, usize, f32),
    each_epoch: &mut dyn FnMut(usize, &TrainedGenerator) -> Figures,
) -> Result<TrainedGenerator> {
    let training_device = device.clone().autodiff();
    training_device.seed(run.seed);
    let rows = examples.iter().map(|e| e.row + 1).max().unwrap_or(0);
    let mut model = TrainedGenerator {
        generator: run.config.init(&training_device).with_mean(&mean_envelope(examples), &training_device),
        codes: Param::from_tensor(Tensor::random(
            [rows, CODE],
            Distribution::Normal(0.0, 0.01),
            &training_device,
        )),
    };
    let mut optimizer: ModuleOptimizer = AdamWConfig::new()
        .with_beta_2(0.99)
        .with_weight_decay(1e-5)
        .with_grad_clipping(Some(GradientClippingConfig::Norm(1.0)))
        .init();
    let mut state = Progress::default();
    if let Some((restored, saved)) = load_checkpoint(run.folder, &mut model, optimizer.clone())? {
        (optimizer, state) = (restored, saved);
    }
    let mut mel = mel_density();
    if run.ablation.no_mel_weight {
        mel.fill(1.0);
    }
    let emphasis = Emphasis {
        consonant: if run.ablation.no_consonant_emphasis { 1.0 } else { 4.0 },
        bright: !run.ablation.no_brightness,
    };
    let mut last_saved = Instant::now();
    for epoch in state.epoch..run.epochs {
        let batches = shuffled_batches(examples, run.batch, run.seed + epoch as u64);
        let steps = batches.len();
        let (mut sum, mut shape_sum) = (0.0f64, 0.0f64);
        for (step, members) in batches.iter().enumerate() {
            let done = (epoch as f64 + step as f64 / steps as f64) / run.epochs as f64;
            let part: Vec<Example> = members.iter().map(|&i| examples[i]).collect();
            let batch = Batch::new(&part, &mel, emphasis, &training_device);
            let code = if run.ablation.no_code {
                Tensor::zeros([part.len(), CODE], &training_device)
            } else {
                let code = model.codes.val().select(0, batch.rows.clone());
                let shown =
                    Tensor::<2>::random([part.len(), 1], Distribution::Bernoulli(0.75), &training_device);
                let blur = Tensor::<2>::random(
                    [part.len(), CODE],
                    Distribution::Normal(0.0, 0.05),
                    &training_device,
                );
                (code + blur) * shown
            };
            let pull = code.clone().powi_scalar(2).mean() * 2e-3;
            let made = model.generator.forward(
                batch.identities.clone(),
                batch.constants.clone(),
                code,
                batch.tracks.clone(),
            );
            let (shape, source) = losses(&made, &batch);
            let loss = shape.clone() + source * 0.2 + pull;
            let value = loss.clone().into_scalar::<f32>();
            shape_sum += f64::from(shape.into_scalar::<f32>());
            anyhow::ensure!(
                value.is_finite(),
                "the loss is no longer a number; begin again with a lower rate"
            );
            let gradients = GradientsParams::from_grads(loss.backward(), &model);
            model = optimizer.step(rate(run, done), model, gradients);
            sum += f64::from(value);
            progress(epoch, step + 1, steps, value);
        }
        state.epoch = epoch + 1;
        state.record("loss", (sum / steps as f64) as f32);
        state.record("envelope", (shape_sum / steps as f64) as f32);
        let seen = each_epoch(epoch, &model.valid());
        for (name, value) in seen {
            state.record(&name, value);
        }
        draw_curves(&run.folder.join("curves.png"), &state.named_curves())?;
        if state.epoch == run.epochs || last_saved.elapsed().as_secs() > 60 {
            save_checkpoint(run.folder, &model, &optimizer, &state)?;
            last_saved = Instant::now();
        }
    }
    Ok(model.valid())
}

/// Weighted mean distance of log amplitude, and weighted cross-entropy of the source.
fn losses(made: &Generated, batch: &Batch) -> (Tensor<1>, Tensor<1>) {
    let distance = (made.envelope.clone() - batch.envelope.clone()).abs() * batch.weight.clone();
    let shape = distance.sum() / batch.weight.clone().sum();
    let x = made.source.clone();
    // Cross-entropy from what stands before the sigmoid, in the form that cannot overflow.
    let entropy = relu(x.clone()) - x.clone() * batch.source.clone() + (x.abs().neg().exp() + 1.0).log();
    let source = (entropy * batch.source_weight.clone()).sum() / batch.source_weight.clone().sum();
    (shape, source)
}

fn rate(run: &GeneratorRun, done: f64) -> f64 {
    // The first steps of Adam know no variance yet.
    let warm = (done * run.epochs as f64 * 20.0).min(1.0);
    let fall = ((done - run.hold) / (1.0 - run.hold)).clamp(0.0, 1.0);
    run.learning_rate * warm * (0.02 + 0.98 * 0.5 * (1.0 + (std::f64::consts::PI * fall).cos()))
}

/// Batches of tokens of like length in random order.
fn shuffled_batches(examples: &[Example], size: usize, seed: u64) -> Vec<Vec<usize>> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut draw = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    let mut order: Vec<(u64, usize)> = (0..examples.len()).map(|i| (draw(), i)).collect();
    order.sort_unstable();
    let mut batches = Vec::new();
    for pool in order.chunks(size * 12) {
        let mut pool: Vec<usize> = pool.iter().map(|&(_, i)| i).collect();
        pool.sort_by_key(|&i| examples[i].token.times.len());
        batches.extend(pool.chunks(size).map(<[usize]>::to_vec));
    }
    let mut order: Vec<(u64, Vec<usize>)> = batches.into_iter().map(|b| (draw(), b)).collect();
    order.sort_unstable_by_key(|(key, _)| *key);
    order.into_iter().map(|(_, b)| b).collect()
}

fn mean_envelope(examples: &[Example]) -> Vec<f32> {
    let mut sum = vec![0.0f64; BINS];
    let mut count = 0usize;
    // A few hundred tokens fix the mean as well as all of them.
    for example in examples.iter().step_by((examples.len() / 400).max(1)) {
        for frame in example.token.envelope.chunks(BINS) {
            sum.iter_mut().zip(frame).for_each(|(s, e)| *s += f64::from(e.to_f32()));
            count += 1;
        }
    }
    sum.into_iter().map(|s| (s / count.max(1) as f64) as f32).collect()
}
