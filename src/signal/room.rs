//! A room that sounds along: what is sent into it comes back from all sides, and dies away.
//!
//! A feedback delay network: eight lines that a Hadamard matrix mixes without loss, each with the gain that
//! lets it die away in the time that was asked for (Jot and Chaigne, *Digital delay networks for designing
//! artificial reverberators*, 1991), behind all-passes that spread each side (Schroeder, *Natural sounding
//! artificial reverberation*, 1962). The lengths of the lines never change, only gains do, and these glide: a
//! room whose size is turned while it sounds neither clicks nor bends the pitch.
//!
//! It runs frame by frame and knows nothing of blocks, so that what is played and what is exported is the same
//! to the last bit. Nothing is allocated once it stands.

use std::ops::RangeInclusive;

use super::SAMPLE_RATE;

/// Seconds in which a sound may die away, by 60 dB.
pub const ROOM_SECONDS: RangeInclusive<f32> = 0.3..=4.0;

const LINES: usize = 8;
/// Frames of the lines at [`SAMPLE_RATE`], as of all that is counted in frames here: primes, so that their echoes
/// do not meet, from 20 to 56 ms.
const LENGTHS: [usize; LINES] = [887, 1021, 1259, 1483, 1709, 1933, 2207, 2477];
/// Frames of the all-passes of the left and of the right side.
const SPREADS: [[usize; 3]; 2] = [[142, 379, 277], [107, 359, 313]];
/// How much of what an all-pass holds goes round in it.
const SPREAD: f32 = 0.62;
/// How much of the frame before is in each that goes round: air and walls take the high sounds first.
const DAMPING: f32 = 0.3;
/// Which lines each side hears upside down: the two sides have nothing in common.
const SIGNS: [[f32; LINES]; 2] =
    [[1.0, 1.0, -1.0, -1.0, 1.0, 1.0, -1.0, -1.0], [1.0, -1.0, -1.0, 1.0, 1.0, -1.0, -1.0, 1.0]];
/// The part of the way to where it is to be that a gain goes in each frame: most of it in 40 ms.
const GLIDE: f32 = 1.0 / 900.0;
/// A gain that is so near to where it is to be is there.
const THERE: f32 = 1e-7;
/// How far, in times of 60 dB, it is followed until it counts as silent: to -90 dB.
const FOLLOWED: f32 = 1.5;

/// A ring of frames.
struct Delay {
    frames: Box<[f32]>,
    at: usize,
}

impl Delay {
    fn new(length: usize) -> Self {
        Self { frames: vec![0.0; length].into(), at: 0 }
    }

    /// What was put in as many frames ago as it is long.
    fn read(&self) -> f32 {
        self.frames[self.at]
    }

    fn write(&mut self, frame: f32) {
        self.frames[self.at] = frame;
        self.at += 1;
        if self.at == self.frames.len() {
            self.at = 0;
        }
    }

    /// One frame through it as an all-pass.
    fn spread(&mut self, frame: f32) -> f32 {
        let held = self.read();
        let round = frame + SPREAD * held;
        self.write(round);
        held - SPREAD * round
    }

    fn clear(&mut self) {
        self.frames.fill(0.0);
        self.at = 0;
    }
}

/// The gains of a room of some size.
#[derive(Clone, Copy, PartialEq)]
struct Gains {
    /// Of each line, once round.
    lines: [f32; LINES],
    /// Of what comes in: a sound that is held is as loud in a large room as in a small one.
    into: f32,
}

impl Gains {
    /// At so many frames a second.
    fn of(seconds: f32, rate: u32) -> Self {
        let frames = seconds * rate as f32;
        let lines = LENGTHS.map(|length| 10f32.powf(-3.0 * at(length, rate) as f32 / frames));
        // What is in the lines loses this part of its power with each frame; a side that comes in goes into
        // half of the lines, and each side hears all of them.
        let lost = lines.iter().map(|gain| 1.0 - gain * gain).sum::<f32>() / LINES as f32;
        Self { lines, into: (lost / LINES as f32).sqrt() }
    }

