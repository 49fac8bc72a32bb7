use std::collections::HashSet;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use burn::tensor::Device;
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};

use super::corpora::{Corpora, CorpusArgs, open_corpora};
use super::output::tell;
use ziyin_lyrics::Syllable;
use ziyin_model::device::{TrainingChoice, training_devices};
use ziyin_model::duration::DurationNet;
use ziyin_model::generator::GeneratorConfig;
use ziyin_model::singer_encoder::{SingerEncoderConfig, SingerEncoderKind};
use ziyin_model::{
    DurationConfig, Exemplar, SingerConfig, VoiceConfig, VoiceError, VoiceModel, load_weights, save_weights,
};
use ziyin_signal::USUAL_SHARPNESS;
use ziyin_training::{
    Ablation, BeginOpponent, Example, GeneratorRun, Lending, TrainedGenerator, measure, train_duration,
    train_generator,
};

/// Train a voice from corpora: UTAU voicebanks, and whatever else says where each character
/// lies.
#[derive(Args, Debug)]
pub struct Arguments {
    #[command(flatten)]
    pub corpora: CorpusArgs,
    /// Name that the voice is listed under.
    #[arg(long)]
    name: String,
    /// Folder to write the voice into.
    #[arg(long)]
    pub out: PathBuf,
    /// Folder for checkpoints and curves. A run found there goes on where it was.
    #[arg(long, default_value = "runs/voice")]
    pub run: PathBuf,
    /// Folder of a voice or of another run to begin from; singers and conditions that it did not
    /// know by name begin as the mean of those that it did.
    #[arg(long)]
    begin_from: Option<PathBuf>,
    #[arg(long, default_value_t = 16)]
    pub epochs: usize,
    /// Tokens per step.
    #[arg(long, default_value_t = 37)]
    pub batch: usize,
    #[arg(long, default_value_t = 2e-3)]
    pub rate: f64,
    /// What the generator learns on: auto (a real GPU if there is one), cpu, gpu, or GPUs by
    /// their places, as gpu:0,gpu:1: each step is then split over all of them.
    #[arg(long, default_value = "auto")]
    pub device: TrainingChoice,
    /// Over how many devices of the chosen kind each step is split.
    #[arg(long, default_value_t = 1)]
    devices: usize,
    /// Width of the generator.
    #[arg(long, default_value_t = 256)]
    channels: usize,
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Learn from every n-th token only: to see quickly what a corpus holds.
    #[arg(long, default_value_t = 1)]
    thin: usize,
}

/// How a voice is trained.
pub struct Recipe<'a> {
    /// How the network listens that voices are cloned with, if there is to be one.
    pub singer_encoder: Option<SingerEncoderKind>,
    /// Whether singers are lent the languages that they were never recorded in.
    pub lending: bool,
    /// Whether the distance of the mel-cepstra counts too.
    pub cepstrum: bool,
    /// What is left out.
    pub ablation: Ablation,
    /// What the generator is trained against, if anything.
    pub against: Option<BeginOpponent<'a>>,
}

/// The recipe of the voice that ships.
impl Default for Recipe<'_> {
    fn default() -> Self {
        Self {
            singer_encoder: Some(SingerEncoderKind::Conv),
            lending: true,
            cepstrum: true,
            ablation: Ablation::default(),
            against: None,
        }
    }
}

pub fn run(args: &Arguments) -> Result<()> {
    train(args, &Recipe::default())
}

