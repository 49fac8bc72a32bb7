use serde::{Deserialize, Serialize};

use super::levels::Levels;
use ziyin_lyrics::Phoneme;

/// How one character of a note is sung where that is not left to the singer: where its sounds begin,
/// how strong they are, and which they are. What is `None` is as the singer does it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Articulation {
    /// Where its consonant begins, in ms from its beat; below 0 is before. Its closure is a part of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub onset_ms: Option<f32>,
    /// Where the closure of a plosive ends, in ms from its beat.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub burst_ms: Option<f32>,
    /// Where its vowel begins, in ms from its beat; by itself it is on the beat.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vowel_ms: Option<f32>,
    /// Where its coda begins, in ms from its end; below 0 is before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub coda_ms: Option<f32>,
    /// Where it ends, in ms from the end of its note. Only what a rest follows ends by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub release_ms: Option<f32>,
    /// How many times as long as by itself its consonant is, where its beginning is not set.
    #[serde(skip_serializing_if = "is_usual_length")]
    pub consonant: f32,
    /// How much louder its parts are than by themselves, in dB, in the order of [`Part::ALL`].
    #[serde(skip_serializing_if = "are_usual_strengths")]
    pub strengths_db: [f32; 4],
    /// What is sung in the place of its parts, in the order of [`Part::ALL`].
    #[serde(skip_serializing_if = "are_usual_sounds")]
    pub sounds: [Option<Sound>; 4],
}

/// A part of a character.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Part {
    Consonant,
    Glide,
    Vowel,
    Coda,
}

impl Part {
    /// Every part, in the order in which they sound.
    pub const ALL: [Part; 4] = [Self::Consonant, Self::Glide, Self::Vowel, Self::Coda];
}

/// A moment in a character that can be set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Boundary {
    Onset,
    Burst,
    Vowel,
    Coda,
    Release,
}

impl Boundary {
    pub const ALL: [Boundary; 5] = [Self::Onset, Self::Burst, Self::Vowel, Self::Coda, Self::Release];
}

/// A phoneme as files name it: in IPA; nothing where a part is left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Sound(pub Phoneme);

impl TryFrom<String> for Sound {
    type Error = String;

    fn try_from(ipa: String) -> Result<Self, String> {
        Phoneme::of_ipa(&ipa).map(Sound).ok_or_else(|| format!("there is no phoneme {ipa}"))
    }
}

impl From<Sound> for String {
    fn from(sound: Sound) -> String {
        sound.0.ipa().into()
    }
}

impl Default for Articulation {
    /// As the singer does it.
    fn default() -> Self {
        Self {
            onset_ms: None,
            burst_ms: None,
            vowel_ms: None,
            coda_ms: None,
            release_ms: None,
            consonant: 1.0,
            strengths_db: [0.0; 4],
            sounds: [None; 4],
        }
    }
}

impl Articulation {
    /// The most that a boundary may be away from where it is counted from, in ms.
    pub const FARTHEST_MS: f32 = 1000.0;
    /// How many times as long as by itself a consonant may be.
    pub const CONSONANTS: std::ops::RangeInclusive<f32> = 0.125..=8.0;

    /// Whether it is as the singer does it.
    pub fn is_usual(&self) -> bool {
        *self == Self::default()
    }

    /// Where a boundary is set, in ms from where it is counted from.
    pub fn boundary(&self, boundary: Boundary) -> Option<f32> {
        match boundary {
            Boundary::Onset => self.onset_ms,
            Boundary::Burst => self.burst_ms,
            Boundary::Vowel => self.vowel_ms,
            Boundary::Coda => self.coda_ms,
            Boundary::Release => self.release_ms,
        }
    }

    /// The same with a boundary set elsewhere, as far as it goes; `None` leaves it to the singer.
    pub fn with_boundary(mut self, boundary: Boundary, ms: Option<f32>) -> Self {
        let ms = ms.map(|ms| ms.clamp(-Self::FARTHEST_MS, Self::FARTHEST_MS));
        match boundary {
            Boundary::Onset => self.onset_ms = ms,
            Boundary::Burst => self.burst_ms = ms,
            Boundary::Vowel => self.vowel_ms = ms,
            Boundary::Coda => self.coda_ms = ms,
            Boundary::Release => self.release_ms = ms,
        }
        self
    }

    pub(super) fn is_valid(&self) -> bool {
        let near = |ms: f32| ms.abs() <= Self::FARTHEST_MS;
        let is_sung = |sound: Sound| !matches!(sound.0, Phoneme::Rest | Phoneme::Breath);
        Boundary::ALL.into_iter().filter_map(|boundary| self.boundary(boundary)).all(near)
            && Self::CONSONANTS.contains(&self.consonant)
            && self.strengths_db.iter().all(|strength| strength.abs() <= Levels::MOST_DB)
            && self.sounds.into_iter().flatten().all(is_sung)
            && self.sounds[Part::Vowel as usize] != Some(Sound(Phoneme::None))
    }

    pub(super) fn bounded(mut self) -> Self {
        for boundary in Boundary::ALL {
            self = self.with_boundary(boundary, self.boundary(boundary));
        }
        self.consonant = self.consonant.clamp(*Self::CONSONANTS.start(), *Self::CONSONANTS.end());
        self.strengths_db = self.strengths_db.map(|db| db.clamp(-Levels::MOST_DB, Levels::MOST_DB));
        self
    }
}

fn is_usual_length(consonant: &f32) -> bool {
    *consonant == 1.0
}

fn are_usual_strengths(strengths: &[f32; 4]) -> bool {
    *strengths == [0.0; 4]
}

fn are_usual_sounds(sounds: &[Option<Sound>; 4]) -> bool {
    *sounds == [None; 4]
}
