//! The pitch curve of a voice: portamento, vibrato, tones, what a singer does to it, and what the
//! user drew.
//!
//! What is written is sung as it stands: the notes with the ways between them, the vibratos that
//! notes bring, the tones, and what was drawn. Upon it lies what a singer does by themselves, as
//! much of it as the track's expression asks for: preparation and overshoot (`glide`), a scoop into a
//! phrase and a fall out of it, vibrato (`vibrato`), fine fluctuation, and drift. A note whose
//! pitch that would move as a whole is moved back, so that it stays in tune; and where the user
//! drew, there is nothing of it.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use super::character::wander;
use super::clock::Clock;
use super::drawn::freedom;
use super::glide::{self, Way};
use super::knots::{Knots, smooth};
use super::vibrato::{self, Seeds};
use ziyin_score::Curve;
use ziyin_signal::chance;

pub use super::pitch_note::PitchNote;

/// How far below its first note a phrase begins, in semitones, and how soon it is there; and by
/// what part phrases differ in it.
const SCOOP: f64 = 0.5;
const SCOOP_SECONDS: f64 = 0.025;
const SCOOP_APART: f64 = 0.5;
/// How far the voice falls as a phrase ends, in semitones, and from when on.
const FALL: f64 = 0.3;
const FALL_SECONDS: f64 = 0.06;

/// Semitones that the pitch is never still by, and how often it turns in a second: the fine
/// fluctuation of Saitou et al. (2005), which ends at 10 Hz, a slower one, and the drift.
const UNREST: [(f64, f64); 3] = [(0.04, 8.0), (0.04, 3.0), (0.06, 0.5)];
/// Seconds in which the unrest of one take becomes that of another.
const OVER: f64 = 0.06;
/// How often the drift of a harmony turns in a second.
const DRIFT_TURNS: f64 = 0.4;

/// Of a note's beginning and end, in seconds and as parts of it, what a listener who tells its
/// pitch leaves out.
const ARRIVES: (f64, f64) = (0.12, 0.4);
const LEAVES: (f64, f64) = (0.08, 0.2);
/// Seconds between the moments at which a note's own pitch is told from, of a note that has time to
/// swing and of a shorter one, and how many there are: a swing is seldom in its middle, so that the
/// median of few moments would be off.
const TOLD_EVERY: (f64, f64) = (0.005, 0.015);
const TOLD: (f64, f64) = (32.0, 1500.0);
/// A note longer than this, in seconds, has time to swing.
const SWINGS: f64 = 0.45;

/// Semitones that a note is moved by at most, to be in tune.
const MOVED: f64 = 2.0;

/// How a voice strays from what is written.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Stray {
    /// Which of the many ways to stray the voice takes.
    pub seed: u64,
    /// The same for the lead of a track and its harmonies, which shape their notes alike.
    pub shared: u64,
    /// How much a singer does beyond what is written: 0 is nothing, 1 usual.
    pub expression: f64,
    /// How far the voice drifts as a whole, in semitones.
    pub drift: f64,
    /// How far it leans with the tones of Mandarin, 1 being usual.
    pub inflection: f64,
}

/// The pitch of one phrase at any moment; a clone shares what it is made from.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PitchCurve {
    /// In order, without gaps that matter.
    notes: Arc<[PitchNote]>,
    /// How far each is moved to be in tune, in semitones.
    moved: Arc<[f64]>,
    /// The ways into its notes that the user has set, by note; none where all are usual.
    set: Arc<[Option<Way>]>,
    stray: Stray,
    /// How it leans with the tones of the syllables.
    inflection: Arc<Knots>,
    /// What the user drew.
    drawn: Option<Arc<DrawnPitch>>,
}

/// Deviations in cents, at the ticks that a voice comes to.
#[derive(Clone, Debug, PartialEq)]
pub struct DrawnPitch {
    pub curve: Curve,
    pub clock: Clock,
}

impl DrawnPitch {
    /// What a user drew; `None` if that is nothing.
    pub fn new(curve: &Curve, clock: &Clock) -> Option<Arc<Self>> {
        (!curve.is_empty()).then(|| Arc::new(Self { curve: curve.clone(), clock: clock.clone() }))
    }
}

