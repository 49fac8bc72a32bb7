//! A song to WAV or FLAC files: a stem for each voice, and the mix.
//!
//! The song is sung window by window, so that its length costs no memory: first into
//! spools on the disk, until it is known how loud the mix is; then from there into stems
//! and mix.

use std::fs::{self, File};
use std::io::{self, BufReader};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use ziyin_message::{Message, ToMessage, message};

use rayon::prelude::*;
use serde::Serialize;

use super::backing::BackingTrack;
use super::cache::BlockCache;
use super::loudness_meter::{Loudness, Meter};
use super::mix::{Peak, SampleFormat, amplitude, pan_gains};
use super::score_voices::{ScoreVoice, Unsung, VoiceKey, Which, file_name, score_voices};
use super::stems::{Container, Spool, StemWriter, read_samples};
use super::stream::{VocoderDevice, VoiceStream, provide};
use super::vocoder::VocoderError;
use super::voice::{Voice, VoiceFailure};
use ziyin_score::Project;
use ziyin_signal::{RateConverter, SAMPLE_RATE};

/// Samples that are sung at once: some ten seconds, enough to fill a batch.
const WINDOW: usize = 441_000;
/// Samples that are mixed at once.
const PIECE: usize = 44_100;
/// Bytes that a WAV can hold.
const LARGEST_WAV: u64 = u32::MAX as u64 - 64;

/// How loud the files become, all by the same gain.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Level {
    /// As they are, or turned down to keep the headroom of the mix.
    #[default]
    AsSung,
    /// The loudest sample of the mix stands at the ceiling.
    Full,
    /// The mix has this loudness in LUFS, as far as its peaks allow.
    Loudness(f64),
}

/// What is wanted of a render.
#[derive(Clone)]
pub struct RenderOptions {
    /// The folder for the files; it is made if it is not there.
    pub out: PathBuf,
    /// The name of the song, which the mix bears; it may be empty.
    pub title: String,
    /// Samples per second of the files.
    pub rate: u32,
    pub format: SampleFormat,
    pub container: Container,
    /// Whether files that are there may be replaced.
    pub force: bool,
    /// On what the vocoders run.
    pub vocoder: VocoderDevice,
    /// The voices that are wanted; `None` for those that mute and solo leave to be heard.
    pub voices: Option<Vec<VoiceKey>>,
    /// Whether each voice gets a file, and whether their sum gets one.
    pub stems: bool,
    pub mix: bool,
    /// Seconds of the song that the files hold; `None` for all of it.
    pub range: Option<Range<f64>>,
    pub level: Level,
    /// Recordings that are a part of the mix, each with a stem of its own.
    pub backings: Vec<BackingTrack>,
}

impl RenderOptions {
    /// Everything that is heard, into a folder.
    pub fn new(out: PathBuf, vocoder: VocoderDevice) -> Self {
        Self {
            out,
            title: String::new(),
            rate: SAMPLE_RATE,
            format: SampleFormat::S24,
            container: Container::Wav,
            force: false,
            vocoder,
            voices: None,
            stems: true,
            mix: true,
            range: None,
            level: Level::AsSung,
            backings: Vec::new(),
        }
    }

    /// The samples of a song of so many that are wanted.
    fn samples(&self, all: u64) -> Range<u64> {
        let Some(range) = &self.range else { return 0..all };
        let sample = |seconds: f64| ((seconds.max(0.0) * f64::from(SAMPLE_RATE)) as u64).min(all);
        sample(range.start)..sample(range.end).max(sample(range.start))
    }
}

