//! OpenUtau's USTX, which is YAML, in and out.

mod export;
mod import;

pub use export::write;
pub use import::read;
