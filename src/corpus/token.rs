use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use ziyin_lyrics::{Language, Phoneme, Syllable};

/// One sung character in a recording.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
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
    pub manner: Manner,
}

/// How a recording is sung, where the corpus tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Manner {
    #[default]
    Plain,
    Soft,
    Strong,
    Whisper,
}

/// Where the corpus says that a token lies, in seconds from the start of the recording;
/// what it does not say is found in the sound.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TokenPlace {
    pub start: Option<f64>,
    pub vowel: Option<f64>,
    pub nucleus_end: Option<f64>,
    pub end: Option<f64>,
}

/// One recording, and what is known of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Clip {
    pub audio: PathBuf,
    /// Index into [`Corpus::singers`].
    pub singer: usize,
    pub language: Language,
    pub content: Content,
}

/// What a corpus tells of a clip.
#[derive(Clone, Debug, PartialEq)]
pub enum Content {
    /// Each character with its place: a voicebank.
    Tokens(Vec<Token>),
    /// What is said, in order, but not where: a speech corpus with transcripts.
    Text { text: String, syllables: Vec<Syllable> },
    /// Nothing but whose voice it is.
    Voice,
}

/// A collection of recordings. What it leaves out on the way in is counted, never silent.
pub trait Corpus {
    /// The name of the collection; of one with a single singer, the singer's.
    fn name(&self) -> &str;

    /// Everybody who is heard in it, in a fixed order.
    fn singers(&self) -> Vec<String>;

    /// Every clip, in a fixed order.
    fn clips(&self) -> Vec<Clip>;

    /// How many recordings or entries are not among the clips, by reason.
    fn left_out(&self) -> BTreeMap<String, usize>;

    /// Every token whose place is known, in a fixed order.
    fn tokens(&self) -> Vec<Token> {
        let tokens = self.clips().into_iter().filter_map(|clip| match clip.content {
            Content::Tokens(tokens) => Some(tokens),
            Content::Text { .. } | Content::Voice => None,
        });
        tokens.flatten().collect()
    }
}
