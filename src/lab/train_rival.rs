//! Training the rival of the generator on the same corpora.

use std::path::PathBuf;

use anyhow::{Context, Result};
use burn::tensor::Device;
use clap::Args;
use indicatif::ProgressBar;

use super::passages::passages;
use super::tacotron_training::{TacotronRun, train_tacotron2};
use super::tacotron2::{Alpha, Rival, Tacotron2Config};
use ziyin_cli::corpora::{CorpusArgs, open_corpora};
use ziyin_cli::tell;
use ziyin_cli::train::{style, told_on};
use ziyin_training::{Example, mean_envelope};

/// Train Tacotron 2 on the passages of corpora, on the CPU
#[derive(Args, Debug)]
pub struct Arguments {
    #[command(flatten)]
    corpora: CorpusArgs,
    /// Folder to write the network into.
    #[arg(long)]
    out: PathBuf,
    /// Folder for checkpoints and curves. A run found there goes on where it was.
    #[arg(long, default_value = "runs/rival")]
    run: PathBuf,
    #[arg(long, default_value_t = 16)]
    epochs: usize,
    /// Passages per step.
    #[arg(long, default_value_t = 37)]
    batch: usize,
    #[arg(long, default_value_t = 2e-3)]
    rate: f64,
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Learn from every n-th passage only: for quick trials.
    #[arg(long, default_value_t = 1)]
    thin: usize,
    /// The passage before tells whose voice it is, in place of an embedding.
    #[arg(long)]
    primer: bool,
    /// How much of the true frame is mixed with the sung one before the pre-net.
    #[arg(long, default_value_t = 1.0)]
    alpha_before: f64,
    /// How much of the true frame is mixed with that mixture after the pre-net.
    #[arg(long, default_value_t = 1.0)]
    alpha_after: f64,
    /// How much attention is charged for straying from the symbols' lengths.
    #[arg(long, default_value_t = 1.0)]
    guidance: f64,
}

/// Trains Tacotron 2, writing it after each epoch.
///
/// # Errors
/// If a corpus cannot be read, a file cannot be written, or the loss is no longer a number.
pub fn run(args: &Arguments) -> Result<()> {
    let corpora = open_corpora(&args.corpora)?;
    let example = |&i: &usize| Example {
        token: &corpora.tokens[i],
        singer: corpora.singer_of[i],
        condition: corpora.condition_of[i],
        weight: corpora.weight_of[i],
    };
    let learned: Vec<Example> = corpora.split.training.iter().map(example).collect();
    let device = Device::flex();
    let mean = mean_envelope(&learned);
    let sung: Vec<_> = passages(&learned, &mean).into_iter().step_by(args.thin.max(1)).collect();
    tell!("{} passages of {} tokens", sung.len(), learned.len());
    let run = TacotronRun {
        config: Tacotron2Config::new(corpora.singers.len()),
        epochs: args.epochs,
        batch: args.batch,
        learning_rate: args.rate,
        seed: args.seed,
        alpha: Alpha { before: args.alpha_before, after: args.alpha_after },
        primer: args.primer,
        guidance: args.guidance,
        folder: &args.run,
    };
    std::fs::create_dir_all(&args.run).with_context(|| format!("cannot create {}", args.run.display()))?;
    let bar = ProgressBar::new(1).with_style(style("Tacotron 2"));
    train_tacotron2(&run, &sung, &device, &mut told_on(&bar, args.epochs), &mut |progress, network| {
        let last = |(name, values): (&str, Vec<f32>)| format!("{name} {:.4}", values.last().unwrap_or(&0.0));
        let figures: Vec<String> = progress.named_curves().into_iter().map(last).collect();
        bar.suspend(|| tell!("epoch {:3}: {}", progress.epoch, figures.join(", ")));
        let (config, network, mean) = (run.config.clone(), network.clone(), mean.clone());
        Ok(Rival { config, network, primer: args.primer, mean }.save(&args.out)?)
    })?;
    bar.finish();
    tell!("the network is in {}; `ziyin-lab evaluate --rival` compares it", args.out.display());
    Ok(())
}
