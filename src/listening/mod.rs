//! Recordings to knowledge: whose voice they hold.

mod likeness;
mod recording;
mod refinement;
mod voice_check;

pub use likeness::{LeftOut, Likeness, listen};
pub use recording::{Condition, Heed, ListeningError, open_recording};
pub use refinement::{Refinement, refine};
pub use voice_check::NoVoice;
