//! What was copied and can be pasted, across tracks and songs.

use super::carry::CopiedCurves;
use ziyin_score::{CurveKind, CurvePiece, Note};

/// What was copied.
#[derive(Clone, Default)]
pub(super) struct Clipboard {
    /// Notes, with their onsets counted from the first of them.
    pub notes: Vec<Note>,
    /// The curves that belong to them.
    pub curves: CopiedCurves,
    /// A part of a curve by itself.
    pub curve: Option<(CurveKind, CurvePiece)>,
}
