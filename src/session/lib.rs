//! An open song, with all that belongs to it and no screen: the document, its history, the singer
//! and the sound card, and what keeps it safe.
//!
//! ```text
//! open_song  what is open, as one value       attachment  the plug-in that a studio belongs to
//! editor     the document that is being edited: selection, clipboard, named steps
//! engine     where the document meets the singer and the sound card
//! readings   how the lyrics are read          settings   what the user prefers
//! backing    recordings behind the song       recording  recordings in files
//! importing  a song on its way in             rendering  the song on its way into files
//! cloning    a singer from recordings         singers    who can sing
//! recovery   nothing is lost                  keeper     the thread that writes
//! hearing    a song from a recording      heard_song what it is made into
//! listener   the same in the background   background work in a thread of its own
//! renditions one song by several singers   separating  vocals, and what goes with them
//! singer_files  installed, mixed, renamed, deleted and brought back
//! song_file  the file of a song, held while the song is open
//! search     what is looked for on the disk   log        what happened
//! midi_keyboard  the keys of a MIDI keyboard   played     what becomes of those that were played
//! playing_in the keyboard at work
//! crash      what is left of a program that broke down
//! file_dialogs  whether the system has dialogs for files
//! ```

pub mod attachment;
mod audio_take;
mod background;
pub mod backing;
pub mod cloning;
pub mod crash;
pub mod editor;
pub mod engine;
pub mod file_dialogs;
mod heard_song;
pub mod hearing;
pub mod importing;
mod keeper;
pub mod listener;
pub mod log;
mod microphone;
pub mod midi_keyboard;
mod open_song;
pub mod played;
mod playing_in;
pub mod readings;
pub mod recording;
pub mod recovery;
pub mod rendering;
pub mod renditions;
mod search;
pub mod separating;
pub mod settings;
pub mod singer_files;
pub mod singers;
pub mod song_file;
mod templates;
mod whole_file;

pub use audio_take::{KeptTake, Microphone};
pub use open_song::{News, Session};
pub use whole_file::write_whole;
