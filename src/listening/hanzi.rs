//! Hanzi for syllables that were guessed: the likeliest words that are said so.

use std::collections::HashMap;
use std::sync::OnceLock;

use super::following::unlikely;
use super::guess::Guess;
use ziyin_lyrics::{Language, LyricInput, Phoneme, Reading, read_lyrics};

/// See `scripts/following`, which writes it: a line for each word, and a letter for how rare it is.
const WORDS: &str = include_str!("words.txt");
/// The most syllables of a word.
const LONGEST: usize = 4;
/// What a syllable costs that no word has: it stays as it is.
const UNKNOWN: f32 = 20.0;
/// Seconds without a voice by which phrases are told apart: no word goes over them.
const PAUSE: f64 = 0.3;

type Sounds = Vec<Phoneme>;

/// A word, and how unlikely it is (nepers).
#[derive(Clone, Copy)]
struct Word {
    hanzi: &'static str,
    cost: f32,
}

/// The hanzi of each of some guesses in Mandarin, who are read as what was heard; `None` where nothing is
/// written so.
pub fn hanzi_of(guesses: &[Guess]) -> Vec<Option<char>> {
    let mut written = Vec::with_capacity(guesses.len());
    for phrase in guesses.chunk_by(|one, next| next.place.start - one.place.end < PAUSE) {
        let said: Vec<Sounds> = phrase.iter().map(|guess| guess.syllable.phonemes().collect()).collect();
        let hanzi = likeliest(&said);
        // A word that is said so alone may be read otherwise beside its neighbours.
        let lyrics: Vec<String> = hanzi
            .iter()
            .zip(phrase)
            .map(|(hanzi, guess)| hanzi.map_or_else(|| guess.written.clone(), String::from))
            .collect();
        let read = sounds_of(&lyrics, |first| first == 0);
        written.extend(
            hanzi
                .into_iter()
                .zip(read)
                .zip(&said)
                .map(|((hanzi, read), said)| hanzi.filter(|_| read.as_ref() == Some(said))),
        );
    }
    written
}

/// The words of which a phrase is likeliest made, character by character.
fn likeliest(said: &[Sounds]) -> Vec<Option<char>> {
    // Of each beginning of the phrase what it costs, and the length and the word of its last part.
    let mut best: Vec<(f32, usize, Option<&str>)> = vec![(0.0, 0, None)];
    for end in 1..=said.len() {
        let alone = (best[end - 1].0 + UNKNOWN, 1, None);
        let longer = (1..=LONGEST.min(end)).filter_map(|length| {
            let word = words().get(&said[end - length..end].join(&Phoneme::Rest))?;
            Some((best[end - length].0 + word.cost, length, Some(word.hanzi)))
        });
        best.push(longer.fold(alone, |best, other| if other.0 < best.0 { other } else { best }));
    }
    let (mut written, mut end) = (Vec::with_capacity(said.len()), said.len());
    while end > 0 {
        let (_, length, word) = best[end];
        match word {
            Some(word) => written.extend(word.chars().rev().map(Some)),
            None => written.push(None),
        }
        end -= length;
    }
    written.reverse();
    written
}

/// All words by what is said, as this house reads them.
fn words() -> &'static HashMap<Sounds, Word> {
    static KNOWN: OnceLock<HashMap<Sounds, Word>> = OnceLock::new();
    KNOWN.get_or_init(|| {
        let lines: Vec<(&str, &str)> = WORDS.lines().filter_map(|line| line.split_once(' ')).collect();
        let (mut hanzi, mut firsts) = (Vec::new(), Vec::new());
        for (word, _) in &lines {
            firsts.extend(word.chars().enumerate().map(|(i, _)| i == 0));
            hanzi.extend(word.chars().map(String::from));
        }
        let mut read = sounds_of(&hanzi, |i| firsts[i]).into_iter();
        let mut known: HashMap<Sounds, Word> = HashMap::new();
        for (word, letter) in lines {
            let said: Vec<Option<Sounds>> = read.by_ref().take(word.chars().count()).collect();
            let Some(said) = said.into_iter().collect::<Option<Vec<Sounds>>>() else { continue };
            let cost = letter.bytes().next().map_or(UNKNOWN, unlikely);
            let found = known.entry(said.join(&Phoneme::Rest)).or_insert(Word { hanzi: word, cost });
            if cost < found.cost {
                *found = Word { hanzi: word, cost };
            }
        }
        known
    })
}

/// How lyrics are read in Mandarin; `None` for one that is no single syllable. `first` tells which stand
/// after a rest.
fn sounds_of(lyrics: &[String], first: impl Fn(usize) -> bool) -> Vec<Option<Sounds>> {
    let inputs: Vec<LyricInput> = lyrics
        .iter()
        .enumerate()
        .map(|(i, lyric)| LyricInput { lyric, after_rest: first(i), ..LyricInput::default() })
        .collect();
    let read = read_lyrics(&inputs, Language::Mandarin);
    read.into_iter()
        .map(|reading| match reading {
            Reading::Sung(sung) => match sung.as_slice() {
                [one] => Some(one.syllable.phonemes().collect()),
                _ => None,
            },
            _ => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notes::Interval;
    use ziyin_lyrics::pinyin_to_syllable;

    fn written(phrases: &[&str]) -> String {
        let mut guesses = Vec::new();
        let mut at = 0.0;
        for phrase in phrases {
            for said in phrase.split(' ') {
                let syllable = pinyin_to_syllable(said, 0).unwrap();
                let place = Interval { start: at, vowel: at + 0.1, coda: at + 0.3, end: at + 0.3 };
                guesses.push(Guess { written: said.into(), syllable, place });
                at += 0.3;
            }
            at += 1.0;
        }
        let hanzi = hanzi_of(&guesses);
        assert_eq!(hanzi.len(), guesses.len());
        hanzi.into_iter().zip(&guesses).fold(String::new(), |text, (hanzi, guess)| match hanzi {
            Some(hanzi) => text + &hanzi.to_string(),
            None => format!("{text}[{}]", guess.written),
        })
    }

    #[test]
    fn syllables_become_the_words_that_are_said_so() {
        assert_eq!(written(&["wo men shi peng you"]), "我们是朋友");
        assert_eq!(written(&["jin tian de tian qi hen hao"]), "今天的天气很好");
        assert_eq!(written(&["zhong guo ren min", "yue liang"]), "中国人民月亮");
        // No word goes over a pause.
        assert_ne!(written(&["peng", "you"]), "朋友");
    }

    #[test]
    fn what_stands_there_is_read_as_what_was_heard() {
        let lexicon = crate::lexicon::lexicon(Language::Mandarin);
        let all: Vec<&str> = lexicon.iter().map(|one| one.written.as_str()).collect();
        let hanzi = written(&all);
        let left = hanzi.matches('[').count();
        assert!(left < 30, "{left} syllables are no word: {hanzi}");
        assert_eq!(hanzi_of(&[]), []);
    }
}
