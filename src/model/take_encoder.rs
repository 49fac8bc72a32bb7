//! How one take of a syllable was sung, as a code.

use burn::config::Config;
use burn::module::Module;
use burn::nn::{Linear, LinearConfig};
use burn::tensor::{Device, Tensor, activation::relu};

use super::character::{CODE, TRACKS};
use super::generator::ENVELOPE_SCALE;
use ziyin_signal::AP_BANDS;

/// Bins of a take's envelope that the encoder looks at, evenly spaced on the mel scale.
pub const TAKE_BINS: usize = 64;
/// Stretches of a take that are summed up apart: around the burst, from burst to vowel,
/// around the vowel's onset, and the first 60 ms of the vowel.
pub const STRETCHES: usize = 4;

/// Sizes of a [`TakeEncoder`].
#[derive(Config, Debug)]
pub struct TakeEncoderConfig {
    #[config(default = 96)]
    pub channels: usize,
}

/// Looks at the consonant of a recorded take and says in [`CODE`] numbers how it differs
/// from others of its kind.
///
/// The encoder of a variational autoencoder whose decoder is the generator: what the
/// generator cannot know from sounds, pitch and lengths it is told by the code, so that it
/// need not average over takes. Only training uses one; a voice sings with the codes.
#[derive(Module, Debug)]
pub struct TakeEncoder {
    frames: Linear,
    near: Linear,
    code: Linear,
}

impl TakeEncoderConfig {
    /// An encoder with random weights.
    pub fn init(&self, device: &Device) -> TakeEncoder {
        let c = self.channels;
        TakeEncoder {
            frames: LinearConfig::new(TAKE_BINS + AP_BANDS + 1 + TRACKS, c).init(device),
            near: LinearConfig::new(3 * c, c).init(device),
            code: LinearConfig::new(STRETCHES * c, CODE).init(device),
        }
    }
}

impl TakeEncoder {
    /// - envelope: `[batch, time, TAKE_BINS]` log amplitude, the corpus' mean taken off
    /// - source: `[batch, time, AP_BANDS + 1]` aperiodicity and voicing
    /// - tracks: `[batch, time, TRACKS]`
    /// - stretches: `[batch, STRETCHES, time]`, the weight of each frame in each stretch,
    ///   summing to 1 or, where a take has no such stretch, to 0
    ///
    /// Gives `[batch, CODE]`.
    pub fn forward(
        &self,
        envelope: Tensor<3>,
        source: Tensor<3>,
        tracks: Tensor<3>,
        stretches: Tensor<3>,
    ) -> Tensor<2> {
        let [batch, time, _] = envelope.dims();
        let x = Tensor::cat(vec![envelope / ENVELOPE_SCALE, source, tracks], 2);
        let x = relu(self.frames.forward(x)); // [batch, time, channels]
        let channels = x.dims()[2];
        let edge = Tensor::zeros([batch, 1, channels], &x.device());
        let before = Tensor::cat(vec![edge.clone(), x.clone().slice([0..batch, 0..time - 1])], 1);
        let after = Tensor::cat(vec![x.clone().slice([0..batch, 1..time]), edge], 1);
        let x = relu(self.near.forward(Tensor::cat(vec![before, x, after], 2)));
        let summed: Tensor<2> = stretches.matmul(x).flatten(1, 2); // [batch, STRETCHES · channels]
        self.code.forward(summed)
    }
}
