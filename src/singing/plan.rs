//! From notes to characters with their places in seconds: pure arithmetic.
//!
//! The vowel stands on the beat, its consonant before it, at the cost of the note before.
//! Only the nucleus is stretched.

use super::character::{Character, Landmarks, Place};
use std::sync::Arc;

use super::draft::{Slot, Unread};
use super::dynamics::Dynamics;
use super::inflection::inflection;
use super::pitch::{PitchCurve, PitchNote, Stray};
use super::voice::{Timing, TimingInput};
use ziyin_lyrics::Phoneme;
use ziyin_score::Articulation;
use ziyin_signal::{BLOCK_LEAD, BLOCK_TAIL, HOP, SAMPLE_RATE};

/// Longer consonants, in seconds, are sung shorter: a block could not hold them.
const LONGEST_CONSONANT: f64 = 0.3;
/// A consonant takes at most this part of the time from the vowel before to its own: when
/// notes are short, singers shorten consonants rather than vowels.
const CONSONANT_PART: f64 = 0.3;
/// The same of a consonant whose beginning the user has set.
const SET_CONSONANT_PART: f64 = 0.85;
/// The silence of a plosive takes at most this part of the time from the vowel before. The
/// slow pairs of a voicebank hold longer ones, the longer the higher they are sung, and they
/// come out of the vowel before.
const CLOSURE_PART: f64 = 0.09;
/// The same as [`CONSONANT_PART`], of the first note of a phrase that leaves it no time.
const FIRST_CONSONANT_PART: f64 = 0.5;
/// A coda is at most this long, in seconds, and at most this part of what follows the
/// vowel's onset.
const LONGEST_CODA: f64 = 0.2;
const CODA_PART: f64 = 1.0 / 3.0;
/// Each consonant behind the coda lets both be longer by so much.
const LONGER_BY_TAIL: f64 = 0.06;
const PART_BY_TAIL: f64 = 0.08;
/// Seconds by which a plosive or a fricative at the end of a phrase outlasts its last note: it is let
/// go of there, not cut off.
const LET_GO: f64 = 0.06;
/// Silence between two phrases, in seconds, which a consonant does not fill.
const BETWEEN_PHRASES: f64 = 0.06;
/// What a phrase gives up of its last note, at most, so that the next can begin in time.
const GIVEN_UP: f64 = 0.3;
/// Where a song begins with a consonant and leaves it no time, it keeps this part of its
/// length and the vowel comes late.
const KEPT_AT_START: f64 = 0.6;

/// A run of characters that is sung in one breath; a clone shares them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Phrase {
    /// In order; each ends where the next begins. Never none.
    pub characters: Arc<[Character]>,
    pub pitch: PitchCurve,
    pub dynamics: Arc<Dynamics>,
}

impl Phrase {
    /// The frames that it sounds in, from the start of the song, the last one excluded.
    pub fn frames(&self) -> std::ops::Range<u64> {
        let frame = |seconds: f64| seconds.max(0.0) * f64::from(SAMPLE_RATE) / HOP as f64;
        let first = self.characters.first().map_or(0.0, |c| c.onset - f64::from(BLOCK_LEAD));
        let last = self.characters.last().map_or(0.0, |c| c.end() + f64::from(BLOCK_TAIL));
        frame(first).floor() as u64..frame(last).ceil() as u64 + 1
    }
}

/// What one voice sings in a song.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plan {
    /// In order, without overlap.
    pub phrases: Vec<Phrase>,
    /// Lyrics that nobody could read, which are hummed.
    pub unread: Vec<Unread>,
}

impl Plan {
    /// Seconds from the start of the song to the end of the last sound.
    pub fn end(&self) -> f64 {
        let frames = self.phrases.last().map_or(0, |phrase| phrase.frames().end);
        frames as f64 * HOP as f64 / f64::from(SAMPLE_RATE)
    }
}

/// Where a phrase lies between its neighbours, in seconds from the start of the song.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Between {
    /// The moment from which it may sound.
    pub free_from: f64,
    /// The moment by which it should have ended, for the first consonant of the next.
    pub wanted_end: Option<f64>,
}

