//! One voice of a song, sample after sample, in as little memory as the sound needs.

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;
use ziyin_message::message;

use rayon::prelude::*;

use super::breath::breath;
use super::cache::BlockCache;
use super::character::{Block, Character};
use super::clock::Clock;
use super::growl::FalseFolds;
use super::join::join;
use super::known_voice::{Delivery, Planned};
use super::loudness::make_louder;
use super::mixture::{self, SECOND, join_mixed};
use super::plan::Plan;
use super::run::Run;
use super::shape::shape;
use super::vocoder::VocoderShaders;
use super::vocoder::{Vocoder, VocoderError, VocoderSettings};
use super::voice::{Mixed, Voice, VoiceFailure};
use ziyin_score::{Curves, NoteId};
use ziyin_signal::{Frames, HOP};

/// Frames that go through join and vocoder at once: on the CPU what its cache holds, on a
/// GPU most runs whole, since each time it is asked costs it more than the singing.
const PIECE_ON_CPU: u64 = 64;
const PIECE_ON_GPU: u64 = 448;

/// On what the vocoders run.
#[derive(Clone, Default)]
pub enum VocoderDevice {
    #[default]
    Cpu,
    Gpu(Arc<VocoderShaders>),
}

impl VocoderDevice {
    fn piece(&self) -> u64 {
        match self {
            VocoderDevice::Cpu => PIECE_ON_CPU,
            VocoderDevice::Gpu(_) => PIECE_ON_GPU,
        }
    }

    fn vocoder(&self, settings: VocoderSettings) -> Result<Vocoder, VocoderError> {
        match self {
            VocoderDevice::Cpu => Ok(Vocoder::cpu(settings)),
            VocoderDevice::Gpu(shaders) => Vocoder::gpu(settings, shaders),
        }
    }
}

/// A character of a plan at one mixture of the two who sing it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place {
    phrase: usize,
    /// Its place in the phrase.
    character: usize,
    /// From 0, the first singer alone, to [`SECOND`].
    level: u8,
}

/// A planned voice that is being sung from the beginning of the song to its end, or run by
/// run in any order: both give the same samples.
pub struct VoiceStream {
    plan: Arc<Plan>,
    curves: Curves,
    clock: Clock,
    seed: u32,
    /// The singer who is mixed in.
    second: Option<usize>,
    runs: Vec<Run>,
    keys: Vec<u64>,
    notes: Vec<Arc<[NoteId]>>,
    device: VocoderDevice,
    /// Blocks of the characters that sound now or soon.
    blocks: HashMap<Place, Arc<Block>>,
    /// The run that comes next.
    next: usize,
    /// Samples that were sung but not yet asked for, from sample `given` of the song on.
    /// The last ones may be a part of what sounds there.
    ready: Vec<f32>,
    given: u64,
}

impl VoiceStream {
    /// Begins to sing what was planned for that delivery.
    pub fn new(planned: Planned, delivery: Delivery) -> Self {
        let Planned { plan, runs, keys, notes } = planned;
        let Delivery { seed, second, curves, clock, .. } = delivery;
        Self {
            plan: Arc::new(plan),
            runs,
            keys,
            notes,
            curves,
            clock,
            seed,
            second,
            device: VocoderDevice::default(),
            blocks: HashMap::new(),
            next: 0,
            ready: Vec::new(),
            given: 0,
        }
    }

    /// Puts its vocoder on another device.
    pub fn move_to(&mut self, device: VocoderDevice) {
        self.device = device;
    }

    /// What the voice sings.
    pub fn plan(&self) -> &Arc<Plan> {
        &self.plan
    }

    /// The runs of the plan, in order.
    pub fn runs(&self) -> &[Run] {
        &self.runs
    }

    /// The key of each run; see [`Run::key`].
    pub fn keys(&self) -> &[u64] {
        &self.keys
    }

    /// The notes of the characters that each run was cut for.
    pub fn notes(&self) -> &[Arc<[NoteId]>] {
        &self.notes
    }

    /// Samples of the whole voice; beyond them it is silent.
    pub fn len(&self) -> u64 {
        self.runs.last().map_or(0, |run| run.samples().end)
    }

    /// Whether it has nothing to sing.
    pub fn is_empty(&self) -> bool {
        self.plan.phrases.is_empty()
    }

