//! How a recogniser learns: frame by frame where the corpus says what is heard when, and by CTC as if
//! it did not.

use std::path::Path;
use std::time::Instant;

use anyhow::{Result, bail, ensure};
use burn::grad_clipping::GradientClippingConfig;
use burn::module::{Module, ModuleMapper, ModuleVisitor, Param};
use burn::optim::{AdamWConfig, GradientsParams, ModuleOptimizer};
use burn::tensor::{Device, Tensor, TensorData};
use rayon::prelude::*;

use super::checkpoint::{Progress, load_checkpoint, save_checkpoint};
use super::ctc::all_ways;
use super::curves::draw_curves;
use super::draw::Draw;
use super::labelled::{LabelledRecording, UNKNOWN};
use super::mel_change::MelChange;
use super::recogniser_gradient::Layout;
use super::widening::widened;
use ziyin_model::recogniser::{Recogniser, RecogniserConfig, STACKED, level, levelled};
use ziyin_model::{VoiceError, to_vec};
use ziyin_signal::MEL_BANDS;

/// One run of training.
pub struct RecogniserRun<'a> {
    pub config: RecogniserConfig,
    pub epochs: usize,
    /// Pieces of recordings in a step.
    pub batch: usize,
    pub learning_rate: f64,
    pub seed: u64,
    /// Folder of checkpoints and curves; an interrupted run found there goes on.
    pub folder: &'a Path,
    /// Folder of a recogniser to begin with, as wide or half as wide.
    pub from: Option<&'a Path>,
}

/// Steps of the network in a piece: six seconds.
pub(super) const PIECE: usize = 256;
/// Characters in a second of what is sung, from slow songs to quick talk: recordings are shown at any pace.
const PACES: [f32; 2] = [1.5, 7.0];
/// How much quicker or slower a recording is shown, at most.
const STRETCHES: [f32; 2] = [0.35, 1.6];
/// How many of the pieces are shown as they were recorded.
const UNCHANGED: f32 = 0.25;
/// What CTC counts beside the frames, and where characters begin.
const PATH_WEIGHT: f64 = 0.3;
const BEGINS_WEIGHT: f64 = 1.0;

/// Trains a recogniser. `progress` hears of each step: epoch, step, steps per epoch, loss; `each_epoch` of
/// each epoch, with the share of the frames of `kept_back` that are heard wrongly.
///
/// # Errors
/// If a file of the run cannot be read or written, or the loss is no longer a number.
pub fn train_recogniser(
    run: &RecogniserRun,
    examples: &[LabelledRecording],
    kept_back: &[LabelledRecording],
    progress: &mut dyn FnMut(usize, usize, usize, f32),
    each_epoch: &mut dyn FnMut(usize, &Recogniser, f32) -> Result<()>,
) -> Result<Recogniser> {
    ensure!(!examples.is_empty(), "there is nothing to learn from");
    let device = Device::flex().autodiff();
    device.seed(run.seed);
    let mut model = match run.from {
        Some(folder) => {
            let (known, model) = Recogniser::load(folder, &device)?;
            ensure!(known.sounds == run.config.sounds, "{} tells other sounds apart", folder.display());
            if known.channels == run.config.channels {
                model
            } else {
                let fits = 2 * known.channels == run.config.channels;
                ensure!(fits, "{} is neither as wide nor half as wide", folder.display());
                let wide = widened(&known, &weights(&model)?, &mut Draw::new(run.seed));
                with_weights(run.config.init(&device), &wide)
            }
        }
        None => run.config.init(&device),
    };
    let mut optimizer = optimizer();
    let mut state = Progress::default();
    if let Some((restored, saved)) = load_checkpoint(run.folder, &mut model, optimizer.clone())? {
        (optimizer, state) = (restored, saved);
    }
    let layout = Layout::new(&run.config);
    let mut last_saved = Instant::now();
    for epoch in state.epoch..run.epochs {
        let mut draw = Draw::new(run.seed + epoch as u64);
        let pieces = pieces(examples, &mut draw);
        let steps = pieces.len().div_ceil(run.batch);
        let mut sums = [0.0f64; 3];
        for (step, members) in pieces.chunks(run.batch).enumerate() {
            let done = (epoch as f64 + step as f64 / steps as f64) / run.epochs as f64;
            let seeds: Vec<u64> = members.iter().map(|_| draw.bits()).collect();
            let change = |(piece, seed): (&Piece, &u64)| {
                Shown::changed(&examples[piece.of], piece, &mut Draw::new(*seed))
            };
            let shown: Vec<Shown> = members.par_iter().zip(&seeds).map(change).collect();
            let (gradient, parts) = losses(&layout, &weights(&model)?, &run.config, &shown);
            let value = parts.iter().sum::<f64>();
            if !value.is_finite() {
                bail!("the loss is no longer a number in epoch {}", epoch + 1);
            }
            sums.iter_mut().zip(parts).for_each(|(sum, part)| *sum += part);
            let gradients = by_weights(&model, &gradient);
            model = optimizer.step(rate(run, done, steps), model, gradients);
            progress(epoch, step + 1, steps, value as f32);
        }
        state.epoch = epoch + 1;
        for (name, sum) in ["frames", "path", "begins"].into_iter().zip(sums) {
            state.record(name, (sum / steps as f64) as f32);
        }
        let found = model.valid();
        let wrong = wrong_frames(&layout, &weights(&found)?, &run.config, kept_back);
        state.record("wrong", wrong);
        each_epoch(epoch, &found, wrong)?;
        draw_curves(&run.folder.join("curves.png"), &state.named_curves())?;
        if state.epoch == run.epochs || last_saved.elapsed().as_secs() > 60 {
            save_checkpoint(run.folder, &model, &optimizer, &state)?;
            last_saved = Instant::now();
        }
    }
    Ok(model.valid())
}

