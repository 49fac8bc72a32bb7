//! The lyrics of a track, note by note, turned into what is sung.

use super::polyphones::{is_hanzi, readings};
use super::spelling::{Spelling, cut_letters};
use super::verse::split_into_syllables;
use super::{Language, Syllable, erhua::rhotic};

/// What stands on one note.
#[derive(Clone, Copy, Debug, Default)]
pub struct LyricInput<'a> {
    /// The text in the lyric lane.
    pub lyric: &'a str,
    /// What the user wants sung instead of the usual reading, in pinyin; empty for none.
    pub pronunciation: &'a str,
    /// Whether a rest stands before the note: no word goes across it.
    pub after_rest: bool,
}

/// One syllable that a note sings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SungSyllable {
    pub syllable: Syllable,
    /// How it was read, in pinyin with a tone digit: `hang2`.
    pub pinyin: String,
}

/// What a note sings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reading {
    /// One syllable, or several that share the note; never none.
    Sung(Vec<SungSyllable>),
    /// The vowel of the note before goes on.
    Hold,
    Breath,
    Rest,
    /// Nobody could read it: it is marked on its note and hummed.
    Unknown {
        text: String,
        reason: Unreadable,
    },
}

/// Why a lyric could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    #[error("no Mandarin syllable is written like this")]
    NotPinyin,
    #[error("the character has no known reading")]
    UnknownCharacter,
    #[error("kana cannot be sung yet")]
    Kana,
    #[error("hangul cannot be sung yet")]
    Hangul,
    #[error("there is no letter in it")]
    NoLetters,
    #[error("this language cannot be sung yet")]
    Language,
}

/// Reads the lyrics of a whole track in the order of its notes, so that each polyphone is
/// chosen from its phrase. Gives one reading per note.
///
/// Hanzi, pinyin (with tone digits, tone marks or none) and both mixed; `-`, `ー` and `—`
/// hold; `+` sings the next syllable of the word that an earlier note wrote out; `br` is a
/// breath; `R` or nothing is a rest. 儿 behind another hanzi on the same note colours its
/// vowel, as *-r* does in pinyin.
pub fn read_lyrics(notes: &[LyricInput], language: Language) -> Vec<Reading> {
    let written: Vec<Written> = notes.iter().map(|note| Written::of(note, language)).collect();
    let chosen = choose_readings(notes, &written);
    let mut all: Vec<Reading> = Vec::with_capacity(notes.len());
    // Where the last word was written, for the `+` that follow it.
    let mut word_at: Option<usize> = None;
    for (i, written) in written.into_iter().enumerate() {
        let reading = match written {
            Written::Fixed(Reading::Hold) => Reading::Hold,
            Written::Fixed(reading) => {
                word_at = None;
                reading
            }
            Written::NextOfWord => match word_at.and_then(|at| take_next(&mut all, at)) {
                Some(rest) => {
                    word_at = Some(i);
                    Reading::Sung(rest)
                }
                None => Reading::Hold,
            },
            Written::Word(parts) => {
                word_at = Some(i);
                sing(notes[i].lyric, parts, &chosen[i])
            }
        };
        all.push(reading);
    }
    all
}

/// All but the first syllable of the word on note `at`, which keeps the first.
fn take_next(all: &mut [Reading], at: usize) -> Option<Vec<SungSyllable>> {
    match &mut all[at] {
        Reading::Sung(syllables) if syllables.len() > 1 => Some(syllables.split_off(1)),
        _ => None,
    }
}

/// What is written on a note, before hanzi are read.
enum Written {
    Fixed(Reading),
    NextOfWord,
    Word(Vec<Part>),
}

enum Part {
    Typed(Spelling),
    Hanzi,
    /// 儿 that only colours the vowel before it.
    Er,
    Unreadable(Unreadable),
}

impl Written {
    fn of(note: &LyricInput, language: Language) -> Self {
        let lyric = note.lyric.trim();
        match lyric {
            "" | "R" if note.pronunciation.trim().is_empty() => return Written::Fixed(Reading::Rest),
            "br" | "Br" | "BR" => return Written::Fixed(Reading::Breath),
            "-" | "ー" | "—" | "――" | "——" | "–" | "~" | "～" => {
                return Written::Fixed(Reading::Hold);
            }
            "+" | "+~" | "+*" => return Written::NextOfWord,
            _ => {}
        }
        if language != Language::Mandarin {
            return Written::unknown(lyric, Unreadable::Language);
        }
        let pronunciation = note.pronunciation.trim();
        if !pronunciation.is_empty() {
            return typed(pronunciation).map_or_else(
                || Written::unknown(pronunciation, Unreadable::NotPinyin),
                |spellings| Written::Word(spellings.into_iter().map(Part::Typed).collect()),
            );
        }
        let parts = parts_of(lyric);
        match parts
            .iter()
            .find_map(|part| if let Part::Unreadable(reason) = part { Some(*reason) } else { None })
        {
            Some(reason) => Written::unknown(lyric, reason),
            None if parts.is_empty() => Written::unknown(lyric, Unreadable::NoLetters),
            None => Written::Word(parts),
        }
    }

