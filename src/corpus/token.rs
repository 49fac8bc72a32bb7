use std::path::PathBuf;

use crate::lyrics::{Phoneme, Syllable};

/// One sung character in a recording.
#[derive(Clone, Debug, PartialEq)]
pub struct Token {
    pub wav: PathBuf,
    /// MIDI pitch that the recording is said to be sung at.
    pub folder_pitch: Option<u8>,
    pub syllable: Syllable,
    /// Nucleus and coda of the character before, or twice [`Phoneme::Rest`].
    pub previous: [Phoneme; 2],
    /// First two sounds of the character after, or twice [`Phoneme::Rest`].
    pub next: [Phoneme; 2],
    pub place: TokenPlace,
}

/// Where the corpus says that a token lies, in seconds from the start of the recording;
/// what it does not say is found in the sound.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct TokenPlace {
    pub start: Option<f64>,
    pub vowel: Option<f64>,
    pub nucleus_end: Option<f64>,
    pub end: Option<f64>,
}

/// A collection of recordings of one singer.
pub trait Corpus {
    /// The name that the singer goes by.
    fn singer(&self) -> &str;
    /// Every token, in a fixed order.
    fn tokens(&self) -> Vec<Token>;
}
