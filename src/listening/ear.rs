//! Hears which sound is sung at each moment of a recording, however long it is.

use std::path::Path;

use burn::tensor::activation::{log_softmax, sigmoid};
use burn::tensor::{Device, Tensor, TensorData};

use ziyin_lyrics::Phoneme;
use ziyin_model::recogniser::{FIRST_STEP, Recogniser, RecogniserConfig, STACKED, STEP, level, levelled};
use ziyin_model::{VoiceError, to_vec};
use ziyin_signal::{LogMel, MEL_BANDS};

/// The folder of the recogniser among the models.
const FOLDER: &str = "listening";
/// Steps that go through the network at once, and those on either side that are only seen.
const WINDOW: usize = 1024;
const BESIDE: usize = 80;
/// A sound that is less likely than this (natural logarithm) is heard wrongly rather than not there.
const LEAST: f32 = -9.0;
/// A step in which a character is sure not to begin says no more than this against one.
const LEAST_BEGIN: f32 = 0.02;

/// The recogniser, ready to listen.
pub struct Ear {
    config: RecogniserConfig,
    network: Recogniser,
    device: Device,
}

/// What was heard, step by step.
#[derive(Clone, Debug, Default)]
pub struct Sounds {
    known: Vec<Phoneme>,
    /// `[steps × known]`: the natural logarithm of how likely each sound is.
    likely: Vec<f32>,
    /// How likely a character begins in each step, 0 to 1.
    pub begins: Vec<f32>,
}

impl Ear {
    /// Opens the recogniser that lies in a folder of models; `None` if there is none.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn among(models: &Path) -> Result<Option<Self>, VoiceError> {
        let folder = models.join(FOLDER);
        if Recogniser::is_in(&folder) { Self::open(&folder).map(Some) } else { Ok(None) }
    }

    /// Opens the recogniser in a folder.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn open(folder: &Path) -> Result<Self, VoiceError> {
        let device = Device::flex();
        let (config, network) = Recogniser::load(folder, &device)?;
        Ok(Self { config, network, device })
    }

    /// Listens to samples at the rate of the house. `progress` hears which part is done, and gives `false`
    /// to stop; `None` if it did.
    ///
    /// # Errors
    /// If the device gives up.
    pub fn hear(
        &self,
        samples: &[f32],
        progress: &mut dyn FnMut(f32) -> bool,
    ) -> Result<Option<Sounds>, VoiceError> {
        let mut mel = LogMel::default().frames(samples);
        let loud = level(&mel);
        levelled(&mut mel, loud);
        let steps = mel.len() / (STACKED * MEL_BANDS);
        let count = self.config.sounds.len();
        let mut heard = Sounds { known: self.config.sounds.clone(), ..Sounds::default() };
        for first in (0..steps).step_by(WINDOW) {
            let last = (first + WINDOW).min(steps);
            let (from, to) = (first.saturating_sub(BESIDE), (last + BESIDE).min(steps));
            let part = mel[from * STACKED * MEL_BANDS..to * STACKED * MEL_BANDS].to_vec();
            let part = TensorData::new(part, [1, (to - from) * STACKED, MEL_BANDS]);
            let mask = Tensor::ones([1, to - from, 1], &self.device);
            let found = self.network.forward(Tensor::from_data(part, &self.device), mask);
            let likely = to_vec(log_softmax(found.sounds, 2).into_data())?;
            let begins = to_vec(sigmoid(found.begins).into_data())?;
            let kept = first - from..last - from;
            heard.likely.extend(likely[kept.start * count..kept.end * count].iter().map(|l| l.max(LEAST)));
            heard.begins.extend(&begins[kept]);
            if !progress(last as f32 / steps as f32) {
                return Ok(None);
            }
        }
        Ok(Some(heard))
    }
}

impl Sounds {
    /// What would be heard if each step had one of some sounds, each of them as likely.
    #[cfg(test)]
    pub(super) fn clear(steps: &[&[Phoneme]], begins: Vec<f32>) -> Self {
        let known = ziyin_model::recogniser::SOUNDS.to_vec();
        let likely = |step: &&[Phoneme], sound: &Phoneme| {
            if step.contains(sound) { -(step.len() as f32).ln() } else { LEAST }
        };
        let likely =
            steps.iter().flat_map(|step| known.iter().map(move |sound| likely(step, sound))).collect();
        Self { known, likely, begins }
    }

    /// The number of steps.
    pub fn len(&self) -> usize {
        self.begins.len()
    }

    /// Whether nothing was heard.
    pub fn is_empty(&self) -> bool {
        self.begins.is_empty()
    }

    /// The number by which [`Sounds::likely`] knows a sound; `None` for one that the recogniser never learned.
    pub fn number(&self, sound: Phoneme) -> Option<usize> {
        let number = |sound: Phoneme| self.known.iter().position(|known| *known == sound);
        number(sound).or_else(|| number(near(sound)))
    }

    /// The natural logarithm of how likely a sound is in a step. One without a number is any but silence.
    pub fn likely(&self, step: usize, sound: Option<usize>) -> f32 {
        let row = &self.likely[step * self.known.len()..(step + 1) * self.known.len()];
        match sound {
            Some(number) => row[number],
            // As likely as the half of what is heard, so that a sound that is known comes first.
            None => (0.5 * (1.0 - row[0].exp())).max(1e-4).ln(),
        }
    }

    /// What is given (natural logarithm) for a character that begins in a step, where the recogniser hears
    /// one begin.
    pub fn enters(&self, step: usize) -> f32 {
        self.begins[step].max(LEAST_BEGIN).ln()
    }

    /// What is given for one that goes on in a step although the recogniser hears one begin.
    pub fn goes_on(&self, step: usize) -> f32 {
        (1.0 - self.begins[step]).max(LEAST_BEGIN).ln()
    }

    /// How likely it is that nobody sings in a step, 0 to 1.
    pub fn nobody(&self, step: usize) -> f32 {
        self.likely[step * self.known.len()].exp()
    }

    /// Whether somebody sings at a moment in seconds.
    pub fn sings_at(&self, seconds: f64) -> bool {
        let step = ((seconds - FIRST_STEP) / STEP).round().max(0.0) as usize;
        step < self.len() && self.nobody(step) < 0.5
    }

    /// Seconds in which somebody sings.
    pub fn sung_seconds(&self) -> f64 {
        (0..self.len()).filter(|&step| self.nobody(step) < 0.5).count() as f64 * STEP
    }

    /// The moment between a step and the one before, in seconds from the start of the recording.
    pub fn moment(step: usize) -> f64 {
        ((step as f64 - 0.5) * STEP + FIRST_STEP).max(0.0)
    }
}

/// The sound that stands for one which a recogniser of Mandarin and Japanese never heard.
fn near(sound: Phoneme) -> Phoneme {
    use Phoneme::*;
    match sound {
        Breath | Q | Pc | Tcoda | Kc => Rest,
        Hum => M,
        Pt => P,
        Tt => T,
        Kt => K,
        St => S,
        Tct => Tc,
        Ov => Schwa,
        Uu => Ux,
        Theta | Sp_ | St_ | Sk_ => S,
        Eth => D,
        V => F,
        Esh => C,
        Ezh | Ra => Z_,
        Tesh => Tch,
        Dezh => Tc,
        Aa => A,
        Ae => Eh,
        Ao => O,
        Ih => I,
        known => known,
    }
}