impl Between {
    /// When a phrase should have ended, by the first syllable of the next and its lengths.
    pub fn wanted_end(next: &Slot, timing: &Timing) -> f64 {
        let Articulation { onset_ms, vowel_ms, consonant, .. } = next.articulation;
        let onset = match onset_ms {
            Some(onset) => seconds(onset),
            None => {
                vowel_ms.map_or(0.0, seconds)
                    - f64::from(timing.closure + timing.consonant) * f64::from(consonant)
            }
        };
        next.beat + onset - BETWEEN_PHRASES
    }

    /// The moment from which the phrase after one at these places may sound.
    pub fn free_after(places: &[Place]) -> f64 {
        places.last().map_or(0.0, |(onset, last)| onset + f64::from(last.end) + BETWEEN_PHRASES)
    }
}

/// Where the characters of a phrase lie, by the lengths that the voice gave for them. What the user has
/// set is taken as far as neighbours and blocks leave room.
pub(super) fn places(slots: &[Slot], timings: &[Timing], between: Between) -> Vec<Place> {
    let none = Timing::default();
    let timing = |i: usize| timings.get(i).unwrap_or(&none);
    // Vowel and consonant of each, from the beats; the ends follow from the next onset.
    let mut starts: Vec<(f64, f64, f64)> = Vec::with_capacity(slots.len());
    for (i, slot) in slots.iter().enumerate() {
        let own = &slot.articulation;
        // Nothing sounds before the song.
        let beat = (slot.beat + own.vowel_ms.map_or(0.0, seconds)).max(0.0);
        let longer = f64::from(own.consonant);
        let mut closure = longer * f64::from(timing(i).closure.max(0.0));
        if let Some(&(_, vowel_before, _)) = starts.last() {
            closure = closure.min(CLOSURE_PART * (beat - vowel_before).max(0.01));
        }
        let full = closure + longer * f64::from(timing(i).consonant.max(0.0));
        let wanted = full.min(LONGEST_CONSONANT);
        let (vowel, room) = match starts.last() {
            Some(&(_, vowel_before, _)) => {
                let vowel = beat.max(vowel_before + 0.01);
                (vowel, CONSONANT_PART * (vowel - vowel_before))
            }
            None => {
                let free_from = between.free_from;
                let until_end = (slot.end - beat).max(0.0);
                let squeezed = (KEPT_AT_START * wanted).min(FIRST_CONSONANT_PART * until_end);
                // Very short notes can end late; what follows waits for them.
                let silent_from = free_from.min(beat).max(free_from - BETWEEN_PHRASES);
                let vowel = beat.max(silent_from + squeezed);
                (vowel, (vowel - free_from).max(squeezed))
            }
        };
        let consonant = match own.onset_ms.filter(|_| slot.syllable.initial != Phoneme::None) {
            Some(onset) => {
                let most = match starts.last() {
                    Some(&(_, vowel_before, _)) => SET_CONSONANT_PART * (vowel - vowel_before),
                    None => room.max(vowel - between.free_from),
                };
                (vowel - slot.beat - seconds(onset)).clamp(0.0, LONGEST_CONSONANT).min(most)
            }
            None => wanted.min(room),
        };
        let onset = (vowel - consonant).max(0.0);
        // The parts shrink together.
        let scale = if full > 0.0 { (vowel - onset) / full } else { 0.0 };
        let closure = match own.burst_ms.filter(|_| slot.syllable.initial.has_burst()) {
            Some(burst) => (slot.beat + seconds(burst) - onset).max(0.0).min(vowel - onset),
            None => closure * scale,
        };
        starts.push((onset, vowel, closure));
    }
    let mut places: Vec<Place> = (0..slots.len())
        .map(|i| {
            let (onset, vowel, closure) = starts[i];
            let (slot, own) = (&slots[i], &slots[i].articulation);
            let let_go = if slot.syllable.ends_in_noise() { LET_GO } else { 0.0 };
            let end = match (starts.get(i + 1), own.release_ms) {
                (Some(next), _) => next.0,
                (None, None) => (slot.end + let_go).max(vowel + 0.02),
                (None, Some(release)) => {
                    // It leaves the next phrase its time.
                    let latest = between.wanted_end.map_or(f64::INFINITY, |wanted| wanted.max(slot.end));
                    (slot.end + seconds(release)).min(latest).max(vowel + 0.02)
                }
            };
            let sounding = (end - vowel).max(0.0);
            let tail = slot.syllable.tail.into_iter().filter(|&p| p != Phoneme::None).count() as f64;
            let longest = LONGEST_CODA + LONGER_BY_TAIL * tail;
            let part = CODA_PART + PART_BY_TAIL * tail;
            let coda = match own.coda_ms.filter(|_| !slot.syllable.is_open()) {
                Some(coda) => (-seconds(coda)).max(0.0).min(longest).min((sounding - 0.02).max(0.0)),
                None => f64::from(timing(i).coda.max(0.0)).min(longest).min(part * sounding),
            };
            let landmarks = Landmarks {
                burst: closure as f32,
                vowel: (vowel - onset) as f32,
                nucleus_end: (end - coda - onset) as f32,
                end: (end - onset) as f32,
            };
            (onset, landmarks)
        })
        .collect();
    if let (Some(wanted), Some(last)) = (between.wanted_end, places.last_mut()) {
        make_room(last, wanted);
    }
    places
}

