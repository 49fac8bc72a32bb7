//! The sound card, the transport and the keys of MIDI keyboards: knows samples, and nothing of songs.
//!
//! The audio thread runs an [`Engine`] and nothing else. It never locks, allocates or
//! waits: orders reach it over a ring, what it no longer needs goes back over another to
//! be dropped elsewhere, and what it tells is told in atomics.

mod beats;
mod engine;
mod limiter;
mod midi_input;
mod player;
mod rate;
mod recorder;
mod timeline;

pub use beats::{Beat, BeatRun, Beats};
pub use engine::{Engine, METERS, Order, State};
pub use limiter::{CEILING, LOOK_AHEAD};
pub use midi_input::{MidiEar, MidiKey, MidiPort, MidiPorts, SystemMidi};
pub use player::{DeviceChoice, PlaybackError, Player, device_names};
pub use rate::{Kernel, WINDOW};
pub use recorder::Recorder;
pub use timeline::{Clip, Clips, Lane, Timeline};

/// Frames per second of all samples that are played.
pub const RATE: u32 = 44_100;
