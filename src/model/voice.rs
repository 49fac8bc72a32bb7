//! A trained voice: its networks, its singers, and one latent code per way of singing.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use ziyin_message::{Message, ToMessage, message};

use atomic_write_file::AtomicWriteFile;
use burn::module::Module;
use burn::store::{HalfPrecisionAdapter, ModuleSnapshot, SafetensorsStore};
use burn::tensor::activation::sigmoid;
use burn::tensor::{Device, Int, Tensor, TensorData};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::character::{
    CODE, CONSTANTS, CharacterInput, IDENTITIES, SINGER, Second, TRACKS, constants, identities, tracks,
};
use super::cloned_singer::{Adapter, ClonedSinger, MOST_BRIGHTNESS, MOST_SHARPNESS};
use super::device::is_software_gpu;
use super::duration::{DURATION_NUMBERS, DurationConfig, DurationNet, SPANS};
use super::exemplar::{Articulation, Exemplar, Sought, articulation};
use super::generator::{Generator, GeneratorConfig};
use super::installed::InstalledError;
use super::roster::Roster;
use super::singer_encoder::{SingerEncoder, SingerEncoderConfig};
use super::timing::{Timing, TimingInput};
use ziyin_lyrics::{Phoneme, Syllable};
use ziyin_signal::{AP_BANDS, BINS, Frames, Sharpener, USUAL_SHARPNESS};

/// Characters that go through the generator at once: enough to keep two cores busy,
/// few enough that a batch of blocks stays below 50 MB.
const BATCH: usize = 24;

/// The mean power of the loudest frame that is sung: 8 dB above that to which every nucleus is
/// brought in training, and more than any has there. A network that sings what nobody sang to it
/// may burst out, which is a fault of one sound and must not be one of the song.
const LOUDEST: f32 = 0.063;
/// Every fourth bin knows how loud a frame is.
const LOUDNESS_STEP: usize = 4;

/// The file of the network that sings.
const GENERATOR: &str = "generator.safetensors";
/// The file of the network that voices are cloned with.
const SINGER_ENCODER: &str = "singer-encoder.safetensors";
/// Why a voice could not be loaded, saved or used.
#[derive(Debug, Error)]
#[error("{}", self.to_message())]
pub enum VoiceError {
    Io { path: PathBuf, source: std::io::Error },
    Malformed { path: PathBuf, reason: Message },
    OtherWeights { path: PathBuf },
    Device(Message),
    NotForThisVoice(Message),
}

impl ToMessage for VoiceError {
    fn to_message(&self) -> Message {
        match self {
            Self::Io { path, source } => message!("voice.io", path, why = source.to_message()),
            Self::Malformed { path, reason } => message!("voice.malformed", path, why = reason),
            Self::OtherWeights { path } => message!("voice.other-weights", path),
            Self::Device(why) => message!("voice.device", why),
            Self::NotForThisVoice(why) => why.clone(),
        }
    }
}

/// What `voice.json` says.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct VoiceConfig {
    /// Name of the voice.
    pub name: String,
    pub singers: Vec<SingerConfig>,
    /// Name of the singer who sings where nobody is chosen; else the first does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lead: Option<String>,
    /// Recording conditions, the one to sing with first.
    pub conditions: Vec<String>,
    pub generator: GeneratorConfig,
    pub duration: DurationConfig,
    /// The network that voices are cloned with, if the voice has one.
    #[serde(default)]
    pub singer_encoder: Option<SingerEncoderConfig>,
}

impl VoiceConfig {
    /// Whether a singer of that name, whatever its case, was trained.
    pub fn has_singer(&self, name: &str) -> bool {
        self.singers.iter().any(|singer| singer.name.eq_ignore_ascii_case(name))
    }
}

/// One singer of a voice.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SingerConfig {
    pub name: String,
    /// Whom to thank, with the link that the terms ask for.
    pub credits: String,
    pub languages: Vec<String>,
    /// Lowest and highest comfortable MIDI pitch.
    pub range: [u8; 2],
    /// How much larger formants are sung than the networks make them ([`Sharpener`]): what training
    /// flattened differs by singer. It is set by ear, or by the judges of `scripts/listen`.
    #[serde(default = "usual_sharpness")]
    pub sharpness: f32,
    /// By how many dB an octave above 1 kHz it is sung brighter than the networks make it ([`Sharpener`]): who
    /// was taught by a duller voice is not to be dull. Set like `sharpness`.
    #[serde(default)]
    pub brightness: f32,
}

