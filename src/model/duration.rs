//! How long a consonant and a coda are.

use burn::config::Config;
use burn::module::Module;
use burn::nn::{Embedding, EmbeddingConfig, Linear, LinearConfig};
use burn::tensor::{Device, Int, Tensor, activation::relu};

use super::character::PHONEME_ROWS;

/// Numbers per character: pitch, and the logarithm of the seconds from vowel to end.
pub const DURATION_NUMBERS: usize = 2;
/// What it predicts: closure, consonant after it, coda.
pub const SPANS: usize = 3;

/// Sizes of a [`DurationNet`].
#[derive(Config, Debug)]
pub struct DurationConfig {
    pub singers: usize,
    #[config(default = 96)]
    pub channels: usize,
}

/// From phonemes, neighbours, pitch and length to the spans before and after the
/// nucleus. Three layers: there are a few thousand examples and nothing far to see.
#[derive(Module, Debug)]
pub struct DurationNet {
    phonemes: Embedding,
    singers: Embedding,
    first: Linear,
    second: Linear,
    last: Linear,
}

impl DurationConfig {
    /// A network with random weights.
    pub fn init(&self, device: &Device) -> DurationNet {
        DurationNet {
            phonemes: EmbeddingConfig::new(PHONEME_ROWS, 12).init(device),
            singers: EmbeddingConfig::new(self.singers, 8).init(device),
            first: LinearConfig::new(8 * 12 + 8 + DURATION_NUMBERS, self.channels).init(device),
            second: LinearConfig::new(self.channels, self.channels).init(device),
            last: LinearConfig::new(self.channels, SPANS).init(device),
        }
    }
}

impl DurationNet {
    /// - identities: `[batch, IDENTITIES]`
    /// - numbers: `[batch, DURATION_NUMBERS]`
    ///
    /// Gives `[batch, SPANS]`, each `ln(seconds + 0.01)`.
    pub fn forward(&self, identities: Tensor<2, Int>, numbers: Tensor<2>) -> Tensor<2> {
        let [batch, _] = identities.dims();
        let phonemes = self.phonemes.forward(identities.clone().slice([0..batch, 0..8])).flatten::<2>(1, 2);
        let singers = self.singers.forward(identities.slice([0..batch, 10..11])).flatten::<2>(1, 2);
        let x = relu(self.first.forward(Tensor::cat(vec![phonemes, singers, numbers], 1)));
        let x = relu(self.second.forward(x));
        self.last.forward(x)
    }
}