/// What a recogniser is moved by.
pub(super) fn optimizer() -> ModuleOptimizer {
    AdamWConfig::new()
        .with_beta_2(0.99)
        .with_weight_decay(1e-3)
        .with_grad_clipping(Some(GradientClippingConfig::Norm(1.0)))
        .init()
}

/// It rises through the first 60 steps, since those of Adam know no variance yet, and falls to the end.
fn rate(run: &RecogniserRun, done: f64, steps: usize) -> f64 {
    let warm = (done * (run.epochs * steps) as f64 / 60.0).min(1.0);
    run.learning_rate * warm * (0.02 + 0.98 * 0.5 * (1.0 + (std::f64::consts::PI * done).cos()))
}

/// A part of a recording, at the speed at which it is shown.
struct Piece {
    of: usize,
    /// Its first frame, in those that are shown.
    from: usize,
    stretch: f32,
}

/// All recordings, cut into pieces, in random order.
fn pieces(examples: &[LabelledRecording], draw: &mut Draw) -> Vec<Piece> {
    let long = PIECE * STACKED;
    let mut all: Vec<(u64, Piece)> = Vec::new();
    for (of, example) in examples.iter().enumerate() {
        let pace = draw.between(PACES[0].ln(), PACES[1].ln()).exp();
        let stretch = (example.pace() / pace).clamp(STRETCHES[0], STRETCHES[1]);
        let frames = (example.frames() as f32 * stretch) as usize;
        // Where a recording is cut is by chance; a rest that is too short to teach anything goes.
        let spare = frames % long;
        let mut from = if frames > long { draw.place(spare + 1) } else { 0 };
        while from + long / 4 < frames || from == 0 {
            all.push((draw.bits(), Piece { of, from, stretch }));
            from += long;
        }
    }
    all.sort_unstable_by_key(|(key, _)| *key);
    all.into_iter().map(|(_, piece)| piece).collect()
}

/// A piece as the network sees it.
struct Shown {
    /// `[PIECE · STACKED × MEL_BANDS]`.
    mel: Vec<f32>,
    /// For each step the number of its sound, or [`UNKNOWN`], or nothing where the piece has ended.
    sounds: Vec<u8>,
    /// Whether a character begins in each step: 0.5 beside where it does.
    begins: Vec<f32>,
}

