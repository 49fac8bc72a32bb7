//! What a network is told of one character, as numbers.

use std::ops::Range;

use burn::nn::Embedding;
use burn::tensor::{Int, Tensor};

use ziyin_lyrics::{Language, Phoneme, Syllable};
use ziyin_signal::{BLOCK, block_grid};

/// Length of a take's latent code: how it differs from the mean of its kind.
pub const CODE: usize = 24;

/// Length of the vector that says who sings.
pub const SINGER: usize = 16;

/// Everything that the generator depends on for one sung character.
#[derive(Clone, Debug, PartialEq)]
pub struct CharacterInput {
    pub syllable: Syllable,
    /// Nucleus and coda of the character before, or twice [`Phoneme::Rest`].
    pub previous: [Phoneme; 2],
    /// First two sounds of the character after, or twice [`Phoneme::Rest`].
    pub next: [Phoneme; 2],
    /// Index into the singers of the voice.
    pub singer: usize,
    /// Index into the recording conditions of the voice.
    pub condition: usize,
    /// RMS of the first, middle and last third, dB from the singer's usual level, or
    /// `None` for those of the exemplars.
    pub levels: Option<[f32; 3]>,
    /// What its articulation is drawn by, of all exemplars; `None` for their mean.
    pub take: Option<u64>,
    /// Seconds from the onset to the burst (0 for all but plosives after a vowel).
    pub burst: f32,
    /// Seconds from the onset to the vowel.
    pub vowel: f32,
    /// Seconds from the onset to the end of the nucleus.
    pub nucleus_end: f32,
    /// Seconds from the onset to the end.
    pub end: f32,
    /// MIDI pitch at each time of [`CharacterInput::times`].
    pub pitch: Vec<f32>,
}

/// Who is mixed into the singer of a character: of the two vectors so much of the second is taken.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Second {
    /// Index into the singers of the voice.
    pub singer: usize,
    /// From 0, nothing of them, to 1, nothing of the first.
    pub share: f32,
}

impl Second {
    /// What lies between a number of the first singer and that of the second.
    pub fn between(self, first: f32, second: f32) -> f32 {
        first + self.share * (second - first)
    }
}

impl CharacterInput {
    /// Times of the block's frames, seconds from the onset.
    pub fn times(&self) -> Vec<f32> {
        block_grid(self.vowel, self.end)
    }
}

/// Identities that are looked up in tables, in this order: initial, glide, nucleus,
/// coda, two of the previous, two of the next, two of the tail, then tone, language, singer,
/// condition.
pub const IDENTITIES: usize = 14;
/// Where among them initial, glide, nucleus and coda stand, ...
pub(super) const SLOTS: Range<usize> = 0..4;
/// ... the first sound of those before and after, ...
pub(super) const PREVIOUS: usize = 4;
pub(super) const NEXT: usize = 6;
/// ... the tail, and with it all sounds, ...
pub(super) const TAIL: Range<usize> = 8..10;
pub(super) const SOUNDS: Range<usize> = 0..10;
/// ... and what is no sound.
pub(super) const TONE: usize = 10;
pub(super) const LANGUAGE: usize = 11;
pub(super) const SINGER_PLACE: usize = 12;
pub(super) const CONDITION: usize = 13;
/// Rows of the phoneme table: room for the inventory to grow without new weights.
pub const PHONEME_ROWS: usize = 96;
/// Rows of the language table, as roomy.
pub const LANGUAGE_ROWS: usize = 4;

/// The identities of a character, see [`IDENTITIES`].
pub fn identities(
    syllable: &Syllable,
    previous: [Phoneme; 2],
    next: [Phoneme; 2],
    singer: usize,
    condition: usize,
) -> [i32; IDENTITIES] {
    let language = match syllable.language {
        Language::Mandarin => 0,
        Language::Japanese => 1,
        Language::Korean => 2,
        Language::English => 3,
    };
    [
        syllable.initial.id() as i32,
        syllable.glide.id() as i32,
        syllable.nucleus.id() as i32,
        syllable.coda.id() as i32,
        previous[0].id() as i32,
        previous[1].id() as i32,
        next[0].id() as i32,
        next[1].id() as i32,
        syllable.tail[0].id() as i32,
        syllable.tail[1].id() as i32,
        i32::from(syllable.tone.min(5)),
        language,
        singer as i32,
        condition as i32,
    ]
}

/// The rows of a table for some of the identities (`[batch, IDENTITIES]`) side by side,
/// `[batch, places · width]`.
pub(super) fn look_up(table: &Embedding, identities: &Tensor<2, Int>, places: Range<usize>) -> Tensor<2> {
    let [batch, _] = identities.dims();
    table.forward(identities.clone().slice([0..batch, places])).flatten::<2>(1, 2)
}

/// Numbers per character: three levels, four lengths, the mean pitch.
pub const CONSTANTS: usize = 8;

/// The numbers that are one per character.
pub fn constants(levels: [f32; 3], landmarks: [f32; 4], pitch: &[f32]) -> [f32; CONSTANTS] {
    let [burst, vowel, nucleus_end, end] = landmarks;
    let log = |seconds: f32| (seconds.max(0.0) + 0.01).ln() / 2.0 + 1.0;
    let mean = pitch.iter().sum::<f32>() / pitch.len().max(1) as f32;
    [
        levels[0].max(-30.0) / 10.0,
        levels[1].max(-30.0) / 10.0,
        levels[2].max(-30.0) / 10.0,
        log(burst),
        log(vowel - burst),
        log(nucleus_end - vowel),
        log(end - nucleus_end),
        (mean - 66.0) / 12.0,
    ]
}

/// Numbers per frame.
pub const TRACKS: usize = 5 * 4 + 2 * 2 + 3 + 3;

/// The numbers of each frame: how far it is from every landmark on four scales, from 4
/// to 250 ms, a bump at the burst and at the vowel's onset, its place within
/// consonant, nucleus and coda, its pitch, and how wide its step is.
pub fn tracks(times: &[f32], pitch: &[f32], landmarks: [f32; 4]) -> Vec<f32> {
    let [burst, vowel, nucleus_end, end] = landmarks;
    let mut out = Vec::with_capacity(times.len() * TRACKS);
    let within = |t: f32, a: f32, b: f32| ((t - a) / (b - a).max(1e-3)).clamp(0.0, 1.0);
    for (i, (&t, &midi)) in times.iter().zip(pitch).enumerate() {
        for landmark in [0.0, burst, vowel, nucleus_end, end] {
            out.extend([0.004, 0.016, 0.06, 0.25].map(|scale| ((t - landmark) / scale).tanh()));
        }
        for landmark in [burst, vowel] {
            out.extend([0.003, 0.010].map(|width| (-((t - landmark) / width).powi(2)).exp()));
        }
        out.extend([within(t, burst, vowel), within(t, vowel, nucleus_end), within(t, nucleus_end, end)]);
        let height = (midi - 66.0) / 12.0;
        let step = if i + 1 < times.len() { times[i + 1] - t } else { 0.0 };
        out.extend([height, height * height, if step > 0.006 { 1.0 } else { 0.0 }]);
    }
    debug_assert!(times.len() <= BLOCK && out.len() == times.len() * TRACKS);
    out
}
