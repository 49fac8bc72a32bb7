use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::Token;
use crate::lyrics::Phoneme;
use crate::signal::{Recording, rms_around};

/// The five instants of a sung character, in seconds. Before the vowel the consonant,
/// from its burst (for a plosive after a vowel the closure comes first); after the
/// nucleus the nasal or glide.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Landmarks {
    pub onset: f64,
    pub burst: f64,
    pub vowel: f64,
    pub nucleus_end: f64,
    pub end: f64,
}

impl Landmarks {
    /// The same instants counted from `origin`.
    pub fn since(&self, origin: f64) -> Self {
        Self {
            onset: self.onset - origin,
            burst: self.burst - origin,
            vowel: self.vowel - origin,
            nucleus_end: self.nucleus_end - origin,
            end: self.end - origin,
        }
    }
}

/// Why a token is not learned from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Error)]
pub enum Rejected {
    #[error("lies outside its recording or is too short")]
    Outside,
    #[error("its vowel begins more than 30 ms from where the corpus says")]
    VowelElsewhere,
    #[error("its consonant is longer than a third of a second")]
    LongConsonant,
    #[error("its pitch is not the one it is labelled with")]
    WrongPitch,
    #[error("its nucleus is not voiced throughout")]
    Unvoiced,
    #[error("its recording is no WAV at 44.1 kHz, or cannot be read")]
    Unreadable,
}

const STEP: f64 = 0.001;

/// People set the vowel where it is steady: on average this much after the voice begins
/// (measured on Kumi's Mandarin, standard deviation 12 ms).
const HAND_LAG: f64 = -0.018;

/// Voicing and level of a recording every millisecond.
pub struct Contour {
    voiced: Vec<bool>,
    level: Vec<f32>,
    high: Vec<f32>,
}

impl Contour {
    /// Walks once over a recording.
    pub fn of(recording: &Recording) -> Self {
        let count = (recording.seconds() / STEP) as usize;
        let times = (0..count).map(|i| i as f64 * STEP);
        Self {
            voiced: times.clone().map(|t| recording.is_voiced(t)).collect(),
            level: times.clone().map(|t| rms_around(&recording.samples, t, 0.005)).collect(),
            high: times.map(|t| recording.periodicity.high_level_at(t, 0.003)).collect(),
        }
    }

    fn voiced_share(&self, from: f64, to: f64) -> f32 {
        let part = &self.voiced[self.index(from)..self.index(to)];
        part.iter().filter(|&&v| v).count() as f32 / part.len().max(1) as f32
    }

    fn index(&self, seconds: f64) -> usize {
        ((seconds / STEP).max(0.0) as usize).min(self.voiced.len())
    }

    /// The nearest instant to `about` at which voicing begins and stays.
    fn voicing_begins(&self, about: f64, reach: f64) -> Option<f64> {
        let begins = |i: &usize| {
            *i >= 4
                && i + 25 < self.voiced.len()
                && self.voiced[i - 4..*i].iter().all(|v| !v)
                && self.voiced[*i..i + 25].iter().filter(|&&v| v).count() >= 22
        };
        (self.index(about - reach)..self.index(about + reach))
            .filter(begins)
            .map(|i| i as f64 * STEP)
            .min_by(|a, b| (a - about).abs().total_cmp(&(b - about).abs()))
    }

    /// The last instant in a span at which voicing ended.
    fn voicing_ends(&self, from: f64, to: f64) -> Option<f64> {
        let (from, to) = (self.index(from).max(1), self.index(to));
        (from..to).rev().find(|&i| self.voiced[i - 1] && !self.voiced[i]).map(|i| i as f64 * STEP)
    }

    /// Going back from an instant, where the level first stays below `quiet`.
    fn quiet_before(&self, from: f64, quiet: f32, reach: f64) -> f64 {
        let (from, last) = (self.index(from), self.index(from - reach));
        let mut i = from;
        while i > last.max(15) && !self.level[i - 15..i].iter().all(|&l| l < quiet) {
            i -= 1;
        }
        i as f64 * STEP
    }

    /// Going on from an instant, where the level first stays below `quiet`.
    fn quiet_after(&self, from: f64, quiet: f32) -> f64 {
        let from = self.index(from);
        let found = self.level[from..].windows(15).position(|w| w.iter().all(|&l| l < quiet));
        (from + found.unwrap_or(self.level.len() - from)) as f64 * STEP
    }

