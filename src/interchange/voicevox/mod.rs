//! VOICEVOX's VVPROJ, which is JSON, in and out.

mod export;
mod import;

pub use export::write;
pub use import::read;

/// Frames per second in which volume is drawn.
const FRAMES: f64 = 93.75;

/// What stands on a note that goes on with the vowel before it.
const HOLD: &str = "ー";
