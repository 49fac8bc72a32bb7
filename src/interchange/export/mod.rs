//! A song on its way into another program's file.
//!
//! [`lines`] makes of a project what each format starts from, a voice with one note at a time;
//! [`lyric_form`] writes its words as a singer of the other program wants them; [`grid`], [`bars`]
//! and [`numbers`] bring time, meter and numbers into what a format can say. Each format has its
//! writer beside its reader.

pub mod bars;
pub mod grid;
pub mod lines;
mod lyric_form;
pub mod numbers;
mod song;
pub mod xml_writer;

pub use lyric_form::LyricForm;
pub use song::{ExportError, ExportOptions, Exported, export_song};
