//! How a recogniser learns: frame by frame where the corpus says what is heard when, and by CTC as if
//! it did not.

use std::path::Path;
use std::time::Instant;

use anyhow::{Result, bail, ensure};
use burn::grad_clipping::GradientClippingConfig;
use burn::module::Module;
use burn::optim::{AdamWConfig, GradientsParams, ModuleOptimizer};
use burn::tensor::activation::log_softmax;
use burn::tensor::{Device, Int, Tensor, TensorData};

use super::checkpoint::{Progress, load_checkpoint, save_checkpoint};
use super::cross_entropy::cross_entropy;
use super::ctc::all_ways;
use super::curves::draw_curves;
use super::draw::Draw;
use super::labelled::{LabelledRecording, UNKNOWN};
use super::mel_change::MelChange;
use ziyin_model::recogniser::{Recogniser, RecogniserConfig, STACKED, level, levelled};
use ziyin_model::to_vec;
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
}

/// Steps of the network in a piece: six seconds.
const PIECE: usize = 256;
/// How much quicker or slower a recording is shown, at most.
const STRETCHES: [f32; 2] = [0.75, 1.6];
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
    let mut model = run.config.init(&device);
    let mut optimizer: ModuleOptimizer = AdamWConfig::new()
        .with_beta_2(0.99)
        .with_weight_decay(1e-3)
        .with_grad_clipping(Some(GradientClippingConfig::Norm(1.0)))
        .init();
    let mut state = Progress::default();
    if let Some((restored, saved)) = load_checkpoint(run.folder, &mut model, optimizer.clone())? {
        (optimizer, state) = (restored, saved);
    }
    let mut last_saved = Instant::now();
    for epoch in state.epoch..run.epochs {
        let mut draw = Draw::new(run.seed + epoch as u64);
        let pieces = pieces(examples, &mut draw);
        let steps = pieces.len().div_ceil(run.batch);
        let mut sums = [0.0f64; 3];
        for (step, members) in pieces.chunks(run.batch).enumerate() {
            let done = (epoch as f64 + step as f64 / steps as f64) / run.epochs as f64;
            let shown: Vec<Shown> =
                members.iter().map(|piece| Shown::changed(&examples[piece.of], piece, &mut draw)).collect();
            let (loss, parts) = losses(&model, &run.config, &shown, &device)?;
            let value = parts.iter().sum::<f64>();
            if !value.is_finite() {
                bail!("the loss is no longer a number in epoch {}", epoch + 1);
            }
            sums.iter_mut().zip(parts).for_each(|(sum, part)| *sum += part);
            let gradients = GradientsParams::from_grads(loss.backward(), &model);
            model = optimizer.step(rate(run, done, steps), model, gradients);
            progress(epoch, step + 1, steps, value as f32);
        }
        state.epoch = epoch + 1;
        for (name, sum) in ["frames", "path", "begins"].into_iter().zip(sums) {
            state.record(name, (sum / steps as f64) as f32);
        }
        let found = model.valid();
        let wrong = wrong_frames(&found, &run.config, kept_back)?;
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
        let stretch = draw.between(STRETCHES[0].ln(), STRETCHES[1].ln()).exp();
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
        let change = MelChange::drawn(draw);
        let mut shown = Self::cut(example, piece, |mel, draw| change.apply(mel, draw), draw);
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

/// What the network is told of pieces: mel, and mask.
fn told(shown: &[Shown], device: &Device) -> (Tensor<3>, Tensor<3>) {
    let batch = shown.len();
    let steps = shown.iter().map(|one| one.sounds.len()).max().unwrap_or(1).max(1);
    let mut mel = vec![0.0f32; batch * steps * STACKED * MEL_BANDS];
    let mut mask = vec![0.0f32; batch * steps];
    for (i, one) in shown.iter().enumerate() {
        let first = i * steps * STACKED * MEL_BANDS;
        mel[first..first + one.mel.len()].copy_from_slice(&one.mel);
        mask[i * steps..i * steps + one.sounds.len()].fill(1.0);
    }
    (
        Tensor::from_data(TensorData::new(mel, [batch, steps * STACKED, MEL_BANDS]), device),
        Tensor::from_data(TensorData::new(mask, [batch, steps, 1]), device),
    )
}

/// The loss of a batch, and its parts: frames, path, beginnings.
fn losses(
    model: &Recogniser,
    config: &RecogniserConfig,
    shown: &[Shown],
    device: &Device,
) -> Result<(Tensor<1>, [f64; 3])> {
    let (mel, mask) = told(shown, device);
    let [batch, steps, _] = mask.dims();
    let heard = model.forward(mel, mask);
    let (mut targets, mut known, mut begins) =
        (vec![0i32; batch * steps], vec![0.0f32; batch * steps], vec![0.0f32; batch * steps]);
    for (i, one) in shown.iter().enumerate() {
        for (step, &sound) in one.sounds.iter().enumerate() {
            if sound != UNKNOWN {
                targets[i * steps + step] = sound.into();
                known[i * steps + step] = 1.0;
            }
            begins[i * steps + step] = one.begins[step];
        }
    }
    let count = known.iter().sum::<f32>().max(1.0);
    let three = |values: Vec<f32>| -> Tensor<3> {
        Tensor::from_data(TensorData::new(values, [batch, steps, 1]), device)
    };
    let known = three(known);
    let targets = Tensor::<3, Int>::from_data(TensorData::new(targets, [batch, steps, 1]), device);
    let likely = log_softmax(heard.sounds, 2).gather(2, targets);
    let frames = (likely * known.clone()).sum().neg() / f64::from(count);
    let begins = (cross_entropy(heard.begins, three(begins)) * known).sum() / f64::from(count);

    let path = log_softmax(heard.path, 2);
    let labels = config.blank() + 1;
    let values = to_vec(path.clone().into_data())?;
    let mut shares = vec![0.0f32; values.len()];
    let (mut of_paths, mut path_steps) = (0.0, 0usize);
    for (i, one) in shown.iter().enumerate() {
        let from = i * steps * labels;
        let to = from + one.sounds.len() * labels;
        let ways = one.line().and_then(|line| all_ways(&values[from..to], labels, &line, config.blank()));
        if let Some(ways) = ways {
            shares[from..to].copy_from_slice(&ways.shares);
            of_paths += ways.loss;
            path_steps += one.sounds.len();
        }
    }
    let path_steps = path_steps.max(1) as f64;
    let shares: Tensor<3> = Tensor::from_data(TensorData::new(shares, [batch, steps, labels]), device);
    // Its value is another than that of the loss; its gradient is the same.
    let path = (path * shares).sum().neg() * (PATH_WEIGHT / path_steps);
    let begins = begins * BEGINS_WEIGHT;
    let parts = [
        f64::from(frames.clone().into_scalar::<f32>()),
        PATH_WEIGHT * of_paths / path_steps,
        f64::from(begins.clone().into_scalar::<f32>()),
    ];
    Ok((frames + path + begins, parts))
}

/// The share of the frames whose sound is not the likeliest, in recordings as they are.
fn wrong_frames(
    model: &Recogniser,
    config: &RecogniserConfig,
    recordings: &[LabelledRecording],
) -> Result<f32> {
    let device = Device::flex();
    let mut draw = Draw::new(1);
    let (mut wrong, mut all) = (0usize, 0usize);
    for recording in recordings {
        let piece = Piece { of: 0, from: 0, stretch: 1.0 };
        let shown = [Shown::cut(recording, &piece, |_, _| {}, &mut draw)];
        let (mel, mask) = told(&shown, &device);
        let heard = to_vec(model.forward(mel, mask).sounds.into_data())?;
        for (row, &sound) in heard.chunks(config.sounds.len()).zip(&shown[0].sounds) {
            if sound != UNKNOWN {
                let likeliest = (0..row.len()).max_by(|&a, &b| row[a].total_cmp(&row[b]));
                wrong += usize::from(likeliest != Some(sound.into()));
                all += 1;
            }
        }
    }
    Ok(wrong as f32 / all.max(1) as f32)
}

#[cfg(test)]
mod tests {
    use half::f16;

    use super::*;

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
        LabelledRecording { mel, sounds, begins }
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
