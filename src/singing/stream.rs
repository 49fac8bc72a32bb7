//! One voice of a song, sample after sample, in as little memory as the sound needs.

use std::collections::HashMap;
use std::sync::Arc;

use super::breath::breath;
use super::cache::BlockCache;
use super::character::{Block, Character};
use super::join::join;
use super::plan::Plan;
use super::shape::shape;
#[cfg(feature = "voice")]
use super::vocoder::VocoderShaders;
use super::vocoder::{Vocoder, VocoderError, VocoderSettings};
use super::voice::{Voice, VoiceFailure};
use crate::score::{Curves, TempoMap};
use crate::signal::{BLOCK_LEAD, Frames, HOP, SAMPLE_RATE};

/// Frames that go through join and vocoder at once: a few hundred kilobytes.
const PIECE: u64 = 64;

/// On what the vocoders run.
#[derive(Clone, Default)]
pub enum VocoderDevice {
    #[default]
    Cpu,
    #[cfg(feature = "voice")]
    Gpu(Arc<VocoderShaders>),
}

impl VocoderDevice {
    fn vocoder(&self, settings: VocoderSettings) -> Result<Vocoder, VocoderError> {
        match self {
            VocoderDevice::Cpu => Ok(Vocoder::cpu(settings)),
            #[cfg(feature = "voice")]
            VocoderDevice::Gpu(shaders) => Vocoder::gpu(settings, shaders),
        }
    }
}

/// A character of a plan: its phrase, and its place in the phrase.
pub type Place = (usize, usize);

/// A planned voice that is being sung from the beginning of the song to its end.
pub struct VoiceStream {
    plan: Plan,
    curves: Curves,
    tempo: TempoMap,
    seed: u32,
    /// Blocks of the characters that sound now or soon, by phrase and place in it.
    blocks: HashMap<Place, Arc<Block>>,
    /// The phrase that comes next or is being sung, and the frame that it has come to.
    phrase: usize,
    frame: u64,
    vocoder: Option<Vocoder>,
    device: VocoderDevice,
    /// Samples that were sung but not yet asked for.
    ready: Vec<f32>,
    /// Samples of the song that are sung, with those in `ready`.
    sung: u64,
}

impl VoiceStream {
    /// `seed` tells the noise of this voice from that of the others.
    pub fn new(plan: Plan, curves: Curves, tempo: TempoMap, seed: u32) -> Self {
        let frame = plan.phrases.first().map_or(0, |phrase| phrase.frames().start);
        Self {
            plan,
            curves,
            tempo,
            seed,
            blocks: HashMap::new(),
            phrase: 0,
            frame,
            vocoder: None,
            device: VocoderDevice::default(),
            ready: Vec::new(),
            sung: 0,
        }
    }

    /// The same stream with its vocoder on another device than the CPU.
    pub fn on(self, device: VocoderDevice) -> Self {
        Self { device, ..self }
    }

    /// What the voice sings.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Samples of the whole voice; beyond them it is silent.
    pub fn len(&self) -> u64 {
        self.plan.phrases.last().map_or(0, |phrase| phrase.frames().end) * HOP as u64
    }

    /// Whether it has nothing to sing.
    pub fn is_empty(&self) -> bool {
        self.plan.phrases.is_empty()
    }

    /// The characters that must have their blocks before the next `samples` can be sung,
    /// by phrase and place in it. Blocks that have been sung are let go.
    pub fn needed(&mut self, samples: usize) -> Vec<Place> {
        let seconds = |frame: f64| frame * HOP as f64 / f64::from(SAMPLE_RATE);
        let from = seconds(self.frame as f64) - 0.1;
        let until = seconds(
            ((self.sung - self.ready.len() as u64) as f64 + samples as f64) / HOP as f64 + 2.0 * PIECE as f64,
        );
        let plan = &self.plan;
        self.blocks.retain(|&(phrase, i), _| plan.phrases[phrase].characters[i].end() > from);
        let mut needed = Vec::new();
        for (p, phrase) in plan.phrases.iter().enumerate().skip(self.phrase) {
            for (i, character) in phrase.characters.iter().enumerate() {
                if character.onset - f64::from(BLOCK_LEAD) - 0.1 > until {
                    return needed;
                }
                if character.end() > from && !self.blocks.contains_key(&(p, i)) {
                    needed.push((p, i));
                }
            }
        }
        needed
    }

