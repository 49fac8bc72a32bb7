//! IPADIC, which `scripts/kanji` packs. It is unpacked when the first kanji is read.

use std::sync::LazyLock;

use crate::packed::{Lines, unpacked};

/// One way in which a word is used and said.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    /// The number of its kind, for what it costs beside other words.
    pub kind: usize,
    pub cost: i32,
    /// A part in hiragana for each character, with dots between them. One that is empty belongs to the part
    /// before it; characters at the end that have none are kana, and said as they are written.
    pub reading: &'static str,
}

/// Words in the order of their letters, a line each: `時計\t1285 132 と.けい`, with all that is known of it.
static WORDS: LazyLock<Words> = LazyLock::new(Words::unpacked);

/// What two words cost that meet, a row for each kind of the word before.
static JOINS: LazyLock<Joins> = LazyLock::new(Joins::unpacked);

/// The kanji that a list of them can hold.
const FIRST: u32 = 0x3400;
const BEHIND: u32 = 0xa000;

struct Words {
    lines: Lines,
    /// Which kanji stand in any word.
    kanji: Vec<bool>,
}

struct Joins {
    costs: Vec<u8>,
    kinds: usize,
}

impl Words {
    fn unpacked() -> Self {
        let lines = Lines::unpacked(include_bytes!("words.gz"));
        let mut kanji = vec![false; (BEHIND - FIRST) as usize];
        for c in lines.text.chars().filter(|&c| (FIRST..BEHIND).contains(&(c as u32))) {
            kanji[(c as u32 - FIRST) as usize] = true;
        }
        Self { lines, kanji }
    }

    fn word(&self, line: u32) -> &[u8] {
        let bytes = &self.lines.text.as_bytes()[line as usize..];
        bytes.split(|&byte| byte == b'\t').next().unwrap_or_default()
    }

    fn entries(&self, line: u32) -> impl Iterator<Item = (usize, i32, &str)> {
        let line = self.lines.text[line as usize..].lines().next().unwrap_or_default();
        line.split('\t').skip(1).filter_map(|entry| {
            let mut fields = entry.splitn(3, ' ');
            let (kind, cost) = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
            Some((kind, cost, fields.next()?))
        })
    }
}

impl Joins {
    fn unpacked() -> Self {
        let costs = unpacked(include_bytes!("joins.gz"));
        Self { kinds: costs.len().isqrt(), costs }
    }
}

/// Whether the character is a kanji, or stands for one.
pub(in super::super) fn is_kanji(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '々' | '〆' | '〇')
}

/// The words that a text begins with, the shorter ones first, each with its length in characters.
pub(super) fn beginning(text: &[char]) -> Vec<(usize, Vec<Entry>)> {
    let words: &'static Words = &WORDS;
    let mut found = Vec::new();
    let mut lines = &words.lines.starts[..];
    let mut prefix = String::new();
    for (i, &c) in text.iter().enumerate() {
        prefix.push(c);
        let sought = prefix.as_bytes();
        lines = &lines[lines.partition_point(|&line| words.word(line) < sought)..];
        lines = &lines[..lines.partition_point(|&line| words.word(line).starts_with(sought))];
        let Some(&first) = lines.first() else { break };
        if words.word(first) == sought {
            let entries = words.entries(first).map(|(kind, cost, reading)| Entry { kind, cost, reading });
            found.push((i + 1, entries.collect()));
        }
    }
    found
}

/// All that is known of a word.
pub(super) fn entries(word: &str) -> Vec<Entry> {
    let chars: Vec<char> = word.chars().collect();
    let longest = beginning(&chars).pop().filter(|(length, _)| *length == chars.len());
    longest.map(|(_, entries)| entries).unwrap_or_default()
}

/// Whether any word has the kanji.
pub(super) fn has(kanji: char) -> bool {
    let at = (kanji as u32).wrapping_sub(FIRST) as usize;
    WORDS.kanji.get(at).copied().unwrap_or(matches!(kanji, '々' | '〇' | '〆'))
}

/// What it costs that a word of the one kind stands before one of the other; a text begins and ends with 0.
pub(super) fn join(before: usize, after: usize) -> i32 {
    // They are kept in steps of four times those of the words.
    let cost = JOINS.costs.get(before * JOINS.kinds + after).copied().unwrap_or(i8::MAX as u8);
    4 * i32::from(cost as i8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_can_be_read() {
        assert!(WORDS.lines.starts.len() > 190_000 && JOINS.kinds == 1316);
        assert_eq!(JOINS.costs.len(), JOINS.kinds * JOINS.kinds);
        assert!(WORDS.lines.starts.is_sorted_by_key(|&line| WORDS.word(line)));
        for &line in &WORDS.lines.starts {
            let word = String::from_utf8(WORDS.word(line).to_vec()).unwrap();
            let length = word.chars().count();
            let mut entries = WORDS.entries(line).peekable();
            assert!(entries.peek().is_some(), "{word}");
            for (kind, _, reading) in entries {
                assert!(kind < JOINS.kinds, "{word}");
                assert!(reading.is_empty() || reading.split('.').count() <= length, "{word} {reading}");
                assert!(
                    !reading.starts_with('.') && reading.chars().all(|c| c == '.' || is_said(c)),
                    "{word} {reading}"
                );
            }
        }
    }

    fn is_said(c: char) -> bool {
        matches!(c, 'ぁ'..='ゖ' | 'ー')
    }

    #[test]
    fn words_are_found_from_where_they_begin() {
        let lengths = |text: &str| {
            let chars: Vec<char> = text.chars().collect();
            beginning(&chars).into_iter().map(|(length, _)| length).collect::<Vec<_>>()
        };
        assert_eq!(lengths("時計台"), [1, 2]);
        assert!(lengths("们").is_empty());
        assert_eq!(entries("時計")[0].reading, "と.けい");
        assert!(entries("").is_empty() && entries("時計が").is_empty());
        assert!(has('桜') && has('々') && !has('们') && !has('a'));
    }
}
