use std::cell::RefCell;
use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;
use ziyin_message::Message;

use anyhow::{Context, Result, bail, ensure};
use clap::{Args, ValueEnum};

use super::output;
use super::output::{answer, tell};
use ziyin_interchange::{Budget, ImportOptions, open_song};
use ziyin_lyrics::split_into_syllables;
use ziyin_model::ClonedSinger;
use ziyin_model::cloned_singer::SINGER_EXTENSION;
use ziyin_model::device::{Compute, DeviceChoice};
use ziyin_model::installed::{models_folder, read_singer};
use ziyin_score::{Harmony, HarmonyKind, Notes, Project, Track};
use ziyin_session::recording::read_recording;
use ziyin_singing::backing::heard_backings;
use ziyin_singing::choir::Choir;
use ziyin_singing::melody::melody;
use ziyin_singing::mix::SampleFormat;
use ziyin_singing::render::Level;
use ziyin_singing::stems::Container;
use ziyin_singing::stream::VocoderDevice;
use ziyin_singing::vocoder::VocoderShaders;
use ziyin_singing::{RenderOptions, Rendered, render};

/// Sing songs into WAV or FLAC files: one for each voice, and the mix
#[derive(Args)]
pub struct Arguments {
    /// The song: .ziyin, MIDI, or a song of another program that `ziyin import` reads; of several
    /// each gets a folder of its name
    #[arg(required = true, value_name = "SONG")]
    songs: Vec<PathBuf>,
    /// Lyrics for the notes of the lead, one syllable to a note
    #[arg(long, value_name = "TEXT", conflicts_with = "lyrics_file")]
    lyrics: Option<String>,
    /// A text file with the lyrics
    #[arg(long, value_name = "FILE")]
    lyrics_file: Option<PathBuf>,
    /// Who sings; `ziyin singers` lists them, or a `.singer` file
    #[arg(long, value_name = "NAME|FILE")]
    singer: Option<String>,
    /// Harmonies of the lead, instead of those in the song
    #[arg(long, value_delimiter = ',', value_name = "KINDS")]
    harmony: Option<Vec<HarmonyName>>,
    /// The folder for the files
    #[arg(long, value_name = "DIR", default_value = ".")]
    out: PathBuf,
    /// Samples per second
    #[arg(long, default_value_t = 44_100, value_parser = rate)]
    rate: u32,
    #[arg(long, value_enum, default_value_t = Format::S24)]
    format: Format,
    /// Write FLAC files, of 16 or 24 bits, instead of WAV
    #[arg(long)]
    flac: bool,
    /// Bring the mix to a loudness, such as -14 (EBU R128), as far as its peaks stay below -1 dBTP
    #[arg(long, value_name = "LUFS", allow_negative_numbers = true, value_parser = loudness)]
    loudness: Option<f64>,
    /// What computes: a GPU if there is a real one, else the CPU
    #[arg(long, value_name = "auto|gpu|cpu", default_value_t)]
    device: DeviceChoice,
    /// The encoding of a MIDI file's lyrics, told from the file if not given
    #[arg(long, value_name = "NAME")]
    encoding: Option<String>,
    /// Leave backing audio out
    #[arg(long)]
    no_backing: bool,
    /// Give each stem the room of its voice; else stems are dry, and the room is a file of its own
    #[arg(long)]
    wet_stems: bool,
    /// The folder of voices, if it is not the one that comes with Ziyin
    #[arg(long, value_name = "DIR")]
    models: Option<PathBuf>,
    /// Overwrite files that exist
    #[arg(long)]
    force: bool,
    /// Print what was sung as one JSON object, one a line for several songs
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum HarmonyName {
    OctaveUp,
    OctaveDown,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    S16,
    S24,
    F32,
}

fn rate(text: &str) -> Result<u32, String> {
    match text.parse() {
        Ok(rate @ (44_100 | 48_000)) => Ok(rate),
        _ => Err("the rate is 44100 or 48000".into()),
    }
}

fn loudness(text: &str) -> Result<f64, String> {
    let lufs = text.parse().ok().filter(|lufs| (-70.0..=0.0).contains(lufs));
    lufs.ok_or_else(|| "the loudness lies between -70 and 0 LUFS".into())
}

/// A song that is ready to be sung.
struct Ready {
    project: Project,
    warnings: Vec<String>,
}

/// Opens a song with all that the arguments change of it.
fn open(song: &Path, asked: Option<&String>, arguments: &Arguments) -> Result<Ready> {
    let options = ImportOptions { encoding: arguments.encoding.clone(), ..Default::default() };
    let opened = open_song(song, &options, &Budget::default())
        .with_context(|| format!("{} cannot be opened", song.display()))?;
    let mut warnings = output::warnings(&opened.report);
    let mut project = opened.project;
    warnings.extend(prepare(&mut project, arguments)?);
    if asked.is_some() {
        project.tracks.iter_mut().for_each(|track| (track.singer, track.second) = (asked.cloned(), None));
    }
    Ok(Ready { project, warnings })
}

/// The folder of each song: that of the arguments, or within it one of the name of the song.
fn folders(arguments: &Arguments) -> Vec<PathBuf> {
    if arguments.songs.len() == 1 {
        return vec![arguments.out.clone()];
    }
    let mut taken = HashSet::new();
    let folder = |song: &PathBuf| {
        let name = song.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let further = (2..).map(|number| format!("{name}-{number}"));
        let free = output::free_name(&mut taken, std::iter::once(name.clone()).chain(further));
        arguments.out.join(free.unwrap_or(name))
    };
    arguments.songs.iter().map(folder).collect()
}

pub fn run(arguments: &Arguments) -> Result<()> {
    let clock = Instant::now();
    ensure!(
        arguments.songs.len() == 1 || (arguments.lyrics.is_none() && arguments.lyrics_file.is_none()),
        "lyrics are given for one song at a time"
    );
    let given = cloned_singer(arguments)?;
    let asked = given.as_ref().map(|singer| singer.name.clone()).or(arguments.singer.clone());
    // One song that cannot be opened is told before any voice is loaded.
    let first = match arguments.songs.as_slice() {
        [song] => Some(open(song, asked.as_ref(), arguments)?),
        _ => None,
    };

    let models = models_folder(arguments.models.as_deref())?;
    let compute = Compute::choose(arguments.device)?;
    let mut choir = Choir::open(&models, &compute.tensors)?;
    if let Some(singer) = given {
        choir.add(singer)?;
    }
    // Who sings by the song alone is looked for as their track is planned: it may be muted.
    choir.load(asked.as_deref())?;
    let vocoder = match &compute.gpu {
        Some(gpu) => VocoderDevice::Gpu(VocoderShaders::new(&gpu.device, &gpu.queue)?),
        None => VocoderDevice::Cpu,
    };
    let loaded = clock.elapsed().as_secs_f64();
    let desk = Desk { arguments, choir, vocoder, device: compute.description, loaded };
    if let Some(ready) = first {
        return desk.sing(&arguments.songs[0], &arguments.out, ready, clock);
    }
    let mut failed = 0;
    for (song, folder) in arguments.songs.iter().zip(folders(arguments)) {
        let clock = Instant::now();
        let sung =
            open(song, asked.as_ref(), arguments).and_then(|ready| desk.sing(song, &folder, ready, clock));
        if let Err(error) = sung {
            failed += 1;
            tell!("{}: {error:#}", song.display());
        }
    }
    ensure!(failed == 0, "{failed} of {} songs were not sung", arguments.songs.len());
    Ok(())
}

/// All that sings one song after the other.
struct Desk<'a> {
    arguments: &'a Arguments,
    choir: Choir,
    vocoder: VocoderDevice,
    /// What computes.
    device: Message,
    /// Seconds that loading took.
    loaded: f64,
}

