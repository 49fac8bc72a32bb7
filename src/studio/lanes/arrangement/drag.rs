//! A drag on the blocks, from press to release: one step of the history.

use std::collections::{BTreeMap, BTreeSet};

use egui::{Modifiers, Pos2, Rect};

use super::block::is_selected;
use super::phrases::Row;
use super::recording::Moved;
use super::rows::Rows;
use crate::lanes::view::View;
use ziyin_score::{MeterMap, NoteId, Tick, TrackId};
use ziyin_session::editor::Editor;

/// Notes in several tracks.
pub(super) type Chosen = BTreeMap<TrackId, BTreeSet<NoteId>>;

/// Points between two lines of the grid that blocks keep to, at least.
const CLOSEST: f64 = 6.0;

pub(super) enum Drag {
    /// Moves what is selected, or copies of it: by how much so far.
    Move {
        from: f64,
        moved: Tick,
    },
    Recording(Moved),
    /// Selects the blocks that a box touches, beside what was selected before. Its corners are a tick and
    /// points from the top of all rows.
    Select {
        from: (f64, f32),
        to: (f64, f32),
        kept: Chosen,
    },
}

impl Drag {
    /// What a press at `at` begins.
    pub fn begin(
        editor: &mut Editor,
        (rows, view): (Rows, &View),
        all: &[Row],
        at: Pos2,
        modifiers: Modifiers,
    ) -> Option<Drag> {
        let tick = view.tick(at.x - rows.lanes.left());
        let Some((place, phrase)) = rows.phrase_at(at, all, view) else {
            let adds = modifiers.shift || modifiers.command;
            let kept = if adds { editor.selected().into_iter().collect() } else { Chosen::new() };
            let corner = (tick, at.y - rows.lanes.top() + rows.scrolled);
            return Some(Drag::Select { from: corner, to: corner, kept });
        };
        let row = &all[place];
        let track = row.track?;
        let chosen: Chosen = match is_selected(editor, row, phrase) {
            true => editor.selected().into_iter().collect(),
            false => [(track, row.ids_of(phrase))].into(),
        };
        editor.select_in(track, chosen);
        if modifiers.command {
            editor.begin("duplicate-notes");
            editor.copy_in_place(row.notes_of(phrase).first()?.id).ok()?;
        } else {
            editor.begin("move-notes");
        }
        Some(Drag::Move { from: tick, moved: 0 })
    }

    /// Follows the pointer to `at`; `fine` leaves the grid.
    pub fn go_on(
        &mut self,
        editor: &mut Editor,
        (rows, view): (Rows, &View),
        all: &[Row],
        at: Pos2,
        fine: bool,
    ) {
        let tick = view.tick(at.x - rows.lanes.left());
        match self {
            Drag::Move { from, moved } => {
                let Some((first, _)) = editor.selected_range() else { return };
                let step = if fine { 1 } else { step(view, &editor.project().meter, *from) };
                // What stands beside the grid keeps its distance from it.
                let wanted = ((tick - *from) / step as f64).round() as Tick * step;
                let by = (wanted - *moved).max(-first);
                // A step that would leave the song is not taken, the rest of the drag is.
                if by != 0 && editor.move_selected("move-notes", by, 0).is_ok() {
                    *moved += by;
                }
            }
            Drag::Recording(moved) => moved.go_on(editor, tick, fine),
            Drag::Select { from, to, kept } => {
                *to = (tick, at.y - rows.lanes.top() + rows.scrolled);
                let (left, right) = (from.0.min(to.0), from.0.max(to.0));
                let (top, bottom) = (from.1.min(to.1), from.1.max(to.1));
                let on_screen = |y: f32| y + rows.lanes.top() - rows.scrolled;
                let (first, last) = (rows.at(on_screen(top)).max(0), rows.at(on_screen(bottom)));
                let mut chosen = kept.clone();
                let mut topmost = None;
                for row in all.iter().take((last + 1).max(0) as usize).skip(first as usize) {
                    let Some(track) = row.track else { continue };
                    let touched = row.between(left, right.max(left + 1.0));
                    if !touched.is_empty() {
                        topmost = topmost.or(Some(track));
                        let ids = touched.iter().flat_map(|phrase| row.ids_of(phrase));
                        chosen.entry(track).or_default().extend(ids);
                    }
                }
                let active =
                    editor.active_track().filter(|track| topmost.is_none() || chosen.contains_key(track));
                if let Some(active) = active.or(topmost) {
                    editor.select_in(active, chosen);
                }
            }
        }
    }

    /// Whether nothing was moved by it: copies would lie over what was copied.
    pub fn came_back(&self) -> bool {
        matches!(self, Drag::Move { moved: 0, .. })
    }

    /// The box that is marked out.
    pub fn area(&self, rows: Rows, view: &View) -> Option<Rect> {
        let Drag::Select { from, to, .. } = self else { return None };
        let corner = |(tick, y): (f64, f32)| {
            egui::pos2(rows.lanes.left() + view.x(tick), rows.lanes.top() + y - rows.scrolled)
        };
        Some(Rect::from_two_pos(corner(*from), corner(*to)))
    }
}

/// By how many ticks blocks move at a time: by the grid, or where its lines lie too close by the beat, the bar,
/// or some of them.
pub(super) fn step(view: &View, meter: &MeterMap, at: f64) -> Tick {
    let grid = view.snap.ticks(meter, at);
    let is_wide = |ticks: Tick| ticks as f64 * view.scale >= CLOSEST;
    let signature = meter.at(at.max(0.0) as Tick);
    if grid == 1 || is_wide(grid) {
        return grid;
    }
    if is_wide(signature.beat()) {
        return signature.beat();
    }
    let mut bars = signature.bar();
    while !is_wide(bars) {
        bars *= 2;
    }
    bars
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lanes::snap::{Rhythm, Snap};

    #[test]
    fn blocks_move_by_what_can_be_seen() {
        let meter = MeterMap::default();
        let at = |scale: f64, value: u8| {
            let mut view = View::default();
            (view.scale, view.snap) = (scale, Snap { value, rhythm: Rhythm::Straight });
            step(&view, &meter, 0.0)
        };
        assert_eq!([at(0.1, 16), at(0.01, 16), at(0.002, 16), at(0.001, 16)], [240, 960, 3840, 7680]);
        assert_eq!(at(0.001, 0), 1, "without a grid there is none from afar either");
    }
}
