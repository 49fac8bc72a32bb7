//! The sounds of English as dictionaries write them: `HH AE1 P IY0`.

use std::fmt;

use crate::Phoneme;

/// One sound of the ARPABET.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Phone {
    name: &'static str,
    /// Of a vowel 1 for the main stress, 2 for another, 0 for none; nothing of a consonant.
    pub stress: Option<u8>,
}

use Phoneme::*;

/// Vowels, each with the nucleus that it is sung with and the glide that it ends in. An unstressed
/// `AH` is [`Schwa`].
const VOWELS: [(&str, Phoneme, Phoneme); 15] = [
    ("AA", Aa, None),
    ("AE", Ae, None),
    ("AH", Ov, None),
    ("AO", Ao, None),
    ("AW", A, W),
    ("AY", A, J),
    ("EH", Eh, None),
    ("ER", Er, None),
    ("EY", E, J),
    ("IH", Ih, None),
    ("IY", I, None),
    ("OW", O, W),
    ("OY", Ao, J),
    ("UH", U_, None),
    ("UW", U, None),
];

/// Consonants, as they are sung before a vowel and after it: there plosives have no breath. `DX` is
/// the American flap of *water*.
const CONSONANTS: [(&str, Phoneme, Phoneme); 25] = [
    ("B", B, B),
    ("CH", Tesh, Tesh),
    ("D", D, D),
    ("DH", Eth, Eth),
    ("DX", R, R),
    ("F", F, F),
    ("G", G, G),
    ("HH", H, None),
    ("JH", Dezh, Dezh),
    ("K", Kh, K),
    ("L", L, L),
    ("M", M, M),
    ("N", N, N),
    ("NG", Ng, Ng),
    ("P", Ph, P),
    ("R", Ra, Er),
    ("S", S, S),
    ("SH", Esh, Esh),
    ("T", Th, T),
    ("TH", Theta, Theta),
    ("V", V, V),
    ("W", W, W),
    ("Y", J, J),
    ("Z", Z, Z),
    ("ZH", Ezh, Ezh),
];

impl Phone {
    /// Reads `K` or `AE1`; a vowel without a digit bears the main stress.
    pub fn read(text: &str) -> Option<Self> {
        let (letters, stress) = match text.as_bytes().last()? {
            digit @ b'0'..=b'2' => (&text[..text.len() - 1], Some(digit - b'0')),
            _ => (text, Option::None),
        };
        if let Some(&(name, ..)) = VOWELS.iter().find(|(name, ..)| *name == letters) {
            return Some(Self { name, stress: stress.or(Some(1)) });
        }
        let &(name, ..) = CONSONANTS.iter().find(|(name, ..)| *name == letters && stress.is_none())?;
        Some(Self { name, stress })
    }

    /// Its letters without the stress.
    pub fn name(self) -> &'static str {
        self.name
    }

    pub fn is_vowel(self) -> bool {
        self.stress.is_some()
    }

    /// Nucleus and glide of a vowel; of a consonant nothing.
    pub fn rhyme(self) -> Option<(Phoneme, Phoneme)> {
        let &(_, nucleus, glide) = VOWELS.iter().find(|(name, ..)| *name == self.name)?;
        Some(if self.name == "AH" && self.stress == Some(0) { (Schwa, None) } else { (nucleus, glide) })
    }

    /// A consonant before its vowel.
    pub fn before_vowel(self) -> Phoneme {
        CONSONANTS.iter().find(|(name, ..)| *name == self.name).map_or(None, |&(_, before, _)| before)
    }

    /// A consonant after its vowel.
    pub fn after_vowel(self) -> Phoneme {
        CONSONANTS.iter().find(|(name, ..)| *name == self.name).map_or(None, |&(.., after)| after)
    }
}

impl fmt::Display for Phone {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self.stress {
            Some(stress) => write!(f, "{}{stress}", self.name),
            Option::None => f.write_str(self.name),
        }
    }
}

/// Sounds with blanks between them, capitals all; `None` where one is none.
pub(super) fn read_sounds(text: &str) -> Option<Vec<Phone>> {
    let sounds: Vec<Phone> = text.split_whitespace().map(Phone::read).collect::<Option<_>>()?;
    (!sounds.is_empty()).then_some(sounds)
}
