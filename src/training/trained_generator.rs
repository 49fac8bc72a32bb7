//! A generator with what is trained beside it, in a run's folder or a voice's.

use std::path::Path;

use anyhow::{Context, Result};
use burn::module::Module;
use burn::optim::AdamWConfig;
use burn::tensor::{Device, Tensor};

use super::Example;
use super::batch::{Takes, longest};
use super::checkpoint::load_checkpoint;
use ziyin_model::character::CODE;
use ziyin_model::generator::Generator;
use ziyin_model::singer_encoder::SingerEncoder;
use ziyin_model::take_encoder::{TakeEncoder, TakeEncoderConfig};
use ziyin_model::{VoiceConfig, VoiceModel, load_weights, save_weights};

/// The file of the take encoder in a voice's folder: only a run that begins from the voice
/// needs it.
const TAKE_ENCODER: &str = "take-encoder.safetensors";

/// A generator, and the encoders that saw what it was to make and heard who sang.
#[derive(Module, Debug)]
pub struct TrainedGenerator {
    pub generator: Generator,
    pub encoder: TakeEncoder,
    pub singer_encoder: Option<SingerEncoder>,
}

impl TrainedGenerator {
    /// The networks of a run, or of a voice, and what is said of them. A voice that was saved
    /// without its take encoder gets a new one.
    pub(super) fn open(folder: &Path, device: &Device) -> Result<(VoiceConfig, Self)> {
        let of_run = folder.join("voice");
        let is_run = of_run.join("voice.json").is_file();
        let voice = if is_run { &of_run } else { folder };
        let known = VoiceModel::read_config(voice)?;
        let mut begun = Self {
            generator: known.generator.init(device),
            encoder: TakeEncoderConfig::new().init(device),
            singer_encoder: known.singer_encoder.as_ref().map(|config| config.init(device)),
        };
        if is_run {
            load_checkpoint(folder, &mut begun, AdamWConfig::new().init())?
                .with_context(|| format!("{} holds no checkpoint to begin from", folder.display()))?;
            return Ok((known, begun));
        }
        VoiceModel::load_generator(&mut begun.generator, voice)?;
        if begun.singer_encoder.is_some() {
            begun.singer_encoder = Some(VoiceModel::singer_encoder(voice, &known, device)?);
        }
        let path = voice.join(TAKE_ENCODER);
        if path.is_file() {
            load_weights(&mut begun.encoder, &path)?;
        }
        Ok((known, begun))
    }

    /// Saves the take encoder beside a voice that was saved in `folder`, so that a run can
    /// begin from the voice.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn save_take_encoder(&self, folder: &Path) -> Result<()> {
        Ok(save_weights(&self.encoder, &folder.join(TAKE_ENCODER))?)
    }

    /// The code of each example.
    ///
    /// # Errors
    /// If the device cannot give the numbers back.
    pub fn codes(&self, examples: &[Example], device: &Device) -> Result<Vec<Vec<f32>>> {
        let mean = self.generator.mean_envelope()?;
        let mut codes = vec![Vec::new(); examples.len()];
        let mut order: Vec<usize> = (0..examples.len()).collect();
        order.sort_by_key(|&i| examples[i].token.times.len());
        for part in order.chunks(128) {
            let members: Vec<Example> = part.iter().map(|&i| examples[i]).collect();
            let longest = longest(&members);
            let made = self.encode(&Takes::new(&members, longest, &mean, device));
            let flat = made.into_data().try_into_vec::<f32>().map_err(|e| anyhow::anyhow!("{e:?}"))?;
            for (&i, code) in part.iter().zip(flat.chunks(CODE)) {
                codes[i] = code.to_vec();
            }
        }
        Ok(codes)
    }

    pub(super) fn encode(&self, takes: &Takes) -> Tensor<2> {
        self.encoder.forward(
            takes.envelope.clone(),
            takes.source.clone(),
            takes.tracks.clone(),
            takes.stretches.clone(),
        )
    }
}
