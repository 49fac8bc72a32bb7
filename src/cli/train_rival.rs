//! Training the rival of the generator on the same corpora.

use anyhow::{Context, Result};
use indicatif::ProgressBar;

use super::train::{Arguments, style, told_on};
use ziyin_model::tacotron2::{Alpha, Rival, Tacotron2Config};
use ziyin_training::{Example, TacotronRun, mean_envelope, passages, train_tacotron2};

/// Trains Tacotron 2 on the passages of `learned`, writing it at the end.
pub fn train(args: &Arguments, learned: &[Example], singers: usize) -> Result<()> {
    let device = burn::tensor::Device::flex();
    let mean = mean_envelope(learned);
    let scores: Vec<_> = passages(learned, &mean).into_iter().step_by(args.thin.max(1)).collect();
    eprintln!("{} passages of {} tokens", scores.len(), learned.len());
    let run = TacotronRun {
        config: Tacotron2Config::new(singers),
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
    train_tacotron2(&run, &scores, &device, &mut told_on(&bar, args.epochs), &mut |progress, network| {
        let last = |(name, values): (&str, Vec<f32>)| format!("{name} {:.4}", values.last().unwrap_or(&0.0));
        let figures: Vec<String> = progress.named_curves().into_iter().map(last).collect();
        bar.suspend(|| eprintln!("epoch {:3}: {}", progress.epoch, figures.join(", ")));
        let (config, network, mean) = (run.config.clone(), network.clone(), mean.clone());
        Ok(Rival { config, network, primer: args.primer, mean }.save(&args.out)?)
    })?;
    bar.finish();
    eprintln!("the network is in {}; `ziyin evaluate --rival` compares it", args.out.display());
    Ok(())
}