    /// The steepest early rise above 2 kHz in a span: a plosive's burst.
    fn burst(&self, from: f64, to: f64) -> Option<f64> {
        let (from, to) = (self.index(from).max(6), self.index(to).min(self.high.len().saturating_sub(5)));
        let mean = |part: &[f32]| part.iter().sum::<f32>() / part.len() as f32 + 1e-6;
        let rise = |i: usize| 20.0 * (mean(&self.high[i..i + 4]) / mean(&self.high[i - 6..i - 1])).log10();
        let most = (from..to).map(rise).fold(0.0f32, f32::max);
        let enough = (0.7 * most).max(6.0);
        let first = (from..to).find(|&i| rise(i) >= enough)?;
        // The rise begins before the burst is fully inside the window: take its top.
        let top = (first..(first + 6).min(to)).max_by(|&a, &b| rise(a).total_cmp(&rise(b)))?;
        Some(top as f64 * STEP)
    }
}

/// Finds a token's landmarks in the sound, starting from what the corpus says, and
/// refuses tokens whose sound contradicts their label.
pub fn find_landmarks(
    recording: &Recording,
    contour: &Contour,
    token: &Token,
) -> Result<Landmarks, Rejected> {
    let length = recording.seconds();
    let initial = token.syllable.initial;
    let after_rest = token.previous[0] == Phoneme::Rest;

    let labelled = match token.place.vowel {
        Some(at) => at,
        None => contour.voicing_begins(0.0, length).ok_or(Rejected::Unvoiced)?,
    };
    if labelled < 0.02 || labelled > length - 0.1 {
        return Err(Rejected::Outside);
    }
    let mut vowel = labelled;
    if initial.is_voiceless()
        && let Some(found) = contour.voicing_begins(labelled, 0.08)
    {
        if (found - labelled - HAND_LAG).abs() > 0.03 {
            return Err(Rejected::VowelElsewhere);
        }
        vowel = found;
    }
    let loud = rms_around(&recording.samples, vowel + 0.1, 0.1);
    let quiet = (3.0 * recording.hiss_level()).max(0.01 * loud);
    let end =
        token.place.end.unwrap_or(length).min(contour.quiet_after(vowel + 0.05, quiet)).min(length - 0.005);
    if end - vowel < 0.06 {
        return Err(Rejected::Outside);
    }

    let mut onset = if initial == Phoneme::None && !after_rest {
        vowel
    } else if after_rest {
        contour.quiet_before(vowel, quiet, 0.4)
    } else {
        let labelled = token.place.start.unwrap_or(vowel - 0.1).min(vowel - 0.01);
        if initial.is_voiceless() {
            contour.voicing_ends(labelled - 0.04, vowel - 0.01).unwrap_or(labelled)
        } else {
            labelled
        }
    };
    let mut burst = onset;
    if initial.has_burst() {
        burst = contour.burst(onset.max(vowel - 0.25), vowel + 0.004).unwrap_or(onset).min(vowel);
        if after_rest {
            onset = burst;
        }
    }
    if vowel - onset > 0.33 {
        return Err(Rejected::LongConsonant);
    }
    let coda = if token.syllable.coda == Phoneme::None { 0.0 } else { 0.12f64.min(0.4 * (end - vowel)) };
    let nucleus_end =
        token.place.nucleus_end.unwrap_or(end - coda).clamp(vowel + 0.04, end.max(vowel + 0.04));

    if contour.voiced_share(vowel + 0.02, nucleus_end - 0.01) < 0.9 {
        return Err(Rejected::Unvoiced);
    }
    if let Some(key) = token.folder_pitch {
        let mut heard: Vec<f32> = (0..20)
            .map(|i| recording.pitch_at(vowel + (nucleus_end - vowel) * (0.2 + 0.03 * f64::from(i))))
            .collect();
        heard.sort_by(f32::total_cmp);
        let off = 12.0 * (heard[10] / 440.0).log2() + 69.0 - f32::from(key);
        if off.abs() > 1.0 {
            return Err(Rejected::WrongPitch);
        }
    }
    Ok(Landmarks { onset, burst, vowel, nucleus_end, end })
}
