use ziyin_lyrics::{Phoneme, Syllable, kana_to_syllables};

/// What an alias of a Japanese voicebank (VCV, CVVC or CV) says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JapaneseAlias {
    /// `- か`: a beat after silence.
    First(Syllable),
    /// `a か`: a beat after a vowel or ん ([`Phoneme::Nn`]).
    After(Phoneme, Syllable),
    /// `か`: a beat after whatever stands before it.
    Alone(Syllable),
    /// `a k`: a vowel running into a consonant.
    Into(Phoneme, Phoneme),
    /// `a R`, `a -`: a vowel that ends.
    End(Phoneme),
}

/// Reads an alias, with or without a suffix for pitch, take and colour. `None` for
/// breaths, effects, and whatever else is no beat of Japanese.
pub fn read_japanese_alias(alias: &str) -> Option<JapaneseAlias> {
    use JapaneseAlias::*;
    let alias = without_suffix(alias.trim());
    let Some((before, text)) = alias.split_once([' ', '　']) else {
        return beat(alias).map(Alone);
    };
    let text = text.trim();
    if matches!(before, "-" | "*") {
        return beat(text).map(First);
    }
    let before = ending(before)?;
    match text {
        "R" | "-" => Some(End(before)),
        _ => beat(text)
            .map(|syllable| After(before, syllable))
            .or_else(|| consonant(text).map(|c| Into(before, c))),
    }
}

/// The one beat that a text is, and nothing beside it. Katakana mark other sounds than hiragana in many banks,
/// each in its own way; only ヴ, which has no common hiragana, is taken as it is.
fn beat(text: &str) -> Option<Syllable> {
    let belongs = |c: char| ('ぁ'..='ゖ').contains(&c) || c == 'ヴ' || c.is_ascii_lowercase();
    if !text.chars().all(belongs) {
        return None;
    }
    match kana_to_syllables(text)?[..] {
        [syllable] if syllable.nucleus != Phoneme::Q => Some(syllable),
        _ => None,
    }
}

/// The sound that a beat comes from.
fn ending(text: &str) -> Option<Phoneme> {
    Some(match text {
        "a" | "あ" => Phoneme::A,
        "i" | "い" => Phoneme::I,
        "u" | "う" => Phoneme::Ux,
        "e" | "え" => Phoneme::E,
        "o" | "お" => Phoneme::O,
        "n" | "N" | "ん" => Phoneme::Nn,
        _ => return None,
    })
}

/// A consonant as CVVC banks write it.
fn consonant(text: &str) -> Option<Phoneme> {
    let first = match text {
        "y" => return Some(Phoneme::J),
        "w" => return Some(Phoneme::W),
        "sh" | "ch" | "j" | "ky" | "gy" | "ny" | "hy" | "by" | "py" | "my" | "ry" => format!("{text}a"),
        "ts" | "f" | "h" | "k" | "g" | "s" | "z" | "t" | "d" | "n" | "b" | "p" | "m" | "r" | "v" => {
            format!("{text}{}", if text == "ts" || text == "f" { "u" } else { "a" })
        }
        _ => return None,
    };
    kana_to_syllables(&first)?.first().map(Syllable::first)
}

/// Without pitch (`A3`, `_D#4`), colour (`S`, `W`) and take (`2`) at the end.
fn without_suffix(alias: &str) -> &str {
    let pitchless = alias
        .strip_suffix(|c: char| c.is_ascii_digit())
        .map(|rest| rest.trim_end_matches(['#', '♯', 'b']))
        .and_then(|rest| rest.strip_suffix(|c: char| ('A'..='G').contains(&c)))
        .map_or(alias, |rest| rest.trim_end_matches('_'));
    let take = |c: char| c.is_ascii_digit() || matches!(c, 'S' | 'W' | '_');
    let plain = pitchless.trim_end_matches(take);
    if plain.is_empty() || plain.ends_with(' ') { pitchless } else { plain }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn beat_of(kana: &str) -> Syllable {
        kana_to_syllables(kana).unwrap()[0]
    }

    #[test]
    fn tells_the_kinds_apart() {
        use JapaneseAlias::*;
        for (alias, expected) in [
            ("- か", Some(First(beat_of("か")))),
            ("a かA3", Some(After(Phoneme::A, beat_of("か")))),
            ("n きゃ_D#4", Some(After(Phoneme::Nn, beat_of("きゃ")))),
            ("u いWA4", Some(After(Phoneme::Ux, beat_of("い")))),
            ("e んS", Some(After(Phoneme::E, beat_of("ん")))),
            ("i く2", Some(After(Phoneme::I, beat_of("く")))),
            ("a ヴぁ", Some(After(Phoneme::A, beat_of("ば")))),
            ("しゃ", Some(Alone(beat_of("しゃ")))),
            ("ka", Some(Alone(beat_of("か")))),
            ("あ sh", Some(Into(Phoneme::A, Phoneme::C))),
            ("o ts", Some(Into(Phoneme::O, Phoneme::Ts))),
            ("a RG3", Some(End(Phoneme::A))),
            ("n -", Some(End(Phoneme::Nn))),
            ("a グァ", None),
            ("あ!A3", None),
            ("a'A3", None),
            ("a x", None),
            ("@br1", None),
            ("息", None),
            ("", None),
            ("さくら", None),
        ] {
            assert_eq!(read_japanese_alias(alias), expected, "{alias}");
        }
    }
}
