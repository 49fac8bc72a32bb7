//! Fits a singer to a recording of which nobody says what is sung in it.

use burn::module::Module;
use burn::optim::{AdamWConfig, GradientsParams};
use burn::tensor::activation::sigmoid;
use burn::tensor::{Device, Int, Tensor, TensorData};

use super::adapting::{Distance, Moved, Refined, Refinement, Start};
use super::likeness::Likeness;
use super::vowel_match::{COMPARED, Frame, Match, match_vowels};
use ziyin_lyrics::{Language, Phoneme, Syllable};
use ziyin_model::character::{CODE, CONSTANTS, IDENTITIES, TRACKS, constants, identities, tracks};
use ziyin_model::generator::{Generated, Generator};
use ziyin_model::roster::between_points;
use ziyin_model::{Sought, VoiceError, VoiceModel, articulated_pitch, to_vec};
use ziyin_signal::{AP_BANDS, BINS, Sharpener, block_grid, mel_places};

/// Steps of the vector alone, and then of everything.
const STEPS: [usize; 2] = [30, 70];
/// Steps after which it is decided anew which vowel each frame is.
const LISTENED_AGAIN: usize = 10;
/// Frames of the recording that are compared at most.
const MOST_FRAMES: usize = 4000;
/// Frames from which on a vowel counts as heard.
const FEWEST_FRAMES: usize = 8;

/// The vowels that the generator is asked for, and the nasal that is a syllable by itself, at three
/// pitches of the recording. Each is sung as in a song, between other vowels (and after a consonant,
/// but for the nasal), and articulated as the trained singer does: a vowel alone after a pause,
/// without a code, lies 3 to 5 dB from that, and what is fitted to it is off by as much in every song.
struct Vowels {
    identities: Tensor<2, Int>,
    constants: Tensor<2>,
    codes: Tensor<2>,
    tracks: Tensor<3>,
    /// `[1, 1, time]`: the frames in the middle of the vowel, summing to 1.
    steady: Tensor<3>,
    /// MIDI pitch of each.
    pitch: Vec<f32>,
}

/// Frames side by side that are held back, or not, together.
const STRETCH: usize = 40;
/// Of so many stretches one is held back.
const HELD_BACK: usize = 5;