/// Why nothing was rendered.
#[derive(Debug, thiserror::Error)]
#[error("{}", self.to_message())]
pub enum RenderError {
    Exists(PathBuf),
    Io {
        path: PathBuf,
        source: io::Error,
    },
    TooLong(f64),
    FloatingFlac,
    #[error(transparent)]
    Unsung(#[from] Unsung),
    #[error(transparent)]
    Voice(#[from] VoiceFailure),
    #[error(transparent)]
    Vocoder(#[from] VocoderError),
    Cancelled,
}

impl ToMessage for RenderError {
    fn to_message(&self) -> Message {
        match self {
            Self::Exists(path) => message!("render.exists", path),
            Self::Io { path, .. } => message!("render.io", path),
            Self::TooLong(minutes) => message!("render.too-long", minutes = format!("{minutes:.0}")),
            Self::FloatingFlac => message!("render.floating-flac"),
            Self::Unsung(inner) => inner.to_message(),
            Self::Voice(inner) => inner.to_message(),
            Self::Vocoder(inner) => inner.to_message(),
            Self::Cancelled => message!("render.cancelled"),
        }
    }

    fn cause(&self) -> Option<Message> {
        match self {
            Self::Io { source, .. } => Some(source.to_message()),
            _ => None,
        }
    }
}

/// A file that was written.
#[derive(Clone, Debug, Serialize)]
pub struct Written {
    pub path: PathBuf,
    /// `lead`, the name of a harmony, `backing`, or `mix`.
    pub kind: String,
    /// The name of the track; none for backing audio and the mix.
    pub track: Option<String>,
}

/// Where the time went, in seconds.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Spent {
    pub plan: f64,
    pub generator: f64,
    pub vocoder: f64,
    pub writing: f64,
}

/// What a render did.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Rendered {
    pub files: Vec<Written>,
    /// Seconds of audio in each file.
    pub seconds: f64,
    /// By how much all was turned down to keep the headroom, in dB; 0 for not at all.
    pub turned_down_db: f32,
    /// That of the mix as it was written.
    pub loudness: Loudness,
    pub spent: Spent,
    pub warnings: Vec<Message>,
}

/// How far a render has come, as seconds of the song.
#[derive(Clone, Copy, Debug)]
pub struct Progress {
    pub sung: f64,
    pub of: f64,
}

/// Renders every voice of a song. `progress` is told after each window and cancels the
/// render by giving `false`.
///
/// # Errors
/// See [`RenderError`]; no file is left behind then.
pub fn render(
    project: &Project,
    voice: &dyn Voice,
    options: &RenderOptions,
    progress: &mut dyn FnMut(Progress) -> bool,
) -> Result<Rendered, RenderError> {
    if options.container == Container::Flac && options.format.steps().is_none() {
        return Err(RenderError::FloatingFlac);
    }
    let mut rendered = Rendered::default();
    let clock = Instant::now();
    let which = if options.voices.is_some() { Which::All } else { Which::Heard };
    let (mut voices, hints) = score_voices(project, voice, which)?;
    if let Some(wanted) = &options.voices {
        // A track that is left out of live singing would be missed in a file.
        let asked = project.tracks.iter().filter(|track| wanted.iter().any(|key| key.track == track.id));
        let missing =
            asked.filter_map(|track| track.singer.as_ref()).find(|name| voice.singer(name).is_none());
        if let Some(name) = missing {
            return Err(RenderError::Unsung(Unsung::UnknownSinger(name.clone())));
        }
        voices.retain(|voice| wanted.contains(&voice.key));
        if voices.is_empty() {
            return Err(RenderError::Unsung(Unsung::NothingToSing));
        }
    }
    rendered.warnings = hints.into_iter().map(|hint| hint.message).collect();
    rendered.spent.plan = clock.elapsed().as_secs_f64();
    let mut paths: Vec<PathBuf> = file_names(&voices, &options.backings, &options.title)
        .into_iter()
        .map(|name| options.out.join(format!("{name}.{}", options.container.extension())))
        .collect();
    let mix_path = paths.pop().unwrap_or_default();
    if !options.force
        && let Some(there) = wanted_paths(&paths, &mix_path, options).find(|path| path.exists())
    {
        return Err(RenderError::Exists(there.clone()));
    }
    let ends = options.backings.iter().map(BackingTrack::end);
    let samples = voices.iter().map(|v| v.stream.len()).chain(ends).max().unwrap_or(0);
    let range = options.samples(samples);
    let kept = range.end - range.start;
    // What comes after the range need not be sung.
    let samples = range.end;
    rendered.seconds = kept as f64 / f64::from(SAMPLE_RATE);
    let file_samples = (rendered.seconds * f64::from(options.rate)) as u64;
    let bytes = file_samples * 2 * u64::from(options.format.bits() / 8);
    if options.container == Container::Wav && bytes > LARGEST_WAV {
        return Err(RenderError::TooLong(rendered.seconds / 60.0));
    }
    let io_error = |path: &Path| {
        let path = path.to_path_buf();
        move |source| RenderError::Io { path: path.clone(), source }
    };
    fs::create_dir_all(&options.out).map_err(io_error(&options.out))?;

    let (mut streams, voices): (Vec<VoiceStream>, Vec<Stem>) =
        voices.into_iter().map(|voice| Stem::split(voice, &options.vocoder)).unzip();
    let mut spools: Vec<Spool> = voices
        .iter()
        .map(|_| Spool::create(&options.out))
        .collect::<io::Result<_>>()
        .map_err(io_error(&options.out))?;
    let mut peak = Peak::default();
    let mut meter = Meter::new(SAMPLE_RATE).map_err(io_error(&options.out))?;
    let mut cache = BlockCache::default();
    let mut done = 0;
    while done < samples {
        let window = WINDOW.min((samples - done) as usize);
        let clock = Instant::now();
        provide(&mut streams, window, voice, &mut cache)?;
        rendered.spent.generator += clock.elapsed().as_secs_f64();

        let clock = Instant::now();
        let sung: Vec<Vec<f32>> = streams
            .par_iter_mut()
            .map(|stream| {
                let mut samples = vec![0.0; window];
                stream.sing(&mut samples).map(|()| samples)
            })
            .collect::<Result<_, _>>()?;
        rendered.spent.vocoder += clock.elapsed().as_secs_f64();

        let clock = Instant::now();
        let inside = (range.start.clamp(done, done + window as u64) - done) as usize..window;
        let from = done + inside.start as u64;
        let backed: Vec<[Vec<f32>; 2]> =
            options.backings.iter().map(|backing| backing.read(from, inside.len())).collect();
        let sung_sides = sung.iter().map(|samples| [&samples[inside.clone()]; 2]);
        let gains = voices.iter().map(|part| part.gains);
        let backed_sides = backed.iter().map(|[left, right]| [&left[..], &right[..]]);
        let heard: Vec<_> = (sung_sides.zip(gains))
            .chain(backed_sides.zip(options.backings.iter().map(|backing| backing.gains)))
            .collect();
        let [left, right] = peak.hear(&heard);
        meter.hear(&left, &right).map_err(io_error(&options.out))?;
        for (spool, samples) in spools.iter_mut().zip(&sung) {
            spool.write(&samples[inside.clone()]).map_err(io_error(&options.out))?;
        }
        rendered.spent.writing += clock.elapsed().as_secs_f64();
        done += window as u64;
        let sung = done as f64 / f64::from(SAMPLE_RATE);
        let of = samples as f64 / f64::from(SAMPLE_RATE);
        if !progress(Progress { sung, of }) {
            return Err(RenderError::Cancelled);
        }
    }

    let clock = Instant::now();
    let heard = meter.loudness();
    let headroom = match options.level {
        Level::Loudness(lufs) => {
            let (raised, stays_below) = heard.raise_to(lufs);
            // No stem alone goes above the ceiling either.
            let (wanted, most) = (amplitude(raised as f32), peak.to_ceiling());
            if heard.lufs.is_some() && (stays_below || wanted > most) {
                rendered.warnings.push(message!("render.stays-below", lufs = lufs.to_string()));
            }
            if heard.lufs.is_some() { wanted.min(most) } else { 1.0 }
        }
        Level::Full => peak.to_ceiling(),
        Level::AsSung => peak.headroom(),
    };
    rendered.loudness = heard.raised(20.0 * f64::from(headroom).log10());
    if headroom < 1.0 && !matches!(options.level, Level::Loudness(_)) {
        rendered.turned_down_db = 20.0 * headroom.log10();
    }
    let gains = voices.iter().map(|part| part.gains).chain(options.backings.iter().map(|b| b.gains));
    let stems: Vec<(&Path, [f32; 2])> = (paths.iter().zip(gains))
        .map(|(path, gains)| (path.as_path(), gains.map(|gain| gain * headroom)))
        .collect();
    let writers = write_stems(&mut spools, &stems, &mix_path, range, options)?;
    for (i, writer) in writers.into_iter().enumerate() {
        let path = paths.get(i).unwrap_or(&mix_path);
        if !(if i < paths.len() { options.stems } else { options.mix }) {
            continue;
        }
        writer.publish().map_err(io_error(path))?;
        let part = voices.get(i);
        rendered.files.push(Written {
            path: path.clone(),
            kind: match part {
                Some(part) => part.kind.clone(),
                None if i < paths.len() => "backing".into(),
                None => "mix".into(),
            },
            track: part.map(|part| part.track.clone()),
        });
    }
    rendered.spent.writing += elapsed(clock);
    Ok(rendered)
}

/// The names of the stems, voices first, and of the mix, without extension and each unlike all others.
fn file_names(voices: &[ScoreVoice], backings: &[BackingTrack], title: &str) -> Vec<String> {
    let mut names: Vec<String> = voices.iter().map(|voice| voice.file.clone()).collect();
    let (backing, mix) = (message!("stem.backing").said(), message!("stem.mix").said());
    let mix = if title.trim().is_empty() { mix } else { format!("{} – {mix}", file_name(title)) };
    for name in backings.iter().map(|_| backing.as_str()).chain([mix.as_str()]) {
        let mut free = name.to_string();
        let mut number = 2;
        while names.iter().any(|taken| taken.to_lowercase() == free.to_lowercase()) {
            free = format!("{name}-{number}");
            number += 1;
        }
        names.push(free);
    }
    names
}

/// The files that a render writes.
fn wanted_paths<'a>(
    stems: &'a [PathBuf],
    mix: &'a PathBuf,
    options: &RenderOptions,
) -> impl Iterator<Item = &'a PathBuf> {
    stems.iter().filter(|_| options.stems).chain(options.mix.then_some(mix))
}

