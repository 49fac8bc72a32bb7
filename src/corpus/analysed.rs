use std::collections::BTreeMap;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context, Result};
use atomic_write_file::AtomicWriteFile;
use half::f16;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::landmarks::Contour;
use super::{Landmarks, Manner, Rejected, Token, find_landmarks};
use ziyin_lyrics::{Phoneme, Syllable};
use ziyin_signal::{
    AP_BANDS, BIN_HZ, BINS, EnvelopeAnalyser, Frames, Recording, SAMPLE_RATE, at_rate, block_grid,
    midi_pitch, pitch_hz, rms_around,
};

/// Counts up when analysis changes, so that no stale frames are read.
pub const GRID_VERSION: u32 = 8;

/// RMS that every token's nucleus is brought to.
const NUCLEUS_LEVEL: f32 = 0.1;

/// Floor of the envelope: -85 dB. Below it is only what the recording's format left.
pub const QUIETEST: f32 = -9.8;

/// Hiss of the bins above half the rate of a recording, louder than any voice: of what they should
/// hold nothing is known.
const UNHEARD: f32 = 4.0;

/// A token as the networks see it: its frames, and all that they depend on.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AnalysedToken {
    /// File name and place in it, unique within a corpus.
    pub name: String,
    pub syllable: Syllable,
    pub previous: [Phoneme; 2],
    pub next: [Phoneme; 2],
    /// MIDI pitch of the folder, or where its name does not tell, of the token.
    pub key: u8,
    #[serde(default)]
    pub manner: Manner,
    /// Counted from the onset.
    pub landmarks: Landmarks,
    /// RMS of the character's first, middle and last third in dB relative to the level
    /// that every nucleus is brought to.
    pub levels: [f32; 3],
    /// Seconds of each frame from the onset: [`block_grid`].
    pub times: Vec<f32>,
    /// MIDI pitch at each frame, bridged over unvoiced places.
    pub pitch: Vec<f32>,
    /// `[frames × BINS]`, natural logarithm of the amplitude.
    #[serde(skip)]
    pub envelope: Vec<f16>,
    /// `[frames × AP_BANDS]`.
    #[serde(skip)]
    pub aperiodicity: Vec<f16>,
    /// `[frames]`.
    #[serde(skip)]
    pub voicing: Vec<f16>,
    /// The recording's hiss as an envelope, `[BINS]`: what is quieter was not recorded. See
    /// [`AnalysedToken::hears`].
    #[serde(skip)]
    pub hiss: Vec<f16>,
}

impl AnalysedToken {
    /// The frames in full precision.
    pub fn frames(&self) -> Frames {
        let wide = |v: &[f16]| v.iter().map(|x| x.to_f32()).collect();
        Frames {
            envelope: wide(&self.envelope),
            aperiodicity: wide(&self.aperiodicity),
            voicing: wide(&self.voicing),
        }
    }

    /// Whether the recording's rate reaches to a bin.
    pub fn hears(&self, bin: usize) -> bool {
        self.hiss.get(bin).is_some_and(|hiss| hiss.to_f32() < UNHEARD)
    }

    /// The power of the recording's hiss, `[BINS]`.
    pub fn hiss_power(&self) -> Vec<f32> {
        self.hiss.iter().map(|h| (2.0 * h.to_f32()).exp()).collect()
    }
}

/// What became of a corpus' tokens.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Census {
    pub kept: usize,
    /// How many were refused, by reason.
    pub rejected: BTreeMap<String, usize>,
}

#[derive(Serialize, Deserialize)]
struct Header {
    version: u32,
    /// What it was made from, see [`print_of`].
    #[serde(default)]
    made_from: u64,
    tokens: Vec<AnalysedToken>,
    rejected: Vec<String>,
}

