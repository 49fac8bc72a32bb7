//! The cycle: what a generator makes is heard by the recogniser, and should be what was to be sung.

use std::path::Path;

use anyhow::{Result, ensure};
use burn::module::Module;
use burn::optim::GradientsParams;
use burn::tensor::activation::log_softmax;
use burn::tensor::{Device, Int, Tensor, TensorData};

use ziyin_corpus::AnalysedToken;
use ziyin_lyrics::Phoneme;
use ziyin_model::recogniser::{Recogniser, RecogniserConfig, STACKED, level, levelled};
use ziyin_signal::{BIN_HZ, MEL_BANDS, MEL_HOP, SAMPLE_RATE, band_of_hz};
use ziyin_training::{Example, Judgement, MadeBlocks, Opponent, Progress};

/// Seconds from one frame of the recogniser to the next, which is as far as a frame sees to either side.
const HOP: f32 = MEL_HOP as f32 / SAMPLE_RATE as f32;
/// Frames of silence on either side of a character.
const BESIDE: usize = 12 * STACKED;
/// Seconds beside a landmark in which nobody can say which sound is heard.
const UNSURE: f32 = 0.01;
/// Power between overtones, beside the mean.
const BETWEEN: f32 = 1e-4;
/// What is quieter is not there, beside the loudest.
const LEAST_POWER: f64 = 1e-9;

/// A recogniser that listens to what a generator makes, and does not learn.
pub struct Listener {
    config: RecogniserConfig,
    network: Recogniser,
    /// How much what it hears counts in the generator's loss.
    weight: f64,
}

/// Characters side by side, as the recogniser looks at them.
struct Looked {
    /// From the frames of a block to those of the recogniser, `[batch, frames, time]`.
    frames: Vec<f32>,
    /// How much of the power of each bin is seen there between the overtones and on them, `[batch, frames, bins]`.
    overtones: Vec<f32>,
    /// 1 where there is such a frame, `[batch, frames]`.
    there: Vec<f32>,
    /// The number of the sound of each step, and whether it is sure: `[batch, steps]`.
    sounds: Vec<i32>,
    sure: Vec<f32>,
    count: usize,
}

impl Listener {
    /// Opens the recogniser in a folder.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn open(folder: &Path, weight: f64, device: &Device) -> Result<Self> {
        let (config, network) = Recogniser::load(folder, device)?;
        Ok(Self { config, network: network.no_grad(), weight })
    }

    fn look(&self, examples: &[Example], bins: &[usize], time: usize) -> Looked {
        let ends = |example: &Example| example.token.times.last().copied().unwrap_or(0.0);
        let begins = |example: &Example| example.token.times.first().copied().unwrap_or(0.0);
        let longest = examples.iter().map(|one| ends(one) - begins(one)).fold(0.0, f32::max);
        let count = ((longest / HOP) as usize + 1).next_multiple_of(STACKED) + 2 * BESIDE;
        let steps = count / STACKED;
        let mut looked = Looked {
            frames: vec![0.0; examples.len() * count * time],
            overtones: vec![1.0; examples.len() * count * bins.len()],
            there: vec![0.0; examples.len() * count],
            sounds: vec![0; examples.len() * steps],
            sure: vec![0.0; examples.len() * steps],
            count,
        };
        for (i, example) in examples.iter().enumerate() {
            let token = example.token;
            let moment = |frame: usize| begins(example) + (frame as f32 - BESIDE as f32) * HOP;
            for frame in (BESIDE..count - BESIDE).filter(|&frame| moment(frame) <= ends(example)) {
                looked.there[i * count + frame] = 1.0;
                let row = &mut looked.frames[(i * count + frame) * time..][..token.times.len()];
                seen_from(moment(frame), &token.times, row);
                let after = token.times.partition_point(|at| *at < moment(frame)).min(token.times.len() - 1);
                let row = &mut looked.overtones[(i * count + frame) * bins.len()..][..bins.len()];
                seen_of_overtones(token.pitch[after], token.voicing[after].to_f32(), bins, row);
            }
            for step in 0..steps {
                let middle = (step * STACKED) as f32 + 0.5 * (STACKED - 1) as f32;
                let at = begins(example) + (middle - BESIDE as f32) * HOP;
                if let Some(number) = sound_at(token, at).and_then(|sound| self.config.index(sound)) {
                    looked.sounds[i * steps + step] = number as i32;
                    looked.sure[i * steps + step] = 1.0;
                }
            }
        }
        looked
    }

    /// How unlikely it finds what is to be sung in blocks, the mean of the steps that are sure (nepers).
    fn unlikely(&self, blocks: &MadeBlocks, envelope: &Tensor<3>, device: &Device) -> Tensor<1> {
        let [batch, time, bins] = envelope.dims();
        let looked = self.look(blocks.examples, blocks.bins, time);
        let Looked { frames, overtones, there, sounds, sure, count } = looked;
        let steps = count / STACKED;
        let three = |values: Vec<f32>, shape: [usize; 3]| {
            Tensor::<3>::from_data(TensorData::new(values, shape), device)
        };
        let bands = three(bands_of(blocks.bins), [1, bins, MEL_BANDS]).repeat_dim(0, batch);
        let power = (envelope.clone().clamp_max(3.0) * 2.0).exp();
        let seen = three(frames, [batch, count, time]).matmul(power) * three(overtones, [batch, count, bins]);
        let mel = seen.matmul(bands);
        let mel = mel.clamp_min(LEAST_POWER).log();
        // How loud each recording is: what was made is as loud as it was to be.
        let loud: Vec<f32> = (mel.clone().detach().into_data().iter::<f32>().collect::<Vec<f32>>())
            .chunks(count * MEL_BANDS)
            .zip(there.chunks(count))
            .map(|(frames, there)| {
                let shown = frames.chunks(MEL_BANDS).zip(there).filter(|(_, there)| **there > 0.0);
                level(&shown.flat_map(|(frame, _)| frame).copied().collect::<Vec<f32>>())
            })
            .collect();
        // As `levelled` does it, where 0 and 1 become what the network sees.
        let mut ends = [-f32::MAX, 0.0, 1.0];
        levelled(&mut ends, 0.0);
        let [silent, middle, next] = ends;
        let seen = (mel - three(loud, [batch, 1, 1])) * (next - middle) + middle;
        let there = three(there, [batch, count, 1]);
        let seen = seen.clamp_min(silent) * there.clone() + (there.neg() + 1.0) * silent;
        let heard = self.network.clone().fork(device).forward(seen, Tensor::ones([batch, steps, 1], device));
        let sounds = Tensor::<3, Int>::from_data(TensorData::new(sounds, [batch, steps, 1]), device);
        let sure = three(sure, [batch, steps, 1]);
        let all = sure.clone().sum().clamp_min(1.0);
        (log_softmax(heard.sounds, 2).gather(2, sounds).neg() * sure).sum() / all
    }
}

