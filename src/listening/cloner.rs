use std::path::Path;

use burn::tensor::Device;
use ziyin_message::{Message, ToMessage, message};

use super::Likeness;
use super::adapting::{Distance, Refined, Start};
use super::ear::Ear;
use super::lesson::{Lesson, LessonError, Worded};
use super::refinement::refine;
use super::word_refinement::{FEWEST, refine_by_words};
use ziyin_model::singer_encoder::SingerEncoder;
use ziyin_model::{ClonedSinger, SingerCard, VoiceConfig, VoiceError, VoiceModel, generator_print};

/// Why nobody was cloned.
#[derive(Debug, thiserror::Error)]
#[error("{}", self.to_message())]
pub enum CloneError {
    #[error(transparent)]
    Voice(#[from] VoiceError),
    /// The words could not be laid along the recordings.
    #[error(transparent)]
    Lesson(#[from] LessonError),
    /// Nothing was refined, and there is no singer encoder.
    TooLittle,
    /// The voice knows nobody.
    NoSinger,
}

impl ToMessage for CloneError {
    fn to_message(&self) -> Message {
        match self {
            Self::Voice(inner) => inner.to_message(),
            Self::Lesson(inner) => inner.to_message(),
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

/// A refinement that is wanted.
pub struct Refining<'a> {
    /// The recordings whose words are known; without any it goes by their vowels.
    pub words: &'a [Worded<'a>],
    /// What follows words through long recordings.
    pub ear: Option<&'a Ear>,
    /// Hears which part is done, 0 to 1, and the distance where one is known, and gives `false` to stop.
    pub progress: &'a mut dyn FnMut(f32, Option<f32>) -> bool,
}

/// What became of a refinement.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Fit {
    /// How many characters of the words were found, and of how many; `None` without words.
    pub found: Option<[usize; 2]>,
    /// Whether what the singer became was nearer to what was held back of the recordings, and is taken.
    pub taken: bool,
    /// How far off that was before and after; `None` where too little was heard to refine by.
    pub distance: Option<Distance>,
}

/// The part of a refinement with words in which they are found.
const FINDING: f32 = 0.4;
/// Trained singers, those who are most like, as which words are sung to find them.
const SUNG_BY: usize = 3;

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

    /// The singer that was heard, refined if that is wanted, and what became of that. Where there was too
    /// little of the words, or they are not what is sung, it goes by the vowels. `None` if it was stopped.
    ///
    /// # Errors
    /// If the voice cannot be read, the words cannot be laid along the recordings, the voice has no singer
    /// encoder and nothing was refined, or the device gives up.
    pub fn singer(
        &self,
        card: SingerCard,
        likeness: &Likeness,
        refining: Option<Refining>,
    ) -> Result<Option<(ClonedSinger, Fit)>, CloneError> {
        let training = self.device.clone().autodiff();
        let voice = VoiceModel::load(self.folder, if refining.is_some() { &training } else { &self.device })?;
        let known = voice.trained_singers()?;
        let heard = match &self.encoder {
            Some(encoder) => {
                let mean = voice.generator().mean_envelope().map_err(VoiceError::Device)?;
                let vector = likeness.vector(encoder, &mean, &self.device)?;
                Some(Start { like: *nearest(&known, &vector).first().ok_or(CloneError::NoSinger)?, vector })
            }
            None => None,
        };
        let (refined, mut fit) = match refining {
            Some(refining) => match self.refined(&voice, &known, heard.as_ref(), likeness, refining)? {
                Some(refined) => refined,
                None => return Ok(None),
            },
            None => (Refined::TooLittle, Fit::default()),
        };
        let (Start { like, vector }, adapter) = match (refined, heard) {
            (Refined::Stopped, _) => return Ok(None),
            (Refined::Closer(found), _) => {
                (fit.taken, fit.distance) = (true, Some(found.distance));
                (found.singer, Some(found.adapter))
            }
            (Refined::NotCloser(distance), Some(heard)) => {
                fit.distance = Some(distance);
                (heard, None)
            }
            (_, Some(heard)) => (heard, None),
            (_, None) => return Err(CloneError::TooLittle),
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
        Ok(Some((singer, fit)))
    }

    /// Refines by the words where they are known and by the vowels where not; `None` if it was stopped.
    fn refined(
        &self,
        voice: &VoiceModel,
        known: &[Vec<f32>],
        heard: Option<&Start>,
        likeness: &Likeness,
        Refining { words, ear, progress }: Refining,
    ) -> Result<Option<(Refined, Fit)>, CloneError> {
        // The encoder may take somebody for like a singer whose vowels are further off than
        // another's: each is tried.
        let rows = known.iter().enumerate().map(|(like, vector)| Start { like, vector: vector.clone() });
        let starts: Vec<Start> = heard.cloned().into_iter().chain(rows).collect();
        let mut fit = Fit::default();
        let mut begun = 0.0;
        if !words.is_empty() {
            let singers: Vec<usize> = match heard {
                Some(Start { vector, .. }) => nearest(known, vector).into_iter().take(SUNG_BY).collect(),
                None => (0..known.len()).collect(),
            };
            let lesson =
                Lesson::find(voice, &singers, ear, words, &mut |part| progress(FINDING * part, None))?;
            let Some(lesson) = lesson else { return Ok(None) };
            fit.found = Some(lesson.found());
            begun = FINDING;
            if lesson.found()[0] >= FEWEST {
                let mut on = |part: f32, off: f32| progress(begun + (1.0 - begun) * part, Some(off));
                let refined = refine_by_words(
                    voice,
                    heard,
                    &starts,
                    &lesson,
                    &likeness.mean_of_voice(),
                    voice.device(),
                    &mut on,
                )?;
                return Ok(Some((refined, fit)));
            }
        }
        let mut on = |part: f32, off: f32| progress(begun + (1.0 - begun) * part, Some(off));
        let refined = refine(voice, heard, &starts, likeness, voice.device(), &mut on)?;
        Ok(Some((refined, fit)))
    }
}

/// The trained singers by their vectors, the nearest first.
fn nearest(known: &[Vec<f32>], vector: &[f32]) -> Vec<usize> {
    let off = |row: &Vec<f32>| row.iter().zip(vector).map(|(a, b)| (a - b).powi(2)).sum::<f32>();
    let mut order: Vec<usize> = (0..known.len()).collect();
    order.sort_by(|&a, &b| off(&known[a]).total_cmp(&off(&known[b])));
    order
}
