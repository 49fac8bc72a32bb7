//! Which language a lyric is in: told from its script, and where that leaves it open, from
//! the track.

use super::Language;
use super::english;
use super::hangul::Block;
use super::kana::{self, is_kana};
use super::polyphones::is_hanzi;
use super::spelling::cut_letters;

/// The language of a track that has none set, from its lyrics.
///
/// A track with kana is Japanese, and its hanzi are kanji, unless they are by far the
/// most. Letters alone are pinyin or romaji, whichever reads more of them, and English where more
/// words are of its dictionary alone than can be read otherwise, or are written otherwise.
pub fn track_language<'a>(lyrics: impl Iterator<Item = &'a str>) -> Language {
    let (mut kana, mut hanzi, mut hangul, mut pinyin, mut romaji) = (0usize, 0usize, 0usize, 0usize, 0usize);
    // Words that nothing but English has, and syllables that are no word of it.
    let (mut english, mut syllables) = (0usize, 0usize);
    for lyric in lyrics {
        for c in lyric.chars() {
            kana += usize::from(is_kana(c) && c != 'ー');
            hanzi += usize::from(is_hanzi(c));
            hangul += usize::from(Block::of(c).is_some());
        }
        let word = lyric.rsplit(' ').next().unwrap_or_default();
        if is_latin(word) && !matches!(word, "R" | "r" | "br") {
            match is_pinyin(word) {
                true if is_toned(word) => hanzi += TONED,
                reads => pinyin += usize::from(reads),
            }
            let is_romaji = kana::moras(word).is_some();
            romaji += usize::from(is_romaji);
            match (is_romaji || cut_letters(word).is_some(), english::is_word(word)) {
                (false, true) => english += 1,
                (true, false) => syllables += 1,
                _ => {}
            }
        }
    }
    if english > kana + hanzi + hangul + syllables {
        Language::English
    } else if hangul > kana + hanzi {
        Language::Korean
    } else if kana * 4 > hanzi && kana > 0 || (kana + hanzi + hangul == 0 && romaji > pinyin) {
        Language::Japanese
    } else {
        Language::Mandarin
    }
}

fn is_latin(word: &str) -> bool {
    word.starts_with(|c: char| c.is_alphabetic() && c < '\u{250}')
}

/// As many hanzi a syllable of pinyin with its tone is worth when the language of lyrics is told.
pub(super) const TONED: usize = 8;

/// Whether a word is pinyin with a tone.
pub(super) fn is_toned(word: &str) -> bool {
    is_latin(word) && word.contains(|c: char| c.is_ascii_digit()) && is_pinyin(word)
}

/// Whether a word is pinyin and no more than that: in romaji an *r* begins a syllable.
fn is_pinyin(word: &str) -> bool {
    cut_letters(word)
        .is_some_and(|cut| cut.iter().all(|syllable| syllable == "er" || !syllable.ends_with('r')))
}

/// The language of one lyric: kana and hangul say it themselves, hanzi and Latin letters
/// are in that of the track. Hanzi in a Korean or an English track are Mandarin; so are letters that
/// only pinyin writes, those that only romaji writes are Japanese, and words that neither writes and
/// the dictionary has are English, where the language of the track is only `guessed`.
pub(super) fn language_of(lyric: &str, track: Language, guessed: bool) -> Language {
    if lyric.chars().any(is_kana) {
        return Language::Japanese;
    }
    if lyric.chars().any(|c| Block::of(c).is_some()) {
        return Language::Korean;
    }
    if matches!(track, Language::Korean | Language::English) && lyric.chars().any(is_hanzi) {
        return Language::Mandarin;
    }
    let word = lyric.trim().rsplit(' ').next().unwrap_or_default();
    if !guessed || track == Language::English || !is_latin(word) {
        return track;
    }
    match (track, cut_letters(word).is_some(), kana::moras(word).is_some()) {
        (_, false, false) if lyric.split_whitespace().all(english::is_word) => Language::English,
        (Language::Mandarin, false, true) => Language::Japanese,
        (Language::Japanese, true, false) | (Language::Korean, true, _) => Language::Mandarin,
        (Language::Korean, _, true) => Language::Japanese,
        _ => track,
    }
}
