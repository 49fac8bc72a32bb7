//! Hears which sound is sung at each moment of a recording, however long it is.

use std::ops::Range;
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
/// A recording is heard at so many paces, beside the one that is home to it.
const PACES: [f32; 3] = [0.85, 1.0, 1.2];
/// Characters in a second of what is sung that are heard best, and how much slower than it is a recording is
/// heard at most.
const HOME_PACE: f32 = 3.2;
const SLOWEST: f32 = 1.5;
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

    /// Listens to samples at the rate of the house, at several paces, of which the mean counts. `progress` hears
    /// which part is done, and gives `false` to stop; `None` if it did.
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
        let passes = 1.0 + PACES.len() as f32;
        let Some(first) = self.pass(&mel, 1.0, &mut |part| progress(part / passes))? else { return Ok(None) };
        // Quick talk is heard better slowly; what is sung is slow enough.
        let home = (first.pace() / HOME_PACE).clamp(1.0, SLOWEST);
        let (likely, begins) = (vec![0.0; first.likely.len()], vec![0.0; first.len()]);
        let mut sum = Sounds { known: first.known.clone(), likely, begins };
        for (i, beside) in PACES.into_iter().enumerate() {
            let mut part = |part: f32| progress(((i + 1) as f32 + part) / passes);
            let (slower, share) = (home * beside, 1.0 / PACES.len() as f32);
            if slower == 1.0 {
                sum.add(&first, slower, share);
                continue;
            }
            let Some(heard) = self.pass(&mel, slower, &mut part)? else { return Ok(None) };
            sum.add(&heard, slower, share);
        }
        Ok(Some(sum))
    }

    /// Listens to frames as if they were so many times slower.
    fn pass(
        &self,
        mel: &[f32],
        slower: f32,
        progress: &mut dyn FnMut(f32) -> bool,
    ) -> Result<Option<Sounds>, VoiceError> {
        let frames = mel.len() / MEL_BANDS;
        let steps = (frames as f32 * slower) as usize / STACKED;
        let count = self.config.sounds.len();
        let mut heard = Sounds { known: self.config.sounds.clone(), ..Sounds::default() };
        for first in (0..steps).step_by(WINDOW) {
            let last = (first + WINDOW).min(steps);
            let (from, to) = (first.saturating_sub(BESIDE), (last + BESIDE).min(steps));
            let shown = from * STACKED..to * STACKED;
            let part = TensorData::new(slowed(mel, shown, slower), [1, (to - from) * STACKED, MEL_BANDS]);
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

/// Some of the frames that there are when all are shown so many times as slowly.
fn slowed(mel: &[f32], shown: Range<usize>, slower: f32) -> Vec<f32> {
    if slower == 1.0 {
        return mel[shown.start * MEL_BANDS..shown.end * MEL_BANDS].to_vec();
    }
    let last = (mel.len() / MEL_BANDS).saturating_sub(1);
    let row = |frame: usize| &mel[frame.min(last) * MEL_BANDS..(frame.min(last) + 1) * MEL_BANDS];
    let frame = |at: usize| {
        let at = at as f32 / slower;
        let (low, share) = (at as usize, at.fract());
        row(low).iter().zip(row(low + 1)).map(move |(a, b)| a * (1.0 - share) + b * share)
    };
    shown.flat_map(frame).collect()
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

    /// Adds a share of what was heard of the same recording when it was shown so many times as slowly.
    fn add(&mut self, other: &Self, slower: f32, share: f32) {
        let count = self.known.len();
        let Some(last) = other.len().checked_sub(1) else { return };
        for (step, begins) in self.begins.iter_mut().enumerate() {
            let there = |step: usize| ((step as f32 * slower).round() as usize).min(last);
            let (from, to) = (there(step), there(step + 1));
            let row = &other.likely[from * count..(from + 1) * count];
            let sum = &mut self.likely[step * count..(step + 1) * count];
            sum.iter_mut().zip(row).for_each(|(sum, likely)| *sum += share * likely);
            // Steps that are one here may hold a beginning in any of them.
            let among = &other.begins[from..to.max(from + 1)];
            *begins += share * among.iter().copied().fold(0.0, f32::max);
        }
    }

    /// How many characters begin in a second of what is sung.
    fn pace(&self) -> f32 {
        // A beginning is heard in the steps beside it, too.
        let begins = (1..self.len().saturating_sub(1)).filter(|&step| {
            let [before, here, after] = [step - 1, step, step + 1].map(|step| self.begins[step]);
            here > 0.5 && here >= before && here > after
        });
        begins.count() as f32 / (self.sung_seconds() as f32).max(1.0)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_heard_more_slowly_lies_where_it_was() {
        use Phoneme::{A, M, Rest};
        let line = |each: usize| -> Sounds {
            let sounds = [Rest, M, A, Rest];
            let steps: Vec<&[Phoneme]> =
                sounds.iter().flat_map(|sound| vec![std::slice::from_ref(sound); each]).collect();
            let mut begins = vec![0.0; 4 * each];
            begins[each] = 1.0;
            Sounds::clear(&steps, begins)
        };
        let (one, other) = (line(10), line(15));
        let mut sum = Sounds { likely: vec![0.0; one.likely.len()], begins: vec![0.0; 40], ..one.clone() };
        sum.add(&one, 1.0, 0.5);
        sum.add(&other, 1.5, 0.5);
        let begun: Vec<usize> = (0..40).filter(|&step| sum.begins[step] > 0.4).collect();
        assert_eq!(begun, [10]);
        for (step, sound) in [(2, Rest), (12, M), (18, M), (21, A), (28, A), (33, Rest)] {
            assert!(sum.likely(step, sum.number(sound)) > -1e-3, "{step}");
        }
        assert!((sum.pace() - 1.0).abs() < 1e-3, "{}", sum.pace());
        let mel: Vec<f32> = (0..20).flat_map(|frame| vec![frame as f32; MEL_BANDS]).collect();
        let slow = slowed(&mel, 0..30, 1.5);
        assert_eq!(slow.len(), 30 * MEL_BANDS);
        assert!(slow.chunks(MEL_BANDS).enumerate().all(|(at, row)| (row[3] - at as f32 / 1.5).abs() < 0.35));
    }
}
