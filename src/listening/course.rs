//! The course of a voice: its pitch and its level, from the start of a recording to its end.

use ziyin_signal::{SAMPLE_RATE, VOICE_HZ, midi_pitch, near_voice, track_pitch};

/// Samples from one value to the next: 5.8 ms.
const HOP: usize = 256;
/// Most values of a piece, which is looked at by itself so that an hour takes no more memory than a
/// minute: 60 s.
const PIECE: usize = 60 * SAMPLE_RATE as usize / HOP;
/// Values before the end of a piece among which it is cut where it is quietest.
const SEARCHED: usize = PIECE / 6;
/// Samples around a value that its level is taken of.
const AROUND: usize = 1024;

/// Pitch and level of a recording on an even grid.
#[derive(Clone, Debug, Default)]
pub struct Course {
    /// MIDI pitch of each value, 0 where there is none.
    pub pitch: Vec<f32>,
    /// The level of each in dB.
    pub level: Vec<f32>,
}

impl Course {
    /// Seconds from one value to the next.
    pub const STEP: f64 = HOP as f64 / SAMPLE_RATE as f64;

    /// Follows a voice through samples at [`SAMPLE_RATE`]. `progress` hears which part is done, and gives
    /// `false` to stop; `None` if it did.
    pub fn follow(samples: &[f32], progress: &mut dyn FnMut(f32) -> bool) -> Option<Self> {
        let count = samples.len() / HOP + 1;
        let power = |i: usize| {
            let around = samples.get((i * HOP).saturating_sub(AROUND / 2)..);
            let around = around.map_or(&[][..], |rest| &rest[..rest.len().min(AROUND)]);
            around.iter().map(|x| x * x).sum::<f32>() / AROUND as f32
        };
        let level: Vec<f32> = (0..count).map(|i| 10.0 * power(i).max(1e-14).log10()).collect();
        let pieces = pieces(&level);
        let part = |&[from, to]: &[usize; 2]| &samples[from * HOP..(to * HOP).min(samples.len())];
        let works = 5.0 * pieces.len() as f32;
        let mut middle: Vec<f32> = Vec::new();
        for (i, piece) in pieces.iter().enumerate() {
            let glance = track_pitch(part(piece), VOICE_HZ[0], VOICE_HZ[1], 4 * HOP).hz;
            middle.extend(glance.into_iter().filter(|hz| *hz > 0.0));
            if !progress((i + 1) as f32 / works) {
                return None;
            }
        }
        middle.sort_by(f32::total_cmp);
        let Some(&middle) = middle.get(middle.len() / 2) else {
            return Some(Self { pitch: vec![0.0; count], level });
        };
        let (low, high) = near_voice(middle);
        let mut pitch = Vec::with_capacity(count);
        for (i, piece) in pieces.iter().enumerate() {
            let heard = track_pitch(part(piece), low, high, HOP).hz;
            let midi = heard.into_iter().map(|hz| if hz > 0.0 { midi_pitch(hz) } else { 0.0 });
            pitch.extend(midi.take(piece[1] - piece[0]));
            pitch.resize(piece[1], 0.0);
            if !progress((pieces.len() + 4 * (i + 1)) as f32 / works) {
                return None;
            }
        }
        Some(Self { pitch, level })
    }

    /// The value nearest to a moment in seconds.
    pub fn index(&self, seconds: f64) -> usize {
        ((seconds / Self::STEP).round().max(0.0) as usize).min(self.pitch.len())
    }

    /// Seconds in which it has a pitch.
    pub fn voiced_seconds(&self) -> f64 {
        self.pitch.iter().filter(|pitch| **pitch > 0.0).count() as f64 * Self::STEP
    }

    /// Leaves no pitch where nobody sings.
    pub fn keep_where(&mut self, sings: impl Fn(f64) -> bool) {
        for (i, pitch) in self.pitch.iter_mut().enumerate() {
            if !sings(i as f64 * Self::STEP) {
                *pitch = 0.0;
            }
        }
    }

    /// By how many semitones the voice sings above the keys of a piano, -0.5 to 0.5: what most of it
    /// agrees on.
    pub fn tuning(&self) -> f32 {
        let turn = |pitch: &f32| (std::f32::consts::TAU * pitch).sin_cos();
        let voiced = self.pitch.iter().filter(|pitch| **pitch > 0.0).map(turn);
        let (sine, cosine) = voiced.fold((0.0, 0.0), |(s, c), (sine, cosine)| (s + sine, c + cosine));
        sine.atan2(cosine) / std::f32::consts::TAU
    }
}

/// From where to where pieces go, cut where it is quiet.
fn pieces(level: &[f32]) -> Vec<[usize; 2]> {
    let mut pieces = Vec::new();
    let mut from = 0;
    while level.len() - from > PIECE {
        let searched = from + PIECE - SEARCHED..from + PIECE;
        let to = searched.min_by(|&a, &b| level[a].total_cmp(&level[b])).unwrap_or(from + PIECE);
        pieces.push([from, to]);
        from = to;
    }
    pieces.push([from, level.len()]);
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_recording_is_followed_in_pieces_as_if_it_were_whole() {
        let seconds = 130;
        let mut phase = 0.0f32;
        let samples: Vec<f32> = (0..seconds * SAMPLE_RATE as usize)
            .map(|i| {
                let t = i as f32 / SAMPLE_RATE as f32;
                // With a little vibrato: what is so even as no voice comes again after two periods too.
                let swing = 0.06 * (0.3 * t).sin() + 0.006 * (34.5 * t).sin();
                phase = (phase + 220.0 * (1.0 + swing) / SAMPLE_RATE as f32).fract();
                let sounds = t % 2.0 > 0.2;
                if sounds { 0.2 * (phase - 0.5) } else { 0.0 }
            })
            .collect();
        let mut parts = Vec::new();
        let course = Course::follow(&samples, &mut |part| {
            parts.push(part);
            true
        })
        .unwrap();
        assert_eq!(course.pitch.len(), samples.len() / HOP + 1);
        assert!(parts.len() == 6 && parts.is_sorted() && parts[5] == 1.0);
        for second in 1..seconds {
            let t = second as f64;
            let wanted = midi_pitch(220.0 * (0.3 * t as f32).sin().mul_add(0.06, 1.0));
            // Every other second it begins to sound 0.2 s later.
            let t = if second % 2 == 0 { continue } else { t };
            let heard = course.pitch[course.index(t)];
            assert!((heard - wanted).abs() < 0.2, "{heard} for {wanted} at {t} s");
        }
        assert!(course.voiced_seconds() > 0.85 * f64::from(seconds as u32));
        assert!(Course::follow(&samples, &mut |_| false).is_none());
        assert_eq!(Course::follow(&[], &mut |_| true).unwrap().voiced_seconds(), 0.0);
    }

    #[test]
    fn tuning_is_what_most_of_the_voice_agrees_on() {
        let course = |off: f32| Course {
            pitch: [60.0, 62.0, 0.0, 64.0, 60.0].map(|key| if key > 0.0 { key + off } else { 0.0 }).to_vec(),
            level: vec![0.0; 5],
        };
        for off in [-0.4, 0.0, 0.3] {
            assert!((course(off).tuning() - off).abs() < 1e-3);
        }
    }
}
