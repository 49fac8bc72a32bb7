use anyhow::Result;
use burn::module::Module;
use burn::optim::{AdamWConfig, GradientsParams};
use burn::tensor::{Device, Int, Tensor, TensorData};

use super::Example;
use super::lending::Lending;
use ziyin_lyrics::Phoneme;
use ziyin_model::character::{IDENTITIES, identities};
use ziyin_model::duration::{DURATION_NUMBERS, DurationConfig, DurationNet, SPANS};
use ziyin_model::duration_numbers;

/// Trains the duration network. The whole corpus is one batch: it is a few thousand rows. What is
/// lent counts half, in each borrower's turn: they take a language over with its lengths.
pub fn train_duration(
    config: &DurationConfig,
    examples: &[Example],
    lending: &Lending,
    steps: usize,
    device: &Device,
    progress: &mut dyn FnMut(usize, f32),
) -> Result<DurationNet> {
    let device = &device.clone().autodiff();
    device.seed(7);
    let (mut ids, mut numbers, mut spans, mut known) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let lent = examples.iter().enumerate().filter_map(|(i, example)| {
        let borrowers = lending.borrowers(example);
        let loan = borrowers.get(i % borrowers.len().max(1))?;
        Some(Example { singer: loan.singer, weight: 0.5 * example.weight, ..*example })
    });
    let examples: Vec<Example> = examples.iter().copied().chain(lent).collect();
    for example in &examples {
        let token = example.token;
        let l = token.landmarks;
        ids.extend(identities(&token.syllable, token.previous, token.next, example.singer, 0));
        let pitch = token.pitch.iter().sum::<f32>() / token.pitch.len().max(1) as f32;
        numbers.extend(duration_numbers(pitch, (l.end - l.vowel) as f32));
        spans.extend(
            [l.burst, l.vowel - l.burst, l.end - l.nucleus_end].map(|s| (s.max(0.0) as f32 + 0.01).ln()),
        );
        let plosive = token.syllable.initial.has_burst() && token.previous[0] != Phoneme::Rest;
        let starts = token.syllable.initial != Phoneme::None || token.previous[0] == Phoneme::Rest;
        let ends = !token.syllable.is_open();
        known.extend([plosive, starts, ends].map(|k| if k { example.weight } else { 0.0 }));
    }
    let rows = examples.len();
    let two = |v: Vec<f32>, width: usize| Tensor::<2>::from_data(TensorData::new(v, [rows, width]), device);
    let ids = Tensor::<2, Int>::from_data(TensorData::new(ids, [rows, IDENTITIES]), device);
    let (numbers, spans, known) = (two(numbers, DURATION_NUMBERS), two(spans, SPANS), two(known, SPANS));
    let mut model = config.init(device);
    let mut optimizer = AdamWConfig::new().with_weight_decay(1e-3).init();
    for step in 0..steps {
        let distance = (model.forward(ids.clone(), numbers.clone()) - spans.clone()).abs() * known.clone();
        let loss = distance.sum() / known.clone().sum();
        progress(step, loss.clone().into_scalar::<f32>());
        let gradients = GradientsParams::from_grads(loss.backward(), &model);
        let done = step as f64 / steps as f64;
        model = optimizer.step(4e-3 * (1.0 - 0.95 * done), model, gradients);
    }
    Ok(model.valid())
}