    /// Goes a frame's part of the way to others.
    fn glide(&mut self, to: &Self, part: f32) {
        let step = |gain: &mut f32, to: f32| {
            let way = to - *gain;
            *gain = if way.abs() < THERE { to } else { *gain + way * part };
        };
        self.lines.iter_mut().zip(to.lines).for_each(|(gain, to)| step(gain, to));
        step(&mut self.into, to.into);
    }
}

/// A room, silent until something is sent into it.
pub struct Room {
    spreads: [[Delay; 3]; 2],
    lines: [Delay; LINES],
    /// What the walls leave of each line, with what they held back.
    damped: [f32; LINES],
    gains: Gains,
    wanted: Gains,
    /// Frames a second, and what hangs on that: [`DAMPING`] and [`GLIDE`].
    rate: u32,
    damping: f32,
    glide: f32,
    /// As it was asked for.
    seconds: f32,
    /// Frames since something was sent into it, and after how many it is silent.
    quiet: u64,
    tail: u64,
}

impl Room {
    /// A room in which sounds die away by 60 dB in so many seconds, within [`ROOM_SECONDS`].
    pub fn new(seconds: f32) -> Self {
        Self::at_rate(seconds, SAMPLE_RATE)
    }

    /// The same for sound of so many frames a second, at least 1.
    pub fn at_rate(seconds: f32, rate: u32) -> Self {
        let (seconds, rate) = (within(seconds), rate.max(1));
        let gains = Gains::of(seconds, rate);
        let slower = SAMPLE_RATE as f32 / rate as f32;
        Self {
            spreads: SPREADS.map(|lengths| lengths.map(|length| Delay::new(at(length, rate)))),
            lines: LENGTHS.map(|length| Delay::new(at(length, rate))),
            damped: [0.0; LINES],
            gains,
            wanted: gains,
            rate,
            damping: if rate == SAMPLE_RATE { DAMPING } else { DAMPING.powf(slower) },
            glide: (GLIDE * slower).min(1.0),
            seconds,
            quiet: u64::MAX,
            tail: tail_at(seconds, rate),
        }
    }

    /// Frames that a room of that size sounds on for.
    pub fn tail(seconds: f32) -> u64 {
        tail_at(within(seconds), SAMPLE_RATE)
    }

    /// Makes it larger or smaller: at once where it is silent, else in a glide.
    pub fn set_seconds(&mut self, seconds: f32) {
        let seconds = within(seconds);
        if seconds == self.seconds {
            return;
        }
        (self.wanted, self.tail) = (Gains::of(seconds, self.rate), tail_at(seconds, self.rate));
        self.seconds = seconds;
        if self.is_silent() {
            self.gains = self.wanted;
        }
    }

    /// Whether nothing comes back until something is sent into it.
    pub fn is_silent(&self) -> bool {
        self.quiet == u64::MAX
    }

    /// Takes a frame, left and right, and gives what comes back.
    pub fn next(&mut self, sent: [f32; 2]) -> [f32; 2] {
        if sent != [0.0; 2] {
            self.quiet = 0;
        } else if self.is_silent() {
            return [0.0; 2];
        } else {
            self.quiet += 1;
            if self.quiet > self.tail {
                self.fall_silent();
                return [0.0; 2];
            }
        }
        if self.gains != self.wanted {
            self.gains.glide(&self.wanted, self.glide);
        }
        let mut sides = sent;
        for (side, spreads) in sides.iter_mut().zip(&mut self.spreads) {
            *side = spreads.iter_mut().fold(*side * self.gains.into, |frame, delay| delay.spread(frame));
        }
        let mut heard = [0.0; 2];
        let mut round = [0.0; LINES];
        for (i, line) in self.lines.iter().enumerate() {
            self.damped[i] = line.read() + self.damping * (self.damped[i] - line.read());
            heard[0] += SIGNS[0][i] * self.damped[i];
            heard[1] += SIGNS[1][i] * self.damped[i];
            round[i] = self.damped[i] * self.gains.lines[i];
        }
        mixed(&mut round);
        for (i, line) in self.lines.iter_mut().enumerate() {
            line.write(round[i] + sides[i % 2]);
        }
        heard
    }

