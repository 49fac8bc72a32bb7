use burn::module::{Module, Param};
use burn::optim::{AdamWConfig, GradientsParams};
use burn::tensor::activation::sigmoid;
use burn::tensor::{Device, Int, Tensor, TensorData};

use super::likeness::Likeness;
use crate::lyrics::{Language, Phoneme, Syllable};
use crate::model::character::{CODE, CONSTANTS, IDENTITIES, SINGER, TRACKS, constants, identities, tracks};
use crate::model::cloned_singer::{ADAPTED_POINTS, Adapter};
use crate::model::generator::{Adapted, Generated, Singers};
use crate::model::roster::between_points;
use crate::model::{VoiceError, VoiceModel};
use crate::signal::{AP_BANDS, block_grid, mel_places};

/// What refinement found.
#[derive(Clone, Debug)]
pub struct Refinement {
    pub vector: Vec<f32>,
    pub adapter: Adapter,
    /// Mean distance of log amplitude between the generator's vowels and the recording's,
    /// before and after.
    pub distance: [f32; 2],
}

/// Steps of the vector alone, and then of everything.
const STEPS: [usize; 2] = [30, 70];
/// Steps after which it is decided anew which vowel each frame is.
const LISTENED_AGAIN: usize = 10;
/// Bins that are compared, evenly spaced on the mel scale.
const COMPARED: usize = 128;
/// Frames of the recording that are compared at most.
const MOST_FRAMES: usize = 4000;
/// Frames from which on a vowel counts as heard.
const FEWEST_FRAMES: usize = 8;

/// What is moved.
#[derive(Module, Debug)]
struct Moved {
    vector: Param<Tensor<1>>,
    told: Param<Tensor<1>>,
    envelope: Param<Tensor<1>>,
    source: Param<Tensor<1>>,
}

/// The vowels that the generator is asked for, at three pitches of the recording.
struct Vowels {
    identities: Tensor<2, Int>,
    constants: Tensor<2>,
    tracks: Tensor<3>,
    /// `[1, 1, time]`: the frames in the middle of the vowel, summing to 1.
    steady: Tensor<3>,
    /// MIDI pitch of each.
    pitch: Vec<f32>,
}

/// A frame of the recording, its mean level taken off.
struct Frame {
    envelope: Vec<f32>,
    aperiodicity: Vec<f32>,
    pitch: f32,
}

