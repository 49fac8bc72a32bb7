use ziyin_lyrics::{Language, Phoneme, Syllable, pinyin_to_syllable};

/// What an alias of a Mandarin CVVC voicebank (the list of presamp) says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MandarinAlias {
    /// `- ba`: a character after silence.
    First(Syllable),
    /// `ba`: the same character after itself, to the end of its nucleus.
    Second(Syllable),
    /// `ba+`: the same, to its end.
    SecondLong(Syllable),
    /// `a b`: a vowel running into a consonant.
    VowelConsonant(Syllable, Phoneme),
    /// `a ai`: a vowel running into another.
    VowelVowel(Syllable, Syllable),
}

/// Reads an alias without its pitch suffix; `None` for breaths, endings and whatever
/// else is no character.
pub fn read_mandarin_alias(alias: &str) -> Option<MandarinAlias> {
    use MandarinAlias::*;
    if let Some(rest) = alias.strip_prefix("- ") {
        return syllable(rest).map(First);
    }
    if let Some(rest) = alias.strip_suffix('+') {
        return syllable(rest).map(SecondLong);
    }
    let Some((from, to)) = alias.split_once(' ') else {
        return syllable(alias).map(Second);
    };
    let vowel = bare_final(from)?;
    if let Some(next) = bare_final(to) {
        // `ai ai` stands for the second of two in `_ai_ai.wav`.
        return Some(if from == to { Second(next) } else { VowelVowel(vowel, next) });
    }
    consonant(to).map(|next| VowelConsonant(vowel, next))
}

fn syllable(pinyin: &str) -> Option<Syllable> {
    pinyin_to_syllable(pinyin, 0)
}

/// A final on its own, as the bank names it.
fn bare_final(name: &str) -> Option<Syllable> {
    let alone = |nucleus| Syllable { nucleus, ..Syllable::hum(Language::Mandarin) };
    match name {
        "h-i" => Some(alone(Phoneme::Ir)),
        "-i" => Some(alone(Phoneme::Iz)),
        "yuen" => syllable("yun"),
        "ong" => Some(Syllable { coda: Phoneme::Ng, ..alone(Phoneme::U_) }),
        _ => syllable(name).filter(|s| s.initial == Phoneme::None),
    }
}

fn consonant(name: &str) -> Option<Phoneme> {
    match name {
        "w" => Some(Phoneme::W),
        "y" => Some(Phoneme::J),
        // With a vowel that the initial takes, the table tells its sound.
        "j" | "q" | "x" => syllable(&format!("{name}i")).map(|s| s.initial),
        "f" => Some(Phoneme::F),
        _ => syllable(&format!("{name}u")).map(|s| s.initial).filter(|&p| p != Phoneme::None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_the_kinds_apart() {
        let ba = pinyin_to_syllable("ba", 0).unwrap();
        assert_eq!(read_mandarin_alias("- ba"), Some(MandarinAlias::First(ba)));
        assert_eq!(read_mandarin_alias("ba+"), Some(MandarinAlias::SecondLong(ba)));
        assert_eq!(read_mandarin_alias("ba"), Some(MandarinAlias::Second(ba)));
        let ang = pinyin_to_syllable("ang", 0).unwrap();
        assert_eq!(read_mandarin_alias("ang zh"), Some(MandarinAlias::VowelConsonant(ang, Phoneme::Ts_)));
        let yi = pinyin_to_syllable("yi", 0).unwrap();
        assert_eq!(read_mandarin_alias("ang yi"), Some(MandarinAlias::VowelVowel(ang, yi)));
        assert_eq!(read_mandarin_alias("a R"), None);
        assert_eq!(read_mandarin_alias("ang1 R"), None);
    }
}
