//! A phrase is sung in runs, about one for each character. Each has a running phase of its
//! own, so that an edit changes the samples of the runs that it touches and of no other.
//!
//! Where a run gives over to the next, the phase must fit. There are two ways:
//!
//! * within a voiceless consonant nothing voiced sounds, and any phase fits;
//! * elsewhere the pitch is bent a little, by at most half a turn of the vocal folds
//!   through the consonant and the first tenth of a second of the vowel, so that the run
//!   ends at the phase 0 with which the next begins. Where a singer goes from one
//!   syllable to the next the pitch is on the move anyway.
//!
//! Neighbours overlap by [`OVERLAP`] samples, in which one fades into the other.

use std::f64::consts::PI;
use std::hash::{Hash, Hasher};
use std::ops::Range;

use super::character::{Character, Fnv};
use super::clock::Clock;
use super::drawn::FADE as FADE_TO_DRAWN;
use super::join::{FADE, TAPER};
use super::plan::Phrase;
use super::vocoder::course::{PhaseStep, sung_pitch};
use super::vocoder::noise::NOISE_FFT;
use ziyin_lyrics::Phoneme;
use ziyin_score::{Curve, CurvePoint, Curves, TempoMap};
use ziyin_signal::{BLOCK_LEAD, BLOCK_TAIL, HOP, SAMPLE_RATE};

/// Samples in which a run fades into the next.
pub const OVERLAP: usize = 2 * HOP;
/// Frames before a run that its first sample depends on: those whose noise still rings.
const BEFORE: u64 = (NOISE_FFT / HOP + 1) as u64;
/// Frames after a run that the last sample of its overlap depends on.
const AFTER: u64 = (OVERLAP / HOP + 2) as u64;
/// A run is at least so many frames long (41 ms).
const SHORTEST: u64 = 14;
/// A consonant shorter than this, in frames, is not cut.
const SHORTEST_CONSONANT: u64 = 9;
/// Seconds of the vowel, and the part of it, in which the pitch may be bent.
const BENT_VOWEL: f64 = 0.1;
const BENT_PART: f64 = 0.4;
/// Seconds before a consonant from which on it may be bent.
const BENT_BEFORE: f64 = 0.03;
/// Turns of the vocal folds that a bend takes at least: it is then less than half a
/// semitone.
const BENT_TURNS: f64 = 16.0;

/// What lies at an end of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Edge {
    /// The beginning or the end of the phrase.
    Silence,
    /// A voiceless consonant, within which two runs meet.
    Consonant,
    /// A voiced sound, within which two runs meet at phase 0. At the end of a run the
    /// pitch is bent from this frame of the song on to get there.
    Voice { bent_from: u64 },
}

/// A part of a phrase that is sung with one running phase.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    /// The phrase, by its place in the plan.
    pub phrase: usize,
    /// The characters that it was cut for, by their place in the phrase.
    pub characters: Range<usize>,
    /// The frames from its beginning to that of the next, from the start of the song.
    pub frames: Range<u64>,
    edges: [Edge; 2],
}

impl Run {
    /// The samples that it sounds in; the first and the last [`OVERLAP`] of them may be
    /// those of a neighbour too.
    pub fn samples(&self) -> Range<u64> {
        let hop = HOP as u64;
        let overlap = if self.edges[1] == Edge::Silence { 0 } else { OVERLAP as u64 };
        self.frames.start * hop..self.frames.end * hop + overlap
    }

    /// The frames that go through the vocoder: all that its samples depend on.
    pub fn sung(&self, phrase: &Phrase) -> Range<u64> {
        let whole = phrase.frames();
        self.frames.start.saturating_sub(BEFORE).max(whole.start)..(self.frames.end + AFTER).min(whole.end)
    }

    /// The characters of its phrase that sound in it.
    pub fn sounding(&self, phrase: &Phrase) -> Range<usize> {
        let sung = self.sung(phrase);
        let at = |t: f64| phrase.characters.partition_point(|c| c.onset <= t);
        let first = at(seconds(sung.start) - FADE).saturating_sub(1);
        first..at(seconds(sung.end) + FADE).max(first + 1).min(phrase.characters.len())
    }

    /// The same run of a phrase at another place in the plan.
    pub fn of_phrase(self, phrase: usize) -> Self {
        Self { phrase, ..self }
    }

    /// The pitch in Hz of each frame of [`Run::sung`], and the phase in turns at the first.
    pub fn pitch(&self, phrase: &Phrase) -> (Vec<f32>, f64) {
        let sung = self.sung(phrase);
        let mut pitch: Vec<f32> = sung.clone().map(|frame| phrase.pitch.hertz(seconds(frame))).collect();
        let at = |frame: u64| (frame.saturating_sub(sung.start) as usize).min(pitch.len() - 1);
        let (start, end) = (at(self.frames.start), at(self.frames.end));
        let before = turns(&pitch[..=start]);
        if let Edge::Voice { bent_from } = self.edges[1] {
            let missing = turns(&pitch[start..=end]);
            let bent = at(bent_from.max(self.frames.start));
            bend(&mut pitch[bent..=end], missing.round() - missing);
        }
        (pitch, (-before).rem_euclid(1.0))
    }

