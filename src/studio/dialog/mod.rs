//! The dialogs: at most one is open, and it lies over everything else.

pub mod about;
pub mod chooser;
pub mod clone_singer;
pub mod export;
pub mod file_question;
pub mod find_lyrics;
mod frame;
pub mod hear;
pub mod import;
mod leave;
mod look;
pub mod marker;
pub mod missing_singers;
mod mixture;
pub mod preferences;
pub mod recovered;
pub mod select_notes;
pub mod shortcuts;
pub mod singers;
pub mod song_change;
mod system_dialog;
pub mod takes;
pub mod templates;
pub mod time;
pub mod unsaved;

use self::chooser::Chooser;
use self::clone_singer::CloneDialog;
use self::export::ExportDialog;
use self::file_question::FileQuestion;
use self::find_lyrics::FindDialog;
pub use self::frame::{Step, frame as framed};
use self::hear::HearDialog;
use self::import::ImportDialog;
pub use self::leave::{Incoming, Leave};
use self::marker::MarkerDialog;
use self::missing_singers::MissingSingers;
use self::preferences::PreferencesDialog;
use self::select_notes::SelectDialog;
use self::shortcuts::ShortcutsDialog;
use self::singers::SingersDialog;
use self::song_change::ChangeDialog;
use self::takes::TakesDialog;
use self::templates::TemplatesDialog;
use self::time::TimeDialog;
use ziyin_session::recovery::Lost;

/// What lies over the window.
pub enum Dialog {
    Choose(Box<Chooser>),
    Unsaved(Leave),
    File(FileQuestion),
    Singers(MissingSingers),
    AllSingers(Box<SingersDialog>),
    Import(Box<ImportDialog>),
    Export(Box<ExportDialog>),
    Preferences(PreferencesDialog),
    Recovered(Vec<Lost>),
    Change(ChangeDialog),
    Marker(MarkerDialog),
    Time(TimeDialog),
    Find(FindDialog),
    Select(SelectDialog),
    Takes(TakesDialog),
    Templates(TemplatesDialog),
    Clone(Box<CloneDialog>),
    Hear(Box<HearDialog>),
    Shortcuts(ShortcutsDialog),
    About,
}
