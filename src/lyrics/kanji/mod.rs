//! Kanji to kana, with the reading of each chosen from the words around it.

mod dictionary;
mod lattice;
mod notes;

pub(super) use dictionary::is_kanji;
pub(super) use notes::{OnNote, Said, said_on_notes};

use super::kana::{self, Mora, is_kana};
use super::{Language, Phoneme, SungSyllable};

/// Most readings that a list offers of a word.
const CHOICES: usize = 12;

/// Whether Japanese is written with the kanji: most of the simplified hanzi, and 你 or 她, are none of its
/// own.
pub(super) fn is_known(kanji: char) -> bool {
    dictionary::has(kanji)
}

/// A digit as the kanji that it is read as, half or full width.
pub(super) fn digit(c: char) -> Option<char> {
    let value = match c {
        '0'..='9' => c as u32 - '0' as u32,
        '０'..='９' => c as u32 - '０' as u32,
        _ => return None,
    };
    "〇一二三四五六七八九".chars().nth(value as usize)
}

/// Whether words are told from the text: kana, kanji and numbers, and nothing else but punctuation.
pub(super) fn is_japanese(text: &str) -> bool {
    let is_mark = |c: char| !c.is_alphanumeric() || matches!(c, 'ー' | '\u{ff9e}' | '\u{ff9f}');
    let mut chars = text.chars().filter(|&c| !is_mark(c)).peekable();
    chars.peek().is_some() && chars.all(|c| is_kana(c) || is_kanji(c) || digit(c).is_some())
}

/// How each character of a text is said by its words, in hiragana, particles and long vowels as they
/// sound. What is empty is said with the character before it; `None` where nobody knows.
pub(super) fn said(text: &[char]) -> Vec<Option<String>> {
    let is_digit = |at: usize| text.get(at).is_some_and(|&c| digit(c).is_some());
    let written = text.iter().enumerate().map(|(at, &c)| {
        // Of numbers only those of one digit are read: others are words that nobody wrote.
        let is_alone = !is_digit(at + 1) && (at == 0 || !is_digit(at - 1));
        digit(c).filter(|_| is_alone).unwrap_or(c)
    });
    let all = lattice::said(&written.collect::<Vec<_>>());
    all.into_iter()
        .zip(text)
        .map(|(part, &c)| part.filter(|part| digit(c).is_none() || part.chars().all(is_kana)))
        .collect()
}

/// The beats of what characters are said, `None` if it is not known or nothing at all. A long vowel at
/// the end is the one before going on; within, it is a beat of its own.
pub(super) fn moras(said: &str) -> Option<Vec<Mora>> {
    let mut all = kana::moras(said)?;
    for at in 1..all.len().saturating_sub(1) {
        if let (Mora::Open(_, _, vowel), Mora::Long) = (all[at - 1], all[at]) {
            all[at] = Mora::Open(Phoneme::None, Phoneme::None, vowel);
        }
    }
    (!all.is_empty()).then_some(all)
}

/// A part that several characters have together, cut for as many notes: as even as it goes, and shorter
/// first.
pub(super) fn shared(part: &str, notes: usize) -> Vec<String> {
    let beats = beats(part);
    let end = |note: usize| note * beats.len() / notes;
    (0..notes).map(|note| beats[end(note)..end(note + 1)].concat()).collect()
}

/// Hiragana beat by beat: small kana belong to what they melt with.
pub(super) fn beats(part: &str) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for c in part.chars() {
        match all.last_mut() {
            Some(last) if "ゃゅょぁぃぅぇぉゎ".contains(c) => last.push(c),
            _ => all.push(c.into()),
        }
    }
    all
}

