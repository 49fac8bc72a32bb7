use std::path::Path;
use std::time::Instant;

use anyhow::Result;
use burn::grad_clipping::GradientClippingConfig;
use burn::module::Module;
use burn::optim::{AdamWConfig, GradientsParams, ModuleOptimizer};
use burn::tensor::{Device, Tensor};

use super::passages::{Laid, SungPassage};
use super::tacotron2::{Alpha, Passage, RIVAL_WIDTH, Tacotron2, Tacotron2Config};
use ziyin_training::{Draw, Progress, cross_entropy, draw_curves, load_checkpoint, save_checkpoint};

/// A run of training of the rival.
#[derive(Clone, Debug)]
pub struct TacotronRun<'a> {
    pub config: Tacotron2Config,
    pub epochs: usize,
    pub batch: usize,
    pub learning_rate: f64,
    pub seed: u64,
    pub alpha: Alpha,
    /// Whether the passage before tells whose voice it is, in place of the embedding.
    pub primer: bool,
    /// How much attention is charged for straying from where the symbols' lengths say that
    /// it should be (guided attention, Tachibana et al. 2018).
    pub guidance: f64,
    /// Folder of checkpoints and curves; an interrupted run found there goes on.
    pub folder: &'a Path,
}

/// Most passages that are sung in a row.
const LONGEST: u64 = 3;

/// Trains the rival on passages, each step on `batch` strings of one to three of them.
/// `progress` hears of each step: epoch, step, steps per epoch, loss.
pub fn train_tacotron2(
    run: &TacotronRun,
    scores: &[SungPassage],
    device: &Device,
    progress: &mut dyn FnMut(usize, usize, usize, f32),
    each_epoch: &mut dyn FnMut(&Progress, &Tacotron2) -> Result<()>,
) -> Result<Tacotron2> {
    let device = &device.clone().autodiff();
    device.seed(run.seed);
    let mut model = run.config.init(device);
    let mut optimizer: ModuleOptimizer = AdamWConfig::new()
        .with_beta_2(0.99)
        .with_weight_decay(1e-6)
        .with_grad_clipping(Some(GradientClippingConfig::Norm(1.0)))
        .init();
    let mut state = Progress::default();
    if let Some((restored, saved)) = load_checkpoint(run.folder, &mut model, optimizer.clone())? {
        (optimizer, state) = (restored, saved);
    }
    let mut last_saved = Instant::now();
    for epoch in state.epoch..run.epochs {
        let mut draw = Draw::new(run.seed + epoch as u64);
        let batches = batches(scores, run.batch, &mut draw);
        let steps = batches.len();
        let (mut sum, mut frame_sum) = (0.0f64, 0.0f64);
        for (step, strings) in batches.iter().enumerate() {
            let done = (epoch as f64 + step as f64 / steps as f64) / run.epochs as f64;
            let strings: Vec<SungPassage> = strings
                .iter()
                .map(|string| SungPassage::joined(&string.iter().map(|&i| &scores[i]).collect::<Vec<_>>()))
                .collect();
            let primers = run.primer.then(|| primers(&strings, scores, &mut draw));
            let strings: Vec<&SungPassage> = strings.iter().collect();
            let laid = Laid::new(&strings, primers.as_deref(), run.config.reduction, device);
            let sung =
                model.forward(&laid.told, Some(&laid.frames), run.alpha, laid.primer, laid.steps, false);
            let (frames, rest) = losses(&sung, &laid, run.guidance);
            frame_sum += f64::from(frames.clone().into_scalar::<f32>());
            let loss = frames + rest;
            let value = loss.clone().into_scalar::<f32>();
            anyhow::ensure!(
                value.is_finite(),
                "the loss is no longer a number; begin again with a lower rate"
            );
            let gradients = GradientsParams::from_grads(loss.backward(), &model);
            let warm = (done * run.epochs as f64 * 10.0).min(1.0);
            let fall = ((done - 0.6) / 0.4).clamp(0.0, 1.0);
            model = optimizer.step(run.learning_rate * warm * (1.0 - 0.9 * fall), model, gradients);
            sum += f64::from(value);
            progress(epoch, step + 1, steps, value);
        }
        state.epoch = epoch + 1;
        state.record("loss", (sum / steps as f64) as f32);
        state.record("frames", (frame_sum / steps as f64) as f32);
        each_epoch(&state, &model.valid())?;
        if state.epoch == run.epochs || last_saved.elapsed().as_secs() > 60 {
            save_checkpoint(run.folder, &model, &optimizer, &state)?;
            draw_curves(&run.folder.join("curves.png"), &state.named_curves())?;
            last_saved = Instant::now();
        }
    }
    Ok(model.valid())
}

/// Distance of the frames before and after the post-net; and of the end, and what attention
/// is charged for straying.
fn losses(sung: &Passage, laid: &Laid, guidance: f64) -> (Tensor<1>, Tensor<1>) {
    let all = laid.known.clone().sum() * RIVAL_WIDTH as f64;
    let distance = |frames: &Tensor<3>| {
        ((frames.clone() - laid.frames.clone()).abs() * laid.known.clone()).sum() / all.clone()
    };
    // An end is rare: it counts as much as all that is none.
    let weight = laid.ends.clone() * 4.0 + 1.0;
    let entropy = cross_entropy(sung.stop.clone(), laid.ends.clone());
    let stop = (entropy * weight.clone()).sum() / weight.sum();
    let stray = (sung.attention.clone() * laid.away.clone()).sum_dim(2).mean();
    (distance(&sung.frames) + distance(&sung.refined), stop * 0.2 + stray * guidance)
}

/// Strings of passages of one singer, those of like length side by side.
fn batches(scores: &[SungPassage], size: usize, draw: &mut Draw) -> Vec<Vec<Vec<usize>>> {
    let mut order: Vec<(usize, u64, usize)> =
        (0..scores.len()).map(|i| (scores[i].singer, draw.bits(), i)).collect();
    order.sort_unstable();
    let mut strings: Vec<Vec<usize>> = Vec::new();
    let mut room = 0;
    for (singer, _, i) in order {
        match strings.last_mut() {
            Some(string) if room > 0 && scores[string[0]].singer == singer => string.push(i),
            _ => {
                strings.push(vec![i]);
                room = 1 + draw.bits() % LONGEST;
            }
        }
        room -= 1;
    }
    let length = |string: &Vec<usize>| string.iter().map(|&i| scores[i].frames.len()).sum::<usize>();
    strings.sort_by_key(length);
    let mut batches: Vec<(u64, Vec<Vec<usize>>)> =
        strings.chunks(size).map(|part| (draw.bits(), part.to_vec())).collect();
    batches.sort_by_key(|(key, _)| *key);
    batches.into_iter().map(|(_, batch)| batch).collect()
}

/// Another passage of the same singer for each.
fn primers<'a>(strings: &[SungPassage], scores: &'a [SungPassage], draw: &mut Draw) -> Vec<&'a SungPassage> {
    let any = |string: &SungPassage| {
        let from = draw.bits() as usize % scores.len();
        let of_singer = scores[from..].iter().chain(&scores[..from]).find(|s| s.singer == string.singer);
        of_singer.unwrap_or(&scores[from])
    };
    strings.iter().map(any).collect()
}
