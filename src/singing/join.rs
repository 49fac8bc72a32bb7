//! Blocks of single characters to the even frames of a phrase: each block is stretched to
//! its place, and neighbours fade into each other.

use std::ops::Range;

use super::character::{Block, Character, Landmarks};
use super::knots::smooth;
use super::plan::Phrase;
use ziyin_signal::{AP_BANDS, BINS, BLOCK_LEAD, BLOCK_TAIL, Frames, HOP, SAMPLE_RATE};

/// Seconds before and after a boundary in which two characters sound at once.
pub(super) const FADE: f64 = 0.016;
/// Seconds in which the end of a phrase dies away: the first before its end.
pub(super) const TAPER: f64 = 0.07;
/// Nepers below which a fade counts as silence.
const INAUDIBLE: f32 = -12.0;

/// Appends the frames `range` of a phrase, counted from the start of the song.
/// `block` gives the frames of the phrase's `i`-th character, which must be there for each
/// that sounds in the range; one that is missing is silent.
pub fn join<'a>(
    phrase: &Phrase,
    range: Range<u64>,
    block: impl Fn(usize) -> Option<&'a Block>,
    out: &mut Frames,
) {
    for frame in range {
        let t = frame as f64 * HOP as f64 / f64::from(SAMPLE_RATE);
        let (first, second) = sounding(&phrase.characters, t);
        let at = |i: usize| block(i).and_then(|block| Cut::at(&phrase.characters[i], block, t));
        let row = out.envelope.len();
        match (at(first), second.and_then(|(i, weight)| Some((at(i)?, weight)))) {
            (Some(cut), None) => cut.append(out),
            (Some(cut), Some((next, weight))) => {
                cut.append(out);
                next.mix_into_last(out, weight as f32);
            }
            (None, _) => silence(out),
        }
        let gain = edge_gain(phrase, t);
        if gain < 0.0 {
            out.envelope[row..].iter_mut().for_each(|value| *value += gain);
        }
    }
}

/// The character that sounds at `t` and, near a boundary, the one that it fades into,
/// with the weight of that one.
fn sounding(characters: &[Character], t: f64) -> (usize, Option<(usize, f64)>) {
    let i = characters.partition_point(|c| c.onset <= t).saturating_sub(1);
    let fade = |into: usize| {
        let (before, after) = fade_seconds(&characters[into]);
        let from = characters[into].onset - before;
        (from <= t && t < from + before + after).then(|| smooth((t - from) / (before + after)))
    };
    if i + 1 < characters.len()
        && let Some(weight) = fade(i + 1)
    {
        return (i, Some((i + 1, weight)));
    }
    if i > 0
        && let Some(weight) = fade(i)
    {
        return (i - 1, Some((i, weight)));
    }
    (i, None)
}

/// How long before and after its onset a character fades in. A plosive fades in within its
/// closure: its burst must not be smeared.
fn fade_seconds(character: &Character) -> (f64, f64) {
    let c = character.sung;
    if character.syllable.initial.has_burst() {
        return (FADE, FADE.min(0.5 * f64::from(c.burst)));
    }
    (FADE, FADE.min(0.5 * f64::from(c.end)))
}

/// What begins and ends a phrase softly, in nepers.
fn edge_gain(phrase: &Phrase, t: f64) -> f32 {
    let (Some(first), Some(last)) = (phrase.characters.first(), phrase.characters.last()) else { return 0.0 };
    let lead = f64::from(BLOCK_LEAD);
    let rise = smooth((t - (first.onset - lead)) / lead);
    let tail = f64::from(BLOCK_TAIL);
    let fall = smooth((last.end() + tail - t) / (TAPER + tail));
    let gain = (rise * fall) as f32;
    if gain >= 1.0 { 0.0 } else { gain.ln().max(INAUDIBLE) }
}

fn silence(out: &mut Frames) {
    out.envelope.extend([-60.0; BINS]);
    out.aperiodicity.extend([1.0; AP_BANDS]);
    out.voicing.push(0.0);
}

/// A moment of a block, between two of its frames.
struct Cut<'a> {
    frames: &'a Frames,
    before: usize,
    after: usize,
    part: f32,
}

impl<'a> Cut<'a> {
    fn at(character: &Character, block: &'a Block, t: f64) -> Option<Self> {
        let time = stretched(&character.sung, &character.block, t - character.onset);
        let after = block.times.partition_point(|&at| at <= time);
        let last = block.times.len().min(block.frames.len()).checked_sub(1)?;
        let (before, after) = (after.saturating_sub(1).min(last), after.min(last));
        let span = block.times[after] - block.times[before];
        let part = if span > 0.0 { ((time - block.times[before]) / span).clamp(0.0, 1.0) } else { 0.0 };
        Some(Self { frames: &block.frames, before, after, part })
    }

