//! Backing audio at the rate of the house: what is played and what is rendered of it is the
//! same.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use ziyin_message::Message;

use super::mix::{amplitude, balance_gains};
use ziyin_score::{Backing, Project};
use ziyin_signal::{RateConverter, SAMPLE_RATE, fade};

/// A backing track that is heard.
#[derive(Clone, Debug)]
pub struct BackingTrack {
    /// The sample of the song that it sounds from.
    pub start: u64,
    /// Its own samples that come before that one and are not heard.
    pub skip: u64,
    /// Its own samples at its beginning and at its end that are left out.
    pub cut: [u64; 2],
    /// Samples behind the one cut and before the other in which it comes and goes.
    pub fades: [u64; 2],
    /// Left and right by turns, at 44.1 kHz.
    pub samples: Arc<[f32]>,
    /// To the left and to the right.
    pub gains: [f32; 2],
    /// The part of that which is sent into the room.
    pub room: f32,
}

impl BackingTrack {
    /// A recording with its place and its level in a song whose mix has that gain in dB.
    pub fn new(backing: &Backing, samples: Arc<[f32]>, mix_db: f32) -> Self {
        let Place { start, skip, cut, fades } = place(backing);
        Self { start, skip, cut, fades, samples, gains: gains(backing, mix_db), room: backing.room }
    }

    /// The sample of the song at which it has ended.
    pub fn end(&self) -> u64 {
        self.start + self.last().saturating_sub(self.skip)
    }

    /// How many of its own samples come before the cut at its end.
    fn last(&self) -> u64 {
        (self.samples.len() as u64 / 2).saturating_sub(self.cut[1])
    }

    /// Left and right of `count` samples of the song, without its gains.
    pub fn read(&self, from: u64, count: usize) -> [Vec<f32>; 2] {
        let mut sides = [vec![0.0; count], vec![0.0; count]];
        for at in self.start.max(from)..self.end().min(from + count as u64) {
            let own = at - self.start + self.skip;
            let gain = fade(own - self.cut[0], self.fades[0]) * fade(self.last() - 1 - own, self.fades[1]);
            let place = (at - from) as usize;
            for (side, sample) in sides.iter_mut().zip(&self.samples[2 * own as usize..]) {
                side[place] = sample * gain;
            }
        }
        sides
    }
}

/// What left and right of a recording are multiplied with in a mix of that gain in dB.
pub fn gains(backing: &Backing, mix_db: f32) -> [f32; 2] {
    balance_gains(backing.pan).map(|side| side * amplitude(backing.gain_db + mix_db))
}

/// What is heard of a backing track, and where, in samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The sample of the song that it sounds from.
    pub start: u64,
    /// Its own samples that come before that one.
    pub skip: u64,
    /// Its own samples at its beginning and at its end that are left out.
    pub cut: [u64; 2],
    /// Samples in which it comes and goes.
    pub fades: [u64; 2],
}

/// Where a backing track lies in the song.
pub fn place(backing: &Backing) -> Place {
    let samples = |us: i64| (us.unsigned_abs() as f64 * 1e-6 * f64::from(SAMPLE_RATE)).round() as u64;
    let [cut, fades] = [backing.trim_us, backing.fade_us].map(|parts| parts.map(samples));
    let offset = samples(backing.offset_us);
    // Its first sample stands before the song or behind its start; the first that is left comes later.
    let (start, skip) = match backing.offset_us < 0 {
        true => (cut[0].saturating_sub(offset), offset.max(cut[0])),
        false => (offset + cut[0], cut[0]),
    };
    Place { start, skip, cut, fades }
}

/// The file of a backing track of a song that lies in `folder`.
pub fn file_of(backing: &Backing, folder: Option<&Path>) -> PathBuf {
    folder.map_or_else(|| PathBuf::from(&backing.path), |folder| folder.join(&backing.path))
}

