//! Which characters are sung, told from the sounds alone.

use std::ops::Range;

use super::ear::Sounds;
use super::following::Following;
use super::lexicon::{Heard, lexicon};
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
const EACH: f32 = 1.0;
/// What it costs to be silent after a character.
const PAUSE: f32 = 1.0;
/// A way that is worth so much less than the best does not go on.
const BEAM: f32 = 40.0;
/// Steps that are searched at once: 47 s at most, ending where it is quietest in the last third.
const AT_ONCE: usize = 2048;

/// Stands for no character before.
const NOBODY: u32 = u32::MAX;

/// A way through what was heard.
#[derive(Clone, Copy)]
struct Way {
    worth: f32,
    /// Its last character, in the list of all that were begun.
    last: u32,
}

const NOWHERE: Way = Way { worth: f32::NEG_INFINITY, last: NOBODY };

/// A character that was begun on some way.
#[derive(Clone, Copy)]
struct Begun {
    syllable: u32,
    step: u32,
    /// The one before on its way, and the step in which that had ended.
    before: u32,
    before_ended: u32,
}

/// The characters of a language that fit best to what was heard: each with what its likelihood is worth and how
/// likely it follows the one before, less what each costs. The language is the one given, or that whose
/// characters fit better.
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

/// What the characters of a language are worth, and which they are.
fn fit(heard: &Sounds, language: Language) -> (f32, Vec<Guess>) {
    let syllables = lexicon(language);
    if heard.is_empty() || syllables.is_empty() {
        return (f32::NEG_INFINITY, Vec::new());
    }
    let following = Following::of(language, &syllables);
    let search = Search::new(heard, &syllables, &following);
    let (mut worth, mut guesses, mut from) = (0.0, Vec::new(), 0);
    while from < heard.len() {
        let longest = (from + AT_ONCE).min(heard.len());
        let quietest = |steps: Range<usize>| {
            steps.max_by(|&a, &b| heard.nobody(a).total_cmp(&heard.nobody(b))).unwrap_or(longest)
        };
        let to = if longest == heard.len() { longest } else { quietest(from + AT_ONCE * 2 / 3..longest) };
        let (more, found) = search.best(from..to);
        worth += more;
        guesses.extend(found.into_iter().map(|(syllable, first, end)| {
            let one = &syllables[syllable];
            let place = place(heard, &one.syllable, first, end);
            Guess { written: one.written.clone(), syllable: one.syllable, place }
        }));
        from = to;
    }
    (worth, guesses)
}

/// The search for the best way.
struct Search<'a> {
    heard: &'a Sounds,
    following: &'a Following,
    /// The sounds of all syllables one after the other, and where each begins and the last ends.
    sounds: Vec<Option<usize>>,
    edges: Vec<usize>,
}

impl<'a> Search<'a> {
    fn new(heard: &'a Sounds, syllables: &[Heard], following: &'a Following) -> Self {
        let (mut sounds, mut edges) = (Vec::new(), vec![0]);
        for one in syllables {
            sounds.extend(one.syllable.phonemes().map(|sound| heard.number(sound)));
            edges.push(sounds.len());
        }
        Self { heard, following, sounds, edges }
    }

