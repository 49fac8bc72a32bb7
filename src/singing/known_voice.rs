//! The plan of one voice, made anew at each edit of the song at the cost of what the edit
//! touches.
//!
//! A phrase is laid out anew only where its own syllables have changed, or the room that
//! its neighbours leave it; it is cut into runs anew only where its pitch has changed, and a
//! run gets another key only where something has that it depends on. What comes out is, to
//! the last bit, what a plan from nothing gives: a plan from nothing is the same code with
//! nothing known.

use std::collections::HashMap;
use std::sync::Arc;
use ziyin_message::message;

use rayon::prelude::*;

use super::character::Place;
use super::clock::Clock;
use super::draft::{Draft, Slot, timing_inputs};
use super::mixture::share_at;
use super::pitch::{DrawnPitch, Stray};
use super::plan::{Between, Phrase, Plan, phrase, places};
use super::run::{Keyed, Run, runs, seconds};
use super::voice::{Timing, TimingInput, VoiceFailure};
use ziyin_score::{CurveKind, Curves, NoteId};

/// Seconds on each side of a phrase that belong to it when a curve changes.
const AROUND: f64 = 1.0;

/// What a voice is sung by besides its notes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Delivery {
    /// That of the weights; see [`super::Voice::fingerprint`].
    pub fingerprint: u64,
    /// Index of the singer in the voice.
    pub singer: usize,
    /// That of another whom the curve of mixture mixes in.
    pub second: Option<usize>,
    /// Tells the noise of this voice from that of the others.
    pub seed: u32,
    pub stray: Stray,
    pub curves: Curves,
    pub clock: Clock,
}

impl Delivery {
    /// How much of the second singer sings so many seconds after the start of the song.
    fn share(&self, seconds: f64) -> f32 {
        if self.second.is_some() { share_at(&self.curves.mixture, &self.clock, seconds) } else { 0.0 }
    }
}

/// A planned voice.
#[derive(Clone, Debug, PartialEq)]
pub struct Planned {
    pub plan: Plan,
    /// In order.
    pub runs: Vec<Run>,
    /// Of each run a number that is the same for runs that sound the same.
    pub keys: Vec<u64>,
    /// The notes of the characters that each run was cut for.
    pub notes: Vec<Arc<[NoteId]>>,
}

/// The phrases of a voice as they were planned last.
#[derive(Default)]
pub struct KnownVoice {
    delivery: Delivery,
    phrases: Vec<KnownPhrase>,
}

struct KnownPhrase {
    slots: Vec<Slot>,
    timings: Vec<Timing>,
    between: Between,
    places: Vec<Place>,
    phrase: Option<Phrase>,
    /// Those of the characters.
    character_keys: Vec<u64>,
    /// As if the phrase were the first of the plan.
    runs: Vec<Run>,
    notes: Vec<Arc<[NoteId]>>,
    keys: Vec<u64>,
}

impl KnownVoice {
    /// Plans the voice by a draft of its notes; `timings` asks the voice for the lengths of
    /// consonants and codas.
    ///
    /// # Errors
    /// Those of `timings`. Nothing is known then.
    pub fn follow(
        &mut self,
        mut draft: Draft,
        delivery: Delivery,
        timings: impl FnOnce(&[TimingInput]) -> Result<Vec<Timing>, VoiceFailure>,
    ) -> Result<Planned, VoiceFailure> {
        let before = std::mem::take(self);
        let changed = Changed::between(&before.delivery, &delivery);
        for slot in draft.phrases.iter_mut().flatten() {
            slot.share = delivery.share(slot.beat);
        }
        let mut phrases = take_up(draft.phrases, if changed.singer { Vec::new() } else { before.phrases });
        ask(&mut phrases, (delivery.singer, delivery.second), timings)?;
        place(&mut phrases);
        let drawn = DrawnPitch::new(&delivery.curves.pitch, &delivery.clock);
        phrases.par_iter_mut().with_min_len(32).for_each(|known| {
            known.sing(&delivery, &changed, &drawn);
        });
        let planned = Planned {
            plan: Plan {
                phrases: phrases.iter().filter_map(|known| known.phrase.clone()).collect(),
                unread: draft.unread,
            },
            runs: (phrases.iter().enumerate())
                .flat_map(|(phrase, known)| known.runs.iter().map(move |run| run.clone().of_phrase(phrase)))
                .collect(),
            keys: phrases.iter().flat_map(|known| &known.keys).copied().collect(),
            notes: phrases.iter().flat_map(|known| &known.notes).cloned().collect(),
        };
        *self = Self { delivery, phrases };
        Ok(planned)
    }
}

