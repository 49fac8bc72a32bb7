//! A song to WAV or FLAC files: a stem for each voice, and the mix.
//!
//! The song is sung window by window, so that its length costs no memory: first into
//! spools on the disk, until it is known how loud the mix is; then from there into stems
//! and mix.

use std::fs;
use std::io;
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
use super::reverb::{Reverb, Sent};
use super::score_voices::{ScoreVoice, Unsung, VoiceKey, Which, file_name, score_voices};
use super::stem_mix::{FileForm, Part, Source, write_stems};
use super::stems::{Container, Spool};
use super::stream::{VocoderDevice, VoiceStream, provide};
use super::vocoder::VocoderError;
use super::voice::{Voice, VoiceFailure};
use ziyin_score::{Project, Track};
use ziyin_signal::{Room, SAMPLE_RATE};

/// Samples that are sung at once: some ten seconds, enough to fill a batch.
const WINDOW: usize = 441_000;
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
    /// Whether stems have what comes back of their voice from the room. Else they are dry, and what comes back
    /// of all voices is a stem of its own; the mix has it in any case.
    pub wet_stems: bool,
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
            wet_stems: false,
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
    /// `lead`, the name of a harmony, `backing`, `room`, or `mix`.
    pub kind: String,
    /// The name of the track; none for backing audio, the room and the mix.
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
        let missing = asked.flat_map(Track::named_singers).find(|name| voice.singer(name).is_none());
        if let Some(name) = missing {
            return Err(RenderError::Unsung(Unsung::UnknownSinger(name.to_string())));
        }
        voices.retain(|voice| wanted.contains(&voice.key));
        if voices.is_empty() {
            return Err(RenderError::Unsung(Unsung::NothingToSing));
        }
    }
    rendered.warnings = hints.into_iter().map(|hint| hint.message).collect();
    rendered.spent.plan = clock.elapsed().as_secs_f64();
    let recorded_in_room = options.backings.iter().any(|backing| backing.room > 0.0);
    let in_room = recorded_in_room || voices.iter().any(|voice| voice.room > 0.0);
    let mut paths: Vec<PathBuf> = file_names(&voices, &options.backings, in_room, &options.title)
        .into_iter()
        .map(|name| options.out.join(format!("{name}.{}", options.container.extension())))
        .collect();
    let mix_path = paths.pop().unwrap_or_default();
    // The room is a part of the mix, and a stem where the others are dry.
    let stems = paths.len() - usize::from(in_room && options.wet_stems);
    if !options.force
        && let Some(there) = wanted_paths(&paths[..stems], &mix_path, options).find(|path| path.exists())
    {
        return Err(RenderError::Exists(there.clone()));
    }
    // What is heard dies away in the room before the mix ends.
    let tail = if in_room { Room::tail(project.room_s) } else { 0 };
    let ends = options.backings.iter().map(|backing| match backing.room > 0.0 {
        true => backing.end() + tail,
        false => backing.end(),
    });
    let samples = voices.iter().map(|v| v.stream.len() + tail).chain(ends).max().unwrap_or(0);
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
    let recorded = options.backings.iter().map(|backing| backing.room);
    let parts: Vec<f32> = voices.iter().map(|part| part.room).chain(recorded).collect();
    let mut reverb = Reverb::new(project.room_s, &parts, options.wet_stems, &options.out)
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
        let backed: Vec<[Vec<f32>; 2]> =
            options.backings.iter().map(|backing| backing.read(done, window)).collect();
        let voiced = sung.iter().zip(&voices).map(|(samples, part)| Sent {
            samples: [samples; 2],
            gains: part.gains,
            part: part.room,
        });
        let recorded = backed.iter().zip(&options.backings).map(|(sides, backing)| Sent {
            samples: sides.each_ref().map(Vec::as_slice),
            gains: backing.gains,
            part: backing.room,
        });
        let sent: Vec<Sent> = voiced.chain(recorded).collect();
        let returned = reverb.as_mut().map(|reverb| reverb.hear(&sent, &inside)).transpose();
        let returned = returned.map_err(io_error(&options.out))?;
        let dry = sent.iter().map(|sound| (sound.samples.map(|side| &side[inside.clone()]), sound.gains));
        let room = returned.iter().map(|room| (room.mix.each_ref().map(Vec::as_slice), [1.0; 2]));
        let heard: Vec<_> = dry.chain(room).collect();
        let [left, right] = peak.hear(&heard);
        let wet = returned.iter().flat_map(|room| &room.stems);
        for ((samples, gains), wet) in heard.iter().zip(wet) {
            for (side, wet) in wet.iter().flatten().enumerate() {
                peak.see(samples[side].iter().zip(wet).map(|(dry, wet)| dry * gains[side] + wet));
            }
        }
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
    let (room, wet) = reverb.as_mut().map(Reverb::spools).unzip();
    let wet = wet.into_iter().flatten().chain(std::iter::repeat_with(|| None));
    let sung = spools.iter_mut().zip(&voices).map(|(spool, part)| (Source::Sung(spool), part.gains));
    let recorded = options.backings.iter().map(|track| Source::Recorded { track, at: range.start });
    let recorded = recorded.zip(&options.backings).map(|(source, track)| (source, track.gains));
    let room = room.map(|spool| (Source::Returned(spool), [1.0; 2]));
    let sources = sung.chain(recorded).chain(room).zip(wet);
    let parts = sources.zip(&paths).map(|(((source, gains), wet), path)| Part {
        source,
        gains: gains.map(|gain| gain * headroom),
        wet: wet.map(|spool| (spool, headroom)),
        path,
    });
    let form = FileForm { rate: options.rate, format: options.format, container: options.container };
    let writers = write_stems(parts.collect(), &mix_path, kept, form)
        .map_err(|(path, source)| RenderError::Io { path, source })?;
    for (i, writer) in writers.into_iter().enumerate() {
        let path = paths.get(i).unwrap_or(&mix_path);
        let wanted = if i < paths.len() { options.stems && i < stems } else { options.mix };
        if !wanted {
            continue;
        }
        writer.publish().map_err(io_error(path))?;
        let part = voices.get(i);
        rendered.files.push(Written {
            path: path.clone(),
            kind: match part {
                Some(part) => part.kind.clone(),
                None if i < voices.len() + options.backings.len() => "backing".into(),
                None if i < paths.len() => "room".into(),
                None => "mix".into(),
            },
            track: part.map(|part| part.track.clone()),
        });
    }
    rendered.spent.writing += elapsed(clock);
    Ok(rendered)
}

/// The names of the stems, voices first and the room last, and of the mix, without extension and each unlike all
/// others.
fn file_names(voices: &[ScoreVoice], backings: &[BackingTrack], in_room: bool, title: &str) -> Vec<String> {
    let mut names: Vec<String> = voices.iter().map(|voice| voice.file.clone()).collect();
    let (backing, mix) = (message!("stem.backing").said(), message!("stem.mix").said());
    let room = in_room.then(|| message!("stem.room").said());
    let mix = if title.trim().is_empty() { mix } else { format!("{} – {mix}", file_name(title)) };
    let more = backings.iter().map(|_| backing.as_str()).chain(room.as_deref()).chain([mix.as_str()]);
    for name in more {
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
    /// The part that is sent into the room.
    room: f32,
}

impl Stem {
    fn split(mut voice: ScoreVoice, vocoder: &VocoderDevice) -> (VoiceStream, Stem) {
        voice.stream.move_to(vocoder.clone());
        let gains = pan_gains(voice.pan).map(|gain| gain * amplitude(voice.gain_db));
        (voice.stream, Stem { kind: voice.kind, track: voice.track, gains, room: voice.room })
    }
}
