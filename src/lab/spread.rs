use std::collections::BTreeMap;
use std::fmt;

use ziyin_corpus::AnalysedToken;
use ziyin_lyrics::Phoneme;
use ziyin_signal::{CEPSTRA, Frames, MelCepstrum, under_hiss};

/// How much generated spectra differ among themselves, beside how much recorded ones do:
/// what has been averaged differs less (the global variance of Toda and Tokuda 2007, here
/// within each phoneme, since that the phonemes differ is no merit).
#[derive(Clone, Debug, Default)]
pub struct Spread {
    phonemes: BTreeMap<(Class, Phoneme), Sides>,
}

/// Phonemes that smoothing does alike to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    Plosives,
    Fricatives,
    VoicedConsonants,
    Nuclei,
    Codas,
}

impl Class {
    const ALL: [(Self, &'static str); 5] = [
        (Self::Plosives, "plosives"),
        (Self::Fricatives, "fricatives"),
        (Self::VoicedConsonants, "voiced consonants"),
        (Self::Nuclei, "nuclei"),
        (Self::Codas, "codas"),
    ];
}

#[derive(Clone, Debug, Default)]
struct Sides {
    recorded: Moments,
    made: Moments,
}

/// Sums over frames, each weighted by its seconds.
#[derive(Clone, Debug, Default)]
struct Moments {
    seconds: f64,
    sum: [f64; CEPSTRA],
    squares: [f64; CEPSTRA],
}

impl Moments {
    fn add(&mut self, cepstrum: &[f32; CEPSTRA], seconds: f64) {
        self.seconds += seconds;
        for (i, &c) in cepstrum.iter().enumerate() {
            self.sum[i] += seconds * f64::from(c);
            self.squares[i] += seconds * f64::from(c) * f64::from(c);
        }
    }

    /// Squared distance from the mean, summed over seconds.
    fn scatter(&self, i: usize) -> f64 {
        self.squares[i] - self.sum[i] * self.sum[i] / self.seconds.max(1e-9)
    }
}

impl Spread {
    /// Adds a token as `made` against what was `recorded`, both on the token's times and both
    /// with the recording's hiss upon them.
    pub fn add(&mut self, cepstrum: &MelCepstrum, token: &AnalysedToken, recorded: &Frames, made: &Frames) {
        let hiss = token.hiss_power();
        let hissing = |envelope: &[f32]| under_hiss(envelope, &hiss);
        for (i, window) in token.times.windows(2).enumerate() {
            let Some(sound) = sound_at(token, f64::from(window[0])) else { continue };
            let seconds = f64::from(window[1] - window[0]);
            let sides = self.phonemes.entry(sound).or_default();
            sides.recorded.add(&cepstrum.of(&hissing(recorded.envelope_at(i))), seconds);
            sides.made.add(&cepstrum.of(&hissing(made.envelope_at(i))), seconds);
        }
    }

    /// Generated variance over recorded, the geometric mean over the coefficients of the
    /// mel-cepstrum; `None` where nothing of the class was heard.
    pub fn ratio(&self, class: Class) -> Option<f64> {
        let of_class: Vec<&Sides> =
            self.phonemes.iter().filter(|((c, _), _)| *c == class).map(|(_, sides)| sides).collect();
        let logs = (0..CEPSTRA).map(|i| {
            let sum = |side: fn(&Sides) -> &Moments| of_class.iter().map(|s| side(s).scatter(i)).sum::<f64>();
            (sum(|s| &s.made) / sum(|s| &s.recorded)).ln()
        });
        let mean = logs.sum::<f64>() / CEPSTRA as f64;
        mean.is_finite().then(|| mean.exp())
    }
}

/// What sounds at a time of a token.
fn sound_at(token: &AnalysedToken, at: f64) -> Option<(Class, Phoneme)> {
    let (l, syllable) = (token.landmarks, &token.syllable);
    let sound = if at < 0.0 || at > l.end {
        return None;
    } else if at < l.vowel {
        let initial = syllable.initial;
        let class = if initial.has_burst() {
            Class::Plosives
        } else if initial.is_voiceless() {
            Class::Fricatives
        } else {
            Class::VoicedConsonants
        };
        (class, initial)
    } else if at < l.nucleus_end {
        (Class::Nuclei, syllable.nucleus)
    } else {
        (Class::Codas, syllable.coda)
    };
    (sound.1 != Phoneme::None).then_some(sound)
}

impl fmt::Display for Spread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let told: Vec<String> = Class::ALL
            .iter()
            .filter_map(|&(class, name)| Some(format!("{name} {:.2}", self.ratio(class)?)))
            .collect();
        f.write_str(&told.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_keeps_half_of_its_deviation_has_a_quarter_of_the_variance() {
        let mut spread = Spread::default();
        let sides = spread.phonemes.entry((Class::Nuclei, Phoneme::A)).or_default();
        for i in 0..50 {
            let deviation: [f32; CEPSTRA] = std::array::from_fn(|c| ((i * (c + 3)) as f32).sin());
            sides.recorded.add(&deviation, 0.01);
            sides.made.add(&deviation.map(|d| 3.0 + d / 2.0), 0.01);
        }
        assert!((spread.ratio(Class::Nuclei).unwrap() - 0.25).abs() < 1e-3);
        assert_eq!(spread.ratio(Class::Codas), None);
    }
}
