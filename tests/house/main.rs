//! Tests that walk through several rooms. One binary, so that they link once.

#[cfg(feature = "voice")]
mod alignment;
#[cfg(feature = "studio")]
mod audio;
mod cases;
#[cfg(feature = "voice")]
mod choir;
#[cfg(feature = "voice")]
mod cloning;
mod command_line;
mod corpora;
mod demo;
mod live;
mod midi;
#[cfg(feature = "studio")]
mod null_sink;
mod planning;
#[cfg(feature = "studio")]
mod playback;
mod projects;
#[cfg(feature = "studio")]
mod rehearsal;
mod score;
#[cfg(feature = "voice")]
mod shipped_voice;
mod singing;
#[cfg(feature = "studio-tests")]
mod studio;
#[cfg(feature = "voice")]
mod training;
mod voicebank;
