//! The document that is being edited: project, history, selection, clipboard. It knows
//! nothing of the screen, so that every action can be tested by itself.

mod anchors;
mod breaths;
mod carry;
mod clipboard;
mod copied;
mod document;
mod find;
mod folders;
mod hiding;
mod late;
mod level_stroke;
mod lyrics;
mod markers;
mod notes;
mod recorded;
mod song;
mod stroke;
mod time;
mod words;

pub use anchors::{Way, anchors};
pub use document::Editor;
pub use find::{LyricSearch, NoteSearch};
pub use folders::{Folder, Row};
pub use late::Late;
pub use level_stroke::LevelStroke;
pub use lyrics::Typed;
pub use notes::{SHORTEST, USUAL_VIBRATO};
pub use song::{ChangeKind, SongChange};
pub use stroke::{PenStroke, Stroke};
pub use time::TimeChange;
pub use words::{Place, first_in_one, in_one, let_wait, new_notes};
