//! What tells a generated block from a recorded one, patch by patch.

use burn::config::Config;
use burn::module::{Module, Param};
use burn::nn::{Embedding, EmbeddingConfig, Initializer, Linear, LinearConfig};
use burn::tensor::activation::leaky_relu;
use burn::tensor::{Device, Int, Tensor};

use ziyin_model::character::{PHONEME_ROWS, TRACKS};

/// Bins of the picture, evenly spaced on the mel scale.
pub const CRITIC_BINS: usize = 64;
/// Frames that a patch is apart from the next: blocks are padded to a multiple of it.
pub const PATCH: usize = 4;
/// Bins that stand side by side in one cell of the picture.
const CELL: usize = 4;
const CELLS: usize = CRITIC_BINS / CELL;
const SLOPE: f64 = 0.2;

/// Sizes of a [`Critic`].
#[derive(Config, Debug)]
pub struct CriticConfig {
    #[config(default = 32)]
    pub channels: usize,
}

/// The discriminator of a generative adversarial network, on patches (Isola et al. 2017):
/// an averaged spectrum is smooth everywhere, so a look at some 30 ms by an octave tells it
/// from a recorded one, and a critic that sees no more cannot quarrel with what is sung.
///
/// It is told the character's sounds and where a frame stands in it: what is too smooth
/// for a fricative is right for a vowel. Convolutions are products over neighbours laid
/// side by side, which a CPU is quicker at.
#[derive(Module, Debug)]
pub struct Critic {
    sounds: Embedding,
    tracks: Linear,
    /// Where in frequency a cell lies, `[1, 1, CELLS, channels]`.
    height: Param<Tensor<4>>,
    first: Linear,
    second: Linear,
    third: Linear,
    score: Linear,
}

/// What a critic thinks of blocks.
pub struct Opinion {
    /// `[batch, time / PATCH, CELLS / 4]`: high where a patch looks recorded.
    pub score: Tensor<3>,
    /// What its layers saw, for the loss that matches features.
    pub seen: Vec<Tensor<4>>,
}

impl CriticConfig {
    /// A critic with random weights.
    pub fn init(&self, device: &Device) -> Critic {
        let c = self.channels;
        let normal = |std: f64| Initializer::Normal { mean: 0.0, std };
        Critic {
            sounds: EmbeddingConfig::new(PHONEME_ROWS, c).with_initializer(normal(0.3)).init(device),
            tracks: LinearConfig::new(TRACKS, c).init(device),
            height: Param::from_tensor(Tensor::zeros([1, 1, CELLS, c], device)),
            first: LinearConfig::new(9 * CELL, c).init(device),
            second: LinearConfig::new(3 * 4 * c, 2 * c).init(device),
            third: LinearConfig::new(3 * 4 * 2 * c, 3 * c).init(device),
            score: LinearConfig::new(3 * c, 1).init(device),
        }
    }
}

impl Critic {
    /// - picture: `[batch, time, CRITIC_BINS]` log amplitude less the corpus' mean, time a
    ///   multiple of [`PATCH`]
    /// - sounds: `[batch, 4]` initial, glide, nucleus, coda
    /// - tracks: `[batch, time, TRACKS]`
    pub fn forward(&self, picture: Tensor<3>, sounds: Tensor<2, Int>, tracks: Tensor<3>) -> Opinion {
        let [batch, time, _] = picture.dims();
        let told: Tensor<3> = self.sounds.forward(sounds).sum_dim(1); // [batch, 1, channels]
        let told = (self.tracks.forward(tracks) + told).unsqueeze_dim::<4>(2); // [batch, time, 1, channels]
        let cells = picture.reshape([batch, time, CELLS, CELL]);
        let x = beside(beside(cells, 2), 1);
        let x = leaky_relu(self.first.forward(x) + told + self.height.val(), SLOPE);
        let second = leaky_relu(self.second.forward(beside(halved(x.clone()), 1)), SLOPE);
        let third = leaky_relu(self.third.forward(beside(halved(second.clone()), 1)), SLOPE);
        let score = self.score.forward(third.clone()).flatten::<3>(2, 3);
        Opinion { score, seen: vec![x, second, third] }
    }
}

/// Each cell with the one before and the one after it along `dim`, in the last dimension.
fn beside(x: Tensor<4>, dim: usize) -> Tensor<4> {
    let mut edge = x.dims();
    let count = edge[dim];
    edge[dim] = 1;
    let zeros = Tensor::zeros(edge, &x.device());
    let before = Tensor::cat(vec![zeros.clone(), x.clone().narrow(dim, 0, count - 1)], dim);
    let after = Tensor::cat(vec![x.clone().narrow(dim, 1, count - 1), zeros], dim);
    Tensor::cat(vec![before, x, after], 3)
}

/// Two by two cells become one with four times the channels.
fn halved(x: Tensor<4>) -> Tensor<4> {
    let [batch, time, cells, channels] = x.dims();
    let apart = x.reshape([batch, time / 2, 2, cells / 2, 2 * channels]);
    apart.permute([0, 1, 3, 2, 4]).reshape([batch, time / 2, cells / 2, 4 * channels])
}
