//! Phonemes that other programs write beside a word, and the pronunciation that a note can have: each as the
//! other.

use ziyin_lyrics::{
    Language, LyricInput, Reading, alternatives, pinyin_to_syllable, read_lyrics, to_hiragana, track_language,
};

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

/// What such phonemes beside a lyric say; `None` where it cannot be said here. `language` is that of the note,
/// `None` that of its lyric.
pub fn pronunciation(phonemes: &str, lyric: &str, language: Option<Language>) -> Option<String> {
    let phonemes = phonemes.trim();
    // Most notes have none, and to tell the language of each takes long.
    if phonemes.is_empty() {
        return None;
    }
    let said = |language| match language {
        Language::English => english(phonemes),
        Language::Japanese => japanese(phonemes),
        Language::Mandarin => mandarin(phonemes, lyric),
        Language::Korean => None,
    };
    let found = match language {
        Some(language) => said(language),
        // One word in letters may be pinyin too: *me*, *long*.
        None => said(track_language([lyric].into_iter()))
            .or_else(|| lyric.is_ascii().then(|| said(Language::English)).flatten()),
    }?;
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
    let note = LyricInput { lyric: "a", pronunciation: &joined, after_rest: true, language: None };
    let read = read_lyrics(&[note], Language::Japanese).pop()?;
    let is_one = matches!(read, Reading::Sung(syllables) if syllables.len() == 1);
    (is_one && !joined.is_empty()).then_some(joined)
}

/// The phonemes that say a pronunciation beside its lyric: a syllable of pinyin without its tone, one of kana,
/// or the sounds of the ARPABET without their stress. `None` where it cannot be said so.
pub fn hint(lyric: &str, pronunciation: &str, language: Language) -> Option<String> {
    let note = LyricInput { lyric, pronunciation, after_rest: true, language: None };
    let Reading::Sung(syllables) = read_lyrics(&[note], language).pop()? else { return None };
    let without_digits = |text: &str| text.trim_end_matches(|c: char| c.is_ascii_digit()).to_string();
    match (language, &syllables[..]) {
        (Language::English, all) => {
            let sounds = all.iter().flat_map(|sung| sung.pinyin.split(' '));
            let written = |sound: &str| match sound {
                "AH0" => "ax".to_string(),
                sound => without_digits(sound).to_ascii_lowercase(),
            };
            Some(sounds.map(written).collect::<Vec<_>>().join(" "))
        }
        (Language::Mandarin, [one]) => Some(without_digits(&one.pinyin)),
        (Language::Japanese, [one]) => to_hiragana(&one.pinyin),
        _ => None,
    }
}

/// A syllable of kana as the phonemes of Synthesizer V, which are letters: `ky o`, `r a N`. `None` for っ, which
/// is none of them.
pub fn letters(kana: &str) -> Option<String> {
    let note = LyricInput { lyric: kana, pronunciation: "", after_rest: true, language: None };
    let Reading::Sung(syllables) = read_lyrics(&[note], Language::Japanese).pop()? else { return None };
    let [one] = &syllables[..] else { return None };
    let (open, nasal) = one.pinyin.strip_suffix('n').map_or((one.pinyin.as_str(), ""), |open| (open, "N"));
    if open.ends_with('q') {
        return None;
    }
    let (consonant, vowel) = open.split_at_checked(open.len().saturating_sub(1))?;
    let parts: Vec<&str> = [consonant, vowel, nasal].into_iter().filter(|part| !part.is_empty()).collect();
    Some(parts.join(" "))
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
        assert_eq!(pronunciation("chong", "重", None), chong, "a lyric tells its language");
        assert_eq!(pronunciation("m iy", "me", None).as_deref(), Some("M IY"), "though it may be pinyin");
        assert_eq!(pronunciation("hh ax", "ど", None), None);
        assert_eq!(pronunciation(&"hh ".repeat(100), "x", Some(Language::English)), None);
    }

    #[test]
    fn a_pronunciation_is_written_beside_its_lyric_and_read_back() {
        let cases = [
            ("重", "chong2", Language::Mandarin, Some("chong")),
            ("女", "nü3", Language::Mandarin, Some("nv")),
            ("你好", "ni3 hao3", Language::Mandarin, None),
            ("は", "わ", Language::Japanese, Some("わ")),
            ("東", "tou kyou", Language::Japanese, None),
            ("hello", "HH AH0 L OW1", Language::English, Some("hh ax l ow")),
            ("국", "궁", Language::Korean, None),
            ("x", "?", Language::Mandarin, None),
        ];
        for (lyric, said, language, written) in cases {
            let hint = hint(lyric, said, language);
            assert_eq!(hint.as_deref(), written, "{lyric}");
            let Some(hint) = hint else { continue };
            let back = pronunciation(&hint, lyric, Some(language)).expect("it is read");
            let sung = |pronunciation: &str| {
                let note = LyricInput { lyric, pronunciation, after_rest: true, language: None };
                let Some(Reading::Sung(syllables)) = read_lyrics(&[note], language).pop() else { panic!() };
                syllables.iter().map(|sung| sung.syllable.slots()).collect::<Vec<_>>()
            };
            assert_eq!(sung(&back), sung(said), "{lyric}");
        }
        for (kana, written) in
            [("きょ", "ky o"), ("し", "sh i"), ("あ", "a"), ("を", "o"), ("らん", "r a N"), ("ん", "N")]
        {
            assert_eq!(letters(kana).as_deref(), Some(written), "{kana}");
            assert!(japanese(written).is_some(), "{kana}");
        }
    }

    #[test]
    fn what_is_said_is_sung() {
        let said = pronunciation("hh ax l ow", "hello", Some(Language::English)).unwrap();
        let note = LyricInput { lyric: "hello", pronunciation: &said, after_rest: true, language: None };
        let Some(Reading::Sung(syllables)) = read_lyrics(&[note], Language::English).pop() else {
            panic!("it is not read");
        };
        assert_eq!(syllables.iter().map(|s| s.pinyin.as_str()).collect::<Vec<_>>(), ["HH AH0", "L OW1"]);
    }
}
