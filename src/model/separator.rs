//! The network that tells the voice in music from what goes with it.

use std::path::Path;

use burn::module::Module;
use burn::tensor::{Device, Tensor};
use serde::{Deserialize, Serialize};

use super::eight_bits::{load_eight_bits, save_eight_bits};
use super::u_net::UNet;
use super::voice::{VoiceError, read_json, write_json};

/// Samples per second that it was trained with.
pub const RATE: u32 = 44_100;
/// Samples of a frame, and from one frame to the next.
pub const FRAME: usize = 4096;
pub const HOP: usize = 1024;
/// Frequencies of a frame that it sees, from 0 to 11 kHz.
pub const BINS: usize = 1024;
/// It sees a multiple of so many frames.
pub const STRIDE: usize = 64;

/// Files of its folder.
const CONFIG: &str = "separator.json";
const VOCALS: &str = "vocals.safetensors";

/// What the file says.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct SeparatorConfig {
    /// Channels after each halving of time and frequency.
    channels: Vec<usize>,
}

/// The network.
#[derive(Module, Debug)]
pub struct SeparatingNetwork {
    vocals: UNet,
}

impl SeparatingNetwork {
    /// Whether there is one in a folder.
    pub fn is_in(folder: &Path) -> bool {
        folder.join(CONFIG).is_file()
    }

    /// Reads the network in a folder.
    ///
    /// # Errors
    /// If a file cannot be read or is another network's.
    pub fn load(folder: &Path, device: &Device) -> Result<Self, VoiceError> {
        let config: SeparatorConfig = read_json(&folder.join(CONFIG))?;
        let mut vocals = UNet::init(&config.channels, device);
        load_eight_bits(&mut vocals, &folder.join(VOCALS))?;
        Ok(Self { vocals })
    }

    /// A network with random weights, and so many channels after each halving of time and frequency, of which
    /// there are six.
    pub fn init(channels: [usize; 6], device: &Device) -> Self {
        Self { vocals: UNet::init(&channels, device) }
    }

    /// Writes the network into a folder, its weights in eight bits.
    ///
    /// # Errors
    /// If a file cannot be written.
    pub fn save(&self, folder: &Path) -> Result<(), VoiceError> {
        save_eight_bits(&self.vocals, &folder.join(VOCALS))?;
        write_json(&folder.join(CONFIG), &SeparatorConfig { channels: self.vocals.channels() }, false)
    }

    /// - magnitudes: `[batch, 2, frames, BINS]`, of both sides; frames a multiple of [`STRIDE`]
    ///
    /// Gives how much of each is voice, from 0 to 1.
    pub fn vocals(&self, magnitudes: Tensor<4>) -> Tensor<4> {
        self.vocals.forward(magnitudes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::to_vec;

    fn shipped() -> std::path::PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models/separation")
    }

    /// What TensorFlow gives with the same weights for the same numbers: side, frame, bin and the share.
    const KNOWN: [([usize; 3], f32); 6] = [
        ([0, 0, 0], 0.233_169_9),
        ([1, 20, 5], 0.004_025_926),
        ([0, 33, 100], 0.002_314_284),
        ([1, 40, 300], 0.000_487_593_6),
        ([0, 63, 1023], 0.319_278_3),
        ([1, 7, 700], 0.007_531_182),
    ];

    #[test]
    fn it_gives_what_the_network_it_was_made_from_gives() {
        let device = Device::flex();
        let network = SeparatingNetwork::load(&shipped(), &device).unwrap();
        let number = |i: usize| (20.0 * ((0.37 * i as f64).sin() * (0.011 * i as f64).sin()).abs()) as f32;
        let magnitudes: Vec<f32> = (0..2 * STRIDE * BINS).map(number).collect();
        let magnitudes = burn::tensor::TensorData::new(magnitudes, [1, 2, STRIDE, BINS]);
        let shares = network.vocals(Tensor::from_data(magnitudes, &device));
        assert_eq!(shares.dims(), [1, 2, STRIDE, BINS]);
        let shares = to_vec(shares.into_data()).unwrap();
        for ([side, frame, bin], known) in KNOWN {
            let share = shares[(side * STRIDE + frame) * BINS + bin];
            assert!((share / known - 1.0).abs() < 2e-3, "{share} for {known} at {side}, {frame}, {bin}");
        }
        let mean = shares.iter().sum::<f32>() / shares.len() as f32;
        assert!((mean / 0.002_312_446 - 1.0).abs() < 2e-3, "{mean}");
    }

    #[test]
    fn weights_of_another_network_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let device = Device::flex();
        assert!(!SeparatingNetwork::is_in(folder.path()) && SeparatingNetwork::is_in(&shipped()));
        let bytes = std::fs::read(shipped().join(VOCALS)).unwrap();
        for (config, weights) in [
            ("{\"channels\":[16,32]}", bytes.clone()),
            ("{\"channels\":[16,32,64,128,256,512]}", bytes[..bytes.len() / 2].to_vec()),
            ("{\"channels\":[16,32,64,128,256,512]}", b"no weights at all".to_vec()),
        ] {
            std::fs::write(folder.path().join(CONFIG), config).unwrap();
            std::fs::write(folder.path().join(VOCALS), weights).unwrap();
            assert!(SeparatingNetwork::load(folder.path(), &device).is_err());
        }
    }
}
