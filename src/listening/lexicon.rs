//! The syllables that can be heard in a language, and how each is written.

use std::collections::HashSet;

use ziyin_lyrics::{Language, Phoneme, Syllable, all_pinyin, kana_to_syllables, pinyin_to_syllable};

/// A syllable that can be heard.
#[derive(Clone, Debug)]
pub(super) struct Heard {
    /// As a lyric: pinyin without tone, or kana.
    pub written: String,
    pub syllable: Syllable,
}

/// The kana that are sung, a row to a word.
const KANA: &str = "あ い う え お か き く け こ が ぎ ぐ げ ご さ し す せ そ ざ じ ず ぜ ぞ た ち つ て と だ で ど \
    な に ぬ ね の は ひ ふ へ ほ ば び ぶ べ ぼ ぱ ぴ ぷ ぺ ぽ ま み む め も や ゆ よ ら り る れ ろ わ ん \
    きゃ きゅ きょ ぎゃ ぎゅ ぎょ しゃ しゅ しょ しぇ じゃ じゅ じょ じぇ ちゃ ちゅ ちょ ちぇ にゃ にゅ にょ \
    ひゃ ひゅ ひょ びゃ びゅ びょ ぴゃ ぴゅ ぴょ みゃ みゅ みょ りゃ りゅ りょ ふぁ ふぃ ふぇ ふぉ てぃ でぃ";
/// Interjections, which nobody sings words of.
const INTERJECTIONS: [&str; 9] = ["m", "hm", "n", "ng", "hng", "eh", "yo", "yai", "lo"];
/// What ん becomes before other sounds.
const NASALS: [Phoneme; 4] = [Phoneme::Nn, Phoneme::M, Phoneme::N, Phoneme::Ng];

/// The syllables of a language, each once; none of a language whose sounds say little of how it is written.
pub(super) fn lexicon(language: Language) -> Vec<Heard> {
    let all: Vec<Heard> = match language {
        Language::Mandarin => all_pinyin()
            .into_iter()
            .filter(|written| !INTERJECTIONS.contains(&written.as_str()))
            .filter_map(|written| Some(Heard { syllable: pinyin_to_syllable(&written, 0)?, written }))
            .collect(),
        Language::Japanese => KANA
            .split_whitespace()
            .filter_map(|written| Some((written, *kana_to_syllables(written)?.first()?)))
            .flat_map(|(written, syllable)| {
                let nasals: &[Phoneme] = if written == "ん" { &NASALS } else { &[] };
                let others = nasals.iter().map(move |&nucleus| Syllable { nucleus, ..syllable });
                let own = nasals.is_empty().then_some(syllable);
                own.into_iter().chain(others).map(|syllable| Heard { written: written.into(), syllable })
            })
            .collect(),
        _ => Vec::new(),
    };
    let mut known = HashSet::new();
    let sounds = |heard: &Heard| heard.syllable.phonemes().collect::<Vec<_>>();
    all.into_iter().filter(|heard| known.insert(sounds(heard))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_syllable_of_a_language_is_there_once() {
        let mandarin = lexicon(Language::Mandarin);
        assert!((395..=412).contains(&mandarin.len()), "{}", mandarin.len());
        let japanese = lexicon(Language::Japanese);
        assert_eq!(japanese.iter().filter(|heard| heard.written == "ん").count(), 4);
        assert!(japanese.iter().any(|heard| heard.written == "きょ"));
        assert!(lexicon(Language::Korean).is_empty());
    }
}
