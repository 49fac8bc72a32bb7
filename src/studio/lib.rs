//! The desktop application.
//!
//! ```text
//! app        what is open, and what happens in a frame
//! action     everything that can be done: menus, shortcuts, palette come from one table
//! perform    what each action does            files      new, open, save, drop
//! editor     the document that is being edited: selection, clipboard, named steps
//! view       what part of the song is on screen, and the tools
//! roll       the piano roll and its ruler     lyric_lane the words under it
//! spectrogram  the sound behind the notes
//! value_lane the lane of curves and levels, and its pens
//! curves     drawn curves in it               levels     bars of the notes' levels in it
//! backing    recordings behind the song
//! window     what lies around the lanes: menus, transport, tracks, mixer, history
//! dialog     what lies over them              dialogs    what follows from their answers
//! engine     where the document meets the singer and the sound card
//! rendering  the song on its way into files
//! cloning    a singer from recordings
//! song       tempo and time signatures      system_dialog  files are chosen as the desktop does
//! words      what other rooms say, translated
//! recovery   nothing is lost                  settings   what the user prefers
//! quick_stroke  strokes of the pointer that are quicker than a frame
//! ```

rust_i18n::i18n!("../../locales", fallback = "en");

pub mod action;
pub mod app;
mod backing;
mod cloning;
mod curves;
mod dialog;
mod dialogs;
pub mod editor;
pub mod engine;
mod files;
mod levels;
pub mod lyric_lane;
mod open_window;
mod perform;
mod quick_stroke;
mod readings;
pub mod recording;
pub mod recovery;
pub mod rendering;
pub mod roll;
pub mod settings;
mod singers;
mod song;
pub mod spectrogram;
mod system_dialog;
pub mod value_lane;
pub mod view;
mod window;
pub mod words;

pub use app::{Start, Studio, demo_song};
pub use open_window::open_window;
pub use window::theme;
