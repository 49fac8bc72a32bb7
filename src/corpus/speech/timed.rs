//! A folder with a `recordings.jsonl` that says of each recording who is heard, in which language, and
//! where each character lies: what `scripts/teach` writes, and what any other program can.

use std::path::Path;

use serde::Deserialize;

use super::{CorpusError, SpeechCorpus, walk};
use crate::landmarks::HAND_LAG;
use crate::{Clip, Content, Manner, Token, TokenPlace};
use ziyin_lyrics::{Language, LyricInput, Phoneme, Reading, Syllable, read_lyrics};

/// The file that tells of all recordings.
pub const INDEX: &str = "recordings.jsonl";

/// The glide that a vowel ends in, in seconds and as a part of both, at most.
const LONGEST_GLIDE: f64 = 0.12;
const GLIDE_PART: f64 = 0.4;

/// A line of the index.
#[derive(Deserialize)]
struct Line {
    /// Below the folder.
    audio: String,
    singer: String,
    language: Language,
    /// In what is spoken, tones bend the pitch; what is sung has none.
    #[serde(default)]
    sung: bool,
    /// `null` is a rest.
    characters: Vec<Option<Character>>,
}

/// Where a character lies, in seconds from the start of the recording.
#[derive(Deserialize)]
struct Character {
    /// A syllable of pinyin, a mora of kana, or a syllable of English in ARPABET: `HH AE1`.
    said: String,
    start: f64,
    /// Where the vowel begins, or the glide before it; in English also the *l*, *r*, *m* or *n* that
    /// stands behind another consonant.
    vowel: f64,
    /// Where the nucleus ends, in English the vowel with its glide.
    coda: f64,
    end: f64,
}

/// Opens the folder.
///
/// # Errors
/// If the index cannot be read, or a line of it is none.
pub fn open_timed(root: &Path) -> Result<SpeechCorpus, CorpusError> {
    let index = root.join(INDEX);
    let name = root.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let mut corpus =
        SpeechCorpus { name, singers: Vec::new(), clips: Vec::new(), left_out: Default::default() };
    for (number, text) in walk::read_text(&index)?.lines().enumerate() {
        let line: Line = serde_json::from_str(text).map_err(|error| CorpusError::Damaged {
            path: index.clone(),
            what: format!("line {}: {error}", number + 1),
        })?;
        let audio = root.join(&line.audio);
        if !audio.is_file() {
            *corpus.left_out.entry("recordings that are not there".into()).or_default() += 1;
            continue;
        }
        let Some(tokens) = tokens(&line, &audio) else {
            *corpus.left_out.entry("recordings with characters that cannot be read".into()).or_default() += 1;
            continue;
        };
        let known = corpus.singers.iter().position(|singer| *singer == line.singer);
        let singer = known.unwrap_or_else(|| {
            corpus.singers.push(line.singer);
            corpus.singers.len() - 1
        });
        corpus.clips.push(Clip { audio, singer, language: line.language, content: Content::Tokens(tokens) });
    }
    Ok(corpus)
}

/// The characters of a recording; `None` if one cannot be read or its places are in no order.
fn tokens(line: &Line, audio: &Path) -> Option<Vec<Token>> {
    let all = &line.characters;
    let after_rest = |place: usize| place == 0 || all[place - 1].is_none();
    let notes: Vec<LyricInput> = (all.iter().enumerate())
        .filter_map(|(place, character)| {
            let lyric = &character.as_ref()?.said;
            // As a pronunciation sounds are taken for sounds, not for words.
            let pronunciation = if line.language == Language::English { lyric.as_str() } else { "" };
            Some(LyricInput { lyric, pronunciation, after_rest: after_rest(place), language: None })
        })
        .collect();
    let mut read = read_lyrics(&notes, line.language).into_iter();
    let mut syllables: Vec<Option<Syllable>> = Vec::with_capacity(all.len());
    for character in all {
        syllables.push(match character {
            None => None,
            Some(character) => Some(alone(read.next()?).filter(|_| is_in_order(character))?),
        });
    }
    let beside = |place: Option<usize>| *syllables.get(place?)?;
    let rest = [Phoneme::Rest; 2];
    let token = |(place, character): (usize, &Option<Character>)| {
        let (at, syllable) = (character.as_ref()?, syllables[place]?);
        let next = beside(place.checked_add(1)).map_or(rest, |next| next.opening());
        // People, whom the search for landmarks is used to, set a vowel after a breath late.
        let late = if syllable.initial.is_voiceless() { -HAND_LAG } else { 0.0 };
        Some(Token {
            wav: audio.to_path_buf(),
            folder_pitch: None,
            syllable: if line.sung { syllable.with_tone(0) } else { syllable },
            previous: beside(place.checked_sub(1)).map_or(rest, |before| before.closing()),
            next,
            place: TokenPlace {
                start: Some(at.start),
                vowel: Some(at.vowel + late),
                nucleus_end: nucleus_end(&syllable, at),
                end: Some(at.end),
            },
            manner: Manner::Plain,
        })
    };
    Some(all.iter().enumerate().filter_map(token).collect())
}

