//! What the formats of VOCALOID share.

mod export;
mod import;
mod phonemes;

pub use export::{Bends, bends, language_number, start_of, tempos};
pub use import::{QUARTER, USUAL_RANGE, WIDEST_RANGE, add_bend, language, swing};
pub use phonemes::phonemes_of;
