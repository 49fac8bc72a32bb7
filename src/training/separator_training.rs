//! How a network learns to take the vocals out of music: from voices that are laid over music without any, so
//! that it is known what each bin holds (Jansson and others, 2017).

use std::path::Path;
use std::time::Instant;

use anyhow::{Result, ensure};
use burn::grad_clipping::GradientClippingConfig;
use burn::module::Module;
use burn::optim::{AdamWConfig, GradientsParams, ModuleOptimizer};
use burn::tensor::{Device, Tensor, TensorData};
use rayon::prelude::*;

use super::checkpoint::{Progress, load_checkpoint, save_checkpoint};
use super::curves::draw_curves;
use super::draw::Draw;
use ziyin_model::separator::{BINS, FRAME, HOP, RATE, STRIDE, SeparatingNetwork};
use ziyin_signal::{ROOM_SECONDS, Room, ShortTime};

/// One run of training.
pub struct SeparatorRun<'a> {
    pub epochs: usize,
    /// Steps of an epoch.
    pub steps: usize,
    /// Mixtures in a step.
    pub batch: usize,
    pub learning_rate: f64,
    pub seed: u64,
    /// Channels of a new network after each halving.
    pub channels: [usize; 6],
    /// Folder of a network to begin with, rather than by chance.
    pub from: Option<&'a Path>,
    /// Folder of checkpoints and curves; an interrupted run found there goes on.
    pub folder: &'a Path,
}

/// What mixtures are made of, at the rate of the network.
#[derive(Default)]
pub struct Parts {
    /// Recordings of voices alone, one side each.
    pub voices: Vec<Vec<f32>>,
    /// Music in which nobody sings, left and right.
    pub music: Vec<[Vec<f32>; 2]>,
}

/// Frames of a mixture: three seconds.
const FRAMES: usize = 2 * STRIDE;
const LENGTH: usize = (FRAMES - 1) * HOP + FRAME;
/// How loud voices and music are (the root of the mean square), and how many dB a voice is louder or softer.
const LOUD: f32 = 0.1;
const APART: f32 = 8.0;
/// dB by which one side of a voice is louder, at most.
const ASIDE: f32 = 4.0;
/// Mixtures without a voice, and voices without music.
const ALONE: f32 = 0.08;
/// Most seconds between two recordings of a voice.
const PAUSE: f32 = 0.8;
/// What the whole is brought to, as `ziyin separate` does: -17 dB.
const MASTERED: f32 = 0.02;
/// Mixtures by which it is seen how a run goes.
const KEPT_BACK: usize = 12;

/// Trains a network on mixtures of `learned`. `progress` hears of each step: epoch, step, steps per epoch, loss;
/// `each_epoch` of each epoch, with how much of the voice (the sum of its magnitudes) is off in mixtures of
/// `kept_back`, from 0 to 1 and above.
///
/// # Errors
/// If there is no voice or no music, a file of the run cannot be read or written, or the loss is no longer a
/// number.
pub fn train_separator(
    run: &SeparatorRun,
    learned: &Parts,
    kept_back: &Parts,
    progress: &mut dyn FnMut(usize, usize, usize, f32),
    each_epoch: &mut dyn FnMut(usize, &SeparatingNetwork, f32) -> Result<()>,
) -> Result<SeparatingNetwork> {
    let has_both = |parts: &Parts| !parts.voices.is_empty() && !parts.music.is_empty();
    ensure!(
        has_both(learned),
        "mixtures are made of voices and of music without any: one of both is missing"
    );
    let device = Device::flex().autodiff();
    device.seed(run.seed);
    let mut model = match run.from {
        Some(folder) => SeparatingNetwork::load(folder, &device)?,
        None => SeparatingNetwork::init(run.channels, &device),
    };
    let mut optimizer: ModuleOptimizer = AdamWConfig::new()
        .with_beta_2(0.99)
        .with_weight_decay(0.0)
        .with_grad_clipping(Some(GradientClippingConfig::Norm(1.0)))
        .init();
    let mut state = Progress::default();
    if let Some((restored, saved)) = load_checkpoint(run.folder, &mut model, optimizer.clone())? {
        (optimizer, state) = (restored, saved);
    }
    let judged = if has_both(kept_back) { kept_back } else { learned };
    let judged: Vec<Mixture> =
        (0..KEPT_BACK as u64).map(|seed| mixture(judged, &mut Draw::new(seed))).collect();
    let mut last_saved = Instant::now();
    for epoch in state.epoch..run.epochs {
        let mut draw = Draw::new(run.seed + epoch as u64);
        let mut sum = 0.0f64;
        for step in 0..run.steps {
            let done = (epoch as f64 + step as f64 / run.steps as f64) / run.epochs as f64;
            let seeds: Vec<u64> = (0..run.batch.max(1)).map(|_| draw.bits()).collect();
            let shown: Vec<Mixture> =
                seeds.par_iter().map(|seed| mixture(learned, &mut Draw::new(*seed))).collect();
            let loss = off(&model, &shown, &device);
            let value = loss.clone().into_scalar::<f32>();
            ensure!(value.is_finite(), "the loss is no longer a number; begin again with a lower rate");
            let gradients = GradientsParams::from_grads(loss.backward(), &model);
            let rate = run.learning_rate * (0.02 + 0.98 * 0.5 * (1.0 + (std::f64::consts::PI * done).cos()));
            model = optimizer.step(rate, model, gradients);
            sum += f64::from(value);
            progress(epoch, step + 1, run.steps, value);
        }
        state.epoch = epoch + 1;
        state.record("loss", (sum / run.steps.max(1) as f64) as f32);
        let found = model.valid();
        let seen = judged.chunks(run.batch.max(1)).map(|some| {
            f64::from(off(&found, some, &Device::flex()).into_scalar::<f32>()) * some.len() as f64
        });
        let seen = (seen.sum::<f64>() / judged.len() as f64) as f32;
        state.record("off", seen);
        each_epoch(epoch, &found, seen)?;
        draw_curves(&run.folder.join("curves.png"), &state.named_curves())?;
        if state.epoch == run.epochs || last_saved.elapsed().as_secs() > 60 {
            save_checkpoint(run.folder, &model, &optimizer, &state)?;
            last_saved = Instant::now();
        }
    }
    Ok(model.valid())
}