impl Desk<'_> {
    /// Sings a song into a folder and tells what came of it.
    fn sing(&self, song: &Path, folder: &Path, ready: Ready, clock: Instant) -> Result<()> {
        let Self { arguments, choir, vocoder, device, loaded } = self;
        let Ready { project, mut warnings } = ready;
        let bar = output::part_bar("singing");
        let format = match arguments.format {
            Format::S16 => SampleFormat::S16,
            Format::S24 => SampleFormat::S24,
            Format::F32 => SampleFormat::F32,
        };
        let mut backings = Vec::new();
        if !arguments.no_backing {
            let damaged = RefCell::new(Vec::new());
            let (heard, failures) = heard_backings(&project, song.parent(), |path| {
                let recording = read_recording(path, &Budget::default())?;
                damaged.borrow_mut().extend(recording.warning);
                Ok(recording.samples)
            });
            warnings.extend(damaged.into_inner().into_iter().map(|what| format!("the backing audio {what}")));
            backings = heard;
            warnings.extend(failures.into_iter().map(|why| format!("the backing audio is left out: {why}")));
        }
        let options = RenderOptions {
            rate: arguments.rate,
            format,
            container: if arguments.flac { Container::Flac } else { Container::Wav },
            level: arguments.loudness.map_or(Level::AsSung, Level::Loudness),
            force: arguments.force,
            backings,
            wet_stems: arguments.wet_stems,
            ..RenderOptions::new(folder.to_path_buf(), vocoder.clone())
        };
        let rendered = render(&project, choir, &options, &mut |progress| {
            bar.set_position((1000.0 * progress.sung / progress.of.max(1e-3)) as u64);
            true
        });
        bar.finish_and_clear();
        let rendered = rendered?;
        warnings.extend(rendered.warnings.iter().map(ToString::to_string));
        for warning in &warnings {
            tell!("warning: {warning}");
        }
        tell!("sung on {device}");
        report(arguments, song, &rendered, &warnings, device, *loaded, clock.elapsed().as_secs_f64())
    }
}