    /// Hands over the block of a character.
    pub fn give(&mut self, place: Place, block: Arc<Block>) {
        self.blocks.insert(place, block);
    }

    pub fn character(&self, (phrase, i): Place) -> &Character {
        &self.plan.phrases[phrase].characters[i]
    }

    /// Sings the next samples into `out`, which it fills. A character whose block was not
    /// given is silent.
    ///
    /// # Errors
    /// If a block's frames do not fit together, or the GPU fails.
    pub fn sing(&mut self, out: &mut [f32]) -> Result<(), VocoderError> {
        while self.ready.len() < out.len() {
            self.sing_piece(out.len() - self.ready.len())?;
        }
        out.copy_from_slice(&self.ready[..out.len()]);
        self.ready.drain(..out.len());
        Ok(())
    }

    /// Adds to what is ready: silence up to the next phrase, or a piece of the phrase.
    fn sing_piece(&mut self, missing: usize) -> Result<(), VocoderError> {
        let before = self.ready.len();
        let Some(phrase) = self.plan.phrases.get(self.phrase) else {
            self.ready.resize(before + missing, 0.0);
            self.sung += missing as u64;
            return Ok(());
        };
        let range = phrase.frames();
        if self.vocoder.is_none() && self.sung < range.start * HOP as u64 {
            let silence = (range.start * HOP as u64 - self.sung).min(missing as u64);
            self.ready.resize(before + silence as usize, 0.0);
            self.sung += silence;
            return Ok(());
        }
        if self.vocoder.is_none() {
            // A phrase that begins before the last one has died away gives up its lead.
            self.frame = range.start.max(self.sung / HOP as u64);
        }
        let vocoder = match &mut self.vocoder {
            Some(vocoder) => vocoder,
            none => none.insert(self.device.vocoder(VocoderSettings {
                seed: self.seed,
                first_frame: self.frame,
                ..Default::default()
            })?),
        };
        let end = (self.frame + PIECE).min(range.end);
        let mut frames = Frames::default();
        let blocks = &self.blocks;
        let current = self.phrase;
        join(phrase, self.frame..end, |i| blocks.get(&(current, i)).map(Arc::as_ref), &mut frames);
        shape(&mut frames, self.frame, &self.curves, &self.tempo);
        let pitch: Vec<f32> = (self.frame..end)
            .map(|frame| phrase.pitch.hertz(frame as f64 * HOP as f64 / f64::from(SAMPLE_RATE)))
            .collect();
        vocoder.push(&frames, &pitch, &mut self.ready)?;
        self.frame = end;
        if end >= range.end {
            vocoder.finish(&mut self.ready)?;
            self.vocoder = None;
            self.phrase += 1;
        }
        self.sung += (self.ready.len() - before) as u64;
        Ok(())
    }
}

/// Gives each stream the blocks that it needs for the next `samples`, from the cache or
/// from the voice, in one batch for all.
///
/// # Errors
/// If the voice fails.
pub fn provide(
    streams: &mut [VoiceStream],
    samples: usize,
    voice: &dyn Voice,
    cache: &mut BlockCache,
) -> Result<(), VoiceFailure> {
    // Equal characters are generated once, also within the batch.
    let mut wanted = HashMap::<u64, Vec<(usize, Place)>>::new();
    let mut order = Vec::new();
    for (s, stream) in streams.iter_mut().enumerate() {
        for place in stream.needed(samples) {
            let character = stream.character(place);
            if character.is_breath() {
                let block = Arc::new(breath(character));
                stream.give(place, block);
                continue;
            }
            let key = character.key(voice.fingerprint());
            if let Some(block) = cache.get(key) {
                stream.give(place, block);
                continue;
            }
            let places = wanted.entry(key).or_default();
            if places.is_empty() {
                order.push(key);
            }
            places.push((s, place));
        }
    }
    let characters: Vec<&Character> =
        order.iter().map(|key| wanted[key][0]).map(|(s, place)| streams[s].character(place)).collect();
    if characters.is_empty() {
        return Ok(());
    }
    let blocks = voice.generate(&characters)?;
    if blocks.len() != order.len() {
        return Err(VoiceFailure(format!("it gave {} blocks for {} characters", blocks.len(), order.len())));
    }
    for (key, block) in order.into_iter().zip(blocks) {
        let block = Arc::new(block);
        cache.insert(key, block.clone());
        for (s, place) in wanted.remove(&key).into_iter().flatten() {
            streams[s].give(place, block.clone());
        }
    }
    Ok(())
}
