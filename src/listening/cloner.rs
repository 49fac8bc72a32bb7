use std::path::Path;

use burn::tensor::Device;
use ziyin_message::{Message, ToMessage, message};

use super::Likeness;
use super::refinement::{Start, refine};
use ziyin_model::singer_encoder::SingerEncoder;
use ziyin_model::{ClonedSinger, SingerCard, VoiceConfig, VoiceError, VoiceModel, generator_print};

/// Why nobody was cloned.
#[derive(Debug, thiserror::Error)]
#[error("{}", self.to_message())]
pub enum CloneError {
    #[error(transparent)]
    Voice(#[from] VoiceError),
    /// Nothing was refined, and there is no singer encoder.
    TooLittle,
    /// The voice knows nobody.
    NoSinger,
}

impl ToMessage for CloneError {
    fn to_message(&self) -> Message {
        match self {
            Self::Voice(inner) => inner.to_message(),
            Self::TooLittle => message!("clone.too-little"),
            Self::NoSinger => message!("clone.no-singer"),
        }
    }
}

/// A voice that singers are cloned for, as far as it is read before anybody is listened to.
pub struct Cloner<'a> {
    folder: &'a Path,
    config: &'a VoiceConfig,
    /// A voice without one knows only those that it was trained on: somebody else is found by
    /// refinement, beginning with each of them.
    encoder: Option<SingerEncoder>,
    device: Device,
}

/// A refinement that is wanted: it hears steps done and of how many, and the distance, and
/// gives `false` to stop.
pub type Refining<'a> = &'a mut dyn FnMut(usize, usize, f32) -> bool;

impl<'a> Cloner<'a> {
    /// Reads what listens of the voice in `folder`; `refined` says whether singers will be.
    ///
    /// # Errors
    /// If the voice cannot be read, or has no singer encoder and nobody will be refined.
    pub fn open(folder: &'a Path, config: &'a VoiceConfig, refined: bool) -> Result<Self, CloneError> {
        let device = Device::flex();
        let encoder = match config.singer_encoder {
            None if refined => None,
            _ => Some(VoiceModel::singer_encoder(folder, config, &device)?),
        };
        Ok(Self { folder, config, encoder, device })
    }

    /// The singer that was heard, refined if that is wanted; and the distance of the vowels
    /// before and after, where anything was refined.
    ///
    /// # Errors
    /// If the voice cannot be read, it has no singer encoder and nothing was refined, or the device
    /// gives up.
    pub fn singer(
        &self,
        card: SingerCard,
        likeness: &Likeness,
        refining: Option<Refining>,
    ) -> Result<(ClonedSinger, Option<[f32; 2]>), CloneError> {
        let training = self.device.clone().autodiff();
        let voice = VoiceModel::load(self.folder, if refining.is_some() { &training } else { &self.device })?;
        let known = voice.trained_singers()?;
        let heard = match &self.encoder {
            Some(encoder) => {
                let mean = voice.generator().mean_envelope().map_err(VoiceError::Device)?;
                let vector = likeness.vector(encoder, &mean, &self.device)?;
                Some(Start { like: nearest(&known, &vector)?, vector })
            }
            None => None,
        };
        // The encoder may take somebody for like a singer whose vowels are further off than
        // another's: each is tried.
        let known = known.into_iter().enumerate().map(|(like, vector)| Start { like, vector });
        let starts: Vec<Start> = heard.clone().into_iter().chain(known).collect();
        let refined = match refining {
            Some(progress) => refine(&voice, &starts, likeness, &training, progress)?,
            None => None,
        };
        let (Start { like, vector }, adapter, distance) = match (refined, heard) {
            (Some(found), _) => (found.singer, Some(found.adapter), Some(found.distance)),
            (None, Some(heard)) => (heard, None, None),
            (None, None) => return Err(CloneError::TooLittle),
        };
        let mut languages: Vec<String> =
            self.config.singers.iter().flat_map(|s| s.languages.clone()).collect();
        languages.sort();
        languages.dedup();
        let mut singer = ClonedSinger::new(card, vector);
        singer.voice = self.config.name.clone();
        singer.generator = generator_print(self.folder)?;
        singer.like = self.config.singers[like].name.clone();
        singer.languages = languages;
        singer.range = likeness.range();
        singer.seconds = likeness.seconds();
        singer.adapter = adapter;
        Ok((singer, distance))
    }
}

/// The trained singer whose vector is nearest.
fn nearest(known: &[Vec<f32>], vector: &[f32]) -> Result<usize, CloneError> {
    let off = |row: &Vec<f32>| row.iter().zip(vector).map(|(a, b)| (a - b).powi(2)).sum::<f32>();
    let nearest = (0..known.len()).min_by(|&a, &b| off(&known[a]).total_cmp(&off(&known[b])));
    nearest.ok_or(CloneError::NoSinger)
}