    /// The characters that must have their blocks before the next `samples` can be sung.
    /// Blocks that have been sung are let go.
    pub fn needed(&mut self, samples: usize) -> Vec<Place> {
        let last = self.runs_before(self.given + samples as u64);
        let places: Vec<Place> = (self.next..last).flat_map(|run| self.places(run)).collect();
        self.blocks.retain(|place, _| places.contains(place));
        self.missing(places)
    }

    /// The characters that must have their blocks before a run can be sung.
    pub fn needed_by(&self, run: usize) -> Vec<Place> {
        self.missing(self.places(run).collect())
    }

    /// Those of some characters that have no block yet, each once.
    fn missing(&self, mut places: Vec<Place>) -> Vec<Place> {
        places.dedup();
        places.retain(|place| !self.blocks.contains_key(place));
        places
    }

    fn places(&self, run: usize) -> impl Iterator<Item = Place> + use<> {
        let run = &self.runs[run];
        let (phrase, own) = (run.phrase, &self.plan.phrases[run.phrase]);
        let levels = match self.second {
            Some(_) => mixture::levels(&self.shares(run.sung(own))),
            None => vec![0],
        };
        let place = move |character: usize| {
            levels.clone().into_iter().map(move |level| Place { phrase, character, level })
        };
        run.sounding(own).flat_map(place)
    }

    /// How much of the second singer sings in each of some frames.
    fn shares(&self, frames: Range<u64>) -> Vec<f32> {
        mixture::shares(&self.curves.mixture, &self.clock, frames)
    }

    /// How many runs begin before a sample of the song.
    fn runs_before(&self, sample: u64) -> usize {
        self.runs.partition_point(|run| run.samples().start < sample)
    }

    /// Hands over the block of a character.
    pub fn give(&mut self, place: Place, block: Arc<Block>) {
        self.blocks.insert(place, block);
    }

    /// Lets go of all blocks.
    pub fn forget_blocks(&mut self) {
        self.blocks.clear();
    }

    /// A character with who sings it at its level.
    fn sung(&self, place: Place) -> Sung<'_> {
        let character = &self.plan.phrases[place.phrase].characters[place.character];
        match (self.second, place.level) {
            (None, _) | (_, 0) => Sung::Alone(Cow::Borrowed(character)),
            (Some(second), SECOND) => Sung::Alone(Cow::Owned(character.sung_by(second))),
            (Some(second), level) => {
                Sung::Mixed(Mixed { character, second, share: mixture::share_of(level) })
            }
        }
    }

    /// Sings the next samples into `out`, which it fills. A character whose block was not
    /// given is silent.
    ///
    /// # Errors
    /// If a block's frames do not fit together, or the GPU fails.
    pub fn sing(&mut self, out: &mut [f32]) -> Result<(), VocoderError> {
        let end = self.given + out.len() as u64;
        let last = self.runs_before(end);
        let sung: Vec<Vec<f32>> =
            (self.next..last).into_par_iter().map(|run| self.sing_run(run)).collect::<Result<_, _>>()?;
        for (run, samples) in self.runs[self.next..last].iter().zip(sung) {
            let start = (run.samples().start - self.given) as usize;
            let needed = (start + samples.len()).max(self.ready.len());
            self.ready.resize(needed, 0.0);
            self.ready[start..].iter_mut().zip(samples).for_each(|(sum, sample)| *sum += sample);
        }
        self.next = last;
        if self.ready.len() < out.len() {
            self.ready.resize(out.len(), 0.0);
        }
        out.copy_from_slice(&self.ready[..out.len()]);
        self.ready.drain(..out.len());
        self.given = end;
        Ok(())
    }

    /// The samples of a run by itself, to be added where it overlaps its neighbours. A
    /// character whose block was not given is silent.
    ///
    /// # Errors
    /// As [`VoiceStream::sing`].
    pub fn sing_run(&self, run: usize) -> Result<Vec<f32>, VocoderError> {
        let run = &self.runs[run];
        let phrase = &self.plan.phrases[run.phrase];
        let (sung, heard) = (run.sung(phrase), run.samples());
        let (pitch, phase) = run.pitch(phrase);
        let settings =
            VocoderSettings { seed: self.seed, first_frame: sung.start, phase, ..Default::default() };
        let mut vocoder = self.device.vocoder(settings)?;
        let mut false_folds = FalseFolds::default();
        let mut samples = Vec::with_capacity((sung.end - sung.start) as usize * HOP);
        let mut from = sung.start;
        while from < sung.end {
            let to = (from + self.device.piece()).min(sung.end);
            let mut frames = Frames::default();
            let block = |character, level| {
                self.blocks.get(&Place { phrase: run.phrase, character, level }).map(Arc::as_ref)
            };
            match self.second {
                Some(_) => join_mixed(phrase, from, &self.shares(from..to), block, &mut frames),
                None => join(phrase, from..to, |character| block(character, 0), &mut frames),
            }
            make_louder(&mut frames, from, phrase, &self.curves.loudness, &self.clock);
            let pitch = &pitch[(from - sung.start) as usize..(to - sung.start) as usize];
            shape(&mut frames, from, pitch, &self.curves, &self.clock);
            false_folds.roughen(&mut frames, from, pitch, phrase);
            vocoder.push(&frames, pitch, &mut samples)?;
            from = to;
        }
        vocoder.finish(&mut samples)?;
        samples.drain(..(heard.start - sung.start * HOP as u64) as usize);
        samples.resize((heard.end - heard.start) as usize, 0.0);
        run.fade(&mut samples);
        Ok(samples)
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
    let mut needed = Vec::new();
    for (s, stream) in streams.iter_mut().enumerate() {
        needed.extend(stream.needed(samples).into_iter().map(|place| (s, place)));
    }
    let mut streams: Vec<&mut VoiceStream> = streams.iter_mut().collect();
    provide_places(&mut streams, &needed, voice, cache)
}

