//! What a delayed voice sings, at the ticks where it sings it.

use ziyin_score::{Curve, CurvePoint, Curves, MAX_TICK, Note, TempoMap, Tick};

/// A delay in a song, as near as ticks come to it.
#[derive(Clone, Copy)]
pub struct Late<'a> {
    tempo: &'a TempoMap,
    /// In seconds; below 0 is sooner.
    delay: f64,
}

impl<'a> Late<'a> {
    pub fn new(tempo: &'a TempoMap, delay: f32) -> Self {
        Self { tempo, delay: f64::from(delay) }
    }

    /// The tick to which the delay moves another.
    pub fn tick(&self, tick: Tick) -> Tick {
        if self.delay == 0.0 {
            return tick;
        }
        self.tempo.tick(self.tempo.seconds(tick) + self.delay).clamp(0, MAX_TICK)
    }

    /// The note where it is sung. Notes that touch still do.
    pub fn note(&self, note: Note) -> Note {
        let onset = self.tick(note.onset);
        Note { onset, length: (self.tick(note.end()) - onset).max(1), ..note }
    }

    /// Curves with their corners where they are sung.
    pub fn curves(&self, curves: &Curves) -> Curves {
        let Curves { pitch, loudness, breathiness, formant, tension, mixture } = curves;
        Curves {
            pitch: self.curve(pitch),
            loudness: self.curve(loudness),
            breathiness: self.curve(breathiness),
            formant: self.curve(formant),
            tension: self.curve(tension),
            mixture: self.curve(mixture),
        }
    }

    fn curve(&self, curve: &Curve) -> Curve {
        let mut moved: Vec<CurvePoint> = Vec::with_capacity(curve.len());
        for point in curve.iter() {
            let tick = self.tick(point.tick);
            // Of corners that come together the last says how the curve goes on.
            moved.pop_if(|last| last.tick == tick);
            moved.push(CurvePoint { tick, ..*point });
        }
        Curve::new(moved).unwrap_or_else(|_| curve.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ziyin_score::{NoteId, Tempo, TempoChange};

    #[test]
    fn notes_and_curves_move_by_the_same_time_at_any_tempo() {
        let change = |tick, bpm| TempoChange { tick, tempo: Tempo::from_bpm(bpm).unwrap() };
        let tempo = TempoMap::new(vec![change(0, 60.0), change(1920, 120.0)]).unwrap();
        let late = Late::new(&tempo, 0.25);
        let note = |onset| late.note(Note::new(NoteId(1), onset, 480, 60, ""));
        assert_eq!((note(0).onset, note(0).length), (240, 480));
        // A part of it lies in the faster bar.
        assert_eq!((note(1440).onset, note(1440).end()), (1680, 2400));
        assert_eq!(note(1920).onset, note(1440).end());
        let points = vec![CurvePoint { tick: 0, value: 1.0 }, CurvePoint { tick: 1920, value: 2.0 }];
        let curves = Curves { loudness: Curve::new(points).unwrap(), ..Curves::default() };
        let ticks: Vec<_> = late.curves(&curves).loudness.iter().map(|point| point.tick).collect();
        assert_eq!(ticks, [240, 2400]);
        assert_eq!(Late::new(&tempo, 0.0).curves(&curves), curves);
    }

    #[test]
    fn what_would_lie_before_the_song_is_at_its_start() {
        let tempo = TempoMap::default();
        let late = Late::new(&tempo, -0.25);
        let moved = late.note(Note::new(NoteId(1), 10, 60, 60, ""));
        assert_eq!((moved.onset, moved.length), (0, 1));
        let points = [(0, 1.0), (9, 2.0), (960, 3.0)].map(|(tick, value)| CurvePoint { tick, value });
        let curves = Curves { pitch: Curve::new(points.to_vec()).unwrap(), ..Curves::default() };
        let moved = late.curves(&curves).pitch;
        assert_eq!((moved.len(), moved[0].value, moved[1].tick), (2, 2.0, 480));
    }
}
