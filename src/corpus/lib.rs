//! Recordings and what is known of them.
//!
//! A corpus yields [`Clip`]s: one recording each, with whose voice it is and what is heard.
//! A voicebank knows the place of each character ([`Token`]), a speech corpus the text
//! alone. What comes after (landmarks found again, frames, batches) is the same for all.

mod analysed;
mod file_names;
mod folder_pitch;
mod japanese_aliases;
mod japanese_bank;
mod landmarks;
mod mandarin_aliases;
mod oto;
pub mod speech;
mod token;
mod voicebank;

pub use analysed::{
    AnalysedToken, Census, GRID_VERSION, QUIETEST, analyse_recording, analyse_tokens, find_all_landmarks,
    place_name, read_wav,
};
pub use folder_pitch::{Relabelled, settle_folder_pitches};
pub use japanese_aliases::{JapaneseAlias, read_japanese_alias};
pub use landmarks::{Landmarks, Rejected, find_landmarks};
pub use mandarin_aliases::{MandarinAlias, read_mandarin_alias};
pub use oto::{OtoEntry, read_oto};
pub use speech::{CorpusError, SpeechCorpus, open_corpus};
pub use token::{Clip, Content, Corpus, Manner, Token, TokenPlace};
pub use voicebank::{PitchFolder, Voicebank, VoicebankError};