/// Where the nucleus ends, if it is told. Of an English vowel with its glide (*time*) it is told where
/// both end: the glide is as long as one that nobody tells of.
fn nucleus_end(syllable: &Syllable, at: &Character) -> Option<f64> {
    let glides = matches!(syllable.coda, Phoneme::J | Phoneme::W);
    if syllable.language == Language::English && glides {
        return Some(at.coda - LONGEST_GLIDE.min(GLIDE_PART * (at.coda - at.vowel)));
    }
    (at.coda < at.end).then_some(at.coda)
}

/// What is sung, if it is one syllable.
fn alone(reading: Reading) -> Option<Syllable> {
    match reading {
        Reading::Sung(sung) if sung.len() == 1 => Some(sung[0].syllable),
        _ => None,
    }
}

fn is_in_order(character: &Character) -> bool {
    [0.0, character.start, character.vowel, character.coda, character.end].is_sorted()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_lie_where_the_index_says_and_know_their_neighbours() {
        let root = tempfile::tempdir().unwrap();
        std::fs::write(root.path().join("a.wav"), "").unwrap();
        let index = r#"{"audio":"a.wav","singer":"Lan","language":"mandarin","sung":false,"characters":[
            {"said":"ta1","start":0.2,"vowel":0.3,"coda":0.5,"end":0.5},{"said":"mang2","start":0.5,"vowel":0.6,"coda":0.7,"end":0.8},null]}
{"audio":"a.wav","singer":"Lan","language":"japanese","sung":true,"characters":[{"said":"か","start":0.2,"vowel":0.1,"coda":0.5,"end":0.5}]}
{"audio":"b.wav","singer":"Lan","language":"japanese","characters":[]}
"#;
        std::fs::write(root.path().join(INDEX), index.replace("[\n            ", "[")).unwrap();
        let corpus = open_timed(root.path()).unwrap();
        let left_out: Vec<_> = corpus.left_out.values().copied().collect();
        assert_eq!((corpus.singers.as_slice(), left_out), (&["Lan".to_string()][..], vec![1, 1]));
        let Content::Tokens(tokens) = &corpus.clips[0].content else { panic!("no tokens") };
        let [ta, mang] = &tokens[..] else { panic!("{} tokens", tokens.len()) };
        assert_eq!((ta.previous, ta.next), ([Phoneme::Rest; 2], [Phoneme::M, Phoneme::A]));
        assert_eq!((mang.previous, mang.next), ([Phoneme::A, Phoneme::None], [Phoneme::Rest; 2]));
        assert_eq!((ta.place.nucleus_end, mang.place.nucleus_end), (None, Some(0.7)));
        assert!(ta.place.vowel.unwrap() > 0.31 && mang.place.vowel == Some(0.6));
        assert_eq!((ta.syllable.tone, mang.syllable.tone), (1, 2));
        std::fs::write(root.path().join(INDEX), "nothing").unwrap();
        assert!(matches!(open_timed(root.path()), Err(CorpusError::Damaged { .. })));
    }
    #[test]
    fn english_is_told_in_its_sounds() {
        let root = tempfile::tempdir().unwrap();
        std::fs::write(root.path().join("a.wav"), "").unwrap();
        let index = r#"{"audio":"a.wav","singer":"Lan","language":"english","sung":false,"characters":[{"said":"T AY1 M","start":0.2,"vowel":0.3,"coda":0.5,"end":0.6},{"said":"P L EY0","start":0.6,"vowel":0.7,"coda":1.2,"end":1.2}]}
{"audio":"a.wav","singer":"Lan","language":"english","characters":[{"said":"HH AE1 P IY0","start":0.2,"vowel":0.3,"coda":0.5,"end":0.6}]}
"#;
        std::fs::write(root.path().join(INDEX), index).unwrap();
        let corpus = open_timed(root.path()).unwrap();
        assert_eq!(corpus.left_out.values().sum::<usize>(), 1, "two syllables in one character");
        let Content::Tokens(tokens) = &corpus.clips[0].content else { panic!("no tokens") };
        let [time, play] = &tokens[..] else { panic!("{} tokens", tokens.len()) };
        assert_eq!((time.syllable.tone, play.syllable.tone), (1, 5));
        assert_eq!((time.syllable.coda, time.syllable.tail), (Phoneme::J, [Phoneme::M, Phoneme::None]));
        assert_eq!((play.previous, time.next), ([Phoneme::J, Phoneme::M], [Phoneme::Ph, Phoneme::L]));
        // The glide takes two fifths of a vowel of 0.2 s, and of a longer one 0.12 s.
        let glides = [time, play].map(|token| token.place.nucleus_end.unwrap());
        assert!((glides[0] - 0.42).abs() < 1e-9 && (glides[1] - 1.08).abs() < 1e-9, "{glides:?}");
    }
}
