//! A drag on the lanes, from press to release: one step of the history.

use egui::{Pos2, Rect};

use super::{Roll, RollContext, note};
use crate::score::{CurveKind, CurvePoint, EditError, NoteId, TICKS_PER_QUARTER, Tick};
use crate::studio::editor::Editor;
use crate::studio::view::{Tool, View};

/// Which part of a note the pointer holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Start,
    Middle,
    End,
}

pub(super) enum Drag {
    /// Moves the selected notes: by how much they were moved so far.
    Move {
        from: (f64, f32),
        held: NoteId,
        moved: (Tick, i16),
    },
    Resize {
        from: f64,
        edge: Part,
        held: NoteId,
        resized: Tick,
    },
    /// Selects what a box touches, beside what was selected before.
    Box {
        from: Pos2,
        to: Pos2,
        kept: Vec<NoteId>,
    },
    Erase,
    /// Draws the pitch curve: the last point that was drawn.
    Pitch {
        last: Option<CurvePoint>,
    },
}

impl Drag {
    pub(super) fn box_area(&self) -> Option<Rect> {
        match self {
            Drag::Box { from, to, .. } => Some(Rect::from_two_pos(*from, *to)),
            _ => None,
        }
    }

    pub(super) fn shapes_length(&self) -> bool {
        matches!(self, Drag::Resize { .. })
    }

    /// Follows the pointer to `at`; `fine` leaves the grid.
    pub(super) fn go_on(
        &mut self,
        editor: &mut Editor,
        view: &View,
        lanes: Rect,
        at: Pos2,
        fine: bool,
        context: &RollContext,
    ) -> Result<(), EditError> {
        let tick = view.tick(at.x - lanes.left());
        let key = view.key(at.y - lanes.top());
        match self {
            Drag::Move { from, held, moved } => {
                let Some(note) = editor.notes().get(*held).cloned() else { return Ok(()) };
                let origin = note.onset - moved.0;
                let wanted = origin as f64 + tick - from.0;
                let wanted = if fine { wanted.round() as Tick } else { view.snap.nearest(wanted) };
                let first = editor.selected_notes().first().map_or(0, |note| note.onset);
                let ticks = (wanted - note.onset).max(-first);
                let semitones = (key.ceil() - from.1.ceil()) as i16 - moved.1;
                // A step that would leave the song is not taken, the rest of the drag is.
                if editor.move_selected("move-notes", ticks, semitones).is_ok() {
                    moved.0 += ticks;
                    moved.1 += semitones;
                }
                Ok(())
            }
            Drag::Resize { from, edge, held, resized } => {
                let Some(note) = editor.notes().get(*held).cloned() else { return Ok(()) };
                let there = if *edge == Part::Start { note.onset } else { note.end() };
                let wanted = (there - *resized) as f64 + tick - *from;
                let wanted = if fine { wanted.round() as Tick } else { view.snap.nearest(wanted) };
                let mut by = wanted - there;
                let least = if fine { 30 } else { view.snap.ticks().max(30) };
                by = match edge {
                    Part::Start => by.min(note.length - least).max(-note.onset),
                    _ => by.max(least - note.length),
                };
                if by != 0 {
                    let (start, end) = if *edge == Part::Start { (by, 0) } else { (0, by) };
                    editor.resize_selected(start, end)?;
                    *resized += by;
                }
                Ok(())
            }
            Drag::Box { from, to, kept } => {
                *to = at;
                let area = Rect::from_two_pos(*from, *to);
                let (a, b) = (view.tick(area.left() - lanes.left()), view.tick(area.right() - lanes.left()));
                let notes = editor.notes();
                let touched = notes
                    .sounding(a as Tick, b as Tick + 1)
                    .filter(|note| super::note_rect(note, view, lanes).intersects(area))
                    .map(|note| note.id);
                let all: Vec<NoteId> = kept.iter().copied().chain(touched).collect();
                editor.select(all);
                Ok(())
            }
            Drag::Erase => match note::at(editor, view, lanes, at) {
                Some((id, _)) => {
                    editor.select([id]);
                    editor.erase()
                }
                None => Ok(()),
            },
            Drag::Pitch { last } => {
                let tick = tick.max(0.0).round() as Tick;
                // The pitch of a key is the middle of its row.
                let wanted = key + 0.5;
                let base = sung_key(editor, context, tick as f64) - drawn_cents(editor, tick) / 100.0;
                let point = CurvePoint { tick, value: ((wanted - base) * 100.0).clamp(-1200.0, 1200.0) };
                stroke(editor, CurveKind::Pitch, last, point, TICKS_PER_QUARTER / 48)
            }
        }
    }
}

