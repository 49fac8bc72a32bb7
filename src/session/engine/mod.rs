//! Where the document meets the live singer and the sound card.
//!
//! The studio tells the engine of every edit ([`Engine::follow`]) and calls
//! [`Engine::tick`] once in each frame. Singing, loading and decoding go on in threads of
//! their own, which wake the studio only when something has changed: an engine that has
//! nothing to do takes no time and asks for no repaint.

mod audition;
mod backing;
mod conductor;
mod device_names;
mod device_search;
mod hearing_takes;
mod key;
mod mixer;
mod opening;
mod recording_tempo;
mod shown;
mod sound;
mod sung;
mod takes;
mod transport;
mod voice;

pub use audition::AuditionStage;
pub use backing::BackingStatus;
pub use conductor::Engine;
pub use mixer::{LaneKey, gains as voice_gains, level as voice_level};
pub use sound::SoundStatus;
pub use sung::{HarmonyState, NoteState, Progress, SungCharacter, ready_clips};
pub use takes::TakeStage;
pub use voice::{LOADER, LoadedVoice, Loader, SungVoice, VoiceLoader, VoiceStatus};

use std::sync::Arc;

/// Called from other threads when something has changed that the studio shows.
pub type Wake = Arc<dyn Fn() + Send + Sync>;
