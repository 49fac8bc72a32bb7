//! Words that no dictionary has, by their letters: names, and what somebody made up.

use super::arpabet::{Phone, read_sounds};

/// What must stand beside letters for a rule.
#[derive(Clone, Copy)]
enum Beside {
    Anything,
    /// The edge of the word.
    Edge,
    Vowel,
    Consonant,
    /// *e*, *i* or *y*, before which *c* and *g* are soft.
    Soft,
    /// A consonant and an *e* that ends the word, which make a vowel long: *make*.
    Silent,
}

use Beside::{Anything, Consonant, Edge, Silent, Soft, Vowel};

/// Letters, what stands before and after them, and their sounds. The first rule that fits is taken;
/// longer letters come first.
const RULES: &[(&str, Beside, Beside, &str)] = &[
    ("ough", Anything, Edge, "OW"),
    ("ough", Anything, Anything, "AO"),
    ("augh", Anything, Anything, "AO"),
    ("eigh", Anything, Anything, "EY"),
    ("ation", Anything, Anything, "EY SH AH N"),
    ("tion", Vowel, Anything, "SH AH N"),
    ("tion", Consonant, Anything, "SH AH N"),
    ("sion", Vowel, Anything, "ZH AH N"),
    ("sion", Consonant, Anything, "SH AH N"),
    ("cious", Anything, Anything, "SH AH S"),
    ("tious", Anything, Anything, "SH AH S"),
    ("ture", Anything, Edge, "CH ER"),
    ("sure", Anything, Edge, "ZH ER"),
    ("igh", Anything, Anything, "AY"),
    ("tch", Anything, Anything, "CH"),
    ("dge", Anything, Anything, "JH"),
    ("sch", Anything, Anything, "SH"),
    ("que", Anything, Edge, "K"),
    ("gue", Anything, Edge, "G"),
    ("eau", Anything, Anything, "OW"),
    ("ous", Anything, Edge, "AH S"),
    ("air", Anything, Anything, "EH R"),
    ("are", Anything, Edge, "EH R"),
    ("ear", Anything, Anything, "IH R"),
    ("eer", Anything, Anything, "IH R"),
    ("ere", Anything, Edge, "IH R"),
    ("ire", Anything, Edge, "AY R"),
    ("ore", Anything, Edge, "AO R"),
    ("oor", Anything, Anything, "AO R"),
    ("our", Anything, Anything, "AW R"),
    ("ure", Anything, Edge, "Y UH R"),
    ("kn", Edge, Anything, "N"),
    ("gn", Edge, Anything, "N"),
    ("gn", Anything, Edge, "N"),
    ("wr", Edge, Anything, "R"),
    ("ps", Edge, Anything, "S"),
    ("mb", Anything, Edge, "M"),
    ("mn", Anything, Edge, "M"),
    ("wh", Anything, Anything, "W"),
    ("ch", Anything, Anything, "CH"),
    ("sh", Anything, Anything, "SH"),
    ("th", Anything, Anything, "TH"),
    ("ph", Anything, Anything, "F"),
    ("gh", Edge, Anything, "G"),
    ("gh", Anything, Anything, ""),
    ("ck", Anything, Anything, "K"),
    ("qu", Anything, Anything, "K W"),
    ("ng", Anything, Edge, "NG"),
    ("ng", Anything, Consonant, "NG"),
    ("nk", Anything, Anything, "NG K"),
    ("sc", Anything, Soft, "S"),
    ("ar", Anything, Vowel, "AE R"),
    ("ar", Anything, Anything, "AA R"),
    ("er", Anything, Vowel, "EH R"),
    ("er", Anything, Anything, "ER"),
    ("ir", Anything, Vowel, "IH R"),
    ("ir", Anything, Anything, "ER"),
    ("or", Anything, Anything, "AO R"),
    ("ur", Anything, Vowel, "Y UH R"),
    ("ur", Anything, Anything, "ER"),
    ("yr", Anything, Consonant, "ER"),
    ("ai", Anything, Anything, "EY"),
    ("ay", Anything, Anything, "EY"),
    ("au", Anything, Anything, "AO"),
    ("aw", Anything, Anything, "AO"),
    ("aa", Anything, Anything, "AA"),
    ("ee", Anything, Anything, "IY"),
    ("ea", Anything, Anything, "IY"),
    ("ei", Anything, Anything, "EY"),
    ("ey", Anything, Edge, "IY"),
    ("ey", Anything, Anything, "EY"),
    ("eu", Anything, Anything, "Y UW"),
    ("ew", Anything, Anything, "UW"),
    ("ie", Anything, Edge, "IY"),
    ("ie", Anything, Anything, "IY"),
    ("ia", Anything, Anything, "IY AH"),
    ("io", Anything, Anything, "IY OW"),
    ("oa", Anything, Anything, "OW"),
    ("oo", Anything, Anything, "UW"),
    ("oi", Anything, Anything, "OY"),
    ("oy", Anything, Anything, "OY"),
    ("ou", Anything, Anything, "AW"),
    ("ow", Anything, Edge, "OW"),
    ("ow", Anything, Anything, "AW"),
    ("oe", Anything, Edge, "OW"),
    ("ue", Anything, Edge, "UW"),
    ("ui", Anything, Anything, "UW"),
    ("le", Consonant, Edge, "AH L"),
    ("re", Consonant, Edge, "ER"),
    ("al", Anything, Edge, "AH L"),
    ("el", Anything, Edge, "AH L"),
    ("on", Consonant, Edge, "AH N"),
    ("en", Consonant, Edge, "AH N"),
    ("a", Anything, Silent, "EY"),
    ("a", Anything, Edge, "AH"),
    ("a", Anything, Anything, "AE"),
    ("b", Anything, Anything, "B"),
    ("c", Anything, Soft, "S"),
    ("c", Anything, Anything, "K"),
    ("d", Anything, Anything, "D"),
    ("e", Consonant, Edge, ""),
    ("e", Anything, Silent, "IY"),
    ("e", Anything, Edge, "IY"),
    ("e", Anything, Anything, "EH"),
    ("f", Anything, Anything, "F"),
    ("g", Anything, Soft, "JH"),
    ("g", Anything, Anything, "G"),
    ("h", Anything, Vowel, "HH"),
    ("h", Anything, Anything, ""),
    ("i", Anything, Silent, "AY"),
    ("i", Anything, Edge, "IY"),
    ("i", Anything, Vowel, "IY"),
    ("i", Anything, Anything, "IH"),
    ("j", Anything, Anything, "JH"),
    ("k", Anything, Anything, "K"),
    ("l", Anything, Anything, "L"),
    ("m", Anything, Anything, "M"),
    ("n", Anything, Anything, "N"),
    ("o", Anything, Silent, "OW"),
    ("o", Anything, Edge, "OW"),
    ("o", Anything, Vowel, "OW"),
    ("o", Anything, Anything, "AA"),
    ("p", Anything, Anything, "P"),
    ("q", Anything, Anything, "K"),
    ("r", Anything, Anything, "R"),
    ("s", Vowel, Silent, "Z"),
    ("s", Anything, Anything, "S"),
    ("t", Anything, Anything, "T"),
    ("u", Anything, Silent, "UW"),
    ("u", Anything, Edge, "UW"),
    ("u", Anything, Vowel, "UW"),
    ("u", Anything, Anything, "AH"),
    ("v", Anything, Anything, "V"),
    ("w", Anything, Vowel, "W"),
    ("w", Anything, Anything, ""),
    ("x", Edge, Anything, "Z"),
    ("x", Anything, Anything, "K S"),
    ("y", Edge, Vowel, "Y"),
    ("y", Vowel, Vowel, "Y"),
    ("y", Anything, Silent, "AY"),
    ("y", Anything, Edge, "IY"),
    ("y", Anything, Anything, "IH"),
    ("z", Anything, Anything, "Z"),
];

