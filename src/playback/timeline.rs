//! What is to be played: an immutable value. A change is another timeline.

use std::ops::Range;
use std::sync::Arc;

use super::Beats;
use ziyin_signal::{Room, fade};

/// A frame of a mix: left and right, and what of both is sent into the room.
pub(super) type MixFrame = [f32; 4];

/// Samples with their place in the song.
#[derive(Clone, Debug)]
pub struct Clip {
    /// The first frame of the song that it sounds in.
    pub start: u64,
    /// Its own frames that come before that one and are not heard.
    pub skip: u64,
    /// Its own frames at its beginning and at its end that are left out; of the beginning at most `skip`.
    pub cut: [u64; 2],
    /// Frames behind the one cut and before the other in which it comes and goes.
    pub fades: [u64; 2],
    /// One sample after the other, or left and right by turns if `stereo`.
    pub samples: Arc<[f32]>,
    pub stereo: bool,
}

impl Clip {
    /// Samples of one channel, heard from `start` on.
    pub fn mono(start: u64, samples: Arc<[f32]>) -> Self {
        Self { start, skip: 0, cut: [0; 2], fades: [0; 2], samples, stereo: false }
    }

    /// The frame of the song at which it has ended.
    pub fn end(&self) -> u64 {
        self.start + self.last().saturating_sub(self.skip)
    }

    /// How many of its own frames come before the cut at its end.
    fn last(&self) -> u64 {
        let frames = (self.samples.len() / if self.stereo { 2 } else { 1 }) as u64;
        frames.saturating_sub(self.cut[1])
    }

    /// Left and right at a frame of the song within it.
    fn at(&self, frame: u64) -> [f32; 2] {
        let own = frame - self.start + self.skip;
        let i = own as usize;
        let sides =
            if self.stereo { [self.samples[2 * i], self.samples[2 * i + 1]] } else { [self.samples[i]; 2] };
        if self.fades == [0; 2] {
            return sides;
        }
        let gain = fade(own - self.cut[0], self.fades[0]) * fade(self.last() - 1 - own, self.fades[1]);
        sides.map(|side| side * gain)
    }
}

/// Clips that are summed, in the order in which they begin.
#[derive(Clone, Debug, Default)]
pub struct Clips {
    clips: Vec<Clip>,
    /// For each clip the latest end of those up to it, to find what sounds at a frame.
    reach: Vec<u64>,
}

impl Clips {
    /// Puts clips in order. They may overlap.
    pub fn new(mut clips: Vec<Clip>) -> Self {
        clips.sort_by_key(|clip| clip.start);
        let mut latest = 0;
        let reach = clips.iter().map(|clip| {
            latest = clip.end().max(latest);
            latest
        });
        let reach = reach.collect();
        Self { clips, reach }
    }

    /// The frame at which the last clip has ended.
    pub fn end(&self) -> u64 {
        self.reach.last().copied().unwrap_or(0)
    }

    /// Adds the frames from `start` on to `out`, for clips of one channel; of others the left side. Gives
    /// whether there were any.
    pub fn add(&self, start: u64, out: &mut [f32]) -> bool {
        let end = start + out.len() as u64;
        let mut any = false;
        for clip in self.between(start, end) {
            for frame in start.max(clip.start)..end.min(clip.end()) {
                out[(frame - start) as usize] += clip.at(frame)[0];
                any = true;
            }
        }
        any
    }

    /// Whether the very same clips sound between two frames.
    pub fn are_alike(&self, other: &Clips, frames: Range<u64>) -> bool {
        let same = |(a, b): (&Clip, &Clip)| {
            (a.start, a.skip, a.cut, a.fades) == (b.start, b.skip, b.cut, b.fades)
                && Arc::ptr_eq(&a.samples, &b.samples)
        };
        let ours = || self.between(frames.start, frames.end);
        let theirs = || other.between(frames.start, frames.end);
        ours().count() == theirs().count() && ours().zip(theirs()).all(same)
    }

    /// The clips that sound between two frames, and maybe a few more.
    fn between(&self, start: u64, end: u64) -> impl Iterator<Item = &Clip> {
        let first = self.reach.partition_point(|&reach| reach <= start);
        self.clips[first..].iter().take_while(move |clip| clip.start < end)
    }
}

/// One voice of the mix.
#[derive(Clone, Debug, Default)]
pub struct Lane {
    pub clips: Arc<Clips>,
    /// Gain to the left and to the right.
    pub gains: [f32; 2],
    /// The part of that which is sent into the room.
    pub room: f32,
}

/// A mix, ready to be played.
#[derive(Clone, Debug, Default)]
pub struct Timeline {
    pub lanes: Vec<Lane>,
    /// The metronome; none for silence.
    pub beats: Beats,
    /// Seconds in which the room dies away, as a [`Room`] takes them.
    pub room_s: f32,
}

impl Timeline {
    /// A sound by itself, alike on both sides, from the beginning on.
    pub fn alone(samples: Arc<[f32]>, gains: [f32; 2], room: f32) -> Self {
        let clips = Arc::new(Clips::new(vec![Clip::mono(0, samples)]));
        Self { lanes: vec![Lane { clips, gains, room }], ..Self::default() }
    }