/// Fits a cloned singer's vector, and then a small adapter, to a recording by gradient
/// descent. `voice` has to live on a device with gradients; `like` is the trained singer
/// whose row stands in for who sings.
///
/// Nobody says what is sung: each voiced frame is taken for the vowel of the generator that is
/// nearest to it, the mean of the frames of each vowel is what that vowel shall become, and
/// every few steps the frames choose anew. `progress` hears steps done and of how many, and
/// the distance; it gives `false` to stop, and then nothing is kept.
///
/// # Errors
/// If the device gives up. Gives `None` where it was stopped, or no vowel was heard.
pub fn refine(
    voice: &VoiceModel,
    like: usize,
    likeness: &Likeness,
    start: &[f32],
    device: &Device,
    progress: &mut dyn FnMut(usize, usize, f32) -> bool,
) -> Result<Option<Refinement>, VoiceError> {
    let channels = voice.config.generator.channels;
    let generator = voice.generator().clone().no_grad();
    let places = mel_places(COMPARED, 0.5);
    let frames = frames_of(likeness, &places);
    if frames.is_empty() {
        return Ok(None);
    }
    let vowels = Vowels::new(&frames, like, device);
    let bins: Vec<i32> = places.iter().map(|&bin| bin as i32).collect();
    let bins = Tensor::<1, Int>::from_data(TensorData::new(bins, [COMPARED]), device);
    let points = between_points(device);
    let zeros = |count: usize| Param::from_tensor(Tensor::<1>::zeros([count], device));
    let mut moved = Moved {
        vector: Param::from_tensor(Tensor::from_data(TensorData::new(start.to_vec(), [SINGER]), device)),
        told: zeros(channels),
        envelope: zeros(ADAPTED_POINTS),
        source: zeros(AP_BANDS),
    };
    let mut optimizer = AdamWConfig::new().with_beta_2(0.99).with_weight_decay(0.0).init();
    let count = vowels.pitch.len();
    let all = STEPS[0] + STEPS[1];
    let mut wanted: Option<Wanted> = None;
    let (mut first, mut last) = (None, 0.0);
    for step in 0..=all {
        let adapting = if step < STEPS[0] { 0.0 } else { 1.0 };
        let spread = |values: &Param<Tensor<1>>| {
            let values = values.val().unsqueeze_dim::<2>(0) * adapting; // [1, width]
            let width = values.dims()[1];
            values.expand([count, width])
        };
        let Generated { envelope, source } = generator.forward(
            vowels.identities.clone(),
            Singers {
                vectors: moved.vector.val().unsqueeze_dim::<2>(0).expand([count, SINGER]),
                adapted: Some(Adapted {
                    told: spread(&moved.told),
                    envelope: spread(&moved.envelope).matmul(points.clone()),
                    source: spread(&moved.source),
                }),
            },
            vowels.constants.clone(),
            Tensor::zeros([count, CODE], device),
            vowels.tracks.clone(),
            Some(&bins),
        );
        let steady = vowels.steady.clone().expand([count as i64, 1, -1]);
        let made = steady.clone().matmul(envelope).flatten::<2>(1, 2); // [count, COMPARED]
        let made = made.clone() - made.mean_dim(1);
        let noise = sigmoid(source).slice([0..count, 0..vowels.times(), 0..AP_BANDS]);
        let noise = steady.matmul(noise).flatten::<2>(1, 2); // [count, AP_BANDS]
        if step % LISTENED_AGAIN == 0 {
            let templates = made.clone().into_data().try_into_vec::<f32>();
            let templates = templates.map_err(|e| VoiceError::Device(format!("{e:?}")))?;
            wanted = Wanted::new(&frames, &templates, &vowels.pitch, device);
        }
        let Some(wanted) = &wanted else { return Ok(None) };
        let shape = ((made - wanted.envelope.clone()).abs().mean_dim(1) * wanted.weight.clone()).sum();
        let breath =
            ((noise - wanted.noise.clone()).powi_scalar(2).mean_dim(1) * wanted.weight.clone()).sum();
        last = shape.clone().into_scalar::<f32>();
        first = first.or(Some(last));
        if !progress(step, all, last) {
            return Ok(None);
        }
        if step == all {
            break;
        }
        let small = moved.told.val().powi_scalar(2).mean() * 0.02
            + moved.envelope.val().powi_scalar(2).mean() * 0.02
            + moved.source.val().powi_scalar(2).mean() * 0.002;
        let loss = shape + breath + small;
        let gradients = GradientsParams::from_grads(loss.backward(), &moved);
        let rate = if step < STEPS[0] { 0.02 } else { 0.01 };
        moved = optimizer.step(rate, moved, gradients);
    }
    let numbers = |values: &Param<Tensor<1>>| {
        values.val().into_data().try_into_vec::<f32>().map_err(|e| VoiceError::Device(format!("{e:?}")))
    };
    Ok(Some(Refinement {
        vector: numbers(&moved.vector)?,
        adapter: Adapter {
            told: numbers(&moved.told)?,
            envelope: numbers(&moved.envelope)?,
            source: numbers(&moved.source)?,
        },
        distance: [first.unwrap_or(last), last],
    }))
}

fn frames_of(likeness: &Likeness, places: &[usize]) -> Vec<Frame> {
    let count = likeness.voiced().count();
    likeness
        .voiced()
        .step_by(count.div_ceil(MOST_FRAMES).max(1))
        .map(|(envelope, aperiodicity, pitch)| {
            let mut envelope: Vec<f32> = places.iter().map(|&bin| envelope[bin]).collect();
            let mean = envelope.iter().sum::<f32>() / envelope.len() as f32;
            envelope.iter_mut().for_each(|e| *e -= mean);
            Frame { envelope, aperiodicity: aperiodicity.to_vec(), pitch }
        })
        .collect()
}

