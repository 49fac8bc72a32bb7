//! Whose voice a recording holds, as a vector.

use burn::config::Config;
use burn::module::Module;
use burn::nn::{Initializer, Linear, LinearConfig, Lstm, LstmConfig};
use burn::tensor::{Device, Tensor, activation::relu};

use super::character::SINGER;
use super::heard::HEARD;

/// How an encoder goes over the frames of a recording.
#[derive(Config, Debug, Copy, PartialEq, Eq)]
pub enum SingerEncoderKind {
    /// Residual convolutions.
    Conv,
    /// A recurrent network: what the convolutions are measured against.
    Lstm,
}

/// Sizes of a [`SingerEncoder`].
#[derive(Config, Debug)]
pub struct SingerEncoderConfig {
    pub kind: SingerEncoderKind,
    #[config(default = 96)]
    pub channels: usize,
}

/// From the frames of a recording of any length to the vector that tells the generator who
/// sings.
///
/// It is trained through the generator: it is never asked who sings, only for what brings
/// the timbre back. So what it gives for a stranger is where that timbre lies among those
/// that the generator learned.
// There is one in a process: its size is nothing beside its tensors.
#[allow(clippy::large_enum_variant)]
#[derive(Module, Debug)]
pub enum SingerEncoder {
    Conv(ConvEncoder),
    Lstm(LstmEncoder),
}

/// Three residual convolutions over the frames (of 12 ms), the mean over time, two layers.
#[derive(Module, Debug)]
pub struct ConvEncoder {
    frames: Linear,
    near: Vec<Linear>,
    summary: Linear,
    vector: Linear,
}

/// A recurrent layer over frames stacked by `STACKED`, the mean of its states, two layers.
#[derive(Module, Debug)]
pub struct LstmEncoder {
    states: Lstm,
    summary: Linear,
    vector: Linear,
}

/// Dilations of the convolutions: together they see 15 frames, some 170 ms.
const DILATIONS: [usize; 3] = [1, 2, 4];
/// Frames that the recurrent layer takes in one step.
const STACKED: usize = 4;

impl SingerEncoderConfig {
    /// An encoder with random weights, which at first gives nearly the same vector for
    /// every recording.
    pub fn init(&self, device: &Device) -> SingerEncoder {
        let c = self.channels;
        let linear = |from, to| LinearConfig::new(from, to).init(device);
        let quiet = Initializer::Normal { mean: 0.0, std: 0.1 / (c as f64).sqrt() };
        let vector = LinearConfig::new(c, SINGER).with_initializer(quiet).init(device);
        match self.kind {
            SingerEncoderKind::Conv => SingerEncoder::Conv(ConvEncoder {
                frames: linear(HEARD, c),
                near: DILATIONS.iter().map(|_| linear(3 * c, c)).collect(),
                summary: linear(c, c),
                vector,
            }),
            SingerEncoderKind::Lstm => SingerEncoder::Lstm(LstmEncoder {
                states: LstmConfig::new(STACKED * HEARD, c, true).init(device),
                summary: linear(c, c),
                vector,
            }),
        }
    }
}

impl SingerEncoder {
    /// The same encoder with the vector (`[SINGER]`) that it adds to.
    pub fn beginning_at(mut self, vector: Tensor<1>) -> Self {
        let last = match &mut self {
            Self::Conv(encoder) => &mut encoder.vector,
            Self::Lstm(encoder) => &mut encoder.vector,
        };
        last.bias = Some(burn::module::Param::from_tensor(vector.detach()));
        self
    }

    /// - heard: `[batch, time, HEARD]`, see [`Heard`](super::heard::Heard)
    /// - mask: `[batch, time, 1]`, 1 for a frame and 0 for padding, which changes nothing
    ///
    /// Gives `[batch, SINGER]`.
    pub fn forward(&self, heard: Tensor<3>, mask: Tensor<3>) -> Tensor<2> {
        match self {
            Self::Conv(encoder) => encoder.forward(heard, mask),
            Self::Lstm(encoder) => encoder.forward(heard, mask),
        }
    }
}

