//! Fits a singer to a recording of which it is known what is sung in it.

use burn::module::Module;
use burn::optim::{AdamWConfig, GradientsParams};
use burn::tensor::activation::{sigmoid, softplus};
use burn::tensor::{Device, Int, Tensor, TensorData};

use super::adapting::{Distance, Moved, Refined, Refinement, Start};
use super::lesson::Lesson;
use super::vowel_match::COMPARED;
use ziyin_corpus::AnalysedToken;
use ziyin_model::character::{CODE, CONSTANTS, IDENTITIES, TRACKS, constants, identities, tracks};
use ziyin_model::generator::{Generated, Generator};
use ziyin_model::roster::between_points;
use ziyin_model::{Sought, VoiceError, VoiceModel, articulated_pitch, to_vec};
use ziyin_signal::{AP_BANDS, AP_CENTRES_HZ, BIN_HZ, BINS, Sharpener, mel_places};

/// Characters that are needed.
pub(super) const FEWEST: usize = 12;
/// Characters that are learned from at most.
const MOST: usize = 400;
/// Characters side by side that are held back, or not, together, and of how many stretches one is.
const STRETCH: usize = 3;
const HELD_BACK: usize = 5;
/// Characters by which it is chosen where to begin.
const TRIED: usize = 24;
/// Frames of a batch.
const BATCH: usize = 1200;
/// Steps of the vector alone, and of everything.
const STEPS: [usize; 2] = [30, 150];
/// Steps after which it is heard how far off what was held back is.
const LISTENED_AGAIN: usize = 15;
/// The part of what all characters differ by that counts as the colour of a recording while it is chosen
/// where to begin.
const COLOUR: f32 = 0.8;

/// Fits a cloned singer's vector, and then an adapter of every layer, to characters whose place is known, by
/// gradient descent. `voice` has to live on a device with gradients. Of the `starts` it takes the nearest;
/// `unrefined` is who the singer is without refinement.
///
/// Each character is sung as it would be in a song, with the lengths and the pitch that it has in the
/// recording. A part of the characters is held back, and says which of the steps came nearest, and whether any
/// came nearer than the singer was. `progress` hears which part is done, and the distance; it gives `false` to
/// stop, and then nothing is kept. `mean` is the mean envelope of the voice (`BINS`).
///
/// # Errors
/// If the device gives up.
pub(super) fn refine_by_words(
    voice: &VoiceModel,
    unrefined: Option<&Start>,
    starts: &[Start],
    lesson: &Lesson,
    mean: &[f32],
    device: &Device,
    progress: &mut dyn FnMut(f32, f32) -> bool,
) -> Result<Refined, VoiceError> {
    let step = lesson.takes.len().div_ceil(MOST).max(1);
    let takes: Vec<&AnalysedToken> = lesson.takes.iter().step_by(step).collect();
    let is_held = |i: usize| i / STRETCH % HELD_BACK == HELD_BACK - 1;
    let pick = |held: bool| -> Vec<&AnalysedToken> {
        takes.iter().enumerate().filter(|(i, _)| is_held(*i) == held).map(|(_, take)| *take).collect()
    };
    let (held, learned) = (pick(true), pick(false));
    if takes.len() < FEWEST || held.is_empty() {
        return Ok(Refined::TooLittle);
    }
    let stage = Stage {
        generator: voice.generator().clone().no_grad(),
        points: between_points(device),
        mean,
        voice,
        device,
    };
    let config = &voice.config.generator;
    let tried: Vec<&AnalysedToken> =
        learned.iter().step_by(learned.len().div_ceil(TRIED).max(1)).copied().collect();
    let mut nearest: Option<(f32, &Start)> = None;
    for start in starts {
        let moved = Moved::at(&start.vector, config, true, device);
        let mut off = 0.0;
        for batch in stage.batches(&tried, start.like) {
            off += stage.off_but_for_colour(&batch, &moved)?;
        }
        if nearest.is_none_or(|(least, _)| off < least) {
            nearest = Some((off, start));
        }
    }
    let Some((_, start)) = nearest else { return Ok(Refined::TooLittle) };
    let &Start { like, ref vector } = start;
    let alone = unrefined.unwrap_or(start);
    let before =
        stage.distance(&stage.batches(&held, alone.like), &Moved::at(&alone.vector, config, true, device))?;
    let held = stage.batches(&held, like);
    let batches = stage.batches(&learned, like);
    let mut moved = Moved::at(vector, config, true, device);
    let mut optimizer = AdamWConfig::new().with_beta_2(0.99).with_weight_decay(0.0).init();
    let all = STEPS[0] + STEPS[1];
    let mut best: Option<(f32, Moved)> = None;
    let mut heard = before;
    for step in 0..=all {
        if step > 0 && step % LISTENED_AGAIN == 0 {
            heard = stage.distance(&held, &moved)?;
            if best.as_ref().is_none_or(|(least, _)| heard < *least) {
                best = Some((heard, moved.clone()));
            }
        }
        if !progress(step as f32 / all as f32, heard) {
            return Ok(Refined::Stopped);
        }
        if step == all {
            break;
        }
        // A step that shares nothing with their number goes through the batches in another order each time.
        let batch = &batches[step * 7 % batches.len()];
        let adapting = if step < STEPS[0] { 0.0 } else { 1.0 };
        let (shape, breath) = stage.losses(batch, &moved, adapting);
        let loss = shape + breath + moved.size();
        let gradients = GradientsParams::from_grads(loss.backward(), &moved);
        let rate = if step < STEPS[0] { 0.02 } else { 0.01 * falling(step, STEPS) };
        moved = optimizer.step(rate, moved, gradients);
    }
    let Some((after, moved)) = best else { return Ok(Refined::TooLittle) };
    let distance = Distance { before, after };
    if after >= before && unrefined.is_some() {
        return Ok(Refined::NotCloser(distance));
    }
    let (vector, adapter) = moved.numbers()?;
    Ok(Refined::Closer(Box::new(Refinement { singer: Start { like, vector }, adapter, distance })))
}

