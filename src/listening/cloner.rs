use std::path::Path;

use anyhow::{Context, Result};
use burn::tensor::Device;

use super::Likeness;
use super::refinement::{Start, refine};
use crate::model::singer_encoder::SingerEncoder;
use crate::model::{ClonedSinger, SingerCard, VoiceConfig, VoiceModel, generator_print};

/// A voice that singers are cloned for, as far as it is read before anybody is listened to.
pub struct Cloner<'a> {
    folder: &'a Path,
    config: &'a VoiceConfig,
    encoder: SingerEncoder,
    device: Device,
}

/// A refinement that is wanted: it hears steps done and of how many, and the distance, and
/// gives `false` to stop.
pub type Refining<'a> = &'a mut dyn FnMut(usize, usize, f32) -> bool;

impl<'a> Cloner<'a> {
    /// Reads what listens of the voice in `folder`.
    ///
    /// # Errors
    /// If the voice was trained without a singer encoder, or it cannot be read.
    pub fn open(folder: &'a Path, config: &'a VoiceConfig) -> Result<Self> {
        let device = Device::flex();
        let encoder = VoiceModel::singer_encoder(folder, config, &device)?;
        Ok(Self { folder, config, encoder, device })
    }

    /// The singer that was heard, refined if that is wanted; and the distance of the vowels
    /// before and after, where anything was refined.
    ///
    /// # Errors
    /// If the voice cannot be read, or the device gives up.
    pub fn singer(
        &self,
        card: SingerCard,
        likeness: &Likeness,
        refining: Option<Refining>,
    ) -> Result<(ClonedSinger, Option<[f32; 2]>)> {
        let training = self.device.clone().autodiff();
        let voice = VoiceModel::load(self.folder, if refining.is_some() { &training } else { &self.device })?;
        let mean = voice.generator().mean_envelope()?;
        let vector = likeness.vector(&self.encoder, &mean, &self.device)?;
        let like = nearest(&voice, &vector)?;
        let mut singer = ClonedSinger::new(card, vector);
        let mut languages: Vec<String> =
            self.config.singers.iter().flat_map(|s| s.languages.clone()).collect();
        languages.sort();
        languages.dedup();
        singer.voice = self.config.name.clone();
        singer.generator = generator_print(self.folder)?;
        singer.like = self.config.singers[like].name.clone();
        singer.languages = languages;
        singer.range = likeness.range();
        singer.seconds = likeness.seconds();
        let Some(progress) = refining else { return Ok((singer, None)) };
        // The encoder may take somebody for like a singer whose vowels are further off than
        // another's: each is tried.
        let heard = Start { like, vector: singer.vector.clone() };
        let known = voice.trained_singers()?.into_iter().enumerate();
        let starts: Vec<Start> =
            [heard].into_iter().chain(known.map(|(like, vector)| Start { like, vector })).collect();
        let Some(found) = refine(&voice, &starts, likeness, &training, progress)? else {
            return Ok((singer, None));
        };
        singer.like = self.config.singers[found.like].name.clone();
        singer.vector = found.vector;
        singer.adapter = Some(found.adapter);
        Ok((singer, Some(found.distance)))
    }
}

/// The trained singer whose vector is nearest.
fn nearest(voice: &VoiceModel, vector: &[f32]) -> Result<usize> {
    let known = voice.trained_singers()?;
    let off = |row: &Vec<f32>| row.iter().zip(vector).map(|(a, b)| (a - b).powi(2)).sum::<f32>();
    let nearest = (0..known.len()).min_by(|&a, &b| off(&known[a]).total_cmp(&off(&known[b])));
    nearest.context("the voice has no singer")
}