/// Magnitudes of a mixture and of the voice in it, `[2, FRAMES, BINS]`.
struct Mixture {
    all: Vec<f32>,
    voice: Vec<f32>,
}

/// A voice over music, both from anywhere.
fn mixture(parts: &Parts, draw: &mut Draw) -> Mixture {
    let which = draw.unit();
    let mut voice = vec![0.0; LENGTH];
    if which >= ALONE {
        let mut at = draw.place(LENGTH / 4);
        while at < LENGTH {
            let recording = &parts.voices[draw.place(parts.voices.len())];
            let from = if recording.len() > LENGTH { draw.place(recording.len() - LENGTH) } else { 0 };
            let slots = voice[at..].iter_mut().zip(&recording[from..]);
            at += slots.map(|(slot, sample)| *slot = *sample).count().max(1);
            at += (draw.between(0.0, PAUSE) * RATE as f32) as usize;
        }
    }
    let mut music = [vec![0.0; LENGTH], vec![0.0; LENGTH]];
    if which < 1.0 - ALONE {
        let piece = &parts.music[draw.place(parts.music.len())];
        let whole = piece[0].len().min(piece[1].len());
        let from = if whole > LENGTH { draw.place(whole - LENGTH) } else { 0 };
        for (side, piece) in music.iter_mut().zip(piece) {
            side.iter_mut().zip(&piece[from..]).for_each(|(slot, sample)| *slot = *sample);
        }
    }
    let of_music = LOUD / loudness(&[&music[0], &music[1]]);
    let of_voice = LOUD / loudness(&[&voice]) * decibels(draw.between(-APART, APART));
    let voice = in_a_room(&voice, of_voice, draw);
    for (side, voice) in music.iter_mut().zip(&voice) {
        side.iter_mut().zip(voice).for_each(|(all, voice)| *all = of_music * *all + voice);
    }
    let mastered = MASTERED.sqrt() / loudness(&[&music[0], &music[1]]);
    let mut transform = ShortTime::new(FRAME, HOP);
    let mut magnitudes = |sides: &[Vec<f32>; 2]| -> Vec<f32> {
        let mut all = Vec::with_capacity(2 * FRAMES * BINS);
        for (side, frame) in sides.iter().flat_map(|side| (0..FRAMES).map(move |frame| (side, frame))) {
            let spectrum = transform.spectrum(&side[frame * HOP..frame * HOP + FRAME]);
            all.extend(spectrum[..BINS].iter().map(|bin| mastered * bin.norm()));
        }
        all
    };
    Mixture { all: magnitudes(&music), voice: magnitudes(&voice) }
}