fn elapsed(clock: Instant) -> f64 {
    Duration::as_secs_f64(&clock.elapsed())
}

/// What is left of a voice while its stream sings.
struct Stem {
    kind: String,
    track: String,
    gains: [f32; 2],
}

impl Stem {
    fn split(mut voice: ScoreVoice, vocoder: &VocoderDevice) -> (VoiceStream, Stem) {
        voice.stream.move_to(vocoder.clone());
        let gains = pan_gains(voice.pan).map(|gain| gain * amplitude(voice.gain_db));
        (voice.stream, Stem { kind: voice.kind, track: voice.track, gains })
    }
}

/// Writes every stem and their sum, all complete but none with its name; the mix is last.
fn write_stems(
    spools: &mut [Spool],
    stems: &[(&Path, [f32; 2])],
    mix: &Path,
    range: Range<u64>,
    options: &RenderOptions,
) -> Result<Vec<StemWriter>, RenderError> {
    let samples = range.end - range.start;
    let failed = |path: &Path, source| RenderError::Io { path: path.to_path_buf(), source };
    let create = |path: &Path| {
        StemWriter::create(path, options.rate, options.format, options.container).map_err(|e| failed(path, e))
    };
    let mut writers: Vec<StemWriter> =
        stems.iter().map(|(path, _)| *path).chain([mix]).map(create).collect::<Result<_, _>>()?;
    let Some(mut mix_writer) = writers.pop() else { return Ok(writers) };
    let spool_error = |e| failed(&options.out, e);
    let mut lanes: Vec<Lane> = Vec::with_capacity(stems.len());
    let sung = spools.iter_mut().map(|spool| spool.rewind().map(Source::Sung));
    let recorded = options.backings.iter().map(|track| Ok(Source::Recorded { track, at: range.start }));
    for ((source, writer), (path, gains)) in sung.chain(recorded).zip(writers).zip(stems) {
        let source = source.map_err(spool_error)?;
        let sides = if matches!(source, Source::Sung(_)) { 1 } else { 2 };
        let converter = |_| RateConverter::new(SAMPLE_RATE, options.rate);
        lanes.push(Lane {
            source,
            converters: (0..sides).map(converter).collect::<io::Result<_>>().map_err(spool_error)?,
            writer,
            path,
            gains: *gains,
            sides: Vec::new(),
        });
    }
    let mut done = 0;
    while done < samples {
        let piece = PIECE.min((samples - done) as usize);
        done += piece as u64;
        lanes
            .par_iter_mut()
            .try_for_each(|lane| lane.write(piece, done == samples, options.format))
            .map_err(|(path, e)| failed(&path, e))?;
        // The mix is the sum of what the stems hold, to the last bit.
        for i in 0..lanes.first().map_or(0, |lane| lane.sides.len()) {
            let sum = lanes
                .iter()
                .fold([0.0; 2], |sum, lane| [sum[0] + lane.sides[i][0], sum[1] + lane.sides[i][1]]);
            mix_writer.write(sum).map_err(|e| failed(mix, e))?;
        }
    }
    let mut writers: Vec<StemWriter> = lanes.into_iter().map(|lane| lane.writer).collect();
    writers.push(mix_writer);
    for (writer, path) in writers.iter_mut().zip(stems.iter().map(|(path, _)| *path).chain([mix])) {
        writer.complete().map_err(|e| failed(path, e))?;
    }
    Ok(writers)
}

