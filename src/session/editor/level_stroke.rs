//! Strokes of a pen over the levels of the notes: each third of a note that it touches takes
//! the value that the pen had over its middle.

use std::collections::BTreeMap;

use super::document::Editor;
use super::stroke::PenStroke;
use ziyin_score::{CurvePoint, EditError, Levels, Note, Notes, TempoMap, Tick};

/// A stroke, from where the pen was put down to where it is.
pub struct LevelStroke {
    /// The notes before it.
    before: Notes,
    /// What was drawn on the thirds that it touched: place of the note, part, level in dB.
    drawn: BTreeMap<(usize, usize), f32>,
    last: Option<CurvePoint>,
}

impl LevelStroke {
    /// A stroke over the notes of the active track; none without a track.
    pub fn begin(editor: &Editor) -> Option<Self> {
        let before = editor.active()?.notes.clone();
        Some(Self { before, drawn: BTreeMap::new(), last: None })
    }

    /// The thirds that sound somewhere from one tick to another, each with its middle.
    fn touched(&self, from: Tick, to: Tick) -> Vec<((usize, usize), f64)> {
        let until = self.before.partition_point(|note| note.onset <= to);
        let near = self.before[..until].iter().enumerate().filter(|(_, note)| note.end() > from);
        let thirds = near.flat_map(|(i, note)| {
            let (onset, third) = (note.onset as f64, note.length as f64 / 3.0);
            (0..3).filter_map(move |part| {
                let start = onset + part as f64 * third;
                let touches = start <= to as f64 && start + third > from as f64;
                touches.then_some(((i, part), start + third / 2.0))
            })
        });
        thirds.collect()
    }

    fn go_along(&mut self, from: CurvePoint, to: CurvePoint) {
        let (left, right) = if from.tick <= to.tick { (from, to) } else { (to, from) };
        let long = (right.tick - left.tick) as f64;
        for (place, middle) in self.touched(left.tick, right.tick) {
            let value = if long == 0.0 {
                to.value
            } else {
                let part = ((middle - left.tick as f64) / long).clamp(0.0, 1.0);
                left.value + part as f32 * (right.value - left.value)
            };
            self.drawn.insert(place, value.clamp(-Levels::MOST_DB, Levels::MOST_DB));
        }
    }
}

impl PenStroke for LevelStroke {
    fn go_to(&mut self, point: CurvePoint, _apart: Tick) {
        self.go_along(self.last.unwrap_or(point), point);
        self.last = Some(point);
    }

    fn line(&mut self, from: CurvePoint, to: CurvePoint) {
        self.drawn.clear();
        self.go_along(from, to);
    }

    fn erase(&mut self, from: Tick, to: Tick) {
        let rest = |tick| CurvePoint { tick, value: 0.0 };
        self.line(rest(from), rest(to));
    }

    /// Brings each third nearer to the ones before and after it.
    fn smooth(&mut self, from: Tick, to: Tick, _tempo: &TempoMap) {
        let all: Vec<f32> = self.before.iter().flat_map(|note| note.levels.parts()).collect();
        self.drawn.clear();
        for ((note, part), _) in self.touched(from.min(to), from.max(to)) {
            let at = 3 * note + part;
            let beside = |i: Option<usize>| i.and_then(|i| all.get(i)).copied().unwrap_or(all[at]);
            let mean = (beside(at.checked_sub(1)) + 2.0 * all[at] + beside(Some(at + 1))) / 4.0;
            self.drawn.insert((note, part), mean);
        }
    }

    fn apply(&self, editor: &mut Editor, step: &str) -> Result<(), EditError> {
        editor.cancel()?;
        editor.begin(step);
        let mut changed: BTreeMap<usize, [f32; 3]> = BTreeMap::new();
        for (&(note, part), &value) in &self.drawn {
            changed.entry(note).or_insert_with(|| self.before[note].levels.parts())[part] = value;
        }
        let notes = changed.into_iter().filter_map(|(i, parts)| {
            let (note, levels) = (&self.before[i], Levels::of(parts));
            (levels != note.levels).then(|| Note { levels, ..note.clone() })
        });
        editor.change(step, notes.collect())
    }
}

impl Editor {
    /// Evens out the levels from one tick to another, in one step.
    ///
    /// # Errors
    /// Never: a mean of levels is in range.
    pub fn smooth_levels(&mut self, from: Tick, to: Tick) -> Result<(), EditError> {
        let Some(mut stroke) = LevelStroke::begin(self) else { return Ok(()) };
        stroke.smooth(from, to, &self.project().tempo);
        self.begin("change-levels");
        let done = stroke.apply(self, "change-levels");
        self.end();
        done
    }