    /// Fades the samples of a run in and out where it meets its neighbours.
    pub fn fade(&self, samples: &mut [f32]) {
        let weight = |i: usize| (i as f32 + 0.5) / OVERLAP as f32;
        if self.edges[0] != Edge::Silence {
            samples.iter_mut().take(OVERLAP).enumerate().for_each(|(i, sample)| *sample *= weight(i));
        }
        if self.edges[1] != Edge::Silence {
            let last = samples.iter_mut().rev().take(OVERLAP).enumerate();
            last.for_each(|(i, sample)| *sample *= weight(i));
        }
    }

    /// A number that is the same for runs that sound the same: of all that their samples
    /// depend on.
    pub fn key(&self, keyed: &Keyed) -> u64 {
        let mut hash = Fnv::default();
        let &Keyed { phrase, characters, curves, clock, seed, voice, second } = keyed;
        let sung = self.sung(phrase);
        (sung.start, sung.end, self.frames.start, self.frames.end, self.edges).hash(&mut hash);
        (seed, voice).hash(&mut hash);
        let sounding = self.sounding(phrase);
        for (character, key) in phrase.characters[sounding.clone()].iter().zip(&characters[sounding]) {
            key.hash(&mut hash);
            character.onset.to_bits().hash(&mut hash);
            let landmarks = character.sung;
            for part in [landmarks.burst, landmarks.vowel, landmarks.nucleus_end, landmarks.end] {
                part.to_bits().hash(&mut hash);
            }
            if character.strengths != [0.0; 4] {
                (character.strengths.map(f32::to_bits), character.glide_end().to_bits()).hash(&mut hash);
            }
        }
        self.silences(phrase, &sung).map(|edge| edge.map(f64::to_bits)).hash(&mut hash);
        let (from, to) = (seconds(sung.start), seconds(sung.end));
        phrase.pitch.hash_between(from, to, &mut hash);
        phrase.dynamics.hash_between(from, to, &mut hash);
        let shaping =
            [&curves.loudness, &curves.breathiness, &curves.formant, &curves.tension, &curves.pitch];
        if shaping.iter().any(|curve| !curve.is_empty()) {
            // What was drawn is felt a little beyond.
            let ticks = [from - FADE_TO_DRAWN, to + FADE_TO_DRAWN].map(|seconds| clock.tick_between(seconds));
            hash_tempo(&clock.tempo, ticks, &mut hash);
            shaping.iter().for_each(|curve| hash_curve(curve, ticks, &mut hash));
        }
        if let Some(second) = second {
            let ticks = [from, to].map(|seconds| clock.tick_between(seconds));
            // Where the first sings alone the second changes nothing.
            if near(&curves.mixture, ticks).iter().any(|point| point.value != 0.0) {
                second.hash(&mut hash);
                hash_tempo(&clock.tempo, ticks, &mut hash);
                hash_curve(&curves.mixture, ticks, &mut hash);
            }
        }
        hash.finish()
    }

    /// Beginning and end of the phrase in seconds, where the run is near enough to hear
    /// them.
    fn silences(&self, phrase: &Phrase, sung: &Range<u64>) -> [Option<f64>; 2] {
        let first = phrase.characters.first().map(|c| c.onset);
        let last = phrase.characters.last().map(Character::end);
        let (from, to) = (seconds(sung.start), seconds(sung.end));
        [
            first.filter(|onset| from < onset + f64::from(BLOCK_LEAD)),
            last.filter(|end| to > end - TAPER - f64::from(BLOCK_TAIL)),
        ]
    }
}

/// What the runs of a phrase depend on.
pub struct Keyed<'a> {
    pub phrase: &'a Phrase,
    /// The keys of its characters for that voice.
    pub characters: &'a [u64],
    pub curves: &'a Curves,
    pub clock: &'a Clock,
    /// That of the noise.
    pub seed: u32,
    /// The fingerprint of the voice.
    pub voice: u64,
    /// The singer who is mixed in.
    pub second: Option<usize>,
}

/// The corners that a curve has between two ticks, and the next on each side.
fn near(curve: &Curve, ticks: [f64; 2]) -> &[CurvePoint] {
    let after = |tick: f64| curve.partition_point(|point| point.tick as f64 <= tick);
    &curve[after(ticks[0]).saturating_sub(1)..(after(ticks[1]) + 1).min(curve.len())]
}

