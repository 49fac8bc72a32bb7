use serde::{Deserialize, Serialize};

use super::edit_error::{EditError, track_mut};
use crate::{Curve, CurveKind, CurvePoint, InvalidScore, MAX_TICK, Project, Tick, TrackId, curve};

/// Edits of the curves of one track.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CurveCommand {
    /// Replaces the points in `[from, to)` by others that lie there, in order.
    Draw { track: TrackId, kind: CurveKind, from: Tick, to: Tick, points: Vec<CurvePoint> },
}

impl CurveCommand {
    /// What makes one curve another; `None` where they are the same.
    pub fn between(track: TrackId, kind: CurveKind, before: &Curve, after: &Curve) -> Option<Self> {
        let (from, to) = before.differs_from(after)?;
        let from = if from.is_finite() { from as Tick + 1 } else { 0 };
        let to = if to.is_finite() { to as Tick } else { MAX_TICK + 1 };
        let points = after.iter().filter(|point| (from..to).contains(&point.tick)).copied().collect();
        Some(CurveCommand::Draw { track, kind, from, to, points })
    }

    pub(super) fn apply(self, project: &mut Project) -> Result<CurveCommand, EditError> {
        let CurveCommand::Draw { track, kind, from, to, points } = self;
        let curve = track_mut(project, track)?.curves.get_mut(kind);
        let inside = points.iter().all(|point| (from..to).contains(&point.tick));
        let bounds = kind.bounds();
        let bounded = points.iter().all(|point| bounds.contains(&point.value));
        if from > to || !inside || !bounded || !curve::are_valid(&points) {
            return Err(InvalidScore::Curve.into());
        }
        let points = curve.splice(from, to, points);
        Ok(CurveCommand::Draw { track, kind, from, to, points })
    }
}
