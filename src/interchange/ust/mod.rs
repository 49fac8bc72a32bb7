//! UTAU's UST, in and out.

mod export;
mod import;

pub use export::write;
pub use import::{detect, lines, read};