/// Where the samples of a stem come from.
enum Source<'a> {
    Sung(BufReader<&'a mut File>),
    /// Backing audio, from a sample of the song on.
    Recorded {
        track: &'a BackingTrack,
        at: u64,
    },
}

impl Source<'_> {
    /// The next `count` samples of each side; one side for what is alike on both.
    fn read(&mut self, count: usize) -> io::Result<Vec<Vec<f32>>> {
        match self {
            Source::Sung(reader) => {
                let mut samples = vec![0.0; count];
                read_samples(reader, &mut samples)?;
                Ok(vec![samples])
            }
            Source::Recorded { track, at } => {
                let sides = track.read(*at, count);
                *at += count as u64;
                Ok(sides.into())
            }
        }
    }
}

/// The way of one voice or recording to its stem.
struct Lane<'a> {
    source: Source<'a>,
    /// One for each side of the source.
    converters: Vec<RateConverter>,
    writer: StemWriter,
    path: &'a Path,
    gains: [f32; 2],
    /// The samples that were written last, left and right.
    sides: Vec<[f64; 2]>,
}

impl Lane<'_> {
    /// Takes the next `piece` samples out of the source and writes what they become.
    fn write(&mut self, piece: usize, last: bool, format: SampleFormat) -> Result<(), (PathBuf, io::Error)> {
        let failed = |e| (self.path.to_path_buf(), e);
        let mut converted: Vec<Vec<f32>> = Vec::with_capacity(2);
        for (converter, read) in self.converters.iter_mut().zip(self.source.read(piece).map_err(failed)?) {
            let mut side = Vec::new();
            converter.push(&read, &mut side).map_err(failed)?;
            if last {
                converter.finish(&mut side).map_err(failed)?;
            }
            converted.push(side);
        }
        let [left, right] = self.gains;
        self.sides.clear();
        if let (Some(first), Some(second)) = (converted.first(), converted.last()) {
            let sides = first.iter().zip(second);
            self.sides.extend(sides.map(|(l, r)| [format.rounded(l * left), format.rounded(r * right)]));
        }
        self.sides.iter().try_for_each(|&sides| self.writer.write(sides)).map_err(failed)
    }
}