impl Shown {
    fn changed(example: &LabelledRecording, piece: &Piece, draw: &mut Draw) -> Self {
        let change = (draw.unit() >= UNCHANGED).then(|| MelChange::drawn(draw));
        let apply = |mel: &mut [f32], draw: &mut Draw| {
            change.iter().for_each(|change| change.apply(mel, draw));
        };
        let mut shown = Self::cut(example, piece, apply, draw);
        // A few bands, or a moment, are not heard at all.
        let frames = shown.mel.len() / MEL_BANDS;
        if draw.unit() < 0.5 && frames > 0 {
            let (first, count) = (draw.place(MEL_BANDS - 8), 2 + draw.place(7));
            shown.mel.chunks_mut(MEL_BANDS).for_each(|frame| frame[first..first + count].fill(0.0));
        }
        if draw.unit() < 0.3 && frames > 40 {
            let (first, count) = (draw.place(frames - 16), 4 + draw.place(10));
            shown.mel[first * MEL_BANDS..(first + count) * MEL_BANDS].fill(0.0);
        }
        shown
    }

    fn cut(
        example: &LabelledRecording,
        piece: &Piece,
        change: impl FnOnce(&mut [f32], &mut Draw),
        draw: &mut Draw,
    ) -> Self {
        let whole = (example.frames() as f32 * piece.stretch) as usize;
        let to = (piece.from + PIECE * STACKED).min(whole);
        let last = example.frames().saturating_sub(1);
        let place = |frame: usize| frame as f32 / piece.stretch;
        let mut mel = Vec::with_capacity(PIECE * STACKED * MEL_BANDS);
        for frame in piece.from..to {
            let at = place(frame);
            let (low, share) = ((at as usize).min(last), at.fract());
            let high = (low + 1).min(last);
            let row = |frame: usize| &example.mel[frame * MEL_BANDS..(frame + 1) * MEL_BANDS];
            let rows = row(low).iter().zip(row(high));
            mel.extend(rows.map(|(a, b)| a.to_f32() * (1.0 - share) + b.to_f32() * share));
        }
        change(&mut mel, draw);
        let loud = level(&mel) + 0.5 * draw.normal();
        levelled(&mut mel, loud);
        let steps = (to - piece.from) / STACKED;
        mel.truncate(steps * STACKED * MEL_BANDS);
        let middle = 0.5 * (STACKED - 1) as f32;
        let sounds: Vec<u8> = (0..steps)
            .map(|step| {
                let at = (piece.from + step * STACKED) as f32 + middle;
                example.sounds[((at / piece.stretch).round() as usize).min(last)]
            })
            .collect();
        let mut begins = vec![0.0f32; steps];
        for begin in &example.begins {
            let at = ((begin * piece.stretch - piece.from as f32 - middle) / STACKED as f32).round();
            for (beside, value) in [(-1.0, 0.5f32), (0.0, 1.0), (1.0, 0.5)] {
                if (0.0..steps as f32).contains(&(at + beside)) {
                    let slot = &mut begins[(at + beside) as usize];
                    *slot = slot.max(value);
                }
            }
        }
        Self { mel, sounds, begins }
    }

    /// The sounds in their order, if all are known.
    fn line(&self) -> Option<Vec<usize>> {
        let mut line: Vec<usize> = Vec::new();
        for (step, &sound) in self.sounds.iter().enumerate() {
            if sound == UNKNOWN {
                return None;
            }
            let begins = step > 0 && self.begins[step] == 1.0 && self.sounds[step - 1] == sound;
            if begins || line.last() != Some(&usize::from(sound)) {
                line.push(sound.into());
            }
        }
        (!line.is_empty()).then_some(line)
    }
}

/// All weights of a recogniser, in the order of its fields.
pub(super) fn weights(model: &Recogniser) -> Result<Vec<f32>> {
    struct Reading(Result<Vec<f32>, VoiceError>);
    impl ModuleVisitor for Reading {
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            if let Ok(all) = &mut self.0 {
                match to_vec(param.val().into_data()) {
                    Ok(more) => all.extend(more),
                    Err(error) => self.0 = Err(error),
                }
            }
        }
    }
    let mut reading = Reading(Ok(Vec::new()));
    model.visit(&mut reading);
    Ok(reading.0?)
}

/// The same network with other weights, in the same order.
fn with_weights(model: Recogniser, weights: &[f32]) -> Recogniser {
    struct Setting<'a>(&'a [f32]);
    impl ModuleMapper for Setting<'_> {
        fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
            let shape = param.dims();
            let (part, rest) = self.0.split_at(shape.iter().product());
            self.0 = rest;
            param.map(|old| {
                let set = Tensor::<D>::from_data(TensorData::new(part.to_vec(), shape), &old.device());
                if old.is_require_grad() { set.require_grad() } else { set }
            })
        }
    }
    model.map(&mut Setting(weights))
}

