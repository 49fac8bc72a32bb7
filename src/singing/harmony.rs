//! Harmony voices: they follow every edit of their lead, at another pitch, as a second
//! singer would, never quite together with the first.

use super::character::chance;
use super::melody::SungNote;
use crate::score::Harmony;

/// How far a fully humanised voice strays from its lead, in seconds and in semitones.
const STRAY_SECONDS: f64 = 0.04;
const STRAY_SEMITONES: f64 = 0.06;
/// How much of a note's own length its onset may move.
const STRAY_PART: f64 = 0.1;

/// The notes of a harmony, one for each of the lead's. Where the scale or the keyboard has
/// no key for it, it sings in unison. The same `seed` strays the same way.
pub fn follow(lead: &[SungNote], harmony: &Harmony, seed: u64) -> Vec<SungNote> {
    let amount = STRAY_SECONDS * f64::from(harmony.humanise);
    let stray = |note: &SungNote| {
        // By the note's id, so that an edit elsewhere moves nothing here.
        let most = amount.min(STRAY_PART * (note.end - note.onset));
        (note.onset + most * chance(seed, note.id.0)).max(0.0)
    };
    let mut notes: Vec<SungNote> = lead
        .iter()
        .map(|note| {
            let key = harmony.kind.pitch(note.key.round().clamp(0.0, 127.0) as u8);
            let key = key.map_or(note.key, f64::from);
            let late = amount * 0.5 * chance(seed ^ 0xe4d, note.id.0);
            SungNote { onset: stray(note), end: note.end + late.min(0.0), key, ..*note }
        })
        .collect();
    // Notes that touched still touch.
    for i in 1..notes.len() {
        let touched = lead[i - 1].end >= lead[i].onset - 1e-9;
        if touched || notes[i - 1].end > notes[i].onset {
            notes[i - 1].end = notes[i].onset;
        }
    }
    for note in &mut notes {
        note.end = note.end.max(note.onset + 1e-3);
    }
    notes
}

/// How far the pitch of a harmony drifts, in semitones.
pub fn drift(harmony: &Harmony) -> f64 {
    STRAY_SEMITONES * f64::from(harmony.humanise)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::score::{HarmonyKind, Levels, NoteId};

    fn lead() -> Vec<SungNote> {
        (0..40)
            .map(|i| SungNote {
                id: NoteId(i),
                onset: i as f64 * 0.3,
                end: i as f64 * 0.3 + if i % 4 == 3 { 0.15 } else { 0.3 },
                key: 60.0 + (i % 5) as f64,
                vibrato: None,
                levels: Levels::default(),
                manner: None,
            })
            .collect()
    }

    #[test]
    fn an_octave_is_sung_by_somebody_else() {
        let lead = lead();
        let up = follow(&lead, &Harmony::new(HarmonyKind::OctaveUp), 5);
        assert_eq!(up, follow(&lead, &Harmony::new(HarmonyKind::OctaveUp), 5));
        let mut apart = 0;
        for (a, b) in lead.iter().zip(&up) {
            assert_eq!(b.key, a.key + 12.0);
            assert!((a.onset - b.onset).abs() <= 0.012 + 1e-9 && b.end > b.onset);
            apart += usize::from((a.onset - b.onset).abs() > 0.002);
        }
        assert!(apart > 20, "only {apart} notes are not quite together");
        assert!(up.windows(2).all(|w| w[0].end <= w[1].onset + 1e-9));
    }

    #[test]
    fn without_humanising_it_is_together() {
        let lead = lead();
        let harmony = Harmony { humanise: 0.0, ..Harmony::new(HarmonyKind::OctaveDown) };
        for (a, b) in lead.iter().zip(follow(&lead, &harmony, 5)) {
            assert_eq!((a.onset, a.key - 12.0), (b.onset, b.key));
            assert!((a.end - b.end).abs() < 1e-9);
        }
    }

    #[test]
    fn an_edit_moves_only_what_it_touches() {
        let mut edited = lead();
        let harmony = Harmony::new(HarmonyKind::OctaveUp);
        let before = follow(&edited, &harmony, 5);
        edited[10].key = 70.0;
        let after = follow(&edited, &harmony, 5);
        let changed: Vec<usize> = (0..40).filter(|&i| before[i] != after[i]).collect();
        assert_eq!(changed, [10]);
    }
}
