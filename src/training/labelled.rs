//! What the recogniser learns from: recordings as frames, and what is heard in each frame.

use std::path::Path;

use anyhow::Result;
use half::f16;

use ziyin_corpus::{Token, read_wav};
use ziyin_lyrics::{Phoneme, Syllable};
use ziyin_model::recogniser::{RecogniserConfig, level};
use ziyin_signal::{LogMel, MEL_BANDS, MEL_HOP, SAMPLE_RATE};

/// Stands for the sound of a frame of which nothing is known.
pub(super) const UNKNOWN: u8 = u8::MAX;

/// A recording with what is heard in it.
#[derive(Clone, Debug)]
pub struct LabelledRecording {
    /// `[frames × MEL_BANDS]`, see [`LogMel`].
    pub(super) mel: Vec<f16>,
    /// For each frame the number of its sound, or [`UNKNOWN`].
    pub(super) sounds: Vec<u8>,
    /// The frames at which characters begin, with their fractions.
    pub(super) begins: Vec<f32>,
    /// The characters that begin there.
    pub(super) characters: Vec<Syllable>,
}

/// What is this many nepers of power below the loud parts is silent where nobody is said to sing: 35 dB.
const SILENT: f32 = 8.0;
/// People set a vowel this many seconds after voicing begins, where a voiceless consonant is before it.
const HAND_LAG: f64 = 0.018;
/// Seconds from where a character begins to its vowel, where it is not said.
const LEAD: f64 = 0.1;
/// Share of a nucleus that a glide before it takes, and most seconds of it; the same of a coda, where
/// it is not said.
const GLIDE: (f64, f64) = (0.3, 0.08);
const CODA: (f64, f64) = (0.4, 0.12);
/// Seconds after the vowel for which a character is known that runs into something that the corpus does not
/// name, and before a character for which the end of one is known that is named only as what comes before.
const SURE: f64 = 0.25;
/// Longest ん, which is known from where it begins to sound.
const NASAL: f64 = 0.8;
/// Frames that it has to be silent for a character to have ended.
const ENDS: usize = 4;

impl LabelledRecording {
    /// Reads a recording, and lays down what is heard in it by what a corpus says of it.
    ///
    /// # Errors
    /// If the file is no WAV.
    pub fn read(wav: &Path, tokens: &[Token], config: &RecogniserConfig) -> Result<Self> {
        let (samples, _) = read_wav(wav)?;
        let mel = LogMel::default().frames(&samples);
        Ok(Self::new(&mel, tokens, config))
    }

    fn new(mel: &[f32], tokens: &[Token], config: &RecogniserConfig) -> Self {
        let count = mel.len() / MEL_BANDS;
        let floor = level(mel) - SILENT;
        let silent: Vec<bool> =
            mel.chunks(MEL_BANDS).map(|frame| frame.iter().all(|power| *power < floor)).collect();
        let frame = |seconds: f64| seconds * f64::from(SAMPLE_RATE) / MEL_HOP as f64;
        let nearest = |seconds: f64| (frame(seconds).round().max(0.0) as usize).min(count);
        let mut sounds: Vec<u8> = silent.iter().map(|silent| if *silent { 0 } else { UNKNOWN }).collect();
        let (mut begins, mut characters) = (Vec::new(), Vec::new());
        let mut order: Vec<(f64, &Token)> =
            tokens.iter().filter_map(|token| Some((token.place.vowel?, token))).collect();
        order.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut ended = 0.0f64;
        for (i, &(said, token)) in order.iter().enumerate() {
            let syllable = token.syllable;
            let vowel = if syllable.initial.is_voiceless() { said - HAND_LAG } else { said };
            let usual = if syllable.initial == Phoneme::None { vowel } else { vowel - LEAD };
            let mut onset = token.place.start.unwrap_or(usual).min(vowel).max(ended);
            if token.previous[0] == Phoneme::Rest {
                let sounding = (nearest(onset)..nearest(vowel)).find(|&i| !silent[i]);
                onset = sounding.map_or(vowel, |i| i as f64 * MEL_HOP as f64 / f64::from(SAMPLE_RATE));
            }
            let [nucleus, coda] = token.previous;
            let closing = if coda == Phoneme::None { nucleus } else { coda };
            if let Some(before) = config.index(closing).filter(|_| closing != Phoneme::Rest) {
                use Phoneme::{M, N, Ng, Nn};
                let is_nasal = coda == Phoneme::None && matches!(nucleus, M | N | Ng | Nn);
                let from = nearest((onset - if is_nasal { NASAL } else { SURE }).max(ended));
                let to = nearest(onset).max(from);
                let sounding = sounds[from..to].iter().rposition(|sound| *sound != UNKNOWN);
                sounds[sounding.map_or(from, |i| from + i + 1)..to].fill(before as u8);
            }
            let follows = order.get(i + 1).and_then(|(vowel, next)| next.place.start.or(Some(vowel - LEAD)));
            let runs_out = || {
                let from = nearest(vowel + 0.05);
                let end = silent[from..].windows(ENDS).position(|part| part.iter().all(|silent| *silent));
                end.map_or(count, |end| from + end) as f64 * MEL_HOP as f64 / f64::from(SAMPLE_RATE)
            };
            let end = token.place.end.unwrap_or_else(|| {
                let end = runs_out();
                let is_broken_off = follows.is_some_and(|follows| follows < end);
                if is_broken_off { end.min(vowel + SURE) } else { end }
            });
            let end = follows.map_or(end, |follows| end.min(follows)).max(vowel);
            ended = end;
            let numbers = [syllable.initial, syllable.glide, syllable.nucleus, syllable.coda]
                .map(|sound| config.index(sound).map(|number| number as u8));
            let known = |i: usize, sound: Phoneme| sound == Phoneme::None || numbers[i].is_some();
            let whole = known(0, syllable.initial)
                && known(1, syllable.glide)
                && known(2, syllable.nucleus)
                && known(3, syllable.coda);
            if !whole || syllable.nucleus == Phoneme::None {
                sounds[nearest(onset)..nearest(end)].fill(UNKNOWN);
                continue;
            }
            let part = |(share, most): (f64, f64), of: f64| (share * of).min(most);
            let coda = numbers[3].map_or(0.0, |_| part(CODA, end - vowel));
            let nucleus_end = match (numbers[3], token.place.nucleus_end) {
                (None, _) => end,
                (Some(_), said) => said.unwrap_or(end - coda).clamp((vowel + 0.04).min(end), end),
            };
            let glide_end = vowel + numbers[1].map_or(0.0, |_| part(GLIDE, nucleus_end - vowel));
            // A character that begins with its vowel has nothing before it.
            let edges = [onset, vowel, glide_end, nucleus_end, end].map(nearest);
            for (k, number) in numbers.iter().enumerate() {
                let number = number.or(if k == 0 { numbers[1].or(numbers[2]) } else { None });
                if let Some(number) = number {
                    sounds[edges[k]..edges[k + 1].max(edges[k])].fill(number);
                }
            }
            begins.push(frame(onset) as f32);
            characters.push(syllable);
        }
        Self { mel: mel.iter().map(|power| f16::from_f32(*power)).collect(), sounds, begins, characters }
    }

