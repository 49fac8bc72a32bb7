//! One sung syllable as the plan lays it out, and the landmarks it is stretched between.

use std::hash::{Hash, Hasher};

use ziyin_lyrics::{Phoneme, Syllable};
use ziyin_score::{Levels, Manner, NoteId};
use ziyin_signal::{BLOCK, BLOCK_TAIL, Frames, HOP, SAMPLE_RATE, block_grid, chance, scramble};

/// Where the parts of a character begin and end, in seconds from its onset, never
/// decreasing.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Landmarks {
    /// The burst of a plosive; 0 for all else, and after silence.
    pub burst: f32,
    /// The vowel, which stands on the beat.
    pub vowel: f32,
    /// Where the coda begins.
    pub nucleus_end: f32,
    pub end: f32,
}

/// Onset and landmarks of a character, the onset in seconds from the start of the song.
pub(super) type Place = (f64, Landmarks);

impl Landmarks {
    /// As many seconds of nucleus as still fit into one block of frames, at most.
    const LONGEST_NUCLEUS: f32 = 0.9;

    /// The landmarks that a block is generated for: the same ones with a nucleus that is
    /// short enough, to the millisecond, so that equal characters share their frames. The
    /// vowel must come within 0.3 s, and what follows the nucleus be at most 0.32 s long.
    pub fn of_block(self) -> Self {
        let round = |x: f32| (x * 1000.0).round() / 1000.0;
        let (burst, vowel) = (round(self.burst), round(self.vowel));
        let coda = round(self.end - self.nucleus_end);
        // One frame is kept back for rounding.
        let room = longest_end(vowel) - vowel - coda;
        let nucleus = round((self.nucleus_end - self.vowel).min(room).clamp(0.01, Self::LONGEST_NUCLEUS));
        Self { burst, vowel, nucleus_end: vowel + nucleus, end: vowel + nucleus + coda }
    }
}

/// The latest end, in seconds, that a block with that vowel onset still holds.
fn longest_end(vowel: f32) -> f32 {
    let coarse = 4.0 * HOP as f32 / SAMPLE_RATE as f32;
    // A grid that is full says how far a block reaches.
    let grid = block_grid(vowel, f32::INFINITY);
    debug_assert_eq!(grid.len(), BLOCK);
    grid.last().copied().unwrap_or(0.0) - BLOCK_TAIL - coarse
}

/// How long a glide is taken to be, in seconds, and which part of glide and vowel at most.
const GLIDE: f32 = 0.06;
const GLIDE_PART: f32 = 0.3;

/// One sung syllable with everything that its sound depends on.
#[derive(Clone, Debug, PartialEq)]
pub struct Character {
    /// The note that it is written on.
    pub note: NoteId,
    pub syllable: Syllable,
    /// Nucleus and coda of the syllable before, or twice [`Phoneme::Rest`].
    pub previous: [Phoneme; 2],
    /// The first two sounds of the syllable after, or twice [`Phoneme::Rest`].
    pub next: [Phoneme; 2],
    /// Index of the singer in the voice.
    pub singer: usize,
    /// How much louder than usual its parts are sung.
    pub levels: Levels,
    pub manner: Option<Manner>,
    /// What its articulation is drawn by, of all that were heard; `None` for their mean.
    pub take: Option<u64>,
    /// How much louder than by themselves consonant, glide, vowel and coda are sung, in dB.
    pub strengths: [f32; 4],
    /// Seconds from the start of the song to its first sound.
    pub onset: f64,
    /// As it is sung.
    pub sung: Landmarks,
    /// As it is generated; see [`Landmarks::of_block`].
    pub block: Landmarks,
    /// MIDI pitch at each time of [`Character::times`], to the twentieth of a semitone:
    /// it tells the timbre of the note, while the melody itself is the vocoder's.
    pub pitch: Vec<f32>,
}

impl Character {
    /// Times of the block's frames, in seconds from the onset.
    pub fn times(&self) -> Vec<f32> {
        block_grid(self.block.vowel, self.block.end)
    }

    /// Seconds from the start of the song to its last sound.
    pub fn end(&self) -> f64 {
        self.onset + f64::from(self.sung.end)
    }