    /// Brings the levels of the selected notes back to rest; of all, if none is selected.
    ///
    /// # Errors
    /// Never: 0 dB is in range.
    pub fn reset_levels(&mut self) -> Result<(), EditError> {
        let notes = if self.selection.is_empty() { self.notes().to_vec() } else { self.selected_notes() };
        let louder = notes.into_iter().filter(|note| !note.levels.is_usual());
        let reset = louder.map(|note| Note { levels: Levels::default(), ..note }).collect();
        self.change("reset-levels", reset)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ziyin_score::{NoteId, Project, TICKS_PER_QUARTER};

    const Q: Tick = TICKS_PER_QUARTER;

    /// Four quarters.
    fn editor() -> Editor {
        let mut editor = Editor::new(Project::default());
        for i in 0..4 {
            editor.insert(i * Q, Q, 60, "a").unwrap();
        }
        editor.select([]);
        editor
    }

    fn levels(editor: &Editor) -> Vec<[f32; 3]> {
        editor.notes().iter().map(|note| note.levels.parts()).collect()
    }

    fn point(tick: Tick, value: f32) -> CurvePoint {
        CurvePoint { tick, value }
    }

    fn draw(editor: &mut Editor, by: impl FnOnce(&mut LevelStroke)) {
        let mut stroke = LevelStroke::begin(editor).unwrap();
        editor.begin("change-levels");
        by(&mut stroke);
        stroke.apply(editor, "change-levels").unwrap();
        editor.end();
    }

    #[test]
    fn a_stroke_sets_the_thirds_that_it_touches_and_is_one_step() {
        let mut editor = editor();
        let before = editor.project().clone();
        // Over the release of the first note, quickly on to the body of the third.
        draw(&mut editor, |stroke| {
            for (tick, value) in [(Q * 5 / 6, 6.0), (Q * 11 / 12, 6.0), (Q * 5 / 2, 99.0)] {
                stroke.go_to(point(tick, value), 1);
            }
        });
        let drawn = levels(&editor);
        assert_eq!((drawn[0], drawn[3]), ([0.0, 0.0, 6.0], [0.0; 3]));
        assert!(drawn[1].iter().all(|level| (6.0..=18.0).contains(level)), "{drawn:?}");
        assert_eq!((drawn[2][1], drawn[2][2]), (Levels::MOST_DB, 0.0));
        editor.undo().unwrap();
        assert_eq!(editor.project(), &before);
    }

    #[test]
    fn a_line_is_drawn_anew_wherever_the_pen_goes() {
        let mut editor = editor();
        draw(&mut editor, |stroke| {
            stroke.line(point(0, -6.0), point(4 * Q - 1, -6.0));
            stroke.line(point(2 * Q, 0.0), point(0, 12.0));
        });
        let drawn = levels(&editor);
        assert!(drawn[0][0] > drawn[0][2] && drawn[0][2] > drawn[1][0] && drawn[1][2] > 0.0, "{drawn:?}");
        assert_eq!(drawn[3], [0.0; 3]);
    }

    #[test]
    fn levels_are_evened_out_erased_and_reset() {
        let mut editor = editor();
        draw(&mut editor, |stroke| stroke.line(point(Q, 8.0), point(2 * Q - 1, 8.0)));
        assert_eq!(levels(&editor)[1], [8.0; 3]);
        editor.smooth_levels(0, 4 * Q).unwrap();
        assert_eq!(levels(&editor)[..2], [[0.0, 0.0, 2.0], [6.0, 8.0, 6.0]]);
        draw(&mut editor, |stroke| stroke.erase(2 * Q - 1, 2 * Q - 1));
        assert_eq!(levels(&editor)[1], [6.0, 8.0, 0.0]);
        editor.select([NoteId(1)]);
        editor.reset_levels().unwrap();
        assert_eq!(levels(&editor)[..2], [[0.0; 3], [6.0, 8.0, 0.0]]);
        editor.select([]);
        editor.reset_levels().unwrap();
        assert_eq!(levels(&editor), [[0.0; 3]; 4]);
        let steps = editor.history().undo_names().count();
        editor.reset_levels().unwrap();
        assert_eq!(editor.history().undo_names().count(), steps, "what is at rest is no step");
    }
}
