//! The pitch of a track as it is written: its notes with the ways between them, before anybody sings.

use super::draft::PHRASE_GAP;
use super::knots::Knots;
use super::melody::melody;
use super::pitch::{PitchCurve, PitchNote, Stray};
use ziyin_score::{MeterMap, TempoMap, Track};

/// The written pitch of a track.
#[derive(Clone, Debug, Default)]
pub struct WrittenPitch {
    /// When each phrase begins, in seconds, and its curve.
    phrases: Vec<(f64, PitchCurve)>,
}

impl WrittenPitch {
    /// Without what is drawn, and without how the pitch leans with tones.
    pub fn of(track: &Track, tempo: &TempoMap, meter: &MeterMap) -> Self {
        let mut phrases: Vec<Vec<PitchNote>> = Vec::new();
        for note in melody(track, tempo, meter) {
            let own = PitchNote {
                onset: note.onset,
                end: note.end,
                key: note.key,
                vibrato: note.vibrato,
                transition: note.transition,
                id: note.id.0,
                anew: false,
            };
            match phrases.last_mut() {
                Some(phrase) if phrase.last().is_some_and(|last| own.onset - last.end < PHRASE_GAP) => {
                    phrase.push(own);
                }
                _ => phrases.push(vec![own]),
            }
        }
        let curve = |notes: Vec<PitchNote>| {
            let onset = notes.first().map_or(0.0, |note| note.onset);
            (onset, PitchCurve::new(notes, Stray::default(), Knots::default()))
        };
        Self { phrases: phrases.into_iter().map(curve).collect() }
    }

    /// MIDI pitch at `t` seconds; `None` of a track without notes.
    pub fn at(&self, t: f64) -> Option<f64> {
        let begun = self.phrases.partition_point(|(onset, _)| *onset <= t);
        let (_, curve) = self.phrases.get(begun.saturating_sub(1))?;
        Some(curve.written(t))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ziyin_score::{Note, NoteId, Notes, TrackId};

    #[test]
    fn it_stays_on_notes_and_goes_between_them() {
        let mut track = Track::new(TrackId(1), "");
        assert_eq!(WrittenPitch::of(&track, &TempoMap::default(), &MeterMap::default()).at(1.0), None);
        let note = |id, onset, length, pitch| Note::new(NoteId(id), onset, length, pitch, "la");
        track.notes = Notes::new(vec![note(1, 960, 960, 60), note(2, 1920, 960, 64), note(3, 4800, 960, 55)]);
        let pitch = WrittenPitch::of(&track, &TempoMap::default(), &MeterMap::default());
        let at = |t: f64| pitch.at(t).unwrap();
        assert_eq!([at(0.8), at(1.3), at(2.7)], [60.0, 64.0, 55.0]);
        assert!(at(0.98) > 60.5 && at(0.98) < 63.5);
        assert_eq!(at(2.49), 64.0, "nothing leads over a rest");
    }
}