    fn envelope(&self) -> impl Iterator<Item = f32> {
        let (a, b) = (self.frames.envelope_at(self.before), self.frames.envelope_at(self.after));
        a.iter().zip(b).map(|(a, b)| a + (b - a) * self.part)
    }

    fn aperiodicity(&self) -> impl Iterator<Item = f32> {
        let (a, b) = (self.frames.aperiodicity_at(self.before), self.frames.aperiodicity_at(self.after));
        a.iter().zip(b).map(|(a, b)| a + (b - a) * self.part)
    }

    fn voicing(&self) -> f32 {
        let (a, b) = (self.frames.voicing[self.before], self.frames.voicing[self.after]);
        a + (b - a) * self.part
    }

    fn append(&self, out: &mut Frames) {
        out.envelope.extend(self.envelope());
        out.aperiodicity.extend(self.aperiodicity());
        out.voicing.push(self.voicing());
    }

    fn mix_into_last(&self, out: &mut Frames, weight: f32) {
        let mix = |to: &mut f32, from: f32| *to += (from - *to) * weight;
        let (envelope, aperiodicity) = (out.envelope.len() - BINS, out.aperiodicity.len() - AP_BANDS);
        out.envelope[envelope..].iter_mut().zip(self.envelope()).for_each(|(to, from)| mix(to, from));
        out.aperiodicity[aperiodicity..]
            .iter_mut()
            .zip(self.aperiodicity())
            .for_each(|(to, from)| mix(to, from));
        if let Some(voicing) = out.voicing.last_mut() {
            mix(voicing, self.voicing());
        }
    }
}

/// The moment of the block that sounds `t` seconds after the onset of the sung character.
fn stretched(sung: &Landmarks, block: &Landmarks, t: f64) -> f32 {
    let t = t as f32;
    let between = |a: [f32; 2], b: [f32; 2]| {
        let part = if a[1] > a[0] { (t - a[0]) / (a[1] - a[0]) } else { 1.0 };
        b[0] + part * (b[1] - b[0])
    };
    if t <= 0.0 {
        t
    } else if t < sung.burst {
        between([0.0, sung.burst], [0.0, block.burst])
    } else if t < sung.vowel {
        between([sung.burst, sung.vowel], [block.burst, block.vowel])
    } else if t < sung.nucleus_end {
        let lengths = (sung.nucleus_end - sung.vowel, block.nucleus_end - block.vowel);
        block.vowel + held(t - sung.vowel, lengths.0, lengths.1)
    } else if t < sung.end {
        between([sung.nucleus_end, sung.end], [block.nucleus_end, block.end])
    } else {
        block.end + (t - sung.end)
    }
}

