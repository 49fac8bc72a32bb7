//! The CMU Pronouncing Dictionary, which `scripts/words` packs. It is unpacked when the first English
//! word is met.

use std::sync::LazyLock;

use crate::packed::Lines;

/// All words in the order of their letters, a line each: `read R EH1 D`. Other readings of a word come
/// after its first.
static WORDS: LazyLock<Lines> = LazyLock::new(|| Lines::unpacked(include_bytes!("words.gz")));

/// The word and the sounds of a line.
fn line(index: usize) -> Option<(&'static str, &'static str)> {
    let start = *WORDS.starts.get(index)? as usize;
    WORDS.text[start..].split('\n').next()?.split_once(' ')
}

/// How a word in lower case is said, the usual way first; nothing of one that is not there.
pub(super) fn readings(word: &str) -> impl Iterator<Item = &'static str> + use<'_> {
    let first = WORDS.starts.partition_point(|&start| {
        WORDS.text[start as usize..].split([' ', '\n']).next().is_some_and(|other| other < word)
    });
    (first..).map_while(line).take_while(move |(other, _)| *other == word).map(|(_, s)| s)
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
        assert!(WORDS.starts.len() > 130_000);
        let lines: Vec<(&str, &str)> = (0..WORDS.starts.len()).filter_map(line).collect();
        assert_eq!(lines.len(), WORDS.starts.len());
        assert!(lines.is_sorted_by_key(|(word, _)| *word));
        assert!(lines.iter().all(|(_, sounds)| read_sounds(sounds).is_some()));
    }
}