/// A gradient by all weights, as the optimizer takes it.
pub(super) fn by_weights(model: &Recogniser, gradient: &[f32]) -> GradientsParams {
    struct Giving<'a> {
        rest: &'a [f32],
        given: GradientsParams,
    }
    impl ModuleVisitor for Giving<'_> {
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            let shape = param.dims();
            let (part, rest) = self.rest.split_at(shape.iter().product());
            self.rest = rest;
            let part = TensorData::new(part.to_vec(), shape);
            self.given.register(param.id, Tensor::<D>::from_data(part, &Device::flex()));
        }
    }
    let mut giving = Giving { rest: gradient, given: GradientsParams::new() };
    model.visit(&mut giving);
    giving.given
}

/// The gradient of the loss of a batch by all weights, and the parts of the loss: frames, path, beginnings.
fn losses(
    layout: &Layout,
    weights: &[f32],
    config: &RecogniserConfig,
    shown: &[Shown],
) -> (Vec<f32>, [f64; 3]) {
    let known = shown.iter().flat_map(|one| &one.sounds).filter(|sound| **sound != UNKNOWN).count();
    let lines: Vec<Option<Vec<usize>>> = shown.iter().map(Shown::line).collect();
    let with_lines = shown.iter().zip(&lines).filter(|(_, line)| line.is_some());
    let path_steps = with_lines.map(|(one, _)| one.sounds.len()).sum::<usize>();
    let share = 1.0 / known.max(1) as f32;
    let path_share = PATH_WEIGHT / path_steps.max(1) as f64;
    let count = config.sounds.len();
    let of_one = |(one, line): (&Shown, &Option<Vec<usize>>)| {
        let heard = layout.forward(weights, one.mel.clone());
        let mut parts = [0.0f64; 3];
        // Logarithms of how likely each sound is, until they become the gradient, step by step.
        let mut by_sounds = log_softmax(&heard.sounds, count);
        let mut by_begins = vec![0.0f32; one.sounds.len()];
        for (step, &sound) in one.sounds.iter().enumerate() {
            let row = &mut by_sounds[step * count..(step + 1) * count];
            if sound == UNKNOWN {
                row.fill(0.0);
                continue;
            }
            parts[0] -= f64::from(share * row[usize::from(sound)]);
            row.iter_mut().for_each(|likely| *likely = share * likely.exp());
            row[usize::from(sound)] -= share;
            let (begins, wanted) = (heard.begins[step], one.begins[step]);
            let loss = begins.max(0.0) - begins * wanted + (-begins.abs()).exp().ln_1p();
            parts[2] += BEGINS_WEIGHT * f64::from(share * loss);
            by_begins[step] = BEGINS_WEIGHT as f32 * share * (1.0 / (1.0 + (-begins).exp()) - wanted);
        }
        let mut by_path = vec![0.0f32; heard.path.len()];
        if let Some(line) = line {
            let path = log_softmax(&heard.path, count + 1);
            if let Some(ways) = all_ways(&path, count + 1, line, config.blank()) {
                parts[1] = path_share * ways.loss;
                by_path = ways.slopes(&path, path_share as f32);
            }
        }
        let mut gradient = vec![0.0f32; layout.count];
        layout.backward(weights, &heard, [&by_sounds, &by_path, &by_begins], &mut gradient);
        (gradient, parts)
    };
    let both = |mut one: (Vec<f32>, [f64; 3]), other: (Vec<f32>, [f64; 3])| {
        one.0.iter_mut().zip(&other.0).for_each(|(sum, more)| *sum += more);
        one.1.iter_mut().zip(other.1).for_each(|(sum, more)| *sum += more);
        one
    };
    // In their order, so that a run gives the same weights however many cores there are.
    let all: Vec<(Vec<f32>, [f64; 3])> = shown.par_iter().zip(&lines).map(of_one).collect();
    all.into_iter().reduce(both).unwrap_or_default()
}

/// Natural logarithms of how likely each of `count` is, from what stands before the softmax.
pub(super) fn log_softmax(before: &[f32], count: usize) -> Vec<f32> {
    let mut all = before.to_vec();
    for row in all.chunks_mut(count) {
        let most = row.iter().copied().fold(f32::MIN, f32::max);
        let sum = most + row.iter().map(|x| (x - most).exp()).sum::<f32>().ln();
        row.iter_mut().for_each(|x| *x -= sum);
    }
    all
}