    fn unknown(text: &str, reason: Unreadable) -> Self {
        Written::Fixed(Reading::Unknown { text: text.into(), reason })
    }
}

/// Typed pinyin of one or more syllables.
fn typed(text: &str) -> Option<Vec<Spelling>> {
    text.split_whitespace()
        .map(cut_letters)
        .collect::<Option<Vec<_>>>()?
        .concat()
        .iter()
        .map(|syllable| Spelling::read(syllable))
        .collect()
}

/// Words in which 儿 is a syllable of its own, even where they share a note.
const CHILD_WORDS: [&str; 13] =
    ["女儿", "婴儿", "孤儿", "幼儿", "少儿", "胎儿", "健儿", "男儿", "孩儿", "宠儿", "儿", "小儿", "生儿"];

fn parts_of(lyric: &str) -> Vec<Part> {
    let pieces = split_into_syllables(lyric);
    let hanzi: String = pieces.iter().flat_map(|piece| piece.chars()).filter(|&c| is_hanzi(c)).collect();
    let is_child = CHILD_WORDS.contains(&hanzi.as_str());
    let mut parts: Vec<Part> = Vec::new();
    for piece in &pieces {
        let first = piece.chars().next().unwrap_or(' ');
        parts.push(match first {
            // A hold inside one note says nothing more than the note itself.
            '-' | '+' => continue,
            '儿' | '兒' if !is_child && matches!(parts.last(), Some(Part::Hanzi)) => Part::Er,
            _ if is_hanzi(first) || digit_name(first).is_some() => Part::Hanzi,
            '\u{3040}'..='\u{30ff}' => Part::Unreadable(Unreadable::Kana),
            '\u{1100}'..='\u{11ff}' | '\u{ac00}'..='\u{d7af}' => Part::Unreadable(Unreadable::Hangul),
            _ if !first.is_alphabetic() => Part::Unreadable(Unreadable::NoLetters),
            _ => match Spelling::read(piece) {
                Some(spelling) => Part::Typed(spelling),
                None if first > '\u{2e80}' => Part::Unreadable(Unreadable::UnknownCharacter),
                None => Part::Unreadable(Unreadable::NotPinyin),
            },
        });
    }
    parts
}

/// Digits are sung as the numbers that they are.
fn digit_name(c: char) -> Option<char> {
    let digit = c.to_digit(10)?;
    "零一二三四五六七八九".chars().nth(digit as usize)
}

/// The readings of the hanzi on each note, in their order on it.
fn choose_readings(notes: &[LyricInput], written: &[Written]) -> Vec<Vec<Option<Spelling>>> {
    let mut chosen = vec![Vec::new(); notes.len()];
    let mut run: Vec<(usize, char)> = Vec::new();
    let mut finish = |run: &mut Vec<(usize, char)>| {
        let chars: Vec<char> = run.iter().map(|&(_, c)| c).collect();
        for ((note, _), reading) in run.drain(..).zip(readings(&chars)) {
            chosen[note].push(reading);
        }
    };
    for (i, (note, written)) in notes.iter().zip(written).enumerate() {
        if note.after_rest
            || matches!(written, Written::Fixed(Reading::Rest | Reading::Breath | Reading::Unknown { .. }))
        {
            finish(&mut run);
        }
        // The hanzi under a pronunciation still belong to the phrase.
        if matches!(written, Written::Word(_)) {
            let hanzi =
                note.lyric.chars().map(|c| digit_name(c).filter(|_| !has_typed(written)).unwrap_or(c));
            run.extend(hanzi.filter(|&c| is_hanzi(c)).map(|c| (i, c)));
        }
    }
    finish(&mut run);
    chosen
}

/// Whether pinyin stands on the note, so that its digits are tones.
fn has_typed(written: &Written) -> bool {
    matches!(written, Written::Word(parts) if parts.iter().any(|part| matches!(part, Part::Typed(_))))
}

