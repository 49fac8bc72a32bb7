//! The trained networks as a [`Voice`].

use std::collections::BTreeMap;
use ziyin_message::ToMessage;

use rayon::prelude::*;

use super::character::{Block, Character};
use super::manner::shape_to;
use super::voice::{Mixed, Timing, TimingInput, Voice, VoiceFailure};
use ziyin_model::{self as model, CharacterInput, Second, VoiceModel, articulated_pitch};
use ziyin_score::Manner;

/// Index of the recording condition to sing with: the clean one stands first.
const CLEAN: usize = 0;
/// Semitones beyond a singer's range in which the networks are still told the pitch as it
/// is. Further out they keep the timbre of that pitch: a network knows nothing of notes that
/// nobody sang to it, while the melody itself is the vocoder's.
const BEYOND_RANGE: f32 = 5.0;
impl Voice for VoiceModel {
    fn fingerprint(&self) -> u64 {
        self.fingerprint
    }

    fn singer(&self, name: &str) -> Option<usize> {
        self.config.singers.iter().position(|singer| singer.name.eq_ignore_ascii_case(name))
    }

    fn timings(&self, inputs: &[TimingInput]) -> Result<Vec<Timing>, VoiceFailure> {
        let inputs: Vec<TimingInput> = inputs
            .iter()
            .map(|input| TimingInput { pitch: told_pitch(self, input.singer, input.pitch), ..input.clone() })
            .collect();
        VoiceModel::timings(self, &inputs).map_err(failure)
    }

    fn generate(&self, characters: &[&Character]) -> Result<Vec<Block>, VoiceFailure> {
        sing(self, &characters.iter().map(|&character| (character, None)).collect::<Vec<_>>())
    }

    fn generate_mixed(&self, mixed: &[Mixed]) -> Result<Vec<Block>, VoiceFailure> {
        let second = |one: &Mixed| Second { singer: one.second, share: one.share };
        sing(self, &mixed.iter().map(|one| (one.character, Some(second(one)))).collect::<Vec<_>>())
    }
}

fn sing(voice: &VoiceModel, characters: &[(&Character, Option<Second>)]) -> Result<Vec<Block>, VoiceFailure> {
    let manners: Vec<MannerChoice> = characters.iter().map(|(c, _)| MannerChoice::of(voice, c)).collect();
    let inputs: Vec<CharacterInput> = characters
        .iter()
        .zip(&manners)
        .map(|((c, second), sung)| CharacterInput {
            syllable: c.syllable,
            previous: c.previous,
            next: c.next,
            singer: c.singer,
            condition: sung.condition,
            levels: None,
            take: c.take,
            burst: c.block.burst,
            vowel: c.block.vowel,
            nucleus_end: c.block.nucleus_end,
            end: c.block.end,
            pitch: c.pitch.iter().map(|&pitch| told_to_both(voice, c.singer, *second, pitch)).collect(),
        })
        .collect();
    // Where a batch holds a longer character, the network sees that something lies beyond
    // the end of a shorter one. Only like lengths go together, so that a character is
    // the same whatever is sung beside it: in the studio, in a file, after an edit.
    let mut alike: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (i, input) in inputs.iter().enumerate() {
        alike.entry(input.times().len()).or_default().push(i);
    }
    let alike: Vec<Vec<usize>> = alike.into_values().collect();
    let sung: Vec<Vec<model::Block>> = alike
        .par_iter()
        .map(|places| {
            let batch: Vec<_> = places.iter().map(|&i| (&inputs[i], characters[i].1)).collect();
            VoiceModel::generate_mixed(voice, &batch).map_err(failure)
        })
        .collect::<Result<_, _>>()?;
    let mut blocks: Vec<(usize, model::Block)> =
        alike.into_iter().flatten().zip(sung.into_iter().flatten()).collect();
    blocks.sort_by_key(|(place, _)| *place);
    let mut blocks: Vec<Block> =
        blocks.into_iter().map(|(_, block)| Block { times: block.times, frames: block.frames }).collect();
    for ((block, sung), (character, _)) in blocks.iter_mut().zip(&manners).zip(characters) {
        if let Some(manner) = sung.shaped_to {
            shape_to(&mut block.frames, manner, &character.pitch);
        }
    }
    Ok(blocks)
}

/// How a character comes to its manner.
struct MannerChoice {
    condition: usize,
    /// The manner that its frames are shaped to, where the voice was not taught it.
    shaped_to: Option<Manner>,
}

impl MannerChoice {
    fn of(voice: &VoiceModel, character: &Character) -> Self {
        let Some(manner) = character.manner else { return Self { condition: CLEAN, shaped_to: None } };
        let conditions = &voice.config.conditions;
        // Recordings of a manner are a condition of their own, named `X, strong` beside `X`. But what
        // voicebanks call a whisper is soft and has a pitch.
        let usual = conditions.get(CLEAN).filter(|_| manner != Manner::Whisper);
        let taught = usual.and_then(|usual| {
            let plain = Manner::ALL
                .iter()
                .find_map(|known| usual.strip_suffix(known.name())?.strip_suffix(", "))
                .unwrap_or(usual);
            let name = match manner {
                Manner::Normal => plain.to_string(),
                other => format!("{plain}, {}", other.name()),
            };
            conditions.iter().position(|condition| *condition == name)
        });
        match taught {
            Some(condition) => Self { condition, shaped_to: None },
            None => Self { condition: CLEAN, shaped_to: Some(manner) },
        }
    }
}

/// The MIDI pitch that the networks are told of a note at `pitch`.
fn told_pitch(voice: &VoiceModel, singer: usize, pitch: f32) -> f32 {
    let pitch = articulated_pitch(pitch);
    match voice.config.singers.get(singer).map(|singer| singer.range.map(f32::from)) {
        Some([low, high]) => pitch.max(low - BEYOND_RANGE).min(high + BEYOND_RANGE),
        None => pitch,
    }
}

/// The same of a note that two may sing.
fn told_to_both(voice: &VoiceModel, singer: usize, second: Option<Second>, pitch: f32) -> f32 {
    let first = told_pitch(voice, singer, pitch);
    second.map_or(first, |second| second.between(first, told_pitch(voice, second.singer, pitch)))
}

fn failure(error: model::VoiceError) -> VoiceFailure {
    VoiceFailure(error.to_message())
}
