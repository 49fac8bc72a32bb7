//! The vibrato of a note: its own, or the one that a singer would give it.
//!
//! A singer begins a long note straight, lets the swing grow, and never swings twice alike: rate
//! and depth wander, and the last swings are the quickest (Prame, *Measurements of the vibrato
//! rate of ten singers*, JASA 96, 1994, and *Vibrato extent and intonation in professional Western
//! lyric singing*, JASA 102, 1997).

use std::f64::consts::TAU;

use super::character::wander;
use super::knots::smooth;
use super::pitch_note::PitchNote;
use ziyin_score::Vibrato;
use ziyin_signal::chance;

/// Seconds sung straight, depth in semitones, swings per second, and the seconds in which the
/// swing grows.
const STRAIGHT: f64 = 0.3;
const DEPTH: f64 = 0.33;
const RATE: f64 = 5.5;
const GROWTH: f64 = 0.5;
/// The parts by which notes differ in these.
const STRAIGHT_APART: f64 = 0.2;
const DEPTH_APART: f64 = 0.2;
const RATE_APART: f64 = 0.05;
/// A vibrato that has less time than this is not begun; one that has less than the second swings
/// less far.
const SHORTEST: f64 = 0.25;
const WHOLE: f64 = 1.2;
/// The part of its depth that comes and goes, and how often in a second.
const DEPTH_BREATH: f64 = 0.2;
const DEPTH_BREATHS: f64 = 0.8;
/// Turns by which the swings come early or late, and how often in a second.
const RATE_BREATH: f64 = 0.12;
const RATE_BREATHS: f64 = 0.9;
/// How much quicker than the first the last swing is.
const QUICKENS: f64 = 0.1;
/// Seconds in which the swing dies away before the note ends.
const CALMING: f64 = 0.1;

/// Who swings.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Seeds {
    /// Of the voice alone.
    pub own: u64,
    /// Of the track, which its harmonies have too.
    pub shared: u64,
}

/// Semitones that a vibrato that was written swings at `t` seconds.
pub(super) fn written(note: &PitchNote, own: &Vibrato, t: f64) -> f64 {
    let length = note.end - note.onset;
    let begin = f64::from(own.onset) * length;
    let since = t - note.onset - begin;
    if since <= 0.0 || length - begin < SHORTEST {
        return 0.0;
    }
    // One that grows at once still does so without a click.
    let fade = |ms: f32| (f64::from(ms) / 1000.0).max(1e-3);
    let swell = smooth(since / fade(own.fade_in_ms)) * smooth((note.end - t) / fade(own.fade_out_ms));
    f64::from(own.depth_cents) / 100.0 * swell * (TAU * since * 1000.0 / f64::from(own.period_ms)).sin()
}

/// Semitones that a singer swings at `t` seconds by themselves.
pub(super) fn natural(note: &PitchNote, seeds: Seeds, t: f64) -> f64 {
    let length = note.end - note.onset;
    // By the note's id: its time differs in the last digit between devices, and an edit
    // elsewhere changes its place in the phrase.
    let shared = |what: u64| chance(seeds.shared ^ what, note.id);
    let own = seeds.own ^ note.id.wrapping_mul(0xa076_1d64_78bd_642f);
    let begin = STRAIGHT * (1.0 + STRAIGHT_APART * shared(1));
    let (since, time) = (t - note.onset - begin, length - begin);
    if since <= 0.0 || time < SHORTEST {
        return 0.0;
    }
    let swell = smooth(since / GROWTH) * smooth((note.end - t) / CALMING);
    let long = 0.5 + 0.5 * smooth((time - SHORTEST) / (WHOLE - SHORTEST));
    let breath = 1.0 + DEPTH_BREATH * wander(own ^ 2, since, DEPTH_BREATHS);
    let depth = DEPTH * long * (1.0 + DEPTH_APART * shared(3)) * breath;
    let rate = RATE * (1.0 + RATE_APART * chance(own ^ 4, 0));
    let turns = rate * since * (1.0 + QUICKENS * (0.5 * since / time - 0.5));
    depth * swell * (TAU * (turns + RATE_BREATH * wander(own ^ 5, since, RATE_BREATHS))).sin()
}
