//! How much of a mixture each part of it is, in every bin of its spectrogram.

use burn::module::{Module, Param};
use burn::nn::PaddingConfig2d;
use burn::nn::conv::{Conv2d, Conv2dConfig, ConvTranspose2d, ConvTranspose2dConfig};
use burn::tensor::activation::{leaky_relu, relu, sigmoid};
use burn::tensor::{Device, Tensor};

/// After Jansson and others (2017), as Spleeter has it (Hennequin and others, 2020): convolutions halve a
/// spectrogram in time and frequency step by step, transposed ones bring it back, and each of these sees what
/// the convolution of its size gave. It gives a share of each bin of both sides.
#[derive(Module, Debug)]
pub struct UNet {
    down: Vec<Conv2d>,
    down_levels: Vec<Levels>,
    up: Vec<ConvTranspose2d>,
    up_levels: Vec<Levels>,
    share: Conv2d,
}

/// A factor and an addend of each channel: what batch normalisation is once it is trained.
#[derive(Module, Debug)]
struct Levels {
    factor: Param<Tensor<1>>,
    addend: Param<Tensor<1>>,
}

/// Bins in time and in frequency that a convolution sees.
const KERNEL: usize = 5;
/// The same of the last layer, and how far apart they lie.
const LAST_KERNEL: usize = 4;
const LAST_SPREAD: usize = 2;
/// Left and right.
const SIDES: usize = 2;
/// How much of what is below 0 is let through on the way down.
const LEAK: f64 = 0.2;

impl UNet {
    /// A network with random weights and so many channels after each halving.
    pub fn init(channels: &[usize], device: &Device) -> Self {
        let level = |channels: &usize| Levels {
            factor: Param::from_tensor(Tensor::ones([*channels], device)),
            addend: Param::from_tensor(Tensor::zeros([*channels], device)),
        };
        let halve = |(i, &to): (usize, &usize)| {
            let from = if i == 0 { SIDES } else { channels[i - 1] };
            Conv2dConfig::new([from, to], [KERNEL, KERNEL])
                .with_stride([2, 2])
                .with_padding(PaddingConfig2d::Explicit(1, 1, 2, 2))
                .init(device)
        };
        // From the narrowest: what comes up and what stands beside it, but for the first.
        let double = |i: usize| {
            let below = channels[i];
            let from = if i + 1 == channels.len() { below } else { 2 * below };
            let to = if i == 0 { 1 } else { channels[i - 1] };
            ConvTranspose2dConfig::new([from, to], [KERNEL, KERNEL])
                .with_stride([2, 2])
                .with_padding([1, 1])
                .init(device)
        };
        let around = LAST_SPREAD * (LAST_KERNEL - 1) / 2;
        let share = Conv2dConfig::new([1, SIDES], [LAST_KERNEL, LAST_KERNEL])
            .with_dilation([LAST_SPREAD, LAST_SPREAD])
            .with_padding(PaddingConfig2d::Explicit(around, around, around, around))
            .init(device);
        let inner = channels.len().saturating_sub(1);
        Self {
            down: channels.iter().enumerate().map(halve).collect(),
            down_levels: channels[..inner].iter().map(level).collect(),
            up: (0..channels.len()).rev().map(double).collect(),
            up_levels: channels[..inner].iter().rev().chain([&1]).map(level).collect(),
            share,
        }
    }

    /// Channels after each halving.
    pub fn channels(&self) -> Vec<usize> {
        self.down.iter().map(|halve| halve.weight.dims()[0]).collect()
    }

    /// - magnitudes: `[batch, 2, frames, bins]`, frames and bins a multiple of two to the number of halvings
    ///
    /// Gives as much, from 0 to 1.
    pub fn forward(&self, magnitudes: Tensor<4>) -> Tensor<4> {
        let mut beside: Vec<Tensor<4>> = Vec::with_capacity(self.down.len());
        let mut x = magnitudes;
        for (i, halve) in self.down.iter().enumerate() {
            if let Some(level) = i.checked_sub(1).and_then(|before| self.down_levels.get(before)) {
                x = leaky_relu(level.forward(x), LEAK);
            }
            x = halve.forward(x);
            beside.push(x.clone());
        }
        // The last is what goes up, and stands beside nothing.
        beside.pop();
        for (double, level) in self.up.iter().zip(&self.up_levels) {
            let [batch, _, frames, bins] = x.dims();
            let wide = double.forward(x);
            let channels = wide.dims()[1];
            let wide = wide.slice([0..batch, 0..channels, 0..2 * frames, 0..2 * bins]);
            x = level.forward(relu(wide));
            if let Some(same) = beside.pop() {
                x = Tensor::cat(vec![same, x], 1);
            }
        }
        sigmoid(self.share.forward(x))
    }
}

impl Levels {
    fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let channels = x.dims()[1];
        let of_each = |numbers: &Param<Tensor<1>>| numbers.val().reshape([1, channels, 1, 1]);
        x * of_each(&self.factor) + of_each(&self.addend)
    }
}
