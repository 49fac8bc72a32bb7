//! English: words to sounds, by the dictionary and by rules for what it has not, and sounds to
//! syllables.

mod arpabet;
mod dictionary;
mod letters;
mod syllables;

use super::unreadable::Unreadable;
use super::{Language, SungSyllable, Syllable};
use arpabet::{Phone, read_sounds};

/// The syllables of words with blanks between them.
///
/// # Errors
/// If a word holds what is no letter.
pub(super) fn words(text: &str) -> Result<Vec<SungSyllable>, Unreadable> {
    let mut all = Vec::new();
    for word in text.split_whitespace() {
        all.extend(word_syllables(word)?);
    }
    if all.is_empty() { Err(Unreadable::NoLetters) } else { Ok(all) }
}

/// The syllables of sounds in ARPABET, as dictionaries have them: `HH AE1 P IY0`. `None` for what is
/// written otherwise.
pub(super) fn phones(text: &str) -> Option<Vec<SungSyllable>> {
    read_sounds(text).map(|sounds| sung(&sounds))
}

/// Every way in which the dictionary reads a word, each in ARPABET, the usual one first.
pub fn english_readings(word: &str) -> Vec<String> {
    plain(word).map_or_else(Vec::new, |word| dictionary::readings(&word).map(String::from).collect())
}

/// Whether a lyric is a word that the dictionary has.
pub(super) fn is_word(lyric: &str) -> bool {
    plain(lyric).is_some_and(|word| dictionary::has(&word))
}

fn sung(sounds: &[Phone]) -> Vec<SungSyllable> {
    let written = |sounds: &[Phone]| sounds.iter().map(Phone::to_string).collect::<Vec<_>>().join(" ");
    let all = syllables::cut(sounds).into_iter();
    all.map(|sounds| SungSyllable { syllable: syllables::syllable(&sounds), pinyin: written(&sounds) })
        .collect()
}

fn word_syllables(written: &str) -> Result<Vec<SungSyllable>, Unreadable> {
    if written.chars().any(|c| c.is_numeric()) {
        return Err(Unreadable::Number);
    }
    // A sign alone says nothing.
    if !written.chars().any(char::is_alphabetic) {
        return Ok(Vec::new());
    }
    let word = plain(written).ok_or(Unreadable::NotEnglish)?;
    if word.trim_start_matches('h').bytes().all(|letter| letter == b'm') {
        return Ok(vec![SungSyllable { syllable: Syllable::hum(Language::English), pinyin: "M".into() }]);
    }
    sounds_of(&word, ENDINGS_DEEP).map(|sounds| sung(&sounds)).ok_or(Unreadable::NotEnglish)
}

/// A word in lower case, with plain letters, apostrophes and hyphens alone; marks before and after it
/// go. `None` where it holds anything else.
fn plain(written: &str) -> Option<String> {
    let is_mark = |c: char| !c.is_alphanumeric() && !matches!(c, '\'' | '’' | '‘');
    let mut word = String::with_capacity(written.len());
    for c in written.trim_matches(is_mark).chars().flat_map(char::to_lowercase) {
        match c {
            'a'..='z' | '\'' | '-' => word.push(c),
            '’' | '‘' => word.push('\''),
            // An accent of its own, of a letter that was taken apart.
            '\u{300}'..='\u{36f}' => {}
            'à'..='å' => word.push('a'),
            'ç' => word.push('c'),
            'è'..='ë' => word.push('e'),
            'ì'..='ï' => word.push('i'),
            'ñ' => word.push('n'),
            'ò'..='ö' | 'ø' => word.push('o'),
            'ù'..='ü' => word.push('u'),
            'ý' | 'ÿ' => word.push('y'),
            'æ' => word.push_str("ae"),
            'œ' => word.push_str("oe"),
            'ß' => word.push_str("ss"),
            _ => return None,
        }
    }
    word.contains(|c: char| c.is_ascii_lowercase()).then_some(word)
}

/// How many endings may stand one behind the other: *singers'*, *hopelessly*.
const ENDINGS_DEEP: usize = 3;

/// The sounds of a word in lower case.
fn sounds_of(word: &str, endings: usize) -> Option<Vec<Phone>> {
    known(word, endings).or_else(|| {
        if let Some(stem) = word.strip_suffix("'s").filter(|stem| !stem.is_empty()) {
            let mut sounds = sounds_of(stem, endings)?;
            sounds.extend(read_sounds(plural(&sounds))?);
            return Some(sounds);
        }
        let parts: Vec<&str> = word.split(['-', '\'']).filter(|part| !part.is_empty()).collect();
        match parts[..] {
            [] => None,
            [alone] => letters::sounds(alone),
            _ => joined(parts.into_iter().map(|part| sounds_of(part, endings))),
        }
    })
}

