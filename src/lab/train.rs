//! Training a voice as `ziyin train` does, but for what is tried.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use burn::tensor::Device;
use clap::{Args, ValueEnum};

use super::adversary::Adversary;
use super::listener::Listener;
use ziyin_cli::train::{self, Recipe};
use ziyin_model::singer_encoder::SingerEncoderKind;
use ziyin_training::{Ablation, BeginOpponent, Opponent};

/// Train a voice, with parts left out or put in, to measure what they are worth
#[derive(Args, Debug)]
pub struct Arguments {
    #[command(flatten)]
    usual: train::Arguments,
    /// Train against a critic, which tells generated blocks from recorded ones by patches,
    /// with this weight. It is for a run that begins from a trained one.
    #[arg(long, value_name = "WEIGHT", num_args = 0..=1, default_missing_value = "0.05")]
    critic: Option<f64>,
    /// Let the recogniser in this folder hear what is made: what it hears should be what was to be sung.
    #[arg(long, value_name = "FOLDER", conflicts_with = "critic")]
    listener: Option<PathBuf>,
    /// How much what the recogniser hears counts.
    #[arg(long, value_name = "WEIGHT", default_value_t = 0.05, requires = "listener")]
    heed: f64,
    /// How the network listens that voices are cloned with.
    #[arg(long, value_enum, default_value_t = Listening::Conv)]
    singer_encoder: Listening,
    /// Leave a part out; may be given any number of times.
    #[arg(long, value_enum)]
    without: Vec<LeftOut>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum LeftOut {
    Code,
    ConsonantEmphasis,
    /// And with it the distance of mel-cepstra, which is measured on that scale.
    MelWeight,
    Brightness,
    /// The distance of the mel-cepstra: with it a voice comes nearer to the recordings, but a
    /// singer may come apart in a language that they were not recorded in.
    Cepstrum,
    SingerEncoder,
    /// What singers were never recorded in, lent by others.
    Lending,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Listening {
    /// With convolutions over the frames.
    Conv,
    /// With a recurrent network: slower, to compare.
    Lstm,
}

/// Trains, writing the voice at the end and the curves after each epoch.
///
/// # Errors
/// As [`train::train`].
pub fn run(args: &Arguments) -> Result<()> {
    let without = |part| args.without.contains(&part);
    let weight = args.critic.unwrap_or_default();
    let critic = |mean: &[f32], folder: &Path, device: &Device| -> Result<Box<dyn Opponent>> {
        Ok(Box::new(Adversary::begin(weight, mean, folder, device)?))
    };
    let listener = |_: &[f32], _: &Path, device: &Device| -> Result<Box<dyn Opponent>> {
        let folder = args.listener.as_deref().context("there is no recogniser to listen")?;
        Ok(Box::new(Listener::open(folder, args.heed, device)?))
    };
    let against: Option<BeginOpponent> = match (&args.listener, args.critic) {
        (Some(_), _) => Some(&listener),
        (None, Some(_)) => Some(&critic),
        (None, None) => None,
    };
    let listening = match args.singer_encoder {
        Listening::Conv => SingerEncoderKind::Conv,
        Listening::Lstm => SingerEncoderKind::Lstm,
    };
    let recipe = Recipe {
        singer_encoder: (!without(LeftOut::SingerEncoder)).then_some(listening),
        lending: !without(LeftOut::Lending),
        cepstrum: !without(LeftOut::Cepstrum) && !without(LeftOut::MelWeight),
        ablation: Ablation {
            no_code: without(LeftOut::Code),
            no_consonant_emphasis: without(LeftOut::ConsonantEmphasis),
            no_mel_weight: without(LeftOut::MelWeight),
            no_brightness: without(LeftOut::Brightness),
        },
        against,
    };
    train::train(&args.usual, &recipe)
}
