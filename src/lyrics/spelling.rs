//! Pinyin as people type it: with tone digits, with tone marks, or with neither.

use super::pinyin::pinyin_to_syllable;
use super::{Syllable, erhua::rhotic};

/// A pinyin syllable that somebody typed, in the one spelling of the house.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Spelling {
    /// Lower-case letters without tone, ü as `v`, without the `r` of erhua.
    pub letters: String,
    /// 1 to 4, 5 for the neutral tone, 0 where none was typed.
    pub tone: u8,
    /// Whether an `r` follows: `huar`.
    pub erhua: bool,
}

impl Spelling {
    /// Reads `ni3`, `nǐ`, `ni`, `lv4`, `lü4`, `lu:4`, `huar1` and their like. `None` where
    /// Mandarin has no such syllable.
    pub fn read(text: &str) -> Option<Self> {
        let (mut letters, tone) = plain_letters(text)?;
        let known = |letters: &str| pinyin_to_syllable(letters, 0).is_some();
        if letters == "r" {
            letters = "er".into();
        }
        if known(&letters) {
            return Some(Self { letters, tone, erhua: false });
        }
        letters.pop().filter(|&last| last == 'r')?;
        known(&letters).then_some(Self { letters, tone, erhua: true })
    }

    /// The phonemes, or `None` where Mandarin has no such syllable.
    pub fn syllable(&self) -> Option<Syllable> {
        let syllable = pinyin_to_syllable(&self.letters, self.tone)?;
        Some(if self.erhua { rhotic(syllable) } else { syllable })
    }

    /// The spelling with its tone as a digit, none where it is not known: `huar1`.
    pub fn written(&self) -> String {
        let r = if self.erhua { "r" } else { "" };
        match self.tone {
            0 => format!("{}{r}", self.letters),
            tone => format!("{}{r}{tone}", self.letters),
        }
    }
}

/// Letters of one syllable without marks, and the tone; `None` on anything that is no
/// part of pinyin, or on two tones.
fn plain_letters(text: &str) -> Option<(String, u8)> {
    let mut letters = String::new();
    let mut tone = 0;
    let mut mark = |t: u8| std::mem::replace(&mut tone, t) == 0;
    for c in text.chars().flat_map(char::to_lowercase) {
        let (letter, t) = without_mark(c);
        match letter {
            'a'..='z' => letters.push(letter),
            'ê' => letters.push_str("eh"),
            // `lu:4`, and the dots of ü as a character of their own.
            ':' | '\u{308}' if letters.ends_with('u') => {
                letters.pop();
                letters.push('v');
            }
            // A tone mark as a character of its own, or a digit.
            '\0' => {}
            _ => return None,
        }
        if t != 0 && !mark(t) {
            return None;
        }
    }
    (!letters.is_empty()).then_some((letters, tone))
}

/// A letter without its tone mark, and the tone, 0 where there is none.
fn without_mark(c: char) -> (char, u8) {
    const MARKED: [(&str, char); 9] = [
        ("āáǎà", 'a'),
        ("ēéěè", 'e'),
        ("īíǐì", 'i'),
        ("ōóǒò", 'o'),
        ("ūúǔù", 'u'),
        ("ǖǘǚǜ", 'v'),
        ("\u{304}\u{301}\u{30c}\u{300}", '\0'),
        ("1234", '\0'),
        // No letter of pinyin carries the first tone here, hence the place holder.
        ("\u{1}ńňǹ", 'n'),
    ];
    match c {
        'ü' => return ('v', 0),
        'ḿ' => return ('m', 2),
        'ế' => return ('ê', 2),
        'ề' => return ('ê', 4),
        '0' | '5' => return ('\0', 5),
        _ => {}
    }
    for (marked, letter) in MARKED {
        if let Some(i) = marked.chars().position(|m| m == c) {
            return (letter, i as u8 + 1);
        }
    }
    (c, 0)
}

