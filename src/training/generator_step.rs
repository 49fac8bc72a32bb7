//! One step of the generator's training, on one device or split over several.
//!
//! What is drawn at random is drawn here, for the whole batch, before it is split: the sum
//! of what the devices find is the gradient of the whole batch, whatever their number.

use std::ops::Range;
use std::thread;

use anyhow::{Result, anyhow, ensure};
use burn::module::Module;
use burn::optim::GradientsParams;
use burn::tensor::{Device, Tensor, TensorData};

use super::Example;
use super::batch::{CepstralTarget, Emphasis, GeneratorInput, Takes, Target, TargetRows, longest};
use super::cross_entropy::{cross_entropy, softplus};
use super::devices::sum_gradients;
use super::draw::Draw;
use super::likenesses::Likenesses;
use super::opponent::{MadeBlocks, Opponent};
use super::trained_generator::TrainedGenerator;
use ziyin_model::character::CODE;
use ziyin_model::generator::Generated;

/// Spread of what is added to a code in training: no finer than this can it speak.
const BLUR: f32 = 0.2;
/// Share of the tokens that are shown with their code.
const SHOWN: f32 = 0.75;
/// How strongly a singer's encoded vector is drawn to its row of the table.
const HOMEWARD: f64 = 0.05;
/// How strongly codes are drawn to zero.
const PULL: f64 = 5e-3;
/// How much the mel-cepstrum counts beside the envelope, both in nepers. The distance of log
/// amplitudes bin by bin leads to their median in each; a cepstrum is near only as a whole.
const CEPSTRUM: f64 = 0.5;
/// How much the source counts beside the envelope.
const SOURCE: f64 = 0.2;

/// All that a step depends on beside the networks.
pub(super) struct TrainingStep<'a> {
    pub examples: Vec<Example<'a>>,
    pub bins: Vec<usize>,
    pub emphasis: Emphasis,
    pub likenesses: Likenesses,
    /// The corpus' mean envelope, `BINS` values.
    pub mean: &'a [f32],
    /// What blurs the codes, `[batch × CODE]`, and which of them are shown, `[batch]`;
    /// `None` where none is.
    pub codes: Option<Noise>,
}

/// See [`TrainingStep::codes`].
pub(super) struct Noise {
    blur: Vec<f32>,
    shown: Vec<f32>,
}

impl Noise {
    pub(super) fn drawn(count: usize, draw: &mut Draw) -> Self {
        Self {
            blur: (0..count * CODE).map(|_| BLUR * draw.normal()).collect(),
            shown: (0..count).map(|_| if draw.unit() < SHOWN { 1.0 } else { 0.0 }).collect(),
        }
    }
}

/// What a step found.
pub(super) struct Found {
    /// Of the whole batch, on the device of the networks.
    pub gradients: GradientsParams,
    pub loss: f64,
    /// The distance of the envelopes alone.
    pub shape: f64,
    /// The opponent's own loss.
    pub opponent: f64,
}

/// What one device found. Losses and gradients add up over the devices.
struct FoundPart {
    gradients: GradientsParams,
    loss: f64,
    shape: f64,
    opponent: f64,
    lesson: Option<GradientsParams>,
}

/// How much a part counts in the whole step.
#[derive(Clone, Copy)]
struct Shares {
    shape: f64,
    source: f64,
    cepstrum: f64,
    tokens: f64,
}

