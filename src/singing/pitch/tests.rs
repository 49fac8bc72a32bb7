//! A pitch curve as a listener hears it.

use proptest::prelude::*;

use super::*;
use ziyin_score::{CurvePoint, Transition, Vibrato};

const BARE: Stray = Stray { seed: 1, shared: 1, expression: 0.0, drift: 0.0, inflection: 0.0 };
const SUNG: Stray = Stray { expression: 1.0, ..BARE };

fn notes(keys: &[(f64, f64)]) -> Vec<PitchNote> {
    let mut t = 0.0;
    (0..)
        .zip(keys)
        .map(|(id, &(key, seconds))| {
            t += seconds;
            PitchNote { onset: t - seconds, end: t, key, vibrato: None, transition: None, id, anew: false }
        })
        .collect()
}

fn curve(keys: &[(f64, f64)], stray: Stray) -> PitchCurve {
    PitchCurve::new(notes(keys), stray, Knots::default())
}

/// The median of the deviation in cents on the sustained part of a note, as a listener measures
/// it, by far more moments than the curve itself is tuned by.
fn median(curve: &PitchCurve, onset: f64, length: f64, key: f64) -> f64 {
    let (from, to) = (onset + f64::min(0.12, length * 0.4), onset + length - f64::min(0.08, length * 0.2));
    // In a millisecond a short note between wide leaps moves by several cents.
    let count = ((to - from) / 0.0002) as usize;
    let mut cents: Vec<f64> =
        (0..count).map(|i| 100.0 * (curve.at(from + i as f64 * 0.0002) - key)).collect();
    cents.sort_by(f64::total_cmp);
    cents[cents.len() / 2]
}

proptest! {
    #[test]
    fn every_note_is_in_tune(
        keys in prop::collection::vec((36u8..96, 0.18f64..5.0, any::<bool>()), 1..12),
        seed in any::<u64>(),
        expression in 0.05f64..2.0,
    ) {
        let lengths = keys.iter().map(|&(_, length, long)| if long { length } else { 0.16 + 0.1 * length });
        let keys: Vec<_> = keys.iter().map(|note| f64::from(note.0)).zip(lengths).collect();
        let curve = curve(&keys, Stray { seed, shared: !seed, expression, ..BARE });
        let mut onset = 0.0;
        let mut before = f64::NAN;
        for &(key, length) in &keys {
            // Neighbours of one pitch are one note.
            if key != before && keys.windows(2).all(|pair| pair[0].0 != pair[1].0) {
                let off = median(&curve, onset, length, key);
                prop_assert!(off.abs() < 3.0, "{key} for {length} s is {off} cents off");
            }
            (onset, before) = (onset + length, key);
        }
    }
}

#[test]
fn without_expression_the_bare_notes_are_sung() {
    let keys = [(60.0, 0.5), (67.0, 0.2), (65.0, 3.0)];
    let bare = curve(&keys, BARE);
    for i in -200..4200 {
        let t = f64::from(i) * 0.001;
        assert_eq!(bare.at(t), bare.base(t), "at {t} s");
    }
    assert_eq!((bare.at(0.3), bare.at(2.0)), (60.0, 65.0));
}

#[test]
fn nothing_jumps() {
    for expression in [0.0, 1.0, 2.0] {
        let curve =
            curve(&[(48.0, 0.04), (84.0, 0.04), (36.0, 0.3), (60.0, 2.0)], Stray { expression, ..BARE });
        let mut before = curve.at(-0.1);
        for i in 1..3000 {
            let now = curve.at(-0.1 + f64::from(i) * 0.001);
            assert!((now - before).abs() < 4.0, "{} semitones in a millisecond at {i}", now - before);
            before = now;
        }
    }
}

#[test]
fn a_way_that_is_set_is_written_without_a_leap_and_what_lies_far_from_it_is_as_before() {
    let keys = [(55.0, 2.0), (60.0, 1.5), (67.0, 0.04), (62.0, 0.5), (60.0, 3.0), (64.0, 1.0)];
    let usual = curve(&keys, SUNG);
    for own in [
        Transition { begin_ms: -400.0, end_ms: 300.0, shape: 1.0, overshoot: 2.0 },
        Transition { begin_ms: -20.0, end_ms: 500.0, shape: -1.0, overshoot: 0.0 },
    ] {
        let mut notes = notes(&keys);
        for note in &mut notes[2..4] {
            note.transition = Some(own);
        }
        let set = PitchCurve::new(notes, SUNG, Knots::default());
        let bare = PitchCurve { stray: BARE, ..set.clone() };
        let mut before = set.at(0.0);
        for i in 1..8000 {
            let t = f64::from(i) * 0.001;
            assert!((set.at(t) - before).abs() < 4.0, "{} semitones at {t} s", set.at(t) - before);
            before = set.at(t);
            // The notes that a way is felt in are tuned anew as a whole.
            if !(2.0..7.1).contains(&t) {
                assert_eq!(set.at(t).to_bits(), usual.at(t).to_bits(), "at {t} s");
            }
        }
        // It is written, so that it is sung whatever the expression.
        let apart = |i: i32| bare.at(f64::from(i) * 0.001) - usual.written(f64::from(i) * 0.001);
        assert!((3300..3800).any(|i| apart(i).abs() > 0.5));
    }
}

