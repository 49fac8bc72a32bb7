use std::collections::BTreeMap;
use std::fmt;

use anyhow::Result;

use super::spread::Spread;
use ziyin_corpus::AnalysedToken;
use ziyin_lyrics::Phoneme;
use ziyin_model::{CharacterInput, TimingInput, VoiceModel};
use ziyin_signal::{BINS, Frames, MelCepstrum};
use ziyin_training::{Example, Tally, character_of, sounds};

/// How a voice does on tokens that it never heard.
#[derive(Clone, Debug, Default)]
pub struct Evaluation {
    pub network: Tally,
    /// The network without any exemplar's code: the mean of its kind.
    pub without_code: Tally,
    /// The mean frame of the final (and, before the vowel, of the initial).
    pub mean_frame: Tally,
    /// The same syllable recorded at the nearest other pitch, landmarks laid upon
    /// landmarks.
    pub other_pitch: Tally,
    /// Mean error of the consonant's length in seconds.
    pub consonant_length: f64,
    /// Whether the network's spectra differ among themselves as much as recorded ones do.
    pub spread: Spread,
    pub spread_without_code: Spread,
    /// By the IPA of initial or final.
    pub by_initial: BTreeMap<&'static str, Tally>,
    pub by_final: BTreeMap<String, Tally>,
}

/// Tests a voice on `held_out`; `training` holds what it has heard, for the baselines.
pub fn evaluate(voice: &VoiceModel, held_out: &[Example], training: &[Example]) -> Result<Evaluation> {
    let cepstrum = MelCepstrum::default();
    let mut evaluation = Evaluation::default();
    let inputs: Vec<CharacterInput> = held_out.iter().map(character_of).collect();
    let blocks = voice.generate(&inputs)?;
    let bare = voice.without_exemplars().generate(&inputs)?;
    let means = mean_frames(training);
    for ((example, block), bare) in held_out.iter().zip(&blocks).zip(&bare) {
        let token = example.token;
        let recorded = token.frames();
        evaluation.network.add(&cepstrum, token, &block.frames);
        evaluation.without_code.add(&cepstrum, token, &bare.frames);
        evaluation.spread.add(&cepstrum, token, &recorded, &block.frames);
        evaluation.spread_without_code.add(&cepstrum, token, &recorded, &bare.frames);
        evaluation.mean_frame.add(&cepstrum, token, &frames_of_means(&means, token));
        if let Some(other) = nearest_other_pitch(token, training) {
            evaluation.other_pitch.add(&cepstrum, token, &laid_upon(other, token));
        }
        let initial = token.syllable.initial.ipa();
        evaluation.by_initial.entry(initial).or_default().add(&cepstrum, token, &block.frames);
        let last: String =
            [token.syllable.glide, token.syllable.nucleus, token.syllable.coda].map(Phoneme::ipa).concat();
        evaluation.by_final.entry(last).or_default().add(&cepstrum, token, &block.frames);
    }
    let timings = voice.timings(&held_out.iter().map(timing_of).collect::<Vec<_>>())?;
    let with_initial: Vec<f64> = held_out
        .iter()
        .zip(&timings)
        .filter(|(e, _)| e.token.syllable.initial != Phoneme::None)
        .map(|(e, t)| (f64::from(t.consonant) - (e.token.landmarks.vowel - e.token.landmarks.burst)).abs())
        .collect();
    evaluation.consonant_length = with_initial.iter().sum::<f64>() / with_initial.len().max(1) as f64;
    Ok(evaluation)
}

fn timing_of(example: &Example) -> TimingInput {
    let token = example.token;
    TimingInput {
        syllable: token.syllable,
        previous: token.previous,
        next: token.next,
        singer: example.singer,
        pitch: token.pitch.iter().sum::<f32>() / token.pitch.len().max(1) as f32,
        length: (token.landmarks.end - token.landmarks.vowel) as f32,
    }
}

type Means = BTreeMap<String, (Vec<f64>, f64, usize)>;

fn mean_key(token: &AnalysedToken, at: f32) -> String {
    if f64::from(at) < token.landmarks.vowel {
        format!("initial {}", token.syllable.initial.ipa())
    } else {
        [token.syllable.glide, token.syllable.nucleus, token.syllable.coda].map(Phoneme::ipa).concat()
    }
}