    /// The best way through some steps: what it is worth, and of each character its number, its first step and
    /// the one after its last.
    fn best(&self, steps: Range<usize>) -> (f32, Vec<(usize, usize, usize)>) {
        let Self { heard, following, sounds, edges } = self;
        let syllables = edges.len() - 1;
        let silence = heard.number(Phoneme::Rest);
        let mut ways = vec![NOWHERE; sounds.len()];
        let mut begun: Vec<Begun> = Vec::new();
        // The way on which nobody sings, and since when.
        let (mut quiet, mut since) = (Way { worth: 0.0, last: NOBODY }, steps.start as u32);
        let mut entries = vec![(f32::NEG_INFINITY, NOBODY, 0u32); syllables];
        for step in steps.clone() {
            let ends = |syllable: usize| ways[edges[syllable + 1] - 1];
            let ended = (0..syllables)
                .map(ends)
                .fold(NOWHERE, |best, way| if way.worth > best.worth { way } else { best });
            let least = ended.worth.max(quiet.worth) - BEAM;
            let first = following.after(None);
            for (entry, likely) in entries.iter_mut().zip(first) {
                *entry = (quiet.worth + likely, quiet.last, since);
            }
            for before in 0..syllables {
                let way = ends(before);
                if way.worth < least {
                    continue;
                }
                for (entry, likely) in entries.iter_mut().zip(following.after(Some(before))) {
                    let worth = way.worth + likely;
                    if worth > entry.0 {
                        *entry = (worth, way.last, step as u32);
                    }
                }
            }
            let of_silence = heard.likely(step, silence);
            if ended.worth - PAUSE > quiet.worth {
                (quiet, since) = (Way { worth: ended.worth - PAUSE, ..ended }, step as u32);
            }
            quiet.worth += of_silence;
            let (enters, goes_on) = (heard.enters(step) - EACH, heard.goes_on(step));
            for (syllable, edge) in edges.windows(2).enumerate() {
                for state in (edge[0]..edge[1]).rev() {
                    let mut way = Way { worth: ways[state].worth + goes_on, ..ways[state] };
                    if state > edge[0] {
                        let comes = ways[state - 1];
                        if comes.worth + goes_on > way.worth {
                            way = Way { worth: comes.worth + goes_on, ..comes };
                        }
                    } else {
                        let (worth, before, before_ended) = entries[syllable];
                        if worth + enters > way.worth && worth >= least {
                            way = Way { worth: worth + enters, last: begun.len() as u32 };
                            let (syllable, step) = (syllable as u32, step as u32);
                            begun.push(Begun { syllable, step, before, before_ended });
                        }
                    }
                    way.worth += heard.likely(step, sounds[state]);
                    ways[state] = way;
                }
            }
        }
        let mut best = (quiet, since as usize);
        for edge in &edges[1..] {
            if ways[edge - 1].worth > best.0.worth {
                best = (ways[edge - 1], steps.end);
            }
        }
        let (Way { worth, mut last }, mut end) = best;
        let mut found = Vec::new();
        while let Some(one) = begun.get(last as usize) {
            found.push((one.syllable as usize, one.step as usize, end));
            (last, end) = (one.before, one.before_ended as usize);
        }
        found.reverse();
        (worth, found)
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Characters, each step of them with the sounds that it may be, with silence around them.
    fn heard(characters: &[Vec<&[Phoneme]>]) -> Sounds {
        let rest: [&[Phoneme]; 6] = [&[Phoneme::Rest]; 6];
        let (mut steps, mut begins) = (rest.to_vec(), vec![0.0; rest.len()]);
        for character in characters {
            begins.push(1.0);
            begins.extend(vec![0.0; character.len() - 1]);
            steps.extend(character);
        }
        steps.extend(rest);
        begins.extend(vec![0.0; rest.len()]);
        Sounds::clear(&steps, begins)
    }

    fn written(characters: &[Vec<&[Phoneme]>]) -> (Language, Vec<String>) {
        let (language, guesses) = guess(&heard(characters), None);
        (language, guesses.into_iter().map(|guess| guess.written).collect())
    }

    #[test]
    fn of_characters_that_sound_alike_that_is_guessed_which_follows() {
        use Phoneme::{A, J, Ng, O, Ph, Schwa, Ts_, U, W};
        let you_or_yao: Vec<&[Phoneme]> = vec![&[J], &[J], &[O, A], &[O, A], &[O, A], &[W], &[W]];
        let peng: Vec<&[Phoneme]> = vec![&[Ph], &[Ph], &[Schwa], &[Schwa], &[Ng], &[Ng]];
        let zhu: Vec<&[Phoneme]> = vec![&[Ts_], &[Ts_], &[U], &[U], &[U]];
        let (language, guessed) = written(&[peng, you_or_yao.clone()]);
        assert_eq!((language, guessed.join(" ")), (Language::Mandarin, "peng you".into()));
        assert_eq!(written(&[zhu, you_or_yao]).1.join(" "), "zhu yao");
    }

    #[test]
    fn what_is_long_is_searched_part_by_part() {
        use Phoneme::{A, M};
        let ma: Vec<&[Phoneme]> = vec![&[M], &[M], &[A], &[A], &[A], &[A], &[A], &[A], &[A], &[A]];
        let count = 3 * AT_ONCE / ma.len();
        let (_, guesses) = guess(&heard(&vec![ma; count]), Some(Language::Mandarin));
        assert!(guesses.len().abs_diff(count) <= 3, "{} of {count}", guesses.len());
        assert!(guesses.windows(2).all(|two| two[0].place.end <= two[1].place.start + 1e-9));
        assert!(guess(&Sounds::default(), None).1.is_empty());
    }
}