    /// The frame at which the last clip has ended.
    pub fn end(&self) -> u64 {
        self.lanes.iter().map(|lane| lane.clips.end()).max().unwrap_or(0)
    }

    /// Frames that it sounds on for behind its last clip: those of the room, if any voice is sent into it.
    pub fn tail(&self) -> u64 {
        let is_sent = |lane: &Lane| lane.room > 0.0 && lane.gains != [0.0; 2];
        if self.lanes.iter().any(is_sent) { Room::tail(self.room_s) } else { 0 }
    }

    /// The frames from `start` on, as they are played on the way from the beginning.
    pub fn read(&self, start: u64, frames: usize) -> Vec<[f32; 2]> {
        // What the room still has of what came before is heard as well.
        let from = start.saturating_sub(self.tail());
        let before = (start - from) as usize;
        let mut mixed = vec![[0.0; 4]; before + frames];
        self.mix(from, &mut mixed, [1.0, 1.0], |_, _| {});
        sound(&mut mixed, &mut Room::new(self.room_s));
        mixed[before..].iter().map(|&[left, right, ..]| [left, right]).collect()
    }

    /// Adds frames from `start` on to `out`, from a gain of `from` to one of `to`, and
    /// gives the peak of each lane to `peak`.
    pub(super) fn mix(
        &self,
        start: u64,
        out: &mut [MixFrame],
        [from, to]: [f32; 2],
        mut peak: impl FnMut(usize, f32),
    ) {
        let count = out.len() as f32;
        let end = start + out.len() as u64;
        for (i, lane) in self.lanes.iter().enumerate() {
            let mut loudest = 0.0f32;
            if lane.gains != [0.0; 2] {
                for clip in lane.clips.between(start, end) {
                    for frame in start.max(clip.start)..end.min(clip.end()) {
                        let at = (frame - start) as usize;
                        let gain = from + (to - from) * at as f32 / count;
                        let [left, right] = clip.at(frame);
                        let sides = [left * lane.gains[0] * gain, right * lane.gains[1] * gain];
                        out[at][0] += sides[0];
                        out[at][1] += sides[1];
                        if lane.room > 0.0 {
                            out[at][2] += sides[0] * lane.room;
                            out[at][3] += sides[1] * lane.room;
                        }
                        loudest = loudest.max(sides[0].abs()).max(sides[1].abs());
                    }
                }
            }
            peak(i, loudest);
        }
    }
}

/// Adds what comes back from the room to what is heard. While nothing does, all stays as it is, bit by bit.
pub(super) fn sound(mixed: &mut [MixFrame], room: &mut Room) {
    for [left, right, into_left, into_right] in mixed {
        let sent = [*into_left, *into_right];
        if sent != [0.0; 2] || !room.is_silent() {
            let back = room.next(sent);
            *left += back[0];
            *right += back[1];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clips_are_summed_where_they_overlap() {
        let clip = |start, samples: &[f32]| Clip::mono(start, samples.into());
        let long = clip(0, &[1.0; 100]);
        let backing = Clip { skip: 2, stereo: true, ..clip(0, &[0.0, 0.0, 0.0, 0.0, 8.0, 16.0]) };
        let lanes = vec![
            Lane {
                clips: Arc::new(Clips::new(vec![clip(50, &[2.0; 10]), long])),
                gains: [1.0, 0.5],
                room: 0.0,
            },
            Lane { clips: Arc::new(Clips::new(vec![backing])), gains: [1.0, 1.0], room: 0.0 },
        ];
        let timeline = Timeline { lanes, ..Default::default() };
        assert_eq!(timeline.end(), 100);
        assert_eq!(timeline.read(58, 4), [[3.0, 1.5], [3.0, 1.5], [1.0, 0.5], [1.0, 0.5]]);
        assert_eq!(timeline.read(0, 2), [[9.0, 16.5], [1.0, 0.5]]);
    }

    #[test]
    fn a_clip_is_cut_at_both_ends_and_comes_and_goes() {
        let whole = Clip::mono(100, [1.0f32; 50].into());
        let cut = Clip { start: 110, skip: 10, cut: [10, 20], fades: [4, 3], ..whole };
        assert_eq!(cut.end(), 130);
        let lane = Lane { clips: Arc::new(Clips::new(vec![cut])), gains: [1.0; 2], room: 0.0 };
        let heard: Vec<f32> = Timeline { lanes: vec![lane], ..Default::default() }
            .read(108, 24)
            .iter()
            .map(|frame| frame[0])
            .collect();
        assert_eq!(heard[..2], [0.0; 2]);
        assert_eq!(heard[6..19], [1.0; 13]);
        assert_eq!(heard[22..], [0.0; 2]);
        assert!(heard[2] > 0.0 && heard[2..7].is_sorted(), "{heard:?}");
        assert!(heard[21] > 0.0 && heard[18..22].iter().rev().is_sorted(), "{heard:?}");
    }
}
