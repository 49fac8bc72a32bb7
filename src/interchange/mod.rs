//! Other people's formats, in and out.

pub mod midi;
mod song;

pub use midi::{
    ExportError, ImportError, ImportOptions, Imported, Report, Warning, export_midi, import_midi,
};
pub use song::{OpenError, SongKind, open_song};