/// Analyses tokens, in parallel. What was analysed before is read from `cache`, so an
/// interrupted run goes on where it was; what has changed since is analysed anew. `progress`
/// hears of each recording: how many are done, and of how many.
pub fn analyse_tokens(
    tokens: Vec<Token>,
    cache: &Path,
    progress: &(dyn Fn(usize, usize) + Sync),
) -> Result<(Vec<AnalysedToken>, Census)> {
    fs::create_dir_all(cache).with_context(|| format!("cannot create {}", cache.display()))?;
    let mut by_file: BTreeMap<PathBuf, Vec<Token>> = BTreeMap::new();
    for token in tokens {
        by_file.entry(token.wav.clone()).or_default().push(token);
    }
    let files: Vec<(PathBuf, Vec<Token>)> = by_file.into_iter().collect();
    let folder = common_folder(files.iter().map(|(wav, _)| wav.as_path()));
    let done = AtomicUsize::new(0);
    let results: Vec<Header> = files
        .par_iter()
        .map(|(wav, tokens)| {
            let stored = cache.join(cache_name(wav.strip_prefix(folder).unwrap_or(wav)));
            let made_from = print_of(wav, tokens);
            let header = match read_cache(&stored) {
                Some(header) if header.made_from == made_from => header,
                _ => {
                    let header = analyse_file(wav, tokens, made_from);
                    write_cache(&stored, &header)?;
                    header
                }
            };
            progress(done.fetch_add(1, Ordering::Relaxed) + 1, files.len());
            Ok(header)
        })
        .collect::<Result<_>>()?;
    let mut census = Census::default();
    let mut all = Vec::new();
    for header in results {
        for reason in header.rejected {
            *census.rejected.entry(reason).or_default() += 1;
        }
        all.extend(header.tokens);
    }
    census.kept = all.len();
    Ok((all, census))
}

/// A number that changes with what is known of a recording: its length, and where and how the
/// corpus says that each of its tokens is sung.
fn print_of(wav: &Path, tokens: &[Token]) -> u64 {
    let mut hash = DefaultHasher::new();
    fs::metadata(wav).map_or(0, |file| file.len()).hash(&mut hash);
    for token in tokens {
        let Token { wav: _, folder_pitch, syllable, previous, next, place, manner } = token;
        (folder_pitch, syllable, previous, next, manner).hash(&mut hash);
        let places = [place.start, place.vowel, place.nucleus_end, place.end];
        places.map(|place| place.map(f64::to_bits)).hash(&mut hash);
    }
    hash.finish()
}

/// The folder that holds all of these files.
fn common_folder<'a>(mut files: impl Iterator<Item = &'a Path>) -> &'a Path {
    let first = files.next().and_then(Path::parent).unwrap_or(Path::new(""));
    files.fold(first, |folder, file| {
        folder.ancestors().find(|folder| file.starts_with(folder)).unwrap_or(Path::new(""))
    })
}

/// The pitch that a recording is said to be sung at.
fn label_of(tokens: &[Token]) -> Option<u8> {
    tokens.iter().find_map(|token| token.folder_pitch)
}

fn analyse_file(wav: &Path, tokens: &[Token], made_from: u64) -> Header {
    let mut header = Header { version: GRID_VERSION, made_from, tokens: Vec::new(), rejected: Vec::new() };
    let Some((recording, rate)) = open_recording(wav, tokens) else {
        header.rejected.extend(tokens.iter().map(|_| Rejected::Unreadable.to_string()));
        return header;
    };
    for analysed in analyse_recording(&recording, rate, tokens) {
        match analysed {
            Ok(token) => header.tokens.push(token),
            Err(reason) => header.rejected.push(reason.to_string()),
        }
    }
    header
}

/// Analyses the tokens of a recording of `rate` Hz, in their order.
///
/// # Errors
/// For each token the reason why nothing is learned from it.
pub fn analyse_recording(
    recording: &Recording,
    rate: u32,
    tokens: &[Token],
) -> Vec<Result<AnalysedToken, Rejected>> {
    let mut analyser = EnvelopeAnalyser::default();
    let found = all_landmarks(recording, tokens);
    (tokens.iter().zip(found).enumerate())
        .map(|(i, (token, found))| {
            found.map(|landmarks| analyse_token(recording, rate, &mut analyser, token, landmarks, i))
        })
        .collect()
}

/// A recording, and the landmarks of each of its tokens in seconds from its start; `None`
/// if it cannot be read.
pub fn find_all_landmarks(
    wav: &Path,
    tokens: &[Token],
) -> Option<(Recording, Vec<Result<Landmarks, Rejected>>)> {
    let (recording, _) = open_recording(wav, tokens)?;
    let found = all_landmarks(&recording, tokens);
    Some((recording, found))
}

/// A recording with its rate in Hz; `None` if it cannot be read.
fn open_recording(wav: &Path, tokens: &[Token]) -> Option<(Recording, u32)> {
    let (samples, rate) = read_wav(wav).ok()?;
    // A singer told to hold a pitch stays within a fourth of it.
    let (low, high) = match label_of(tokens) {
        Some(key) => {
            let hz = pitch_hz(f32::from(key));
            (hz * 0.75, hz * 1.34)
        }
        None => (70.0, 1100.0),
    };
    Some((Recording::open(samples, low, high), rate))
}