/// Fits a cloned singer's vector, and then a small adapter, to a recording by gradient
/// descent. `voice` has to live on a device with gradients. Of the `starts` it takes the one
/// whose vowels are nearest to the recording's; `unrefined` is who the singer is without refinement.
///
/// Nobody says what is sung: each voiced frame is taken for one of the vowels of the generator
/// ([`match_vowels`]), the mean of the frames of each vowel is what that vowel shall become, and
/// every few steps the frames choose anew. A part of the frames is held back, and says which of the
/// steps came nearest, and whether any came nearer than the singer was. `progress` hears which part is
/// done, and the distance; it gives `false` to stop, and then nothing is kept.
///
/// # Errors
/// If the device gives up.
pub fn refine(
    voice: &VoiceModel,
    unrefined: Option<&Start>,
    starts: &[Start],
    likeness: &Likeness,
    device: &Device,
    progress: &mut dyn FnMut(f32, f32) -> bool,
) -> Result<Refined, VoiceError> {
    let places: Vec<usize> =
        mel_places(COMPARED, 0.5).into_iter().filter(|&bin| bin < likeness.reach).collect();
    // What is compared is sharpened when it is sung.
    let mean = likeness.mean_of_voice();
    let forestalled = |like: usize| {
        let sharpness = voice.config.singers.get(like).map_or(0.0, |singer| singer.sharpness);
        Sharpener::default().forestalled(&mean, sharpness)
    };
    let [frames, held] = frames_of(likeness, &places, &[0.0; BINS]);
    if frames.is_empty() || held.is_empty() || places.is_empty() {
        return Ok(Refined::TooLittle);
    }
    let bins: Vec<i32> = places.iter().map(|&bin| bin as i32).collect();
    let stage = Stage {
        generator: voice.generator().clone().no_grad(),
        bins: Tensor::from_data(TensorData::new(bins, [places.len()]), device),
        points: between_points(device),
    };
    let config = &voice.config.generator;
    let far = |held: &[Frame], vowels: &Vowels, templates: &[f32]| {
        match_vowels(held, templates, &vowels.pitch, &places).distance
    };
    let sung = |start: &Start| -> Result<(Vowels, Vec<f32>), VoiceError> {
        let vowels = Vowels::new(&frames, voice, start.like, device);
        let moved = Moved::at(&start.vector, config, false, device);
        let templates = to_vec(stage.sing(&vowels, &moved, 0.0).envelope.into_data())?;
        Ok((vowels, templates))
    };
    let mut nearest: Option<(f32, &Start, Vowels)> = None;
    for start in starts {
        let (vowels, templates) = sung(start)?;
        let Match { distance, .. } = match_vowels(&frames, &templates, &vowels.pitch, &places);
        if nearest.as_ref().is_none_or(|(least, ..)| distance < *least) {
            nearest = Some((distance, start, vowels));
        }
    }
    let Some((_, start, vowels)) = nearest else { return Ok(Refined::TooLittle) };
    let &Start { like, ref vector } = start;
    let alone = unrefined.unwrap_or(start);
    let [_, held] = frames_of(likeness, &places, &forestalled(alone.like));
    let (its_vowels, templates) = sung(alone)?;
    let before = far(&held, &its_vowels, &templates);
    let [frames, held] = frames_of(likeness, &places, &forestalled(like));
    let mut moved = Moved::at(vector, config, false, device);
    let mut optimizer = AdamWConfig::new().with_beta_2(0.99).with_weight_decay(0.0).init();
    let all = STEPS[0] + STEPS[1];
    let mut wanted: Option<Wanted> = None;
    let mut best: Option<(f32, Moved, bool)> = None;
    for step in 0..=all {
        let adapting = if step < STEPS[0] { 0.0 } else { 1.0 };
        let SteadyVowels { envelope: made, noise } = stage.sing(&vowels, &moved, adapting);
        if step % LISTENED_AGAIN == 0 {
            let templates = to_vec(made.clone().into_data())?;
            let found = match_vowels(&frames, &templates, &vowels.pitch, &places);
            wanted = Wanted::new(&frames, &found, [vowels.pitch.len(), places.len()], device);
            let far = far(&held, &vowels, &templates);
            if step > 0 && best.as_ref().is_none_or(|(least, ..)| far < *least) {
                best = Some((far, moved.clone(), adapting > 0.0));
            }
        }
        let Some(wanted) = &wanted else { return Ok(Refined::TooLittle) };
        let shape = ((made - wanted.envelope.clone()).abs().mean_dim(1) * wanted.weight.clone()).sum();
        let breath =
            ((noise - wanted.noise.clone()).powi_scalar(2).mean_dim(1) * wanted.weight.clone()).sum();
        if !progress(step as f32 / all as f32, shape.clone().into_scalar::<f32>()) {
            return Ok(Refined::Stopped);
        }
        if step == all {
            break;
        }
        let loss = shape + breath + moved.size();
        let gradients = GradientsParams::from_grads(loss.backward(), &moved);
        let rate = if step < STEPS[0] { 0.02 } else { 0.01 };
        moved = optimizer.step(rate, moved, gradients);
    }
    let Some((after, moved, adapted)) = best else { return Ok(Refined::TooLittle) };
    let distance = Distance { before, after };
    if after >= before && unrefined.is_some() {
        return Ok(Refined::NotCloser(distance));
    }
    let (vector, adapter) = moved.numbers()?;
    let adapter = if adapted { adapter } else { Moved::at(&vector, config, false, device).numbers()?.1 };
    Ok(Refined::Closer(Box::new(Refinement { singer: Start { like, vector }, adapter, distance })))
}

/// What vowels are sung with.
struct Stage {
    generator: Generator,
    /// The bins that are compared.
    bins: Tensor<1, Int>,
    /// From the places of an adapter to all bins.
    points: Tensor<2>,
}

/// The steady parts of vowels.
struct SteadyVowels {
    /// `[count, compared]`, the mean level taken off.
    envelope: Tensor<2>,
    /// `[count, AP_BANDS]`.
    noise: Tensor<2>,
}

