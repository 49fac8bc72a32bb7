//! Score to sound.

pub mod vocoder;
