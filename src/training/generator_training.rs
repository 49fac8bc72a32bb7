use std::path::Path;
use std::time::Instant;

use anyhow::{Context, Result};
use burn::grad_clipping::GradientClippingConfig;
use burn::module::Module;
use burn::optim::{AdamWConfig, ModuleOptimizer};
use burn::tensor::Device;
use serde::{Deserialize, Serialize};

use super::batch::Emphasis;
use super::checkpoint::{Progress, load_checkpoint, save_checkpoint};
use super::devices::drawn_on_cpu;
use super::draw::Draw;
use super::generator_step::{Noise, TrainingStep};
use super::lending::{Lending, Loan};
use super::likenesses::{Likenesses, Repertoire};
use super::opponent::{BeginOpponent, Opponent};
use super::trained_generator::TrainedGenerator;
use super::{Example, draw_curves};
use ziyin_model::generator::GeneratorConfig;
use ziyin_model::singer_encoder::SingerEncoderConfig;
use ziyin_model::take_encoder::TakeEncoderConfig;
use ziyin_signal::{BINS, mel_places};

/// What is left out of a run, to measure what it is worth.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ablation {
    pub no_code: bool,
    pub no_consonant_emphasis: bool,
    pub no_mel_weight: bool,
    pub no_brightness: bool,
}

/// A run of training.
#[derive(Clone, Debug)]
pub struct GeneratorRun<'a> {
    pub config: GeneratorConfig,
    /// The encoder that learns to tell who sings, if there is to be one.
    pub singer_encoder: Option<SingerEncoderConfig>,
    pub epochs: usize,
    pub batch: usize,
    pub learning_rate: f64,
    /// Share of the run during which the learning rate is held; then it falls to a
    /// fiftieth along a cosine.
    pub hold: f64,
    pub seed: u64,
    pub ablation: Ablation,
    /// The languages that singers lend each other.
    pub lending: &'a Lending,
    /// Whether the distance of mel-cepstra counts beside that of the bins. It is taken on places
    /// that stand evenly on the mel scale, so not with [`Ablation::no_mel_weight`].
    pub cepstrum: bool,
    /// Names of the singers and recording conditions, in the order of their rows.
    pub singers: &'a [String],
    pub conditions: &'a [String],
    /// Folder of another run or of a voice, whose networks this one begins with. Singers and
    /// conditions that it knows by name keep their rows.
    pub begin_from: Option<&'a Path>,
    /// Folder of checkpoints and curves; an interrupted run found there goes on.
    pub folder: &'a Path,
}

/// What an epoch is measured by, each with the name of its curve.
pub type Figures = Vec<(String, f32)>;

/// Bins that a step looks at, evenly spaced on the mel scale from a random start: a
/// quarter of the work, and neighbours say nearly the same.
const BINS_OF_A_STEP: usize = 256;

