//! A drag on the lanes, from press to release: one step of the history.

use std::collections::BTreeMap;

use egui::{Modifiers, Pos2, Rect};

use super::geometry::NotePart;
use super::lasso::{Area, Place};
use super::note;
use super::sung::sung_key;
use crate::lanes::context::LaneContext;
use crate::lanes::view::{Tool, View};
use ziyin_score::{CurveKind, CurvePoint, EditError, NoteId, TICKS_PER_QUARTER, Tick};
use ziyin_session::editor::{Editor, PenStroke, Stroke};

pub(super) enum Drag {
    /// Moves the selected notes, or copies of them: by how much they were moved so far.
    Move {
        from: (f64, f32),
        held: NoteId,
        moved: (Tick, i16),
    },
    Resize {
        from: f64,
        edge: NotePart,
        held: NoteId,
        resized: Tick,
    },
    /// Selects what an area touches, beside what was selected before.
    Select {
        area: Area,
        kept: Vec<NoteId>,
    },
    Erase,
    /// Draws the pitch curve, over what was written when it began.
    Pitch {
        stroke: Stroke,
        written: Vec<Vec<(f64, f32)>>,
    },
}

impl Drag {
    /// The area that is marked out.
    pub(super) fn area(&self) -> Option<&Area> {
        match self {
            Drag::Select { area, .. } => Some(area),
            _ => None,
        }
    }

    /// Whether nothing was moved by it: copies would lie over what was copied.
    pub(super) fn came_back(&self) -> bool {
        matches!(self, Drag::Move { moved: (0, 0), .. })
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
    ) -> Result<(), EditError> {
        let tick = view.tick(at.x - lanes.left());
        let key = view.key(at.y - lanes.top());
        let on_grid = |editor: &Editor, wanted: f64| match fine {
            true => wanted.round() as Tick,
            false => view.snap.nearest(&editor.project().meter, wanted),
        };
        match self {
            Drag::Move { from, held, moved } => {
                let Some(note) = editor.notes().get(*held).cloned() else { return Ok(()) };
                let origin = note.onset - moved.0;
                let wanted = on_grid(editor, origin as f64 + tick - from.0);
                let first = editor.selected_range().map_or(0, |(first, _)| first);
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
                let there = if *edge == NotePart::Start { note.onset } else { note.end() };
                let wanted = on_grid(editor, (there - *resized) as f64 + tick - *from);
                let mut by = wanted - there;
                let least =
                    if fine { 30 } else { view.snap.ticks(&editor.project().meter, there as f64).max(30) };
                by = match edge {
                    NotePart::Start => by.min(note.length - least).max(-note.onset),
                    _ => by.max(least - note.length),
                };
                if by != 0 {
                    let (start, end) = if *edge == NotePart::Start { (by, 0) } else { (0, by) };
                    editor.resize_selected(start, end)?;
                    *resized += by;
                }
                Ok(())
            }
            Drag::Select { area, kept } => {
                area.go_on(Place::of(at, view, lanes), view);
                let touched = area.touched(&editor.notes());
                let own = kept.iter().copied().chain(touched).collect();
                // What is selected in other tracks stays.
                let mut chosen: BTreeMap<_, _> = editor.selected().into_iter().collect();
                if let Some(active) = editor.active_track() {
                    chosen.insert(active, own);
                    editor.select_in(active, chosen);
                }
                Ok(())
            }
            Drag::Erase => match note::at(editor, view, lanes, at) {
                Some((id, _)) => {
                    editor.select([id]);
                    editor.erase()
                }
                None => Ok(()),
            },
            Drag::Pitch { stroke, written } => {
                let tick = tick.max(0.0).round() as Tick;
                // The pitch of a key is the middle of its row.
                let wanted = key + 0.5;
                let base = sung_key(editor, written, tick as f64) - stroke.before().at(tick as f64) / 100.0;
                let value = ((wanted - base) * 100.0).clamp(-1200.0, 1200.0);
                stroke.go_to(CurvePoint { tick, value }, TICKS_PER_QUARTER / 48);
                stroke.apply(editor, "draw-curve")
            }
        }
    }
}

impl Drag {
    /// What a press at `at` begins; a note that it draws has `length`.
    pub(super) fn begin(
        editor: &mut Editor,
        (view, lanes): (&View, Rect),
        at: Pos2,
        modifiers: Modifiers,
        context: &LaneContext,
        length: Option<Tick>,
    ) -> Option<Drag> {
        let tick = view.tick(at.x - lanes.left());
        let key = view.key(at.y - lanes.top());
        let here = Place { tick, key };
        let under = note::at(editor, view, lanes, at);
        match (view.tool, under) {
            (Tool::Erase, _) => {
                editor.begin("erase-notes");
                Some(Drag::Erase)
            }
            (Tool::Pitch, _) => {
                let stroke = Stroke::begin(editor, CurveKind::Pitch)?;
                editor.begin("draw-curve");
                Some(Drag::Pitch { stroke, written: context.written.to_vec() })
            }
            (Tool::Lasso, _) => Some(begin_select(editor, Area::Lasso(vec![here]), modifiers)),
            (_, Some((held, part))) => {
                if !editor.selection().contains(&held) {
                    editor.select([held]);
                }
                if part == NotePart::Middle && modifiers.command {
                    editor.begin("duplicate-notes");
                    let held = editor.copy_in_place(held).ok()?;
                    Some(Drag::Move { from: (tick, key), held, moved: (0, 0) })
                } else if part == NotePart::Middle {
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
                draw_note(editor, view, lanes, at, length).ok()?;
                let note = editor.selected_notes().first().cloned()?;
                Some(Drag::Resize { from: note.end() as f64, edge: NotePart::End, held: note.id, resized: 0 })
            }
            (Tool::Select, None) if modifiers.alt => {
                Some(begin_select(editor, Area::Lasso(vec![here]), modifiers))
            }
            (Tool::Select, None) => Some(begin_select(editor, Area::Box(here, here), modifiers)),
        }
    }
}

/// Begins to mark out an area; Shift and Ctrl keep what is selected.
fn begin_select(editor: &mut Editor, area: Area, modifiers: Modifiers) -> Drag {
    let adds = modifiers.shift || modifiers.command;
    if !adds {
        editor.select([]);
    }
    let kept = editor.selection().iter().copied().collect();
    Drag::Select { area, kept }
}

/// Draws a note at a place: as long as the one before it, but no shorter than the grid.
pub(super) fn draw_note(
    editor: &mut Editor,
    view: &View,
    lanes: Rect,
    at: Pos2,
    length: Option<Tick>,
) -> Result<(), EditError> {
    let onset = view.snap.floor(&editor.project().meter, view.tick(at.x - lanes.left()).max(0.0));
    let pitch = view.key(at.y - lanes.top()).ceil().clamp(0.0, 127.0) as u8;
    let length = length.unwrap_or(TICKS_PER_QUARTER / 2);
    let length = length.max(view.snap.ticks(&editor.project().meter, onset as f64));
    editor.draw(onset, length, pitch).map(drop)
}
