//! Which sound is heard at each moment of a recording, and where characters begin.

use std::path::Path;

use burn::module::Module;
use burn::nn::conv::{Conv1d, Conv1dConfig};
use burn::nn::{LayerNorm, LayerNormConfig, Linear, LinearConfig, PaddingConfig1d};
use burn::tensor::{Device, Tensor, activation::relu};
use serde::{Deserialize, Serialize};

use super::eight_bits::{load_eight_bits, save_eight_bits};
use super::voice::{VoiceError, read_json, write_json};
use ziyin_lyrics::Phoneme;
use ziyin_signal::{MEL_BANDS, MEL_HOP, SAMPLE_RATE};

/// Frames of [`ziyin_signal::LogMel`] that the network takes in one step.
pub const STACKED: usize = 2;
/// Seconds from one step of the network to the next.
pub const STEP: f64 = (STACKED * MEL_HOP) as f64 / SAMPLE_RATE as f64;
/// Seconds from the start of a recording to the middle of the first step.
pub const FIRST_STEP: f64 = 0.5 * (STACKED - 1) as f64 * MEL_HOP as f64 / SAMPLE_RATE as f64;

/// Files of a recogniser's folder.
const CONFIG: &str = "recogniser.json";
const WEIGHTS: &str = "recogniser.safetensors";

/// The sounds that a new recogniser learns: those of Mandarin and Japanese. The first stands for
/// wherever nobody sings.
pub const SOUNDS: [Phoneme; 52] = {
    use Phoneme::*;
    [
        Rest, P, Ph, M, F, T, Th, N, L, K, Kh, X, Tc, Tch, C, Ts_, Tsh_, S_, Z_, Ts, Tsh, S, J, W, Y_, A, O,
        E_, Schwa, E, Eh, I, U, Y, Iz, Ir, Er, U_, Ng, B, D, G, Z, Dz, Dj, Phi, H, Ch, R, Nj, Nn, Ux,
    ]
};

/// What a recogniser's file says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RecogniserConfig {
    /// What it tells apart, in the order of its numbers: the file names them, so that sounds which
    /// the inventory gets later change nothing.
    pub sounds: Vec<Phoneme>,
    pub channels: usize,
}

impl Default for RecogniserConfig {
    fn default() -> Self {
        Self { sounds: SOUNDS.to_vec(), channels: 256 }
    }
}

/// After QuartzNet (Kriman and others, 2019): blocks of convolutions over time that see each channel
/// by itself, and layers between them that see one frame; around each block a way that leads past it.
/// Normed is each frame by itself rather than a batch, so that what stands in the padding says
/// nothing.
#[derive(Module, Debug)]
pub struct Recogniser {
    opening: Separable,
    blocks: Vec<Block>,
    closing: Separable,
    wide: Linear,
    sounds: Linear,
    path: Linear,
    begins: Linear,
}

/// What a recogniser gives for each step of a batch.
#[derive(Clone, Debug)]
pub struct Recognised {
    /// `[batch, steps, sounds]`: how likely each sound is, before the softmax.
    pub sounds: Tensor<3>,
    /// `[batch, steps, sounds + 1]`: the same for CTC, the blank last.
    pub path: Tensor<3>,
    /// `[batch, steps, 1]`: whether a character begins, before the sigmoid.
    pub begins: Tensor<3>,
}

/// Two separable convolutions, and what leads past them.
#[derive(Module, Debug)]
struct Block {
    first: Separable,
    second: Separable,
    past: Linear,
}

/// A convolution over time of each channel, and a layer over the channels.
#[derive(Module, Debug)]
struct Separable {
    over_time: Conv1d,
    over_channels: Linear,
    norm: LayerNorm,
}

/// Steps that the convolutions see, one block after the other: together three seconds.
pub const OPENING: usize = 9;
pub const KERNELS: [usize; 4] = [9, 13, 17, 21];
pub const CLOSING: usize = 25;

impl RecogniserConfig {
    /// A recogniser with random weights.
    pub fn init(&self, device: &Device) -> Recogniser {
        let c = self.channels;
        let separable = |from: usize, to: usize, kernel: usize| Separable {
            over_time: Conv1dConfig::new(from, from, kernel)
                .with_groups(from)
                .with_padding(PaddingConfig1d::Explicit(kernel / 2, kernel / 2))
                .with_bias(false)
                .init(device),
            over_channels: LinearConfig::new(from, to).init(device),
            norm: LayerNormConfig::new(to).init(device),
        };
        Recogniser {
            opening: separable(STACKED * MEL_BANDS, c, OPENING),
            blocks: KERNELS
                .iter()
                .map(|&kernel| Block {
                    first: separable(c, c, kernel),
                    second: separable(c, c, kernel),
                    past: LinearConfig::new(c, c).init(device),
                })
                .collect(),
            closing: separable(c, c, CLOSING),
            wide: LinearConfig::new(c, 2 * c).init(device),
            sounds: LinearConfig::new(2 * c, self.sounds.len()).init(device),
            path: LinearConfig::new(2 * c, self.sounds.len() + 1).init(device),
            begins: LinearConfig::new(2 * c, 1).init(device),
        }
    }

    /// The number of a sound, if it is told apart.
    pub fn index(&self, sound: Phoneme) -> Option<usize> {
        self.sounds.iter().position(|known| *known == sound)
    }

    /// The number of CTC's blank.
    pub fn blank(&self) -> usize {
        self.sounds.len()
    }

    /// Writes the recogniser into a folder, its weights in eight bits.
    ///
    /// # Errors
    /// If a file cannot be written.
    pub fn save(&self, recogniser: &Recogniser, folder: &Path) -> Result<(), VoiceError> {
        save_eight_bits(recogniser, &folder.join(WEIGHTS))?;
        write_json(&folder.join(CONFIG), self, true)
    }
}

