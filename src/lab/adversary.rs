use std::path::Path;

use anyhow::Result;
use burn::grad_clipping::GradientClippingConfig;
use burn::module::Module;
use burn::optim::{AdamWConfig, GradientsParams, ModuleOptimizer};
use burn::tensor::activation::relu;
use burn::tensor::{Device, Int, Tensor, TensorData};

use super::critic::{CRITIC_BINS, Critic, CriticConfig, Opinion, PATCH};
use ziyin_model::generator::ENVELOPE_SCALE;
use ziyin_training::{
    Example, Judgement, MadeBlocks, Opponent, Progress, drawn_on_cpu, load_checkpoint, save_checkpoint,
    sum_gradients,
};

/// Steps that the critic learns alone before the generator listens, and over which it then
/// listens more and more: what a new critic says is noise.
const ALONE: usize = 150;
const HEED: usize = 300;
/// How much the matching of features counts beside the critic's score.
const FEATURES: f64 = 2.0;
/// What is this much (log amplitude) above the hiss of a recording is taken to be sung.
const ABOVE_HISS: f32 = 0.35;
const RATE: f64 = 4e-4;

/// A critic in training beside a generator.
#[derive(Clone)]
pub struct Adversary {
    critic: Critic,
    optimizer: ModuleOptimizer,
    /// How much its word counts in the generator's loss.
    weight: f64,
    /// The corpus' mean envelope, `BINS` values.
    mean: Vec<f32>,
    steps: usize,
}

/// Recorded and generated blocks as pictures, alike but for what is in them.
struct Pictures {
    recorded: Tensor<3>,
    made: Tensor<3>,
    sounds: Tensor<2, Int>,
    tracks: Tensor<3>,
    /// `[batch, time / PATCH, 1]`: how much each patch counts.
    weight: Tensor<3>,
}

impl Adversary {
    /// A new critic, or the one of an interrupted run.
    ///
    /// # Errors
    /// If there is such a one and it cannot be read.
    pub fn begin(weight: f64, mean: &[f32], folder: &Path, device: &Device) -> Result<Self> {
        let mut critic = drawn_on_cpu(CriticConfig::new().init(&Device::flex().autodiff()), device);
        let optimizer = AdamWConfig::new()
            .with_beta_1(0.5)
            .with_beta_2(0.99)
            .with_weight_decay(1e-5)
            .with_grad_clipping(Some(GradientClippingConfig::Norm(5.0)))
            .init();
        let restored = load_checkpoint(&folder.join("critic"), &mut critic, optimizer.clone())?;
        let steps = if restored.is_some() { ALONE + HEED } else { 0 };
        let optimizer = restored.map_or(optimizer, |(optimizer, _)| optimizer);
        Ok(Self { critic, optimizer, weight, mean: mean.to_vec(), steps })
    }

    fn pictures(&self, blocks: &MadeBlocks, device: &Device) -> Pictures {
        let (examples, bins, made) = (blocks.examples, blocks.bins, blocks.envelope);
        let (told, wanted) = (blocks.input, blocks.target);
        let [batch, time, _] = made.dims();
        let apart = bins.len() / CRITIC_BINS;
        let places: Vec<usize> = (0..CRITIC_BINS).map(|i| i * apart + apart / 2).collect();
        let seen: Vec<i32> = places.iter().map(|&place| place as i32).collect();
        let seen = Tensor::<1, Int>::from_data(TensorData::new(seen, [CRITIC_BINS]), device);
        let row = |values: Vec<f32>, rows: usize| {
            Tensor::<3>::from_data(TensorData::new(values, [rows, 1, CRITIC_BINS]), device)
        };
        let mean = row(places.iter().map(|&place| self.mean[bins[place]]).collect(), 1);
        let hiss = |example: &Example| -> Vec<f32> {
            places.iter().map(|&place| example.token.hiss[bins[place]].to_f32() + ABOVE_HISS).collect()
        };
        let hiss = row(examples.iter().flat_map(hiss).collect(), batch);
        let padding = time.next_multiple_of(PATCH) - time;
        let padded = |x: Tensor<3>| {
            let width = x.dims()[2];
            if padding == 0 {
                x
            } else {
                Tensor::cat(vec![x, Tensor::zeros([batch, padding, width], device)], 1)
            }
        };
        let weight = wanted.weight.clone().mean_dim(2); // [batch, time, 1]
        let sounding = weight.clone().greater_elem(0.0).float();
        // What is below the hiss was not recorded: both sides show the hiss there.
        let picture = |x: &Tensor<3>| {
            let x = x.clone().select(2, seen.clone()).max_pair(hiss.clone()) - mean.clone();
            padded(x * sounding.clone() / ENVELOPE_SCALE)
        };
        Pictures {
            recorded: picture(&wanted.envelope),
            made: picture(made),
            sounds: told.identities.clone().slice([0..batch, 0..4]),
            tracks: padded(told.tracks.clone()),
            weight: padded(weight).reshape([batch, (time + padding) / PATCH, PATCH]).mean_dim(2),
        }
    }
}