/// Gives streams the blocks of these characters, each with the index of its stream.
///
/// # Errors
/// If the voice fails.
pub fn provide_places(
    streams: &mut [&mut VoiceStream],
    needed: &[(usize, Place)],
    voice: &dyn Voice,
    cache: &mut BlockCache,
) -> Result<(), VoiceFailure> {
    // Equal characters are generated once, also within the batch.
    let mut wanted = HashMap::<u64, Vec<(usize, Place)>>::new();
    let mut order = Vec::new();
    for &(s, place) in needed {
        let sung = streams[s].sung(place);
        if sung.character().is_breath() {
            let block = Arc::new(breath(sung.character()));
            streams[s].give(place, block);
            continue;
        }
        let key = sung.key(voice.fingerprint());
        if let Some(block) = cache.get(key) {
            streams[s].give(place, block);
            continue;
        }
        let places = wanted.entry(key).or_default();
        if places.is_empty() {
            order.push(key);
        }
        places.push((s, place));
    }
    let (mut alone, mut mixed) = (Vec::new(), Vec::new());
    for &key in &order {
        let (s, place) = wanted[&key][0];
        match streams[s].sung(place) {
            Sung::Alone(character) => alone.push((key, character)),
            Sung::Mixed(one) => mixed.push((key, one)),
        }
    }
    let mut blocks: Vec<Block> = Vec::with_capacity(order.len());
    if !alone.is_empty() {
        let characters: Vec<&Character> = alone.iter().map(|(_, character)| character.as_ref()).collect();
        blocks.extend(voice.generate(&characters)?);
    }
    if !mixed.is_empty() {
        blocks.extend(voice.generate_mixed(&mixed.iter().map(|(_, one)| *one).collect::<Vec<_>>())?);
    }
    let order: Vec<u64> =
        alone.iter().map(|(key, _)| *key).chain(mixed.iter().map(|(key, _)| *key)).collect();
    if blocks.len() != order.len() {
        return Err(VoiceFailure(message!("singing.blocks", found = blocks.len(), wanted = order.len())));
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

/// A character with who sings it.
enum Sung<'a> {
    Alone(Cow<'a, Character>),
    Mixed(Mixed<'a>),
}

impl Sung<'_> {
    fn character(&self) -> &Character {
        match self {
            Self::Alone(character) => character,
            Self::Mixed(one) => one.character,
        }
    }

    /// A number that is the same where the frames are.
    fn key(&self, voice: u64) -> u64 {
        match self {
            Self::Alone(character) => character.key(voice),
            Self::Mixed(one) => mixture::key(one.character.key(voice), one.second, one.share),
        }
    }
}