fn all_landmarks(recording: &Recording, tokens: &[Token]) -> Vec<Result<Landmarks, Rejected>> {
    let contour = Contour::of(recording);
    tokens.iter().map(|token| find_landmarks(recording, &contour, token)).collect()
}

fn analyse_token(
    recording: &Recording,
    rate: u32,
    analyser: &mut EnvelopeAnalyser,
    token: &Token,
    landmarks: Landmarks,
    index: usize,
) -> AnalysedToken {
    let origin = landmarks.onset;
    let since = landmarks.since(origin);
    let times = block_grid(since.vowel as f32, since.end as f32);
    let absolute: Vec<f64> = times.iter().map(|&t| origin + f64::from(t)).collect();
    let breath =
        if token.syllable.initial.is_voiceless() { landmarks.burst..landmarks.vowel } else { 0.0..0.0 };
    let mut frames = recording.frames_unvoiced_in(breath, analyser, &absolute);
    let nucleus = (landmarks.vowel + landmarks.nucleus_end) / 2.0;
    let level = rms_around(&recording.samples, nucleus, landmarks.nucleus_end - landmarks.vowel).max(1e-5);
    let gain = (NUCLEUS_LEVEL / level).ln();
    frames.envelope.iter_mut().for_each(|e| *e = (*e + gain).max(QUIETEST));
    let third = (landmarks.end - landmarks.onset) / 3.0;
    let levels = [0.5, 1.5, 2.5].map(|middle| {
        let rms = rms_around(&recording.samples, landmarks.onset + middle * third, third).max(1e-6);
        20.0 * (rms / level).log10()
    });
    let narrow = |v: &[f32]| v.iter().map(|&x| f16::from_f32(x)).collect();
    // The slope of a filter before the very end is not heard either.
    let heard = (0.48 * rate as f32 / BIN_HZ) as usize;
    let hiss: Vec<f32> = (recording.hiss.iter().enumerate())
        .map(|(bin, h)| if bin < heard { (0.5 * h.max(1e-12).ln() + gain).max(QUIETEST) } else { UNHEARD })
        .collect();
    let pitch: Vec<f32> = absolute.iter().map(|&t| midi_pitch(recording.pitch_at(t))).collect();
    let key = token.folder_pitch.unwrap_or_else(|| median(&pitch).round().clamp(0.0, 127.0) as u8);
    AnalysedToken {
        name: format!("{key}/{}", place_name(&token.wav, index)),
        syllable: token.syllable,
        previous: token.previous,
        next: token.next,
        key,
        manner: token.manner,
        landmarks: since,
        levels,
        pitch,
        times,
        envelope: narrow(&frames.envelope),
        aperiodicity: narrow(&frames.aperiodicity),
        voicing: narrow(&frames.voicing),
        hiss: narrow(&hiss),
    }
}

/// What the name of the `index`th token of a recording ends with, behind `KEY/`.
pub fn place_name(wav: &Path, index: usize) -> String {
    let file = wav.file_stem().map(|s| s.to_string_lossy().into_owned()).unwrap_or_default();
    format!("{file}#{index}")
}

fn median(values: &[f32]) -> f32 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f32::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or(0.0)
}

/// Reads a WAV of any depth and rate to mono samples at [`SAMPLE_RATE`], and says which rate
/// it had.
///
/// # Errors
/// If it cannot be read, is no WAV, or is damaged.
pub fn read_wav(path: &Path) -> Result<(Vec<f32>, u32)> {
    let mut reader =
        hound::WavReader::open(path).with_context(|| format!("cannot read {}", path.display()))?;
    let spec = reader.spec();
    let samples: Vec<f32> = match spec.sample_format {
        hound::SampleFormat::Float => reader.samples::<f32>().collect::<Result<_, _>>()?,
        hound::SampleFormat::Int => {
            let scale = 1.0 / (1u64 << (spec.bits_per_sample - 1)) as f32;
            reader.samples::<i32>().map(|s| s.map(|s| s as f32 * scale)).collect::<Result<_, _>>()?
        }
    };
    let channels = usize::from(spec.channels.max(1));
    let mono = samples.chunks(channels).map(|c| c.iter().sum::<f32>() / channels as f32).collect();
    let samples = at_rate(mono, spec.sample_rate, SAMPLE_RATE)
        .with_context(|| format!("{} cannot be brought to {SAMPLE_RATE} Hz", path.display()))?;
    Ok((samples, spec.sample_rate))
}