impl Stage {
    /// The vowels as somebody sings them whose adapter counts `adapting` times.
    fn sing(&self, vowels: &Vowels, moved: &Moved, adapting: f32) -> SteadyVowels {
        let count = vowels.pitch.len();
        let Generated { envelope, source } = self.generator.forward(
            vowels.identities.clone(),
            moved.singers(count, adapting, &self.points),
            vowels.constants.clone(),
            vowels.codes.clone(),
            vowels.tracks.clone(),
            Some(&self.bins),
        );
        let steady = vowels.steady.clone().expand([count as i64, 1, -1]);
        let made = steady.clone().matmul(envelope).flatten::<2>(1, 2);
        let noise = sigmoid(source).slice([0..count, 0..vowels.times(), 0..AP_BANDS]);
        SteadyVowels {
            envelope: made.clone() - made.mean_dim(1),
            noise: steady.matmul(noise).flatten::<2>(1, 2),
        }
    }
}

/// The voiced frames with something `added` (`BINS`) to each: those to be learned from, and those that are held
/// back.
fn frames_of(likeness: &Likeness, places: &[usize], added: &[f32]) -> [Vec<Frame>; 2] {
    let count = likeness.voiced().count();
    let chosen = likeness.voiced().step_by(count.div_ceil(MOST_FRAMES).max(1));
    let mut frames = [Vec::new(), Vec::new()];
    for (i, (envelope, aperiodicity, pitch)) in chosen.enumerate() {
        let mut envelope: Vec<f32> = places.iter().map(|&bin| envelope[bin] + added[bin]).collect();
        let mean = envelope.iter().sum::<f32>() / envelope.len().max(1) as f32;
        envelope.iter_mut().for_each(|e| *e -= mean);
        let held = usize::from(i / STRETCH % HELD_BACK == HELD_BACK - 1);
        frames[held].push(Frame { envelope, aperiodicity: aperiodicity.to_vec(), pitch });
    }
    frames
}

/// Seconds of a vowel's syllable: its burst, its vowel's onset, the nucleus' end, its end.
const SUNG: [f32; 4] = [0.0, 0.06, 0.45, 0.45];
/// Seconds between which the vowel is steady.
const STEADY: std::ops::Range<f32> = 0.16..0.4;
/// The consonant before a Japanese vowel, and the vowel on either side, at each pitch.
const AROUND: [(Phoneme, Phoneme); 3] =
    [(Phoneme::K, Phoneme::A), (Phoneme::N, Phoneme::I), (Phoneme::S, Phoneme::O)];

/// Syllables that hold every vowel, where a Japanese one begins with `consonant`, and ん: without
/// it what is hummed would be taken for a vowel, and bend that.
fn syllables(consonant: Phoneme) -> impl Iterator<Item = Syllable> {
    use Phoneme::{A, C, E, E_, Eh, I, J, Nn, None, O, P, S, T, Tc, U, Ux, Y};
    // Mandarin: da, bo, de, jie, di, du, ju.
    let mandarin =
        [(T, None, A), (P, None, O), (T, None, E_), (Tc, J, Eh), (T, None, I), (T, None, U), (Tc, None, Y)];
    let japanese = [A, I, Ux, E, O].map(|nucleus| {
        let consonant = if (consonant, nucleus) == (S, I) { C } else { consonant };
        (consonant, None, nucleus)
    });
    let nasal = (None, None, Nn);
    let of = |language| {
        move |(initial, glide, nucleus)| Syllable { initial, glide, nucleus, ..Syllable::hum(language) }
    };
    let japanese = japanese.into_iter().chain([nasal]).map(of(Language::Japanese));
    mandarin.into_iter().map(of(Language::Mandarin)).chain(japanese)
}