/// Brings a recording to 44.1 kHz, left and right by turns.
///
/// # Errors
/// If there is no way from that rate.
pub fn at_house_rate(rate: u32, [left, right]: &[Vec<f32>; 2]) -> io::Result<Arc<[f32]>> {
    let convert = |side: &[f32]| -> io::Result<Vec<f32>> {
        let mut converter = RateConverter::new(rate, SAMPLE_RATE)?;
        let mut out = Vec::with_capacity(side.len());
        converter.push(side, &mut out)?;
        converter.finish(&mut out)?;
        Ok(out)
    };
    let (left, right) = rayon::join(|| convert(left), || convert(right));
    Ok(left?.iter().zip(&right?).flat_map(|(&left, &right)| [left, right]).collect())
}

/// The backing tracks of a song in `folder` that mute and solo leave to be heard, and why
/// others cannot be. `read` decodes a file at 44.1 kHz, left and right by turns.
pub fn heard_backings(
    project: &Project,
    folder: Option<&Path>,
    read: impl Fn(&Path) -> Result<Arc<[f32]>, Message>,
) -> (Vec<BackingTrack>, Vec<Message>) {
    let alone = project.has_solo();
    let (mut tracks, mut failures) = (Vec::new(), Vec::new());
    for backing in project.backings.iter().filter(|backing| backing.is_heard(alone)) {
        match read(&file_of(backing, folder)) {
            Ok(samples) => tracks.push(BackingTrack::new(backing, samples, project.mix_gain_db)),
            Err(why) => failures.push(why),
        }
    }
    (tracks, failures)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_track_is_read_at_its_place_in_the_song() {
        let samples: Arc<[f32]> = (0..20).map(|i| i as f32).collect();
        let moved = |offset_us| {
            BackingTrack::new(&Backing { offset_us, ..Backing::new("a.wav") }, samples.clone(), 0.0)
        };
        // 100 samples are 2268 µs.
        let late = moved(2268);
        assert_eq!((late.start, late.end()), (100, 110));
        assert_eq!(late.read(98, 4), [vec![0.0, 0.0, 0.0, 2.0], vec![0.0, 0.0, 1.0, 3.0]]);
        let early = moved(-68);
        assert_eq!((early.start, early.skip, early.end()), (0, 3, 7));
        assert_eq!(early.read(0, 2), [vec![6.0, 8.0], vec![7.0, 9.0]]);
        assert_eq!(early.read(6, 2)[0], [18.0, 0.0]);
    }

    #[test]
    fn what_is_cut_off_is_not_heard_and_what_is_left_keeps_its_time() {
        let samples: Arc<[f32]> = (0..40).map(|i| i as f32).collect();
        let track = |offset_us, trim_us, fade_us| {
            let backing = Backing { offset_us, trim_us, fade_us, ..Backing::new("a.wav") };
            BackingTrack::new(&backing, samples.clone(), 0.0)
        };
        // 100 samples are 2268 µs, 3 are 68, and 2 are 45.
        let (whole, cut) = (track(2268, [0; 2], [0; 2]), track(2268, [68, 45], [0; 2]));
        assert_eq!((cut.start, cut.end()), (103, 118));
        assert_eq!(cut.read(103, 15), whole.read(103, 15));
        assert_eq!(
            (cut.read(100, 3), cut.read(118, 2)),
            ([[0.0; 3]; 2].map(Into::into), [[0.0; 2]; 2].map(Into::into))
        );
        // Before the start of the song what is cut off comes first.
        let (early, later) = (track(-45, [68, 0], [0; 2]), track(-68, [45, 0], [0; 2]));
        assert_eq!((early.start, early.skip), (1, 3));
        assert_eq!((later.start, later.skip), (0, 3));
        let faded = track(2268, [68, 45], [68, 68]);
        let part = |at: u64| faded.read(at, 1)[0][0] / whole.read(at, 1)[0][0];
        let parts: Vec<f32> = (103..118).map(part).collect();
        assert!(parts[0] > 0.0 && parts[..4].is_sorted() && parts[3..12] == [1.0; 9], "{parts:?}");
        assert!(parts[14] > 0.0 && parts[11..].iter().rev().is_sorted(), "{parts:?}");
        // More than there is leaves nothing.
        let nothing = track(2268, [1_000_000, 1_000_000], [1_000_000; 2]);
        assert_eq!(nothing.read(0, 200), [vec![0.0; 200], vec![0.0; 200]]);
    }
}
