//! How characters are sung, as other programs have it.

use ziyin_score::{Articulation, Boundary, Levels};

/// UTAU's velocity as a length: each hundred more halves the consonant, and 100 leaves it.
pub fn of_velocity(velocity: f64) -> Articulation {
    let length = (1.0 - velocity / 100.0).exp2() as f32;
    let (shortest, longest) = Articulation::CONSONANTS.into_inner();
    let consonant = if length.is_finite() { length.clamp(shortest, longest) } else { 1.0 };
    Articulation { consonant, ..Articulation::default() }
}

/// The velocity of a consonant, a whole number from 0 to 200; `None` where it is as long as by itself.
pub fn velocity(own: &Articulation) -> Option<i32> {
    let velocity = 100.0 * (1.0 - f64::from(own.consonant).log2());
    (own.consonant != 1.0).then(|| velocity.round().clamp(0.0, 200.0) as i32)
}

/// With a boundary set, in ms; what is no number, or further away than anything is set, leaves it.
pub fn with_boundary(own: Articulation, boundary: Boundary, ms: f64) -> Articulation {
    let is_near = ms.abs() <= f64::from(Articulation::FARTHEST_MS);
    if is_near { own.with_boundary(boundary, Some(ms as f32)) } else { own }
}

/// A level that is given as a factor, in dB.
pub fn decibels(factor: f64) -> f32 {
    let decibels = if factor > 0.0 { 20.0 * factor.log10() } else { f64::NEG_INFINITY };
    decibels.clamp((-Levels::MOST_DB).into(), Levels::MOST_DB.into()) as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    use std::path::PathBuf;

    use crate::{Budget, ExportOptions, ImportOptions, SongKind, export_song, import_song};
    use ziyin_score::{Note, NoteId, Notes, Project, Tempo, TempoMap, Track, TrackId};

    /// What comes back of a note that is sung in a way of its own, and whether something was told.
    fn back(own: Articulation, kind: SongKind) -> (Articulation, bool) {
        let mut track = Track::new(TrackId(1), "lead");
        track.notes = Notes::new(vec![
            Note::new(NoteId(1), 960, 960, 60, "fan").with_articulation(0, own),
            Note::new(NoteId(2), 1920, 960, 60, "ta"),
        ]);
        let tempo = TempoMap::constant(Tempo::from_bpm(75.0).unwrap());
        let song = Project { tracks: vec![track], tempo, ..Project::default() };
        let plain = |song: &Project| export_song(song, kind, ExportOptions::default()).unwrap();
        let exported = plain(&song);
        let name = PathBuf::from(format!("song.{}", kind.extensions()[0]));
        let read =
            import_song(&exported.bytes, &name, &ImportOptions::default(), &Budget::default()).unwrap();
        let notes = &read.project.tracks[0].notes;
        assert_eq!((notes[0].onset, notes[0].length, notes[1].articulations.len()), (960, 960, 0));
        let told =
            exported.report.warnings.iter().any(|warning| warning.to_string().contains("moved phonemes"));
        (notes[0].articulation(0), told)
    }

    #[test]
    fn what_a_format_holds_comes_back_and_the_rest_is_told() {
        let longer = Articulation { consonant: 2f32.sqrt(), ..Articulation::default() };
        let later = Articulation { vowel_ms: Some(50.0), ..longer };
        let strong = Articulation { strengths_db: [6.0, -3.0, -3.0, 2.0], ..later };
        let before = Articulation { onset_ms: Some(-150.0), ..longer };
        let near = |a: Articulation, b: Articulation| {
            let apart = |a: Option<f32>, b: Option<f32>| (a.unwrap_or(0.0) - b.unwrap_or(0.0)).abs();
            let strengths = a.strengths_db.iter().zip(&b.strengths_db);
            assert!((a.consonant - b.consonant).abs() < 1e-3, "{a:?} {b:?}");
            assert!(apart(a.vowel_ms, b.vowel_ms) < 1.0, "{a:?} {b:?}");
            assert!(apart(a.onset_ms, b.onset_ms) < 1.0, "{a:?} {b:?}");
            assert!(strengths.into_iter().all(|(a, b)| (a - b).abs() < 1e-3), "{a:?} {b:?}");
        };
        for (own, kind) in [
            (later, SongKind::Ustx),
            (before, SongKind::Ust),
            (later, SongKind::Svp),
            (strong, SongKind::Svp),
            (Articulation { vowel_ms: Some(50.0), ..Articulation::default() }, SongKind::VoiceVox),
        ] {
            let (found, told) = back(own, kind);
            near(found, own);
            assert!(!told, "{kind:?}");
        }
        let coda = Articulation { coda_ms: Some(-50.0), ..Articulation::default() };
        for kind in [SongKind::Ustx, SongKind::Ust, SongKind::Svp, SongKind::Midi, SongKind::Vpr] {
            let (found, told) = back(coda, kind);
            near(found, Articulation::default());
            assert!(told, "{kind:?}");
        }
    }

    #[test]
    fn velocities_and_lengths_are_the_same_both_ways() {
        for (given, length) in [(0.0, 2.0), (50.0, 2f32.sqrt()), (200.0, 0.5)] {
            let own = of_velocity(given);
            assert!((own.consonant - length).abs() < 1e-6);
            assert_eq!(velocity(&own), Some(given as i32));
        }
        assert!(of_velocity(100.0).is_usual() && velocity(&of_velocity(100.0)).is_none());
        assert_eq!(of_velocity(f64::NAN), Articulation::default());
        assert_eq!((decibels(1.0), decibels(0.0), decibels(1e9)), (0.0, -18.0, 18.0));
    }
}