/// What of a delivery is not as it was.
struct Changed {
    /// All that is known is of no use.
    singer: bool,
    /// Ticks between which the drawn pitch is another.
    pitch: Option<(f64, f64)>,
    /// Ticks between which a curve is another.
    curves: Vec<(f64, f64)>,
}

impl Changed {
    fn between(before: &Delivery, now: &Delivery) -> Self {
        const ALL: (f64, f64) = (f64::NEG_INFINITY, f64::INFINITY);
        let is_drawn = !(before.curves.pitch.is_empty() && now.curves.pitch.is_empty());
        // A curve lies at other seconds then, and without one ticks say nothing.
        let moved = before.clock != now.clock;
        let differs = |kind| now.curves.get(kind).differs_from(before.curves.get(kind));
        let pitch = if moved && is_drawn { Some(ALL) } else { differs(CurveKind::Pitch) };
        let mut curves: Vec<_> = CurveKind::ALL.into_iter().filter_map(differs).collect();
        let any = |curves: &Curves| CurveKind::ALL.into_iter().any(|kind| !curves.get(kind).is_empty());
        if moved && any(&now.curves) || before.seed != now.seed {
            curves.push(ALL);
        }
        let who = |own: &Delivery| (own.fingerprint, own.singer, own.second, own.stray);
        let singer = who(before) != who(now);
        Self { singer, pitch, curves }
    }
}

/// The phrases of a draft with what is known of them.
fn take_up(drafted: Vec<Vec<Slot>>, before: Vec<KnownPhrase>) -> Vec<KnownPhrase> {
    let first = |slots: &[Slot]| slots.first().map(|slot| slot.note);
    let mut before: HashMap<_, _> = before.into_iter().map(|known| (first(&known.slots), known)).collect();
    drafted
        .into_iter()
        .map(|slots| match before.remove(&first(&slots)) {
            Some(known) if known.slots == slots => known,
            _ => KnownPhrase::new(slots),
        })
        .collect()
}

/// Asks the voice for the timings that are not known, all at once.
fn ask(
    phrases: &mut [KnownPhrase],
    (singer, second): (usize, Option<usize>),
    timings: impl FnOnce(&[TimingInput]) -> Result<Vec<Timing>, VoiceFailure>,
) -> Result<(), VoiceFailure> {
    let mut unknown: Vec<&mut KnownPhrase> =
        phrases.iter_mut().filter(|known| known.timings.len() != known.slots.len()).collect();
    let mut inputs: Vec<TimingInput> =
        unknown.iter().flat_map(|known| timing_inputs(&known.slots, singer)).collect();
    if inputs.is_empty() {
        return Ok(());
    }
    let of_first = inputs.len();
    for known in second.iter().flat_map(|_| &unknown) {
        let theirs = timing_inputs(&known.slots, second.unwrap_or(singer)).zip(&known.slots);
        inputs.extend(theirs.filter(|(_, slot)| slot.share > 0.0).map(|(input, _)| input));
    }
    let timings = timings(&inputs)?;
    if timings.len() != inputs.len() {
        let (found, wanted) = (timings.len(), inputs.len());
        return Err(VoiceFailure(message!("singing.lengths", found, wanted)));
    }
    let (mut rest, seconds) = timings.split_at(of_first);
    let mut seconds = seconds.iter();
    for known in &mut unknown {
        let (own, others) = rest.split_at(known.slots.len());
        let timing = |(own, slot): (&Timing, &Slot)| match slot.share > 0.0 {
            true => seconds.next().map_or(*own, |second| between(own, second, slot.share)),
            false => *own,
        };
        known.timings = own.iter().zip(&known.slots).map(timing).collect();
        rest = others;
    }
    Ok(())
}

