//! Other people's formats, in and out.
//!
//! [`open_song`] tells a file's kind by its content and gives a project and a [`Report`].
//! MIDI has a folder of its own. A reader of another program's format makes a
//! `sheet::Sheet` of its file, which `sheet` turns into a project, settling overlaps
//! and saying what was left out. [`export_song`] goes the other way, by the writers that
//! stand beside the readers.

mod archive;
mod articulation;
pub mod audio;
mod budget;
mod cevio;
mod deepvocal;
mod encoding;
mod export;
mod kind;
mod maps;
pub mod midi;
mod musicxml;
mod overlay;
mod phonetic_hint;
mod plain_yaml;
mod recording;
mod refusal;
mod report;
mod sheet;
mod song;
mod svp;
mod tree;
mod ust;
mod ustx;
mod value_tree;
mod verse_number;
mod vocaloid;
mod voicevox;
mod vpr;
mod vsq;
mod vsqx;
mod word_parts;
mod xml;
mod yaml;

pub use archive::Archive;
pub use budget::{Budget, BudgetError, Resource};
pub use export::{ExportError, ExportOptions, Exported, LyricForm, export_song};
pub use kind::SongKind;
pub use midi::{ImportError, ImportOptions, Imported, import_midi};
pub use refusal::Refusal;
pub use report::{Report, Warning};
pub use song::{OpenError, import_song, open_song};
