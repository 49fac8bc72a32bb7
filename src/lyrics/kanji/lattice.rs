//! A text cut into the words that cost least, by the dictionary's costs of words and of words that meet
//! (Kudo, Yamamoto and Matsumoto, *Applying conditional random fields to Japanese morphological
//! analysis*, 2004).

use super::dictionary::{self, Entry, is_kanji};
use crate::kana::{hiragana, is_kana};

/// Characters that are looked at together: a phrase without a rest may be as long as a song.
const STRETCH: usize = 160;

/// The kind of what no dictionary has, which is taken for a noun, and what it costs.
const NOUN: usize = 1285;
const UNKNOWN_KANJI: i32 = 357;
const UNKNOWN_HIRAGANA: i32 = 408;
const UNKNOWN_KATAKANA: i32 = 296;
const UNKNOWN_OTHER: i32 = 419;

/// A word at a place of the text, with the cheapest way to it.
struct Node {
    start: usize,
    end: usize,
    kind: usize,
    cost: i32,
    reading: Option<&'static str>,
    before: Option<usize>,
}

/// How each character of a text is said, in hiragana. What is empty is said with the character before it;
/// `None` is what no word has.
pub(super) fn said(text: &[char]) -> Vec<Option<String>> {
    let stretches = text.chunks(STRETCH).enumerate();
    stretches.flat_map(|(at, text)| stretch(text, at == 0)).collect()
}

/// No phrase begins with a particle.
const PARTICLES: [(char, &str); 2] = [('は', "わ"), ('へ', "え")];

fn stretch(text: &[char], is_first: bool) -> Vec<Option<String>> {
    let mut nodes: Vec<Node> = Vec::new();
    // The nodes that end before each character.
    let mut ending: Vec<Vec<usize>> = vec![Vec::new(); text.len() + 1];
    for start in 0..text.len() {
        if start > 0 && ending[start].is_empty() {
            continue;
        }
        let mut words = dictionary::beginning(&text[start..]);
        words.extend(unknown(text, start, words.is_empty()));
        for (length, entries) in words {
            for Entry { kind, cost, reading } in entries {
                let begins = is_first && start == 0 && length == 1;
                if begins && PARTICLES.contains(&(text[0], reading)) {
                    continue;
                }
                let (way, before) = cheapest(&nodes, &ending[start], kind);
                let end = start + length;
                ending[end].push(nodes.len());
                // A reading of what nobody knows is none.
                let reading = (reading != UNREAD).then_some(reading);
                nodes.push(Node { start, end, kind, cost: way + cost, reading, before });
            }
        }
    }
    let mut all = vec![None; text.len()];
    let mut last = cheapest(&nodes, &ending[text.len()], 0).1;
    while let Some(node) = last.map(|at| &nodes[at]) {
        let word = &text[node.start..node.end];
        all[node.start..node.end].clone_from_slice(&parts(word, node.reading));
        last = node.before;
    }
    all
}

const UNREAD: &str = "?";

/// What stands at a place where no word of the dictionary does, or may stand there all the same.
fn unknown(text: &[char], start: usize, needed: bool) -> Option<(usize, Vec<Entry>)> {
    let first = text[start];
    let is_katakana = |c: char| is_kana(c) && hiragana(c) != c || c == 'ー';
    let (length, cost, reading) = match first {
        c if is_kanji(c) => (1, UNKNOWN_KANJI, UNREAD),
        c if is_katakana(c) => {
            let run = text[start..].iter().take_while(|&&c| is_katakana(c)).count();
            (run, UNKNOWN_KATAKANA, "")
        }
        c if is_kana(c) => (1, UNKNOWN_HIRAGANA, ""),
        _ => (1, UNKNOWN_OTHER, ""),
    };
    (needed || is_katakana(first)).then(|| (length, vec![Entry { kind: NOUN, cost, reading }]))
}

/// The cheapest way to a word of a kind, and the node that it comes from.
fn cheapest(nodes: &[Node], before: &[usize], kind: usize) -> (i32, Option<usize>) {
    let ways = before.iter().map(|&at| (nodes[at].cost + dictionary::join(nodes[at].kind, kind), Some(at)));
    ways.min_by_key(|(cost, _)| *cost).unwrap_or((dictionary::join(0, kind), None))
}

fn parts(word: &[char], reading: Option<&str>) -> Vec<Option<String>> {
    let Some(reading) = reading else { return vec![None; word.len()] };
    let mut given = reading.split('.').filter(|_| !reading.is_empty());
    word.iter().map(|&c| Some(given.next().map_or_else(|| c.to_string(), String::from))).collect()
}
