//! What is asked of the duration network, and what it answers.

use ziyin_lyrics::{Phoneme, Syllable};

/// What the length of a character's consonants depends on.
#[derive(Clone, Debug, PartialEq)]
pub struct TimingInput {
    pub syllable: Syllable,
    /// Nucleus and coda of the syllable before, or twice [`Phoneme::Rest`].
    pub previous: [Phoneme; 2],
    /// The first two sounds of the syllable after, or twice [`Phoneme::Rest`].
    pub next: [Phoneme; 2],
    pub singer: usize,
    /// MIDI pitch.
    pub pitch: f32,
    /// Seconds from the vowel to the end.
    pub length: f32,
}

/// How long the parts of a character would be if there is time, in seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Timing {
    /// Silence of a plosive, from the onset to the burst.
    pub closure: f32,
    /// From the burst, or the onset, to the vowel.
    pub consonant: f32,
    /// From the end of the nucleus to the end.
    pub coda: f32,
}
