//! An open song, with all that belongs to it and no screen: the document, its history, the singer
//! and the sound card, and what keeps it safe.
//!
//! ```text
//! open_song  what is open, as one value
//! editor     the document that is being edited: selection, clipboard, named steps
//! engine     where the document meets the singer and the sound card
//! readings   how the lyrics are read
//! backing    recordings behind the song       recording  recordings in files
//! recovery   nothing is lost                  settings   what the user prefers
//! rendering  the song on its way into files   cloning    a singer from recordings
//! singers    who can sing
//! ```

pub mod backing;
pub mod cloning;
pub mod editor;
pub mod engine;
mod open_song;
pub mod readings;
pub mod recording;
pub mod recovery;
pub mod rendering;
pub mod settings;
pub mod singers;

pub use open_song::Session;
