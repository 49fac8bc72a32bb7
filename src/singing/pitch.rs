//! The pitch curve of a voice: portamento, vibrato, tones, and what the user drew.

use std::f64::consts::TAU;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use super::character::{chance, wander};
use super::clock::Clock;
use super::inflection::Inflection;
use ziyin_score::{Curve, Vibrato};

/// Seconds that the voice takes from one note to the next, where there is time for it.
const GLIDE: f64 = 0.1;
/// The part of a glide that lies before the note: a singer arrives on the beat.
const GLIDE_BEFORE: f64 = 0.7;
/// How far below its first note a phrase begins, in semitones, and how soon it is there.
const SCOOP: f64 = 0.5;
const SCOOP_SECONDS: f64 = 0.025;
/// How far the voice falls as a phrase ends, in semitones, and from when on.
const FALL: f64 = 0.3;
const FALL_SECONDS: f64 = 0.06;

/// The vibrato of notes that do not bring their own: seconds sung straight, depth in
/// semitones, swings per second, and the seconds in which the swing grows.
const STRAIGHT: f64 = 0.35;
const DEPTH: f64 = 0.35;
const RATE: f64 = 5.5;
const GROWTH: f64 = 0.4;
/// A vibrato that has less time than this is not begun.
const SHORTEST_SWING: f64 = 0.25;
/// Seconds in which the swing dies away before the note ends.
const CALMING: f64 = 0.1;

/// How far a voice strays by itself, in semitones: too little to be heard as wrong, enough
/// not to be heard as a machine.
const UNREST: f64 = 0.02;

/// A stretch of one pitch.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PitchNote {
    /// Seconds from the start of the song at which the pitch is reached, and left.
    pub onset: f64,
    pub end: f64,
    /// MIDI pitch.
    pub key: f64,
    pub vibrato: Option<Vibrato>,
    /// Tells the note from others: no two vibratos of a singer are quite alike.
    pub id: u64,
}

/// The pitch of one phrase at any moment; a clone shares what it is made from.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PitchCurve {
    /// In order, without gaps that matter.
    notes: Arc<[PitchNote]>,
    /// Which of the many ways to stray the voice takes.
    seed: u64,
    /// How far it drifts as a whole, in semitones.
    drift: f64,
    /// How it leans with the tones of the syllables.
    inflection: Arc<Inflection>,
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
    /// The curve through the notes of a phrase; neighbours of the same pitch without a
    /// vibrato of their own are one note.
    pub fn new(notes: impl IntoIterator<Item = PitchNote>, seed: u64, drift: f64) -> Self {
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
        Self { notes: merged.into(), seed, drift, inflection: Arc::default(), drawn: None }
    }

    /// The same with how the syllables lean.
    pub(super) fn with_inflection(self, inflection: Inflection) -> Self {
        Self { inflection: Arc::new(inflection), ..self }
    }

    /// The same with what the user drew.
    pub fn with_drawn(self, drawn: Option<Arc<DrawnPitch>>) -> Self {
        Self { drawn, ..self }
    }

    /// Takes in all that the curve depends on between two moments, in seconds, but for what
    /// the user drew.
    pub fn hash_between(&self, from: f64, to: f64, hash: &mut impl Hasher) {
        (self.seed, self.drift.to_bits(), self.drawn.is_some()).hash(hash);
        let (Some(first), Some(last)) = (self.notes.first(), self.notes.last()) else { return };
        // A glide hangs on the note before, and on the one that it leads to.
        let (now, then) = (self.current(from), self.current(to));
        let near = now.saturating_sub(1)..=(then + 1).min(self.notes.len() - 1);
        (now - near.start(), near.end() - then).hash(hash);
        for note in &self.notes[near] {
            [note.onset, note.end, note.key].map(f64::to_bits).hash(hash);
            note.id.hash(hash);
            let own = note.vibrato.map(|own| [own.depth_cents, own.period_ms, own.onset].map(f32::to_bits));
            own.hash(hash);
        }
        for (moment, semitones) in self.inflection.between(from, to) {
            [moment, semitones].map(|number| number.to_bits()).hash(hash);
        }
        // After this time the scoop is less than a rounding error.
        let scooped = from - first.onset < 40.0 * SCOOP_SECONDS;
        let falls = to > last.end - FALL_SECONDS;
        (scooped.then_some(first.onset.to_bits()), falls.then_some(last.end.to_bits())).hash(hash);
    }

    /// MIDI pitch at `t` seconds, without what moves around the note: vibrato, tones, unrest
    /// and drift.
    pub fn base(&self, t: f64) -> f64 {
        let (Some(first), Some(last)) = (self.notes.first(), self.notes.last()) else { return 0.0 };
        let i = self.current(t);
        let mut pitch = self.notes[i].key;
        // The glide into this note is still on, or the one into the next has begun.
        if i > 0 {
            pitch += (self.notes[i - 1].key - pitch) * (1.0 - self.glide(i, t));
        }
        if i + 1 < self.notes.len() {
            pitch += (self.notes[i + 1].key - self.notes[i].key) * self.glide(i + 1, t);
        }
        let since = (t - first.onset).max(0.0);
        pitch -= SCOOP * (-since / SCOOP_SECONDS).exp();
        let into_fall = ((t - (last.end - FALL_SECONDS)) / FALL_SECONDS).clamp(0.0, 2.0);
        pitch - FALL * into_fall * into_fall.min(1.0)
    }

    /// MIDI pitch at `t` seconds, as it is sung.
    pub fn at(&self, t: f64) -> f64 {
        if self.notes.is_empty() {
            return 0.0;
        }
        let mut pitch = self.base(t) + self.vibrato(t) + self.inflection.at(t);
        pitch += UNREST * wander(self.seed, t, 3.0) + self.drift * wander(self.seed ^ 0xd21f, t, 0.4);
        if let Some(drawn) = &self.drawn {
            pitch += f64::from(drawn.curve.at(drawn.clock.tick_between(t))) / 100.0;
        }
        pitch
    }

    /// The same in Hz.
    pub fn hertz(&self, t: f64) -> f32 {
        (440.0 * ((self.at(t) - 69.0) / 12.0).exp2()) as f32
    }

    fn current(&self, t: f64) -> usize {
        self.notes.partition_point(|note| note.onset <= t).saturating_sub(1)
    }

    /// How far the glide into note `i` is done, 0 to 1.
    fn glide(&self, i: usize, t: f64) -> f64 {
        let length = |note: &PitchNote| note.end - note.onset;
        let shortest = length(&self.notes[i]).min(length(&self.notes[i - 1]));
        let seconds = GLIDE.min(0.9 * shortest).max(1e-3);
        let x = ((t - self.notes[i].onset) / seconds + GLIDE_BEFORE).clamp(0.0, 1.0);
        // Least jerk: no corner in pitch, speed or acceleration.
        x * x * x * (10.0 - 15.0 * x + 6.0 * x * x)
    }

    fn vibrato(&self, t: f64) -> f64 {
        let i = self.current(t);
        let note = &self.notes[i];
        let length = note.end - note.onset;
        let (begin, depth, rate) = match note.vibrato {
            Some(own) => (
                f64::from(own.onset) * length,
                f64::from(own.depth_cents) / 100.0,
                1000.0 / f64::from(own.period_ms),
            ),
            // By the note's id: its time differs in the last digit between devices, and an
            // edit elsewhere changes its place in the phrase.
            None => (STRAIGHT, DEPTH, RATE * (1.0 + 0.04 * chance(self.seed ^ note.key.to_bits(), note.id))),
        };
        let since = t - note.onset - begin;
        if since <= 0.0 || length - begin < SHORTEST_SWING {
            return 0.0;
        }
        let growth = if note.vibrato.is_some() { CALMING } else { GROWTH };
        let swell = smooth(since / growth) * smooth((note.end - t) / CALMING);
        depth * swell * (TAU * rate * since).sin()
    }
}

