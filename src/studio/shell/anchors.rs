//! Anchors of the curve that is shown, by the keyboard.

use super::studio::Studio;
use crate::lanes::Lane;
use ziyin_score::{CurveKind, CurvePoint, EditError, Tick};
use ziyin_session::editor::anchors;

impl Studio {
    /// The curve that the lane shows.
    fn shown_curve(&self) -> Option<CurveKind> {
        match self.view.lane {
            Lane::Curve(kind) => Some(kind),
            Lane::Levels => None,
        }
    }

    /// Sets an anchor at the play head, where the curve runs, and gives it the keyboard.
    pub(super) fn set_anchor(&mut self) -> Result<(), EditError> {
        let track = self.session.editor.active();
        let Some((kind, track)) = self.shown_curve().zip(track) else { return Ok(()) };
        let curve = track.curves.get(kind).clone();
        let tick = self.session.engine.position_ticks().max(0.0).round() as Tick;
        let to = CurvePoint { tick, value: curve.at(tick as f64) };
        let done = self.session.editor.set_anchor(kind, &curve, None, to);
        self.session.editor.end();
        self.lead_to_anchor(tick);
        done
    }

    /// Gives the keyboard to the anchor behind the one that has it, or before it; where none has, to the one next
    /// to the play head.
    pub(super) fn go_to_anchor(&mut self, forward: bool) {
        if let Some(tick) = self.anchor_beside(forward) {
            self.lead_to_anchor(tick);
        }
    }

    /// Takes the anchor that has the keyboard away, and goes on to the next, or else to the one before.
    pub(super) fn remove_held_anchor(&mut self) -> Result<(), EditError> {
        let Some((kind, tick)) = self.shown_curve().zip(self.values.held_anchor()) else { return Ok(()) };
        let next = self.anchor_beside(true).or(self.anchor_beside(false));
        self.session.editor.remove_anchor(kind, tick)?;
        if let Some(next) = next {
            self.lead_to_anchor(next);
        }
        Ok(())
    }

    fn anchor_beside(&self, forward: bool) -> Option<Tick> {
        let all = anchors(self.session.editor.active()?.curves.get(self.shown_curve()?));
        let here = self.values.held_anchor();
        let here = here.unwrap_or_else(|| self.session.engine.position_ticks().round() as Tick);
        let mut ticks = all.iter().map(|anchor| anchor.tick);
        match forward {
            true => ticks.find(|&tick| tick > here),
            false => ticks.take_while(|&tick| tick < here).last(),
        }
    }

    fn lead_to_anchor(&mut self, tick: Tick) {
        if !self.view.shows_curves() {
            self.view.toggle_curves();
        }
        self.view.keep_in_sight(tick as f64, self.lanes.x);
        self.values.lead_to_anchor(tick);
    }
}