/// Trains, writing the voice at the end and the curves after each epoch.
///
/// # Errors
/// If a corpus or a voice to begin from cannot be read, a file cannot be written, a device
/// fails, or the recipe contradicts itself.
pub fn train(args: &Arguments, recipe: &Recipe) -> Result<()> {
    ensure!(
        !(recipe.cepstrum && recipe.ablation.no_mel_weight),
        "the distance of mel-cepstra is measured on the mel scale: leave both out or neither"
    );
    // Before hours of analysis, so that a device that is not there is known at once.
    let (devices, said) = training_devices(&args.device, args.devices)?;
    tell!("training on {said}");
    let corpora = open_corpora(&args.corpora)?;
    let split = &corpora.split;
    let example = |&i: &usize| Example {
        token: &corpora.tokens[i],
        singer: corpora.singer_of[i],
        condition: corpora.condition_of[i],
        weight: corpora.weight_of[i],
    };
    let learned: Vec<Example> = split.training.iter().step_by(args.thin.max(1)).map(example).collect();
    let kept_back: Vec<Example> = split.random.iter().chain(&split.between).step_by(6).map(example).collect();
    tell!(
        "{} tokens to learn from, {} at random and {} between pitches kept back",
        learned.len(),
        split.random.len(),
        split.between.len()
    );
    let singers = corpora.singers.len();
    std::fs::create_dir_all(&args.run).with_context(|| format!("cannot create {}", args.run.display()))?;
    let duration_config = DurationConfig::new(singers);
    let lending = if recipe.lending { Lending::new(&learned) } else { Lending::default() };
    for (borrower, language, lender, warp) in lending.told() {
        let name = |singer: usize| &corpora.singers[singer].name;
        let (language, of) = (language.name(), name(lender));
        tell!("{} borrows {language} of {of}: formants × {warp:.2}", name(borrower));
    }
    let file = args.run.join("duration.safetensors");
    let duration = durations(&duration_config, &learned, &lending, &file)?;

    let names: Vec<String> = corpora.singers.iter().map(|singer| singer.name.clone()).collect();
    let run = GeneratorRun {
        config: GeneratorConfig::new(singers, corpora.conditions.len()).with_channels(args.channels),
        singer_encoder: recipe.singer_encoder.map(SingerEncoderConfig::new),
        epochs: args.epochs,
        batch: args.batch,
        learning_rate: args.rate,
        hold: 0.5,
        seed: args.seed,
        ablation: recipe.ablation,
        lending: &lending,
        cepstrum: recipe.cepstrum,
        singers: &names,
        conditions: &corpora.conditions,
        begin_from: args.begin_from.as_deref(),
        folder: &args.run,
    };
    let config = VoiceConfig {
        name: args.name.clone(),
        singers: (0..singers).map(|i| singer_config(&corpora, i)).collect(),
        lead: None,
        conditions: corpora.conditions.clone(),
        generator: run.config.clone(),
        duration: duration_config,
        singer_encoder: run.singer_encoder.clone(),
    };
    // How somebody speaks is no example of how to sing it, where somebody sang it.
    let sung: HashSet<_> =
        learned.iter().filter(|e| e.token.syllable.tone == 0).map(sounds_in_language).collect();
    let assemble = |trained: &TrainedGenerator| -> Result<VoiceModel> {
        let codes = trained.codes(&learned, &devices[0])?;
        let exemplars = learned
            .iter()
            .zip(&codes)
            .filter(|(e, _)| e.token.syllable.tone == 0 || !sung.contains(&sounds_in_language(e)))
            .map(|(e, code)| Exemplar {
                syllable: e.token.syllable,
                previous: e.token.previous,
                next: e.token.next,
                singer: e.singer,
                key: e.token.key,
                levels: e.token.levels.map(|l| (l * 10.0).round() / 10.0),
                code: if run.ablation.no_code {
                    Vec::new()
                } else {
                    code.iter().map(|c| (c * 100.0).round() / 100.0).collect()
                },
            })
            .collect();
        let (generator, duration) = (trained.generator.clone(), duration.clone());
        let listening = trained.singer_encoder.clone();
        Ok(VoiceModel::assemble(config.clone(), generator, duration, listening, exemplars, &devices[0]))
    };
    let save = |trained: &TrainedGenerator, folder: &Path| -> Result<VoiceModel> {
        let voice = assemble(trained)?;
        voice.save(folder)?;
        trained.save_take_encoder(folder)?;
        Ok(voice)
    };
    let bar = ProgressBar::new(1).with_style(style("generator"));
    let trained = train_generator(
        &run,
        &learned,
        &devices,
        recipe.against,
        &mut told_on(&bar, args.epochs),
        &mut |epoch, trained| match save(trained, &args.run.join("voice"))
            .and_then(|voice| measure(&voice, &kept_back))
        {
            Ok([with, without]) => {
                bar.suspend(|| {
                    tell!(
                        "epoch {:3}: MCD {:.2} dB, consonants {:.2} dB, voicing {:.2} %; without code {:.2} / {:.2} dB",
                        epoch + 1,
                        with.distortion(),
                        with.in_consonants(),
                        with.voicing_error(),
                        without.distortion(),
                        without.in_consonants(),
                    )
                });
                vec![
                    ("distortion".into(), with.distortion() as f32),
                    ("consonants".into(), with.in_consonants() as f32),
                ]
            }
            Err(error) => {
                bar.suspend(|| tell!("epoch {}: not saved or not evaluated: {error}", epoch + 1));
                Vec::new()
            }
        },
    )?;
    bar.finish();
    save(&trained, &args.out)?;
    tell!("the voice is in {}; its curves are {}", args.out.display(), args.run.join("curves.png").display());
    Ok(())
}

