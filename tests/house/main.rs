//! Tests that walk through several rooms. One binary, so that they link once.

mod cases;
mod command_line;
mod demo;
mod live;
mod midi;
#[cfg(feature = "studio")]
mod playback;
mod projects;
mod score;
#[cfg(feature = "voice")]
mod shipped_voice;
mod singing;
mod voicebank;