impl ConvEncoder {
    fn forward(&self, heard: Tensor<3>, mask: Tensor<3>) -> Tensor<2> {
        let mut x = relu(self.frames.forward(heard)) * mask.clone(); // [batch, time, channels]
        let [batch, time, channels] = x.dims();
        for (near, dilation) in self.near.iter().zip(DILATIONS) {
            let d = dilation.min(time);
            let edge = Tensor::zeros([batch, d, channels], &x.device());
            let before = Tensor::cat(vec![edge.clone(), x.clone().slice([0..batch, 0..time - d])], 1);
            let after = Tensor::cat(vec![x.clone().slice([0..batch, d..time]), edge], 1);
            let y = relu(near.forward(Tensor::cat(vec![before, x.clone(), after], 2)));
            x = (x + y) * mask.clone();
        }
        self.vector.forward(relu(self.summary.forward(masked_mean(x, mask))))
    }
}

impl LstmEncoder {
    fn forward(&self, heard: Tensor<3>, mask: Tensor<3>) -> Tensor<2> {
        let [batch, time, width] = heard.dims();
        let steps = time.div_ceil(STACKED);
        let missing = steps * STACKED - time;
        let fill = |x: Tensor<3>| {
            let [_, _, width] = x.dims();
            let empty = Tensor::zeros([batch, missing, width], &x.device());
            if missing == 0 { x } else { Tensor::cat(vec![x, empty], 1) }
        };
        let stacked = fill(heard * mask.clone()).reshape([batch, steps, STACKED * width]);
        // A step counts by how many of its frames there are.
        let mask = fill(mask).reshape([batch, steps, STACKED]).mean_dim(2);
        let (states, _) = self.states.forward(stacked, None); // [batch, steps, channels]
        self.vector.forward(relu(self.summary.forward(masked_mean(states, mask))))
    }
}

/// The mean over time of what the mask shows: `[batch, channels]`.
fn masked_mean(x: Tensor<3>, mask: Tensor<3>) -> Tensor<2> {
    let count = mask.clone().sum_dim(1).clamp_min(1e-3); // [batch, 1, 1]
    ((x * mask).sum_dim(1) / count).flatten(1, 2)
}

#[cfg(test)]
mod tests {
    use burn::tensor::{Distribution, Tolerance};

    use super::*;

    #[test]
    fn any_length_gives_a_vector_and_padding_changes_nothing() {
        let device = Device::flex();
        device.seed(3);
        for kind in [SingerEncoderKind::Conv, SingerEncoderKind::Lstm] {
            let encoder = SingerEncoderConfig::new(kind).with_channels(16).init(&device);
            for time in [1, 2, 30, 131] {
                let heard = Tensor::random([2, time, HEARD], Distribution::Normal(0.0, 1.0), &device);
                let alone = encoder.forward(heard.clone(), Tensor::ones([2, time, 1], &device));
                assert_eq!(alone.dims(), [2, SINGER]);
                // What stands in the padding is wild on purpose.
                let wild = Tensor::random([2, 37, HEARD], Distribution::Normal(5.0, 9.0), &device);
                let padded = Tensor::cat(vec![heard, wild], 1);
                let shown = vec![Tensor::ones([2, time, 1], &device), Tensor::zeros([2, 37, 1], &device)];
                let padded = encoder.forward(padded, Tensor::cat(shown, 1));
                padded.into_data().assert_approx_eq::<f32>(&alone.into_data(), Tolerance::absolute(1e-5));
            }
        }
    }

    #[test]
    fn it_begins_at_the_vector_that_it_is_given() {
        let device = Device::flex();
        let start = Tensor::<1>::ones([SINGER], &device) * 0.7;
        let encoder = SingerEncoderConfig::new(SingerEncoderKind::Conv).init(&device).beginning_at(start);
        let heard = Tensor::random([1, 50, HEARD], Distribution::Normal(0.0, 1.0), &device);
        let off = (encoder.forward(heard, Tensor::ones([1, 50, 1], &device)) - 0.7).abs().max();
        assert!(off.into_scalar::<f32>() < 0.3);
    }
}
