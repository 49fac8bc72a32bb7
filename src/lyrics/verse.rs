//! Verse text, as it is pasted, cut into one lyric per note.

use super::kana::is_kana;
use super::kanji::{beats, digit, is_kanji, said};
use super::lines::{Script, language_of_hanzi};
use super::script::{language_of, track_language};
use super::spelling::cut_letters;
use super::{Language, english, kana};

/// Cuts pasted text into the lyrics of successive notes: each hanzi (or kana, or hangul block) one, each
/// syllable of pinyin or romaji one, `-` a hold, `+`, `br` and `R` as they are. Punctuation, line breaks
/// and the time stamps of LRC files go. A word of English stands whole on its first note, with a `+` for
/// each further syllable; so does a kanji, or several that only have a reading together, for each further
/// beat. Any other word of letters that is neither pinyin nor, in a Japanese text, romaji stays whole.
///
/// `language` is that of hanzi; with `None` it is told from the text, line by line.
///
/// ```
/// # use ziyin_lyrics::split_into_syllables;
/// assert_eq!(split_into_syllables("好一朵, mo4li hua -", None), ["好", "一", "朵", "mo4", "li", "hua", "-"]);
/// assert_eq!(split_into_syllables("今日は時計", None), ["今日", "+", "は", "時", "計", "+"]);
/// ```
pub fn split_into_syllables(text: &str, language: impl Into<Option<Language>>) -> Vec<String> {
    let language = language.into();
    let letters = track_language(text.split_whitespace());
    let script = |line: &str| Script::of(line.split_whitespace());
    let has_kana = text.chars().any(is_kana);
    let hanzi = has_kana.then(|| language_of_hanzi(text.lines().map(script)));
    let is_japanese = |line: &str| {
        let guessed = hanzi.map(|hanzi| script(line).language().unwrap_or(hanzi));
        language.or(guessed) == Some(Language::Japanese)
    };
    let of_line = |line: &str| {
        let kanji = if is_japanese(line) { kanji_of(line) } else { Vec::new() };
        cut(line, letters, &kanji)
    };
    text.lines().flat_map(of_line).collect()
}

/// The same without kanji taken for words: each is a piece of its own.
pub(super) fn pieces(text: &str) -> Vec<String> {
    cut(text, track_language(text.split_whitespace()), &[])
}

/// Characters that have a reading together, and the notes that it needs.
#[derive(Clone, Copy)]
struct Kanji {
    length: usize,
    notes: usize,
}

/// The kanji that are read, each where it begins in the line.
fn kanji_of(line: &str) -> Vec<Option<Kanji>> {
    let chars: Vec<char> = line.chars().collect();
    let mut all = vec![None; chars.len()];
    let is_word = |c: char| is_kana(c) || is_kanji(c) || digit(c).is_some();
    let mut from = 0;
    for phrase in chars.chunk_by(|&a, &b| is_word(a) == is_word(b)) {
        let parts = said(phrase);
        for (at, part) in parts.iter().enumerate().filter(|(at, _)| !is_kana(phrase[*at])) {
            let Some(part) = part.as_deref().filter(|part| !part.is_empty()) else { continue };
            let follows = |part: &&Option<String>| part.as_deref() == Some("");
            let length = 1 + parts[at + 1..].iter().take_while(follows).count();
            all[from + at] = Some(Kanji { length, notes: beats(part).len() });
        }
        from += phrase.len();
    }
    all
}

/// `language` is that of letters; `kanji` those that are read, where they begin.
fn cut(text: &str, language: Language, kanji: &[Option<Kanji>]) -> Vec<String> {
    let chars: Vec<char> = text.chars().collect();
    let mut lyrics = Vec::new();
    let mut i = 0;
    while i < chars.len() {
        let c = chars[i];
        if c == '['
            && let Some(end) = time_stamp_end(&chars, i)
        {
            i = end;
            continue;
        }
        let is_cut_short = language == Language::English
            && matches!(c, '\'' | '’')
            && chars.get(i + 1).copied().is_some_and(is_letter);
        if let Some(&Some(Kanji { length, notes })) = kanji.get(i) {
            lyrics.push(chars[i..i + length].iter().collect());
            lyrics.extend((1..notes).map(|_| "+".to_string()));
            i += length;
            continue;
        }
        if is_letter(c) || is_cut_short {
            let mut end = i + 1;
            while end < chars.len() && belongs_to_word(&chars, end) {
                end += 1;
            }
            let word: String = chars[i..end].iter().collect();
            let word = word.trim_end_matches(':');
            push_word(word, language, &mut lyrics);
            i = end;
            continue;
        }
        match c {
            '-' | 'ー' | '~' | '～' => lyrics.push("-".into()),
            // A pair of them is the dash of Chinese prose.
            '—' | '–' if is_dash(&chars, i) => {}
            '—' | '–' => lyrics.push("-".into()),
            '+' => lyrics.push("+".into()),
            // Small kana and voicing marks colour the one before them.
            'ぁ' | 'ぃ' | 'ぅ' | 'ぇ' | 'ぉ' | 'ゃ' | 'ゅ' | 'ょ' | 'ァ' | 'ィ' | 'ゥ' | 'ェ' | 'ォ'
            | 'ャ' | 'ュ' | 'ョ' | 'ゎ' | 'ヮ' | 'ﾞ' | 'ﾟ' | '゛' | '゜' | '\u{3099}' | '\u{309a}' | 'ｧ'
            | 'ｨ' | 'ｩ' | 'ｪ' | 'ｫ' | 'ｬ' | 'ｭ' | 'ｮ' => match lyrics.last_mut() {
                Some(kana) => kana.push(c),
                None => lyrics.push(c.into()),
            },
            c if c.is_alphanumeric() => lyrics.push(c.into()),
            _ => {}
        }
        i += 1;
    }
    lyrics
}

