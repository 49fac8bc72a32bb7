//! Recordings to knowledge: whose voice they hold, what it sings, and where each character lies.

mod adapting;
pub mod alignment;
mod cloner;
mod course;
mod ear;
mod follow;
mod following;
mod guess;
mod lesson;
mod lexicon;
mod likeness;
mod notes;
mod pulse;
mod recording;
mod refinement;
mod separation;
mod voice_check;
mod voice_follow;
mod vowel_match;
mod word_refinement;
mod words;

pub use adapting::Distance;
pub use cloner::{CloneError, Cloner, Fit, Refining};
pub use course::Course;
pub use ear::{Ear, Sounds};
pub use follow::{Astray, Followed, follow};
pub use guess::{Guess, guess};
pub use lesson::{LessonError, Worded};
pub use likeness::{LeftOut, Likeness, listen};
pub use notes::{HeardNote, Interval, notes_of_characters, notes_of_course};
pub use pulse::Pulse;
pub use recording::{Condition, ListeningError, VoiceRecording, take_recording, whole_recording};
pub use separation::{SeparationError, Separator};
pub use voice_check::NoVoice;
pub use voice_follow::follow_by_voice;
pub use words::Words;