/// Trains a generator on `examples`.
///
/// Weighted distance of log amplitude, cross-entropy of the source, and a pull of the
/// codes towards zero. A quarter of the time a token is shown without its code, so that
/// the network also learns the mean of its kind. With a singer encoder half of the tokens
/// hear from it who sings, most of these in a changed voice. `progress` hears of each step: epoch,
/// step, steps per epoch, loss.
///
/// `against` begins an opponent of the generator, if it is to have one.
///
/// The networks live on the first of `devices`, and so does what comes back. Each step's
/// batch is split over all of them; one may be named several times. Runs with the same seed
/// begin with the same weights and learn from the same draws, whatever the devices.
///
/// # Errors
/// If a device fails, a file of the run cannot be read or written, or the loss is no longer
/// a number.
pub fn train_generator(
    run: &GeneratorRun,
    examples: &[Example],
    devices: &[Device],
    against: Option<BeginOpponent>,
    progress: &mut dyn FnMut(usize, usize, usize, f32),
    each_epoch: &mut dyn FnMut(usize, &TrainedGenerator) -> Figures,
) -> Result<TrainedGenerator> {
    let training_devices: Vec<Device> = devices.iter().map(|device| device.clone().autodiff()).collect();
    let training_device = training_devices.first().context("training needs a device")?.clone();
    let cpu = Device::flex().autodiff();
    cpu.seed(run.seed);
    let new = TrainedGenerator {
        generator: run.config.init(&cpu),
        encoder: TakeEncoderConfig::new().init(&cpu),
        singer_encoder: run.singer_encoder.as_ref().map(|config| config.init(&cpu)),
    };
    let mut model = drawn_on_cpu(new, &training_device);
    let mut optimizer: ModuleOptimizer = AdamWConfig::new()
        .with_beta_2(0.99)
        .with_weight_decay(1e-5)
        .with_grad_clipping(Some(GradientClippingConfig::Norm(1.0)))
        .init();
    let mut state = Progress::default();
    if let Some((restored, saved)) = load_checkpoint(run.folder, &mut model, optimizer.clone())? {
        (optimizer, state) = (restored, saved);
    } else if let Some(other) = run.begin_from {
        let (known, begun) = TrainedGenerator::open(other, &training_device)?;
        let row = |names: &[String], name: &String| names.iter().position(|known| known == name);
        let known_singers: Vec<String> = known.singers.into_iter().map(|singer| singer.name).collect();
        let singers: Vec<_> = run.singers.iter().map(|name| row(&known_singers, name)).collect();
        let conditions: Vec<_> = run.conditions.iter().map(|name| row(&known.conditions, name)).collect();
        model.generator = begun.generator.with_rows(&singers, &conditions);
        model.encoder = begun.encoder;
        let kind = |config: &Option<SingerEncoderConfig>| config.as_ref().map(|config| config.kind);
        model.singer_encoder = match (model.singer_encoder, begun.singer_encoder) {
            (Some(_), Some(begun)) if kind(&run.singer_encoder) == kind(&known.singer_encoder) => Some(begun),
            // The generator already listens to its table: a new encoder begins there.
            (Some(new), _) => Some(new.beginning_at(model.generator.mean_singer())),
            (None, _) => None,
        };
    } else {
        model.generator = model.generator.with_mean(&mean_envelope(examples), &training_device);
    }
    let mean = model.generator.mean_envelope()?;
    let emphasis = Emphasis {
        consonant: if run.ablation.no_consonant_emphasis { 1.0 } else { 4.0 },
        bright: !run.ablation.no_brightness,
        cepstrum: run.cepstrum,
    };
    let repertoire = Repertoire::new(examples);
    let mut opponent: Option<Box<dyn Opponent>> = match against {
        Some(begin) => Some(begin(&mean, run.folder, &training_device)?),
        None => None,
    };
    let mut last_saved = Instant::now();
    for epoch in state.epoch..run.epochs {
        let mut draw = Draw::new(run.seed + epoch as u64);
        let batches = shuffled_batches(examples, run.batch, &mut draw);
        let steps = batches.len();
        let (mut sum, mut shape_sum, mut opponent_sum) = (0.0f64, 0.0f64, 0.0f64);
        for (step, members) in batches.iter().enumerate() {
            let done = (epoch as f64 + step as f64 / steps as f64) / run.epochs as f64;
            let loans: Vec<Option<Loan>> =
                members.iter().map(|&i| run.lending.drawn(&examples[i], &mut draw)).collect();
            let sung_by = |(&i, loan): (&usize, &Option<Loan>)| Example {
                singer: loan.map_or(examples[i].singer, |loan| loan.singer),
                ..examples[i]
            };
            let part: Vec<Example> = members.iter().zip(&loans).map(sung_by).collect();
            let bins = if run.ablation.no_mel_weight {
                even_places(BINS_OF_A_STEP, draw.unit())
            } else {
                mel_places(BINS_OF_A_STEP, draw.unit())
            };
            let likenesses = match &model.singer_encoder {
                Some(_) => Likenesses::drawn(members, &loans, examples, &repertoire, &mean, &mut draw),
                None => Likenesses::known(&loans),
            };
            let codes = (!run.ablation.no_code).then(|| Noise::drawn(part.len(), &mut draw));
            let step_taken = TrainingStep { examples: part, bins, emphasis, likenesses, mean: &mean, codes };
            let found = step_taken.take(&model, opponent.as_deref_mut(), &training_devices)?;
            model = optimizer.step(rate(run, done), model, found.gradients);
            sum += found.loss;
            shape_sum += found.shape;
            opponent_sum += found.opponent;
            let value = found.loss as f32;
            progress(epoch, step + 1, steps, value);
        }
        state.epoch = epoch + 1;
        state.record("loss", (sum / steps as f64) as f32);
        state.record("envelope", (shape_sum / steps as f64) as f32);
        if opponent.is_some() {
            state.record("opponent", (opponent_sum / steps as f64) as f32);
        }
        let seen = each_epoch(epoch, &model.valid());
        for (name, value) in seen {
            state.record(&name, value);
        }
        draw_curves(&run.folder.join("curves.png"), &state.named_curves())?;
        if state.epoch == run.epochs || last_saved.elapsed().as_secs() > 60 {
            if let Some(opponent) = &opponent {
                opponent.save(run.folder, &state)?;
            }
            save_checkpoint(run.folder, &model, &optimizer, &state)?;
            last_saved = Instant::now();
        }
    }
    Ok(model.valid())
}