impl PitchCurve {
    /// The curve through the notes of a phrase, with how its syllables lean; neighbours of the same
    /// pitch without a vibrato of their own are one note.
    pub(super) fn new(notes: impl IntoIterator<Item = PitchNote>, stray: Stray, inflection: Knots) -> Self {
        let mut merged: Vec<PitchNote> = Vec::new();
        for note in notes {
            match merged.last_mut() {
                Some(last)
                    if last.key == note.key && note.vibrato.is_none() && last.end >= note.onset - 1e-6 =>
                {
                    last.end = note.end;
                }
                _ => merged.push(note),
            }
        }
        let notes: Arc<[PitchNote]> = merged.into();
        let moved = vec![0.0; notes.len()].into();
        let set = Arc::default();
        let mut curve = Self { notes, moved, set, stray, inflection: Arc::new(inflection), drawn: None };
        if curve.notes.iter().any(|note| note.transition.is_some()) {
            curve.set = (0..curve.notes.len()).map(|i| curve.set_way(i)).collect();
        }
        if stray.expression > 0.0 {
            curve.moved = (0..curve.notes.len()).map(|i| curve.out_of_tune(i)).collect();
        }
        curve
    }

    /// The same with what the user drew.
    pub fn with_drawn(self, drawn: Option<Arc<DrawnPitch>>) -> Self {
        Self { drawn, ..self }
    }

    /// Takes in all that the curve depends on between two moments, in seconds, but for what
    /// the user drew.
    pub fn hash_between(&self, from: f64, to: f64, hash: &mut impl Hasher) {
        let Stray { seed, shared, expression, drift, .. } = self.stray;
        (seed, shared, expression.to_bits(), drift.to_bits(), self.drawn.is_some()).hash(hash);
        let (Some(first), Some(last)) = (self.notes.first(), self.notes.last()) else { return };
        let (now, then) = (self.current(from), self.current(to));
        for i in now..=then {
            hash_note(&self.notes[i], hash);
            self.moved[i].to_bits().hash(hash);
        }
        // A glide hangs on the notes that it leads from and to, and is felt beyond them.
        let near = self.leaps(from, to);
        (now - near.start.min(now), near.len()).hash(hash);
        for note in &self.notes[near.start.saturating_sub(1)..near.end] {
            [note.onset, note.end, note.key].map(f64::to_bits).hash(hash);
            note.anew.then_some(note.id).hash(hash);
        }
        for (i, way) in self.set_ways(from, to) {
            way.hash(hash);
            [self.notes[i].onset, self.leap(i)].map(f64::to_bits).hash(hash);
        }
        self.inflection.hash_between(from, to, hash);
        // After this time the scoop is less than a rounding error.
        let scooped = from - first.onset < 40.0 * SCOOP_SECONDS;
        let falls = to > last.end - FALL_SECONDS;
        (scooped.then_some((first.onset.to_bits(), first.id)), falls.then_some(last.end.to_bits()))
            .hash(hash);
    }

    /// MIDI pitch at `t` seconds, without what moves around the note.
    pub fn base(&self, t: f64) -> f64 {
        if self.notes.is_empty() {
            return 0.0;
        }
        let i = self.current(t);
        // The glide into this note is still on, or the one into the next has begun.
        let mut pitch = self.notes[i].key;
        if i > 0 {
            pitch -= self.leap(i) * (1.0 - self.done(i, t));
        }
        if i + 1 < self.notes.len() {
            pitch += self.leap(i + 1) * self.done(i + 1, t);
        }
        pitch
    }

    /// MIDI pitch at `t` seconds as it is written: without what a singer does by themselves.
    pub fn written(&self, t: f64) -> f64 {
        if self.notes.is_empty() {
            return 0.0;
        }
        let note = &self.notes[self.current(t)];
        let vibrato = note.vibrato.as_ref().map_or(0.0, |own| vibrato::written(note, own, t));
        let drift = self.stray.drift * wander(self.stray.seed ^ 0xd21f, t, DRIFT_TURNS);
        let aside = |(i, way): (usize, &Way)| way.aside(t - self.notes[i].onset, self.leap(i));
        let set: f64 = self.set_ways(t, t).map(aside).sum();
        let mut pitch = self.base(t) + vibrato + self.inflection.at(t) + drift + set;
        if let Some(drawn) = &self.drawn {
            pitch += f64::from(drawn.curve.at(drawn.clock.tick_between(t))) / 100.0;
        }
        pitch
    }

