//! Standard MIDI files, in and out.
//!
//! The way in: `chunks` finds the tracks in the file, `events` reads each of them,
//! `timing` makes one tempo map, `drums` tells drums from a voice,
//! `voices` makes tracks that a singer can sing, `words` puts the lyrics on them.
//! Files are broken in many ways, so each of these goes on where it can and says in the
//! [`super::Report`] what it met; nothing is changed silently.

mod chunks;
mod drums;
mod events;
mod export;
mod import;
mod sounding;
mod spread;
mod timing;
mod voices;
mod words;

pub(super) use events::{RawTrack, TextKind};
pub use export::{ExportError, write};
pub(super) use import::read_raw;
pub use import::{ImportOptions, Imported, import_midi};

/// Stands at the start of files that [`write()`] wrote. Their texts are taken as they
/// are: UTF-8, nothing trimmed, nothing spread. 0x7D is the maker id for anyone's use.
const MARK: &[u8] = b"\x7dziyin\x01";

use super::BudgetError;
use ziyin_message::{Message, ToMessage, message};

/// Why a MIDI file could not be imported.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{}", self.to_message())]
pub enum ImportError {
    NotMidi,
    UnknownEncoding(String),
    #[error(transparent)]
    Budget(#[from] BudgetError),
}

impl ToMessage for ImportError {
    fn to_message(&self) -> Message {
        match self {
            Self::NotMidi => message!("midi.not-midi"),
            Self::UnknownEncoding(name) => message!("midi.unknown-encoding", name),
            Self::Budget(inner) => inner.to_message(),
        }
    }
}
