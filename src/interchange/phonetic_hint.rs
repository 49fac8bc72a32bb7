//! Phonemes that other programs write beside a word, as a pronunciation that a note can have.

use ziyin_lyrics::{Language, LyricInput, Reading, alternatives, pinyin_to_syllable, read_lyrics};

/// The sounds of the ARPABET that are read here.
const SOUNDS: [&str; 40] = [
    "AA", "AE", "AH", "AO", "AW", "AY", "EH", "ER", "EY", "IH", "IY", "OW", "OY", "UH", "UW", "B", "CH", "D",
    "DH", "DX", "F", "G", "HH", "JH", "K", "L", "M", "N", "NG", "P", "R", "S", "SH", "T", "TH", "V", "W",
    "Y", "Z", "ZH",
];

/// Further sounds of singers, which are written as these here.
const FURTHER: [(&str, &str); 10] = [
    ("AX", "AH0"),
    ("AXR", "ER0"),
    ("IX", "IH0"),
    ("UX", "UW0"),
    ("DR", "D R"),
    ("TR", "T R"),
    ("EL", "AH0 L"),
    ("EM", "AH0 M"),
    ("EN", "AH0 N"),
    ("NX", "N"),
];

/// Bytes of a pronunciation: a longer one would be cut, and then be another.
const LONGEST: usize = 200;

/// What such phonemes beside a lyric say; `None` where it cannot be said here. `language` is that of the note.
pub fn pronunciation(phonemes: &str, lyric: &str, language: Option<Language>) -> Option<String> {
    let phonemes = phonemes.trim();
    let found = match language {
        Some(Language::English) => english(phonemes)?,
        Some(Language::Japanese) => japanese(phonemes)?,
        Some(Language::Mandarin) => mandarin(phonemes, lyric)?,
        Some(Language::Korean) | None => return None,
    };
    (found.len() <= LONGEST).then_some(found)
}

fn english(phonemes: &str) -> Option<String> {
    let sound = |written: &str| {
        // Where voices know several languages each sound names its own.
        let sound = written.strip_prefix("en/").unwrap_or(written).to_ascii_uppercase();
        if let Some((_, here)) = FURTHER.iter().find(|(name, _)| *name == sound) {
            return Some((*here).to_string());
        }
        let is_known = SOUNDS.contains(&sound.trim_end_matches(['0', '1', '2']));
        is_known.then_some(sound)
    };
    let sounds: Vec<String> = phonemes.split_whitespace().map(sound).collect::<Option<_>>()?;
    (!sounds.is_empty()).then(|| sounds.join(" "))
}

/// Pinyin, with the tone that the hanzi has in that reading.
fn mandarin(phonemes: &str, lyric: &str) -> Option<String> {
    pinyin_to_syllable(phonemes, 0)?;
    let readings = lyric.chars().next().map(alternatives).unwrap_or_default();
    let with_tone =
        readings.into_iter().find(|reading| reading.trim_end_matches(char::is_numeric) == phonemes);
    Some(with_tone.unwrap_or_else(|| phonemes.into()))
}

/// Kana, romaji, or its letters with blanks between them.
fn japanese(phonemes: &str) -> Option<String> {
    let joined: String = phonemes.split_whitespace().collect();
    let note = LyricInput { lyric: "a", pronunciation: &joined, after_rest: true };
    let read = read_lyrics(&[note], Language::Japanese).pop()?;
    let is_one = matches!(read, Reading::Sung(syllables) if syllables.len() == 1);
    (is_one && !joined.is_empty()).then_some(joined)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sounds_of_other_programs_are_a_pronunciation_where_all_are_known() {
        let cases = [
            ("hh ax l ow", Language::English, Some("HH AH0 L OW")),
            ("en/s en/t en/r en/iy1", Language::English, Some("S T R IY1")),
            ("tr ay", Language::English, Some("T R AY")),
            ("hh xx", Language::English, None),
            ("", Language::English, None),
            ("sh i", Language::Japanese, Some("shi")),
            ("きゃ", Language::Japanese, Some("きゃ")),
            ("k a s a", Language::Japanese, None),
            ("q", Language::Japanese, None),
            ("chong", Language::Mandarin, Some("chong")),
            ("ts\\ ong", Language::Mandarin, None),
        ];
        for (phonemes, language, said) in cases {
            assert_eq!(pronunciation(phonemes, "x", Some(language)).as_deref(), said, "{phonemes}");
        }
        let chong = pronunciation("chong", "重", Some(Language::Mandarin));
        assert_eq!(chong.as_deref(), Some("chong2"), "with the tone of the hanzi");
        assert_eq!(pronunciation("hh ax", "x", None), None);
        assert_eq!(pronunciation(&"hh ".repeat(100), "x", Some(Language::English)), None);
    }

    #[test]
    fn what_is_said_is_sung() {
        let said = pronunciation("hh ax l ow", "hello", Some(Language::English)).unwrap();
        let note = LyricInput { lyric: "hello", pronunciation: &said, after_rest: true };
        let Some(Reading::Sung(syllables)) = read_lyrics(&[note], Language::English).pop() else {
            panic!("it is not read");
        };
        assert_eq!(syllables.iter().map(|s| s.pinyin.as_str()).collect::<Vec<_>>(), ["HH AH0", "L OW1"]);
    }
}
