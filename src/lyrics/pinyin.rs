//! The table of Mandarin syllables: pinyin to phonemes.

use super::{Language, Phoneme, Syllable};
use Phoneme::*;

const INITIALS: [(&str, Phoneme); 21] = [
    ("zh", Ts_),
    ("ch", Tsh_),
    ("sh", S_),
    ("b", P),
    ("p", Ph),
    ("m", M),
    ("f", F),
    ("d", T),
    ("t", Th),
    ("n", N),
    ("l", L),
    ("g", K),
    ("k", Kh),
    ("h", X),
    ("j", Tc),
    ("q", Tch),
    ("x", C),
    ("r", Z_),
    ("z", Ts),
    ("c", Tsh),
    ("s", S),
];

/// Finals as they are written after an initial, with the initials that take them:
/// `(final, glide, nucleus, coda, initials)`. `v` is ü.
const FINALS: [(&str, Phoneme, Phoneme, Phoneme, &str); 36] = [
    ("a", None, A, None, "b p m f d t n l g k h zh ch sh z c s"),
    ("o", W, O, None, "b p m f l"),
    ("e", None, E_, None, "m d t n l g k h zh ch sh r z c s"),
    ("ai", None, A, J, "b p m d t n l g k h zh ch sh z c s"),
    ("ei", None, E, J, "b p m f d t n l g k h zh sh z s"),
    ("ao", None, A, W, "b p m d t n l g k h zh ch sh r z c s"),
    ("ou", None, O, W, "p m f d t n l g k h zh ch sh r z c s"),
    ("an", None, A, N, "b p m f d t n l g k h zh ch sh r z c s"),
    ("en", None, Schwa, N, "b p m f d n g k h zh ch sh r z c s"),
    ("ang", None, A, Ng, "b p m f d t n l g k h zh ch sh r z c s"),
    ("eng", None, Schwa, Ng, "b p m f d t n l g k h zh ch sh r z c s"),
    ("ong", None, U_, Ng, "d t n l g k h zh ch r z c s"),
    ("i", None, I, None, "b p m d t n l j q x"),
    ("ia", J, A, None, "d l j q x"),
    ("ie", J, Eh, None, "b p m d t n l j q x"),
    ("iao", J, A, W, "b p m f d t n l j q x"),
    ("iu", J, O, W, "m d n l j q x"),
    ("ian", J, Eh, N, "b p m d t n l j q x"),
    ("in", None, I, N, "b p m n l j q x"),
    ("iang", J, A, Ng, "n l j q x"),
    ("ing", None, I, Ng, "b p m d t n l j q x"),
    ("iong", J, U_, Ng, "j q x"),
    ("u", None, U, None, "b p m f d t n l g k h zh ch sh r z c s"),
    ("ua", W, A, None, "g k h zh ch sh r"),
    ("uo", W, O, None, "d t n l g k h zh ch sh r z c s"),
    ("uai", W, A, J, "g k h zh ch sh"),
    ("ui", W, E, J, "d t g k h zh ch sh r z c s"),
    ("uan", W, A, N, "d t n l g k h zh ch sh r z c s"),
    ("un", W, Schwa, N, "d t n l g k h zh ch sh r z c s"),
    ("uang", W, A, Ng, "g k h zh ch sh"),
    ("v", None, Y, None, "n l"),
    ("ve", Y_, Eh, None, "n l"),
    // After j, q, x the dots of ü are not written.
    ("u", None, Y, None, "j q x"),
    ("ue", Y_, Eh, None, "j q x"),
    ("uan", Y_, Eh, N, "j q x"),
    ("un", None, Y, N, "j q x"),
];