fn seconds(ms: f32) -> f64 {
    f64::from(ms) / 1000.0
}

/// Shortens the end of a phrase where the consonant of the next would run into it.
fn make_room((onset, last): &mut Place, wanted_end: f64) {
    let missing = (*onset + f64::from(last.end) - wanted_end).max(0.0) as f32;
    let given = missing.min(GIVEN_UP as f32 * (last.nucleus_end - last.vowel));
    last.nucleus_end -= given;
    last.end -= given;
}

/// A phrase whose characters lie at those places, without what is drawn of its pitch.
pub(super) fn phrase(slots: &[Slot], inputs: &[TimingInput], places: &[Place], stray: Stray) -> Phrase {
    let pitch = curve(slots, places, stray);
    let characters = (slots.iter().zip(inputs).zip(places))
        .map(|((slot, input), place)| character(slot, input, *place, &pitch))
        .collect();
    let dynamics = Arc::new(Dynamics::new(slots, places, stray));
    Phrase { characters, pitch, dynamics }
}

/// The curve through the notes of a phrase, each reached as its vowel begins.
fn curve(slots: &[Slot], places: &[Place], stray: Stray) -> PitchCurve {
    let mut notes: Vec<PitchNote> = Vec::new();
    for (slot, (onset, landmarks)) in slots.iter().zip(places) {
        let vowel = onset + f64::from(landmarks.vowel);
        for (i, step) in slot.steps.iter().enumerate() {
            let onset = if i == 0 { vowel } else { step.onset.max(vowel) };
            if let Some(before) = notes.last_mut() {
                before.end = onset;
            }
            notes.push(PitchNote {
                onset,
                end: slot.end,
                key: step.key,
                vibrato: step.vibrato,
                transition: step.transition,
                id: step.drawn,
                anew: step.anew,
            });
        }
    }
    PitchCurve::new(notes, stray, inflection(slots, places, stray.inflection))
}

fn character(slot: &Slot, input: &TimingInput, (onset, sung): Place, pitch: &PitchCurve) -> Character {
    let mut character = Character {
        note: slot.note,
        syllable: slot.syllable,
        previous: input.previous,
        next: input.next,
        singer: input.singer,
        levels: slot.levels,
        manner: slot.manner,
        take: slot.take,
        strengths: slot.articulation.strengths_db,
        onset,
        sung,
        block: sung.of_block(),
        pitch: Vec::new(),
    };
    character.pitch = told_pitch(&character, pitch);
    character
}

