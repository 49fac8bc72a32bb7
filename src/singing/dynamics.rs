//! How loud a singer sings from note to note: what is added to the levels that notes ask for.
//!
//! A voice gives every vowel at one loudness. A singer begins a phrase softer than they go on and
//! lets its end go, sings the higher of two notes louder, the beats of a bar heavier than what lies
//! between, and lets a long note swell and fade; and their level is never quite still and goes with
//! their vibrato. The rules are those of the KTH for singing (*phrase arch*, *high loud*, *bulge*;
//! Berndtsson, *The KTH rule system for singing synthesis*, Computer Music Journal 20, 1996;
//! Friberg, Bresin and Sundberg, *Overview of the KTH rule system for musical performance*,
//! Advances in Cognitive Psychology 2, 2006), with the difference that what a note hangs on lies
//! near it: an edit is not heard at the other end of the phrase.

use std::hash::{Hash, Hasher};

use super::character::{Place, wander};
use super::draft::Slot;
use super::knots::{Knots, smooth};
use super::pitch::{PitchCurve, Stray};
use ziyin_lyrics::{Language, Phoneme, Syllable};
use ziyin_signal::chance;

/// How much softer a phrase begins and ends, in dB, and the seconds in which it is as loud as
/// usual, and from which on it is not.
const BEGINS: f64 = 1.5;
const BEGINS_SECONDS: f64 = 0.8;
const ENDS: f64 = 2.5;
const ENDS_SECONDS: f64 = 0.8;
/// dB for each semitone that a note lies above the mean of its neighbours, and at most.
const HIGH_LOUD: f64 = 0.25;
const HIGHEST: f64 = 1.5;
/// dB for a note that begins a bar; see [`super::melody::SungNote::beat`].
const BEAT: f64 = 0.8;
/// dB for a syllable of English that bears the stress of its word, and for one that bears none.
const STRESSED: f64 = 0.5;
const UNSTRESSED: f64 = -1.5;
/// dB by which notes differ without a reason.
const APART: f64 = 0.4;
/// How much louder than its beginning a long note is where it is loudest, and than its end, in dB;
/// and where that is, as a part of it.
const SWELLS: f64 = 1.5;
const FADES: f64 = 2.0;
const LOUDEST: f64 = 0.45;
/// A note longer than the first, in seconds, begins to swell; one of the second does it in full.
const LONG: f64 = 0.45;
const LONGEST: f64 = 1.4;
/// Seconds in which the level goes from one note to the next, and their part of a note at most.
const GOES: f64 = 0.08;
const GOES_PART: f64 = 0.3;
/// dB that the level is never still by, and how often it turns in a second.
const UNREST: [(f64, f64); 2] = [(0.3, 6.0), (0.5, 1.5)];
/// dB for each semitone of a vibrato.
const VIBRATO: f64 = 2.0;

/// The level of a phrase beside the one that its notes ask for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Dynamics {
    /// dB along the notes.
    notes: Knots,
    /// Beginning of the first vowel, and end of the phrase, in seconds.
    span: (f64, f64),
    /// How much of it is sung.
    expression: f64,
    seed: u64,
}

impl Dynamics {
    pub(super) fn new(slots: &[Slot], places: &[Place], stray: Stray) -> Self {
        let Stray { seed, shared, expression, .. } = stray;
        let breathes = slots.iter().any(|slot| slot.syllable.nucleus == Phoneme::Breath);
        if expression == 0.0 || breathes {
            return Self::default();
        }
        let notes = sung(slots, places);
        let (Some(first), Some(last)) = (notes.first(), notes.last()) else { return Self::default() };
        let span = (first.from, last.until);
        let mut knots = Vec::with_capacity(3 * notes.len());
        for (i, note) in notes.iter().enumerate() {
            let beside = [i.checked_sub(1).and_then(|before| notes.get(before)), notes.get(i + 1)];
            let (count, sum) = beside
                .iter()
                .flatten()
                .fold((0.0, 0.0), |(count, sum), other| (count + 1.0, sum + other.key));
            let above = if count > 0.0 { note.key - sum / count } else { 0.0 };
            let level = (HIGH_LOUD * above).clamp(-HIGHEST, HIGHEST)
                + BEAT * note.beat
                + note.stress
                + APART * chance(shared ^ 0xdb, note.id);
            let length = note.until - note.from;
            let swell = smooth((length - LONG) / (LONGEST - LONG));
            let goes = GOES.min(GOES_PART * length);
            knots.push((note.from, level - 0.5 * SWELLS * swell));
            if swell > 0.0 {
                knots.push((note.from + LOUDEST * length, level + 0.5 * SWELLS * swell));
            }
            knots.push((note.until - goes, level + (0.5 * SWELLS - FADES) * swell));
        }
        Self { notes: Knots::new(knots), span, expression, seed }
    }