    /// Forgets what is left, so that the next sound finds it as the first did.
    pub fn fall_silent(&mut self) {
        self.spreads.iter_mut().flatten().chain(&mut self.lines).for_each(Delay::clear);
        self.damped = [0.0; LINES];
        self.gains = self.wanted;
        self.quiet = u64::MAX;
    }
}

fn within(seconds: f32) -> f32 {
    seconds.clamp(*ROOM_SECONDS.start(), *ROOM_SECONDS.end())
}

/// A count of frames at [`SAMPLE_RATE`] as one at another rate.
fn at(frames: usize, rate: u32) -> usize {
    match rate {
        SAMPLE_RATE => frames,
        _ => ((frames as f64 * f64::from(rate) / f64::from(SAMPLE_RATE)).round() as usize).max(1),
    }
}

fn tail_at(seconds: f32, rate: u32) -> u64 {
    (FOLLOWED * seconds * rate as f32) as u64
}

/// Mixes the lines with each other, their power kept: a Hadamard matrix in three steps.
fn mixed(lines: &mut [f32; LINES]) {
    let mut apart = 1;
    while apart < LINES {
        for i in (0..LINES).filter(|i| i & apart == 0) {
            let (a, b) = (lines[i], lines[i + apart]);
            (lines[i], lines[i + apart]) = (a + b, a - b);
        }
        apart *= 2;
    }
    lines.iter_mut().for_each(|line| *line *= std::f32::consts::FRAC_1_SQRT_2 * 0.5);
}

#[cfg(test)]
mod tests {
    use std::f32::consts::TAU;

    use super::*;
    use crate::chance;

    const SECOND: usize = SAMPLE_RATE as usize;

    fn loudness_db(frames: &[[f32; 2]]) -> f32 {
        let power: f32 = frames.iter().flatten().map(|x| x * x).sum::<f32>() / (2 * frames.len()) as f32;
        10.0 * power.log10()
    }

    /// A voice as far as a room hears it: harmonics that fall by 9 dB with each octave, around a pitch that
    /// swings, as held notes one after the other.
    fn voice(seconds: usize) -> Vec<[f32; 2]> {
        let mut phase = 0.0f32;
        let note = |i: usize| [0.0, 2.0, 4.0, 5.0, 7.0, 9.0, 11.0, 12.0][i / (SECOND / 2) % 8];
        (0..seconds * SECOND)
            .map(|i| {
                let swing = 0.4 * (TAU * 5.5 * i as f32 / SECOND as f32).sin();
                phase = (phase + 220.0 * 2f32.powf((note(i) + swing) / 12.0) / SECOND as f32).fract();
                let harmonic = |n: i32| (TAU * (phase * n as f32).fract()).sin() / (n as f32).powf(1.5);
                [0.2 * (1..20).map(harmonic).sum::<f32>(); 2]
            })
            .collect()
    }

    #[test]
    fn a_voice_comes_back_as_loud_as_it_went_in_whatever_the_size() {
        let dry = voice(12);
        for seconds in [0.3, 1.2, 4.0] {
            let mut room = Room::new(seconds);
            let wet: Vec<[f32; 2]> = dry.iter().map(|&frame| room.next(frame)).collect();
            // Once it has filled.
            let from = 5 * SECOND;
            let difference = loudness_db(&wet[from..]) - loudness_db(&dry[from..]);
            assert!(difference.abs() < 2.0, "{seconds} s: {difference} dB");
            let sides = wet[from..].iter().fold(0.0, |sum, [left, right]| sum + left * right);
            let power =
                wet[from..].iter().fold(0.0, |sum, [left, right]| sum + 0.5 * (left * left + right * right));
            assert!((sides / power).abs() < 0.35, "{seconds} s: the sides are {} alike", sides / power);
        }
    }