/// Its own loss is how unlikely it finds what is to be sung in what was made.
impl Opponent for Listener {
    fn judge(&self, made: &MadeBlocks, device: &Device) -> Result<Judgement> {
        let loss = self.unlikely(made, made.envelope, device);
        let own = loss.clone().into_scalar::<f32>() * made.share as f32;
        ensure!(own.is_finite(), "what the recogniser hears is no longer a number");
        Ok(Judgement { loss: loss * (self.weight * made.share), own, lesson: GradientsParams::new() })
    }

    fn learn(&mut self, _: Vec<GradientsParams>, _: &Device) {}

    fn save(&self, _: &Path, _: &Progress) -> Result<()> {
        Ok(())
    }
}

/// How much each frame of a block counts for what is seen at a moment: as much as a window of Hann gives it,
/// times how long it lasts.
fn seen_from(moment: f32, times: &[f32], row: &mut [f32]) {
    let mut sum = 0.0;
    for (i, at) in times.iter().enumerate() {
        let off = (at - moment) / HOP;
        if off.abs() < 1.0 {
            let before = if i > 0 { at - times[i - 1] } else { 0.0 };
            let after = times.get(i + 1).map_or(before, |next| next - at);
            row[i] = (0.5 + 0.5 * (std::f32::consts::PI * off).cos()) * 0.5 * (before + after);
            sum += row[i];
        }
    }
    row.iter_mut().filter(|_| sum > 0.0).for_each(|share| *share /= sum);
}

/// How much of each bin is seen through a window of Hann where there are overtones of a pitch (MIDI), and what is
/// voiced of it: its mean from one overtone to the next is 1.
fn seen_of_overtones(pitch: f32, voicing: f32, bins: &[usize], row: &mut [f32]) {
    let hz = 440.0 * ((pitch - 69.0) / 12.0).exp2();
    let step = 1.0 / (2.0 * HOP);
    for (seen, bin) in row.iter_mut().zip(bins) {
        let at = *bin as f32 * BIN_HZ;
        let off = (at - hz * (at / hz).round().max(1.0)).abs() / step;
        let lobe = if (off - 1.0).abs() < 1e-3 {
            0.25
        } else if off < 1e-3 {
            1.0
        } else {
            let turn = std::f32::consts::PI * off;
            (turn.sin() / turn / (1.0 - off * off)).powi(2)
        };
        *seen = (1.0 - voicing) + voicing * (lobe * hz / (1.5 * step)).max(BETWEEN);
    }
}