fn is_vowel(letter: u8) -> bool {
    matches!(letter, b'a' | b'e' | b'i' | b'o' | b'u' | b'y')
}

/// The sounds of a word in the letters `a` to `z`; `None` where it has others. Short words have their
/// stress on the first syllable, longer ones on the last but two.
pub(super) fn sounds(word: &str) -> Option<Vec<Phone>> {
    if word.is_empty() || !word.bytes().all(|letter| letter.is_ascii_lowercase()) {
        return None;
    }
    let letters = word.as_bytes();
    let mut text = String::new();
    let mut at = 0;
    while at < letters.len() {
        // A doubled consonant is said once.
        if at > 0 && letters[at] == letters[at - 1] && !is_vowel(letters[at]) {
            at += 1;
            continue;
        }
        let (length, said) = RULES.iter().find(|rule| fits(letters, at, rule)).map(|r| (r.0.len(), r.3))?;
        text.push_str(said);
        text.push(' ');
        at += length;
    }
    let mut sounds = read_sounds(&text).or_else(|| spelt(word))?;
    // Vowels that nothing but their *e* made would leave a word without any: *the*, *be*.
    if !sounds.iter().any(|phone| phone.is_vowel()) && word.ends_with('e') {
        sounds.extend(Phone::read("IY1"));
    }
    lay_stress(&mut sounds);
    Some(sounds)
}