impl Recogniser {
    /// Whether there is one in a folder.
    pub fn is_in(folder: &Path) -> bool {
        folder.join(CONFIG).is_file()
    }

    /// Reads the recogniser in a folder.
    ///
    /// # Errors
    /// If a file cannot be read or is another network's.
    pub fn load(folder: &Path, device: &Device) -> Result<(RecogniserConfig, Self), VoiceError> {
        let config: RecogniserConfig = read_json(&folder.join(CONFIG))?;
        let mut recogniser = config.init(device);
        load_eight_bits(&mut recogniser, &folder.join(WEIGHTS))?;
        Ok((config, recogniser))
    }

    /// - mel: `[batch, steps · STACKED, MEL_BANDS]`, see [`levelled`]
    /// - mask: `[batch, steps, 1]`, 1 for a step and 0 for padding, which changes nothing
    pub fn forward(&self, mel: Tensor<3>, mask: Tensor<3>) -> Recognised {
        let [batch, frames, _] = mel.dims();
        let x = mel.reshape([batch, frames / STACKED, STACKED * MEL_BANDS]) * mask.clone();
        let mut x = relu(self.opening.forward(x)) * mask.clone();
        for block in &self.blocks {
            let y = relu(block.first.forward(x.clone())) * mask.clone();
            x = relu(block.second.forward(y) + block.past.forward(x)) * mask.clone();
        }
        let x = relu(self.closing.forward(x));
        let x = relu(self.wide.forward(x));
        Recognised {
            sounds: self.sounds.forward(x.clone()),
            path: self.path.forward(x.clone()),
            begins: self.begins.forward(x),
        }
    }
}

impl Separable {
    fn forward(&self, x: Tensor<3>) -> Tensor<3> {
        let y = self.over_time.forward(x.swap_dims(1, 2)).swap_dims(1, 2);
        self.norm.forward(self.over_channels.forward(y))
    }
}

/// Nepers of power below the loud parts of a recording at which it ends for the network: 56 dB.
const DEEP: f32 = 13.0;
/// Brings what the network sees to about unit variance around 0.
const MIDDLE: f32 = -5.0;
const SCALE: f32 = 4.0;

/// How loud the loud parts are of frames that [`ziyin_signal::LogMel`] made.
pub fn level(frames: &[f32]) -> f32 {
    let loudest = |frame: &[f32]| frame.iter().copied().fold(f32::MIN, f32::max);
    let mut all: Vec<f32> = frames.chunks(MEL_BANDS).map(loudest).collect();
    all.sort_by(f32::total_cmp);
    all.get(all.len() * 9 / 10).copied().unwrap_or(0.0)
}

/// Frames as the network takes them, given the [`level`] of their recording: how loud it is makes no
/// difference.
pub fn levelled(frames: &mut [f32], level: f32) {
    frames.iter_mut().for_each(|power| *power = ((*power - level).max(-DEEP) - MIDDLE) / SCALE);
}

#[cfg(test)]
mod tests {
    use burn::tensor::{Distribution, Tolerance};

    use super::*;

    #[test]
    fn padding_changes_nothing_and_weights_come_back() {
        let device = Device::flex();
        device.seed(5);
        let config = RecogniserConfig { channels: 16, ..RecogniserConfig::default() };
        let network = config.init(&device);
        let mel = Tensor::random([2, 60, MEL_BANDS], Distribution::Normal(0.0, 1.0), &device);
        let alone = network.forward(mel.clone(), Tensor::ones([2, 30, 1], &device));
        assert_eq!(alone.sounds.dims(), [2, 30, SOUNDS.len()]);
        assert_eq!((alone.path.dims(), alone.begins.dims()), ([2, 30, SOUNDS.len() + 1], [2, 30, 1]));
        // What stands in the padding is wild on purpose.
        let wild = Tensor::random([2, 22, MEL_BANDS], Distribution::Normal(5.0, 9.0), &device);
        let shown = vec![Tensor::ones([2, 30, 1], &device), Tensor::zeros([2, 11, 1], &device)];
        let padded = network.forward(Tensor::cat(vec![mel.clone(), wild], 1), Tensor::cat(shown, 1));
        let heard = padded.sounds.slice([0..2, 0..30]);
        heard.into_data().assert_approx_eq::<f32>(&alone.sounds.into_data(), Tolerance::absolute(1e-4));
        let folder = tempfile::tempdir().unwrap();
        assert!(!Recogniser::is_in(folder.path()));
        config.save(&network, folder.path()).unwrap();
        let (same, loaded) = Recogniser::load(folder.path(), &device).unwrap();
        assert!(same == config && Recogniser::is_in(folder.path()));
        let again = loaded.forward(mel, Tensor::ones([2, 30, 1], &device));
        again
            .begins
            .into_data()
            .assert_approx_eq::<f32>(&alone.begins.into_data(), Tolerance::absolute(0.05));
    }

    #[test]
    fn loudness_makes_no_difference() {
        let frames: Vec<f32> = (0..40 * MEL_BANDS).map(|i| -8.0 + 3.0 * (i as f32 * 0.7).sin()).collect();
        let mut quiet: Vec<f32> = frames.iter().map(|power| power - 4.0).collect();
        let mut loud = frames;
        for frames in [&mut quiet, &mut loud] {
            let level = level(frames);
            levelled(frames, level);
        }
        assert!(quiet.iter().zip(&loud).all(|(a, b)| (a - b).abs() < 1e-4 && a.abs() < 4.0));
    }
}
