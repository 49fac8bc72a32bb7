//! Training the network that takes the vocals out of music.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, ensure};
use clap::Args;
use indicatif::ProgressBar;

use ziyin_cli::tell;
use ziyin_cli::train::{style, told_on};
use ziyin_interchange::Budget;
use ziyin_interchange::audio::read_audio;
use ziyin_message::ToMessage;
use ziyin_model::separator::RATE;
use ziyin_signal::at_rate;
use ziyin_training::{Parts, SeparatorRun, train_separator};

/// Train the network that takes the vocals out of music, on the CPU: from mixtures that are made of recordings
/// of voices alone and of music in which nobody sings
#[derive(Args, Debug)]
pub struct Arguments {
    /// Folder of recordings of voices alone, those in its folders too; may be given any number of times.
    #[arg(long, required = true, value_name = "FOLDER")]
    voices: Vec<PathBuf>,
    /// Folder of music in which nobody sings; may be given any number of times.
    #[arg(long, required = true, value_name = "FOLDER")]
    music: Vec<PathBuf>,
    /// Most minutes that are taken of each folder.
    #[arg(long, default_value_t = 20.0)]
    minutes: f64,
    /// Folder to write the network into.
    #[arg(long)]
    out: PathBuf,
    /// Folder of a network to begin with, rather than by chance.
    #[arg(long, value_name = "FOLDER")]
    from: Option<PathBuf>,
    /// Folder for checkpoints and curves. A run found there goes on where it was.
    #[arg(long, default_value = "runs/separator")]
    run: PathBuf,
    #[arg(long, default_value_t = 20)]
    epochs: usize,
    /// Steps of an epoch.
    #[arg(long, default_value_t = 50)]
    steps: usize,
    /// Mixtures of three seconds in a step.
    #[arg(long, default_value_t = 4)]
    batch: usize,
    #[arg(long, default_value_t = 3e-4)]
    rate: f64,
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// Channels of a new network after each halving.
const CHANNELS: [usize; 6] = [16, 32, 64, 128, 256, 512];
/// Of so many recordings one is kept back to see how it goes.
const KEPT_BACK: usize = 8;

/// Trains a separator, writing it after each epoch.
///
/// # Errors
/// If a recording cannot be read, there is none, a file cannot be written, or the loss is no longer a number.
pub fn run(args: &Arguments) -> Result<()> {
    let (mut learned, mut kept_back) = (Parts::default(), Parts::default());
    for (i, sides) in recordings(&args.voices, args.minutes)?.into_iter().enumerate() {
        let [left, right] = sides;
        let voice = left.iter().zip(&right).map(|(left, right)| 0.5 * (left + right)).collect();
        if kept(i) { kept_back.voices.push(voice) } else { learned.voices.push(voice) }
    }
    for (i, sides) in recordings(&args.music, args.minutes)?.into_iter().enumerate() {
        if kept(i) { kept_back.music.push(sides) } else { learned.music.push(sides) }
    }
    let parts = [&learned, &kept_back];
    let [voices, back] = parts.map(|parts| parts.voices.len());
    let [music, music_back] = parts.map(|parts| parts.music.len());
    tell!(
        "{voices} recordings of voices and {music} of music; {back} and {music_back} more, to see how it goes"
    );
    for folder in [&args.run, &args.out] {
        std::fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
    }
    let run = SeparatorRun {
        epochs: args.epochs,
        steps: args.steps.max(1),
        batch: args.batch.max(1),
        learning_rate: args.rate,
        seed: args.seed,
        channels: CHANNELS,
        from: args.from.as_deref(),
        folder: &args.run,
    };
    let bar = ProgressBar::new(1).with_style(style("separator"));
    let mut told = told_on(&bar, args.epochs);
    train_separator(&run, &learned, &kept_back, &mut told, &mut |epoch, network, off| {
        bar.suspend(|| tell!("epoch {:3}: {:.1} % of the voice off", epoch + 1, 100.0 * off));
        Ok(network.save(&args.out)?)
    })?;
    bar.finish();
    tell!("the network is in {}", args.out.display());
    Ok(())
}

fn kept(number: usize) -> bool {
    number % KEPT_BACK == KEPT_BACK / 2
}

/// The WAVs of some folders at the rate of the network, left and right, so many minutes of each.
fn recordings(folders: &[PathBuf], most: f64) -> Result<Vec<[Vec<f32>; 2]>> {
    let mut all = Vec::new();
    for folder in folders {
        let mut files = Vec::new();
        wavs(folder, &mut files)?;
        files.sort();
        // From all of the folder, if it is more than is taken.
        let mut left = (60.0 * most * f64::from(RATE)) as usize;
        for place in 0..files.len() {
            if left == 0 {
                break;
            }
            let file = &files[place * 61 % files.len()];
            let audio = read_audio(file, &Budget::default())
                .map_err(|why| anyhow!("{}: {}", file.display(), why.in_full()))?;
            let [a, b] = audio.sides;
            let at = |side: Vec<f32>| at_rate(side, audio.rate, RATE);
            let mut sides =
                [at(a), at(b)].into_iter().collect::<Result<Vec<_>, _>>().context("cannot convert a rate")?;
            sides.iter_mut().for_each(|side| side.truncate(left));
            left -= sides[0].len();
            if let Ok(sides) = <[Vec<f32>; 2]>::try_from(sides) {
                all.push(sides);
            }
        }
    }
    ensure!(!all.is_empty(), "there are no WAVs in {}", folders[0].display());
    Ok(all)
}

/// The WAVs in a folder and in those within it.
fn wavs(folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    let entries = std::fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    for entry in entries {
        let path = entry?.path();
        if path.is_dir() {
            wavs(&path, files)?;
        } else if path.extension().is_some_and(|end| end.eq_ignore_ascii_case("wav")) {
            files.push(path);
        }
    }
    Ok(())
}