/// A voice somewhere between both sides, half of the time in a room.
fn in_a_room(voice: &[f32], gain: f32, draw: &mut Draw) -> [Vec<f32>; 2] {
    let aside = draw.between(-ASIDE, ASIDE);
    let gains = [decibels(0.5 * aside), decibels(-0.5 * aside)].map(|side| side * gain);
    let mut sides = gains.map(|gain| voice.iter().map(|sample| gain * sample).collect::<Vec<f32>>());
    if draw.unit() < 0.5 {
        let mut room = Room::at_rate(draw.between(*ROOM_SECONDS.start(), 2.0), RATE);
        let wet = gain * draw.between(0.05, 0.4);
        for (i, sample) in voice.iter().enumerate() {
            let back = room.next([wet * sample; 2]);
            sides.iter_mut().zip(back).for_each(|(side, back)| side[i] += back);
        }
    }
    sides
}

fn decibels(by: f32) -> f32 {
    10.0f32.powf(by / 20.0)
}

/// The root of the mean square of what sounds.
fn loudness(sides: &[&Vec<f32>]) -> f32 {
    let sounding = sides.iter().flat_map(|side| side.iter()).filter(|sample| sample.abs() > 1e-4);
    let (sum, count) = sounding.fold((0.0f64, 0usize), |(sum, count), x| (sum + f64::from(x * x), count + 1));
    ((sum / count.max(1) as f64).sqrt() as f32).max(1e-4)
}

/// How much of the voices' magnitudes is off, beside all that there is of them.
fn off(model: &SeparatingNetwork, shown: &[Mixture], device: &Device) -> Tensor<1> {
    let of = |part: &dyn Fn(&Mixture) -> &Vec<f32>| -> Tensor<4> {
        let values: Vec<f32> = shown.iter().flat_map(part).copied().collect();
        Tensor::from_data(TensorData::new(values, [shown.len(), 2, FRAMES, BINS]), device)
    };
    let (all, voice) = (of(&|one| &one.all), of(&|one| &one.voice));
    let found = model.vocals(all.clone()) * all;
    let there: f32 = shown.iter().flat_map(|one| &one.voice).sum();
    (found - voice).abs().sum() / f64::from(there.max(1e-3))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A voice that is a high tone over music that is a low one.
    fn parts() -> Parts {
        let tone = |hz: f32, seconds: f32| -> Vec<f32> {
            let turn = std::f32::consts::TAU * hz / RATE as f32;
            (0..(seconds * RATE as f32) as usize).map(|i| 0.3 * (turn * i as f32).sin()).collect()
        };
        Parts { voices: vec![tone(3000.0, 2.0)], music: vec![[tone(300.0, 4.0), tone(330.0, 4.0)]] }
    }

    #[test]
    fn a_mixture_is_as_loud_as_a_song_and_holds_its_voice() {
        let one = mixture(&parts(), &mut Draw::new(5));
        assert_eq!((one.all.len(), one.voice.len()), (2 * FRAMES * BINS, 2 * FRAMES * BINS));
        let bin = |hz: f32| (hz * FRAME as f32 / RATE as f32).round() as usize;
        let at = |values: &[f32], hz: f32| values[60 * BINS + bin(hz)];
        assert!(at(&one.voice, 3000.0) > 10.0 && at(&one.voice, 300.0) < 0.01 * at(&one.all, 300.0));
        assert!((at(&one.all, 3000.0) / at(&one.voice, 3000.0) - 1.0).abs() < 0.05);
    }

    #[test]
    fn it_learns_which_bins_are_voice_and_a_run_goes_on() {
        let folder = tempfile::tempdir().unwrap();
        let mut run = SeparatorRun {
            epochs: 3,
            steps: 4,
            batch: 1,
            learning_rate: 1e-2,
            seed: 2,
            channels: [2, 2, 2, 2, 2, 2],
            from: None,
            folder: folder.path(),
        };
        let mut seen = Vec::new();
        let mut train = |run: &SeparatorRun| {
            train_separator(run, &parts(), &Parts::default(), &mut |_, _, _, _| {}, &mut |_, _, share| {
                seen.push(share);
                Ok(())
            })
            .unwrap()
        };
        train(&run);
        run.epochs = 5;
        let network = train(&run);
        assert_eq!(seen.len(), 5, "the second run began anew");
        assert!(seen[4] < 0.9 * seen[0], "{seen:?}");
        // What was written is what was learned.
        network.save(folder.path()).unwrap();
        let same = SeparatingNetwork::load(folder.path(), &Device::flex()).unwrap();
        let shown = [mixture(&parts(), &mut Draw::new(9))];
        let [one, other] =
            [&network, &same].map(|network| off(network, &shown, &Device::flex()).into_scalar::<f32>());
        assert!((one - other).abs() < 0.05 * one, "{one} {other}");
        assert!(
            train_separator(&run, &Parts::default(), &parts(), &mut |_, _, _, _| {}, &mut |_, _, _| Ok(()))
                .is_err()
        );
    }
}
