use std::cell::RefCell;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;
use ziyin_message::Message;

use anyhow::{Context, Result, bail};
use clap::{Args, ValueEnum};
use indicatif::{ProgressBar, ProgressStyle};

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
use ziyin_singing::stream::VocoderDevice;
use ziyin_singing::vocoder::VocoderShaders;
use ziyin_singing::{RenderOptions, Rendered, render};

/// Sing a song into WAV files: one for each voice, and the mix
#[derive(Args)]
pub struct Arguments {
    /// The song: .ziyin, MIDI, or a song of another program that `ziyin import` reads
    song: PathBuf,
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
    /// What computes: a GPU if there is a real one, else the CPU
    #[arg(long, value_name = "auto|gpu|cpu", default_value_t)]
    device: DeviceChoice,
    /// The encoding of a MIDI file's lyrics, told from the file if not given
    #[arg(long, value_name = "NAME")]
    encoding: Option<String>,
    /// Leave backing audio out
    #[arg(long)]
    no_backing: bool,
    /// The folder of voices, if it is not the one that comes with Ziyin
    #[arg(long, value_name = "DIR")]
    models: Option<PathBuf>,
    /// Overwrite files that exist
    #[arg(long)]
    force: bool,
    /// Print what was sung as one JSON object
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

pub fn run(arguments: &Arguments) -> Result<()> {
    let clock = Instant::now();
    let options = ImportOptions { encoding: arguments.encoding.clone(), ..Default::default() };
    let opened = open_song(&arguments.song, &options, &Budget::default())
        .with_context(|| format!("{} cannot be opened", arguments.song.display()))?;
    let mut warnings = output::warnings(&opened.report);
    let mut project = opened.project;
    warnings.extend(prepare(&mut project, arguments)?);
    let given = cloned_singer(arguments)?;
    let asked = given.as_ref().map(|singer| singer.name.clone()).or(arguments.singer.clone());
    if asked.is_some() {
        project.tracks.iter_mut().for_each(|track| track.singer.clone_from(&asked));
    }

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

    let bar = ProgressBar::new(1000).with_style(
        ProgressStyle::with_template("singing {bar:40} {percent}% {msg}")
            .unwrap_or_else(|_| ProgressStyle::default_bar()),
    );
    let format = match arguments.format {
        Format::S16 => SampleFormat::S16,
        Format::S24 => SampleFormat::S24,
        Format::F32 => SampleFormat::F32,
    };
    let mut backings = Vec::new();
    if !arguments.no_backing {
        let damaged = RefCell::new(Vec::new());
        let (heard, failures) = heard_backings(&project, arguments.song.parent(), |path| {
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
        force: arguments.force,
        backings,
        ..RenderOptions::new(arguments.out.clone(), vocoder)
    };
    let rendered = render(&project, &choir, &options, &mut |progress| {
        bar.set_position((1000.0 * progress.sung / progress.of.max(1e-3)) as u64);
        true
    });
    bar.finish_and_clear();
    let rendered = rendered?;
    warnings.extend(rendered.warnings.iter().map(ToString::to_string));
    for warning in &warnings {
        tell!("warning: {warning}");
    }
    tell!("sung on {}", compute.description);
    report(arguments, &rendered, &warnings, &compute.description, loaded, clock.elapsed().as_secs_f64())
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
    rendered: &Rendered,
    warnings: &[String],
    device: &Message,
    loaded: f64,
    taken: f64,
) -> Result<()> {
    if arguments.json {
        let report = serde_json::json!({
            "files": rendered.files,
            "seconds": rendered.seconds,
            "seconds_taken": taken,
            "seconds_loading": loaded,
            "seconds_spent": rendered.spent,
            "device": device,
            "turned_down_db": rendered.turned_down_db,
            "warnings": warnings,
        });
        answer!("{report}")?;
        return Ok(());
    }
    if rendered.turned_down_db < 0.0 {
        let db = -rendered.turned_down_db;
        tell!("everything is turned down by {db:.1} dB, to keep the mix below full scale");
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
        let syllables = split_into_syllables(&text);
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
