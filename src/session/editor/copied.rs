//! What was copied and can be pasted, across tracks and songs.

use super::carry::CopiedCurves;
use ziyin_score::{CurveKind, CurvePiece, Note, TrackId};

/// What was copied.
#[derive(Clone, Default)]
pub(super) struct Clipboard {
    /// Notes with their curves, from each track that some were copied of.
    pub parts: Vec<Part>,
    /// A part of a curve by itself.
    pub curve: Option<(CurveKind, CurvePiece)>,
}

/// Notes that were copied of one track.
#[derive(Clone)]
pub(super) struct Part {
    pub track: TrackId,
    /// With their onsets counted from the first note of all parts.
    pub notes: Vec<Note>,
    /// The curves that belong to them.
    pub curves: CopiedCurves,
}