/// The duration network, which an interrupted run finds in its file. It is small and stays on
/// the CPU, where songs ask it too.
fn durations(
    config: &DurationConfig,
    learned: &[Example],
    lending: &Lending,
    file: &Path,
) -> Result<DurationNet> {
    if file.is_file() {
        let mut network = config.init(&Device::flex());
        match load_weights(&mut network, file) {
            // That of a run which an older Ziyin began is learned anew: it takes a minute.
            Err(VoiceError::OtherWeights { .. }) => {}
            loaded => return Ok(loaded.map(|()| network)?),
        }
    }
    // What five corpora hold is not learned in the steps that one takes.
    let steps = 400 * (1 + learned.len() / 8_000);
    let bar = ProgressBar::new(steps as u64).with_style(style("durations"));
    let network = train_duration(config, learned, lending, steps, &Device::flex(), &mut |step, loss| {
        bar.set_position(step as u64 + 1);
        bar.set_message(format!("loss {loss:.3}"));
    })?;
    bar.finish();
    save_weights(&network, file)?;
    Ok(network)
}

/// What of a token does not depend on who sings it, and in which tone.
fn sounds_in_language(example: &Example) -> Syllable {
    example.token.syllable.with_tone(0)
}

fn singer_config(corpora: &Corpora, index: usize) -> SingerConfig {
    let singer = &corpora.singers[index];
    let of_singer = corpora.singer_of.iter().zip(&corpora.tokens).filter(|(singer, _)| **singer == index);
    let mut keys: Vec<u8> = of_singer.map(|(_, token)| token.key).collect();
    keys.sort_unstable();
    // What was heard a few times was not meant: where somebody speaks, a breaking voice.
    let few = keys.len() / 50;
    SingerConfig {
        name: singer.name.clone(),
        credits: singer.credits.clone(),
        languages: singer.languages.iter().map(|language| language.name().to_string()).collect(),
        range: [
            keys.get(few).copied().unwrap_or(48),
            keys.len().checked_sub(few + 1).map_or(84, |last| keys[last]),
        ],
        sharpness: USUAL_SHARPNESS,
        brightness: 0.0,
    }
}

/// Shows epoch, step, steps per epoch and loss as a network in training tells them.
pub fn told_on(bar: &ProgressBar, epochs: usize) -> impl FnMut(usize, usize, usize, f32) {
    move |epoch, step, steps, loss| {
        bar.set_length((steps * epochs) as u64);
        bar.set_position((epoch * steps + step) as u64);
        bar.set_message(format!("epoch {} loss {loss:.4}", epoch + 1));
    }
}

pub fn style(name: &str) -> ProgressStyle {
    ProgressStyle::with_template(&format!(
        "{name} {{bar:40}} {{pos}}/{{len}} {{elapsed}} of {{duration}} {{msg}}"
    ))
    .unwrap_or_else(|_| ProgressStyle::default_bar())
}
