//! The networks, and the weights that they are read from.

pub mod character;
pub mod cloned_singer;
#[cfg(feature = "voice")]
pub mod critic;
#[cfg(feature = "voice")]
pub mod device;
#[cfg(feature = "voice")]
pub mod duration;
#[cfg(feature = "voice")]
pub mod generator;
pub mod heard;
pub mod installed;
#[cfg(feature = "voice")]
pub mod roster;
#[cfg(feature = "voice")]
pub mod singer_encoder;
#[cfg(feature = "voice")]
pub mod tacotron2;
#[cfg(feature = "voice")]
pub mod take_encoder;
mod timing;
#[cfg(feature = "voice")]
mod voice;

pub use character::{CODE, CharacterInput};
pub use cloned_singer::{Adapter, ClonedSinger, Consent, SingerCard};
#[cfg(feature = "voice")]
pub use duration::DurationConfig;
pub use timing::{Timing, TimingInput};
#[cfg(feature = "voice")]
pub use voice::{
    Block, Exemplar, SingerConfig, VoiceConfig, VoiceError, VoiceModel, duration_numbers, generator_print,
    load_weights, save_weights,
};
#[cfg(feature = "voice")]
pub(crate) use voice::{load_stored, to_vec};
