//! Backing audio at the rate of the house: what is played and what is rendered of it is the
//! same.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use ziyin_message::Message;

use super::mix::{amplitude, balance_gains};
use ziyin_score::{Backing, Project};
use ziyin_signal::{RateConverter, SAMPLE_RATE};

/// A backing track that is heard.
#[derive(Clone, Debug)]
pub struct BackingTrack {
    /// The sample of the song that it sounds from.
    pub start: u64,
    /// Its own samples that come before that one and are not heard.
    pub skip: u64,
    /// Left and right by turns, at 44.1 kHz.
    pub samples: Arc<[f32]>,
    /// To the left and to the right.
    pub gains: [f32; 2],
}

impl BackingTrack {
    /// A recording with its place and its level in a song.
    pub fn new(backing: &Backing, samples: Arc<[f32]>) -> Self {
        let (start, skip) = place(backing);
        Self { start, skip, samples, gains: gains(backing) }
    }

    /// The sample of the song at which it has ended.
    pub fn end(&self) -> u64 {
        self.start + (self.samples.len() as u64 / 2).saturating_sub(self.skip)
    }

    /// Left and right of `count` samples of the song, without its gains.
    pub fn read(&self, from: u64, count: usize) -> [Vec<f32>; 2] {
        let mut sides = [vec![0.0; count], vec![0.0; count]];
        for at in self.start.max(from)..self.end().min(from + count as u64) {
            let own = 2 * (at - self.start + self.skip) as usize;
            let place = (at - from) as usize;
            (sides[0][place], sides[1][place]) = (self.samples[own], self.samples[own + 1]);
        }
        sides
    }
}

/// What left and right of a recording are multiplied with.
pub fn gains(backing: &Backing) -> [f32; 2] {
    balance_gains(backing.pan).map(|side| side * amplitude(backing.gain_db))
}

/// Where a backing track begins, in samples of the song, and how many of its own samples
/// come before the song does.
pub fn place(backing: &Backing) -> (u64, u64) {
    let samples = (backing.offset_us.unsigned_abs() as f64 * 1e-6 * f64::from(SAMPLE_RATE)).round() as u64;
    if backing.offset_us < 0 { (0, samples) } else { (samples, 0) }
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
    let alone = project.tracks.iter().any(|track| track.solo);
    let (mut tracks, mut failures) = (Vec::new(), Vec::new());
    for backing in project.backings.iter().filter(|backing| !backing.mute && !alone) {
        match read(&file_of(backing, folder)) {
            Ok(samples) => tracks.push(BackingTrack::new(backing, samples)),
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
        let moved =
            |offset_us| BackingTrack::new(&Backing { offset_us, ..Backing::new("a.wav") }, samples.clone());
        // 100 samples are 2268 µs.
        let late = moved(2268);
        assert_eq!((late.start, late.end()), (100, 110));
        assert_eq!(late.read(98, 4), [vec![0.0, 0.0, 0.0, 2.0], vec![0.0, 0.0, 1.0, 3.0]]);
        let early = moved(-68);
        assert_eq!((early.start, early.skip, early.end()), (0, 3, 7));
        assert_eq!(early.read(0, 2), [vec![6.0, 8.0], vec![7.0, 9.0]]);
        assert_eq!(early.read(6, 2)[0], [18.0, 0.0]);
    }
}
