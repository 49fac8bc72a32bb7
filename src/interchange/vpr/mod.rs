//! VOCALOID 5 and 6: VPR, JSON in a zip archive, in and out.

mod export;
mod import;

pub use export::write;
pub use import::{FORMAT, SONG, read};
