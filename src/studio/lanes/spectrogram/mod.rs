//! The spectrogram of what is sung, painted behind the notes: computed and drawn by the
//! graphics device of the window, in rows that are the keys of the roll.
//!
//! The spectrum of each column is computed by `shaders/spectrogram/spectrum.wgsl` when the
//! sound or the view has changed, and painted by `paint.wgsl` in every frame.

mod columns;
mod frame;
mod lane;
mod layout;
mod spectrum;

pub use lane::Spectrogram;