/// The cache file of a recording, by its place in the corpus.
fn cache_name(wav: &Path) -> String {
    let steps = wav.with_extension("");
    let names: Vec<_> = steps.iter().map(|step| step.to_string_lossy()).collect();
    format!("{}.frames", names.join("."))
}

/// A cache file is a line of JSON and then the arrays of each token, half precision.
/// One of another version, or half-written, reads as none.
fn read_cache(path: &Path) -> Option<Header> {
    let mut bytes = Vec::new();
    fs::File::open(path).ok()?.read_to_end(&mut bytes).ok()?;
    let line = bytes.iter().position(|&b| b == b'\n')?;
    let mut header: Header = serde_json::from_slice(&bytes[..line]).ok()?;
    if header.version != GRID_VERSION {
        return None;
    }
    let mut rest = bytes[line + 1..].chunks_exact(2).map(|b| f16::from_le_bytes([b[0], b[1]]));
    for token in &mut header.tokens {
        let count = token.times.len();
        token.envelope = rest.by_ref().take(count * BINS).collect();
        token.aperiodicity = rest.by_ref().take(count * AP_BANDS).collect();
        token.voicing = rest.by_ref().take(count).collect();
        token.hiss = rest.by_ref().take(BINS).collect();
        if token.hiss.len() != BINS {
            return None;
        }
    }
    Some(header)
}

fn write_cache(path: &Path, header: &Header) -> Result<()> {
    let mut bytes = serde_json::to_vec(header)?;
    bytes.push(b'\n');
    for token in &header.tokens {
        for array in [&token.envelope, &token.aperiodicity, &token.voicing, &token.hiss] {
            bytes.extend(array.iter().flat_map(|x| x.to_le_bytes()));
        }
    }
    let write = || {
        let mut file = AtomicWriteFile::open(path)?;
        file.write_all(&bytes)?;
        file.commit()
    };
    write().with_context(|| format!("cannot write {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::TokenPlace;
    use ziyin_lyrics::pinyin_to_syllable;

    #[test]
    fn frames_are_read_again_only_for_the_recording_and_the_token_that_they_were_made_from() {
        let root = tempfile::tempdir().unwrap();
        let token = |folder: &str, place: TokenPlace| Token {
            wav: root.path().join(folder).join("A3/ma.wav"),
            folder_pitch: Some(57),
            syllable: pinyin_to_syllable("ma", 1).unwrap(),
            previous: [Phoneme::Rest; 2],
            next: [Phoneme::Rest; 2],
            place,
            manner: Manner::Plain,
        };
        for folder in ["one", "other"] {
            fs::create_dir_all(root.path().join(folder).join("A3")).unwrap();
        }
        let (one, other) = (token("one", TokenPlace::default()), token("other", TokenPlace::default()));
        fs::write(&one.wav, "no WAV at all").unwrap();
        let spec = hound::WavSpec {
            channels: 1,
            sample_rate: 44100,
            bits_per_sample: 16,
            sample_format: hound::SampleFormat::Int,
        };
        let mut silence = hound::WavWriter::create(&other.wav, spec).unwrap();
        (0..44100).for_each(|_| silence.write_sample(0i16).unwrap());
        silence.finalize().unwrap();
        let cache = root.path().join("cache");
        let rejected = |token: &Token| -> Vec<String> {
            let (_, census) = analyse_tokens(vec![token.clone()], &cache, &|_, _| {}).unwrap();
            census.rejected.into_keys().collect()
        };
        let unreadable = [Rejected::Unreadable.to_string()];
        assert_eq!(rejected(&one), unreadable);
        assert_ne!(rejected(&other), unreadable);
        assert_eq!(rejected(&one), unreadable);
        let moved = Token { place: TokenPlace { start: Some(0.1), ..TokenPlace::default() }, ..one.clone() };
        assert_ne!(print_of(&one.wav, std::slice::from_ref(&one)), print_of(&one.wav, &[moved]));
    }

    #[test]
    fn recordings_of_the_same_name_in_other_folders_are_kept_apart() {
        let files = ["/bank/strong/A3/ma.wav", "/bank/soft/A3/ma.wav", "/bank/soft/ma.wav"].map(Path::new);
        let folder = common_folder(files.into_iter());
        assert_eq!(folder, Path::new("/bank"));
        let names = files.map(|file| cache_name(file.strip_prefix(folder).unwrap()));
        assert_eq!(names, ["strong.A3.ma.frames", "soft.A3.ma.frames", "soft.ma.frames"]);
    }
}
