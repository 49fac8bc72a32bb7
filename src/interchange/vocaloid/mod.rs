//! What the formats of VOCALOID share.

mod control;
mod export;
mod import;
mod phonemes;

pub use control::Control;
pub use export::{Bends, bends, language_number, start_of, tempos, velocity};
pub use import::{QUARTER, USUAL_RANGE, WIDEST_RANGE, add_bend, add_steps, language, note_velocity, swing};
pub use phonemes::phonemes_of;