#[test]
fn a_vibrato_fades_in_and_out_as_long_as_is_set() {
    let swung = |fade_in_ms, fade_out_ms| {
        let mut notes = notes(&[(60.0, 3.0)]);
        notes[0].vibrato = Some(Vibrato { fade_in_ms, fade_out_ms, ..Vibrato::new(80.0, 200.0, 0.0) });
        PitchCurve::new(notes, BARE, Knots::default())
    };
    let usual = swung(Vibrato::USUAL_FADE_MS, Vibrato::USUAL_FADE_MS);
    assert!(furthest(&usual, 60.0, 0.1, 0.4) > 0.79 && furthest(&usual, 60.0, 2.6, 2.9) > 0.79);
    let slow = swung(2000.0, 800.0);
    assert!(furthest(&slow, 60.0, 0.0, 0.4) < 0.1 && furthest(&slow, 60.0, 2.8, 3.0) < 0.15);
    assert!(furthest(&slow, 60.0, 2.0, 2.2) > 0.79);
    let sudden = swung(0.0, 0.0);
    assert!(furthest(&sudden, 60.0, 0.0, 0.06) > 0.79 && sudden.at(3.0).is_finite());
}

#[test]
fn a_rounding_error_of_time_is_not_heard() {
    let late = curve(&[(60.0, 0.7 + 1e-7), (62.0, 3.0)], SUNG);
    let curve = curve(&[(60.0, 0.7), (62.0, 3.0)], SUNG);
    for i in 0..370 {
        let t = f64::from(i) * 0.01;
        assert!((curve.at(t) - late.at(t)).abs() < 1e-4, "at {t} s");
    }
}

/// The furthest that a curve is from a pitch between two moments, in semitones.
fn furthest(curve: &PitchCurve, key: f64, from: f64, to: f64) -> f64 {
    let count = ((to - from) / 0.001) as usize;
    (0..count).map(|i| (curve.at(from + i as f64 * 0.001) - key).abs()).fold(0.0, f64::max)
}

#[test]
fn long_notes_swing_and_short_ones_do_not() {
    let swing = furthest(&curve(&[(60.0, 3.0)], SUNG), 60.0, 1.0, 2.5);
    assert!((0.2..0.6).contains(&swing), "{swing}");
    let swing = furthest(&curve(&[(60.0, 0.4)], SUNG), 60.0, 0.15, 0.32);
    assert!(swing < 0.15, "{swing}");
}

#[test]
fn a_singer_leans_back_and_goes_too_far() {
    let curve = curve(&[(60.0, 0.8), (64.0, 0.8)], SUNG);
    let all: Vec<f64> = (0..500).map(|i| curve.at(0.6 + f64::from(i) * 0.001)).collect();
    let (least, most) = all.iter().fold((99.0, 0.0), |(a, b), &at| (f64::min(a, at), f64::max(b, at)));
    assert!((59.6..59.95).contains(&least) && (64.15..64.6).contains(&most), "{least} to {most}");
}

#[test]
fn a_vibrato_of_the_note_is_sung_as_it_is_written() {
    let own = Vibrato::new(80.0, 200.0, 0.5);
    let sung = |expression: f64| {
        let mut notes = notes(&[(60.0, 3.0)]);
        notes[0].vibrato = Some(own);
        PitchCurve::new(notes, Stray { expression, ..BARE }, Knots::default())
    };
    let (bare, sung) = (sung(0.0), sung(1.0));
    for i in 1500..2900 {
        let t = f64::from(i) * 0.001;
        assert!((bare.at(t) - sung.at(t)).abs() < 0.16, "at {t} s: {} and {}", bare.at(t), sung.at(t));
    }
    assert!((furthest(&bare, 60.0, 2.0, 2.8) - 0.8).abs() < 1e-3);
}

