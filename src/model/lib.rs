//! The networks, and the weights that they are read from.

pub mod character;
pub mod cloned_singer;
pub mod device;
pub mod duration;
mod eight_bits;
mod exemplar;
pub mod generator;
pub mod heard;
pub mod installed;
pub mod mixture;
pub mod recogniser;
pub mod roster;
pub mod separator;
pub mod singer_encoder;
pub mod take_encoder;
mod timing;
pub mod u_net;
pub mod user_folders;
mod voice;

pub use character::{CODE, CharacterInput, Second};
pub use cloned_singer::{Adapter, ClonedSinger, Consent, Share, SingerCard};
pub use duration::DurationConfig;
pub use exemplar::{Articulation, Exemplar, Sought};
pub use timing::{Timing, TimingInput};
pub use voice::{
    Block, SingerConfig, VoiceConfig, VoiceError, VoiceModel, articulated_pitch, duration_numbers,
    generator_print, load_stored, load_weights, read_json, save_weights, to_vec, write_json,
};