/// The rate of a step of everything, falling from 1 to a fifth.
fn falling(step: usize, [alone, all]: [usize; 2]) -> f64 {
    1.0 - 0.8 * step.saturating_sub(alone) as f64 / all.max(1) as f64
}

/// Characters side by side, padded to one length.
struct Batch {
    count: usize,
    identities: Tensor<2, Int>,
    constants: Tensor<2>,
    codes: Tensor<2>,
    tracks: Tensor<3>,
    /// The bins that are compared.
    bins: Tensor<1, Int>,
    /// Log power of the hiss, `[count, 1, compared]`.
    hiss: Tensor<3>,
    /// What was recorded with its hiss upon it, `[count, time, compared]`, and how much it counts.
    envelope: Tensor<3>,
    weight: Tensor<3>,
    /// Aperiodicity, `[count, time, AP_BANDS]`, and how much it counts.
    noise: Tensor<3>,
    noise_weight: Tensor<3>,
}

/// What characters are sung with.
struct Stage<'a> {
    voice: &'a VoiceModel,
    generator: Generator,
    points: Tensor<2>,
    mean: &'a [f32],
    device: &'a Device,
}

impl Stage<'_> {
    /// Characters as the trained singer `like` articulates them, in batches of like lengths.
    fn batches(&self, takes: &[&AnalysedToken], like: usize) -> Vec<Batch> {
        let mut sorted = takes.to_vec();
        sorted.sort_by_key(|take| take.times.len());
        // What is compared is sharpened when it is sung.
        let sharpness = self.voice.config.singers.get(like).map_or(0.0, |singer| singer.sharpness);
        let added = Sharpener::default().forestalled(self.mean, sharpness);
        let mut batches = Vec::new();
        let mut rest = sorted.as_slice();
        while !rest.is_empty() {
            let mut count = 1;
            while count < rest.len() && (count + 1) * rest[count].times.len() <= BATCH {
                count += 1;
            }
            batches.push(self.batch(&rest[..count], like, &added));
            rest = &rest[count..];
        }
        batches
    }

    fn batch(&self, takes: &[&AnalysedToken], like: usize, added: &[f32]) -> Batch {
        let count = takes.len();
        let longest = takes.iter().map(|take| take.times.len()).max().unwrap_or(1);
        let places = mel_places(COMPARED, 0.5);
        let (mut ids, mut numbers, mut codes) = (Vec::new(), Vec::new(), Vec::new());
        let mut told = vec![0.0f32; count * longest * TRACKS];
        let mut hiss = Vec::with_capacity(count * COMPARED);
        let mut envelope = vec![0.0f32; count * longest * COMPARED];
        let mut weight = envelope.clone();
        let mut noise = vec![0.0f32; count * longest * AP_BANDS];
        let mut noise_weight = noise.clone();
        for (i, take) in takes.iter().enumerate() {
            let l = take.landmarks;
            let landmarks = [l.burst as f32, l.vowel as f32, l.nucleus_end as f32, l.end as f32];
            let pitch: Vec<f32> =
                take.pitch.iter().map(|&pitch| self.voice.trained_pitch(articulated_pitch(pitch))).collect();
            let mean = pitch.iter().sum::<f32>() / pitch.len().max(1) as f32;
            let syllable = take.syllable.with_tone(0);
            let sought = Sought {
                syllable,
                previous: take.previous,
                next: take.next,
                singer: like,
                pitch: mean,
                take: None,
            };
            let known = self.voice.articulation(&sought);
            ids.extend(identities(&syllable, take.previous, take.next, like, 0));
            numbers.extend(constants(take.levels, landmarks, &pitch));
            codes.extend(known.map_or([0.0; CODE], |known| known.code));
            let of_take = tracks(&take.times, &pitch, landmarks);
            told[i * longest * TRACKS..][..of_take.len()].copy_from_slice(&of_take);
            let log_hiss: Vec<f32> = places.iter().map(|&bin| 2.0 * take.hiss[bin].to_f32()).collect();
            for t in 0..take.times.len() {
                let recorded = &take.envelope[t * BINS..(t + 1) * BINS];
                let row = (i * longest + t) * COMPARED;
                for (k, &bin) in places.iter().enumerate() {
                    let e = recorded[bin].to_f32() + added[bin];
                    let hissing = 0.5 * ((2.0 * e).exp() + log_hiss[k].exp()).ln();
                    envelope[row + k] = hissing;
                    let sounds = take.times[t] <= landmarks[3] && take.hears(bin);
                    weight[row + k] = if sounds { ((e + 9.0) / 6.5).clamp(0.15, 1.0) } else { 0.0 };
                }
                let row = (i * longest + t) * AP_BANDS;
                for (k, hz) in AP_CENTRES_HZ.into_iter().enumerate() {
                    noise[row + k] = take.aperiodicity[t * AP_BANDS + k].to_f32();
                    let heard = take.hears((hz / BIN_HZ) as usize);
                    noise_weight[row + k] = if heard { take.voicing[t].to_f32() } else { 0.0 };
                }
            }
            hiss.extend(log_hiss);
        }
        let two = |values: Vec<f32>, width: usize| {
            Tensor::<2>::from_data(TensorData::new(values, [count, width]), self.device)
        };
        let three = |values: Vec<f32>, time: usize, width: usize| {
            Tensor::<3>::from_data(TensorData::new(values, [count, time, width]), self.device)
        };
        let bins: Vec<i32> = places.iter().map(|&bin| bin as i32).collect();
        Batch {
            count,
            identities: Tensor::from_data(TensorData::new(ids, [count, IDENTITIES]), self.device),
            constants: two(numbers, CONSTANTS),
            codes: two(codes, CODE),
            tracks: three(told, longest, TRACKS),
            bins: Tensor::from_data(TensorData::new(bins, [COMPARED]), self.device),
            hiss: three(hiss, 1, COMPARED),
            envelope: three(envelope, longest, COMPARED),
            weight: three(weight, longest, COMPARED),
            noise: three(noise, longest, AP_BANDS),
            noise_weight: three(noise_weight, longest, AP_BANDS),
        }
    }

    /// What is sung, with the hiss of the recording upon it (`[count, time, compared]`), and its aperiodicity.
    fn sing(&self, batch: &Batch, moved: &Moved, adapting: f32) -> (Tensor<3>, Tensor<3>) {
        let Generated { envelope, source } = self.generator.forward(
            batch.identities.clone(),
            moved.singers(batch.count, adapting, &self.points),
            batch.constants.clone(),
            batch.codes.clone(),
            batch.tracks.clone(),
            Some(&batch.bins),
        );
        let above = envelope * 2.0 - batch.hiss.clone();
        let hissing = (softplus(above, 1.0) + batch.hiss.clone()) * 0.5;
        let time = batch.tracks.dims()[1];
        (hissing, sigmoid(source.slice([0..batch.count, 0..time, 0..AP_BANDS])))
    }

    /// The weighted mean distance of log amplitude, and that of the aperiodicity squared.
    fn losses(&self, batch: &Batch, moved: &Moved, adapting: f32) -> (Tensor<1>, Tensor<1>) {
        let (made, noise) = self.sing(batch, moved, adapting);
        let shape = ((made - batch.envelope.clone()).abs() * batch.weight.clone()).sum()
            / batch.weight.clone().sum().clamp_min(1e-6);
        let breath = ((noise - batch.noise.clone()).powi_scalar(2) * batch.noise_weight.clone()).sum()
            / batch.noise_weight.clone().sum().clamp_min(1e-6);
        (shape, breath)
    }

    /// The mean distance of log amplitude over batches.
    fn distance(&self, batches: &[Batch], moved: &Moved) -> Result<f32, VoiceError> {
        let (mut sum, mut count) = (0.0, 0.0);
        for batch in batches {
            let (shape, _) = self.losses(batch, moved, 1.0);
            sum += batch.count as f32 * shape.into_scalar::<f32>();
            count += batch.count as f32;
        }
        let mean = sum / f32::max(count, 1.0);
        if mean.is_finite() {
            Ok(mean)
        } else {
            Err(VoiceError::Device(ziyin_message::message!("voice.not-a-number")))
        }
    }

    /// The summed distance of a batch, a part of what all of its frames differ by in each bin taken off: that
    /// is the recording's colour, which an adapter gives to anybody.
    fn off_but_for_colour(&self, batch: &Batch, moved: &Moved) -> Result<f32, VoiceError> {
        let (made, _) = self.sing(batch, moved, 0.0);
        let apart: Vec<f32> = to_vec((batch.envelope.clone() - made).into_data())?;
        let weight: Vec<f32> = to_vec(batch.weight.clone().into_data())?;
        let mut colour = vec![0.0f32; COMPARED];
        let mut counted = vec![1e-6f32; COMPARED];
        for (apart, weight) in apart.chunks(COMPARED).zip(weight.chunks(COMPARED)) {
            for k in 0..COMPARED {
                colour[k] += weight[k] * apart[k];
                counted[k] += weight[k];
            }
        }
        colour.iter_mut().zip(&counted).for_each(|(sum, count)| *sum *= COLOUR / count);
        let off = apart.chunks(COMPARED).zip(weight.chunks(COMPARED)).map(|(apart, weight)| {
            (0..COMPARED).map(|k| weight[k] * (apart[k] - colour[k]).abs()).sum::<f32>()
        });
        Ok(off.sum())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ziyin_corpus::{Landmarks, Manner};
    use ziyin_lyrics::{Phoneme, pinyin_to_syllable};
    use ziyin_model::character::SINGER;
    use ziyin_model::generator::GeneratorConfig;
    use ziyin_model::{CharacterInput, DurationConfig, SingerConfig, VoiceConfig};
    use ziyin_signal::block_grid;

    const MEAN: f32 = -5.0;

    /// A voice of two singers with random weights, on a device with gradients.
    fn voice(device: &Device) -> VoiceModel {
        let singer = |name: &str| SingerConfig {
            name: name.into(),
            credits: String::new(),
            languages: Vec::new(),
            range: [48, 72],
            sharpness: 0.0,
            brightness: 0.0,
        };
        let config = VoiceConfig {
            name: "Random".into(),
            singers: vec![singer("One"), singer("Other")],
            lead: None,
            conditions: vec!["clean".into()],
            generator: GeneratorConfig::new(2, 1).with_channels(16).with_dilations(vec![1, 2]),
            duration: DurationConfig::new(2),
            singer_encoder: None,
        };
        let generator = config.generator.init(device).with_mean(&[MEAN; BINS], device);
        let duration = config.duration.init(device);
        VoiceModel::assemble(config, generator, duration, None, Vec::new(), device)
    }

    /// Characters as a singer of the voice sings them, each bin so much louder as `louder` says.
    fn takes(voice: &VoiceModel, singer: usize, louder: impl Fn(usize, usize) -> f32) -> Lesson {
        let syllables = ["ma", "li", "tu", "guo", "shan", "hei"].map(|p| pinyin_to_syllable(p, 1).unwrap());
        let pitch = |i: usize| 52.0 + (i % 7) as f32;
        let (vowel, end) = (0.08, 0.3);
        let times = block_grid(vowel, end);
        let inputs: Vec<CharacterInput> = (0..60)
            .map(|i| CharacterInput {
                syllable: syllables[i % 6],
                previous: [Phoneme::A, Phoneme::None],
                next: [Phoneme::M, Phoneme::A],
                singer,
                condition: 0,
                levels: Some([-3.0, 0.0, -3.0]),
                take: None,
                burst: 0.0,
                vowel,
                nucleus_end: end,
                end,
                pitch: vec![pitch(i); times.len()],
            })
            .collect();
        let blocks = voice.unsharpened().generate(&inputs).unwrap();
        let takes = inputs.iter().zip(blocks).enumerate().map(|(i, (input, block))| {
            let frames = block.frames;
            let envelope = frames.envelope.iter().enumerate().map(|(k, e)| e + louder(i, k % BINS));
            AnalysedToken {
                name: String::new(),
                syllable: input.syllable,
                previous: input.previous,
                next: input.next,
                key: 52,
                manner: Manner::Plain,
                landmarks: Landmarks {
                    onset: 0.0,
                    burst: 0.0,
                    vowel: f64::from(vowel),
                    nucleus_end: f64::from(end),
                    end: f64::from(end),
                },
                levels: [-3.0, 0.0, -3.0],
                times: block.times,
                pitch: input.pitch.clone(),
                envelope: envelope.map(half::f16::from_f32).collect(),
                aperiodicity: frames.aperiodicity.iter().map(|a| half::f16::from_f32(*a)).collect(),
                voicing: frames.voicing.iter().map(|v| half::f16::from_f32(*v)).collect(),
                hiss: vec![half::f16::from_f32(-9.8); BINS],
            }
        });
        Lesson { takes: takes.collect(), given: 60 }
    }

    fn refined(voice: &VoiceModel, lesson: &Lesson, go_on: bool) -> Refined {
        let vectors = voice.trained_singers().unwrap();
        let starts: Vec<Start> =
            vectors.into_iter().enumerate().map(|(like, vector)| Start { like, vector }).collect();
        refine_by_words(voice, starts.first(), &starts, lesson, &[MEAN; BINS], voice.device(), &mut |_, _| {
            go_on
        })
        .unwrap()
    }

    #[test]
    fn a_voice_of_another_colour_is_come_nearer_to_by_what_was_held_back() {
        let voice = voice(&Device::flex().autodiff());
        let lesson = takes(&voice, 1, |_, bin| 1.5 * (bin as f32 / 90.0).sin());
        let Refined::Closer(found) = refined(&voice, &lesson, true) else { panic!("not closer") };
        assert!(found.distance.after < 0.4 * found.distance.before, "{:?}", found.distance);
        assert_eq!(found.singer.vector.len(), SINGER);
        assert_eq!(found.adapter.layers.len(), voice.config.generator.scales_and_shifts());
    }

    #[test]
    fn what_comes_no_nearer_to_what_was_held_back_is_not_taken() {
        let voice = voice(&Device::flex().autodiff());
        let is_held = |i: usize| i / STRETCH % HELD_BACK == HELD_BACK - 1;
        // What is held back is as the first singer is already, and all else of another colour.
        let lesson =
            takes(&voice, 0, |i, bin| if is_held(i) { 0.0 } else { 2.0 * (bin as f32 / 90.0).sin() });
        match refined(&voice, &lesson, true) {
            Refined::NotCloser(Distance { before, after }) => assert!(before < 0.05 && after > before),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn it_can_be_stopped_and_refuses_a_few_characters() {
        let voice = voice(&Device::flex().autodiff());
        let mut lesson = takes(&voice, 1, |_, _| 0.0);
        assert!(matches!(refined(&voice, &lesson, false), Refined::Stopped));
        lesson.takes.truncate(FEWEST - 1);
        assert!(matches!(refined(&voice, &lesson, true), Refined::TooLittle));
    }
}