impl TrainingStep<'_> {
    /// Losses and gradients of the whole batch, split evenly over `devices`; the networks
    /// are on the first of them. The opponent learns on the way.
    ///
    /// # Errors
    /// If a device fails, or a loss is no longer a number.
    pub(super) fn take(
        &self,
        model: &TrainedGenerator,
        opponent: Option<&mut (dyn Opponent + 'static)>,
        devices: &[Device],
    ) -> Result<Found> {
        let ranges = even_parts(self.examples.len(), devices.len());
        let longest = longest(&self.examples);
        let parts: Vec<(Range<usize>, Likenesses, TargetRows)> = ranges
            .into_iter()
            .map(|range| {
                let likenesses = self.likenesses.part(range.clone());
                let part = &self.examples[range.clone()];
                let wanted = TargetRows::new(part, longest, &likenesses.changes, &self.bins, self.emphasis);
                (range, likenesses, wanted)
            })
            .collect();
        let weights: Vec<[f64; 3]> = parts.iter().map(|(.., wanted)| wanted.weights()).collect();
        let all = |k: usize| weights.iter().map(|part| part[k]).sum::<f64>().max(1e-9);
        let (shape, source, cepstrum) = (all(0), all(1), all(2));

        let judge = opponent.as_deref();
        let run = |(range, likenesses, wanted): (Range<usize>, Likenesses, TargetRows),
                   weights: [f64; 3],
                   device: &Device,
                   first: bool| {
            let shares = Shares {
                shape: weights[0] / shape,
                source: weights[1] / source,
                cepstrum: weights[2] / cepstrum,
                tokens: range.len() as f64 / self.examples.len() as f64,
            };
            if first {
                self.part(model, judge, range, &likenesses, wanted, shares, device)
            } else {
                let model = model.clone().fork(device);
                self.part(&model, judge, range, &likenesses, wanted, shares, device)
            }
        };
        let found: Vec<FoundPart> = match parts.len() {
            1 => parts
                .into_iter()
                .map(|part| run(part, weights[0], &devices[0], true))
                .collect::<Result<_>>()?,
            _ => thread::scope(|scope| {
                let run = &run;
                let threads: Vec<_> = parts
                    .into_iter()
                    .zip(&weights)
                    .zip(devices)
                    .enumerate()
                    .map(|(i, ((part, &weights), device))| {
                        scope.spawn(move || run(part, weights, device, i == 0))
                    })
                    .collect();
                let joined = threads.into_iter().map(|thread| thread.join());
                joined
                    .map(|done| done.unwrap_or_else(|_| Err(anyhow!("a device broke down while training"))))
                    .collect::<Result<_>>()
            })?,
        };

        let mut whole = Found { gradients: GradientsParams::new(), loss: 0.0, shape: 0.0, opponent: 0.0 };
        let (mut gradients, mut lessons) = (Vec::new(), Vec::new());
        for part in found {
            whole.loss += part.loss;
            whole.shape += part.shape;
            whole.opponent += part.opponent;
            gradients.push(part.gradients);
            lessons.extend(part.lesson);
        }
        whole.gradients = sum_gradients(model, gradients, &devices[0]);
        if let Some(opponent) = opponent {
            opponent.learn(lessons, &devices[0]);
        }
        Ok(whole)
    }

    /// Losses and gradients of some examples, on one device.
    #[allow(clippy::too_many_arguments)]
    fn part(
        &self,
        model: &TrainedGenerator,
        opponent: Option<&dyn Opponent>,
        range: Range<usize>,
        likenesses: &Likenesses,
        wanted: TargetRows,
        shares: Shares,
        device: &Device,
    ) -> Result<FoundPart> {
        let part = &self.examples[range.clone()];
        let longest = longest(&self.examples);
        let told = GeneratorInput::new(part, &likenesses.changes, longest, device);
        let wanted = Target::new(wanted, device);
        let rows: Vec<usize> = part.iter().map(|example| example.singer).collect();
        let encoder = model.singer_encoder.as_ref();
        let (singers, astray) = likenesses.vectors(&rows, &model.generator, encoder, device);
        let code = match &self.codes {
            None => Tensor::zeros([part.len(), CODE], device),
            Some(noise) => {
                let of_part = |values: &[f32], width: usize| {
                    let values = values[range.start * width..range.end * width].to_vec();
                    Tensor::<2>::from_data(TensorData::new(values, [part.len(), width]), device)
                };
                let takes = Takes::new(part, longest, self.mean, device);
                let (blur, shown) = (of_part(&noise.blur, CODE), of_part(&noise.shown, 1));
                (model.encode(&takes) + blur) * shown
            }
        };
        let pull = code.clone().powi_scalar(2).mean();
        let made = model.generator.forward(
            told.identities.clone(),
            singers.into(),
            told.constants.clone(),
            code,
            told.tracks.clone(),
            Some(&wanted.bins),
        );
        let (shape, source) = losses(&made, &wanted);
        let shape = shape * shares.shape;
        let mut loss = shape.clone() + source * (SOURCE * shares.source) + pull * (PULL * shares.tokens);
        if let Some(wanted) = &wanted.cepstrum {
            loss = loss + cepstral_distance(&made.envelope, wanted) * (CEPSTRUM * shares.cepstrum);
        }
        if let Some(astray) = astray {
            loss = loss + astray * HOMEWARD;
        }
        let (mut own, mut lesson) = (0.0, None);
        if let Some(opponent) = opponent {
            let made = MadeBlocks {
                examples: part,
                bins: &self.bins,
                envelope: &made.envelope,
                input: &told,
                target: &wanted,
                share: shares.shape,
            };
            let judged = opponent.judge(&made, device)?;
            own = f64::from(judged.own);
            lesson = Some(judged.lesson);
            loss = loss + judged.loss;
        }
        let value = f64::from(loss.clone().into_scalar::<f32>());
        ensure!(value.is_finite(), "the loss is no longer a number; begin again with a lower rate");
        let shape = f64::from(shape.into_scalar::<f32>());
        let gradients = GradientsParams::from_grads(loss.backward(), model);
        Ok(FoundPart { gradients, loss: value, shape, opponent: own, lesson })
    }
}

