//! The document: tracks of notes with lyrics, curves, tempo and meter; the commands that
//! edit it, and the file that keeps it.
//!
//! Time is counted in ticks ([`Tick`]), 960 to the quarter note ([`TICKS_PER_QUARTER`]);
//! [`TempoMap`] turns them into seconds and back, exactly. A [`Project`] is plain data and
//! cheap to clone: notes and curves are shared until one of the clones is edited.

mod articulation;
mod backing;
mod bounds;
mod command;
mod curve;
mod curve_piece;
mod file;
mod harmony;
mod history;
mod id;
mod invalid_score;
mod key;
mod levels;
mod marker;
mod meter;
mod note;
mod notes;
mod project;
mod tempo;
mod timbre;
mod track;
mod transition;

pub use articulation::{Articulation, Boundary, Part, Sound};
pub use backing::Backing;
pub use command::{
    BackingCommand, Command, CurveCommand, EditError, HarmonyCommand, NoteCommand, SongCommand, TrackCommand,
    TrackField,
};
pub use curve::{Curve, CurveKind, CurvePoint, Curves};
pub use curve_piece::{CurvePiece, Overlay};
pub use file::{FORMAT_VERSION, LoadError, backup_path};
pub use harmony::{Harmony, HarmonyKind, Scale};
pub use history::History;
pub use id::{NoteId, TrackId};
pub use invalid_score::InvalidScore;
pub use key::Key;
pub use levels::Levels;
pub use marker::Marker;
pub use meter::{BarBeat, MeterMap, TimeSignature, TimeSignatureChange};
pub use note::{Manner, Note, Vibrato};
pub use notes::Notes;
pub use project::Project;
pub use tempo::{Tempo, TempoChange, TempoMap};
pub use timbre::Timbre;
pub use track::{Colour, Track};
pub use transition::Transition;

/// A moment or a length of the song, in ticks of 1/960 quarter note. Moments of a valid
/// score lie between 0 and [`MAX_TICK`].
pub type Tick = i64;

/// Ticks in a quarter note.
pub const TICKS_PER_QUARTER: Tick = 960;

/// The last moment that a score may hold: about 310 hours at 120 bpm. It bounds what a
/// hostile file can ask for, and keeps all time arithmetic within 64 bits.
pub const MAX_TICK: Tick = i32::MAX as Tick;

/// Gains of tracks, harmonies and backing audio, in dB.
pub const GAINS_DB: std::ops::RangeInclusive<f32> = -200.0..=60.0;

/// Seconds in which the room of a song may die away, by 60 dB.
pub const ROOMS_S: std::ops::RangeInclusive<f32> = 0.3..=4.0;
