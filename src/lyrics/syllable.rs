use std::hash::{Hash, Hasher};

use serde::{Deserialize, Serialize};

use super::Phoneme;

/// A language that lyrics can be written in. The order is the id that weights know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    Mandarin,
    Japanese,
    Korean,
    English,
}

impl Language {
    /// Every language, in the order of the ids.
    pub const ALL: [Language; 4] = [Self::Mandarin, Self::Japanese, Self::Korean, Self::English];

    /// Its name in English, as files and lists have it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Mandarin => "mandarin",
            Self::Japanese => "japanese",
            Self::Korean => "korean",
            Self::English => "english",
        }
    }
}

/// One sung syllable in six slots; an empty slot holds [`Phoneme::None`].
///
/// Mandarin *xiáng* is `ɕ j a ŋ` with tone 2. The slots let a network share what it
/// learned of a glide or a coda between all finals, and between languages. English *strand* is
/// `st ɹ æ n` with the tail `d`: its coda is a glide, a nasal or a liquid as elsewhere, and what
/// else closes a syllable stands behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Syllable {
    pub language: Language,
    pub initial: Phoneme,
    pub glide: Phoneme,
    pub nucleus: Phoneme,
    pub coda: Phoneme,
    /// 1 to 4, 5 for the neutral tone, 0 where the language has none or it is not known. In
    /// English the stress: 1 the main one, 2 another, 5 none.
    pub tone: u8,
    /// Consonants after the coda, without a gap.
    #[serde(default = "no_tail", skip_serializing_if = "is_no_tail")]
    pub tail: [Phoneme; 2],
}

fn no_tail() -> [Phoneme; 2] {
    Syllable::NO_TAIL
}

fn is_no_tail(tail: &[Phoneme; 2]) -> bool {
    *tail == Syllable::NO_TAIL
}

impl Hash for Syllable {
    /// A syllable without a tail has the hash that it had before there were tails: what was
    /// analysed or generated of it stays known.
    fn hash<H: Hasher>(&self, state: &mut H) {
        let Self { language, initial, glide, nucleus, coda, tone, tail } = self;
        (language, initial, glide, nucleus, coda, tone).hash(state);
        if *tail != Self::NO_TAIL {
            tail.hash(state);
        }
    }
}

impl Syllable {
    /// The tail of a syllable that ends with its coda.
    pub const NO_TAIL: [Phoneme; 2] = [Phoneme::None; 2];

    /// All slots in the order in which they sound, the empty ones too.
    pub fn slots(&self) -> [Phoneme; 6] {
        let [first, last] = self.tail;
        [self.initial, self.glide, self.nucleus, self.coda, first, last]
    }

    /// The phonemes in the order in which they sound, without the empty slots.
    pub fn phonemes(&self) -> impl Iterator<Item = Phoneme> {
        self.slots().into_iter().filter(|&p| p != Phoneme::None)
    }

    /// What sounds after the nucleus.
    pub fn ending(&self) -> impl Iterator<Item = Phoneme> {
        self.slots().into_iter().skip(3).filter(|&p| p != Phoneme::None)
    }

    /// Whether it ends with its nucleus.
    pub fn is_open(&self) -> bool {
        self.ending().next().is_none()
    }

    /// Whether a plosive or a fricative closes it, so that its end is quiet or noise.
    pub fn ends_in_noise(&self) -> bool {
        self.tail.into_iter().any(Phoneme::is_obstruent)
    }

    /// The first sound: what the previous syllable runs into.
    pub fn first(&self) -> Phoneme {
        self.opening()[0]
    }

    /// The last sound: what the next syllable starts from.
    pub fn last(&self) -> Phoneme {
        self.phonemes().last().unwrap_or(Phoneme::None)
    }

    /// The first two sounds: what the previous syllable is told of it.
    pub fn opening(&self) -> [Phoneme; 2] {
        let mut sounds = self.phonemes();
        [(); 2].map(|()| sounds.next().unwrap_or(Phoneme::None))
    }

    /// Nucleus and coda, or the last two sounds of one with a tail: what the next syllable is told
    /// of it.
    pub fn closing(&self) -> [Phoneme; 2] {
        match (self.tail, self.coda) {
            (Self::NO_TAIL, coda) => [self.nucleus, coda],
            ([first, Phoneme::None], Phoneme::None) => [self.nucleus, first],
            ([first, Phoneme::None], coda) => [coda, first],
            (tail, _) => tail,
        }
    }

    /// The same sounds in another tone.
    pub fn with_tone(self, tone: u8) -> Self {
        Self { tone, ..self }
    }

    /// The hum that stands for a lyric which nobody could read.
    pub fn hum(language: Language) -> Self {
        Self {
            language,
            initial: Phoneme::None,
            glide: Phoneme::None,
            nucleus: Phoneme::Hum,
            coda: Phoneme::None,
            tone: 0,
            tail: Self::NO_TAIL,
        }
    }

    /// A breath taken between phrases.
    pub fn breath(language: Language) -> Self {
        Self { nucleus: Phoneme::Breath, ..Self::hum(language) }
    }
}

/// One syllable that a note sings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SungSyllable {
    pub syllable: Syllable,
    /// How it was read: pinyin with a tone digit (`hang2`), romaji (`kyo`), hangul as it is
    /// said (`궁`), or ARPABET (`HH AE1`).
    pub pinyin: String,
}