#[test]
fn a_drawn_curve_is_obeyed_to_the_letter() {
    let keys = [(60.0, 1.0), (67.0, 0.4), (65.0, 4.0)];
    let clock = Clock { delay: 0.07, ..Clock::default() };
    let point = |seconds: f64, value: f32| CurvePoint { tick: clock.tempo.tick(seconds), value };
    let points = [(0.7, 0.0), (0.9, 30.0), (3.0, -20.0), (3.5, 0.0), (4.5, 0.0), (4.7, 10.0), (4.8, 0.0)];
    let drawn = Curve::new(points.map(|(t, value)| point(t, value)).to_vec()).unwrap();
    let drawn = DrawnPitch::new(&drawn, &clock).unwrap();
    let (bare, sung) = (curve(&keys, BARE), curve(&keys, SUNG));
    let with = sung.clone().with_drawn(Some(drawn.clone()));
    for i in 0..5400 {
        let t = f64::from(i) * 0.001;
        let value = f64::from(drawn.curve.at(clock.tick_between(t))) / 100.0;
        let since = t - clock.delay;
        if (0.7..3.5).contains(&since) || (4.5..4.8).contains(&since) {
            assert_eq!(with.at(t), bare.at(t) + value, "at {t} s");
        } else if !(0.6..3.6).contains(&since) && !(4.4..4.9).contains(&since) {
            assert_eq!(with.at(t), sung.at(t), "at {t} s");
        }
        assert!((with.at(t + 0.001) - with.at(t)).abs() < 0.3, "at {t} s");
    }
}

#[test]
fn harmonies_swing_with_their_lead_but_not_as_one() {
    let lead = curve(&[(60.0, 3.0)], SUNG);
    let harmony = curve(&[(60.0, 3.0)], Stray { seed: 1 << 32 ^ 1, ..SUNG });
    let apart = (0..1500).map(|i| 1.0 + f64::from(i) * 0.001).map(|t| (lead.at(t) - harmony.at(t)).abs());
    let apart: Vec<f64> = apart.collect();
    let mean = apart.iter().sum::<f64>() / apart.len() as f64;
    assert!((0.05..0.6).contains(&mean), "{mean}");
}

/// What a run's key does not take in does not change what is sung in it.
#[test]
fn what_is_not_hashed_is_not_heard() {
    let keys: Vec<(f64, f64)> =
        (0..30).map(|i| (60.0 + f64::from(i * 5 % 7), 0.1 + 0.07 * f64::from(i % 4))).collect();
    let one = curve(&keys, SUNG);
    let hash = |curve: &PitchCurve, from: f64| {
        let mut hash = crate::character::Fnv::default();
        curve.hash_between(from, from + 0.3, &mut hash);
        std::hash::Hasher::finish(&hash)
    };
    let mut alike = 0;
    for changed in 0..30 {
        let mut keys = keys.clone();
        keys[changed].0 += 9.0;
        let other = curve(&keys, SUNG);
        for from in (0..20).map(|i| f64::from(i) * 0.3) {
            let same = (0..300).map(|i| from + f64::from(i) * 0.001).all(|t| one.at(t) == other.at(t));
            let hashed = hash(&one, from) == hash(&other, from);
            assert!(same || !hashed, "note {changed} is heard at {from} s");
            alike += usize::from(hashed);
        }
    }
    assert!(alike > 400, "{alike}");
    // Nor does the take of a note, which is heard in it.
    for changed in 0..30 {
        let mut notes = notes(&keys);
        (notes[changed].id, notes[changed].anew) = (1000, true);
        let other = PitchCurve::new(notes, SUNG, Knots::default());
        let middle = keys[..changed].iter().map(|key| key.1).sum::<f64>() + 0.5 * keys[changed].1;
        assert_ne!(one.at(middle), other.at(middle));
        for from in (0..20).map(|i| f64::from(i) * 0.3) {
            let same = (0..300).map(|i| from + f64::from(i) * 0.001).all(|t| one.at(t) == other.at(t));
            assert!(same || hash(&one, from) != hash(&other, from), "take {changed} is heard at {from} s");
        }
    }
}

/// Where one take goes over into another the pitch does not leap.
#[test]
fn takes_meet_without_a_leap() {
    let keys: Vec<(f64, f64)> = (0..40).map(|i| (60.0 + f64::from(i % 2), 0.25)).collect();
    let mut sung = notes(&keys);
    for (i, note) in sung.iter_mut().enumerate().filter(|(i, _)| i % 2 == 1) {
        (note.id, note.anew) = (crate::character::drawn(ziyin_score::NoteId(i as u64), 1), true);
    }
    let takes = PitchCurve::new(sung, SUNG, Knots::default());
    let steepest = |curve: &PitchCurve| {
        let step = |i: i32| (curve.at(f64::from(i) * 0.001 + 0.001) - curve.at(f64::from(i) * 0.001)).abs();
        (300..9700).map(step).fold(0.0, f64::max)
    };
    let (takes, one) = (steepest(&takes), steepest(&curve(&keys, SUNG)));
    assert!(takes < 1.4 * one, "{takes} semitones in a millisecond, where {one} are usual");
}