/// The pitch that the generator is told. A long note is told by its beginning: later
/// notes of a hold change the melody, not the block.
fn told_pitch(character: &Character, pitch: &PitchCurve) -> Vec<f32> {
    let times = character.times();
    times.iter().map(|&t| (pitch.base(character.onset + f64::from(t)) * 20.0).round() as f32 / 20.0).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::draft::draft;
    use super::super::known_voice::{Delivery, KnownVoice};
    use super::super::melody::SungNote;
    use super::*;
    use ziyin_lyrics::{Language, LyricInput, read_lyrics};
    use ziyin_score::{Boundary, Levels, NoteId};

    /// A voice whose consonants last 80 ms after 40 ms of closure, and its codas 150 ms.
    const TIMING: Timing = Timing { closure: 0.04, consonant: 0.08, coda: 0.15 };

    fn plan(notes: &[(f64, f64, &str)]) -> Plan {
        plan_in(Language::Mandarin, notes)
    }

    fn plan_in(language: Language, notes: &[(f64, f64, &str)]) -> Plan {
        plan_of(language, notes, &[])
    }

    /// The plan of notes, some of which have characters that are sung in a way of their own.
    fn articulated(notes: &[(f64, f64, &str)], own: &[(usize, Articulation)]) -> Plan {
        plan_of(Language::Mandarin, notes, own)
    }

    fn plan_of(language: Language, notes: &[(f64, f64, &str)], own: &[(usize, Articulation)]) -> Plan {
        let sung: Vec<SungNote> = (0..)
            .zip(notes)
            .map(|(i, &(onset, end, _))| SungNote {
                id: NoteId(i),
                onset,
                end,
                key: 60.0 + i as f64,
                beat: 0.0,
                vibrato: None,
                transition: None,
                levels: Levels::default(),
                manner: None,
                articulations: own.iter().filter(|(at, _)| *at as u64 == i).map(|(_, own)| *own).collect(),
                take: 0,
            })
            .collect();
        let lyrics: Vec<LyricInput> =
            notes.iter().map(|&(_, _, lyric)| LyricInput { lyric, ..Default::default() }).collect();
        let draft = draft(&sung, &read_lyrics(&lyrics, language), language);
        let timings = |inputs: &[TimingInput]| Ok(vec![TIMING; inputs.len()]);
        KnownVoice::default().follow(draft, Delivery::default(), timings).unwrap().plan
    }

    #[track_caller]
    fn near(found: f64, expected: f64) {
        assert!((found - expected).abs() < 1e-3, "{found}, not {expected}");
    }

    #[test]
    fn the_vowel_stands_on_the_beat() {
        let plan = plan(&[(1.0, 1.5, "ta"), (1.5, 2.0, "tan"), (2.5, 3.0, "ta")]);
        assert_eq!(plan.phrases.len(), 2);
        let all: Vec<&Character> = plan.phrases.iter().flat_map(|p| p.characters.iter()).collect();
        for (character, beat) in all.iter().zip([1.0, 1.5, 2.5]) {
            near(character.vowel_at(), beat);
            near(character.onset, beat - 0.12);
            near(character.sung.burst.into(), 0.04);
        }
        // Each ends where the next begins, and the coda comes out of it.
        near(all[0].end(), all[1].onset);
        near(f64::from(all[1].sung.end - all[1].sung.nucleus_end), 0.15);
        near(all[1].end(), 2.0);
    }

    const LINE: [(f64, f64, &str); 3] = [(1.0, 1.5, "ta"), (1.5, 2.0, "tan"), (2.0, 2.5, "ta")];

    fn set(boundaries: &[(Boundary, f32)]) -> Articulation {
        boundaries.iter().fold(Articulation::default(), |own, &(at, ms)| own.with_boundary(at, Some(ms)))
    }

    #[test]
    fn what_is_set_is_sung_there_and_the_rest_as_before() {
        use Boundary::*;
        let before = plan(&LINE).phrases.remove(0);
        let own = set(&[(Onset, -200.0), (Burst, -50.0), (Vowel, 20.0), (Coda, -80.0)]);
        let after = articulated(&LINE, &[(1, own)]).phrases.remove(0);
        let character = &after.characters[1];
        near(character.onset, 1.5 - 0.2);
        near(character.onset + f64::from(character.sung.burst), 1.5 - 0.05);
        near(character.vowel_at(), 1.5 + 0.02);
        near(character.end() - (character.onset + f64::from(character.sung.nucleus_end)), 0.08);
        // The one before ends where it begins; the one after is the very same.
        near(after.characters[0].end(), 1.3);
        assert_eq!(after.characters[0].onset, before.characters[0].onset);
        let place = |character: &Character| (character.onset, character.sung);
        assert_eq!(place(&after.characters[2]), place(&before.characters[2]));
        // A longer consonant keeps its end.
        let longer = Articulation { consonant: 1.1, ..Articulation::default() };
        let longer = articulated(&LINE, &[(1, longer)]).phrases.remove(0);
        near(longer.characters[1].onset, 1.5 - 1.1 * 0.12);
        near(longer.characters[1].vowel_at(), 1.5);
    }

    #[test]
    fn a_phrase_is_let_go_where_that_is_set_but_leaves_the_next_its_time() {
        let notes = [(1.0, 2.0, "ta"), (2.5, 3.0, "ta")];
        let end =
            |ms| articulated(&notes, &[(0, set(&[(Boundary::Release, ms)]))]).phrases[0].characters[0].end();
        near(end(-300.0), 1.7);
        near(end(200.0), 2.2);
        near(end(900.0), 2.5 - 0.12 - BETWEEN_PHRASES);
    }

    #[test]
    fn a_sound_is_replaced_or_left_out() {
        use ziyin_lyrics::Phoneme;
        use ziyin_score::Sound;
        let sounds = [Some(Sound(Phoneme::F)), None, None, Some(Sound(Phoneme::None))];
        let own = Articulation { sounds, ..Articulation::default() };
        let sung = articulated(&LINE, &[(1, own)]).phrases[0].characters[1].syllable;
        let before = plan(&LINE).phrases[0].characters[1].syllable;
        assert_eq!((sung.initial, sung.nucleus, sung.coda), (Phoneme::F, before.nucleus, Phoneme::None));
        // The neighbours are told.
        assert_eq!(articulated(&LINE, &[(1, own)]).phrases[0].characters[0].next[0], Phoneme::F);
    }

    #[test]
    fn a_consonant_leaves_the_note_before_most_of_its_time() {
        let plan = plan(&[(1.0, 1.1, "ta"), (1.1, 1.2, "ta"), (1.2, 1.24, "ta")]);
        let all = &plan.phrases[0].characters;
        near(all[1].onset, 1.07);
        near(all[1].vowel_at(), 1.1);
        near(all[2].onset, 1.17);
        assert!(all[1].sung.burst < 0.02);
    }

    #[test]
    fn a_closure_leaves_time_to_the_vowel_before_it() {
        let plan = plan(&[(1.0, 1.3, "ta"), (1.3, 1.6, "ta"), (1.6, 2.6, "ta"), (2.6, 3.0, "ta")]);
        let all = &plan.phrases[0].characters;
        // 40 ms after a second, but less after three tenths; the breath is as it was.
        near(all[1].sung.burst.into(), 0.027 * 0.09 / 0.107);
        near(all[3].sung.burst.into(), 0.04);
        near(all[3].onset, 2.6 - 0.12);
        near(all[1].onset, 1.3 - 0.09);
    }

    #[test]
    fn a_song_that_begins_at_once_keeps_its_first_consonant() {
        let first = plan(&[(0.0, 0.5, "ta")]).phrases[0].characters[0].clone();
        near(first.onset, 0.0);
        near(first.vowel_at(), 0.6 * 0.12);
    }

    #[test]
    fn holds_go_on_with_the_vowel() {
        let plan = plan(&[(1.0, 1.5, "tan"), (1.5, 2.0, "-"), (2.0, 2.5, "-"), (2.8, 3.0, "-")]);
        assert_eq!(plan.phrases.len(), 2);
        assert_eq!(plan.phrases[0].characters.len(), 1);
        near(plan.phrases[0].characters[0].end(), 2.5);
        let pitch = &plan.phrases[0].pitch;
        assert!((pitch.base(1.3) - 60.0).abs() < 0.1 && (pitch.base(1.8) - 61.0).abs() < 0.1);
        // After a rest the vowel is taken up again.
        let again = &plan.phrases[1].characters[0].syllable;
        assert_eq!(again.initial, ziyin_lyrics::Phoneme::None);
    }

    #[test]
    fn a_tail_has_its_time_and_is_let_go_of_after_the_last_note() {
        let notes = [(1.0, 1.5, "hands"), (1.5, 1.7, "off"), (2.5, 3.0, "see"), (4.0, 4.5, "time")];
        let plan = plan_in(Language::English, &notes);
        assert_eq!(plan.phrases.len(), 3);
        let all: Vec<&Character> = plan.phrases.iter().flat_map(|p| p.characters.iter()).collect();
        let coda = |at: usize| f64::from(all[at].sung.end - all[at].sung.nucleus_end);
        // A fricative closes `off`, in 0.26 s from its vowel, 0.41 of them.
        // The voice of these tests gives each character a consonant, `off` too.
        near(all[0].end(), 1.5 - 0.12);
        near(coda(0), 0.15);
        near(all[1].end(), 1.7 + 0.06);
        near(coda(1), (0.26_f64 * (1.0 / 3.0 + 0.08)).min(0.15));
        // What ends in its vowel or in a nasal ends with its note.
        near(all[2].end(), 3.0);
        near(all[3].end(), 4.5);
        assert_eq!(all[1].previous, [ziyin_lyrics::Phoneme::D, ziyin_lyrics::Phoneme::Z]);
        let car = plan_in(Language::English, &[(1.0, 2.0, "car")]);
        assert_eq!(car.phrases[0].characters.len(), 1, "its r is no second syllable");
    }

    #[test]
    fn an_unread_lyric_is_hummed_and_told() {
        let plan = plan(&[(1.0, 1.5, "love")]);
        assert_eq!(plan.unread[0].text, "love");
        assert_eq!(plan.phrases[0].characters[0].syllable.nucleus, ziyin_lyrics::Phoneme::Hum);
    }

    #[test]
    fn equal_characters_have_equal_keys_wherever_they_stand() {
        let plan = plan(&[(1.0, 1.5, "ta"), (3.0, 3.5, "ta")]);
        let [a, b] = [0, 1].map(|i| plan.phrases[i].characters[0].clone());
        assert_ne!(a.key(1), b.key(1), "the pitch is another");
        let moved = Character { onset: a.onset + 7.0, note: NoteId(9), ..a.clone() };
        assert_eq!(a.key(1), moved.key(1));
        assert_ne!(a.key(1), a.key(2));
    }

    proptest! {
        #[test]
        fn characters_never_overlap_and_never_shrink_to_nothing(
            own in prop::collection::vec((0usize..30, prop::array::uniform5(-900f32..900.0), 0.2f32..4.0), 0..6),
            notes in prop::collection::vec((0.04f64..3.0, 0.0f64..0.3, prop::sample::select(vec!["ta", "an", "shuang", "-", "+", "br", "", "x", "花儿", "你好"])), 1..30)
        ) {
            let mut t = 0.0;
            let notes: Vec<_> = notes.iter().map(|&(length, gap, lyric)| {
                let onset = t + if gap < 0.15 { 0.0 } else { gap };
                t = onset + length;
                (onset, t, lyric)
            }).collect();
            let own: Vec<(usize, Articulation)> = own.into_iter().map(|(note, ms, consonant)| {
                let boundaries: Vec<_> = Boundary::ALL.into_iter().zip(ms).filter(|(_, ms)| *ms > -500.0).collect();
                (note, Articulation { consonant, ..set(&boundaries) })
            }).collect();
            let plan = articulated(&notes, &own);
            let mut last = 0.0;
            for phrase in &plan.phrases {
                for c in phrase.characters.iter() {
                    let s = c.sung;
                    prop_assert!(c.onset >= last - 1e-5, "{} begins before {last}", c.onset);
                    prop_assert!(s.burst >= 0.0 && s.vowel >= s.burst && s.nucleus_end > s.vowel && s.end >= s.nucleus_end, "{s:?}");
                    prop_assert_eq!(c.pitch.len(), c.times().len());
                    last = c.end();
                }
            }
        }
    }
}
