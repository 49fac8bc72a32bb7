//! Training the recogniser on corpora that say where each character lies.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use clap::Args;
use indicatif::ProgressBar;
use rayon::prelude::*;

use ziyin_cli::tell;
use ziyin_cli::train::{style, told_on};
use ziyin_corpus::{Clip, Content, Manner, open_corpus};
use ziyin_model::recogniser::RecogniserConfig;
use ziyin_training::{LabelledRecording, RecogniserRun, train_recogniser};

/// Train the network that hears which sound is sung at each moment, on the CPU
#[derive(Args, Debug)]
pub struct Arguments {
    /// Folder of a corpus that says where each character lies: a voicebank, or a folder with a
    /// recordings.jsonl. May be given any number of times.
    #[arg(long, required = true, value_name = "FOLDER")]
    corpus: Vec<PathBuf>,
    /// Name of a singer of whom no recording is learned from; may be given any number of times.
    #[arg(long, value_name = "NAME")]
    keep_back: Vec<String>,
    /// Most minutes that are taken of each corpus, evenly from all of it.
    #[arg(long, default_value_t = 60.0)]
    minutes: f64,
    /// Folder to write the recogniser into.
    #[arg(long)]
    out: PathBuf,
    /// Folder of a recogniser of the same width or half of it to begin with, rather than by chance.
    #[arg(long, value_name = "FOLDER")]
    from: Option<PathBuf>,
    /// Folder for checkpoints and curves. A run found there goes on where it was.
    #[arg(long, default_value = "runs/recogniser")]
    run: PathBuf,
    #[arg(long, default_value_t = 12)]
    epochs: usize,
    /// Pieces of six seconds in a step.
    #[arg(long, default_value_t = 16)]
    batch: usize,
    #[arg(long, default_value_t = 2e-3)]
    rate: f64,
    /// Width of the network.
    #[arg(long, default_value_t = 256)]
    channels: usize,
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// Recordings that are read at once.
const AT_ONCE: usize = 64;
/// Of so many recordings one is kept back to see how it goes.
const KEPT_BACK: usize = 24;

/// Trains a recogniser, writing it after each epoch.
///
/// # Errors
/// If a corpus cannot be read, a file cannot be written, or the loss is no longer a number.
pub fn run(args: &Arguments) -> Result<()> {
    let config = RecogniserConfig { channels: args.channels, ..RecogniserConfig::default() };
    let (learned, kept_back) = read_all(&args.corpus, &args.keep_back, args.minutes, &args.run)?;
    ensure!(!learned.is_empty(), "no corpus says where its characters lie");
    let minutes =
        |some: &[LabelledRecording]| some.iter().map(LabelledRecording::seconds).sum::<f64>() / 60.0;
    tell!(
        "{} recordings, {:.0} minutes; {} more, {:.0} minutes, to see how it goes",
        learned.len(),
        minutes(&learned),
        kept_back.len(),
        minutes(&kept_back)
    );
    std::fs::create_dir_all(&args.run).with_context(|| format!("cannot create {}", args.run.display()))?;
    std::fs::create_dir_all(&args.out).with_context(|| format!("cannot create {}", args.out.display()))?;
    let run = RecogniserRun {
        config,
        epochs: args.epochs,
        batch: args.batch.max(1),
        learning_rate: args.rate,
        seed: args.seed,
        folder: &args.run,
        from: args.from.as_deref(),
    };
    let bar = ProgressBar::new(1).with_style(style("recogniser"));
    let mut told = told_on(&bar, args.epochs);
    train_recogniser(&run, &learned, &kept_back, &mut told, &mut |epoch, network, wrong| {
        bar.suspend(|| tell!("epoch {:3}: {:.1} % of frames wrong", epoch + 1, 100.0 * wrong));
        Ok(run.config.save(network, &args.out)?)
    })?;
    bar.finish();
    tell!("the recogniser is in {}", args.out.display());
    Ok(())
}

/// The recordings of some corpora: those to learn from, and those that are kept back to see how it goes.
/// Archives are unpacked into `run`.
///
/// # Errors
/// If a corpus cannot be read.
pub fn read_all(
    folders: &[PathBuf],
    singers_kept_back: &[String],
    minutes: f64,
    run: &Path,
) -> Result<(Vec<LabelledRecording>, Vec<LabelledRecording>)> {
    let (mut learned, mut kept_back) = (Vec::new(), Vec::new());
    for folder in folders {
        let recordings = read(folder, singers_kept_back, minutes, run)?;
        for (i, recording) in recordings.into_iter().enumerate() {
            if i % KEPT_BACK == KEPT_BACK / 2 { kept_back.push(recording) } else { learned.push(recording) }
        }
    }
    Ok((learned, kept_back))
}

/// The recordings of a corpus, but for those of singers who are kept back and whispered ones.
fn read(folder: &Path, kept_back: &[String], most: f64, run: &Path) -> Result<Vec<LabelledRecording>> {
    let config = RecogniserConfig::default();
    let corpus = open_corpus(folder, &run.join("unpacked"))
        .with_context(|| format!("cannot open {}", folder.display()))?;
    let singers = corpus.singers();
    let back = |clip: &Clip| singers.get(clip.singer).is_some_and(|name| kept_back.contains(name));
    let clips: Vec<Clip> = corpus.clips().into_iter().filter(|clip| !back(clip)).collect();
    let labelled = |clip: &&Clip| {
        let Content::Tokens(tokens) = &clip.content else { return None };
        let whispered = tokens.iter().any(|token| token.manner == Manner::Whisper);
        if whispered { None } else { LabelledRecording::read(&clip.audio, tokens, &config).ok() }
    };
    let bar = ProgressBar::new_spinner().with_message(corpus.name().to_string());
    let (mut read, mut minutes) = (Vec::new(), 0.0);
    for some in evenly(&clips).chunks(AT_ONCE) {
        if minutes >= most {
            break;
        }
        let more: Vec<LabelledRecording> = some.par_iter().filter_map(labelled).collect();
        minutes += more.iter().map(LabelledRecording::seconds).sum::<f64>() / 60.0;
        read.extend(more);
        bar.tick();
    }
    bar.finish_and_clear();
    tell!("{}: {minutes:.0} minutes, {} of {} recordings", corpus.name(), read.len(), clips.len());
    Ok(read)
}

/// All of these in such an order that the first of them come from everywhere.
fn evenly<T>(all: &[T]) -> Vec<&T> {
    // The golden section falls between those before it, wherever it is stopped.
    let place = |i: usize| (i as f64 * 0.618_033_988_749_895).fract();
    let mut order: Vec<usize> = (0..all.len()).collect();
    order.sort_by(|&a, &b| place(a).total_cmp(&place(b)));
    order.into_iter().map(|i| &all[i]).collect()
}
