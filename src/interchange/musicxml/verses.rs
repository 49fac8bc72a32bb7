//! The words of a note, verse by verse, and which of them are sung.

use std::collections::{BTreeMap, BTreeSet};

use roxmltree::Node;

use super::super::verse_number::without_number;
use super::super::xml::children;

/// Ends a syllable whose word goes on, until it is known what language that is in.
pub const GOES_ON: char = '\u{ad}';

/// The words that stand under one note, each with its verse.
pub type Words = Vec<(Verse, String)>;

/// Verses in the order in which they are sung: those with a number by it, then others by name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verse {
    Numbered(u32),
    Named(String),
}

impl Verse {
    /// Whether it has its turn where a bar is played so often.
    pub fn is_sung_in(&self, plays: usize) -> bool {
        matches!(self, Self::Numbered(number) if usize::try_from(*number).is_ok_and(|number| number <= plays))
    }
}

/// A lyric without a number is of the first verse, whatever its name says but a number at its end.
fn verse(lyric: Node) -> Verse {
    match lyric.attribute("number").map(str::trim) {
        Some(number) => number.parse().map_or_else(|_| Verse::Named(number.into()), Verse::Numbered),
        None => {
            let name = lyric.attribute("name").unwrap_or_default().trim();
            let number = name.trim_start_matches(|c: char| !c.is_ascii_digit());
            Verse::Numbered(number.parse().unwrap_or(1))
        }
    }
}

/// The words under a note. Those of one verse that stand there twice are taken once.
pub fn words(note: Node) -> Words {
    let mut words: Words = Vec::new();
    for lyric in children(note, "lyric") {
        let verse = verse(lyric);
        // An elision joins two.
        let texts = children(lyric, "text").filter_map(|text| text.text());
        // Some hyphenate with the sign that stands for a word that goes on here.
        let text = texts.map(str::trim).collect::<Vec<_>>().join(" ").replace(GOES_ON, "");
        let text = without_number(&text);
        let goes_on = children(lyric, "syllabic").any(|part| matches!(part.text(), Some("begin" | "middle")));
        if !text.is_empty() && words.iter().all(|(known, _)| *known != verse) {
            words.push((verse, text.chars().chain(goes_on.then_some(GOES_ON)).collect()));
        }
    }
    words
}

/// The numbers of the verses that stand in a bar.
pub fn verses_in(measure: Node) -> BTreeSet<u32> {
    let numbers = children(measure, "note").flat_map(words).filter_map(|(verse, _)| match verse {
        Verse::Numbered(number) => Some(number),
        Verse::Named(_) => None,
    });
    numbers.collect()
}

/// Of the words under a note those that are sung where a bar is played again and has a verse for
/// that, which then goes on where the first was.
pub fn of_pass(words: Words, verse: Option<u32>) -> Words {
    let Some(verse) = verse else { return words };
    let own = words.into_iter().find(|(of, _)| *of == Verse::Numbered(verse));
    own.into_iter().map(|(_, text)| (Verse::Numbered(1), text)).collect()
}

/// What is sung of the words on the notes of a voice, in their order: of each note those of the
/// first verse that has begun before it and not yet ended. So a note within the first verse that
/// has a word of another alone is held, and where the first verse ends for good the next goes on.
pub fn sung(notes: &[Words]) -> Vec<String> {
    let mut spans: BTreeMap<&Verse, (usize, usize)> = BTreeMap::new();
    for (index, words) in notes.iter().enumerate() {
        for (verse, _) in words {
            spans.entry(verse).or_insert((index, index)).1 = index;
        }
    }
    // Real songs have a dozen.
    let spans: Vec<_> = spans.into_iter().take(100).collect();
    let current = |index: usize| spans.iter().find(|(_, (first, last))| (*first..=*last).contains(&index));
    let word = |(index, words): (usize, &Words)| {
        let (verse, _) = current(index)?;
        words.iter().find(|(of, _)| of == *verse).map(|(_, text)| text.clone())
    };
    notes.iter().enumerate().map(|note| word(note).unwrap_or_default()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lyric_without_a_number_is_of_the_first_verse() {
        let lyric = |head: &str, text: &str| format!("<lyric {head}><text>{text}</text></lyric>");
        let all = [
            lyric("name='Verse'", "one"),
            lyric("name='Chorus 2'", "two"),
            lyric("number='3' name='Verse'", "three"),
            lyric("number='part1verse1'", "four"),
        ];
        let xml = format!("<note>{}</note>", all.concat());
        let tree = roxmltree::Document::parse(&xml).unwrap();
        let numbered = |number, text: &str| (Verse::Numbered(number), text.to_string());
        let named = (Verse::Named("part1verse1".into()), "four".to_string());
        let wanted = [numbered(1, "one"), numbered(2, "two"), numbered(3, "three"), named];
        assert_eq!(words(tree.root_element()), wanted);
    }

    #[test]
    fn the_next_verse_goes_on_where_the_first_has_ended() {
        let note = |words: &[(u32, &str)]| -> Words {
            words.iter().map(|&(verse, text)| (Verse::Numbered(verse), text.into())).collect()
        };
        let notes = [
            note(&[(1, "a"), (2, "x")]),
            note(&[(2, "y")]),
            note(&[(1, "b"), (2, "z")]),
            note(&[]),
            note(&[(2, "c"), (10, "q")]),
        ];
        assert_eq!(sung(&notes), ["a", "", "b", "", "c"]);
    }
}