fn usual_sharpness() -> f32 {
    USUAL_SHARPNESS
}

/// Semitones beyond what the voice was heard to sing that the networks are still told of. Further
/// out they would guess: the sounds of the highest or the lowest note are sung there.
const BEYOND: f32 = 2.0;

/// MIDI pitch up to which words are as clear as anywhere. Above it formants lie between harmonics, in
/// recordings as in what was learned of them, and are heard the worse the higher the note.
const CLEAR: f32 = 62.0;
/// How much of what a note lies above [`CLEAR`] the networks are told: sung with the mouth of a note
/// in between, words stay what they are (docs/voice.md, *High notes*).
const TOLD_ABOVE: f32 = 0.35;

/// The MIDI pitch of the note as which one at `pitch` is articulated: what the networks are told of it.
pub fn articulated_pitch(pitch: f32) -> f32 {
    if pitch <= CLEAR { pitch } else { CLEAR + TOLD_ABOVE * (pitch - CLEAR) }
}

/// One character's frames, at `times` seconds from its onset.
#[derive(Clone, Debug)]
pub struct Block {
    pub times: Vec<f32>,
    pub frames: Frames,
}

/// A voice on a device.
#[derive(Clone)]
pub struct VoiceModel {
    pub config: VoiceConfig,
    generator: Generator,
    duration: DurationNet,
    /// Only a voice fresh from training has it at hand; see [`VoiceModel::singer_encoder`].
    singer_encoder: Option<SingerEncoder>,
    exemplars: Vec<Exemplar>,
    roster: Roster,
    device: Device,
    /// Hash of the generator's weights: cloned singers are made for these.
    generator_print: u64,
    /// Hash of the weights: part of the key under which generated frames are cached.
    pub fingerprint: u64,
}

impl VoiceModel {
    /// Loads the voice in a folder: `voice.json`, `exemplars.json`,
    /// `generator.safetensors`, `duration.safetensors`.
    pub fn load(folder: &Path, device: &Device) -> Result<Self, VoiceError> {
        let config = Self::read_config(folder)?;
        let exemplars: Vec<Exemplar> = read_json(&folder.join("exemplars.json"))?;
        let mut generator = config.generator.init(device);
        let path = folder.join(GENERATOR);
        let generator_print = hash_file(&path)?;
        let mut fingerprint = generator_print;
        load_weights(&mut generator, &path)?;
        let mut duration = config.duration.init(&duration_device());
        let path = folder.join("duration.safetensors");
        fingerprint ^=
            hash_file(&path)?.rotate_left(1) ^ hash_file(&folder.join("exemplars.json"))?.rotate_left(2);
        fingerprint ^= hash_file(&folder.join("voice.json"))?.rotate_left(3);
        load_weights(&mut duration, &path)?;
        if config.singers.is_empty() {
            let reason = message!("voice.no-singer");
            return Err(VoiceError::Malformed { path: folder.join("voice.json"), reason });
        }
        Ok(Self {
            roster: Roster::new(config.singers.len()),
            config,
            generator,
            duration,
            singer_encoder: None,
            exemplars,
            device: device.clone(),
            generator_print,
            fingerprint,
        })
    }

    /// Loads the weights of the generator of the voice in a folder, to be trained further: a network
    /// that an older Ziyin had behind it is left out.
    ///
    /// # Errors
    /// If they cannot be read or are another network's.
    pub fn load_generator(generator: &mut Generator, folder: &Path) -> Result<(), VoiceError> {
        let path = folder.join(GENERATOR);
        load(generator, stored_in(&path), &path).map(|_| ())
    }

    /// What the `voice.json` in a folder says.
    pub fn read_config(folder: &Path) -> Result<VoiceConfig, VoiceError> {
        read_json(&folder.join("voice.json"))
    }

    /// A voice made of networks in memory.
    pub fn assemble(
        config: VoiceConfig,
        generator: Generator,
        duration: DurationNet,
        singer_encoder: Option<SingerEncoder>,
        exemplars: Vec<Exemplar>,
        device: &Device,
    ) -> Self {
        let (device, roster) = (device.clone(), Roster::new(config.singers.len()));
        Self {
            config,
            generator,
            duration,
            singer_encoder,
            exemplars,
            roster,
            device,
            generator_print: 0,
            fingerprint: 0,
        }
    }