/// A word of nothing but silent letters is said as its letters are named.
fn spelt(word: &str) -> Option<Vec<Phone>> {
    let names = word.bytes().map(|letter| if letter == b'h' { "EY CH" } else { "D AH B AH L Y UW" });
    read_sounds(&names.collect::<Vec<_>>().join(" "))
}

fn fits(letters: &[u8], at: usize, (own, before, after, _): &(&str, Beside, Beside, &str)) -> bool {
    letters[at..].starts_with(own.as_bytes())
        && stands(*before, &mut letters[..at].iter().rev().copied())
        && stands(*after, &mut letters[at + own.len()..].iter().copied())
}

/// Whether that stands there, the nearest letter first.
fn stands(beside: Beside, letters: &mut dyn Iterator<Item = u8>) -> bool {
    let nearest = letters.next();
    match beside {
        Anything => true,
        Edge => nearest.is_none(),
        Vowel => nearest.is_some_and(is_vowel),
        Consonant => nearest.is_some_and(|letter| !is_vowel(letter)),
        Soft => matches!(nearest, Some(b'e' | b'i' | b'y')),
        Silent => {
            let is_consonant = nearest.is_some_and(|letter| !is_vowel(letter) && letter != b'x');
            is_consonant && letters.next() == Some(b'e') && letters.next().is_none()
        }
    }
}

fn lay_stress(sounds: &mut [Phone]) {
    let count = sounds.iter().filter(|phone| phone.is_vowel()).count();
    let main = count.saturating_sub(3);
    for (vowel, phone) in sounds.iter_mut().filter(|phone| phone.is_vowel()).enumerate() {
        phone.stress = Some(u8::from(vowel == main));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn said(word: &str, expected: &str) {
        let all: Vec<String> = sounds(word).unwrap().iter().map(Phone::to_string).collect();
        assert_eq!(all.join(" "), expected, "{word}");
    }

    #[test]
    fn names_and_made_up_words_are_said_by_their_letters() {
        said("blicket", "B L IH1 K EH0 T");
        said("zorple", "Z AO1 R P AH0 L");
        said("snake", "S N EY1 K");
        said("thrigh", "TH R AY1");
        said("quang", "K W AE1 NG");
        said("cindy", "S IH1 N D IY0");
        said("ottation", "AA1 T EY0 SH AH0 N");
        said("kalomira", "K AE0 L AA1 M IH0 R AH0");
        said("be", "B IY1");
        said("x", "Z");
    }

    proptest! {
        #[test]
        fn every_word_of_letters_is_said(word in "[a-z]{1,12}") {
            prop_assert!(sounds(&word).is_some_and(|sounds| !sounds.is_empty()));
        }
    }

    #[test]
    fn what_is_no_letter_is_not_said() {
        assert_eq!([sounds(""), sounds("naïve"), sounds("a1")], [None, None, None]);
    }
}