/// How the critic tells what was made from what is wanted (hinge loss), and what it says that
/// the made blocks lack. Its own loss is, over a step, 2 where it cannot tell generated from
/// recorded, and 0 where it is sure.
impl Opponent for Adversary {
    fn judge(&self, made: &MadeBlocks, device: &Device) -> Result<Judgement> {
        let critic = self.critic.clone().fork(device);
        let pictures = self.pictures(made, device);
        let weight = pictures.weight.clone();
        let [_, patches, _] = weight.dims();
        let recorded = look(&critic, &pictures, pictures.recorded.clone());
        let forged = look(&critic, &pictures, pictures.made.clone().detach());
        let wrong = relu(recorded.score.neg() + 1.0) + relu(forged.score + 1.0);
        let count = weight.clone().sum() * (CRITIC_BINS / 16) as f64;
        let learned = (wrong * weight.clone()).sum() / count.clone() * made.share;

        // The generator hears the critic as it was, and must not teach it.
        let fixed = critic.clone().no_grad();
        let heard = look(&fixed, &pictures, pictures.made.clone());
        let mut loss = (heard.score * weight.clone()).sum().neg() / count;
        for (mine, theirs) in heard.seen.into_iter().zip(recorded.seen) {
            let [_, time, cells, channels] = mine.dims();
            // A layer's frames are as many times finer as there are more of them.
            let finer = weight.clone().repeat_dim(2, time / patches).flatten::<2>(1, 2);
            let each = (mine - theirs.detach()).abs().sum_dim(3).sum_dim(2).flatten::<2>(1, 3);
            let all = finer.clone().sum() * (cells * channels) as f64;
            loss = loss + (each * finer).sum() / all * FEATURES;
        }
        let value = learned.clone().into_scalar::<f32>();
        anyhow::ensure!(value.is_finite(), "the critic's loss is no longer a number; give it less weight");
        let lesson = GradientsParams::from_grads(learned.backward(), &critic);
        let heed = (self.steps.saturating_sub(ALONE) as f64 / HEED as f64).min(1.0);
        Ok(Judgement { loss: loss * (self.weight * heed * made.share), own: value, lesson })
    }

    fn learn(&mut self, lessons: Vec<GradientsParams>, device: &Device) {
        let lesson = sum_gradients(&self.critic, lessons, device);
        self.critic = self.optimizer.step(RATE, self.critic.clone(), lesson);
        self.steps += 1;
    }

    fn save(&self, folder: &Path, progress: &Progress) -> Result<()> {
        save_checkpoint(&folder.join("critic"), &self.critic, &self.optimizer, progress)
    }
}

fn look(critic: &Critic, pictures: &Pictures, picture: Tensor<3>) -> Opinion {
    critic.forward(picture, pictures.sounds.clone(), pictures.tracks.clone())
}
