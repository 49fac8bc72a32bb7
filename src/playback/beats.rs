//! The clicks of a metronome, reckoned where they are asked for: a song may last three hundred
//! hours, and has millions of them.

use std::sync::Arc;

/// A click of the metronome.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Beat {
    pub frame: u64,
    /// Whether it begins a bar.
    pub accent: bool,
}

/// Beats at equal distances: one tempo and one time signature.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BeatRun {
    /// The frame of its first beat, with its fraction.
    pub frame: f64,
    /// Frames from one beat to the next.
    pub distance: f64,
    /// Beats in it, at least one.
    pub count: u64,
    /// The place of its first beat in the bar, from 0.
    pub place: u64,
    /// Beats in a bar.
    pub bar: u64,
}

impl BeatRun {
    fn beat(&self, index: u64) -> Beat {
        let frame = (self.frame + index as f64 * self.distance).round().max(0.0) as u64;
        Beat { frame, accent: (self.place + index).is_multiple_of(self.bar.max(1)) }
    }

    fn last(&self) -> u64 {
        self.beat(self.count.saturating_sub(1)).frame
    }
}

/// All beats of a song: runs in the order of their frames.
#[derive(Clone, Debug, Default)]
pub struct Beats(Arc<[BeatRun]>);

impl Beats {
    /// The first in `[start, end)`. Neither allocates nor waits.
    pub fn between(&self, start: u64, end: u64) -> Option<Beat> {
        let run = self.0.get(self.0.partition_point(|run| run.last() < start))?;
        // One before the place that is reckoned: what is rounded may lie on either side of it.
        let about = ((start as f64 - run.frame) / run.distance.max(f64::MIN_POSITIVE)) as u64;
        let near = about.saturating_sub(1)..=(about + 2).min(run.count.saturating_sub(1));
        let next = near.map(|index| run.beat(index)).find(|beat| beat.frame >= start)?;
        Some(next).filter(|beat| beat.frame < end)
    }
}

impl FromIterator<BeatRun> for Beats {
    fn from_iter<I: IntoIterator<Item = BeatRun>>(runs: I) -> Self {
        Self(runs.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_beat_is_found_at_its_frame() {
        let beats: Beats = [
            BeatRun { frame: 0.0, distance: 100.4, count: 5, place: 0, bar: 3 },
            BeatRun { frame: 502.0, distance: 33.3, count: 1 << 40, place: 2, bar: 3 },
        ]
        .into_iter()
        .collect();
        let (mut at, mut found) = (0, Vec::new());
        while let Some(beat) = beats.between(at, at + 1000).filter(|_| found.len() < 9) {
            at = beat.frame + 1;
            found.push((beat.frame, beat.accent));
        }
        let accents = [true, false, false, true, false, false, true, false, false];
        assert_eq!(
            found,
            [0, 100, 201, 301, 402, 502, 535, 569, 602].into_iter().zip(accents).collect::<Vec<_>>()
        );
        assert_eq!((beats.between(101, 201), Beats::default().between(0, 9)), (None, None));
    }
}