/// Takes these in.
fn hash_curve(curve: &Curve, ticks: [f64; 2], hash: &mut impl Hasher) {
    let near = near(curve, ticks);
    near.len().hash(hash);
    for point in near {
        (point.tick, point.value.to_bits()).hash(hash);
    }
}

/// Takes in how ticks become seconds between two ticks.
fn hash_tempo(tempo: &TempoMap, ticks: [f64; 2], hash: &mut impl Hasher) {
    let changes = tempo.changes();
    let after = |tick: f64| changes.partition_point(|change| change.tick as f64 <= tick);
    ticks.map(f64::to_bits).hash(hash);
    for change in &changes[after(ticks[0]).saturating_sub(1)..after(ticks[1])] {
        (change.tick, change.tempo).hash(hash);
    }
}

/// Seconds from the start of the song to a frame.
pub fn seconds(frame: u64) -> f64 {
    frame as f64 * HOP as f64 / f64::from(SAMPLE_RATE)
}

/// Turns of the vocal folds from the first of these frames to the last, as the vocoder
/// counts them.
fn turns(pitch: &[f32]) -> f64 {
    pitch.windows(2).map(|w| PhaseStep::new(0.0, sung_pitch(w[0]), sung_pitch(w[1])).phase_at(HOP)).sum()
}

/// Bends a pitch so that it makes so many more turns. The bend grows and dies away, and is
/// nothing at both ends.
fn bend(pitch: &mut [f32], more: f64) {
    let last = pitch.len().saturating_sub(1);
    let weight = |i: usize| {
        let x = i as f64 / last as f64;
        // A quarter to rise, a quarter to fall.
        let edge = (4.0 * x.min(1.0 - x)).min(1.0);
        0.5 - 0.5 * (PI * edge).cos()
    };
    let whole: f64 = (0..=last).map(weight).sum();
    if last < 2 || whole <= 0.0 {
        return;
    }
    let hertz = more * f64::from(SAMPLE_RATE) / (HOP as f64 * whole);
    for (i, pitch) in pitch.iter_mut().enumerate() {
        *pitch = (f64::from(*pitch) + hertz * weight(i)) as f32;
    }
}

/// Cuts a phrase, the first of its plan, into runs, in order.
pub fn runs(phrase: &Phrase) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    let whole = phrase.frames();
    let (mut from, mut start, mut edge) = (0, whole.start, Edge::Silence);
    for (i, at, end) in cuts(phrase) {
        if at < start + SHORTEST || at + SHORTEST > whole.end {
            continue;
        }
        runs.push(Run { phrase: 0, characters: from..i + 1, frames: start..at, edges: [edge, end] });
        (from, start, edge) = (i, at, end);
    }
    let characters = from..phrase.characters.len();
    runs.push(Run { phrase: 0, characters, frames: start..whole.end, edges: [edge, Edge::Silence] });
    runs
}

/// Where a phrase can be cut: the character in which it is, the frame, and how.
fn cuts(phrase: &Phrase) -> impl Iterator<Item = (usize, u64, Edge)> + '_ {
    phrase.characters.iter().enumerate().skip(1).filter_map(|(i, character)| {
        let at = |t: f64| ((character.onset + t) * f64::from(SAMPLE_RATE) / HOP as f64).max(0.0) as u64;
        let sung = character.sung;
        let (onset, burst, vowel) = (at(0.0), at(sung.burst.into()), at(sung.vowel.into()));
        let initial = character.syllable.initial;
        if initial.is_voiceless() && initial != Phoneme::None && vowel >= onset + SHORTEST_CONSONANT {
            // The silence before a burst is the best place there is.
            let place = if burst >= onset + SHORTEST_CONSONANT { burst } else { vowel };
            return Some((i, (onset + place) / 2, Edge::Consonant));
        }
        let into = BENT_VOWEL.min(BENT_PART * f64::from(sung.nucleus_end - sung.vowel));
        let cut = f64::from(sung.vowel) + into;
        let hertz = f64::from(phrase.pitch.hertz(character.vowel_at()));
        let fits = (cut + BENT_BEFORE) * hertz >= BENT_TURNS;
        fits.then(|| (i, at(cut), Edge::Voice { bent_from: at(-BENT_BEFORE) }))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bend_makes_the_turns_that_it_should() {
        let straight: Vec<f32> = (0..60).map(|i| 220.0 + 0.5 * i as f32).collect();
        for more in [-0.5, 0.31, 0.5] {
            let mut bent = straight.clone();
            bend(&mut bent[10..=50], more);
            assert!((turns(&bent) - turns(&straight) - more).abs() < 1e-5);
            assert_eq!(bent[..=10], straight[..=10]);
            assert_eq!(bent[50..], straight[50..]);
            let cents = |i: usize| 1200.0 * (bent[i] / straight[i]).log2();
            assert!((0..60).all(|i| cents(i).abs() < 55.0));
        }
    }
}