    #[test]
    fn it_dies_away_in_the_time_that_was_asked_for_and_is_silent_then() {
        for seconds in [0.3f32, 1.2, 4.0] {
            let mut room = Room::new(seconds);
            // A low noise: the high sounds go sooner.
            let mut low = 0.0;
            for i in 0..SECOND {
                low += 0.02 * (chance(7, i as u64) as f32 - low);
                room.next([low; 2]);
            }
            let after: Vec<[f32; 2]> = (0..=Room::tail(seconds)).map(|_| room.next([0.0; 2])).collect();
            let at = |part: f32| {
                let from = (part * seconds * SECOND as f32) as usize;
                loudness_db(&after[from..from + SECOND / 20])
            };
            let fallen = at(0.2) - at(0.8);
            assert!((30.0..44.0).contains(&fallen), "{seconds} s: {fallen} dB where 36 are meant");
            assert!(room.is_silent() && room.next([0.0; 2]) == [0.0; 2]);
        }
    }

    /// The energy of the second difference in each millisecond: a leap of the slope stands out of it.
    fn roughness(frames: &[[f32; 2]]) -> Vec<f32> {
        let rough = |part: &[[f32; 2]]| {
            part.windows(3).map(|w| (w[2][0] - 2.0 * w[1][0] + w[0][0]).powi(2)).sum::<f32>().sqrt()
        };
        frames.chunks_exact(SECOND / 1000).map(rough).collect()
    }

    #[test]
    fn a_size_that_is_turned_while_it_sounds_does_not_click() {
        let tone = |i: usize| [0.5 * (TAU * 110.0 * i as f32 / SECOND as f32).sin(); 2];
        let roughest = |frames: &[[f32; 2]]| roughness(frames).into_iter().fold(0.0, f32::max);
        // A tone is louder in one room than in another.
        let sizes = [4.0, 0.3, 4.0, 1.2, 0.3, 2.5];
        let held = |seconds: f32| {
            let mut room = Room::new(seconds);
            let frames: Vec<[f32; 2]> = (0..3 * SECOND).map(|i| room.next(tone(i))).collect();
            roughest(&frames[2 * SECOND..])
        };
        let steady = sizes.into_iter().map(held).fold(0.0, f32::max);
        let mut room = Room::new(4.0);
        let mut frames: Vec<[f32; 2]> = Vec::new();
        for (turn, seconds) in sizes.into_iter().enumerate() {
            room.set_seconds(seconds);
            frames.extend((0..SECOND / 2).map(|i| room.next(tone(turn * SECOND / 2 + i))));
        }
        let turned = roughest(&frames[SECOND / 2..]);
        assert!(turned < 2.0 * steady, "{turned} where a held tone has {steady}");
        // The measure does see gains that leap.
        let from = frames.len() - SECOND / 4;
        let loudest = |&a: &usize, &b: &usize| frames[a][0].abs().total_cmp(&frames[b][0].abs());
        let at = (from..from + SECOND / 50).max_by(loudest).unwrap();
        frames[at..].iter_mut().flatten().for_each(|x| *x *= 0.7);
        assert!(roughest(&frames[from..]) > 10.0 * steady);
    }

    #[test]
    fn what_is_silent_begins_again_as_the_first_time_and_keeps_nothing() {
        let sound = voice(1);
        let mut room = Room::new(0.5);
        let mut once = || -> Vec<[f32; 2]> {
            let silence = std::iter::repeat_n([0.0; 2], Room::tail(0.5) as usize + 1);
            sound.iter().copied().chain(silence).map(|frame| room.next(frame)).collect()
        };
        let first = once();
        assert!(first == once() && first[SECOND..].iter().any(|frame| frame[0].abs() > 1e-3));
        // A size that was set while it was silent is that of a new room.
        room.set_seconds(2.0);
        let mut new = Room::new(2.0);
        assert!(sound.iter().all(|&frame| room.next(frame) == new.next(frame)));
    }
}