fn drawn_cents(editor: &Editor, tick: Tick) -> f32 {
    editor.active().map_or(0.0, |track| track.curves.get(CurveKind::Pitch).at(tick as f64))
}

/// The key that is sung at a tick: from the sung curve, else from the note there, else the
/// nearest note's.
pub(super) fn sung_key(editor: &Editor, context: &RollContext, tick: f64) -> f32 {
    let run = context.pitch.iter().find(|run| {
        run.first().is_some_and(|first| first.0 <= tick) && run.last().is_some_and(|last| last.0 >= tick)
    });
    if let Some(run) = run {
        let i = run.partition_point(|point| point.0 < tick).min(run.len() - 1);
        return run[i].1;
    }
    let distance =
        |note: &&crate::score::Note| (note.onset as f64 - tick).abs().min((note.end() as f64 - tick).abs());
    let notes = editor.notes();
    notes.iter().min_by(|a, b| distance(a).total_cmp(&distance(b))).map_or(60.0, |note| f32::from(note.pitch))
}

/// Draws a stroke of a curve from the last point to the next: what lay between them goes.
/// Beyond the first and last stroke the curve comes back to where it was.
pub fn stroke(
    editor: &mut Editor,
    kind: CurveKind,
    last: &mut Option<CurvePoint>,
    point: CurvePoint,
    apart: Tick,
) -> Result<(), EditError> {
    let before = last.unwrap_or(point);
    if last.is_some() && (before.tick - point.tick).abs() < apart {
        return Ok(());
    }
    let (from, to) = (before.tick.min(point.tick), before.tick.max(point.tick) + 1);
    let Some(track) = editor.active() else { return Ok(()) };
    let curve = track.curves.get(kind);
    let mut points = Vec::new();
    // The curve outside of the stroke keeps its course.
    let guard = |tick: Tick| CurvePoint { tick, value: curve.at(tick as f64) };
    let mut from_all = from;
    let mut to_all = to;
    if last.is_none() {
        if from > 0 {
            from_all = from - 1;
            points.push(guard(from - 1));
        }
        points.push(point);
        points.push(guard(to));
        to_all = to + 1;
    } else {
        let (left, right) = if before.tick <= point.tick { (before, point) } else { (point, before) };
        if point.tick < before.tick && from > 0 {
            from_all = from - 1;
            points.push(guard(from - 1));
        }
        points.push(left);
        if right.tick > left.tick {
            points.push(right);
        }
        if point.tick >= before.tick {
            points.push(guard(to));
            to_all = to + 1;
        }
    }
    editor.draw_curve(kind, from_all, to_all, points)?;
    *last = Some(point);
    Ok(())
}

impl Roll {
    pub(super) fn begin_drag(
        &self,
        editor: &mut Editor,
        view: &View,
        lanes: Rect,
        at: Pos2,
        adds: bool,
    ) -> Option<Drag> {
        let tick = view.tick(at.x - lanes.left());
        let key = view.key(at.y - lanes.top());
        let under = note::at(editor, view, lanes, at);
        match (view.tool, under) {
            (Tool::Erase, _) => {
                editor.begin("erase-notes");
                Some(Drag::Erase)
            }
            (Tool::Pitch, _) => {
                editor.begin("draw-curve");
                Some(Drag::Pitch { last: None })
            }
            (_, Some((held, part))) => {
                if !editor.selection().contains(&held) {
                    editor.select([held]);
                }
                if part == Part::Middle {
                    editor.begin("move-notes");
                    Some(Drag::Move { from: (tick, key), held, moved: (0, 0) })
                } else {
                    editor.begin("resize-notes");
                    Some(Drag::Resize { from: tick, edge: part, held, resized: 0 })
                }
            }
            (Tool::Draw, None) => {
                // Drawing and giving the length is one step.
                editor.begin("draw-note");
                self.draw_note(editor, view, lanes, at).ok()?;
                let note = editor.selected_notes().first().cloned()?;
                Some(Drag::Resize { from: note.end() as f64, edge: Part::End, held: note.id, resized: 0 })
            }
            (Tool::Select, None) => {
                let kept = if adds { editor.selection().iter().copied().collect() } else { Vec::new() };
                Some(Drag::Box { from: at, to: at, kept })
            }
        }
    }
}