fn rate(run: &GeneratorRun, done: f64) -> f64 {
    // The first steps of Adam know no variance yet.
    let warm = (done * run.epochs as f64 * 20.0).min(1.0);
    let fall = ((done - run.hold) / (1.0 - run.hold)).clamp(0.0, 1.0);
    run.learning_rate * warm * (0.02 + 0.98 * 0.5 * (1.0 + (std::f64::consts::PI * fall).cos()))
}

/// Batches of tokens of like length in random order, each token as often as its weight says.
fn shuffled_batches(examples: &[Example], size: usize, draw: &mut Draw) -> Vec<Vec<usize>> {
    let mut order: Vec<(u64, usize)> = Vec::with_capacity(examples.len());
    for (i, example) in examples.iter().enumerate() {
        let weight = example.weight.max(0.0);
        let more = weight.fract() > 0.0 && draw.unit() < weight.fract();
        let times = weight as usize + usize::from(more);
        order.extend((0..times).map(|_| (draw.bits(), i)));
    }
    order.sort_unstable();
    let mut batches = Vec::new();
    for pool in order.chunks(size * 12) {
        let mut pool: Vec<usize> = pool.iter().map(|&(_, i)| i).collect();
        pool.sort_by_key(|&i| examples[i].token.times.len());
        batches.extend(pool.chunks(size).map(<[usize]>::to_vec));
    }
    let mut order: Vec<(u64, Vec<usize>)> = batches.into_iter().map(|b| (draw.bits(), b)).collect();
    order.sort_unstable_by_key(|(key, _)| *key);
    order.into_iter().map(|(_, b)| b).collect()
}

/// `count` bins evenly spaced in Hz: what an ablation without mel's weight looks at.
fn even_places(count: usize, start: f32) -> Vec<usize> {
    (0..count).map(|i| ((i as f32 + start) / count as f32 * (BINS - 1) as f32) as usize).collect()
}

/// The mean envelope of what is learned from, each of the `BINS` values over the recordings that
/// reach to it.
pub fn mean_envelope(examples: &[Example]) -> Vec<f32> {
    let mut sum = vec![0.0f64; BINS];
    let mut count = vec![0usize; BINS];
    // A few hundred tokens fix the mean as well as all of them.
    for example in examples.iter().step_by((examples.len() / 400).max(1)) {
        let token = example.token;
        for bin in (0..BINS).filter(|&bin| token.hears(bin)) {
            sum[bin] +=
                token.envelope.iter().skip(bin).step_by(BINS).map(|e| f64::from(e.to_f32())).sum::<f64>();
            count[bin] += token.times.len();
        }
    }
    sum.into_iter().zip(count).map(|(s, count)| (s / count.max(1) as f64) as f32).collect()
}
