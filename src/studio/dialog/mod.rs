//! The dialogs: at most one is open, and it lies over everything else.

pub mod about;
pub mod chooser;
pub mod clone_singer;
pub mod export;
mod frame;
pub mod import;
mod look;
pub mod preferences;
pub mod recovered;
pub mod shortcuts;
pub mod song_change;
mod system_dialog;
pub mod time;
pub mod unsaved;

use std::path::PathBuf;

use self::chooser::Chooser;
use self::clone_singer::CloneDialog;
use self::export::ExportDialog;
pub use self::frame::{Step, frame as framed};
use self::import::ImportDialog;
use self::preferences::PreferencesDialog;
use self::song_change::ChangeDialog;
use self::time::TimeDialog;
use ziyin_session::recovery::Lost;

/// What lies over the window.
pub enum Dialog {
    Choose(Box<Chooser>),
    Unsaved(Leave),
    Import(Box<ImportDialog>),
    Export(Box<ExportDialog>),
    Preferences(PreferencesDialog),
    Recovered(Vec<Lost>),
    Change(ChangeDialog),
    Time(TimeDialog),
    Clone(Box<CloneDialog>),
    Shortcuts,
    About,
}

/// What was asked for that ends the work on the open song.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Leave {
    New,
    Open(PathBuf),
    Quit,
}