    /// The network that makes frames.
    pub fn generator(&self) -> &Generator {
        &self.generator
    }

    /// The device that it is on.
    pub fn device(&self) -> &Device {
        &self.device
    }

    /// The vectors of those that the voice was trained on.
    ///
    /// # Errors
    /// If the device gives up.
    pub fn trained_singers(&self) -> Result<Vec<Vec<f32>>, VoiceError> {
        let rows: Vec<i32> = (0..self.config.generator.singers as i32).collect();
        let count = rows.len();
        let rows = Tensor::<1, Int>::from_data(TensorData::new(rows, [count]), &self.device);
        let all: Vec<f32> = to_vec(self.generator.known_singers(rows).into_data())?;
        Ok(all.chunks(SINGER).map(<[f32]>::to_vec).collect())
    }

    /// Adds a singer who was cloned for this voice; gives its index.
    ///
    /// # Errors
    /// If the singer was made for other weights, or somebody sings under that name already.
    pub fn add_singer(&mut self, singer: ClonedSinger) -> Result<usize, VoiceError> {
        let refused = |reason: Message| Err(VoiceError::NotForThisVoice(reason));
        let ClonedSinger { name, voice, .. } = &singer;
        if singer.generator != format!("{:016x}", self.generator_print) {
            return refused(message!("voice.other-clone", name, voice));
        }
        if self.config.singers.iter().any(|known| known.name.eq_ignore_ascii_case(name)) {
            return refused(message!("voice.singer-twice", name));
        }
        let like = self.config.singers.iter().position(|known| known.name == singer.like).unwrap_or(0);
        let GeneratorConfig { channels, .. } = self.config.generator;
        let layers = self.config.generator.scales_and_shifts();
        let fits =
            |a: &Adapter| a.told.len() == channels && (a.layers.is_empty() || a.layers.len() == layers);
        if singer.adapter.as_ref().is_some_and(|adapter| !fits(adapter)) {
            return refused(message!("voice.adapter", name, voice));
        }
        self.config.singers.push(SingerConfig {
            name: name.clone(),
            credits: singer.credits.clone(),
            languages: singer.languages.clone(),
            range: singer.range,
            sharpness: singer.sharpness.unwrap_or_else(|| {
                self.config.singers.get(like).map_or(USUAL_SHARPNESS, |singer| singer.sharpness)
            }),
            brightness: singer.brightness.unwrap_or_default(),
        });
        // What was generated for another singer of that index must not be taken for this one.
        let told = serde_json::to_vec(&singer).unwrap_or_default();
        self.fingerprint = self.fingerprint.rotate_left(5) ^ hash(&told);
        Ok(self.roster.add(singer, like))
    }

    /// The network that the voice in a folder clones singers with, as its `config` says.
    ///
    /// # Errors
    /// If the voice has none, or it cannot be read.
    pub fn singer_encoder(
        folder: &Path,
        config: &VoiceConfig,
        device: &Device,
    ) -> Result<SingerEncoder, VoiceError> {
        let path = folder.join(SINGER_ENCODER);
        let Some(encoder) = &config.singer_encoder else {
            let reason = InstalledError::NoSingerEncoder.to_message();
            return Err(VoiceError::Malformed { path: folder.join("voice.json"), reason });
        };
        let mut encoder = encoder.init(device);
        load_weights(&mut encoder, &path)?;
        Ok(encoder)
    }

    /// Saves the voice into a folder, weights in half precision.
    pub fn save(&self, folder: &Path) -> Result<(), VoiceError> {
        fs::create_dir_all(folder).map_err(|source| VoiceError::Io { path: folder.to_path_buf(), source })?;
        write_json(&folder.join("voice.json"), &self.config, true)?;
        write_json(&folder.join("exemplars.json"), &self.exemplars, false)?;
        save_weights(&self.generator, &folder.join(GENERATOR))?;
        save_weights(&self.duration, &folder.join("duration.safetensors"))?;
        match &self.singer_encoder {
            Some(encoder) => save_weights(encoder, &folder.join(SINGER_ENCODER)),
            None => Ok(()),
        }
    }

    /// How what is to be sung was sung, or what comes near to it: the mean over takes that were learned from.
    pub fn articulation(&self, sought: &Sought) -> Option<Articulation> {
        articulation(&self.exemplars, sought)
    }

