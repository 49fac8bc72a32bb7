//! How the pitch gets from one note to the next.
//!
//! The plain way is that of least jerk. A singer's larynx answers as a damped spring does: it
//! leans back before it moves, and goes a little too far before it settles (preparation and
//! overshoot; Saitou, Unoki and Akagi, *Development of an F0 control model based on F0 dynamic
//! characteristics for singing-voice synthesis*, Speech Communication 46, 2005). The singer's way
//! is a step through the filter of their overshoot, forwards in time, and through that of their
//! preparation, backwards: a tenth of the interval too far, a twentieth back, and 75 ms from a
//! tenth of the way to nine.

use std::hash::{Hash, Hasher};

use super::knots::smooth;
use ziyin_score::Transition;

/// Seconds that the voice takes from one note to the next on the plain way, where there is time.
const SECONDS: f64 = 0.1;
/// The part of a glide that lies before the note: a singer arrives on the beat.
const BEFORE: f64 = 0.7;
/// The part of the shorter note of the two that a glide takes at most.
const PART: f64 = 0.9;
/// Seconds before the note at which the singer's step lies.
const LEAD: f64 = 0.01;
/// Of notes shorter than this, in seconds, the singer's way is run through as much quicker.
const UNHURRIED: f64 = 0.25;
/// Seconds on each side of a note within which the singer's way is another than the plain one.
pub(super) const REACH: f64 = 0.3;
/// Seconds in which it ends in the plain one.
const SETTLES: f64 = 0.1;
/// Semitones that the spring is stretched by at most: nobody overshoots an octave as if it were
/// six whole tones.
const STRETCH: f64 = 5.0;

/// An exponential of a complex rate, in Hz times 2π, with a complex factor: of a decaying swing.
struct Swing {
    factor: [f64; 2],
    rate: [f64; 2],
}

/// What is left of the way after the step: 34.8 rad/s and a damping of 0.5422 (Saitou et al.).
const OVERSHOOT: Swing = Swing { factor: [0.347_651_046_4, 0.211_088_778_5], rate: [-18.868_56, 29.240_681] };
/// What is gone of the way before the step: 29.2 rad/s and a damping of 0.6681.
const PREPARATION: Swing =
    Swing { factor: [0.652_348_953_6, 0.000_261_966_7], rate: [-19.508_52, 21.726_888] };

impl Swing {
    /// The real part after so many seconds.
    fn after(&self, t: f64) -> f64 {
        let (sin, cos) = (self.rate[1] * t).sin_cos();
        (self.rate[0] * t).exp() * (self.factor[0] * cos - self.factor[1] * sin)
    }
}

/// How far the plain glide is done `t` seconds after the onset of the note that it leads to, 0 to
/// 1; `shortest` is the length in seconds of the shorter of the two notes.
pub(super) fn plain(t: f64, shortest: f64) -> f64 {
    let seconds = SECONDS.min(PART * shortest).max(1e-3);
    least_jerk((t / seconds + BEFORE).clamp(0.0, 1.0))
}

/// From 0 to 1 with no corner in pitch, speed or acceleration.
fn least_jerk(x: f64) -> f64 {
    x * x * x * (10.0 - 15.0 * x + 6.0 * x * x)
}

/// Semitones by which the singer's way lies beside the plain one, for a leap of so many semitones.
pub(super) fn aside(t: f64, shortest: f64, semitones: f64) -> f64 {
    if t.abs() >= REACH || semitones == 0.0 {
        return 0.0;
    }
    let hurry = (UNHURRIED / shortest.max(1e-3)).clamp(1.0, 4.0);
    let done = spring((t + LEAD / hurry) * hurry);
    let near = smooth((REACH - t.abs()) / SETTLES);
    STRETCH * (semitones / STRETCH).tanh() * (done - plain(t, shortest)) * near
}