/// Syllables that begin with their final, as they are written.
const BARE: [(&str, Phoneme, Phoneme, Phoneme); 42] = [
    ("a", None, A, None),
    ("o", None, O, None),
    ("e", None, E_, None),
    ("eh", None, Eh, None),
    ("ai", None, A, J),
    ("ei", None, E, J),
    ("ao", None, A, W),
    ("ou", None, O, W),
    ("an", None, A, N),
    ("en", None, Schwa, N),
    ("ang", None, A, Ng),
    ("eng", None, Schwa, Ng),
    ("er", None, Er, None),
    ("yi", None, I, None),
    ("ya", J, A, None),
    ("yo", J, O, None),
    ("ye", J, Eh, None),
    ("yai", J, A, J),
    ("yao", J, A, W),
    ("you", J, O, W),
    ("yan", J, Eh, N),
    ("yin", None, I, N),
    ("yang", J, A, Ng),
    ("ying", None, I, Ng),
    ("yong", J, U_, Ng),
    ("wu", None, U, None),
    ("wa", W, A, None),
    ("wo", W, O, None),
    ("wai", W, A, J),
    ("wei", W, E, J),
    ("wan", W, A, N),
    ("wen", W, Schwa, N),
    ("wang", W, A, Ng),
    ("weng", W, Schwa, Ng),
    ("yu", None, Y, None),
    ("yue", Y_, Eh, None),
    ("yuan", Y_, Eh, N),
    // Interjections without a vowel: hums, and the nearest syllable that a voice knows.
    ("m", None, Hum, None),
    ("hm", None, Hum, None),
    ("n", None, Schwa, N),
    ("ng", None, Schwa, Ng),
    ("hng", None, Schwa, Ng),
];

/// Further spellings of a syllable, the usual one second.
const SPELLINGS: [(&str, &str); 10] = [
    ("yun", "yun"),
    ("nue", "nve"),
    ("lue", "lve"),
    ("lyu", "lv"),
    ("nyu", "nv"),
    ("jv", "ju"),
    ("qv", "qu"),
    ("xv", "xu"),
    ("jve", "jue"),
    ("xve", "xue"),
];

/// The phonemes of a toneless, lower-case pinyin syllable (ü as `v`), or `None` where
/// Mandarin has no such syllable. Covers the ~410 syllables of the standard table.
pub fn pinyin_to_syllable(pinyin: &str, tone: u8) -> Option<Syllable> {
    let make = |initial, glide, nucleus, coda| Syllable {
        language: Language::Mandarin,
        initial,
        glide,
        nucleus,
        coda,
        tone,
        tail: Syllable::NO_TAIL,
    };
    if pinyin == "yun" {
        return Some(make(None, None, Y, N));
    }
    if pinyin == "zhi" || pinyin == "chi" || pinyin == "shi" || pinyin == "ri" {
        let initial = INITIALS.iter().find(|(s, _)| Some(*s) == pinyin.strip_suffix('i'))?.1;
        return Some(make(initial, None, Ir, None));
    }
    if pinyin == "zi" || pinyin == "ci" || pinyin == "si" {
        let initial = INITIALS.iter().find(|(s, _)| Some(*s) == pinyin.strip_suffix('i'))?.1;
        return Some(make(initial, None, Iz, None));
    }
    if let Some(&(_, glide, nucleus, coda)) = BARE.iter().find(|(s, ..)| *s == pinyin) {
        return Some(make(None, glide, nucleus, coda));
    }
    let usual = SPELLINGS.iter().find(|(s, _)| *s == pinyin).map_or(pinyin, |(_, usual)| usual);
    let (letters, initial) = *INITIALS.iter().find(|(s, _)| usual.starts_with(s))?;
    let rest = &usual[letters.len()..];
    let &(_, glide, nucleus, coda, _) = FINALS
        .iter()
        .find(|(s, _, _, _, initials)| *s == rest && initials.split(' ').any(|i| i == letters))?;
    Some(make(initial, glide, nucleus, coda))
}

/// Every toneless pinyin syllable of the table, in its usual spelling, sorted.
pub fn all_pinyin() -> Vec<String> {
    let mut all: Vec<String> = BARE.iter().map(|(s, ..)| s.to_string()).collect();
    all.extend(["yun", "zhi", "chi", "shi", "ri", "zi", "ci", "si"].map(String::from));
    for (last, _, _, _, initials) in FINALS {
        all.extend(initials.split(' ').map(|initial| format!("{initial}{last}")));
    }
    all.sort();
    all.dedup();
    all
}