    /// The MIDI pitch nearest to this one that the networks can be told of.
    pub fn trained_pitch(&self, pitch: f32) -> f32 {
        let trained = || self.config.singers.iter().take(self.config.generator.singers);
        let low = trained().map(|singer| singer.range[0]).min().unwrap_or(0);
        let high = trained().map(|singer| singer.range[1]).max().unwrap_or(127);
        pitch.max(f32::from(low) - BEYOND).min(f32::from(high) + BEYOND)
    }

    /// The same voice without its exemplars: it sings the mean of what it learned.
    pub fn without_exemplars(&self) -> Self {
        Self { exemplars: Vec::new(), fingerprint: self.fingerprint ^ 1, ..self.clone() }
    }

    /// The same voice with frames as the networks make them, which are nearer to recorded ones, though
    /// they do not sound so.
    pub fn unsharpened(&self) -> Self {
        let mut voice = Self { fingerprint: self.fingerprint ^ 2, ..self.clone() };
        for singer in &mut voice.config.singers {
            (singer.sharpness, singer.brightness) = (0.0, 0.0);
        }
        voice
    }

    /// The lengths of consonants and codas.
    pub fn timings(&self, inputs: &[TimingInput]) -> Result<Vec<Timing>, VoiceError> {
        let device = duration_device();
        let mut timings = Vec::with_capacity(inputs.len());
        for part in inputs.chunks(512) {
            let ids: Vec<i32> = part
                .iter()
                .flat_map(|c| {
                    let singer = self.roster.trained(c.singer);
                    identities(&audible(c.syllable), c.previous, c.next, singer, 0)
                })
                .collect();
            let numbers: Vec<f32> =
                part.iter().flat_map(|c| duration_numbers(self.trained_pitch(c.pitch), c.length)).collect();
            let spans = self.duration.forward(
                Tensor::<2, Int>::from_data(TensorData::new(ids, [part.len(), IDENTITIES]), &device),
                Tensor::<2>::from_data(TensorData::new(numbers, [part.len(), DURATION_NUMBERS]), &device),
            );
            let spans: Vec<f32> = to_vec(spans.into_data())?;
            for (input, spans) in part.iter().zip(spans.chunks(SPANS)) {
                let seconds = |log: f32| (log.exp() - 0.01).clamp(0.0, 0.4);
                let syllable = audible(input.syllable);
                let after_rest = input.previous[0] == Phoneme::Rest;
                timings.push(Timing {
                    closure: if syllable.initial.has_burst() && !after_rest {
                        seconds(spans[0])
                    } else {
                        0.0
                    },
                    consonant: if syllable.initial == Phoneme::None && !after_rest {
                        0.0
                    } else {
                        seconds(spans[1])
                    },
                    coda: if syllable.is_open() { 0.0 } else { seconds(spans[2]) },
                });
            }
        }
        Ok(timings)
    }

    /// Sings each character: one block of frames for each, in the order given.
    pub fn generate(&self, inputs: &[CharacterInput]) -> Result<Vec<Block>, VoiceError> {
        self.generate_mixed(&inputs.iter().map(|input| (input, None)).collect::<Vec<_>>())
    }

    /// The same of characters into whose singers others may be mixed.
    ///
    /// # Errors
    /// If the device gives up.
    pub fn generate_mixed(
        &self,
        inputs: &[(&CharacterInput, Option<Second>)],
    ) -> Result<Vec<Block>, VoiceError> {
        // Where each new shape of a product takes seconds, one at a time makes few of them.
        let at_once = if is_software_gpu(&self.device) { 1 } else { BATCH };
        // Characters of like length share a batch, so that little is padded.
        let mut order: Vec<usize> = (0..inputs.len()).collect();
        order.sort_by_key(|&i| inputs[i].0.times().len());
        let mut blocks: Vec<Option<Block>> = vec![None; inputs.len()];
        let mut sharpener = Sharpener::default();
        for part in order.chunks(at_once) {
            let batch: Vec<_> = part.iter().map(|&i| inputs[i]).collect();
            for (&i, block) in part.iter().zip(self.generate_batch(&batch, &mut sharpener)?) {
                blocks[i] = Some(block);
            }
        }
        Ok(blocks.into_iter().flatten().collect())
    }