fn mean_frames(training: &[Example]) -> Means {
    let mut means = Means::new();
    for example in training {
        let token = example.token;
        for (i, &at) in token.times.iter().enumerate() {
            let (sum, voicing, count) =
                means.entry(mean_key(token, at)).or_insert_with(|| (vec![0.0; BINS], 0.0, 0));
            sum.iter_mut()
                .zip(&token.envelope[i * BINS..(i + 1) * BINS])
                .for_each(|(s, e)| *s += f64::from(e.to_f32()));
            *voicing += f64::from(token.voicing[i].to_f32());
            *count += 1;
        }
    }
    means
}

fn frames_of_means(means: &Means, token: &AnalysedToken) -> Frames {
    let mut frames = token.frames();
    for (i, &at) in token.times.iter().enumerate() {
        if let Some((sum, voicing, count)) = means.get(&mean_key(token, at)) {
            let slot = &mut frames.envelope[i * BINS..(i + 1) * BINS];
            slot.iter_mut().zip(sum).for_each(|(e, s)| *e = (s / *count as f64) as f32);
            frames.voicing[i] = (voicing / *count as f64) as f32;
        }
    }
    frames
}

fn nearest_other_pitch<'a>(token: &AnalysedToken, training: &[Example<'a>]) -> Option<&'a AnalysedToken> {
    let wanted = sounds(token);
    training.iter().map(|e| e.token).filter(|t| t.key != token.key && sounds(t) == wanted).min_by_key(|t| {
        let place = (t.previous[0] == Phoneme::Rest) != (token.previous[0] == Phoneme::Rest);
        (t.key.abs_diff(token.key), place)
    })
}

/// The frames of `other` at the places that correspond to the times of `token`.
fn laid_upon(other: &AnalysedToken, token: &AnalysedToken) -> Frames {
    let marks = |t: &AnalysedToken| {
        let l = t.landmarks;
        [-0.05, 0.0, l.burst, l.vowel, l.nucleus_end, l.end, l.end + 0.1]
    };
    let (from, to) = (marks(token), marks(other));
    let all = other.frames();
    let mut frames = token.frames();
    for (i, &at) in token.times.iter().enumerate() {
        let at = f64::from(at);
        let part = (0..6).rfind(|&k| from[k] <= at).unwrap_or(0);
        let share = (at - from[part]) / (from[part + 1] - from[part]).max(1e-4);
        let there = to[part] + share.clamp(0.0, 1.0) * (to[part + 1] - to[part]);
        let nearest = other.times.partition_point(|&t| f64::from(t) < there).min(other.times.len() - 1);
        frames.envelope[i * BINS..(i + 1) * BINS].copy_from_slice(all.envelope_at(nearest));
        frames.voicing[i] = all.voicing[nearest];
    }
    frames
}

impl fmt::Display for Evaluation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:24} {:>8} {:>12} {:>12}", "", "MCD dB", "consonants", "voicing %")?;
        for (name, tally) in [
            ("network", &self.network),
            ("network without code", &self.without_code),
            ("mean frame", &self.mean_frame),
            ("nearest other pitch", &self.other_pitch),
        ] {
            let (all, consonants, voicing) =
                (tally.distortion(), tally.in_consonants(), tally.voicing_error());
            writeln!(f, "{name:24} {all:8.2} {consonants:12.2} {voicing:12.2}")?;
        }
        writeln!(f, "variance of cepstra within a phoneme, generated over recorded:")?;
        writeln!(f, "  {}", self.spread)?;
        writeln!(f, "  without code: {}", self.spread_without_code)?;
        writeln!(f, "consonant length: {:.1} ms off in the mean", self.consonant_length * 1000.0)
    }
}

impl Evaluation {
    /// Distortion by initial and by final, one line each.
    pub fn by_phoneme(&self) -> String {
        let mut text = String::new();
        for (name, tally) in &self.by_initial {
            text += &format!(
                "initial {name:6} {:6.2} dB, consonant {:6.2} dB\n",
                tally.distortion(),
                tally.in_consonants()
            );
        }
        for (name, tally) in &self.by_final {
            text += &format!(
                "final {name:8} {:6.2} dB, voicing {:5.2} %\n",
                tally.distortion(),
                tally.voicing_error()
            );
        }
        text
    }
}