/// The lengths of what two sing, so much of the way to those of the second.
fn between(first: &Timing, second: &Timing, share: f32) -> Timing {
    // All of the way is there, to the last bit.
    let part = |first: f32, second: f32| first * (1.0 - share) + second * share;
    Timing {
        closure: part(first.closure, second.closure),
        consonant: part(first.consonant, second.consonant),
        coda: part(first.coda, second.coda),
    }
}

/// Finds out where the characters of each phrase lie; a phrase whose characters lie
/// elsewhere than before is forgotten.
fn place(phrases: &mut [KnownPhrase]) {
    let mut free_from = 0.0;
    for i in 0..phrases.len() {
        let next = phrases.get(i + 1).and_then(|next| Some((next.slots.first()?, next.timings.first()?)));
        let wanted_end = next.map(|(slot, timing)| Between::wanted_end(slot, timing));
        let (known, between) = (&mut phrases[i], Between { free_from, wanted_end });
        if known.places.is_empty() || known.between != between {
            let places = places(&known.slots, &known.timings, between);
            if known.places != places {
                known.phrase = None;
            }
            (known.places, known.between) = (places, between);
        }
        free_from = Between::free_after(&known.places);
    }
}

impl KnownPhrase {
    fn new(slots: Vec<Slot>) -> Self {
        Self {
            slots,
            timings: Vec::new(),
            between: Between { free_from: 0.0, wanted_end: None },
            places: Vec::new(),
            phrase: None,
            character_keys: Vec::new(),
            runs: Vec::new(),
            notes: Vec::new(),
            keys: Vec::new(),
        }
    }

    /// Makes characters, runs and keys anew where they have changed.
    fn sing(&mut self, delivery: &Delivery, changed: &Changed, drawn: &Option<Arc<DrawnPitch>>) {
        let is_new = self.phrase.is_none();
        let mut sung = match self.phrase.take() {
            Some(phrase) => phrase,
            None => {
                let inputs: Vec<TimingInput> = timing_inputs(&self.slots, delivery.singer).collect();
                phrase(&self.slots, &inputs, &self.places, delivery.stray)
            }
        };
        sung.pitch = sung.pitch.with_drawn(drawn.clone());
        if is_new {
            self.character_keys = sung.characters.iter().map(|c| c.key(delivery.fingerprint)).collect();
        }
        let frames = sung.frames();
        let ticks = [seconds(frames.start) - AROUND, seconds(frames.end) + AROUND]
            .map(|seconds| delivery.clock.tick_between(seconds));
        let touches = |&(from, to): &(f64, f64)| ticks[1] >= from && ticks[0] <= to;
        if is_new || changed.pitch.iter().any(touches) {
            self.runs = runs(&sung);
            let notes = |run: &Run| sung.characters[run.characters.clone()].iter().map(|c| c.note).collect();
            self.notes = self.runs.iter().map(notes).collect();
        }
        if is_new || changed.curves.iter().any(touches) {
            let keyed = Keyed {
                phrase: &sung,
                characters: &self.character_keys,
                curves: &delivery.curves,
                clock: &delivery.clock,
                seed: delivery.seed,
                voice: delivery.fingerprint,
                second: delivery.second,
            };
            self.keys = self.runs.iter().map(|run| run.key(&keyed)).collect();
        }
        self.phrase = Some(sung);
    }
}