    /// Seconds from the start of the song to its vowel.
    pub fn vowel_at(&self) -> f64 {
        self.onset + f64::from(self.sung.vowel)
    }

    /// Seconds from the onset to the end of its glide, which is told from its vowel by nothing but this
    /// measure; where it has none, to its vowel.
    pub fn glide_end(&self) -> f32 {
        let Landmarks { vowel, nucleus_end, .. } = self.sung;
        match self.syllable.glide {
            Phoneme::None => vowel,
            _ => vowel + GLIDE.min(GLIDE_PART * (nucleus_end - vowel)),
        }
    }

    /// The same with that singer of the voice.
    pub(super) fn sung_by(&self, singer: usize) -> Self {
        Self { singer, ..self.clone() }
    }

    /// Whether it is a breath, which no network sings.
    pub fn is_breath(&self) -> bool {
        self.syllable.nucleus == Phoneme::Breath
    }

    /// A number that is the same for characters whose frames are the same: of all that
    /// the generator is told, and of the weights (`voice`), but not of the place in the song.
    pub fn key(&self, voice: u64) -> u64 {
        let mut hash = Fnv::default();
        voice.hash(&mut hash);
        self.syllable.hash(&mut hash);
        (self.previous, self.next, self.singer, self.manner).hash(&mut hash);
        self.levels.parts().map(f32::to_bits).hash(&mut hash);
        self.take.iter().for_each(|take| take.hash(&mut hash));
        let Landmarks { burst, vowel, nucleus_end, end } = self.block;
        for number in [burst, vowel, nucleus_end, end].iter().chain(&self.pitch) {
            number.to_bits().hash(&mut hash);
        }
        hash.finish()
    }
}

/// Frames of one character, at `times` seconds from its onset.
#[derive(Clone, Debug)]
pub struct Block {
    pub times: Vec<f32>,
    pub frames: Frames,
}

impl Block {
    /// What lies between this and another block of the same character, so much of the way to that one.
    pub(super) fn between(mut self, other: &Self, share: f32) -> Self {
        let mix = |to: &mut [f32], from: &[f32]| {
            to.iter_mut().zip(from).for_each(|(to, from)| *to += share * (from - *to));
        };
        mix(&mut self.frames.envelope, &other.frames.envelope);
        mix(&mut self.frames.aperiodicity, &other.frames.aperiodicity);
        mix(&mut self.frames.voicing, &other.frames.voicing);
        self
    }
}

/// FNV-1a: the same on every machine and in every version, as a key needs to be.
pub(super) struct Fnv(u64);

impl Default for Fnv {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Hasher for Fnv {
    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

/// What chance hangs on where a note is sung in a take: in the first on the note alone.
pub(super) fn drawn(note: NoteId, take: u32) -> u64 {
    match take {
        0 => note.0,
        _ => scramble(note.0 ^ u64::from(take).wrapping_mul(0xd1b5_4a32_d192_ed03)),
    }
}

/// A slow wandering between -1 and 1 at `t`, with about `rate` turns a second.
pub(super) fn wander(seed: u64, t: f64, rate: f64) -> f64 {
    let at = t * 2.0 * rate;
    let (from, part) = (at.floor(), at - at.floor());
    let knot = |k: f64| chance(seed, (k as i64) as u64);
    let blend = part * part * (3.0 - 2.0 * part);
    knot(from) * (1.0 - blend) + knot(from + 1.0) * blend
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_always_holds_its_character() {
        for vowel in [0.0, 0.08, 0.3] {
            for (nucleus, coda) in [(0.02, 0.0), (0.5, 0.2), (60.0, 0.2), (60.0, 0.32)] {
                let nucleus_end = vowel + nucleus;
                let sung = Landmarks { burst: 0.0, vowel, nucleus_end, end: nucleus_end + coda };
                let block = sung.of_block();
                let grid = block_grid(block.vowel, block.end);
                assert!(*grid.last().unwrap() >= block.end, "{block:?}");
                assert!(block.nucleus_end > block.vowel && block.end >= block.nucleus_end, "{block:?}");
            }
        }
    }
}