    /// How much larger the formants of a singer are sung than the networks make them, and by how many dB an
    /// octave the voice is brighter.
    fn sharpness(&self, singer: usize) -> [f32; 2] {
        let of = |singer: &SingerConfig| [singer.sharpness, singer.brightness];
        self.config.singers.get(singer).map_or([USUAL_SHARPNESS, 0.0], of)
    }

    fn generate_batch(
        &self,
        batch: &[(&CharacterInput, Option<Second>)],
        sharpener: &mut Sharpener,
    ) -> Result<Vec<Block>, VoiceError> {
        let times: Vec<Vec<f32>> = batch.iter().map(|(c, _)| c.times()).collect();
        let longest = times.iter().map(Vec::len).max().unwrap_or(0);
        let count = batch.len();
        let (mut ids, mut consts, mut codes) = (Vec::new(), Vec::new(), Vec::new());
        let mut all_tracks = vec![0.0f32; count * longest * TRACKS];
        for (i, ((c, second), times)) in batch.iter().zip(&times).enumerate() {
            let syllable = audible(c.syllable);
            let pitch: Vec<f32> = c.pitch.iter().map(|&pitch| self.trained_pitch(pitch)).collect();
            let mean = pitch.iter().sum::<f32>() / pitch.len().max(1) as f32;
            let singer = self.roster.trained(c.singer);
            let sought =
                Sought { syllable, previous: c.previous, next: c.next, singer, pitch: mean, take: c.take };
            let mut known = self.articulation(&sought);
            if let (Some(first), Some(second)) = (&known, second) {
                let singer = self.roster.trained(second.singer);
                let theirs = self.articulation(&Sought { singer, ..sought });
                known = theirs.map(|theirs| first.between(&theirs, *second));
            }
            let levels = c.levels.or(known.as_ref().map(|k| k.levels)).unwrap_or([-3.0, 0.0, -3.0]);
            let landmarks = [c.burst, c.vowel, c.nucleus_end, c.end];
            ids.extend(identities(&syllable.with_tone(0), c.previous, c.next, singer, c.condition));
            consts.extend(constants(levels, landmarks, &pitch));
            codes.extend(known.map_or([0.0; CODE], |k| k.code));
            let told = tracks(times, &pitch, landmarks);
            let at = i * longest * TRACKS;
            all_tracks[at..at + told.len()].copy_from_slice(&told);
        }
        let singers: Vec<_> = batch.iter().map(|(c, second)| (c.singer, *second)).collect();
        let made = self.generator.forward(
            Tensor::<2, Int>::from_data(TensorData::new(ids, [count, IDENTITIES]), &self.device),
            self.roster.singers(&singers, &self.generator, &self.device),
            Tensor::<2>::from_data(TensorData::new(consts, [count, CONSTANTS]), &self.device),
            Tensor::<2>::from_data(TensorData::new(codes, [count, CODE]), &self.device),
            Tensor::<3>::from_data(TensorData::new(all_tracks, [count, longest, TRACKS]), &self.device),
            None,
        );
        let envelope: Vec<f32> = to_vec(made.envelope.into_data())?;
        let source: Vec<f32> = to_vec(sigmoid(made.source).into_data())?;
        Ok(times
            .into_iter()
            .enumerate()
            .map(|(i, times)| {
                let (c, second) = &batch[i];
                let own = self.sharpness(c.singer);
                let [sharpness, brightness] = match second {
                    Some(second) => {
                        let theirs = self.sharpness(second.singer);
                        [0, 1].map(|which| second.between(own[which], theirs[which]))
                    }
                    None => own,
                };
                let (sharpness, brightness) = (
                    sharpness.clamp(0.0, MOST_SHARPNESS),
                    brightness.clamp(-MOST_BRIGHTNESS, MOST_BRIGHTNESS),
                );
                let mut frames = Frames::default();
                let first = i * longest * BINS;
                frames.envelope.extend_from_slice(&envelope[first..first + times.len() * BINS]);
                for s in source.chunks(AP_BANDS + 1).skip(i * longest).take(times.len()) {
                    frames.aperiodicity.extend_from_slice(&s[..AP_BANDS]);
                    frames.voicing.push(settled(s[AP_BANDS]));
                }
                sharpener.sharpen(&mut frames, &times, sharpness, brightness);
                frames.envelope.chunks_mut(BINS).for_each(hold_down);
                Block { times, frames }
            })
            .collect())
    }
}

