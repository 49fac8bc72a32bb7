//! Languages that a singer was never recorded in, lent by others.
//!
//! What nobody sang in a voice, the network guesses in it from what it knows of the voice and of the
//! sounds apart, and guesses worst where its sounds are farthest from those that the singer was
//! recorded in. So it is shown: a recording of another singer, brought to the borrower's vocal tract
//! and colour, as voices are converted by warping frequency and filtering (Erro and Moreno 2007).
//! Tract and colour are found between vowels that both were recorded in.

use std::collections::BTreeMap;

use super::Example;
use super::draw::Draw;
use super::voice_change::{COLOURS, Source, VoiceChange, colour_places, transposed_with};
use ziyin_corpus::{AnalysedToken, Manner};
use ziyin_lyrics::{Language, Phoneme};
use ziyin_signal::{AP_BANDS, BINS};

/// Share of the tokens of a language that are lent, if somebody wants it.
const LENT: f32 = 0.5;
/// Vowels of one language that two singers need in common, to be compared.
const FEWEST_VOWELS: usize = 4;
/// Takes of a vowel that are looked at: a mean over more is the same.
const MOST_TAKES: usize = 60;
/// Semitones from the borrower's middle pitch within which the lender's vowels are compared first.
const NEAR_PITCH: f32 = 4.0;
/// Stretches of the frequency axis that are tried.
const WARPS: std::ops::RangeInclusive<i32> = -11..=11;
const WARP_STEP: f32 = 0.02;

/// A token in another's voice.
#[derive(Clone, Copy, Debug)]
pub(super) struct Loan {
    /// Who sings it now.
    pub singer: usize,
    pub change: VoiceChange,
}

/// Who borrows which language of whom; nobody by default.
#[derive(Clone, Debug, Default)]
pub struct Lending {
    /// The loans of each lender and language.
    loans: BTreeMap<(usize, Language), Vec<Loan>>,
}

impl Lending {
    /// Finds who lacks a language that others have, and what makes the others' voices theirs.
    /// Singers without enough vowels in common do not lend to each other.
    pub fn new(examples: &[Example]) -> Self {
        let mut of_language: BTreeMap<Language, Vec<usize>> = BTreeMap::new();
        for example in examples {
            let singers = of_language.entry(example.token.syllable.language).or_default();
            if !singers.contains(&example.singer) {
                singers.push(example.singer);
            }
        }
        let singers = examples.iter().map(|e| e.singer + 1).max().unwrap_or(0);
        let mut changes: BTreeMap<(usize, usize), Option<VoiceChange>> = BTreeMap::new();
        let mut loans: BTreeMap<(usize, Language), Vec<Loan>> = BTreeMap::new();
        for (&language, lenders) in &of_language {
            for &lender in lenders {
                for singer in (0..singers).filter(|singer| !lenders.contains(singer)) {
                    let change = *changes
                        .entry((lender, singer))
                        .or_insert_with(|| change_between(examples, lender, singer));
                    loans
                        .entry((lender, language))
                        .or_default()
                        .extend(change.map(|change| Loan { singer, change }));
                }
            }
        }
        Self { loans }
    }

    /// Whether `example` is lent this time, and to whom. Its pitch is told anywhere between the
    /// recorded one and that which goes with the borrower's vocal tract.
    pub(super) fn drawn(&self, example: &Example, draw: &mut Draw) -> Option<Loan> {
        let borrowers = self.borrowers(example);
        if borrowers.is_empty() || draw.unit() >= LENT {
            return None;
        }
        let mut loan = borrowers[draw.place(borrowers.len())];
        loan.change.transposed = draw.unit() * transposed_with(loan.change.warp);
        Some(loan)
    }

    /// Each borrower with a language, whom it is borrowed of, and how many times as high the
    /// borrower's formants are.
    pub fn told(&self) -> impl Iterator<Item = (usize, Language, usize, f32)> {
        self.loans.iter().flat_map(|(&(lender, language), loans)| {
            loans.iter().map(move |loan| (loan.singer, language, lender, loan.change.warp))
        })
    }

    /// To whom the language of `example` is lent, in a fixed order.
    pub(super) fn borrowers(&self, example: &Example) -> &[Loan] {
        let key = (example.singer, example.token.syllable.language);
        self.loans.get(&key).map_or(&[], Vec::as_slice)
    }
}

/// The steady part of a vowel, over its takes.
struct Vowel {
    /// `BINS` values of log amplitude.
    envelope: Vec<f32>,
    /// The mean log-odds of noise.
    noise: f32,
}