/// The singer whose file was named, if a file was.
fn cloned_singer(arguments: &Arguments) -> Result<Option<ClonedSinger>> {
    let ends = |name: &&String| Path::new(name).extension().is_some_and(|e| e == SINGER_EXTENSION);
    Ok(match arguments.singer.as_ref().filter(ends) {
        Some(path) => Some(read_singer(Path::new(path))?),
        None => None,
    })
}

fn report(
    arguments: &Arguments,
    song: &Path,
    rendered: &Rendered,
    warnings: &[String],
    device: &Message,
    loaded: f64,
    taken: f64,
) -> Result<()> {
    if arguments.json {
        let report = serde_json::json!({
            "song": song,
            "files": rendered.files,
            "seconds": rendered.seconds,
            "seconds_taken": taken,
            "seconds_loading": loaded,
            "seconds_spent": rendered.spent,
            "device": device,
            "turned_down_db": rendered.turned_down_db,
            "lufs": rendered.loudness.lufs,
            "true_peak_dbtp": rendered.loudness.true_peak,
            "warnings": warnings,
        });
        answer!("{report}")?;
        return Ok(());
    }
    if rendered.turned_down_db < 0.0 {
        let db = -rendered.turned_down_db;
        tell!("everything is turned down by {db:.1} dB, to keep the mix below full scale");
    }
    if let (Some(lufs), Some(peak)) = (rendered.loudness.lufs, rendered.loudness.true_peak) {
        tell!("the mix is at {lufs:.1} LUFS, its peaks at {peak:.1} dBTP");
    }
    for file in &rendered.files {
        answer!("{}", file.path.display())?;
    }
    let spent = rendered.spent;
    tell!(
        "{:.1} s of song in {:.1} s: loading {loaded:.1}, plan {:.1}, generator {:.1}, vocoder {:.1}, writing {:.1}",
        rendered.seconds,
        taken,
        spent.plan,
        spent.generator,
        spent.vocoder,
        spent.writing
    );
    Ok(())
}

/// Puts lyrics and harmonies of the command line into the song; gives warnings.
fn prepare(project: &mut Project, arguments: &Arguments) -> Result<Vec<String>> {
    let mut warnings = Vec::new();
    let text = match (&arguments.lyrics, &arguments.lyrics_file) {
        (Some(text), _) => Some(text.clone()),
        (None, Some(path)) => Some(
            fs::read_to_string(path)
                .with_context(|| format!("{} cannot be read as UTF-8 text", path.display()))?,
        ),
        (None, None) => None,
    };
    let (tempo, meter) = (project.tempo.clone(), project.meter.clone());
    let sung = |track: &Track| !track.mute && track.notes.iter().any(|note| !note.lyric.is_empty());
    let has_lyrics = project.tracks.iter().any(sung);
    // The lead is the first track with lyrics, or the first with notes where they come now.
    let lead = project
        .tracks
        .iter_mut()
        .find(|track| if has_lyrics { sung(track) } else { !track.mute && !track.notes.is_empty() });
    let Some(lead) = lead else { bail!("the song has no notes to sing") };
    if let Some(text) = text {
        let ids: Vec<_> = melody(lead, &tempo, &meter).iter().map(|note| note.id).collect();
        let syllables = split_into_syllables(&text, lead.language);
        if syllables.is_empty() {
            bail!("the lyrics hold no syllable");
        }
        if syllables.len() != ids.len() {
            warnings.push(format!(
                "{} syllables for {} notes: {}",
                syllables.len(),
                ids.len(),
                if syllables.len() < ids.len() {
                    "the last notes are silent"
                } else {
                    "the last syllables are not sung"
                }
            ));
        }
        let mut notes = lead.notes.to_vec();
        for note in &mut notes {
            let place = ids.iter().position(|&id| id == note.id);
            note.lyric = place.and_then(|place| syllables.get(place)).cloned().unwrap_or_default();
            note.pronunciation = None;
        }
        lead.notes = Notes::new(notes);
    }
    if let Some(kinds) = &arguments.harmony {
        lead.harmonies = kinds
            .iter()
            .map(|kind| match kind {
                HarmonyName::OctaveUp => Harmony::new(HarmonyKind::OctaveUp),
                HarmonyName::OctaveDown => Harmony::new(HarmonyKind::OctaveDown),
            })
            .collect();
    }
    Ok(warnings)
}