fn push_word(word: &str, language: Language, lyrics: &mut Vec<String>) {
    let word = if language == Language::English { word } else { word.trim_end_matches(['\'', '’']) };
    if matches!(word, "br" | "R") {
        lyrics.push(word.into());
        return;
    }
    // In other languages English is what the dictionary has, and cannot be read otherwise.
    let is_english = || language_of(word, language, true) == Language::English;
    if is_english()
        && let Ok(syllables) = english::words(word)
    {
        lyrics.push(word.into());
        lyrics.extend((1..syllables.len()).map(|_| "+".to_string()));
        return;
    }
    // mo-li-hua: a hyphen between letters parts syllables.
    for part in word.split('-').filter(|part| !part.is_empty()) {
        let moras = if language == Language::Japanese { kana::moras(part) } else { None };
        if let Some(moras) = moras {
            lyrics.extend(moras.into_iter().map(beat));
            continue;
        }
        match cut_letters(part) {
            Some(syllables) => lyrics.extend(syllables),
            None => lyrics.push(part.into()),
        }
    }
}

/// One beat of romaji as the lyric of a note.
fn beat(mora: kana::Mora) -> String {
    match (mora, kana::syllable(mora)) {
        (kana::Mora::Stop, _) => "っ".into(),
        (_, Some(syllable)) => kana::in_romaji(&syllable),
        (_, None) => "-".into(),
    }
}

/// Letters that a typed syllable is made of, tone marks included.
fn is_letter(c: char) -> bool {
    c.is_ascii_alphabetic() || ('\u{c0}'..='\u{24f}').contains(&c) || ('\u{1e00}'..='\u{1eff}').contains(&c)
}

fn belongs_to_word(chars: &[char], i: usize) -> bool {
    let next_is_letter = chars.get(i + 1).copied().is_some_and(is_letter);
    match chars[i] {
        c if is_letter(c) || ('\u{300}'..='\u{36f}').contains(&c) => true,
        '0'..='5' => true,
        // lu:4, and xi'an
        ':' => {
            matches!(chars[i - 1], 'u' | 'U')
                && (next_is_letter || chars.get(i + 1).is_some_and(char::is_ascii_digit))
        }
        '\'' | '’' => next_is_letter || is_letter(chars[i - 1]),
        '-' => next_is_letter,
        _ => false,
    }
}

fn is_dash(chars: &[char], i: usize) -> bool {
    let same = |j: Option<&char>| j == Some(&chars[i]);
    same(chars.get(i + 1)) || (i > 0 && same(chars.get(i - 1)))
}

/// Where a time stamp such as `[01:23.45]` ends, if one begins at `start`.
fn time_stamp_end(chars: &[char], start: usize) -> Option<usize> {
    let length = chars[start..].iter().take(16).position(|&c| c == ']')?;
    let inner = &chars[start + 1..start + length];
    let is_stamp = inner.contains(&':') && inner.iter().all(|c| c.is_ascii_digit() || matches!(c, ':' | '.'));
    is_stamp.then_some(start + length + 1)
}

#[cfg(test)]
mod tests {
    use super::split_into_syllables;
    use crate::Language;

    #[track_caller]
    fn splits(text: &str, expected: &str) {
        assert_eq!(split_into_syllables(text, None).join(" "), expected, "{text}");
    }

    #[test]
    fn each_syllable_gets_a_note() {
        splits("好一朵美丽的茉莉花，\n芬芳美丽满枝桠。", "好 一 朵 美 丽 的 茉 莉 花 芬 芳 美 丽 满 枝 桠");
        splits("好一朵 mo4 li hua, ...", "好 一 朵 mo4 li hua");
        splits("hǎo yī duǒ", "hǎo yī duǒ");
        splits("nihao lu:4 xi'an mo-li-hua", "ni hao lu:4 xi an mo li hua");
        splits("花 - 儿 + br R", "花 - 儿 + br R");
        splits("我——你", "我 你");
        splits("[00:12.50]我 love 你", "我 love 你");
        splits("きゃっと", "きゃ っ と");
        splits("ｶﾞｯｺｳ ﾌｧ", "ｶﾞ ｯ ｺ ｳ ﾌｧ");
        splits("konnichiwa Tōkyō kitte", "ko n ni chi wa to - kyo - ki っ te");
        splits("사랑해 baby", "사 랑 해 baby +");
        splits(
            "Don't worry, the rainy day's over - lovin' you",
            "Don't worry + the rainy + day's over + - lovin' + you",
        );
        splits("'Cause I told you", "'Cause I told you");
        splits("Twinkle twinkle lit-tle star", "Twinkle + twinkle + lit-tle + star");
        splits("xi'an' hao", "xi an hao");
        splits("今日は時計が止まる", "今日 + は 時 計 + が 止 ま る");
        splits("学校へ行こう\n好一朵美丽的花", "学 + 校 + へ 行 こ う 好 一 朵 美 丽 的 花");
        splits("2人で", "2 + 人 で");
        splits("[00:12.50]花が", "花 + が");
        assert_eq!(split_into_syllables("永遠", Language::Japanese).join(" "), "永 + 遠 +");
        assert_eq!(split_into_syllables("永遠", Language::Mandarin).join(" "), "永 遠");
        assert_eq!(split_into_syllables("花が", Language::Mandarin).join(" "), "花 が");
        splits("", "");
        splits(" ,。!…「」", "");
    }
}