type Vowels = BTreeMap<(Language, Phoneme), Vowel>;

/// What makes a recording of `lender` one of `borrower`, if they have vowels to compare.
fn change_between(examples: &[Example], lender: usize, borrower: usize) -> Option<VoiceChange> {
    let of = |singer: usize| move |e: &&Example| e.singer == singer && e.token.manner == Manner::Plain;
    let middle = middle_pitch(examples.iter().filter(of(borrower)))?;
    let wanted = vowels(examples.iter().filter(of(borrower)));
    let near = |e: &&Example| (f32::from(e.token.key) - middle).abs() <= NEAR_PITCH;
    let mut given = vowels(examples.iter().filter(of(lender)).filter(near));
    let common = |given: &Vowels| given.keys().filter(|vowel| wanted.contains_key(vowel)).count();
    if common(&given) < FEWEST_VOWELS {
        given = vowels(examples.iter().filter(of(lender)));
    }
    if common(&given) < FEWEST_VOWELS {
        return None;
    }
    let pairs: Vec<(&Vowel, &Vowel)> =
        given.iter().filter_map(|(vowel, given)| Some((given, wanted.get(vowel)?))).collect();
    let count = pairs.len() as f32;
    let breath = pairs.iter().map(|(given, wanted)| wanted.noise - given.noise).sum::<f32>() / count;
    let places = colour_places();
    let fits = WARPS.map(|step| {
        let change = VoiceChange { warp: (WARP_STEP * step as f32).exp(), breath, ..VoiceChange::NONE };
        let sources = change.sources(&places);
        let apart: Vec<[f32; COLOURS]> =
            pairs.iter().map(|(given, wanted)| difference(given, wanted, &sources, &places)).collect();
        let colour: [f32; COLOURS] =
            std::array::from_fn(|i| apart.iter().map(|off| off[i]).sum::<f32>() / count);
        let left = |off: &[f32; COLOURS]| off.iter().zip(&colour).map(|(o, c)| (o - c).abs()).sum::<f32>();
        let distance: f32 = apart.iter().map(left).sum();
        (distance, VoiceChange { colour, ..change })
    });
    fits.min_by(|(a, _), (b, _)| a.total_cmp(b)).map(|(_, change)| change)
}

/// What the wanted vowel has more than the given one, which is read through `sources`.
fn difference(given: &Vowel, wanted: &Vowel, sources: &[Source], places: &[usize]) -> [f32; COLOURS] {
    std::array::from_fn(|i| wanted.envelope[places[i]] - sources[i].of(|bin| given.envelope[bin]))
}

fn middle_pitch<'a>(examples: impl Iterator<Item = &'a Example<'a>>) -> Option<f32> {
    let mut keys: Vec<u8> = examples.map(|example| example.token.key).collect();
    keys.sort_unstable();
    keys.get(keys.len() / 2).map(|&key| f32::from(key))
}

fn vowels<'a>(examples: impl Iterator<Item = &'a Example<'a>>) -> Vowels {
    let mut takes: BTreeMap<(Language, Phoneme), Vec<&AnalysedToken>> = BTreeMap::new();
    for example in examples {
        let syllable = &example.token.syllable;
        if syllable.is_open() {
            takes.entry((syllable.language, syllable.nucleus)).or_default().push(example.token);
        }
    }
    takes.into_iter().filter_map(|(vowel, takes)| Some((vowel, mean_vowel(&takes)?))).collect()
}

/// The mean of the middle halves of the nuclei.
fn mean_vowel(takes: &[&AnalysedToken]) -> Option<Vowel> {
    let (mut envelope, mut noise, mut count) = (vec![0.0f32; BINS], 0.0, 0usize);
    for take in takes.iter().step_by(takes.len().div_ceil(MOST_TAKES)) {
        let (from, to) = (take.landmarks.vowel as f32, take.landmarks.nucleus_end as f32);
        let steady = from + 0.25 * (to - from)..from + 0.75 * (to - from);
        let frames = take.envelope.chunks(BINS).zip(take.aperiodicity.chunks(AP_BANDS)).zip(&take.times);
        for ((frame, bands), _) in frames.filter(|(_, time)| steady.contains(time)) {
            envelope.iter_mut().zip(frame).for_each(|(sum, e)| *sum += e.to_f32());
            let odds = bands.iter().map(|band| {
                let share = band.to_f32().clamp(1e-3, 0.999);
                (share / (1.0 - share)).ln()
            });
            noise += odds.sum::<f32>() / AP_BANDS as f32;
            count += 1;
        }
    }
    let share = 1.0 / count as f32;
    (count > 0)
        .then(|| Vowel { envelope: envelope.iter().map(|sum| sum * share).collect(), noise: noise * share })
}