fn joined(parts: impl Iterator<Item = Option<Vec<Phone>>>) -> Option<Vec<Phone>> {
    parts.collect::<Option<Vec<_>>>().map(|parts| parts.concat())
}

/// The sounds of a word that the dictionary has, or that is made of one.
fn known(word: &str, endings: usize) -> Option<Vec<Phone>> {
    if let Some(sounds) = dictionary::readings(word).next() {
        return read_sounds(sounds);
    }
    // lovin' is no lovin of the dictionary, which has names too.
    if let Some(stem) = word.strip_suffix("in'")
        && let Some(mut sounds) = known(&format!("{stem}ing"), endings)
        && sounds.pop().is_some()
    {
        sounds.extend(Phone::read("N"));
        return Some(sounds);
    }
    let bare = word.trim_matches('\'');
    if bare != word
        && let Some(sounds) = dictionary::readings(bare).next()
    {
        return read_sounds(sounds);
    }
    // hap-py, well-known
    if word.contains('-') {
        let whole = word.replace('-', "");
        return known(&whole, 0)
            .or_else(|| joined(word.split('-').filter(|p| !p.is_empty()).map(|p| known(p, endings))));
    }
    let with_ending = || endings.checked_sub(1).and_then(|endings| inflected(word, endings));
    with_ending().or_else(|| drawn_out(word)).or_else(|| compound(word))
}

/// Endings with their sounds, the longer ones first.
const ENDINGS: [(&str, &str); 21] = [
    ("n't", "AH0 N T"),
    ("'ll", "AH0 L"),
    ("'re", "ER0"),
    ("'ve", "AH0 V"),
    ("'d", "D"),
    ("'m", "M"),
    ("ing", "IH0 NG"),
    ("ness", "N AH0 S"),
    ("less", "L AH0 S"),
    ("ful", "F AH0 L"),
    ("ment", "M AH0 N T"),
    ("able", "AH0 B AH0 L"),
    ("ish", "IH0 SH"),
    ("est", "AH0 S T"),
    ("ers", "ER0 Z"),
    ("er", "ER0"),
    ("ly", "L IY0"),
    ("ie", "IY0"),
    ("y", "IY0"),
    ("in", "IH0 N"),
    ("th", "TH"),
];

/// A known word with an ending. Before one that begins with a vowel an *e* is gone, a *y* is an *i*, or
/// the last consonant stands twice.
fn inflected(word: &str, endings: usize) -> Option<Vec<Phone>> {
    for ending in ["'s", "s'", "es", "s"] {
        if let Some(stem) = word.strip_suffix(ending).filter(|stem| stem.len() > 1)
            && let Some(mut sounds) = stems(stem, ending == "es").find_map(|stem| known(&stem, endings))
        {
            sounds.extend(read_sounds(plural(&sounds)).into_iter().flatten());
            return Some(sounds);
        }
    }
    if let Some(stem) = word.strip_suffix("ed").filter(|stem| stem.len() > 1)
        && let Some(mut sounds) = stems(stem, true).find_map(|stem| known(&stem, endings))
    {
        sounds.extend(read_sounds(past(&sounds)).into_iter().flatten());
        return Some(sounds);
    }
    ENDINGS.iter().find_map(|(ending, said)| {
        let stem = word.strip_suffix(ending).filter(|stem| stem.len() > 2)?;
        let is_vowel = ending.starts_with(['a', 'e', 'i', 'y']);
        let mut sounds = stems(stem, is_vowel).find_map(|stem| known(&stem, endings))?;
        sounds.extend(read_sounds(said)?);
        Some(sounds)
    })
}

/// What a word was before it got an ending, likeliest first.
fn stems(stem: &str, is_vowel: bool) -> impl Iterator<Item = String> {
    let mut all = vec![stem.to_string()];
    if is_vowel {
        all.push(format!("{stem}e"));
        let letters = stem.as_bytes();
        if let [.., before, last] = letters
            && before == last
        {
            all.extend(stem.get(..stem.len() - 1).map(String::from));
        }
    }
    all.extend(stem.strip_suffix('i').map(|stem| format!("{stem}y")));
    all.into_iter()
}

