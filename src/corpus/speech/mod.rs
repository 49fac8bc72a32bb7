//! Corpora of speech: recordings with transcripts, or with nothing but whose voice it is.
//!
//! One file per layout. Each walks its folder, reads the transcripts, and hands pairs of
//! recording and text to a `gathering::Gathering`, which counts what does not fit together.

mod aidatatang;
mod aishell1;
mod aishell3;
mod cn_celeb;
mod gathering;
mod open;
mod primewords;
mod st_cmds;
mod syllable_folder;
mod timed;
mod unpacking;
mod walk;

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::{Clip, Corpus, VoicebankError};

pub use aidatatang::open_aidatatang;
pub use aishell1::open_aishell1;
pub use aishell3::open_aishell3;
pub use cn_celeb::{Trial, open_cn_celeb, read_trials};
pub use open::open_corpus;
pub use primewords::open_primewords;
pub use st_cmds::open_st_cmds;
pub use syllable_folder::open_syllable_folder;
pub use timed::{INDEX, open_timed};

/// Why a folder could not be opened as a corpus.
#[derive(Debug, thiserror::Error)]
pub enum CorpusError {
    #[error("{folder} is not laid out as {name}: there is no {missing}")]
    Layout { folder: PathBuf, name: &'static str, missing: &'static str },
    #[error(
        "{0} is no corpus that Ziyin knows: it reads UTAU voicebanks, AISHELL-1, AISHELL-3, ST-CMDS, Primewords, aidatatang_200zh, CN-Celeb, folders of syllables and folders with a recordings.jsonl"
    )]
    Unknown(PathBuf),
    #[error("cannot read {path}: {source}")]
    Io { path: PathBuf, source: std::io::Error },
    #[error("{path} is damaged: {what}")]
    Damaged { path: PathBuf, what: String },
    #[error("{path} is too large: more than {limit} bytes unpacked")]
    TooLarge { path: PathBuf, limit: u64 },
    #[error(transparent)]
    Voicebank(#[from] VoicebankError),
}

/// A corpus whose clips were gathered from a folder.
#[derive(Clone, Debug)]
pub struct SpeechCorpus {
    name: String,
    singers: Vec<String>,
    clips: Vec<Clip>,
    left_out: BTreeMap<String, usize>,
}

impl Corpus for SpeechCorpus {
    fn name(&self) -> &str {
        &self.name
    }

    fn singers(&self) -> Vec<String> {
        self.singers.clone()
    }

    fn clips(&self) -> Vec<Clip> {
        self.clips.clone()
    }

    fn left_out(&self) -> BTreeMap<String, usize> {
        self.left_out.clone()
    }
}