    /// Its frames.
    pub fn frames(&self) -> usize {
        self.sounds.len()
    }

    /// How many characters it has in a second of what is sung.
    pub(super) fn pace(&self) -> f32 {
        let sung = self.sounds.iter().filter(|sound| **sound != 0).count().max(1);
        self.begins.len() as f32 * SAMPLE_RATE as f32 / (sung * MEL_HOP) as f32
    }

    /// Its length in seconds.
    pub fn seconds(&self) -> f64 {
        self.frames() as f64 * MEL_HOP as f64 / f64::from(SAMPLE_RATE)
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use ziyin_corpus::{Manner, TokenPlace};
    use ziyin_lyrics::pinyin_to_syllable;

    use super::*;

    #[test]
    fn frames_have_the_sounds_of_their_characters_and_silence_is_nobody() {
        let second = |seconds: f64| (seconds * f64::from(SAMPLE_RATE) / MEL_HOP as f64).round() as usize;
        let token = |said: &str, start: f64, vowel: f64, end: Option<f64>| Token {
            wav: PathBuf::new(),
            folder_pitch: None,
            syllable: pinyin_to_syllable(said, 0).unwrap(),
            previous: [Phoneme::A, Phoneme::None],
            next: [Phoneme::Rest; 2],
            place: TokenPlace { start: Some(start), vowel: Some(vowel), nucleus_end: None, end },
            manner: Manner::Plain,
        };
        let mut mel = vec![-20.0f32; second(2.0) * MEL_BANDS];
        mel[second(0.3) * MEL_BANDS..second(1.4) * MEL_BANDS].fill(-3.0);
        let config = RecogniserConfig::default();
        let tokens = [token("xiang", 0.3, 0.45, Some(0.8)), token("ma", 0.8, 0.9, None)];
        let labelled = LabelledRecording::new(&mel, &tokens, &config);
        let at = |seconds: f64| {
            let number = labelled.sounds[second(seconds)];
            config.sounds.get(usize::from(number)).copied()
        };
        let heard = [0.1, 0.35, 0.45, 0.6, 0.75, 0.85, 1.2, 1.8].map(at);
        use Phoneme::{A, C, J, M, Ng, Rest};
        assert_eq!(heard, [Rest, C, J, A, Ng, M, A, Rest].map(Some));
        assert_eq!(labelled.begins.len(), 2);
        // Two characters in 1.1 seconds.
        assert!((labelled.pace() - 2.0 / 1.1).abs() < 0.05, "{}", labelled.pace());
        // What it does not name between two others is neither of them.
        let broken = Token { place: TokenPlace { end: None, ..tokens[0].place }, ..tokens[0].clone() };
        let later = token("ma", 1.2, 1.3, None);
        let labelled = LabelledRecording::new(&mel, &[broken, later], &config);
        assert_eq!(labelled.sounds[second(0.85)], UNKNOWN);
        assert!([0.45, 0.65, 1.25].iter().all(|seconds| labelled.sounds[second(*seconds)] != UNKNOWN));
        // What is named only as what comes before is known at its end, and a nasal as long as it sounds.
        let after = |previous: Phoneme| {
            let token = Token { previous: [previous, Phoneme::None], ..tokens[1].clone() };
            let labelled = LabelledRecording::new(&mel, &[token], &config);
            [0.2, 0.4, 0.7].map(|seconds| labelled.sounds[second(seconds)])
        };
        let number = |sound: Phoneme| config.index(sound).unwrap() as u8;
        assert_eq!(after(A), [0, UNKNOWN, number(A)]);
        assert_eq!(after(Phoneme::Nn), [0, number(Phoneme::Nn), number(Phoneme::Nn)]);
        // What the corpus leaves out is not silence because of it.
        let part = LabelledRecording::new(&mel, &tokens[..1], &config);
        assert_eq!((part.sounds[second(1.2)], part.sounds[second(1.8)]), (UNKNOWN, 0));
    }
}
