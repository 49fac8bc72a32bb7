//! Which characters are sung, told from the sounds alone.

use super::ear::Sounds;
use super::lexicon::lexicon;
use super::notes::Interval;
use ziyin_lyrics::{Language, Phoneme, Syllable};

/// A character that was guessed.
#[derive(Clone, Debug, PartialEq)]
pub struct Guess {
    /// As a lyric: pinyin without tone, or kana.
    pub written: String,
    pub syllable: Syllable,
    pub place: Interval,
}

/// What each character costs, so that few are heard rather than many.
const EACH: f32 = 2.0;

/// A way that leads to a state.
#[derive(Clone, Copy)]
struct Way {
    worth: f32,
    /// The step in which its last character began.
    entered: u32,
}

const NOWHERE: Way = Way { worth: f32::NEG_INFINITY, entered: 0 };

/// The best way to a step at which no character is under way: what it is worth, and which character
/// ended there and when it began, or that nobody sang in the step before.
#[derive(Clone, Copy)]
struct Arrival {
    worth: f32,
    last: Option<(u32, u32)>,
}

/// The characters of a language that fit best to what was heard: each with what its likelihood is worth, less
/// what each costs. The language is the one given, or that whose characters fit better.
pub fn guess(heard: &Sounds, language: Option<Language>) -> (Language, Vec<Guess>) {
    match language {
        Some(language) => (language, fit(heard, language).1),
        None => {
            let fits =
                [Language::Mandarin, Language::Japanese].map(|language| (language, fit(heard, language)));
            let best = fits.into_iter().max_by(|a, b| a.1.0.total_cmp(&b.1.0));
            best.map_or((Language::Mandarin, Vec::new()), |(language, (_, guesses))| (language, guesses))
        }
    }
}

fn fit(heard: &Sounds, language: Language) -> (f32, Vec<Guess>) {
    let syllables = lexicon(language);
    if heard.is_empty() || syllables.is_empty() {
        return (f32::NEG_INFINITY, Vec::new());
    }
    let silence = heard.number(Phoneme::Rest);
    // The sounds of all syllables one after the other, and which begin one.
    let mut sounds: Vec<Option<usize>> = Vec::new();
    let mut edges = vec![0usize];
    for one in &syllables {
        sounds.extend(one.syllable.phonemes().map(|sound| heard.number(sound)));
        edges.push(sounds.len());
    }
    let mut ways = vec![NOWHERE; sounds.len()];
    let mut arrivals = vec![Arrival { worth: 0.0, last: None }];
    for step in 0..heard.len() {
        let here = arrivals[step];
        let enters = here.worth + heard.enters(step) - EACH;
        let goes_on = heard.goes_on(step);
        let mut best = Arrival { worth: here.worth + heard.likely(step, silence), last: None };
        for (syllable, edge) in edges.windows(2).enumerate() {
            for state in (edge[0]..edge[1]).rev() {
                let stays = Way { worth: ways[state].worth + goes_on, ..ways[state] };
                let comes = if state == edge[0] {
                    Way { worth: enters, entered: step as u32 }
                } else {
                    Way { worth: ways[state - 1].worth + goes_on, ..ways[state - 1] }
                };
                let mut way = if comes.worth > stays.worth { comes } else { stays };
                way.worth += heard.likely(step, sounds[state]);
                ways[state] = way;
            }
            let ends = ways[edge[1] - 1];
            if ends.worth > best.worth {
                best = Arrival { worth: ends.worth, last: Some((syllable as u32, ends.entered)) };
            }
        }
        arrivals.push(best);
    }
    let mut guesses = Vec::new();
    let mut step = heard.len();
    while step > 0 {
        match arrivals[step].last {
            None => step -= 1,
            Some((syllable, entered)) => {
                let one = &syllables[syllable as usize];
                let first = entered as usize;
                guesses.push(Guess {
                    written: one.written.clone(),
                    syllable: one.syllable,
                    place: place(heard, &one.syllable, first, step),
                });
                step = first;
            }
        }
    }
    guesses.reverse();
    (arrivals[heard.len()].worth, guesses)
}

/// Where the vowel of a syllable lies that is sung from one step to another: after the consonant, cut
/// where that is likeliest.
fn place(heard: &Sounds, syllable: &Syllable, first: usize, end: usize) -> Interval {
    let vowel = if syllable.initial == Phoneme::None || end - first < 2 {
        first
    } else {
        let consonant = heard.number(syllable.initial);
        let mut rest = syllable.phonemes().skip(1).map(|sound| heard.number(sound)).collect::<Vec<_>>();
        rest.truncate(2);
        let after =
            |step: usize| rest.iter().map(|sound| heard.likely(step, *sound)).fold(f32::MIN, f32::max);
        let mut worth = 0.0;
        let mut best = (f32::NEG_INFINITY, first + 1);
        for step in first..end - 1 {
            worth += heard.likely(step, consonant) - after(step);
            if worth > best.0 {
                best = (worth, step + 1);
            }
        }
        best.1
    };
    let coda = heard.number(syllable.coda).filter(|_| syllable.coda != Phoneme::None);
    let nucleus = heard.number(syllable.nucleus);
    let rest = |step: &usize| {
        // From here on the coda is likelier on the whole.
        (*step..end).map(|step| heard.likely(step, coda) - heard.likely(step, nucleus)).sum::<f32>()
    };
    let coda = coda.and_then(|_| (vowel + 1..end).max_by(|a, b| rest(a).total_cmp(&rest(b))));
    Interval {
        start: Sounds::moment(first),
        vowel: Sounds::moment(vowel),
        coda: Sounds::moment(coda.unwrap_or(end)),
        end: Sounds::moment(end),
    }
}
