use serde::{Deserialize, Serialize};

use super::edit_error::{EditError, track_mut};
use crate::{CurveKind, CurvePoint, InvalidScore, Project, Tick, TrackId, curve};

/// Edits of the curves of one track.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CurveCommand {
    /// Replaces the points in `[from, to)` by others that lie there, in order.
    Draw { track: TrackId, kind: CurveKind, from: Tick, to: Tick, points: Vec<CurvePoint> },
}

impl CurveCommand {
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
