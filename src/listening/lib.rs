//! Recordings to knowledge: whose voice they hold, and where each character lies.

pub mod alignment;
mod cloner;
mod likeness;
mod recording;
mod refinement;
mod voice_check;
mod vowel_match;

pub use cloner::{CloneError, Cloner, Refining};
pub use likeness::{LeftOut, Likeness, listen};
pub use recording::{Condition, ListeningError, VoiceRecording, take_recording};
pub use voice_check::NoVoice;