    /// dB at `t` seconds, for a voice of that pitch.
    pub(super) fn at(&self, t: f64, pitch: &PitchCurve) -> f64 {
        if self.expression == 0.0 {
            return 0.0;
        }
        let unrest: f64 =
            (1..).zip(UNREST).map(|(i, (far, often))| far * wander(self.seed ^ (i << 40), t, often)).sum();
        self.expression * (self.notes.at(t) + self.arch(t) + unrest)
            + VIBRATO * self.expression.min(1.0) * pitch.swing(t)
    }

    /// dB by which beginning and end of the phrase are softer than its middle.
    fn arch(&self, t: f64) -> f64 {
        let (from, until) = self.span;
        -BEGINS * (1.0 - smooth((t - from) / BEGINS_SECONDS))
            - ENDS * (1.0 - smooth((until - t) / ENDS_SECONDS))
    }

    /// Takes in all that it depends on between two moments, in seconds, but for the pitch.
    pub(super) fn hash_between(&self, from: f64, to: f64, hash: &mut impl Hasher) {
        (self.expression.to_bits(), self.seed).hash(hash);
        self.notes.hash_between(from, to, hash);
        let (begins, ends) = (self.span.0 + BEGINS_SECONDS, self.span.1 - ENDS_SECONDS);
        ((from < begins).then_some(begins.to_bits()), (to > ends).then_some(ends.to_bits())).hash(hash);
    }
}

/// A note of a phrase from its vowel on, in seconds from the start of the song.
struct Sung {
    from: f64,
    until: f64,
    key: f64,
    beat: f64,
    /// dB for the stress of its syllable.
    stress: f64,
    id: u64,
}

/// The notes of a phrase; none is shorter than a millisecond.
fn sung(slots: &[Slot], places: &[Place]) -> Vec<Sung> {
    let mut notes: Vec<Sung> = Vec::new();
    for (slot, (onset, landmarks)) in slots.iter().zip(places) {
        let vowel = onset + f64::from(landmarks.vowel);
        let stress = stress(&slot.syllable);
        for step in &slot.steps {
            let from = step.onset.max(vowel);
            if let Some(before) = notes.last_mut() {
                before.until = from.max(before.from + 1e-3);
            }
            let until = slot.end.max(from + 1e-3);
            notes.push(Sung { from, until, key: step.key, beat: step.beat, stress, id: step.drawn });
        }
    }
    notes
}

