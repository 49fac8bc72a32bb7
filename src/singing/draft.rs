//! The first half of a plan: notes and readings to phrases of syllables, still without the
//! lengths of consonants.

use super::melody::SungNote;
use super::voice::TimingInput;
use ziyin_lyrics::{Language, Phoneme, Reading, Syllable};
use ziyin_message::{Message, ToMessage};
use ziyin_score::{Articulation, Levels, Manner, NoteId, Sound, Transition, Vibrato};
use ziyin_signal::{chance, scramble};

/// Notes that are closer than this, in seconds, are sung in one breath.
pub const PHRASE_GAP: f64 = 0.1;
/// Milliseconds by which another take comes before or after the beat at most: as far as singers stray
/// who are together.
const TAKE_MS: f32 = 15.0;
/// By what part its consonants are longer or shorter at most.
const TAKE_CONSONANT: f32 = 0.15;
/// The part of a note that comes before the *r* of erhua.
const BEFORE_R: f64 = 0.65;

/// One syllable with its place in the song.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Slot {
    pub note: NoteId,
    pub syllable: Syllable,
    pub levels: Levels,
    pub manner: Option<Manner>,
    pub articulation: Articulation,
    /// See [`Character::take`](super::Character::take).
    pub take: Option<u64>,
    /// How much of the second singer of the voice there is as its vowel begins, from 0 to 1.
    pub share: f32,
    /// Seconds from the start of the song at which its vowel should sound.
    pub beat: f64,
    /// Seconds from the start of the song at which its last note ends.
    pub end: f64,
    /// The pitches that it goes through; the first begins at `beat`.
    pub steps: Vec<Step>,
}

/// A pitch that a syllable comes to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Step {
    /// What chance hangs on in it, by the note that brings it.
    pub drawn: u64,
    /// Whether that is another take than the first.
    pub anew: bool,
    pub onset: f64,
    pub key: f64,
    /// See [`SungNote::beat`].
    pub beat: f64,
    pub vibrato: Option<Vibrato>,
    pub transition: Option<Transition>,
}

impl Step {
    fn of(note: &SungNote, onset: f64) -> Self {
        let &SungNote { key, beat, vibrato, transition, .. } = note;
        Self { drawn: note.drawn(), anew: note.take != 0, onset, key, beat, vibrato, transition }
    }
}

/// A lyric that could not be read, for the user to see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unread {
    pub note: NoteId,
    pub text: String,
    pub reason: Message,
}

/// Phrases of syllables.
#[derive(Clone, Debug, Default)]
pub struct Draft {
    /// None of them empty.
    pub(super) phrases: Vec<Vec<Slot>>,
    pub unread: Vec<Unread>,
}

/// Joins notes and what they sing into phrases. `readings` has one entry for each note.
pub fn draft(notes: &[SungNote], readings: &[Reading], language: Language) -> Draft {
    let mut draft = Draft::default();
    let mut phrase: Vec<Slot> = Vec::new();
    for (note, reading) in notes.iter().zip(readings) {
        let joined = phrase.last().is_some_and(|last| note.onset - last.end < PHRASE_GAP);
        if !joined {
            draft.close(&mut phrase);
        }
        match reading {
            Reading::Rest => draft.close(&mut phrase),
            Reading::Breath => {
                draft.close(&mut phrase);
                phrase.push(slot(note, 0, Syllable::breath(language), note.onset, note.end));
                draft.close(&mut phrase);
            }
            Reading::Hold => match phrase.last_mut() {
                Some(last) => {
                    last.end = note.end;
                    last.steps.push(Step::of(note, note.onset));
                }
                None => phrase.push(slot(note, 0, draft.vowel_before(language), note.onset, note.end)),
            },
            Reading::Sung(syllables) => {
                let share = (note.end - note.onset) / syllables.len().max(1) as f64;
                for (i, sung) in syllables.iter().enumerate() {
                    let from = note.onset + i as f64 * share;
                    push(&mut phrase, note, sung.syllable, from, from + share);
                }
            }
            Reading::Unknown { text, reason } => {
                draft.unread.push(Unread { note: note.id, text: text.clone(), reason: reason.to_message() });
                push(&mut phrase, note, Syllable::hum(language), note.onset, note.end);
            }
        }
    }
    draft.close(&mut phrase);
    draft
}