/// Brings a frame (`BINS` of log amplitude) that is louder than [`LOUDEST`] down to that.
fn hold_down(frame: &mut [f32]) {
    let power = frame.iter().step_by(LOUDNESS_STEP).map(|e| (2.0 * e).exp()).sum::<f32>()
        / frame.len().div_ceil(LOUDNESS_STEP) as f32;
    let over = 0.5 * (power / LOUDEST).ln();
    if over > 0.0 {
        frame.iter_mut().for_each(|e| *e -= over);
    }
}

/// How much the vocal folds swing where the network holds it likely by `voicing`, 0 to 1: what is
/// all but sure is taken for sure, or every vowel would be a twentieth noise.
fn settled(voicing: f32) -> f32 {
    ((voicing - 0.2) / 0.6).clamp(0.0, 1.0)
}

/// Durations are always computed on the CPU: they are a few thousand products, which a GPU
/// takes longer to be told of than the CPU to do.
fn duration_device() -> Device {
    Device::flex()
}

/// Numbers of [`DurationNet::forward`] for one character.
pub fn duration_numbers(pitch: f32, length: f32) -> [f32; DURATION_NUMBERS] {
    [(pitch - 66.0) / 12.0, length.max(0.02).ln()]
}

/// A syllable that the networks know: a hum is sung as the nasal syllable nearest to it.
fn audible(syllable: Syllable) -> Syllable {
    if syllable.nucleus == Phoneme::Hum {
        Syllable { nucleus: Phoneme::Schwa, coda: Phoneme::N, ..syllable }
    } else {
        syllable
    }
}

/// The numbers of a tensor.
///
/// # Errors
/// If the device gave up.
pub fn to_vec(data: TensorData) -> Result<Vec<f32>, VoiceError> {
    data.try_into_vec::<f32>().map_err(|e| VoiceError::Device(Message::foreign(format!("{e:?}"))))
}

/// Saves a network's weights in half precision, replacing the file at once.
pub fn save_weights<M: Module>(module: &M, path: &Path) -> Result<(), VoiceError> {
    let mut store = SafetensorsStore::from_bytes(None).with_to_adapter(HalfPrecisionAdapter::new());
    let malformed = |reason: Message| VoiceError::Malformed { path: path.to_path_buf(), reason };
    module.save_into(&mut store).map_err(|e| malformed(Message::foreign(e)))?;
    let bytes = store.get_bytes().map_err(|e| malformed(Message::foreign(e)))?;
    write_whole(path, &bytes)
}

/// Loads what [`save_weights`] saved.
///
/// # Errors
/// If the file cannot be read or holds the weights of another network; the module is of no use then.
pub fn load_weights<M: Module>(module: &mut M, path: &Path) -> Result<(), VoiceError> {
    load_stored(module, stored_in(path), path)
}

fn stored_in(path: &Path) -> SafetensorsStore {
    SafetensorsStore::from_file(path).with_from_adapter(HalfPrecisionAdapter::new())
}

/// Loads weights from the `store` of the file `path`.
///
/// # Errors
/// As [`load_weights`].
pub fn load_stored<M: Module>(
    module: &mut M,
    store: SafetensorsStore,
    path: &Path,
) -> Result<(), VoiceError> {
    // A network with fewer parts than the file was saved from sings otherwise.
    match load(module, store, path)? {
        0 => Ok(()),
        _ => Err(VoiceError::OtherWeights { path: path.to_path_buf() }),
    }
}

/// Loads weights; gives how many of the file's the module has no place for.
fn load<M: Module>(module: &mut M, store: SafetensorsStore, path: &Path) -> Result<usize, VoiceError> {
    let malformed = |reason: Message| VoiceError::Malformed { path: path.to_path_buf(), reason };
    // The store's own words for what does not fit are a table of many lines.
    let mut store = store.allow_partial(true).validate(false);
    let loaded = module.load_from(&mut store).map_err(|e| malformed(Message::foreign(e)))?;
    if loaded.missing.is_empty() && loaded.errors.is_empty() {
        Ok(loaded.unused.len())
    } else {
        Err(VoiceError::OtherWeights { path: path.to_path_buf() })
    }
}

/// Reads a value from a JSON file.
///
/// # Errors
/// If the file cannot be read or holds something else.
pub fn read_json<T: for<'a> Deserialize<'a>>(path: &Path) -> Result<T, VoiceError> {
    let text = fs::read(path).map_err(|source| VoiceError::Io { path: path.to_path_buf(), source })?;
    serde_json::from_slice(&text)
        .map_err(|e| VoiceError::Malformed { path: path.to_path_buf(), reason: e.to_message() })
}