/// Every way to read a lyric with kanji, in hiragana as it is sung, the usual one first; those of は and へ
/// too. Nothing of what is neither. This is what a menu of readings offers.
pub fn kanji_readings(lyric: &str) -> Vec<String> {
    match lyric {
        "は" => return ["わ", "は"].map(String::from).into(),
        "へ" => return ["え", "へ"].map(String::from).into(),
        _ => {}
    }
    if !lyric.chars().any(is_kanji) {
        return Vec::new();
    }
    let mut all: Vec<(i32, String)> = Vec::new();
    for entry in dictionary::entries(lyric) {
        let mut parts = entry.reading.split('.').filter(|_| !entry.reading.is_empty());
        let said = lyric.chars().map(|c| parts.next().map_or_else(|| kana::hiragana(c).into(), String::from));
        all.push((entry.cost, said.collect()));
    }
    // Of what is no word each kanji is read by itself.
    let mut alone = lyric.chars().filter(|&c| is_kanji(c));
    if let (true, Some(first), None) = (all.is_empty(), alone.next(), alone.next()) {
        let of_first = dictionary::entries(&first.to_string()).into_iter();
        all.extend(of_first.map(|entry| (entry.cost, lyric.replace(first, entry.reading))));
    }
    all.sort();
    let mut readings: Vec<String> = Vec::new();
    for (_, reading) in all {
        if !readings.contains(&reading) && readings.len() < CHOICES {
            readings.push(reading);
        }
    }
    readings
}

/// What is sung of a lyric with kanji, in hiragana; `None` of any other lyric.
pub fn furigana(lyric: &str, sung: &[SungSyllable]) -> Option<String> {
    let is_japanese = sung.iter().all(|sung| sung.syllable.language == Language::Japanese);
    if !is_japanese || !lyric.chars().any(is_kanji) {
        return None;
    }
    sung.iter().map(|sung| kana::to_hiragana(&sung.pinyin)).collect()
}

/// What is sung of a lyric, as it stands above it: kanji have furigana, all else what it is read as.
pub fn written_reading(lyric: &str, sung: &[SungSyllable]) -> String {
    let read = || sung.iter().map(|sung| sung.pinyin.as_str()).collect::<Vec<_>>().join(" ");
    furigana(lyric, sung).unwrap_or_else(read)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn reads(text: &str, expected: &str) {
        let chars: Vec<char> = text.chars().collect();
        let all: Vec<String> = said(&chars).into_iter().map(|part| part.unwrap_or("?".into())).collect();
        assert_eq!(all.join(" "), expected, "{text}");
    }

    #[test]
    fn the_word_chooses_the_reading() {
        reads("時計", "と けい");
        reads("時間", "じ かん");
        reads("今日", "きょー ");
        reads("人々", "ひと びと");
        reads("星空", "ほし ぞら");
        reads("一人", "ひと り");
        reads("2人", "ふた り");
        reads("12", "? ?");
        reads("们", "?");
        reads("", "");
    }

    #[test]
    fn particles_and_long_vowels_are_as_they_sound() {
        reads("君は花", "きみ わ はな");
        reads("母は家へ", "はは わ いえ え");
        reads("空を見た", "そら を み た");
        reads("遠くへ行こう", "とー く え い こ ー");
        reads("大きい", "おー き い");
        reads("思う", "おも う");
    }

    #[test]
    fn a_part_of_several_characters_is_shared() {
        assert_eq!(shared("あした", 2), ["あ", "した"]);
        assert_eq!(shared("きょー", 2), ["きょ", "ー"]);
        assert_eq!(shared("あ", 2), ["", "あ"]);
        assert_eq!(beats("きゃっと"), ["きゃ", "っ", "と"]);
    }

    #[test]
    fn a_menu_offers_the_usual_reading_first() {
        assert_eq!(kanji_readings("今日")[..2], ["きょー", "こんにち"]);
        assert!(kanji_readings("行").contains(&"ゆ".into()) && kanji_readings("行").contains(&"こー".into()));
        assert_eq!(kanji_readings("は"), ["わ", "は"]);
        assert_eq!(kanji_readings("歩く"), ["あるく"]);
        assert!(
            kanji_readings("か").is_empty()
                && kanji_readings("们").is_empty()
                && kanji_readings("x").is_empty()
        );
    }
}
