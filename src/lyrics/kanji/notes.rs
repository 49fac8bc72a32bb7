//! What the words of a phrase say on each of its notes.

use super::{digit, is_kanji, said, shared};
use crate::kana::is_kana;

/// What a note has for the words of its phrase.
#[derive(Clone, Copy, Debug)]
pub(in super::super) enum OnNote<'a> {
    /// Kanji and kana.
    Text(&'a str),
    /// A word that is none of these.
    Other,
    /// A hold and its like, which a word goes across.
    Nothing,
}

/// How a note is said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in super::super) enum Said {
    AsWritten,
    /// In hiragana, as it sounds.
    As(String),
    /// It has a kanji that no word has.
    Unknown,
}

/// What stands for a word in another script.
const OTHER: char = '\u{fffc}';

/// Reads the words of a phrase, which go from note to note. One entry for each note.
pub(in super::super) fn said_on_notes(phrase: &[OnNote]) -> Vec<Said> {
    let mut text: Vec<char> = Vec::new();
    let mut of: Vec<usize> = Vec::new();
    for (note, on) in phrase.iter().enumerate() {
        let chars = match on {
            OnNote::Text(lyric) => lyric,
            OnNote::Other => "\u{fffc}",
            OnNote::Nothing => "",
        };
        let chars = chars.chars().filter(|&c| is_kana(c) || is_kanji(c) || digit(c).is_some() || c == OTHER);
        text.extend(chars);
        of.resize(text.len(), note);
    }
    let mut parts = said(&text);
    share(&mut parts, &of);
    let mut all = vec![Said::AsWritten; phrase.len()];
    let mut from = 0;
    while from < text.len() {
        let note = of[from];
        let to = from + of[from..].iter().take_while(|&&other| other == note).count();
        let (written, parts) = (&text[from..to], &parts[from..to]);
        let as_written = |(c, part): (&char, &Option<String>)| {
            is_kana(*c) && part.as_ref().is_some_and(|part| part.chars().eq([*c]))
        };
        if written != [OTHER] && !written.iter().zip(parts).all(as_written) {
            let joined: Option<String> = parts.iter().cloned().collect();
            all[note] = joined.map_or(Said::Unknown, Said::As);
        }
        from = to;
    }
    all
}

/// A part of several characters that stand on several notes is shared by these.
fn share(parts: &mut [Option<String>], of: &[usize]) {
    let mut from = 0;
    while from < parts.len() {
        let follows = |part: &&Option<String>| part.as_deref() == Some("");
        let to = from + 1 + parts[from + 1..].iter().take_while(follows).count();
        // The first character of each note that the part goes over.
        let firsts: Vec<usize> = (from..to).filter(|&at| at == from || of[at] != of[at - 1]).collect();
        if let (Some(part), true) = (parts[from].clone(), firsts.len() > 1) {
            for (&at, share) in firsts.iter().zip(shared(&part, firsts.len())) {
                parts[at] = Some(share);
            }
        }
        from = to;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_go_from_note_to_note() {
        let said = |lyrics: &[&'static str]| {
            let on = |lyric: &&'static str| match *lyric {
                "-" => OnNote::Nothing,
                "love" => OnNote::Other,
                lyric => OnNote::Text(lyric),
            };
            let all = said_on_notes(&lyrics.iter().map(on).collect::<Vec<_>>());
            let shown = all.into_iter().map(|said| match said {
                Said::AsWritten => "=".into(),
                Said::As(said) => said,
                Said::Unknown => "?".into(),
            });
            shown.collect::<Vec<String>>().join(" ")
        };
        assert_eq!(said(&["時", "計"]), "と けい");
        assert_eq!(said(&["時", "-", "計", "が"]), "と = けい =");
        assert_eq!(said(&["今", "日", "は"]), "きょ ー わ");
        assert_eq!(said(&["今日は、"]), "きょーわ");
        assert_eq!(said(&["明", "日"]), "あ した");
        assert_eq!(said(&["love", "は", "们", "花"]), "= わ ? はな");
        assert_eq!(said(&["は", "な", "が", "さ", "く"]), "= = = = =");
        assert_eq!(said(&[]), "");
    }
}
