//! UTAU aliases in lyrics: names of samples such as `a か`, `- か`, `かR` or `e み_D#4`, from
//! which the sung text is taken.

use super::kana::is_kana;

/// What an alias asks for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Alias<'a> {
    Text(&'a str),
    /// The vowel before ends: `a R`.
    Rest,
    /// The vowel before runs into a consonant: `a k`.
    Hold,
    Breath,
}

/// Reads an alias; a lyric that is none comes back as its text.
pub(super) fn read_alias(lyric: &str) -> Alias<'_> {
    let lyric = lyric.trim().trim_start_matches(['@', '?', '*', '・', '\'']).trim_start();
    let (before, text) = match lyric.split_once([' ', '　']) {
        Some((before, text)) if is_ending(before) => (Some(before), text.trim()),
        _ => (None, lyric),
    };
    if is_breath(text) {
        return Alias::Breath;
    }
    let text = without_suffix(text);
    match (before, text) {
        (Some(_), "R" | "r" | "-" | "") => Alias::Rest,
        // `い sh`, `a k`
        (Some("-"), _) => Alias::Text(text),
        (Some(_), _) if is_consonant(text) => Alias::Hold,
        // The vowel stops short: `a x`, `a '`.
        (Some(_), "x" | "'" | "・") => Alias::Rest,
        _ => Alias::Text(text),
    }
}

/// Whether it can be what an alias comes from: silence, a vowel, a nasal, or a kana.
fn is_ending(text: &str) -> bool {
    matches!(text, "-" | "*" | "a" | "i" | "u" | "e" | "o" | "n" | "N" | "m" | "x")
        || (text.chars().all(is_kana) && text.chars().count() <= 2)
}

fn is_consonant(text: &str) -> bool {
    let all = "k g s sh z j t ch ts d n h f b p m r y w v ky gy ny hy by py my ry ng";
    all.split(' ').any(|consonant| consonant == text)
}

fn is_breath(text: &str) -> bool {
    let text = text.trim_end_matches(|c: char| c.is_ascii_digit());
    matches!(text, "br" | "Br" | "BR" | "息" | "吸" | "吐" | "ブレス" | "breath" | "bre")
}

/// Without what voicebanks hang on: pitch, take and colour (`_D#4`, `2`, `S`, `強`, `↑`).
fn without_suffix(text: &str) -> &str {
    let Some((at, last)) = text.char_indices().rfind(|&(_, c)| is_kana(c)) else {
        // `R_A3`, of `a R_A3`
        return if text.strip_prefix('R').is_some_and(|rest| rest.chars().all(is_suffix)) {
            "R"
        } else {
            text
        };
    };
    let rest = &text[at + last.len_utf8()..];
    // Romaji behind kana is text.
    if rest.chars().all(is_suffix) { &text[..at + last.len_utf8()] } else { text }
}

fn is_suffix(c: char) -> bool {
    c.is_ascii_uppercase() || c.is_ascii_digit() || "_#♯'!?↑↓→强強弱裏".contains(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_is_found_in_an_alias() {
        for (alias, text) in [
            ("か", "か"),
            ("a か", "か"),
            ("- か", "か"),
            ("n きゃ", "きゃ"),
            ("e み_D#4", "み"),
            ("- どB3", "ど"),
            ("a いWA4", "い"),
            ("か2", "か"),
            ("かR", "か"),
            ("か↑", "か"),
            ("* い", "い"),
            ("・あ", "あ"),
            ("あ か", "か"),
            ("- ka", "ka"),
            ("さくら", "さくら"),
            ("ni hao", "ni hao"),
            ("A4", "A4"),
        ] {
            assert_eq!(read_alias(alias), Alias::Text(text), "{alias}");
        }
        for (alias, meant) in [
            ("a R", Alias::Rest),
            ("o RWA4", Alias::Rest),
            ("n -", Alias::Rest),
            ("い sh", Alias::Hold),
            ("a k", Alias::Hold),
            ("息", Alias::Breath),
            ("@br1", Alias::Breath),
            ("a 吸", Alias::Breath),
        ] {
            assert_eq!(read_alias(alias), meant, "{alias}");
        }
    }
}