/// Where a nucleus of `length` seconds reads its block's nucleus of `held` seconds, after
/// `t` seconds.
///
/// The beginning and the end go by as they were; the steady part between them is gone
/// through slowly, with a wandering that never comes round to the same place twice, so that
/// a vowel held for a minute neither freezes nor loops.
fn held(t: f32, length: f32, held: f32) -> f32 {
    if length <= held * 1.02 {
        return t * held / length.max(1e-6);
    }
    let (head, tail) = (0.15f32.min(0.4 * held), 0.1f32.min(0.3 * held));
    let steady = held - head - tail;
    if t < head {
        return t;
    }
    if t > length - tail {
        return held - (length - t);
    }
    let (since, left) = (t - head, length - tail - t);
    let edge = (since / 0.4).min(left / 0.4).min(1.0);
    let (slow, slower) = ((since * 2.3).sin(), (since * 2.3 * 0.618_034).sin());
    let stray = edge * steady * 0.2 * (slow + slower);
    // What strays beyond the steady part turns back into it.
    let place = (steady * since / (since + left) + stray).abs();
    head + if place > steady { (2.0 * steady - place).max(0.0) } else { place }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::pitch::PitchCurve;
    use ziyin_lyrics::{Phoneme, pinyin_to_syllable};
    use ziyin_score::{Levels, NoteId};

    fn character(pinyin: &str, onset: f64, sung: Landmarks) -> Character {
        Character {
            note: NoteId(0),
            syllable: pinyin_to_syllable(pinyin, 1).unwrap(),
            previous: [Phoneme::Rest; 2],
            next: [Phoneme::Rest; 2],
            singer: 0,
            levels: Levels::default(),
            manner: None,
            take: None,
            strengths: [0.0; 4],
            onset,
            sung,
            block: sung.of_block(),
            pitch: Vec::new(),
        }
    }

    /// A block whose first bin counts its time in milliseconds.
    fn clock(character: &Character, offset: f32) -> Block {
        let times = character.times();
        let mut frames = Frames::default();
        for t in &times {
            frames.envelope.extend([t * 1000.0 + offset; BINS]);
            frames.aperiodicity.extend([0.5; AP_BANDS]);
            frames.voicing.push(1.0);
        }
        Block { times, frames }
    }

    fn two() -> (Phrase, Vec<Block>) {
        let a = Landmarks { burst: 0.0, vowel: 0.1, nucleus_end: 0.5, end: 0.6 };
        let b = Landmarks { burst: 0.05, vowel: 0.1, nucleus_end: 3.0, end: 3.0 };
        let characters = vec![character("man", 1.0, a), character("ta", 1.6, b)];
        let blocks = vec![clock(&characters[0], 0.0), clock(&characters[1], 10_000.0)];
        (
            Phrase { characters: characters.into(), pitch: PitchCurve::default(), dynamics: Arc::default() },
            blocks,
        )
    }

    #[test]
    fn every_landmark_lands_on_its_own() {
        let sung = Landmarks { burst: 0.02, vowel: 0.1, nucleus_end: 20.0, end: 20.2 };
        let block = sung.of_block();
        for (a, b) in [
            (0.0, 0.0),
            (sung.burst, block.burst),
            (sung.vowel, block.vowel),
            (sung.nucleus_end, block.nucleus_end),
            (sung.end, block.end),
        ] {
            let found = stretched(&sung, &block, a.into());
            assert!((found - b).abs() < 2e-3, "{a} lands on {found}, not {b}");
        }
    }

    #[test]
    fn a_long_vowel_neither_jumps_nor_freezes_nor_loops() {
        let (mut before, mut frozen, mut seen) = (0.0, 0, Vec::new());
        for i in 0..60_000 {
            let at = held(i as f32 * 0.001, 60.0, 0.8);
            assert!((at - before).abs() < 0.0025, "from {before} to {at}");
            frozen = if at == before { frozen + 1 } else { 0 };
            assert!(frozen < 1500, "still for {frozen} ms at {i}");
            before = at;
            if i % 500 == 0 {
                seen.push(at);
            }
        }
        // No lag repeats what was.
        for lag in 2..40 {
            let repeats = seen.windows(lag + 1).all(|w| (w[0] - w[lag]).abs() < 0.01);
            assert!(!repeats, "loops every {} s", lag as f32 * 0.5);
        }
    }

    #[test]
    fn neighbours_fade_and_a_burst_stays_whole() {
        let (phrase, blocks) = two();
        let mut out = Frames::default();
        let range = phrase.frames();
        join(&phrase, range.clone(), |i| blocks.get(i), &mut out);
        assert_eq!(out.len() as u64, range.end - range.start);
        let at = |t: f64| {
            let frame = (t * f64::from(SAMPLE_RATE) / HOP as f64).round() as u64 - range.start;
            out.envelope_at(frame as usize)[3]
        };
        assert!((at(1.3) - 300.0).abs() < 12.0);
        assert!(at(1.58) < 600.0 && at(1.6) > 2000.0 && at(1.6) < 9000.0);
        assert!((at(1.65) - 10_050.0).abs() < 3.0, "the burst is heard at {}", at(1.65));
    }

    #[test]
    fn a_phrase_ends_in_silence() {
        let (phrase, blocks) = two();
        let range = phrase.frames();
        let mut out = Frames::default();
        join(&phrase, range, |i| blocks.get(i), &mut out);
        let last = out.len() - 1;
        // The clock reads 30 ms after the end of its block, and the fade takes off.
        let clock = 10_000.0 + 1000.0 * (phrase.characters[1].block.end + BLOCK_TAIL);
        assert!(out.envelope_at(last)[0] < clock + INAUDIBLE + 12.0);
        assert_eq!(edge_gain(&phrase, 10.0), INAUDIBLE);
        assert_eq!(edge_gain(&phrase, 2.0), 0.0);
        assert!(out.envelope_at(0)[0] <= -20.0 + INAUDIBLE + 1.0);
    }

    #[test]
    fn any_cut_of_the_range_gives_the_same_frames() {
        let (phrase, blocks) = two();
        let range = phrase.frames();
        let (mut whole, mut pieces) = (Frames::default(), Frames::default());
        join(&phrase, range.clone(), |i| blocks.get(i), &mut whole);
        let middle = range.start + 77;
        join(&phrase, range.start..middle, |i| blocks.get(i), &mut pieces);
        join(&phrase, middle..range.end, |i| blocks.get(i), &mut pieces);
        assert_eq!(whole, pieces);
    }
}