/// From 0 at 0 to 1 at 1, level at both ends and beyond.
pub fn smooth(x: f64) -> f64 {
    let x = x.clamp(0.0, 1.0);
    x * x * (3.0 - 2.0 * x)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn curve(keys: &[(f64, f64)]) -> PitchCurve {
        let mut t = 0.0;
        let notes: Vec<PitchNote> = keys
            .iter()
            .map(|&(key, seconds)| {
                t += seconds;
                PitchNote { onset: t - seconds, end: t, key, vibrato: None, id: 7 }
            })
            .collect();
        PitchCurve::new(notes, 1, 0.0)
    }

    /// Cents from the note on its sustained part, as a listener measures them.
    fn sustained(curve: &PitchCurve, onset: f64, length: f64, key: f64) -> Vec<f64> {
        let (from, to) =
            (onset + f64::min(0.12, length * 0.4), onset + length - f64::min(0.08, length * 0.2));
        let count = ((to - from) / 0.002) as usize;
        (0..count).map(|i| 100.0 * (curve.at(from + i as f64 * 0.002) - key)).collect()
    }

    #[test]
    fn the_sustained_part_of_every_note_is_in_tune() {
        let keys = [(60.0, 0.25), (67.0, 0.5), (65.0, 1.0), (60.0, 3.0), (72.0, 0.2), (71.0, 0.7)];
        let curve = curve(&keys);
        let mut onset = 0.0;
        for (key, length) in keys {
            let mut cents = sustained(&curve, onset, length, key);
            assert!(cents.iter().all(|c| c.abs() < 50.0), "{key} for {length} s: {cents:?}");
            cents.sort_by(f64::total_cmp);
            let median = cents[cents.len() / 2];
            assert!(median.abs() < 3.0, "{key} for {length} s is {median} cents off");
            onset += length;
        }
    }

    #[test]
    fn nothing_jumps() {
        let curve = curve(&[(48.0, 0.04), (84.0, 0.04), (36.0, 0.3), (60.0, 2.0)]);
        let mut before = curve.at(-0.1);
        for i in 1..3000 {
            let now = curve.at(-0.1 + f64::from(i) * 0.001);
            assert!((now - before).abs() < 4.0, "{} semitones in a millisecond at {i}", now - before);
            before = now;
        }
    }

    #[test]
    fn a_rounding_error_of_time_is_not_heard() {
        let late = curve(&[(60.0, 0.7 + 1e-7), (62.0, 3.0)]);
        let curve = curve(&[(60.0, 0.7), (62.0, 3.0)]);
        for i in 0..370 {
            let t = f64::from(i) * 0.01;
            assert!((curve.at(t) - late.at(t)).abs() < 1e-4, "at {t} s");
        }
    }

    #[test]
    fn long_notes_swing_and_short_ones_do_not() {
        let long = curve(&[(60.0, 3.0)]);
        let swing = (1000..2500).map(|i| (long.at(f64::from(i) * 0.001) - 60.0).abs()).fold(0.0, f64::max);
        assert!((0.3..0.45).contains(&swing), "{swing}");
        let short = curve(&[(60.0, 0.4)]);
        let swing = (120..320).map(|i| (short.at(f64::from(i) * 0.001) - 60.0).abs()).fold(0.0, f64::max);
        assert!(swing < 0.05, "{swing}");
    }
}