/// The share of the frames whose sound is not the likeliest, in recordings as they are.
fn wrong_frames(
    layout: &Layout,
    weights: &[f32],
    config: &RecogniserConfig,
    recordings: &[LabelledRecording],
) -> f32 {
    let counted = recordings.par_iter().map(|recording| {
        let piece = Piece { of: 0, from: 0, stretch: 1.0 };
        let shown = Shown::cut(recording, &piece, |_, _| {}, &mut Draw::new(1));
        let heard = layout.forward(weights, shown.mel).sounds;
        let (mut wrong, mut all) = (0usize, 0usize);
        for (row, &sound) in heard.chunks(config.sounds.len()).zip(&shown.sounds) {
            if sound != UNKNOWN {
                let likeliest = (0..row.len()).max_by(|&a, &b| row[a].total_cmp(&row[b]));
                wrong += usize::from(likeliest != Some(sound.into()));
                all += 1;
            }
        }
        (wrong, all)
    });
    let (wrong, all) = counted.reduce(|| (0, 0), |one, other| (one.0 + other.0, one.1 + other.1));
    wrong as f32 / all.max(1) as f32
}

#[cfg(test)]
mod tests {
    use burn::nn::loss::CTCLossConfig;
    use burn::tensor::Int;
    use burn::tensor::activation::log_softmax;
    use half::f16;

    use super::*;
    use crate::cross_entropy::cross_entropy;

    /// Three sounds, each a band of its own, in turn.
    fn recording(seed: u64) -> LabelledRecording {
        let mut draw = Draw::new(seed);
        let (mut mel, mut sounds, mut begins) = (Vec::new(), Vec::new(), Vec::new());
        while sounds.len() < 300 {
            let sound = draw.place(3);
            begins.push(sounds.len() as f32);
            for _ in 0..20 + draw.place(30) {
                let power = |band: usize| if band / 20 == sound { -2.0 } else { -9.0 };
                mel.extend((0..MEL_BANDS).map(|band| f16::from_f32(power(band) + 0.3 * draw.normal())));
                sounds.push(sound as u8);
            }
        }
        LabelledRecording { mel, sounds, begins, characters: Vec::new() }
    }