/// dB for the stress that a syllable has in its word.
fn stress(syllable: &Syllable) -> f64 {
    match (syllable.language, syllable.tone) {
        (Language::English, 1) => STRESSED,
        (Language::English, 5) => UNSTRESSED,
        _ => 0.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Landmarks;
    use crate::draft::Step;
    use ziyin_lyrics::pinyin_to_syllable;
    use ziyin_score::{Levels, NoteId};

    const STRAY: Stray = Stray { seed: 3, shared: 3, expression: 1.0, drift: 0.0, inflection: 0.0 };

    /// The level of notes of a key, a length in seconds and a weight in the bar, one after the other.
    fn dynamics(notes: &[(f64, f64, f64)], stray: Stray) -> Dynamics {
        let la = pinyin_to_syllable("la", 1).unwrap();
        dynamics_of(&vec![la; notes.len()], notes, stray)
    }

    fn dynamics_of(syllables: &[Syllable], notes: &[(f64, f64, f64)], stray: Stray) -> Dynamics {
        let mut end = 1.0;
        let slots: Vec<Slot> = (0..)
            .zip(notes.iter().zip(syllables))
            .map(|(id, (&(key, length, beat), &syllable))| {
                let onset = end;
                end += length;
                Slot {
                    note: NoteId(id),
                    syllable,
                    levels: Levels::default(),
                    manner: None,
                    articulation: Default::default(),
                    take: None,
                    share: 0.0,
                    beat: onset,
                    end,
                    steps: vec![Step {
                        drawn: id,
                        anew: false,
                        onset,
                        key,
                        beat,
                        vibrato: None,
                        transition: None,
                    }],
                }
            })
            .collect();
        let landmarks = Landmarks { burst: 0.0, vowel: 0.1, nucleus_end: 0.3, end: 0.3 };
        let places: Vec<Place> = slots.iter().map(|slot| (slot.beat - 0.1, landmarks)).collect();
        Dynamics::new(&slots, &places, stray)
    }

    fn mean(dynamics: &Dynamics, from: f64, to: f64) -> f64 {
        let pitch = PitchCurve::default();
        (0..100).map(|i| dynamics.at(from + (to - from) * f64::from(i) / 100.0, &pitch)).sum::<f64>() / 100.0
    }

    #[test]
    fn a_phrase_has_an_arch_and_what_is_high_or_heavy_is_loud() {
        let even = dynamics(&[(60.0, 0.4, 0.0); 12], STRAY);
        let (begin, middle, end) = (mean(&even, 1.0, 1.3), mean(&even, 2.5, 4.5), mean(&even, 5.5, 5.8));
        assert!(begin < middle - 0.7 && end < middle - 1.0, "{begin} {middle} {end}");
        let mut notes = [(60.0, 0.4, 0.0); 12];
        notes[5] = (64.0, 0.4, 1.0);
        let peak = dynamics(&notes, STRAY);
        let louder = mean(&peak, 3.0, 3.3) - mean(&even, 3.0, 3.3);
        assert!((1.5..2.1).contains(&louder), "{louder}");
    }

    #[test]
    fn the_stress_of_english_is_heard() {
        let english = Syllable { language: Language::English, ..pinyin_to_syllable("la", 0).unwrap() };
        let stressed = |tone| {
            let mut syllables = [english; 12];
            syllables[6] = english.with_tone(tone);
            let all = dynamics_of(&syllables, &[(60.0, 0.4, 0.0); 12], STRAY);
            mean(&all, 1.0 + 6.0 * 0.4 + 0.1, 1.0 + 7.0 * 0.4 - 0.1)
        };
        let (main, none, unknown) = (stressed(1), stressed(5), stressed(0));
        assert!((main - unknown - STRESSED).abs() < 0.1 && (none - unknown - UNSTRESSED).abs() < 0.1);
    }

    #[test]
    fn a_long_note_swells_and_fades() {
        let long = dynamics(&[(60.0, 0.5, 0.0), (60.0, 3.0, 0.0), (60.0, 2.0, 0.0)], STRAY);
        let (begin, middle, end) = (mean(&long, 1.6, 1.9), mean(&long, 2.6, 3.2), mean(&long, 4.1, 4.4));
        assert!(middle > begin + 0.5 && middle > end + 0.7, "{begin} {middle} {end}");
    }

    #[test]
    fn without_expression_the_level_is_left_alone() {
        let still = dynamics(&[(60.0, 0.5, 1.0), (67.0, 3.0, 0.0)], Stray { expression: 0.0, ..STRAY });
        assert!((0..500).all(|i| still.at(f64::from(i) * 0.01, &PitchCurve::default()) == 0.0));
    }

    /// What a run's key does not take in does not change its level.
    #[test]
    fn what_is_not_hashed_is_not_heard() {
        let notes: Vec<(f64, f64, f64)> =
            (0..24).map(|i| (60.0 + f64::from(i * 5 % 7), 0.2 + 0.3 * f64::from(i % 4), 0.5)).collect();
        let one = dynamics(&notes, STRAY);
        let hash = |dynamics: &Dynamics, from: f64| {
            let mut hash = crate::character::Fnv::default();
            dynamics.hash_between(from, from + 0.3, &mut hash);
            hash.finish()
        };
        let mut alike = 0;
        for changed in 0..24 {
            let mut notes = notes.clone();
            (notes[changed].0, notes[changed].1) = (notes[changed].0 + 3.0, notes[changed].1 + 0.4);
            let other = dynamics(&notes, STRAY);
            for from in (3..50).map(|i| f64::from(i) * 0.3) {
                let at = |dynamics: &Dynamics, i: u32| {
                    dynamics.at(from + f64::from(i) * 0.001, &PitchCurve::default())
                };
                let hashed = hash(&one, from) == hash(&other, from);
                assert!(!hashed || (0..300).all(|i| at(&one, i) == at(&other, i)), "{changed} at {from} s");
                alike += usize::from(hashed);
            }
        }
        assert!(alike > 300, "{alike}");
    }
}
