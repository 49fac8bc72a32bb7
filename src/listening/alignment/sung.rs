//! What a voice makes of a transcript: the states that a recording is laid along.

use super::sound::{Bands, Cepstrum, HOP, Sound, loudness};
use ziyin_lyrics::{Phoneme, Syllable};
use ziyin_model::{CharacterInput, TimingInput, VoiceError, VoiceModel};
use ziyin_signal::{BINS, block_grid, under_hiss};

/// Seconds of a sung vowel: only its beginning and its end are gone through frame by frame.
const VOWEL: f32 = 0.24;
const VOWEL_BEGINS: f32 = 0.06;
const VOWEL_ENDS: f32 = 0.04;
/// Share of the mean length of a character for which its vowel is held, if nothing else is
/// heard, and most frames of it.
const HELD_SHARE: f32 = 0.4;
const MOST_HELD: usize = 80;

/// A frame that the voice sang.
pub(super) struct SungFrame {
    envelope: Vec<f32>,
    pub voiced: f32,
    pub sound: Phoneme,
    pub part: SungPart,
    /// Whether it is of the middle of a vowel, which may last as long as it likes.
    pub held: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SungPart {
    Consonant,
    Nucleus,
    Coda,
}

/// Each character of a transcript as the voice sings it.
pub(super) struct SungTranscript {
    pub characters: Vec<Vec<SungFrame>>,
    loud: f32,
}

/// Nucleus and coda of the character before each, and the first two sounds of the one after.
pub(super) fn neighbours(syllables: &[Syllable], i: usize) -> ([Phoneme; 2], [Phoneme; 2]) {
    let rest = [Phoneme::Rest; 2];
    let previous = i.checked_sub(1).map_or(rest, |before| syllables[before].closing());
    (previous, syllables.get(i + 1).map_or(rest, Syllable::opening))
}

impl SungTranscript {
    /// Sings `syllables` evenly at one pitch; `length` is how long each would last in seconds
    /// if all were alike.
    ///
    /// # Errors
    /// If the device fails.
    pub fn new(
        voice: &VoiceModel,
        singer: usize,
        key: f32,
        syllables: &[Syllable],
        length: f32,
    ) -> Result<Self, VoiceError> {
        let held = ((HELD_SHARE * length / HOP as f32) as usize).clamp(1, MOST_HELD);
        let [low, high] = voice.config.singers[singer].range.map(f32::from);
        let pitch = key.clamp(low, high);
        let asked: Vec<TimingInput> = (0..syllables.len())
            .map(|i| {
                let (previous, next) = neighbours(syllables, i);
                TimingInput { syllable: syllables[i], previous, next, singer, pitch, length: VOWEL }
            })
            .collect();
        let timings = voice.timings(&asked)?;
        let inputs: Vec<CharacterInput> = asked
            .iter()
            .zip(timings)
            .map(|(asked, timing)| {
                let vowel = timing.closure + timing.consonant;
                let nucleus_end = vowel + VOWEL;
                let end = nucleus_end + timing.coda.min(0.5 * VOWEL);
                CharacterInput {
                    syllable: asked.syllable,
                    previous: asked.previous,
                    next: asked.next,
                    singer,
                    condition: 0,
                    levels: None,
                    take: None,
                    burst: timing.closure,
                    vowel,
                    nucleus_end,
                    end,
                    pitch: vec![pitch; block_grid(vowel, end).len()],
                }
            })
            .collect();
        let blocks = voice.generate(&inputs)?;
        let characters: Vec<Vec<SungFrame>> = inputs
            .iter()
            .zip(&blocks)
            .map(|(input, block)| {
                let syllable = input.syllable;
                let begun = input.vowel + VOWEL_BEGINS;
                let ends = input.nucleus_end - VOWEL_ENDS;
                let ending = syllable.ending().next().unwrap_or(Phoneme::None);
                let parts = [
                    (0.0, input.vowel, syllable.initial, SungPart::Consonant),
                    (input.vowel, begun, syllable.nucleus, SungPart::Nucleus),
                    (begun, ends, syllable.nucleus, SungPart::Nucleus),
                    (ends, input.nucleus_end, syllable.nucleus, SungPart::Nucleus),
                    (input.nucleus_end, input.end, ending, SungPart::Coda),
                ];
                let mut places = Vec::new();
                for (k, (from, to, sound, part)) in parts.into_iter().enumerate() {
                    if k == 2 {
                        places.extend((0..held).map(|_| ((from + to) / 2.0, sound, part, true)));
                        continue;
                    }
                    let count = ((to - from) / HOP as f32).round() as usize;
                    places.extend((0..count).map(|i| (from + i as f32 * HOP as f32, sound, part, false)));
                }
                places
                    .into_iter()
                    .map(|(at, sound, part, held)| {
                        let near = |t: &f32| (t - at).abs();
                        let order =
                            |a: &usize, b: &usize| near(&block.times[*a]).total_cmp(&near(&block.times[*b]));
                        let frame = (0..block.times.len()).min_by(order).unwrap_or(0);
                        SungFrame {
                            envelope: block.frames.envelope_at(frame).to_vec(),
                            voiced: block.frames.voicing[frame],
                            sound,
                            part,
                            held,
                        }
                    })
                    .collect()
            })
            .collect();
        let mut levels: Vec<f32> = characters
            .iter()
            .flatten()
            .filter(|frame| frame.part == SungPart::Nucleus)
            .map(|frame| loudness(&frame.envelope))
            .collect();
        levels.sort_by(f32::total_cmp);
        let loud = levels.get(levels.len() * 9 / 10).copied().unwrap_or(0.0);
        Ok(Self { characters, loud })
    }

    /// Mel-cepstrum and level of every frame under the hiss of a recording, the formants moved
    /// up by `warp`.
    pub fn heard_as(&self, sound: &Sound, warp: f32) -> Vec<Vec<(Cepstrum, f32)>> {
        let bands = Bands::new(sound.top_hz, warp);
        let of_frame = |frame: &SungFrame| {
            // A voice may never have learned a sound of the transcript, and then sing anything.
            let envelope: Vec<f32> =
                frame.envelope.iter().map(|e| (e - self.loud).clamp(-20.0, 3.0)).collect();
            debug_assert_eq!(envelope.len(), BINS);
            let under = under_hiss(&envelope, &sound.hiss);
            (bands.cepstrum(&under), loudness(&under))
        };
        self.characters.iter().map(|frames| frames.iter().map(of_frame).collect()).collect()
    }
}