fn sing(lyric: &str, parts: Vec<Part>, chosen: &[Option<Spelling>]) -> Reading {
    let mut chosen = chosen.iter();
    let mut syllables: Vec<SungSyllable> = Vec::new();
    let unknown = |reason| Reading::Unknown { text: lyric.trim().into(), reason };
    for part in parts {
        let spelling = match part {
            Part::Typed(spelling) => Some(spelling),
            Part::Hanzi => chosen.next().cloned().flatten(),
            Part::Er => {
                chosen.next();
                if let Some(last) = syllables.last_mut() {
                    last.syllable = rhotic(last.syllable);
                    let digit = last.pinyin.find(|c: char| c.is_ascii_digit()).unwrap_or(last.pinyin.len());
                    last.pinyin.insert(digit, 'r');
                }
                continue;
            }
            Part::Unreadable(reason) => return unknown(reason),
        };
        let Some((spelling, syllable)) = spelling.and_then(|s| s.syllable().map(|syllable| (s, syllable)))
        else {
            return unknown(Unreadable::UnknownCharacter);
        };
        syllables.push(SungSyllable { syllable, pinyin: spelling.written() });
    }
    Reading::Sung(syllables)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::Phoneme;
    use super::*;

    fn read(lyrics: &[&str]) -> Vec<String> {
        let notes: Vec<LyricInput> =
            lyrics.iter().map(|lyric| LyricInput { lyric, ..Default::default() }).collect();
        read_lyrics(&notes, Language::Mandarin).into_iter().map(shown).collect()
    }

    fn shown(reading: Reading) -> String {
        match reading {
            Reading::Sung(all) => all.into_iter().map(|s| s.pinyin).collect::<Vec<_>>().join(" "),
            Reading::Unknown { reason, .. } => format!("{reason:?}"),
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn a_polyphone_is_read_from_the_notes_around_it() {
        assert_eq!(read(&["银", "行"]), ["yin2", "hang2"]);
        assert_eq!(read(&["银", "-", "行"]), ["yin2", "Hold", "hang2"]);
        assert_eq!(read(&["我", "行", "走"]), ["wo3", "xing2", "zou3"]);
    }

    #[test]
    fn a_rest_ends_the_phrase() {
        let note = |lyric, after_rest| LyricInput { lyric, after_rest, ..Default::default() };
        let read = |after_rest| {
            let all = read_lyrics(&[note("银", false), note("行", after_rest)], Language::Mandarin);
            shown(all[1].clone())
        };
        assert_eq!(read(false), "hang2");
        assert_eq!(read(true), "xing2");
    }

    #[test]
    fn marks_are_understood() {
        assert_eq!(
            read(&["啊", "-", "ー", "—", "br", "R", ""]),
            ["a5", "Hold", "Hold", "Hold", "Breath", "Rest", "Rest"]
        );
    }

    #[test]
    fn a_word_is_spread_over_the_notes_that_follow_it() {
        assert_eq!(read(&["茉莉花", "+", "+", "+"]), ["mo4", "li4", "hua1", "Hold"]);
        assert_eq!(read(&["茉莉花", "+"]), ["mo4", "li4 hua1"]);
        assert_eq!(read(&["zhongguo", "-", "+"]), ["zhong", "Hold", "guo"]);
    }

    #[test]
    fn erhua_colours_the_vowel() {
        assert_eq!(read(&["花儿", "huar", "女儿"]), ["huar1", "huar", "nv3 er2"]);
        assert_eq!(read(&["花", "儿"]), ["hua1", "er2"]);
        let Reading::Sung(all) =
            &read_lyrics(&[LyricInput { lyric: "花儿", ..Default::default() }], Language::Mandarin)[0]
        else {
            panic!("not sung");
        };
        assert_eq!(all[0].syllable.coda, Phoneme::Er);
    }

    #[test]
    fn a_pronunciation_overrides_the_lyric() {
        let notes = [LyricInput { lyric: "行", pronunciation: "hang2", after_rest: false }];
        assert_eq!(shown(read_lyrics(&notes, Language::Mandarin).remove(0)), "hang2");
        let notes = [LyricInput { lyric: "行", pronunciation: "what", after_rest: false }];
        assert_eq!(shown(read_lyrics(&notes, Language::Mandarin).remove(0)), "NotPinyin");
    }

    #[test]
    fn what_cannot_be_read_is_kept_with_its_reason() {
        assert_eq!(
            read(&["love", "か", "한", "?!", "𠮷x"]),
            ["NotPinyin", "Kana", "Hangul", "NoLetters", "UnknownCharacter"]
        );
        assert_eq!(read(&["好，", "3"]), ["hao3", "san1"]);
    }

    proptest! {
        #[test]
        fn no_lyric_panics_and_none_is_dropped(lyrics in prop::collection::vec("\\PC{0,6}|[a-zü1-5':儿行花长\\-+]{0,8}", 0..12), overrides in prop::collection::vec("\\PC{0,4}|[a-z1-5]{0,5}", 12)) {
            let notes: Vec<LyricInput> = lyrics.iter().zip(&overrides)
                .map(|(lyric, pronunciation)| LyricInput { lyric, pronunciation, after_rest: lyric.len() == 3 })
                .collect();
            let all = read_lyrics(&notes, Language::Mandarin);
            prop_assert_eq!(all.len(), notes.len());
            prop_assert!(all.iter().all(|r| !matches!(r, Reading::Sung(s) if s.is_empty())));
            let _ = split_into_syllables(&lyrics.concat());
        }
    }
}