impl Draft {
    fn close(&mut self, phrase: &mut Vec<Slot>) {
        if !phrase.is_empty() {
            self.phrases.push(std::mem::take(phrase));
        }
    }

    /// The vowel that a hold takes up again after a rest.
    fn vowel_before(&self, language: Language) -> Syllable {
        let before = self.phrases.iter().rev().flatten().next_back().map(|slot| slot.syllable);
        match before {
            Some(syllable) if syllable.nucleus != Phoneme::Breath => {
                Syllable { initial: Phoneme::None, glide: Phoneme::None, ..syllable }
            }
            _ => Syllable::hum(language),
        }
    }
}

/// A character of a note, counted from 0.
fn slot(note: &SungNote, character: usize, syllable: Syllable, beat: f64, end: f64) -> Slot {
    let &SungNote { id, levels, manner, .. } = note;
    let articulation = note.articulations.get(character).copied().unwrap_or_default();
    let syllable = articulated(syllable, &articulation);
    let steps = vec![Step::of(note, beat)];
    let take = (note.take != 0).then(|| chance_of(note, character));
    let articulation = take.map_or(articulation, |take| timed(articulation, take));
    Slot { note: id, syllable, levels, manner, articulation, take, share: 0.0, beat, end, steps }
}

fn chance_of(note: &SungNote, character: usize) -> u64 {
    scramble(note.drawn() ^ character as u64)
}

/// When a character is sung in another take than the first: a little before or after the beat, with a
/// consonant that is longer or shorter, unless the user has set that.
fn timed(articulation: Articulation, take: u64) -> Articulation {
    let vowel_ms = articulation.vowel_ms.unwrap_or(TAKE_MS * chance(take, 1) as f32);
    let consonant = articulation.consonant * (1.0 + TAKE_CONSONANT * chance(take, 2) as f32);
    Articulation { vowel_ms: Some(vowel_ms), consonant, ..articulation }
}

/// A syllable with the sounds that the user put in the place of those that were read.
fn articulated(syllable: Syllable, articulation: &Articulation) -> Syllable {
    let [initial, glide, nucleus, coda] = articulation.sounds;
    let sung = |own: Option<Sound>, read: Phoneme| own.map_or(read, |sound| sound.0);
    Syllable {
        initial: sung(initial, syllable.initial),
        glide: sung(glide, syllable.glide),
        nucleus: sung(nucleus, syllable.nucleus),
        coda: sung(coda, syllable.coda),
        ..syllable
    }
}

/// Adds a syllable; one of Mandarin with an *r* coloured ending becomes two, because that ending is
/// long enough to be heard as a vowel of its own, and every voice knows it as such. English was
/// recorded with its *r*.
fn push(phrase: &mut Vec<Slot>, note: &SungNote, syllable: Syllable, beat: f64, end: f64) {
    let character = phrase.iter().rev().take_while(|slot| slot.note == note.id).count();
    if syllable.coda != Phoneme::Er || syllable.language == Language::English {
        phrase.push(slot(note, character, syllable, beat, end));
        return;
    }
    let turn = beat + BEFORE_R * (end - beat);
    phrase.push(slot(note, character, Syllable { coda: Phoneme::None, ..syllable }, beat, turn));
    let r = Syllable {
        initial: Phoneme::None,
        glide: Phoneme::None,
        nucleus: Phoneme::Er,
        coda: Phoneme::None,
        ..syllable
    };
    phrase.push(slot(note, character + 1, r, turn, end));
}

const REST: [Phoneme; 2] = [Phoneme::Rest; 2];

/// What the voice must be asked before a phrase can be laid out, one for each syllable.
pub(super) fn timing_inputs(phrase: &[Slot], singer: usize) -> impl Iterator<Item = TimingInput> + '_ {
    (0..phrase.len()).map(move |i| {
        let slot = &phrase[i];
        let end = phrase.get(i + 1).map_or(slot.end, |next| next.beat);
        TimingInput {
            syllable: slot.syllable,
            previous: i.checked_sub(1).map_or(REST, |before| phrase[before].syllable.closing()),
            next: phrase.get(i + 1).map_or(REST, |next| next.syllable.opening()),
            singer,
            pitch: slot.steps[0].key as f32,
            length: (end - slot.beat) as f32,
        }
    })
}