/// How far the singer's way is done so many seconds after its step.
fn spring(since: f64) -> f64 {
    if since > 0.0 { 1.0 - OVERSHOOT.after(since) } else { PREPARATION.after(-since) }
}

/// The way into a note as the user has set it, in seconds from the onset of the note. It leaves the note
/// before within that and arrives within its own: between them nothing leaps.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Way {
    begin: f64,
    end: f64,
    shape: f64,
    overshoot: f64,
}

/// Seconds on each side of a note within which a way that was set is felt.
pub(super) const FARTHEST: f64 = 1.5;
/// The same from the middle of the way.
const FARTHEST_REACH: f64 = 1.0;
/// How much quicker one half of a way can be than the other: the slope of a hyperbola at its steep end.
const STEEPEST: f64 = 0.4;

impl Way {
    /// A way between two notes of so many seconds.
    pub fn new(own: &Transition, before: f64, length: f64) -> Self {
        const LEAST: f64 = 0.005;
        let seconds = |ms: f32| f64::from(ms) / 1000.0;
        let begin = seconds(own.begin_ms).min(length - LEAST).max(-before);
        let end = seconds(own.end_ms).min(length).max(begin + LEAST.min(before + length));
        let (shape, overshoot) = (f64::from(own.shape), f64::from(own.overshoot));
        Self { begin, end, shape, overshoot }
    }

    /// How far it is done `t` seconds after the onset, 0 to 1.
    pub fn done(&self, t: f64) -> f64 {
        let x = ((t - self.begin) / (self.end - self.begin)).clamp(0.0, 1.0);
        // A hyperbola through the corners (Schlick, *Fast alternatives to Perlin's bias and gain functions*,
        // Graphics Gems IV, 1994) bends time; the ends stay as smooth as they were.
        let bias = 0.5 - STEEPEST * self.shape;
        least_jerk(x / ((1.0 / bias - 2.0) * (1.0 - x) + 1.0))
    }

    /// Semitones by which it leans back before and goes too far after, for a leap of so many: as the singer's
    /// way does, as much slower as this one is.
    pub fn aside(&self, t: f64, semitones: f64) -> f64 {
        let slower = (self.end - self.begin) / SECONDS;
        let reach = (REACH * slower).min(FARTHEST_REACH);
        let beside = t - self.begin - BEFORE * (self.end - self.begin);
        if beside.abs() >= reach || semitones == 0.0 || self.overshoot == 0.0 {
            return 0.0;
        }
        let at = beside / slower;
        let near = smooth((reach - beside.abs()) * (REACH / SETTLES) / reach);
        let leap = STRETCH * (semitones / STRETCH).tanh();
        self.overshoot * leap * (spring(at + LEAD) - plain(at, 1.0)) * near
    }
}