fn plural(word: &[Phone]) -> &'static str {
    match word.last().map_or("", |phone| phone.name()) {
        "S" | "Z" | "SH" | "ZH" | "CH" | "JH" => "IH0 Z",
        "P" | "T" | "K" | "F" | "TH" => "S",
        _ => "Z",
    }
}

fn past(word: &[Phone]) -> &'static str {
    match word.last().map_or("", |phone| phone.name()) {
        "T" | "D" => "IH0 D",
        "P" | "K" | "F" | "TH" | "S" | "SH" | "CH" => "T",
        _ => "D",
    }
}

/// A word with letters drawn out: *sooo*, *loooove*. One that stands three times was there twice, if that
/// makes a word (*gooood*), else once; at the end rather once, unless it is an *e* (*freeee*).
fn drawn_out(word: &str) -> Option<Vec<Phone>> {
    let runs: Vec<&[u8]> = word.as_bytes().chunk_by(|a, b| a == b).collect();
    if runs.iter().all(|run| run.len() < 3) {
        return None;
    }
    let ends_drawn = runs.last().is_some_and(|run| run.len() > 2 && run[0] != b'e');
    let counts = if ends_drawn { [1, 2] } else { [2, 1] };
    counts.into_iter().find_map(|count| {
        let short = |run: &&[u8]| {
            char::from(run[0]).to_string().repeat(if run.len() > 2 { count } else { run.len() })
        };
        let word: String = runs.iter().map(short).collect();
        dictionary::readings(&word).next().and_then(read_sounds)
    })
}

/// Two words of the dictionary written as one.
fn compound(word: &str) -> Option<Vec<Phone>> {
    const SHORTEST: usize = 3;
    if !word.is_ascii() {
        return None;
    }
    // The longer the first of the two, the likelier that it is one.
    (SHORTEST..(word.len() + 1).saturating_sub(SHORTEST)).rev().find_map(|at| {
        let (first, second) = word.split_at(at);
        joined([first, second].into_iter().map(|part| read_sounds(dictionary::readings(part).next()?)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn said(text: &str, expected: &str) {
        let written =
            words(text).map(|all| all.into_iter().map(|s| s.pinyin).collect::<Vec<_>>().join(" | "));
        assert_eq!(written.as_deref(), Ok(expected), "{text}");
    }

    #[test]
    fn words_of_the_dictionary_are_cut_into_syllables() {
        said("strengths", "S T R EH1 NG K TH S");
        said("happy", "HH AE1 | P IY0");
        said("Fire!", "F AY1 | ER0");
        said("rhythm", "R IH1 | DH AH0 M");
        said("extra", "EH1 K | S T R AH0");
        said("world", "W ER1 L D");
        said("hap-py", "HH AE1 | P IY0");
        said("I love you", "AY1 | L AH1 V | Y UW1");
    }

    #[test]
    fn contractions_and_endings_are_said() {
        said("don't", "D OW1 N T");
        said("I’m", "AY1 M");
        said("'cause", "K AH0 Z");
        said("blickets", "B L IH1 | K EH0 T S");
        said("blicket's", "B L IH1 | K EH0 T S");
        said("brightnesses", "B R AY1 T | N AH0 | S IH0 Z");
        said("lovin'", "L AH1 | V IH0 N");
        said("moonglow", "M UW1 N | G L OW1");
        said("well-worn", "W EH1 L | W AO1 R N");
        said("sooo loooove gooood", "S OW1 | L AH1 V | G UH1 D");
        said("café", "K AH0 | F EY1");
        said("Mmm", "M");
    }

    #[test]
    fn what_is_no_english_says_why() {
        assert_eq!(words("99"), Err(Unreadable::Number));
        assert_eq!(words("b4"), Err(Unreadable::Number));
        assert_eq!(words("mañanaж"), Err(Unreadable::NotEnglish));
        assert_eq!(words("?!"), Err(Unreadable::NoLetters));
    }

    #[test]
    fn sounds_may_be_typed() {
        let all: Vec<String> = phones("HH AE1 P IY0").unwrap().into_iter().map(|s| s.pinyin).collect();
        assert_eq!(all, ["HH AE1", "P IY0"]);
        assert_eq!([phones("hh ae1"), phones("HH XX"), phones("")], [None, None, None]);
        assert_eq!(english_readings("Read"), ["R EH1 D", "R IY1 D"]);
    }

    proptest! {
        #[test]
        fn no_word_panics(word in "[a-z'’-]{0,10}|\\PC{0,6}") {
            if let Ok(all) = words(&word) {
                prop_assert!(!all.is_empty());
            }
        }
    }
}
