//! VOCALOID 3 and 4: VSQX, which is XML; read in both versions and written in the later.

mod export;
mod import;

pub use export::write;
pub use import::read;
