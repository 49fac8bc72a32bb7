//! Breathiness, tension and formant that notes have of their own, laid upon the curves of their track. A note
//! has them from its beginning on; from one to the next they change within a moment before it.

use ziyin_score::{Curve, CurvePoint, Curves, TempoMap, Tick, Timbre, Track};

/// Seconds in which the timbre of one note becomes that of the next.
const WAY: f64 = 0.03;

/// The curves of a track with the timbres of its notes.
pub(super) fn with_timbres(track: &Track, tempo: &TempoMap) -> Curves {
    let mut curves = track.curves.clone();
    if track.notes.iter().all(|note| note.timbre.is_usual()) {
        return curves;
    }
    let changes = changes(track);
    for (part, kind) in Timbre::KINDS.into_iter().enumerate() {
        let own = steps(changes.iter().map(|(tick, parts)| (*tick, parts[part])), tempo);
        let curve = curves.get_mut(kind);
        *curve = curve.plus(&own, kind);
    }
    curves
}

/// Where another timbre begins, and which; nothing where no note has one.
fn changes(track: &Track) -> Vec<(Tick, [f32; 3])> {
    let mut changes: Vec<(Tick, [f32; 3])> = Vec::new();
    let mut ended: Tick = 0;
    for note in track.notes.iter() {
        // Of notes that overlap the later one ends the earlier.
        if ended < note.onset && changes.last().is_some_and(|(_, parts)| *parts != [0.0; 3]) {
            changes.push((ended, [0.0; 3]));
        }
        changes.pop_if(|(tick, _)| *tick >= note.onset);
        changes.push((note.onset, note.timbre.parts()));
        ended = note.end();
    }
    changes.push((ended, [0.0; 3]));
    changes
}

/// A curve that comes to each value before the tick from which on it has it.
fn steps(values: impl Iterator<Item = (Tick, f32)>, tempo: &TempoMap) -> Curve {
    let mut points: Vec<CurvePoint> = Vec::new();
    let mut now = 0.0;
    for (tick, value) in values {
        if value == now {
            continue;
        }
        let before = tempo.tick(tempo.seconds(tick) - WAY).min(tick - 1);
        let last = points.last().map_or(-1, |point| point.tick);
        if before.max(last + 1) < tick && tick > 0 {
            points.push(CurvePoint { tick: before.max(last + 1).max(0), value: now });
        }
        points.pop_if(|point| point.tick >= tick);
        points.push(CurvePoint { tick, value });
        now = value;
    }
    // They are in order, and their values are such as notes have.
    Curve::new(points).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ziyin_score::{CurveKind, Note, NoteId, Notes, TrackId};

    fn track(notes: &[(Tick, Tick, f32)]) -> Track {
        let note = |(id, &(onset, length, breathiness)): (u64, &(Tick, Tick, f32))| {
            let timbre = Timbre { breathiness, ..Timbre::default() };
            Note { timbre, ..Note::new(NoteId(id), onset, length, 60, "la") }
        };
        Track { notes: Notes::new((1..).zip(notes).map(note).collect()), ..Track::new(TrackId(1), "voice") }
    }

    #[test]
    fn a_note_has_its_timbre_from_beginning_to_end_and_others_have_none_of_it() {
        let own =
            track(&[(0, 960, 0.0), (960, 960, 0.5), (1920, 480, -0.25), (4800, 960, 0.5), (5280, 960, 0.0)]);
        let curves = with_timbres(&own, &TempoMap::default());
        let at = |tick: Tick| curves.breathiness.at(tick as f64);
        assert_eq!([0, 480, 900].map(at), [0.0; 3]);
        assert_eq!([960, 1440, 1860].map(at), [0.5; 3]);
        assert_eq!([1920, 2340].map(at), [-0.25; 2]);
        // It is let go of at the end of the note, and a note that cuts another off ends what that has.
        assert_eq!([2400, 4000, 4740].map(at), [0.0; 3]);
        assert_eq!([4800, 5220, 5280, 9000].map(at), [0.5, 0.5, 0.0, 0.0]);
        // 30 ms are 58 ticks at 120 quarters a minute.
        assert!(at(930) > 0.1 && at(930) < 0.4);
        assert!(curves.tension.is_empty() && curves.formant.is_empty());
    }

    #[test]
    fn it_lies_upon_what_is_drawn_and_within_what_can_be_sung() {
        let mut own = track(&[(0, 960, 0.75), (960, 960, 0.75)]);
        let drawn = [(0, 0.0), (960, 0.0), (1000, 0.5)].map(|(tick, value)| CurvePoint { tick, value });
        own.curves.breathiness = Curve::new(drawn.to_vec()).unwrap();
        let curves = with_timbres(&own, &TempoMap::default());
        let at = |tick: Tick| curves.breathiness.at(tick as f64);
        assert_eq!([0, 960, 1000, 1800, 1920].map(at), [0.75, 0.75, 1.0, 1.0, 0.5]);
        assert_eq!(curves.get(CurveKind::Loudness), &Curve::default());
        let plain = track(&[(0, 960, 0.0)]);
        assert_eq!(with_timbres(&plain, &TempoMap::default()), plain.curves);
    }
}