impl Hash for Way {
    fn hash<H: Hasher>(&self, hash: &mut H) {
        [self.begin, self.end, self.shape, self.overshoot].map(f64::to_bits).hash(hash);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Most and least of the singer's way of one semitone, and the seconds at which they are.
    #[test]
    fn the_way_is_that_of_the_literature() {
        let way: Vec<(f64, f64)> = (-300..300)
            .map(|i| f64::from(i) * 0.001)
            .map(|t| (t, plain(t, 1.0) + aside(t, 1.0, 0.01) * 100.0))
            .collect();
        let by = |a: &&(f64, f64), b: &&(f64, f64)| a.1.total_cmp(&b.1);
        let (most, least) = (way.iter().max_by(by).unwrap(), way.iter().min_by(by).unwrap());
        assert!((most.1 - 1.093).abs() < 2e-3 && (most.0 - 0.059).abs() < 2e-3, "{most:?}");
        assert!((least.1 + 0.056).abs() < 2e-3 && (least.0 + 0.121).abs() < 2e-3, "{least:?}");
        // Held against the filters themselves, step by step.
        let (mut sum, mut at, mut speed) = (0.0, 0.0, 0.0);
        let step = 1e-5;
        for i in 0..40_000 {
            // The step goes through the preparation backwards in time first.
            let prepared = prepared(f64::from(i) * step - 0.2);
            speed += step * (34.8f64.powi(2) * (prepared - at) - 2.0 * 0.5422 * 34.8 * speed);
            at += step * speed;
            let t = f64::from(i) * step - 0.2 - LEAD;
            if t.abs() < 0.19 {
                sum = f64::max(sum, (at - plain(t, 1.0) - 100.0 * aside(t, 1.0, 0.01)).abs());
            }
        }
        assert!(sum < 0.02, "{sum}");
    }

    /// A step at 0 through the filter of the preparation alone, backwards.
    fn prepared(t: f64) -> f64 {
        let (damping, rate) = (0.6681 * 29.2, 29.2 * (1.0f64 - 0.6681 * 0.6681).sqrt());
        if t > 0.0 {
            return 1.0;
        }
        (damping * t).exp() * ((rate * -t).cos() + damping / rate * (rate * -t).sin())
    }

    #[test]
    fn a_way_that_is_set_to_what_is_usual_is_the_usual_one() {
        let way = Way::new(&Transition::default(), 1.0, 1.0);
        for t in (-400..400).map(|ms| f64::from(ms) * 0.001) {
            assert!((way.done(t) - plain(t, 1.0)).abs() < 1e-6, "at {t}");
            assert!((way.aside(t, 4.0) - aside(t, 1.0, 4.0)).abs() < 1e-6, "at {t}");
        }
    }

    #[test]
    fn a_way_that_is_set_begins_and_ends_where_that_is_and_its_shape_makes_one_half_quick() {
        let own = Transition { begin_ms: -300.0, end_ms: 100.0, ..Transition::default() };
        let way = |shape, overshoot| Way::new(&Transition { shape, overshoot, ..own }, 1.0, 1.0);
        for shape in [-1.0, 0.0, 1.0] {
            let way = way(shape, 0.0);
            assert_eq!((way.done(-0.3), way.done(0.1), way.aside(0.1, 7.0)), (0.0, 1.0, 0.0));
            let steps: Vec<f64> = (-300..100).map(|ms| way.done(f64::from(ms) * 0.001)).collect();
            assert!(steps.windows(2).all(|pair| pair[1] > pair[0] - 1e-12 && pair[1] - pair[0] < 0.03));
        }
        let half = |shape| way(shape, 0.0).done(-0.1);
        assert!(half(-1.0) > 0.9 && (half(0.0) - 0.5).abs() < 1e-9 && half(1.0) < 0.1);
        let most = |overshoot| {
            let way = way(0.0, overshoot);
            (0..700)
                .map(|ms| way.done(f64::from(ms) * 0.001) + way.aside(f64::from(ms) * 0.001, 1.0))
                .fold(0.0, f64::max)
        };
        let (usual, twice) = (most(1.0) - 1.0, most(2.0) - 1.0);
        assert!((0.07..0.12).contains(&usual) && (twice / usual - 2.0).abs() < 0.3, "{usual} {twice}");
        // Where notes leave no room it keeps to what they leave.
        let crowded = Way::new(&own, 0.02, 0.01);
        assert_eq!((crowded.done(-0.02), crowded.done(0.01)), (0.0, 1.0));
    }

    #[test]
    fn it_begins_and_ends_in_the_plain_way_without_a_leap() {
        for (shortest, leap) in [(1.0, 12.0), (0.1, -7.0), (0.02, 24.0)] {
            let at = |i: i32| aside(f64::from(i) * 0.001, shortest, leap);
            assert_eq!((at(-300), at(300)), (0.0, 0.0));
            for i in -301..301 {
                assert!((at(i + 1) - at(i)).abs() < 0.9, "{shortest} {leap} at {i} ms");
            }
        }
    }
}