/// At most `parts` ranges of like length that make up `count`, none of them empty.
fn even_parts(count: usize, parts: usize) -> Vec<Range<usize>> {
    let parts = parts.clamp(1, count.max(1));
    (0..parts).map(|i| i * count / parts..(i + 1) * count / parts).collect()
}

/// Weighted mean distance of log amplitude, and weighted cross-entropy of the source.
fn losses(made: &Generated, wanted: &Target) -> (Tensor<1>, Tensor<1>) {
    let distance = (made.envelope.clone() - wanted.envelope.clone()).abs() * wanted.weight.clone();
    let shape = distance.sum() / wanted.weight.clone().sum();
    let entropy = cross_entropy(made.source.clone(), wanted.source.clone());
    let source = (entropy * wanted.source_weight.clone()).sum() / wanted.source_weight.clone().sum();
    (shape, source)
}

/// Weighted mean distance of the mel-cepstra in nepers, the level left out and the recording's
/// hiss upon both: what `MelCepstrum` measures, but that it takes other places on the scale.
fn cepstral_distance(made: &Tensor<3>, wanted: &CepstralTarget) -> Tensor<1> {
    let hiss = wanted.hiss.clone().log();
    // A network that begins with sounds that it was never told is off by more than a power holds.
    let hissing = (softplus(made.clone() * 2.0 - hiss.clone()) + hiss) * 0.5;
    let apart = (hissing - wanted.envelope.clone()).matmul(wanted.cosines.clone().unsqueeze());
    // The root of nothing has no slope.
    let apart: Tensor<2> = ((apart * 2.0).powi_scalar(2).sum_dim(2) * 2.0 + 1e-6).sqrt().squeeze_dim(2);
    (apart * wanted.weight.clone()).sum() / wanted.weight.clone().sum().clamp_min(1e-6)
}

#[cfg(test)]
pub(super) mod tests {
    use burn::module::{ModuleVisitor, Param};
    use half::f16;

    use super::*;
    use crate::likenesses::Repertoire;
    use ziyin_corpus::{AnalysedToken, Landmarks, Manner};
    use ziyin_lyrics::{Language, Phoneme, Syllable};
    use ziyin_model::generator::GeneratorConfig;
    use ziyin_model::singer_encoder::{SingerEncoderConfig, SingerEncoderKind};
    use ziyin_model::take_encoder::TakeEncoderConfig;
    use ziyin_signal::{AP_BANDS, BINS, CEPSTRA, block_grid, cosines_of_places, mel_places};

    #[test]
    fn cepstra_of_what_is_far_too_loud_have_a_distance_and_a_slope() {
        let device = Device::flex().autodiff();
        let bins = mel_places(64, 0.5);
        let one = |value: f32| Tensor::<3>::full([1, 1, bins.len()], value, &device);
        let wanted = CepstralTarget {
            hiss: one((-18.0f32).exp()),
            envelope: one(-5.0),
            cosines: Tensor::from_data(
                TensorData::new(cosines_of_places(&bins), [bins.len(), CEPSTRA]),
                &device,
            ),
            weight: Tensor::ones([1, 1], &device),
        };
        let ramp: Vec<f32> = (0..bins.len()).map(|k| 2.0 * k as f32).collect();
        let made = Tensor::<3>::from_data(TensorData::new(ramp, [1, 1, bins.len()]), &device).require_grad();
        let distance = cepstral_distance(&made, &wanted);
        let gradients = distance.backward();
        assert!(distance.into_scalar::<f32>() > 10.0);
        let slope = made.grad(&gradients).unwrap().into_data().try_into_vec::<f32>().unwrap();
        assert!(slope.iter().all(|s| s.is_finite()) && slope.iter().any(|s| *s != 0.0));
    }