#[cfg(test)]
mod tests {
    use half::f16;

    use super::*;
    use crate::generator_step::tests::token;
    use ziyin_signal::BIN_HZ;

    const VOWELS: [(Phoneme, [f32; 2]); 5] = [
        (Phoneme::A, [800.0, 1300.0]),
        (Phoneme::I, [320.0, 2400.0]),
        (Phoneme::Ux, [350.0, 1200.0]),
        (Phoneme::E, [500.0, 2000.0]),
        (Phoneme::O, [480.0, 850.0]),
    ];

    /// A vowel of a voice with formants `warp` times as high, that sounds darker by 1 towards the top.
    fn sung(language: Language, vowel: (Phoneme, [f32; 2]), warp: f32, dark: bool) -> AnalysedToken {
        let mut token = token(&mut Draw::new(9));
        token.syllable.language = language;
        token.syllable.nucleus = vowel.0;
        let height =
            |hz: f32, formant: f32| 3.0 * (-((hz - warp * formant) / (0.15 * formant)).powi(2)).exp();
        let dark = |bin: usize| if dark { bin as f32 / BINS as f32 } else { 0.0 };
        let frame: Vec<f16> = (0..BINS)
            .map(|bin| {
                let hz = bin as f32 * BIN_HZ;
                f16::from_f32(
                    -4.0 + vowel.1.map(|formant| height(hz, formant)).iter().sum::<f32>() - dark(bin),
                )
            })
            .collect();
        token.envelope = frame.repeat(token.times.len());
        token
    }

    #[test]
    fn what_is_lent_sounds_like_the_borrower() {
        let japanese = |warp, dark| VOWELS.map(|vowel| sung(Language::Japanese, vowel, warp, dark));
        let (lender, borrower) = (japanese(1.0, false), japanese(0.88, true));
        let unheard = (Phoneme::Y, [300.0, 1900.0]);
        let lent = sung(Language::Mandarin, unheard, 1.0, false);
        let wanted = sung(Language::Mandarin, unheard, 0.88, true);
        let by = |singer| move |token| Example { token, singer, condition: 0, weight: 1.0 };
        let all = lender.iter().map(by(0)).chain(borrower.iter().map(by(1)));
        let examples: Vec<Example> = all.chain([by(0)(&lent)]).collect();

        let lending = Lending::new(&examples);
        let told: Vec<_> = lending.told().map(|(who, language, of, _)| (who, language, of)).collect();
        assert_eq!(told, [(1, Language::Mandarin, 0)]);
        let mut draw = Draw::new(4);
        assert!(examples[..10].iter().all(|example| lending.drawn(example, &mut draw).is_none()));
        let loans: Vec<Loan> = (0..200).filter_map(|_| lending.drawn(&examples[10], &mut draw)).collect();
        assert!((70..130).contains(&loans.len()) && loans.iter().all(|loan| loan.singer == 1));
        let change = loans[0].change;
        assert!((change.warp - 0.88).abs() < 0.03, "{}", change.warp);
        assert!(loans.iter().all(|loan| (-6.0..=0.0).contains(&loan.change.transposed)));

        let places = colour_places();
        let far = |change: VoiceChange| {
            let apart = change.sources(&places).into_iter().zip(&places).map(|(source, &bin)| {
                source.of(|bin| lent.envelope[bin].to_f32()) - wanted.envelope[bin].to_f32()
            });
            apart.map(f32::abs).sum::<f32>()
        };
        assert!(far(change) < 0.25 * far(VoiceChange::NONE), "{} of {}", far(change), far(VoiceChange::NONE));
    }

    #[test]
    fn nobody_lends_to_whom_they_share_no_vowels_with() {
        let lent = VOWELS.map(|vowel| sung(Language::Mandarin, vowel, 1.0, false));
        let other = VOWELS.map(|vowel| sung(Language::Japanese, vowel, 0.9, false));
        let by = |singer| move |token| Example { token, singer, condition: 0, weight: 1.0 };
        let examples: Vec<Example> = lent.iter().map(by(0)).chain(other.iter().map(by(1))).collect();
        assert_eq!(Lending::new(&examples).told().count(), 0);
        assert!(Lending::new(&examples[..5]).drawn(&examples[0], &mut Draw::new(1)).is_none());
    }
}
