//! The CMU Pronouncing Dictionary, which `scripts/words` packs. It is unpacked when the first English
//! word is met.

use std::io::Read;
use std::sync::LazyLock;

use flate2::read::GzDecoder;

/// All words in the order of their letters, a line each: `read R EH1 D`. Other readings of a word come
/// after its first.
static WORDS: LazyLock<Words> = LazyLock::new(Words::unpacked);

struct Words {
    text: String,
    /// Where each line begins.
    lines: Vec<u32>,
}

impl Words {
    fn unpacked() -> Self {
        let mut text = String::new();
        // It is part of the program, and a test reads it: there is nobody to tell.
        let _ = GzDecoder::new(&include_bytes!("words.gz")[..]).read_to_string(&mut text);
        let ends = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at as u32 + 1);
        let mut lines: Vec<u32> = std::iter::once(0).chain(ends).collect();
        lines.pop();
        Self { text, lines }
    }

    /// The word and the sounds of a line.
    fn line(&self, index: usize) -> Option<(&str, &str)> {
        let start = *self.lines.get(index)? as usize;
        self.text[start..].split('\n').next()?.split_once(' ')
    }
}

/// How a word in lower case is said, the usual way first; nothing of one that is not there.
pub(super) fn readings(word: &str) -> impl Iterator<Item = &'static str> + use<'_> {
    let words: &'static Words = &WORDS;
    let first = words.lines.partition_point(|&start| {
        words.text[start as usize..].split([' ', '\n']).next().is_some_and(|other| other < word)
    });
    (first..)
        .map_while(|index| words.line(index))
        .take_while(move |(other, _)| *other == word)
        .map(|(_, s)| s)
}

/// Whether the dictionary has a word in lower case.
pub(super) fn has(word: &str) -> bool {
    readings(word).next().is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::english::arpabet::read_sounds;

    #[test]
    fn words_are_found_and_every_line_can_be_read() {
        assert_eq!(readings("strengths").next(), Some("S T R EH1 NG K TH S"));
        assert_eq!(readings("read").collect::<Vec<_>>(), ["R EH1 D", "R IY1 D"]);
        assert_eq!(readings("zzyzx").next(), None);
        assert!(has("a") && has("don't") && !has("") && !has("readx"));
        assert!(WORDS.lines.len() > 130_000);
        let lines: Vec<(&str, &str)> = (0..WORDS.lines.len()).filter_map(|at| WORDS.line(at)).collect();
        assert_eq!(lines.len(), WORDS.lines.len());
        assert!(lines.is_sorted_by_key(|(word, _)| *word));
        assert!(lines.iter().all(|(_, sounds)| read_sounds(sounds).is_some()));
    }
}