    /// The same loss as Burn has it, taken apart op by op.
    fn by_burn(model: &Recogniser, config: &RecogniserConfig, shown: &[Shown]) -> (f64, Vec<f32>) {
        let device = Device::flex().autodiff();
        let (mut loss, mut known) = (Tensor::<1>::zeros([1], &device), 0.0);
        let mut paths: Option<(Tensor<1>, f64)> = None;
        for one in shown {
            let steps = one.sounds.len();
            let mel = TensorData::new(one.mel.clone(), [1, steps * STACKED, MEL_BANDS]);
            let heard = model.forward(Tensor::from_data(mel, &device), Tensor::ones([1, steps, 1], &device));
            let is_known: Vec<f32> =
                one.sounds.iter().map(|sound| f32::from(u8::from(*sound != UNKNOWN))).collect();
            known += is_known.iter().sum::<f32>();
            let targets: Vec<i32> =
                one.sounds.iter().map(|&s| if s == UNKNOWN { 0 } else { i32::from(s) }).collect();
            let targets = Tensor::<3, Int>::from_data(TensorData::new(targets, [1, steps, 1]), &device);
            let three = |values: Vec<f32>| -> Tensor<3> {
                Tensor::from_data(TensorData::new(values, [1, steps, 1]), &device)
            };
            let is_known = three(is_known);
            let frames = log_softmax(heard.sounds, 2).gather(2, targets).neg();
            let begins = cross_entropy(heard.begins, three(one.begins.clone()));
            loss = loss + ((frames + begins * BEGINS_WEIGHT) * is_known).sum();
            if let Some(line) = one.line() {
                let line: Vec<i32> = line.into_iter().map(|label| label as i32).collect();
                let count = line.len();
                let path = CTCLossConfig::new().with_blank(config.blank()).init().forward(
                    log_softmax(heard.path, 2).swap_dims(0, 1),
                    Tensor::<2, Int>::from_data(TensorData::new(line, [1, count]), &device),
                    Tensor::<1, Int>::from_data([steps as i32], &device),
                    Tensor::<1, Int>::from_data([count as i32], &device),
                );
                paths = Some(match paths {
                    None => (path.sum(), steps as f64),
                    Some((sum, all)) => (sum + path.sum(), all + steps as f64),
                });
            }
        }
        let mut loss = loss / f64::from(known);
        if let Some((sum, steps)) = paths {
            loss = loss + sum * (PATH_WEIGHT / steps);
        }
        let value = f64::from(loss.clone().into_scalar::<f32>());
        let gradients = GradientsParams::from_grads(loss.backward(), model);
        struct Reading<'a>(&'a GradientsParams, Vec<f32>);
        impl ModuleVisitor for Reading<'_> {
            fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
                let found: Tensor<D> = self.0.get(param.id).unwrap();
                self.1.extend(to_vec(found.into_data()).unwrap());
            }
        }
        let mut reading = Reading(&gradients, Vec::new());
        model.visit(&mut reading);
        (value, reading.1)
    }

    #[test]
    fn the_gradient_is_that_of_burn() {
        let device = Device::flex().autodiff();
        device.seed(4);
        let config = RecogniserConfig { channels: 12, ..RecogniserConfig::default() };
        let model = config.init(&device);
        let (layout, all) = (Layout::new(&config), weights(&model).unwrap());
        assert_eq!(layout.count, all.len());
        let mut draw = Draw::new(8);
        let mut shown: Vec<Shown> = [40, 61]
            .map(|steps| Shown {
                mel: (0..steps * STACKED * MEL_BANDS).map(|_| draw.normal()).collect(),
                sounds: (0..steps).map(|step| [0u8, 5, 7, 25, 9][step / 8 % 5]).collect(),
                begins: (0..steps).map(|step| f32::from(u8::from(step % 16 == 8))).collect(),
            })
            .into();
        shown[0].sounds[20..24].fill(UNKNOWN);
        let (found, parts) = losses(&layout, &all, &config, &shown);
        let (loss, wanted) = by_burn(&model, &config, &shown);
        assert!((parts.iter().sum::<f64>() - loss).abs() < 1e-4 * loss, "{parts:?} for {loss}");
        assert_eq!(found.len(), wanted.len());
        let off = found.iter().zip(&wanted).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        let largest = wanted.iter().map(|x| x.abs()).fold(0.0, f32::max);
        assert!(largest > 0.01 && off < 1e-3 * largest, "{off} of {largest}");
    }

    #[test]
    fn a_recogniser_learns_what_is_there_and_a_run_goes_on() {
        let folder = tempfile::tempdir().unwrap();
        let config = RecogniserConfig { channels: 24, ..RecogniserConfig::default() };
        let examples: Vec<LabelledRecording> = (1..9).map(recording).collect();
        let kept_back = [recording(90)];
        let mut run = RecogniserRun {
            config,
            epochs: 76,
            batch: 2,
            learning_rate: 1e-2,
            seed: 3,
            folder: folder.path(),
            from: None,
        };
        let mut wrong = Vec::new();
        let mut train = |run: &RecogniserRun| {
            train_recogniser(run, &examples, &kept_back, &mut |_, _, _, _| {}, &mut |_, _, share| {
                wrong.push(share);
                Ok(())
            })
            .unwrap()
        };
        train(&run);
        run.epochs = 80;
        train(&run);
        assert_eq!(wrong.len(), 80, "the second run began anew");
        assert!(wrong[79] < 0.2, "{wrong:?}");
    }

    #[test]
    fn pieces_hold_what_is_in_the_recording_at_their_speed() {
        let example = recording(4);
        let piece = Piece { of: 0, from: 0, stretch: 1.5 };
        let shown = Shown::cut(&example, &piece, |_, _| {}, &mut Draw::new(1));
        let begins = shown.begins.iter().filter(|value| **value == 1.0).count();
        assert!(
            begins.abs_diff(example.begins.len()) <= 1 && shown.sounds.len() == PIECE.min(shown.sounds.len())
        );
        let second = (example.begins[1] * 1.5 / STACKED as f32) as usize;
        assert!(shown.begins[second - 1..second + 2].contains(&1.0));
        let line = shown.line().unwrap();
        assert!(line.len().abs_diff(begins) <= 1, "{line:?} of {begins}");
    }
}