/// What sounds at a moment of a token; `None` where that is not sure.
fn sound_at(token: &AnalysedToken, at: f32) -> Option<Phoneme> {
    let [burst, vowel, nucleus_end, end] =
        [token.landmarks.burst, token.landmarks.vowel, token.landmarks.nucleus_end, token.landmarks.end]
            .map(|moment| moment as f32);
    let syllable = token.syllable;
    // Where a glide becomes the vowel nobody says: not before the middle of both.
    let begins = if syllable.glide == Phoneme::None { vowel } else { 0.5 * (vowel + nucleus_end) };
    let within = |from: f32, to: f32| (from + UNSURE..to - UNSURE).contains(&at);
    if within(burst, vowel) {
        Some(syllable.initial)
    } else if within(begins, nucleus_end) {
        Some(syllable.nucleus)
    } else if within(nucleus_end, end) {
        Some(syllable.coda)
    } else {
        None
    }
    .filter(|sound| *sound != Phoneme::None)
}

/// From power on some bins to that in the bands of the recogniser, `[bins, MEL_BANDS]`: each bin stands for those
/// up to halfway to its neighbours.
fn bands_of(bins: &[usize]) -> Vec<f32> {
    let mut bands = vec![0.0; bins.len() * MEL_BANDS];
    for (i, (row, bin)) in bands.chunks_mut(MEL_BANDS).zip(bins).enumerate() {
        let before = i.checked_sub(1).map_or(*bin, |before| bins[before]);
        let after = bins.get(i + 1).copied().unwrap_or(*bin);
        let wide = 0.5 * (after - before) as f32;
        let middle = band_of_hz(*bin as f32 * BIN_HZ);
        for (band, share) in row.iter_mut().enumerate() {
            *share = wide * (1.0 - (band as f32 - middle).abs()).max(0.0);
        }
    }
    bands
}

#[cfg(test)]
mod tests {
    use half::f16;

    use super::*;
    use ziyin_corpus::{Landmarks, Manner};
    use ziyin_lyrics::pinyin_to_syllable;

    #[test]
    fn power_is_seen_on_overtones_and_between_them_hardly_any() {
        // Every bin up to 4 kHz, at a pitch that has twenty overtones there.
        let bins: Vec<usize> = (0..(4000.0 / BIN_HZ) as usize).collect();
        let mut row = vec![0.0; bins.len()];
        seen_of_overtones(55.35, 1.0, &bins, &mut row);
        let mean = row.iter().sum::<f32>() / row.len() as f32;
        assert!((0.9..1.1).contains(&mean), "{mean}");
        let at = |hz: f32| row[(hz / BIN_HZ).round() as usize];
        assert!(at(800.0) > 3.0 && at(900.0) < 0.01);
        seen_of_overtones(55.35, 0.0, &bins, &mut row);
        assert!(row.iter().all(|seen| *seen == 1.0));
    }

    #[test]
    fn bands_of_even_power_are_as_loud_as_they_are_wide() {
        let bins = ziyin_signal::mel_places(256, 0.5);
        let bands = bands_of(&bins);
        let all: Vec<f32> =
            (0..MEL_BANDS).map(|band| bands[band..].iter().step_by(MEL_BANDS).sum()).collect();
        // Four kilohertz of 8: a band there is some eight times as wide as one at 200 Hz.
        let [low, high] = [200.0, 4000.0].map(|hz| all[band_of_hz(hz).round() as usize]);
        assert!((3.0..9.0).contains(&(high / low)), "{low} {high}");
        assert!(all.iter().all(|power| *power > 0.0));
    }

    #[test]
    fn what_is_to_be_heard_is_what_the_landmarks_say() {
        let token = AnalysedToken {
            name: String::new(),
            syllable: pinyin_to_syllable("xian", 1).unwrap(),
            previous: [Phoneme::Rest; 2],
            next: [Phoneme::Rest; 2],
            key: 60,
            manner: Manner::Plain,
            landmarks: Landmarks { onset: 0.0, burst: 0.0, vowel: 0.1, nucleus_end: 0.4, end: 0.5 },
            levels: [0.0; 3],
            pitch: vec![60.0; 2],
            times: vec![0.0, 0.5],
            envelope: Vec::new(),
            aperiodicity: Vec::new(),
            voicing: vec![f16::ONE; 2],
            hiss: Vec::new(),
        };
        let heard = [-0.05, 0.05, 0.1, 0.2, 0.35, 0.45, 0.6].map(|at| sound_at(&token, at));
        let (x, vowel, n) = (Some(token.syllable.initial), Some(token.syllable.nucleus), Some(Phoneme::N));
        assert_eq!(heard, [None, x, None, None, vowel, n, None]);
        let mut row = [0.0; 2];
        seen_from(0.5, &token.times, &mut row);
        assert_eq!(row, [0.0, 1.0]);
    }
}