impl Vowels {
    fn new(frames: &[Frame], like: usize, device: &Device) -> Self {
        use Phoneme::{A, E, E_, Eh, I, O, U, Ux, Y};
        let mut sung: Vec<f32> = frames.iter().map(|frame| frame.pitch).collect();
        sung.sort_by(f32::total_cmp);
        let keys = [0.15, 0.5, 0.85].map(|share: f32| sung[(share * (sung.len() - 1) as f32) as usize]);
        let languages =
            [(Language::Mandarin, &[A, O, E_, Eh, I, U, Y][..]), (Language::Japanese, &[A, I, Ux, E, O])];
        let landmarks = [0.0, 0.02, 0.35, 0.4];
        let times = block_grid(landmarks[1], landmarks[3]);
        let (mut ids, mut numbers, mut told, mut pitch) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for key in keys {
            let held = vec![key; times.len()];
            for (language, nuclei) in languages {
                for &nucleus in nuclei {
                    let none = Phoneme::None;
                    let syllable =
                        Syllable { initial: none, glide: none, nucleus, coda: none, tone: 0, language };
                    let rest = [Phoneme::Rest; 2];
                    ids.extend(identities(&syllable, rest, rest, like, 0));
                    numbers.extend(constants([-3.0, 0.0, -3.0], landmarks, &held));
                    told.extend(tracks(&times, &held, landmarks));
                    pitch.push(key);
                }
            }
        }
        let within = |t: &&f32| (0.12..0.3).contains(*t);
        let share = 1.0 / times.iter().filter(within).count().max(1) as f32;
        let steady: Vec<f32> = times.iter().map(|t| if within(&t) { share } else { 0.0 }).collect();
        let (count, time) = (pitch.len(), times.len());
        Self {
            identities: Tensor::from_data(TensorData::new(ids, [count, IDENTITIES]), device),
            constants: Tensor::from_data(TensorData::new(numbers, [count, CONSTANTS]), device),
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
    /// `[count, COMPARED]`.
    envelope: Tensor<2>,
    /// `[count, AP_BANDS]`.
    noise: Tensor<2>,
    /// `[count, 1]`, summing to 1; 0 for a vowel that was not heard.
    weight: Tensor<2>,
}

impl Wanted {
    /// `templates`: the generator's vowels, `[count × COMPARED]`, at these pitches.
    fn new(frames: &[Frame], templates: &[f32], pitches: &[f32], device: &Device) -> Option<Self> {
        let count = pitches.len();
        let mut envelope = vec![0.0f32; count * COMPARED];
        let mut noise = vec![0.0f32; count * AP_BANDS];
        let mut heard = vec![0usize; count];
        for frame in frames {
            let off = |i: usize| (pitches[i] - frame.pitch).abs();
            let nearest = (0..count).map(off).fold(f32::MAX, f32::min);
            let distance = |i: usize| -> f32 {
                let template = &templates[i * COMPARED..(i + 1) * COMPARED];
                template.iter().zip(&frame.envelope).map(|(a, b)| (a - b).abs()).sum()
            };
            let at_pitch = (0..count).filter(|&i| off(i) <= nearest + 1e-3);
            let Some(chosen) = at_pitch.min_by(|&a, &b| distance(a).total_cmp(&distance(b))) else {
                continue;
            };
            heard[chosen] += 1;
            let sum = &mut envelope[chosen * COMPARED..(chosen + 1) * COMPARED];
            sum.iter_mut().zip(&frame.envelope).for_each(|(s, e)| *s += e);
            let sum = &mut noise[chosen * AP_BANDS..(chosen + 1) * AP_BANDS];
            sum.iter_mut().zip(&frame.aperiodicity).for_each(|(s, a)| *s += a);
        }
        for (i, &heard) in heard.iter().enumerate() {
            let share = 1.0 / heard.max(1) as f32;
            envelope[i * COMPARED..(i + 1) * COMPARED].iter_mut().for_each(|e| *e *= share);
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
            envelope: two(envelope, COMPARED),
            noise: two(noise, AP_BANDS),
            weight: two(weight.into_iter().map(|w| w / sum).collect(), 1),
        })
    }
}