    /// A token of noise.
    pub(crate) fn token(draw: &mut Draw) -> AnalysedToken {
        let (vowel, end) = (f64::from(draw.between(0.03, 0.15)), f64::from(draw.between(0.3, 0.6)));
        let times = block_grid(vowel as f32, end as f32);
        let mut numbers = |count: usize, low: f32, high: f32| -> Vec<f16> {
            (0..count).map(|_| f16::from_f32(draw.between(low, high))).collect()
        };
        let frames = times.len();
        AnalysedToken {
            name: String::new(),
            syllable: Syllable {
                language: Language::Mandarin,
                initial: Phoneme::M,
                glide: Phoneme::None,
                nucleus: Phoneme::A,
                coda: Phoneme::None,
                tone: 1,
                tail: Syllable::NO_TAIL,
            },
            previous: [Phoneme::Rest; 2],
            next: [Phoneme::A, Phoneme::None],
            key: 60,
            manner: Manner::Plain,
            landmarks: Landmarks { onset: 0.0, burst: 0.0, vowel, nucleus_end: end - 0.02, end },
            levels: [-2.0, 0.0, -3.0],
            pitch: numbers(frames, 59.0, 61.0).iter().map(|p| p.to_f32()).collect(),
            times,
            envelope: numbers(frames * BINS, -9.0, -2.0),
            aperiodicity: numbers(frames * AP_BANDS, 0.0, 1.0),
            voicing: numbers(frames, 0.0, 1.0),
            hiss: numbers(BINS, -9.5, -9.0),
        }
    }

    /// Every number of every gradient, in the order of the module's parameters.
    struct Numbers<'a> {
        gradients: &'a GradientsParams,
        all: Vec<Vec<f32>>,
    }

    impl ModuleVisitor for Numbers<'_> {
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            if let Some(gradient) = self.gradients.get::<D>(param.id) {
                self.all.push(gradient.into_data().try_into_vec().unwrap());
            }
        }
    }

    #[test]
    fn the_parts_of_a_step_add_up_to_the_whole() {
        let device = Device::flex().autodiff();
        device.seed(5);
        let mut draw = Draw::new(3);
        let tokens: Vec<AnalysedToken> = (0..11).map(|_| token(&mut draw)).collect();
        let example = |(i, token)| Example { token, singer: i % 2, condition: 0, weight: 1.0 };
        let examples: Vec<Example> = tokens.iter().enumerate().map(example).collect();
        let model = TrainedGenerator {
            generator: GeneratorConfig::new(2, 1).with_channels(12).init(&device),
            encoder: TakeEncoderConfig::new().with_channels(8).init(&device),
            singer_encoder: Some(
                SingerEncoderConfig::new(SingerEncoderKind::Conv).with_channels(8).init(&device),
            ),
        };
        let mean = vec![-5.0; BINS];
        let members: Vec<usize> = (0..examples.len()).collect();
        let repertoire = Repertoire::new(&examples);
        let loans = vec![None; examples.len()];
        let step = TrainingStep {
            bins: mel_places(256, 0.3),
            emphasis: Emphasis { consonant: 4.0, bright: true, cepstrum: true },
            // The first draw that shows both kinds of group.
            likenesses: (0..100)
                .map(|seed| {
                    let mut draw = Draw::new(seed);
                    Likenesses::drawn(&members, &loans, &examples, &repertoire, &mean, &mut draw)
                })
                .find(Likenesses::some_are_homesick)
                .expect("a draw that shows both kinds of group"),
            mean: &mean,
            codes: Some(Noise::drawn(examples.len(), &mut draw)),
            examples,
        };
        let take = |devices: usize| {
            let found = step.take(&model, None, &vec![device.clone(); devices]).unwrap();
            let mut numbers = Numbers { gradients: &found.gradients, all: Vec::new() };
            model.visit(&mut numbers);
            (found.loss, found.shape, numbers.all)
        };
        let whole = take(1);
        assert!(whole.2.len() > 20 && whole.2.iter().all(|one| one.iter().any(|g| *g != 0.0)));
        for devices in [2, 3, 20] {
            let parts = take(devices);
            let near = |a: f64, b: f64| (a - b).abs() < 1e-5 * a.abs();
            assert!(near(whole.0, parts.0) && near(whole.1, parts.1));
            assert_eq!(whole.2.len(), parts.2.len());
            for (one, other) in whole.2.iter().zip(&parts.2) {
                let largest = one.iter().fold(0.0f32, |m, g| m.max(g.abs()));
                let off = one.iter().zip(other).fold(0.0f32, |m, (a, b)| m.max((a - b).abs()));
                assert!(off < 2e-4 * largest, "{devices} devices: {off} of {largest}");
            }
        }
    }
}
