//! Recordings with exact intervals.
//!
//! A corpus yields [`Token`]s: one sung character each, with its place in a recording.
//! What comes after (landmarks found again, frames, batches) is the same for all.

mod analysed;
mod landmarks;
mod mandarin_aliases;
mod oto;
mod token;
mod voicebank;

pub use analysed::{AnalysedToken, Census, GRID_VERSION, analyse_corpus};
pub use landmarks::{Landmarks, Rejected, find_landmarks};
pub use mandarin_aliases::{MandarinAlias, read_mandarin_alias};
pub use oto::{OtoEntry, read_oto};
pub use token::{Corpus, Token, TokenPlace};
pub use voicebank::{PitchFolder, Voicebank, VoicebankError};
