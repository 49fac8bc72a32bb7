//! The tones of Mandarin as a singer hints at them: where a syllable begins and ends the pitch
//! leans the way that the spoken tone moves, while the note between is held as it is written.
//! Who listens for words hears them by it (依字行腔, "the tune goes by the character").

use super::character::Place;
use super::draft::Slot;
use super::knots::Knots;
use ziyin_lyrics::Language;

/// Semitones that a tone of full height leans, at the usual inflection.
const SEMITONES: f64 = 1.5;
/// Seconds after the vowel's onset in which the pitch comes to the note, and the part of the time
/// to the next vowel that they take at most.
const ARRIVES: f64 = 0.15;
const ARRIVES_PART: f64 = 0.45;
/// Seconds before the next vowel from which it leaves the note, and their part at most.
const LEAVES: f64 = 0.09;
const LEAVES_PART: f64 = 0.3;
/// The part of these that leads over to the next syllable.
const LEADS_OVER: f64 = 1.0 / 3.0;

/// How the syllables of a phrase lean in semitones, `amount` times as far as usual.
pub(super) fn inflection(slots: &[Slot], places: &[Place], amount: f64) -> Knots {
    // What English has in that place is stress, see `dynamics`.
    let tone =
        |slot: &Slot| if slot.syllable.language == Language::Mandarin { slot.syllable.tone } else { 0 };
    let tones: Vec<u8> = slots.iter().map(tone).collect();
    if amount == 0.0 || tones.iter().all(|&tone| lean(tone) == [0.0; 2]) {
        return Knots::default();
    }
    let vowel = |i: usize| places.get(i).map(|(onset, landmarks)| onset + f64::from(landmarks.vowel));
    let mut knots = Vec::with_capacity(4 * slots.len());
    for (i, (slot, tone)) in slots.iter().zip(as_sung(&tones)).enumerate() {
        let Some(from) = vowel(i) else { break };
        let until = vowel(i + 1).unwrap_or(slot.end).max(from + 1e-3);
        let [first, last] = lean(tone).map(|lean| amount * SEMITONES * lean);
        let arrives = ARRIVES.min(ARRIVES_PART * (until - from));
        let leaves = LEAVES.min(LEAVES_PART * (until - from));
        let over = if i + 1 < slots.len() { LEADS_OVER * leaves } else { 0.0 };
        knots.extend([(from, first), (from + arrives, 0.0), (until - leaves, 0.0), (until - over, last)]);
    }
    Knots::new(knots)
}

/// Where a tone begins and ends beside the note, 1 being full height: level and high, rising, low,
/// falling; the neutral tone drops away.
fn lean(tone: u8) -> [f64; 2] {
    match tone {
        1 => [0.3, 0.2],
        2 => [-0.8, 1.0],
        3 => [-0.4, -1.0],
        4 => [1.0, -1.0],
        5 => [0.0, -0.4],
        _ => [0.0, 0.0],
    }
}

/// The tones of a phrase as they are spoken together: a third before a third rises.
fn as_sung(tones: &[u8]) -> impl Iterator<Item = u8> {
    let next = tones.iter().skip(1).copied().chain([0]);
    tones.iter().copied().zip(next).map(|pair| if pair == (3, 3) { 2 } else { pair.0 })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Landmarks;
    use ziyin_lyrics::{Syllable, pinyin_to_syllable};
    use ziyin_score::{Levels, NoteId};

    #[test]
    fn the_stress_of_english_does_not_bend_the_pitch() {
        let mut syllable = pinyin_to_syllable("ma", 5).unwrap();
        syllable.language = Language::English;
        assert_eq!(phrase_of(&[syllable, syllable.with_tone(1)], 1.0), Knots::default());
    }

    /// Syllables of half a second, one after the other, each with a consonant of 0.1 s.
    fn phrase(tones: &[u8], amount: f64) -> Knots {
        let syllables: Vec<Syllable> =
            tones.iter().map(|&tone| pinyin_to_syllable("ma", tone).unwrap()).collect();
        phrase_of(&syllables, amount)
    }

    fn phrase_of(syllables: &[Syllable], amount: f64) -> Knots {
        let slots: Vec<Slot> = (syllables.iter().zip(1u32..))
            .map(|(&syllable, i)| Slot {
                note: NoteId(u64::from(i)),
                syllable,
                levels: Levels::default(),
                manner: None,
                articulation: Default::default(),
                take: None,
                share: 0.0,
                beat: 0.5 * f64::from(i),
                end: 0.5 * f64::from(i + 1),
                steps: Vec::new(),
            })
            .collect();
        let landmarks = Landmarks { burst: 0.0, vowel: 0.1, nucleus_end: 0.5, end: 0.5 };
        let places: Vec<Place> = slots.iter().map(|slot| (slot.beat - 0.1, landmarks)).collect();
        inflection(&slots, &places, amount)
    }

    #[test]
    fn a_note_is_held_between_two_leanings() {
        let fourth_second = phrase(&[4, 2], 1.0);
        assert!((fourth_second.at(0.5) - 1.5).abs() < 1e-9);
        assert!((fourth_second.at(1.0) + 1.2).abs() < 1e-9);
        for t in [0.66, 0.8, 0.9, 1.16, 1.4] {
            assert_eq!(fourth_second.at(t), 0.0, "at {t} s");
        }
        assert!((fourth_second.at(0.97) + 1.5).abs() < 1e-9 && (fourth_second.at(1.5) - 1.5).abs() < 1e-9);
        assert_eq!(phrase(&[4, 2], 0.0), Knots::default());
        assert_eq!(phrase(&[0, 0], 1.0), Knots::default());
    }

    #[test]
    fn it_never_jumps_and_a_third_before_a_third_rises() {
        let all = phrase(&[3, 3, 1, 2, 4, 5, 4], 2.0);
        let at = |i: i32| all.at(f64::from(i) * 0.001);
        assert!((300..5000).all(|i| (at(i + 1) - at(i)).abs() < 0.5));
        assert!(all.at(0.95) > 0.0 && all.at(1.45) < 0.0);
    }

    #[test]
    fn what_lies_further_away_is_not_depended_on() {
        let (one, other) = (phrase(&[4, 2, 3, 1], 1.0), phrase(&[1, 2, 3, 1], 1.0));
        assert_eq!(one.between(1.2, 2.3), other.between(1.2, 2.3));
        assert_ne!(one.between(0.5, 0.7), other.between(0.5, 0.7));
    }
}
