//! Harmony voices: they follow every edit of their lead, at another pitch, as a second
//! singer would, never quite together with the first.

use super::draft::PHRASE_GAP;
use super::melody::SungNote;
use ziyin_score::Harmony;
use ziyin_signal::chance;

/// How far a fully humanised voice strays from its lead, in seconds and in semitones.
const STRAY_SECONDS: f64 = 0.04;
const STRAY_SEMITONES: f64 = 0.06;
/// How much of a note's own length its onset may move.
const STRAY_PART: f64 = 0.1;
/// The least that is left of a note, in seconds.
const SHORTEST: f64 = 1e-3;
/// More than what sums of seconds are rounded by.
const HAIR: f64 = 1e-6;

/// The notes of a harmony, one for each of the lead's. Where the scale or the keyboard has
/// no key for it, it sings in unison. The same `seed` strays the same way.
///
/// It breathes where its lead does, however far it strays. What a harmony that is ahead would
/// sing before the song begins is sung at its start.
pub fn follow(lead: &[SungNote], harmony: &Harmony, seed: u64) -> Vec<SungNote> {
    let (amount, delay) = (STRAY_SECONDS * f64::from(harmony.humanise), f64::from(harmony.delay));
    let stray = |note: &SungNote| {
        // By the note's id and its take, so that an edit elsewhere moves nothing here.
        let most = amount.min(STRAY_PART * (note.end - note.onset));
        (note.onset + most * chance(seed, note.drawn()) + delay).max(0.0)
    };
    let mut notes: Vec<SungNote> = lead
        .iter()
        .map(|note| {
            let key = harmony.kind.pitch(note.key.round().clamp(0.0, 127.0) as u8);
            let key = key.map_or(note.key, f64::from);
            let late = amount * 0.5 * chance(seed ^ 0xe4d, note.drawn());
            SungNote { onset: stray(note), end: note.end + late.min(0.0) + delay, key, ..note.clone() }
        })
        .collect();
    for i in 1..notes.len() {
        // Of what is heaped at the start of the song each note still has its turn.
        let onset = notes[i].onset.max(notes[i - 1].onset + SHORTEST);
        notes[i].onset = onset;
        let (rest, end) = (lead[i].onset - lead[i - 1].end, &mut notes[i - 1].end);
        // Notes that touched still touch; a rest stays one, and a gap within a phrase a gap.
        if rest <= 1e-9 || *end > onset {
            *end = onset;
        }
        if rest >= PHRASE_GAP {
            *end = end.min(onset - PHRASE_GAP - HAIR);
        } else {
            *end = end.max(onset - PHRASE_GAP + HAIR);
        }
    }
    for note in &mut notes {
        note.end = note.end.max(note.onset + SHORTEST);
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
    use ziyin_score::{HarmonyKind, Levels, NoteId};

    fn lead() -> Vec<SungNote> {
        (0..40)
            .map(|i| SungNote {
                id: NoteId(i),
                onset: i as f64 * 0.3,
                end: i as f64 * 0.3 + if i % 4 == 3 { 0.15 } else { 0.3 },
                key: 60.0 + (i % 5) as f64,
                beat: 0.0,
                vibrato: None,
                transition: None,
                levels: Levels::default(),
                manner: None,
                articulations: Vec::new(),
                take: 0,
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

    #[test]
    fn a_delayed_harmony_sings_the_same_later_or_sooner() {
        let lead = lead();
        let together = Harmony { humanise: 0.0, ..Harmony::new(HarmonyKind::OctaveUp) };
        for delay in [0.25, 0.013, -0.07, -0.25f32] {
            let moved = follow(&lead, &Harmony { delay, ..together }, 5);
            assert_eq!(moved, follow(&lead, &Harmony { delay, ..together }, 5));
            for (a, b) in lead.iter().zip(&moved).skip(1) {
                assert!((b.onset - a.onset - f64::from(delay)).abs() < 1e-9, "{delay}: {a:?} {b:?}");
                assert!((b.end - a.end - f64::from(delay)).abs() < 1e-9, "{delay}: {a:?} {b:?}");
            }
            assert!(moved[0].onset >= 0.0 && moved[0].end > moved[0].onset);
        }
    }

    #[test]
    fn a_harmony_breathes_where_its_lead_does() {
        // Gaps as near to that of a breath as notes can have them, and notes that touch.
        let gaps = [0.0, PHRASE_GAP - 1e-9, 0.0, PHRASE_GAP, 0.05, PHRASE_GAP + 1e-9, 0.11];
        let mut lead = Vec::new();
        let mut onset = 0.0;
        for i in 0..70 {
            let end = onset + 0.07 + 0.02 * (i % 11) as f64;
            lead.push(SungNote { id: NoteId(i), onset, end, ..self::lead().remove(0) });
            onset = end + gaps[i as usize % gaps.len()];
        }
        let joins = |a: &SungNote, b: &SungNote| b.onset - a.end < PHRASE_GAP;
        for (humanise, delay) in [(0.0, 0.1), (1.0, 0.0), (1.0, 0.25), (0.5, -0.03), (1.0, -0.25)] {
            let harmony = Harmony { humanise, delay, ..Harmony::new(HarmonyKind::OctaveUp) };
            let sung = follow(&lead, &harmony, 5);
            for (a, b) in lead.windows(2).zip(sung.windows(2)).skip(4) {
                assert_eq!(joins(&a[0], &a[1]), joins(&b[0], &b[1]), "{humanise} {delay}: {a:?} {b:?}");
                assert!(a[0].end < a[1].onset - 1e-9 || b[0].end == b[1].onset);
            }
            assert!(sung.windows(2).all(|w| w[0].onset < w[1].onset && w[0].end <= w[1].onset + 1e-9));
        }
    }
}
