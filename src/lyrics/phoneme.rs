use serde::{Deserialize, Serialize};

macro_rules! inventory {
    ($($name:ident $ipa:literal),+ $(,)?) => {
        /// One sound of the shared, IPA-like inventory.
        ///
        /// The order is the id that trained weights know: append, never reorder.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[repr(u8)]
        pub enum Phoneme { $($name),+ }

        impl Phoneme {
            /// Every phoneme, in id order.
            pub const ALL: &'static [Phoneme] = &[$(Phoneme::$name),+];

            /// How the phoneme is written in IPA.
            pub fn ipa(self) -> &'static str {
                match self { $(Phoneme::$name => $ipa),+ }
            }
        }
    };
}

inventory! {
    // An empty slot of a syllable, and the two neighbours that are no syllable.
    None "", Rest "|", Breath "↓",
    // Consonants of Mandarin, in the order of the pinyin table.
    P "p", Ph "pʰ", M "m", F "f", T "t", Th "tʰ", N "n", L "l", K "k", Kh "kʰ", X "x",
    Tc "tɕ", Tch "tɕʰ", C "ɕ", Ts_ "tʂ", Tsh_ "tʂʰ", S_ "ʂ", Z_ "ʐ", Ts "ts", Tsh "tsʰ", S "s",
    // Glides; as a coda they end ai, ao, ei, ou.
    J "j", W "w", Y_ "ɥ",
    // Vowels.
    A "a", O "o", E_ "ɤ", Schwa "ə", E "e", Eh "ɛ", I "i", U "u", Y "y", Iz "ɹ̩", Ir "ɻ̩", Er "ɚ", U_ "ʊ",
    // The coda that is no initial.
    Ng "ŋ",
    // A hum, which sings what nobody could read.
    Hum "m̩",
    // Japanese.
    B "b", D "d", G "ɡ", Z "z", Dz "dz", Dj "dʑ", Phi "ɸ", H "h", Ch "ç", R "ɾ", Nj "ɲ", Nn "ɴ", Ux "ɯ", Q "ʔ",
    // Korean: tense consonants, unreleased codas, and its own vowels.
    Pt "p͈", Tt "t͈", Kt "k͈", St "s͈", Tct "tɕ͈", Pc "p̚", Tcoda "t̚", Kc "k̚", Ov "ʌ", Uu "ɯ̈",
    // English: its consonants, an s with the plosive that it takes the breath from, and its own vowels.
    Theta "θ", Eth "ð", V "v", Esh "ʃ", Ezh "ʒ", Tesh "tʃ", Dezh "dʒ", Ra "ɹ", Sp_ "sp", St_ "st", Sk_ "sk",
    Aa "ɑ", Ae "æ", Ao "ɔ", Ih "ɪ",
}

impl Phoneme {
    /// The phoneme that is written so in IPA; nothing is the empty slot.
    pub fn of_ipa(ipa: &str) -> Option<Phoneme> {
        Self::ALL.iter().copied().find(|phoneme| phoneme.ipa() == ipa)
    }

    /// The number that weights know the phoneme by.
    pub fn id(self) -> usize {
        self as usize
    }

    /// A plosive or affricate: silence, then a burst.
    pub fn has_burst(self) -> bool {
        use Phoneme::*;
        matches!(
            self,
            P | Ph
                | T
                | Th
                | K
                | Kh
                | Tc
                | Tch
                | Ts_
                | Tsh_
                | Ts
                | Tsh
                | B
                | D
                | G
                | Dz
                | Dj
                | Pt
                | Tt
                | Kt
                | Tct
                | Tesh
                | Dezh
        )
    }

    /// A consonant during which the vocal folds swing.
    pub fn is_voiced_consonant(self) -> bool {
        use Phoneme::*;
        self.is_sonorant_consonant() || matches!(self, B | D | G | Z | Dz | Dj | Eth | V | Ezh | Dezh)
    }

    /// A consonant without noise: nasals, liquids and glides.
    pub fn is_sonorant_consonant(self) -> bool {
        use Phoneme::*;
        matches!(self, M | N | L | Z_ | J | W | Y_ | Ng | R | Nj | Nn | Ra)
    }

    /// A plosive, affricate or fricative, voiced or not.
    pub fn is_obstruent(self) -> bool {
        self.is_voiceless() || self.is_voiced_consonant() && !self.is_sonorant_consonant()
    }

    /// The sound lives in noise alone: a fricative, or the breath after a burst.
    pub fn is_voiceless(self) -> bool {
        use Phoneme::*;
        self.has_burst() && !self.is_voiced_consonant()
            || matches!(self, F | X | C | S_ | S | Phi | H | Ch | St | Theta | Esh | Sp_ | St_ | Sk_)
    }
}