    /// MIDI pitch at `t` seconds, as it is sung.
    pub fn at(&self, t: f64) -> f64 {
        let free = self.freedom(t);
        if free == 0.0 {
            return self.written(t);
        }
        self.written(t) + free * (self.stray.expression * self.sway(t) - self.tuning(t))
    }

    /// The same in Hz.
    pub fn hertz(&self, t: f64) -> f32 {
        (440.0 * ((self.at(t) - 69.0) / 12.0).exp2()) as f32
    }

    /// Semitones that the vibrato swings at `t` seconds, whoever chose it.
    pub(super) fn swing(&self, t: f64) -> f64 {
        if self.notes.is_empty() {
            return 0.0;
        }
        let note = &self.notes[self.current(t)];
        match &note.vibrato {
            Some(own) => vibrato::written(note, own, t),
            None => self.freedom(t) * self.stray.expression * vibrato::natural(note, self.seeds(), t),
        }
    }

    /// How much of what a singer does by themselves is sung at `t` seconds, 0 to 1.
    fn freedom(&self, t: f64) -> f64 {
        if self.notes.is_empty() || self.stray.expression == 0.0 {
            return 0.0;
        }
        self.drawn.as_ref().map_or(1.0, |drawn| freedom(&drawn.curve, &drawn.clock, t))
    }

    fn seeds(&self) -> Seeds {
        Seeds { own: self.stray.seed, shared: self.stray.shared }
    }

    fn current(&self, t: f64) -> usize {
        self.notes.partition_point(|note| note.onset <= t).saturating_sub(1)
    }

    /// The notes whose leap from the one before is felt somewhere between two moments.
    fn leaps(&self, from: f64, to: f64) -> std::ops::Range<usize> {
        let after = |t: f64| self.notes.partition_point(|note| note.onset <= t);
        let end = after(to + glide::REACH).max(1);
        after(from - glide::REACH).clamp(1, end)..end
    }

    /// The way into note `i` as the user has set it.
    fn way(&self, i: usize) -> Option<&Way> {
        self.set.get(i)?.as_ref()
    }

    /// The same, as far as the two notes leave it room.
    fn set_way(&self, i: usize) -> Option<Way> {
        let before = i.checked_sub(1)?;
        Some(Way::new(self.notes[i].transition.as_ref()?, self.length(before), self.length(i)))
    }

    /// The ways that the user has set and that are felt somewhere between two moments, by their notes.
    fn set_ways(&self, from: f64, to: f64) -> impl Iterator<Item = (usize, &Way)> {
        let after = |t: f64| self.notes.partition_point(|note| note.onset <= t);
        let near = match self.set.is_empty() {
            true => 0..0,
            false => after(from - glide::FARTHEST)..after(to + glide::FARTHEST),
        };
        near.filter_map(move |i| Some((i, self.way(i)?)))
    }

    /// How far the way into note `i` is done at `t` seconds, 0 to 1.
    fn done(&self, i: usize, t: f64) -> f64 {
        let since = t - self.notes[i].onset;
        match self.way(i) {
            Some(way) => way.done(since),
            None => glide::plain(since, self.shortest(i)),
        }
    }

    /// The length of note `i` in seconds; where syllables crowd there may be nothing left of one.
    fn length(&self, i: usize) -> f64 {
        (self.notes[i].end - self.notes[i].onset).max(1e-3)
    }

    /// Semitones to note `i` from the one before.
    fn leap(&self, i: usize) -> f64 {
        self.notes[i].key - self.notes[i - 1].key
    }

    /// The length in seconds of the shorter of note `i` and the one before.
    fn shortest(&self, i: usize) -> f64 {
        self.length(i).min(self.length(i - 1))
    }

