//! Tests that walk through several rooms. One binary, so that they link once.

mod alignment;
mod audio;
mod cases;
mod choir;
mod circles;
mod cloning;
mod command_line;
mod corpora;
mod demo;
mod dependencies;
mod documents;
mod exports;
mod hostile;
mod live;
mod midi;
mod null_sink;
mod planning;
mod playback;
mod projects;
mod rehearsal;
mod score;
mod shipped_voice;
mod singing;
mod songs;
mod studio;
mod voicebank;
