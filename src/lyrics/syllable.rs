use serde::{Deserialize, Serialize};

use super::Phoneme;

/// A language that lyrics can be written in. The order is the id that weights know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    Mandarin,
    Japanese,
    Korean,
}

impl Language {
    /// Its name in English, as files and lists have it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Mandarin => "mandarin",
            Self::Japanese => "japanese",
            Self::Korean => "korean",
        }
    }
}

/// One sung syllable in four slots; an empty slot holds [`Phoneme::None`].
///
/// Mandarin *xiáng* is `ɕ j a ŋ` with tone 2. The slots let a network share what it
/// learned of a glide or a coda between all finals, and between languages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Syllable {
    pub language: Language,
    pub initial: Phoneme,
    pub glide: Phoneme,
    pub nucleus: Phoneme,
    pub coda: Phoneme,
    /// 1 to 4, 5 for the neutral tone, 0 where the language has none or it is not known.
    pub tone: u8,
}

impl Syllable {
    /// The phonemes in the order in which they sound, without the empty slots.
    pub fn phonemes(&self) -> impl Iterator<Item = Phoneme> {
        [self.initial, self.glide, self.nucleus, self.coda].into_iter().filter(|&p| p != Phoneme::None)
    }

    /// The first sound: what the previous syllable runs into.
    pub fn first(&self) -> Phoneme {
        self.phonemes().next().unwrap_or(Phoneme::None)
    }

    /// The last sound: what the next syllable starts from.
    pub fn last(&self) -> Phoneme {
        self.phonemes().last().unwrap_or(Phoneme::None)
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
        }
    }

    /// A breath taken between phrases.
    pub fn breath(language: Language) -> Self {
        Self { nucleus: Phoneme::Breath, ..Self::hum(language) }
    }
}