/// Writes a value as a JSON file, over many lines if it is to be `pretty`.
///
/// # Errors
/// If it cannot be written.
pub fn write_json<T: Serialize>(path: &Path, value: &T, pretty: bool) -> Result<(), VoiceError> {
    let text = if pretty { serde_json::to_vec_pretty(value) } else { serde_json::to_vec(value) };
    let text =
        text.map_err(|e| VoiceError::Malformed { path: path.to_path_buf(), reason: e.to_message() })?;
    write_whole(path, &text)
}

pub(super) fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), VoiceError> {
    let write = || {
        let mut file = AtomicWriteFile::open(path)?;
        file.write_all(bytes)?;
        file.commit()
    };
    write().map_err(|source| VoiceError::Io { path: path.to_path_buf(), source })
}

/// What cloned singers name the weights of the voice in a folder by.
///
/// # Errors
/// If they cannot be read.
pub fn generator_print(folder: &Path) -> Result<String, VoiceError> {
    Ok(format!("{:016x}", hash_file(&folder.join(GENERATOR))?))
}

fn hash_file(path: &Path) -> Result<u64, VoiceError> {
    let bytes = fs::read(path).map_err(|source| VoiceError::Io { path: path.to_path_buf(), source })?;
    Ok(hash(&bytes))
}

/// FNV-1a: stable between runs and versions, as a cache on disk needs it.
fn hash(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |h, &b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use burn::nn::{Embedding, EmbeddingConfig};

    use super::*;

    #[test]
    fn high_notes_are_articulated_as_lower_ones_and_keep_their_order() {
        let told: Vec<f32> = (0..=127).map(|key| articulated_pitch(key as f32)).collect();
        assert!(told[..=62].iter().enumerate().all(|(key, &told)| told == key as f32));
        assert!(told.windows(2).all(|pair| pair[0] < pair[1]));
        assert!((65.0..70.0).contains(&told[79]), "G5 is told as {}", told[79]);
    }

    #[test]
    fn weights_of_another_network_are_refused_in_one_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("duration.safetensors");
        let device = duration_device();
        save_weights(&DurationConfig::new(2).init(&device), &path).unwrap();
        load_weights(&mut DurationConfig::new(2).init(&device), &path).unwrap();
        let other_size = load_weights(&mut DurationConfig::new(3).init(&device), &path);
        let other_kind = load_weights(&mut GeneratorConfig::new(1, 1).init(&device), &path);
        for refused in [other_size, other_kind] {
            let said = refused.unwrap_err().to_string();
            assert!(said.contains("duration.safetensors") && !said.contains('\n'), "{said}");
        }
    }

    /// A generator as older Ziyins had it.
    #[derive(Module, Debug)]
    struct WithPostNet {
        embedding: Embedding,
        post_net: Embedding,
    }

    #[derive(Module, Debug)]
    struct Without {
        embedding: Embedding,
    }

    #[test]
    fn a_voice_with_a_network_that_is_gone_is_refused_and_can_be_trained_further() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(GENERATOR);
        let device = duration_device();
        let table = || EmbeddingConfig::new(2, 3).init(&device);
        save_weights(&WithPostNet { embedding: table(), post_net: table() }, &path).unwrap();
        let mut network = Without { embedding: table() };
        let refused = load_weights(&mut network, &path).unwrap_err();
        assert!(matches!(&refused, VoiceError::OtherWeights { .. }), "{refused}");
        assert!(refused.to_string().contains("--begin-from"));
        assert_eq!(load(&mut network, stored_in(&path), &path).unwrap(), 1);
    }

    #[test]
    fn a_burst_is_held_down_and_what_is_sung_is_left_alone() {
        let nucleus = vec![0.5 * 1e-2f32.ln(); BINS];
        let mut sung = nucleus.clone();
        hold_down(&mut sung);
        assert_eq!(sung, nucleus);
        let mut burst: Vec<f32> = nucleus.iter().map(|e| e + 40.0 / 8.686).collect();
        hold_down(&mut burst);
        let power = burst.iter().map(|e| (2.0 * e).exp()).sum::<f32>() / BINS as f32;
        assert!((power / LOUDEST - 1.0).abs() < 1e-3, "{power}");
    }
}