impl Vowels {
    fn new(frames: &[Frame], voice: &VoiceModel, like: usize, device: &Device) -> Self {
        let mut sung: Vec<f32> = frames.iter().map(|frame| frame.pitch).collect();
        sung.sort_by(f32::total_cmp);
        let keys = [0.15, 0.5, 0.85].map(|share: f32| sung[(share * (sung.len() - 1) as f32) as usize]);
        let times = block_grid(SUNG[1], SUNG[3]);
        let (mut ids, mut numbers, mut codes) = (Vec::new(), Vec::new(), Vec::new());
        let (mut told, mut pitch) = (Vec::new(), Vec::new());
        for (key, (consonant, neighbour)) in keys.into_iter().zip(AROUND) {
            // A note beyond the voice's range will be sung with the sounds of the last one.
            let told_key = voice.trained_pitch(articulated_pitch(key));
            let held = vec![told_key; times.len()];
            let beside = [neighbour, Phoneme::None];
            for syllable in syllables(consonant) {
                let sought = Sought {
                    syllable,
                    previous: beside,
                    next: beside,
                    singer: like,
                    pitch: told_key,
                    take: None,
                };
                let known = voice.articulation(&sought);
                ids.extend(identities(&syllable, beside, beside, like, 0));
                let levels = known.as_ref().map_or([-3.0, 0.0, -3.0], |known| known.levels);
                numbers.extend(constants(levels, SUNG, &held));
                codes.extend(known.map_or([0.0; CODE], |known| known.code));
                told.extend(tracks(&times, &held, SUNG));
                pitch.push(key);
            }
        }
        let within = |t: &&f32| STEADY.contains(*t);
        let share = 1.0 / times.iter().filter(within).count().max(1) as f32;
        let steady: Vec<f32> = times.iter().map(|t| if within(&t) { share } else { 0.0 }).collect();
        let (count, time) = (pitch.len(), times.len());
        Self {
            identities: Tensor::from_data(TensorData::new(ids, [count, IDENTITIES]), device),
            constants: Tensor::from_data(TensorData::new(numbers, [count, CONSTANTS]), device),
            codes: Tensor::from_data(TensorData::new(codes, [count, CODE]), device),
            tracks: Tensor::from_data(TensorData::new(told, [count, time, TRACKS]), device),
            steady: Tensor::from_data(TensorData::new(steady, [1, 1, time]), device),
            pitch,
        }
    }

    fn times(&self) -> usize {
        self.steady.dims()[2]
    }
}

/// What the vowels shall become.
struct Wanted {
    /// `[count, compared]`.
    envelope: Tensor<2>,
    /// `[count, AP_BANDS]`.
    noise: Tensor<2>,
    /// `[count, 1]`, summing to 1; 0 for a vowel that was not heard.
    weight: Tensor<2>,
}

impl Wanted {
    /// `found` says which of the `count` vowels each frame is, at so many places that are `compared`.
    fn new(frames: &[Frame], found: &Match, [count, compared]: [usize; 2], device: &Device) -> Option<Self> {
        let mut envelope = vec![0.0f32; count * compared];
        let mut noise = vec![0.0f32; count * AP_BANDS];
        let mut heard = vec![0usize; count];
        for (frame, &chosen) in frames.iter().zip(&found.vowels) {
            heard[chosen] += 1;
            let sum = &mut envelope[chosen * compared..(chosen + 1) * compared];
            sum.iter_mut().zip(&frame.envelope).for_each(|(s, e)| *s += e);
            let sum = &mut noise[chosen * AP_BANDS..(chosen + 1) * AP_BANDS];
            sum.iter_mut().zip(&frame.aperiodicity).for_each(|(s, a)| *s += a);
        }
        for (i, &heard) in heard.iter().enumerate() {
            let share = 1.0 / heard.max(1) as f32;
            envelope[i * compared..(i + 1) * compared].iter_mut().for_each(|e| *e *= share);
            noise[i * AP_BANDS..(i + 1) * AP_BANDS].iter_mut().for_each(|a| *a *= share);
        }
        let weight: Vec<f32> = heard
            .iter()
            .map(|&heard| if heard < FEWEST_FRAMES { 0.0 } else { (heard as f32).sqrt() })
            .collect();
        let sum: f32 = weight.iter().sum();
        let two = |values: Vec<f32>, width: usize| {
            Tensor::<2>::from_data(TensorData::new(values, [count, width]), device)
        };
        (sum > 0.0).then(|| Self {
            envelope: two(envelope, compared),
            noise: two(noise, AP_BANDS),
            weight: two(weight.into_iter().map(|w| w / sum).collect(), 1),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_vowel_is_sung_after_a_consonant_and_a_nasal_alone() {
        for (consonant, _) in AROUND {
            let all: Vec<Syllable> = syllables(consonant).collect();
            let alone = |syllable: &&Syllable| syllable.initial == Phoneme::None;
            assert_eq!(all.iter().filter(alone).map(|s| s.nucleus).collect::<Vec<_>>(), [Phoneme::Nn]);
            let mut nuclei: Vec<_> = all.iter().map(|s| (s.language, s.nucleus)).collect();
            nuclei.sort();
            nuclei.dedup();
            assert_eq!((nuclei.len(), all.len()), (13, 13));
        }
    }
}