    /// Semitones beside what is written that a singer of usual expression sings at `t` seconds.
    fn sway(&self, t: f64) -> f64 {
        let (first, last) = (&self.notes[0], &self.notes[self.notes.len() - 1]);
        let mut sway: f64 = self
            .leaps(t, t)
            .filter(|&i| self.way(i).is_none())
            .map(|i| glide::aside(t - self.notes[i].onset, self.shortest(i), self.leap(i)))
            .sum();
        let since = (t - first.onset).max(0.0);
        let scoop = SCOOP * (1.0 + SCOOP_APART * chance(self.stray.shared ^ 0x5c0, first.id));
        sway -= scoop * (-since / SCOOP_SECONDS).exp();
        let into_fall = ((t - (last.end - FALL_SECONDS)) / FALL_SECONDS).clamp(0.0, 2.0);
        sway -= FALL * into_fall * into_fall.min(1.0);
        let note = &self.notes[self.current(t)];
        if note.vibrato.is_none() {
            sway += vibrato::natural(note, self.seeds(), t);
        }
        sway + self.unrest(t)
    }

    /// Semitones that the pitch is never still by. It hangs on time alone, as far as notes are sung in the
    /// first take.
    fn unrest(&self, t: f64) -> f64 {
        let unrest = |seed: u64| {
            let parts = (1..).zip(UNREST);
            parts.map(|(i, (far, often))| far * wander(seed ^ i, t, often)).sum::<f64>()
        };
        let of = |note: &PitchNote| self.stray.seed ^ if note.anew { note.id } else { 0 };
        // From one to the next it changes around the onset.
        let next = self.notes.partition_point(|note| note.onset <= t + 0.5 * OVER);
        let now = &self.notes[next.saturating_sub(1)];
        let before = &self.notes[next.saturating_sub(2)];
        let part = smooth((t - now.onset) / OVER + 0.5);
        if of(now) == of(before) || part >= 1.0 {
            return unrest(of(now));
        }
        unrest(of(before)) + part * (unrest(of(now)) - unrest(of(before)))
    }

    /// Where the listener hears note `i`, in seconds.
    fn heard(&self, i: usize) -> (f64, f64) {
        let (onset, length) = (self.notes[i].onset, self.length(i));
        (onset + ARRIVES.0.min(ARRIVES.1 * length), onset + length - LEAVES.0.min(LEAVES.1 * length))
    }

    /// Semitones that note `i` would be off in the median, where it is heard.
    fn out_of_tune(&self, i: usize) -> f64 {
        let (from, to) = self.heard(i);
        let every = if self.length(i) > SWINGS { TOLD_EVERY.0 } else { TOLD_EVERY.1 };
        let count = ((to - from) / every).clamp(TOLD.0, TOLD.1) as usize;
        let at = |k: usize| from + (to - from) * (k as f64 + 0.5) / count as f64;
        let drift = |t: f64| self.stray.drift * wander(self.stray.seed ^ 0xd21f, t, DRIFT_TURNS);
        let off = |t: f64| self.written(t) - drift(t) + self.stray.expression * self.sway(t);
        let mut off: Vec<f64> = (0..count).map(|k| off(at(k)) - self.notes[i].key).collect();
        off.sort_by(f64::total_cmp);
        (0.5 * (off[(count - 1) / 2] + off[count / 2])).clamp(-MOVED, MOVED)
    }

    /// Semitones that the note at `t` seconds is moved back by, to be in tune where it is heard.
    fn tuning(&self, t: f64) -> f64 {
        let i = self.current(t);
        let (onset, (from, to)) = (self.notes[i].onset, self.heard(i));
        let end = onset + self.length(i);
        self.moved[i] * smooth((t - onset) / (from - onset)) * smooth((end - t) / (end - to))
    }
}

fn hash_note(note: &PitchNote, hash: &mut impl Hasher) {
    [note.onset, note.end, note.key].map(f64::to_bits).hash(hash);
    (note.id, note.anew).hash(hash);
    let own = note.vibrato.map(|own| {
        [own.depth_cents, own.period_ms, own.onset, own.fade_in_ms, own.fade_out_ms].map(f32::to_bits)
    });
    own.hash(hash);
}

#[cfg(test)]
mod tests;
