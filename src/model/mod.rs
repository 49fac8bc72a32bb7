//! The networks, and the weights that they are read from.

pub mod character;
pub mod device;
pub mod duration;
pub mod generator;
mod voice;

pub use character::{CODE, CharacterInput};
pub use duration::DurationConfig;
pub use voice::{
    Block, Exemplar, SingerConfig, Timing, TimingInput, VoiceConfig, VoiceError, VoiceModel,
    duration_numbers, save_weights,
};