/// Cuts letters that were typed without gaps into syllables: `nihao`, `xi'an`,
/// `mo4li4hua1`. `None` where that is not possible.
///
/// The spelling rule decides between readings: a syllable inside a word never begins
/// with a vowel unless an apostrophe stands before it, so `fangan` is *fan gan*.
pub(super) fn cut_letters(word: &str) -> Option<Vec<String>> {
    let mut all = Vec::new();
    for part in word.split(['\'', '’']).filter(|part| !part.is_empty()) {
        let chars: Vec<char> = part.chars().collect();
        all.extend(cut_part(&chars)?);
    }
    (!all.is_empty()).then_some(all)
}

/// The longest syllable as typed is `zhuangr:4` with its marks apart.
const LONGEST: usize = 10;

fn cut_part(chars: &[char]) -> Option<Vec<String>> {
    // Cost of the best cut of the first `i` characters, and where its last syllable begins.
    let mut best: Vec<Option<(usize, usize)>> = vec![None; chars.len() + 1];
    best[0] = Some((0, 0));
    for end in 1..=chars.len() {
        for start in end.saturating_sub(LONGEST)..end {
            let Some((cost, _)) = best[start] else { continue };
            // A digit belongs to the syllable before it.
            if chars.get(end).is_some_and(|c| c.is_ascii_digit()) {
                continue;
            }
            let text: String = chars[start..end].iter().collect();
            let Some(spelling) = Spelling::read(&text) else { continue };
            let vowel_inside = start > 0
                && !chars[start - 1].is_ascii_digit()
                && spelling.letters.starts_with(['a', 'e', 'o']);
            let hummed = matches!(spelling.letters.as_str(), "m" | "n" | "ng" | "hm" | "hng");
            let cost = cost + 1 + 10 * usize::from(vowel_inside) + 20 * usize::from(hummed);
            let cost = cost + 5 * usize::from(spelling.erhua);
            if best[end].is_none_or(|(least, _)| cost < least) {
                best[end] = Some((cost, start));
            }
        }
    }
    let mut end = chars.len();
    let mut syllables = Vec::new();
    while end > 0 {
        let (_, start) = best[end]?;
        syllables.push(chars[start..end].iter().collect());
        end = start;
    }
    syllables.reverse();
    Some(syllables)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn reads(text: &str, written: &str) {
        assert_eq!(Spelling::read(text).map(|s| s.written()).as_deref(), Some(written), "{text}");
    }

    #[test]
    fn tones_are_read_in_every_spelling() {
        for text in ["ni3", "nǐ", "NI3", "Nǐ", "ni\u{30c}", "n3i"] {
            reads(text, "ni3");
        }
        for text in ["lv4", "lü4", "lu:4", "lǜ", "lu\u{308}4", "lyu4"] {
            assert_eq!(Spelling::read(text).unwrap().syllable(), pinyin_to_syllable("lv", 4), "{text}");
        }
        reads("ma", "ma");
        reads("ma5", "ma5");
        reads("ma0", "ma5");
        reads("ê", "eh");
    }

    #[test]
    fn erhua_is_a_suffix() {
        reads("huar1", "huar1");
        reads("huār", "huar1");
        reads("er2", "er2");
        reads("dianr3", "dianr3");
    }

    #[test]
    fn what_is_no_pinyin_is_refused() {
        for text in ["", "love", "xyz", "ni33", "nǐ3", "3", "花", "ni hao", "v", "rr"] {
            assert_eq!(Spelling::read(text), None, "{text}");
        }
    }

    #[test]
    fn letters_without_gaps_are_cut() {
        let cut = |text| cut_letters(text).unwrap().join(" ");
        assert_eq!(cut("nihao"), "ni hao");
        assert_eq!(cut("fangan"), "fan gan");
        assert_eq!(cut("fang'an"), "fang an");
        assert_eq!(cut("xian"), "xian");
        assert_eq!(cut("xi'an"), "xi an");
        assert_eq!(cut("mo4li4hua1"), "mo4 li4 hua1");
        assert_eq!(cut("mòlìhuā"), "mò lì huā");
        assert_eq!(cut("tiananmen"), "tian an men");
        assert_eq!(cut("zhongguo"), "zhong guo");
        assert_eq!(cut_letters("strength"), None);
        assert_eq!(cut_letters("''"), None);
    }
}
