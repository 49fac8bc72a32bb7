//! Ziyin (字音): notes and lyrics in, a neural voice out.
//!
//! Each module is a room of the house that `docs/architecture.md` draws; a room uses
//! only the rooms named there.

#[cfg(feature = "studio")]
rust_i18n::i18n!("locales", fallback = "en");

pub mod corpus;
pub mod lyrics;
pub mod score;
pub mod signal;
pub mod singing;

pub mod interchange;

#[cfg(feature = "voice")]
pub mod listening;
pub mod model;
#[cfg(feature = "voice")]
pub mod training;

#[cfg(feature = "studio")]
pub mod playback;
#[cfg(feature = "studio")]
pub mod studio;

pub mod cli;
