use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::Token;
use ziyin_lyrics::Phoneme;
use ziyin_signal::{Recording, midi_pitch, rms_around};

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
    #[error("its recording is no WAV, or cannot be read")]
    Unreadable,
}

const STEP: f64 = 0.001;

/// Seconds by which a vowel may be said to end too late, where something voiceless follows.
const LATE_END: f64 = 0.08;

/// People set the vowel where it is steady: on average this much after the voice begins
/// (measured on Kumi's Mandarin, standard deviation 12 ms).
pub(crate) const HAND_LAG: f64 = -0.018;

/// Voicing and levels of a recording every millisecond.
pub struct Contour {
    voiced: Vec<bool>,
    level: Vec<f32>,
    /// Below 1.2 kHz, where the vowels before and after are strong.
    low: Vec<f32>,
    /// Above 2 kHz, where bursts and fricatives are, in dB.
    high: Vec<f32>,
    /// What `high` is where nobody sings.
    high_hiss: f32,
}

impl Contour {
    /// Walks once over a recording.
    pub fn of(recording: &Recording) -> Self {
        let count = (recording.seconds() / STEP) as usize;
        let times = (0..count).map(|i| i as f64 * STEP);
        let high: Vec<f32> = times
            .clone()
            .map(|t| 20.0 * (recording.periodicity.high_level_at(t, 0.005) + 1e-5).log10())
            .collect();
        let mut sorted = high.clone();
        sorted.sort_by(f32::total_cmp);
        Self {
            voiced: times.clone().map(|t| recording.is_voiced(t)).collect(),
            level: times.clone().map(|t| rms_around(&recording.samples, t, 0.005)).collect(),
            low: times.map(|t| recording.periodicity.low_level_at(t, 0.008)).collect(),
            high_hiss: sorted.get(sorted.len() / 10).copied().unwrap_or(-100.0),
            high,
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

    /// Where in a span the vowel before ends: the end of the last stretch of 25 ms and
    /// more that is voiced and no softer than a tenth of the vowel after the span. Noise
    /// that happens to look periodic for a moment is shorter, the hum of a closure softer.
    fn vowel_before_ends(&self, from: f64, to: f64) -> Option<f64> {
        let (from, to) = (self.index(from), self.index(to));
        let after = &self.low[(to + 30).min(self.low.len())..(to + 110).min(self.low.len())];
        let enough = 0.1 * after.iter().sum::<f32>() / after.len().max(1) as f32;
        let mut run = 0;
        let mut end = None;
        for i in from..to {
            let sung = self.voiced[i] && self.low[i] > enough;
            run = if sung { run + 1 } else { 0 };
            if run >= 25 {
                end = Some((i + 1) as f64 * STEP);
            }
        }
        end
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

    /// Going back from an instant, where the voice stopped that is silent there.
    fn voiced_until(&self, from: f64, reach: f64) -> f64 {
        let (from, last) = (self.index(from), self.index(from - reach).max(SWINGS));
        let stopped = (last..=from).rev().find(|&i| self.voiced[i - SWINGS..i].iter().all(|&voiced| voiced));
        stopped.unwrap_or(from) as f64 * STEP
    }

    /// Where the noise of a consonant begins that lasts until about `to`: going back from
    /// its loudest instant above 2 kHz, the first that is nearer in dB to `floor` (the
    /// silence before), for longer than the dip between a burst and its breath. `None`
    /// where it rises by less than `clear`.
    fn noise_begins(&self, from: f64, to: f64, floor: f32, clear: f32) -> Option<f64> {
        let (from, to) = (self.index(from), self.index(to));
        let loudest = (from..to).max_by(|&a, &b| self.high[a].total_cmp(&self.high[b]))?;
        let rise = self.high[loudest] - floor;
        if rise < clear {
            return None;
        }
        let enough = floor + (0.4 * rise).max(0.65 * clear);
        let mut first = loudest;
        for i in (from..loudest).rev() {
            if self.high[i] >= enough {
                first = i;
            } else if first - i > LONGEST_DIP {
                break;
            }
        }
        // The window is 5 ms wide: it sees the beginning 2 ms early.
        Some((first + 2).min(loudest) as f64 * STEP)
    }

    /// Where in a span it is quietest above 2 kHz, and how quiet, in dB.
    fn quietest(&self, from: f64, to: f64) -> Option<(f64, f32)> {
        let span = self.index(from)..self.index(to);
        let at = span.min_by(|&a, &b| self.high[a].total_cmp(&self.high[b]))?;
        Some((at as f64 * STEP, self.high[at]))
    }
}

/// Milliseconds that a voice swings at least.
const SWINGS: usize = 8;

/// Milliseconds between a burst and the breath after it during which it may be quiet.
const LONGEST_DIP: usize = 12;

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
    if initial.is_voiceless() {
        // An *l* or *r* after a breath is half breath itself.
        let off = if token.syllable.glide == Phoneme::None { 0.03 } else { 0.05 };
        match contour.voicing_begins(labelled, 0.08) {
            Some(found) if (found - labelled - HAND_LAG).abs() > off => {
                return Err(Rejected::VowelElsewhere);
            }
            Some(found) => vowel = found,
            // Voiced throughout, closure and all.
            None => vowel = labelled + HAND_LAG,
        }
    }
    let loud = rms_around(&recording.samples, vowel + 0.1, 0.1);
    let quiet = (3.0 * recording.hiss_level()).max(0.01 * loud);
    // A plosive that closes a syllable is silence and then a burst, and some fricatives are as faint.
    let ends_in_noise = token.syllable.ends_in_noise();
    let quiet_after = match token.place.end {
        Some(_) if ends_in_noise => length,
        _ => contour.quiet_after(vowel + 0.05, quiet),
    };
    let mut end = token.place.end.unwrap_or(length).min(quiet_after).min(length - 0.005);
    // The closure of what follows is no part of a vowel, whoever set the place counted it in.
    if token.next[0].is_voiceless() && !ends_in_noise {
        end = contour.voiced_until(end, LATE_END);
    }
    if end - vowel < 0.06 {
        return Err(Rejected::Outside);
    }

    let from = vowel - 0.3;
    let mut onset = if initial == Phoneme::None && !after_rest {
        vowel
    } else if after_rest {
        let loud = contour.quiet_before(vowel, quiet, 0.4);
        if initial.is_voiceless() {
            contour.noise_begins(from, vowel, contour.high_hiss, 12.0).unwrap_or(loud)
        } else {
            loud
        }
    } else {
        let labelled = token.place.start.unwrap_or(vowel - 0.1).min(vowel - 0.01);
        if token.previous[1].is_obstruent() {
            // Noise upon noise: where the vowel before ends, its own consonant begins.
            labelled
        } else if initial.is_voiceless() {
            let ended = contour.vowel_before_ends(from, vowel - 0.008).unwrap_or(labelled);
            // Between vowels an h may be voiced all through: then the corpus knows better.
            if !initial.has_burst() && vowel - ended < 0.03 { labelled } else { ended }
        } else {
            labelled
        }
    };
    let mut burst = onset;
    // After silence a voiceless plosive begins with its burst; a voiced one may hum before.
    if initial.has_burst() && !(after_rest && initial.is_voiceless()) {
        let closed = contour.quietest(onset, vowel);
        let opens = closed.and_then(|(at, floor)| contour.noise_begins(at, vowel, floor, 8.0));
        burst = opens.unwrap_or(vowel).clamp(onset, vowel);
    }
    onset = onset.min(vowel);
    if vowel - onset > 0.33 {
        return Err(Rejected::LongConsonant);
    }
    let coda = if token.syllable.is_open() { 0.0 } else { 0.12f64.min(0.4 * (end - vowel)) };
    let nucleus_end =
        token.place.nucleus_end.unwrap_or(end - coda).clamp(vowel + 0.04, end.max(vowel + 0.04));

    // The voice stops a little before a consonant that has none.
    let (before_end, enough) = if ends_in_noise { (0.02, 0.8) } else { (0.01, 0.9) };
    if contour.voiced_share(vowel + 0.02, (nucleus_end - before_end).max(vowel + 0.03)) < enough {
        return Err(Rejected::Unvoiced);
    }
    if let Some(key) = token.folder_pitch {
        let mut heard: Vec<f32> = (0..20)
            .map(|i| recording.pitch_at(vowel + (nucleus_end - vowel) * (0.2 + 0.03 * f64::from(i))))
            .collect();
        heard.sort_by(f32::total_cmp);
        let off = midi_pitch(heard[10]) - f32::from(key);
        if off.abs() > 1.0 {
            return Err(Rejected::WrongPitch);
        }
    }
    Ok(Landmarks { onset, burst, vowel, nucleus_end, end })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Manner, TokenPlace};
    use ziyin_lyrics::pinyin_to_syllable;
    use ziyin_signal::SAMPLE_RATE;

    /// Silence, a vowel from 0.2 s, noise from 0.5 s, a vowel from 0.7 s to 1 s.
    fn two_vowels() -> Recording {
        let mut noise = 1u32;
        let sample = |i: usize| {
            let t = i as f32 / SAMPLE_RATE as f32;
            noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let hiss = noise as f32 / u32::MAX as f32 - 0.5;
            let sung: f32 = (1..20).map(|k| (k as f32 * 220.0 * std::f32::consts::TAU * t).sin()).sum();
            match t {
                0.5..0.7 => 0.2 * hiss,
                0.2..1.0 => 0.05 * sung,
                _ => 1e-4 * hiss,
            }
        };
        Recording::open((0..SAMPLE_RATE as usize * 6 / 5).map(sample).collect(), 70.0, 1100.0)
    }

    fn token(pinyin: &str, previous: [Phoneme; 2], next: [Phoneme; 2], place: TokenPlace) -> Token {
        let syllable = pinyin_to_syllable(pinyin, 0).unwrap();
        let wav = "a.wav".into();
        Token { wav, folder_pitch: None, syllable, previous, next, place, manner: Manner::Plain }
    }

    #[test]
    fn noise_upon_noise_is_parted_where_the_corpus_says() {
        let recording = two_vowels();
        let onset = |previous: [Phoneme; 2]| {
            let place = TokenPlace {
                start: Some(0.62),
                vowel: Some(0.7 - HAND_LAG),
                nucleus_end: None,
                end: Some(1.0),
            };
            let token = token("sa", previous, [Phoneme::Rest; 2], place);
            find_landmarks(&recording, &Contour::of(&recording), &token).unwrap().onset
        };
        // After a vowel all of the noise is the consonant's; after another consonant, its own part.
        let after_vowel = onset([Phoneme::A, Phoneme::None]);
        assert!((after_vowel - 0.5).abs() < 0.02, "{after_vowel}");
        for closing in [Phoneme::S, Phoneme::K, Phoneme::V] {
            assert_eq!(onset([Phoneme::A, closing]), 0.62);
        }
        assert!((onset([Phoneme::A, Phoneme::N]) - 0.5).abs() < 0.02);
    }

    #[test]
    fn a_vowel_ends_where_its_voice_does_before_what_has_none() {
        let recording = two_vowels();
        let end = |next: Phoneme| {
            let place = TokenPlace { start: Some(0.2), vowel: Some(0.2), nucleus_end: None, end: Some(0.55) };
            let next = [next, Phoneme::A];
            let token = token("a", [Phoneme::Rest; 2], next, place);
            find_landmarks(&recording, &Contour::of(&recording), &token).map(|found| found.end)
        };
        let before_s = end(Phoneme::S).unwrap();
        assert!((before_s - 0.5).abs() < 0.015, "{before_s}");
        // What has a voice goes on from it: a vowel that has stopped there is none.
        assert_eq!(end(Phoneme::M), Err(Rejected::Unvoiced));
    }
}
