//! Synthesizer V's SVP, which is JSON, in and out.

mod export;
mod import;

pub use export::write;
pub use import::read;
