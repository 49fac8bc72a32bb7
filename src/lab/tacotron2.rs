//! The autoregressive rival of the generator: Tacotron 2 (Shen et al. 2018).
//!
//! It sings a whole passage, step by step, and finds by attention where in the passage it
//! is. It is there to be compared with (docs/voice.md); no song is sung with it.

use std::path::Path;

use burn::config::Config;
use burn::module::Module;
use burn::nn::conv::{Conv1d, Conv1dConfig};
use burn::nn::{Embedding, EmbeddingConfig, Linear, LinearConfig, PaddingConfig1d};
use burn::tensor::activation::{relu, sigmoid, softmax, tanh};
use burn::tensor::{Device, Distribution, Int, Tensor};
use serde::{Deserialize, Serialize};

use ziyin_model::character::PHONEME_ROWS;
use ziyin_model::{VoiceError, load_weights, read_json, save_weights, write_json};
use ziyin_signal::AP_BANDS;

/// Bins of the envelope that it sings, evenly spaced on the mel scale.
pub const RIVAL_BINS: usize = 80;
/// Numbers of a frame: the envelope less the corpus' mean in units of
/// [`ziyin_model::generator::ENVELOPE_SCALE`], then aperiodicity and voicing.
pub const RIVAL_WIDTH: usize = RIVAL_BINS + AP_BANDS + 1;
/// Numbers that are told of each symbol beside its phoneme: pitch, length, and whether it
/// is only what stands beside the passage.
pub const SYMBOL_NUMBERS: usize = 3;

/// Sizes of a [`Tacotron2`].
#[derive(Config, Debug)]
pub struct Tacotron2Config {
    pub singers: usize,
    #[config(default = 128)]
    pub symbol: usize,
    #[config(default = 192)]
    pub hidden: usize,
    #[config(default = 64)]
    pub attention: usize,
    /// Frames that one step sings (the reduction factor).
    #[config(default = 3)]
    pub reduction: usize,
}

/// How much of the true frame a step hears, and how much of what it sang itself:
/// `after · pre(true) + (1 - after) · pre(before · true + (1 - before) · sung)`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Alpha {
    /// Mixed before the pre-net.
    pub before: f64,
    /// Mixed after the pre-net; 1 is teacher forcing.
    pub after: f64,
}

impl Alpha {
    /// Every step hears the true frame.
    pub const TEACHER: Self = Self { before: 1.0, after: 1.0 };
}

/// What is told of passages side by side.
pub struct Passages {
    /// `[batch, symbols]` phonemes.
    pub symbols: Tensor<2, Int>,
    /// `[batch, symbols, SYMBOL_NUMBERS]`.
    pub numbers: Tensor<3>,
    /// `[batch, symbols]`: 1 where there is a symbol, 0 where it is padded.
    pub known: Tensor<2>,
    /// `[batch, 1]`; `None` where a primer tells whose voice it is.
    pub singers: Option<Tensor<2, Int>>,
}

/// What it sang.
pub struct Passage {
    /// `[batch, steps · reduction, RIVAL_WIDTH]` before the post-net, and after it.
    pub frames: Tensor<3>,
    pub refined: Tensor<3>,
    /// `[batch, steps]`, before the sigmoid: whether the passage ends here.
    pub stop: Tensor<2>,
    /// `[batch, steps, symbols]`.
    pub attention: Tensor<3>,
}

/// Encoder of convolutions and an LSTM in both directions, location-sensitive attention,
/// a pre-net with dropout, a decoder of two LSTM, and a convolutional post-net.
#[derive(Module, Debug)]
pub struct Tacotron2 {
    symbols: Embedding,
    numbers: Linear,
    convolutions: Vec<Linear>,
    forwards: Cell,
    backwards: Cell,
    singers: Embedding,
    memory: Linear,
    pre: Vec<Linear>,
    attending: Cell,
    query: Linear,
    keys: Linear,
    location: Conv1d,
    place: Linear,
    energy: Linear,
    decoding: Cell,
    frames: Linear,
    stop: Linear,
    post: Vec<Linear>,
    reduction: usize,
}

const SINGER: usize = 16;
const LOCATION_FILTERS: usize = 8;

impl Tacotron2Config {
    /// A network with random weights.
    pub fn init(&self, device: &Device) -> Tacotron2 {
        let (s, h, a) = (self.symbol, self.hidden, self.attention);
        let linear = |from: usize, to: usize| LinearConfig::new(from, to).init(device);
        Tacotron2 {
            symbols: EmbeddingConfig::new(PHONEME_ROWS, s).init(device),
            numbers: linear(SYMBOL_NUMBERS, s),
            convolutions: (0..3).map(|_| linear(3 * s, s)).collect(),
            forwards: Cell::new(s, s / 2, device),
            backwards: Cell::new(s, s / 2, device),
            singers: EmbeddingConfig::new(self.singers, SINGER).init(device),
            memory: linear(s + SINGER, s),
            pre: vec![linear(RIVAL_WIDTH, s), linear(s, s)],
            attending: Cell::new(2 * s, h, device),
            query: linear(h, a),
            keys: linear(s, a),
            location: Conv1dConfig::new(2, LOCATION_FILTERS, 15)
                .with_padding(PaddingConfig1d::Explicit(7, 7))
                .init(device),
            place: linear(LOCATION_FILTERS, a),
            energy: linear(a, 1),
            decoding: Cell::new(h + s, h, device),
            frames: linear(h + s, self.reduction * RIVAL_WIDTH),
            stop: linear(h + s, 1),
            post: vec![linear(5 * RIVAL_WIDTH, h), linear(5 * h, h), linear(5 * h, RIVAL_WIDTH)],
            reduction: self.reduction,
        }
    }
}

impl Tacotron2 {
    /// Sings passages. `heard` holds true frames, `[batch, frames, RIVAL_WIDTH]`: those of
    /// the passage while it learns, those of a primer when it sings, mixed in as `alpha`
    /// says (`primer` steps are heard as they are). Where they end it hears itself.
    ///
    /// It sings `most` steps, or ends once every passage of the batch says so, if `may_stop`.
    pub fn forward(
        &self,
        told: &Passages,
        heard: Option<&Tensor<3>>,
        alpha: Alpha,
        primer: usize,
        most: usize,
        may_stop: bool,
    ) -> Passage {
        let [batch, count] = told.symbols.dims();
        let device = told.numbers.device();
        let memory = self.encode(told);
        let keys = self.keys.forward(memory.clone());
        let hidden = self.query.weight.dims()[0];
        let (mut attending, mut decoding) =
            (State::new(batch, hidden, &device), State::new(batch, hidden, &device));
        let mut context = Tensor::<2>::zeros([batch, memory.dims()[2]], &device);
        let mut weights = Tensor::<2>::zeros([batch, count], &device);
        let mut all_weights = weights.clone();
        let mut last = Tensor::<2>::zeros([batch, RIVAL_WIDTH], &device);
        // Far below every energy: nothing is heard of what is padded.
        let hidden_symbols = (told.known.clone() - 1.0) * 1e4;
        let (mut frames, mut stops, mut attention) = (Vec::new(), Vec::new(), Vec::new());
        let heard_steps = heard.map_or(0, |frames| frames.dims()[1] / self.reduction);
        for step in 0..most {
            let truth = heard.filter(|_| step <= heard_steps && step > 0).map(|frames| {
                frames
                    .clone()
                    .slice([0..batch, step * self.reduction - 1..step * self.reduction])
                    .flatten::<2>(1, 2)
            });
            let pre = match truth {
                Some(truth) if alpha.after >= 1.0 || step <= primer => self.pre_net(truth),
                Some(truth) => {
                    let mixed = truth.clone() * alpha.before + last.clone() * (1.0 - alpha.before);
                    self.pre_net(truth) * alpha.after + self.pre_net(mixed) * (1.0 - alpha.after)
                }
                None => self.pre_net(last.clone()),
            };
            attending = self.attending.step(Tensor::cat(vec![pre, context], 1), attending);
            let query: Tensor<3> = self.query.forward(attending.out.clone()).unsqueeze_dim(1);
            let places = Tensor::stack::<3>(vec![weights, all_weights.clone()], 1); // [batch, 2, count]
            let places = self.place.forward(self.location.forward(places).swap_dims(1, 2));
            let energy = self.energy.forward(tanh(query + keys.clone() + places)).flatten::<2>(1, 2);
            weights = softmax(energy + hidden_symbols.clone(), 1);
            all_weights = all_weights + weights.clone();
            context = weights.clone().unsqueeze_dim::<3>(1).matmul(memory.clone()).flatten::<2>(1, 2);
            let told = Tensor::cat(vec![attending.out.clone(), context.clone()], 1);
            decoding = self.decoding.step(told, decoding);
            let out = Tensor::cat(vec![decoding.out.clone(), context.clone()], 1);
            let sung: Tensor<3> =
                self.frames.forward(out.clone()).reshape([batch, self.reduction, RIVAL_WIDTH]);
            last = sung
                .clone()
                .slice([0..batch, self.reduction - 1..self.reduction])
                .flatten::<2>(1, 2)
                .detach();
            let stop = self.stop.forward(out);
            frames.push(sung);
            attention.push(weights.clone().unsqueeze_dim::<3>(1));
            stops.push(stop.clone());
            if may_stop && step > primer && stop.min().into_scalar::<f32>() > 0.0 {
                break;
            }
        }
        let frames = Tensor::cat(frames, 1);
        let refined = frames.clone() + self.post_net(frames.clone());
        Passage { frames, refined, stop: Tensor::cat(stops, 1), attention: Tensor::cat(attention, 1) }
    }

    /// `[batch, symbols, width]`: each symbol among its neighbours, and whose voice it is.
    fn encode(&self, told: &Passages) -> Tensor<3> {
        let [batch, count] = told.symbols.dims();
        let device = told.numbers.device();
        let known: Tensor<3> = told.known.clone().unsqueeze_dim(2);
        let mut x = self.symbols.forward(told.symbols.clone()) + self.numbers.forward(told.numbers.clone());
        for convolution in &self.convolutions {
            x = x.clone() + relu(convolution.forward(beside(x * known.clone(), 1)));
        }
        let width = x.dims()[2];
        let at = |i: usize| x.clone().slice([0..batch, i..i + 1]).flatten::<2>(1, 2);
        let mut ways: [Vec<Tensor<3>>; 2] = [Vec::new(), Vec::new()];
        for (cell, way, back) in [(&self.forwards, 0, false), (&self.backwards, 1, true)] {
            let mut state = State::new(batch, width / 2, &device);
            for i in 0..count {
                let i = if back { count - 1 - i } else { i };
                state = cell.step(at(i), state);
                // What is padded leaves no trace.
                let here = told.known.clone().slice([0..batch, i..i + 1]);
                state = State { out: state.out * here.clone(), kept: state.kept * here };
                ways[way].push(state.out.clone().unsqueeze_dim(1));
            }
        }
        let [ahead, mut back] = ways;
        back.reverse();
        let singer = match &told.singers {
            Some(singers) => self.singers.forward(singers.clone()).expand([batch, count, SINGER]),
            None => Tensor::zeros([batch, count, SINGER], &device),
        };
        let all = vec![Tensor::cat(ahead, 1), Tensor::cat(back, 1), singer];
        self.memory.forward(Tensor::cat(all, 2)) * known
    }

    /// The dropout stays when it sings: without it the attention loses its way (as in the
    /// paper).
    fn pre_net(&self, frame: Tensor<2>) -> Tensor<2> {
        self.pre.iter().fold(frame, |x, layer| {
            let x = relu(layer.forward(x));
            let kept = Tensor::<2>::random(x.dims(), Distribution::Bernoulli(0.5), &x.device());
            x * kept * 2.0
        })
    }

    fn post_net(&self, frames: Tensor<3>) -> Tensor<3> {
        let last = self.post.len() - 1;
        self.post.iter().enumerate().fold(frames, |x, (i, layer)| {
            let x = layer.forward(beside(x, 2));
            if i == last { x } else { tanh(x) }
        })
    }
}

/// Each frame with as many before and after it as `reach` says, in the last dimension.
fn beside(x: Tensor<3>, reach: usize) -> Tensor<3> {
    let [batch, time, width] = x.dims();
    let edge = Tensor::zeros([batch, reach, width], &x.device());
    let wide = Tensor::cat(vec![edge.clone(), x, edge], 1);
    Tensor::cat((0..2 * reach + 1).map(|i| wide.clone().slice([0..batch, i..i + time])).collect(), 2)
}

/// A trained rival, and what must be known to hear it.
pub struct Rival {
    pub config: Tacotron2Config,
    pub network: Tacotron2,
    /// Whether it wants a primer.
    pub primer: bool,
    /// The corpus' mean envelope, `BINS` values.
    pub mean: Vec<f32>,
}

#[derive(Serialize, Deserialize)]
struct Card {
    config: Tacotron2Config,
    primer: bool,
    mean: Vec<f32>,
}

impl Rival {
    /// Saves it as `tacotron2.json` and `tacotron2.safetensors`.
    ///
    /// # Errors
    /// If the folder cannot be written.
    pub fn save(&self, folder: &Path) -> Result<(), VoiceError> {
        std::fs::create_dir_all(folder)
            .map_err(|source| VoiceError::Io { path: folder.to_path_buf(), source })?;
        let card = Card { config: self.config.clone(), primer: self.primer, mean: self.mean.clone() };
        write_json(&folder.join("tacotron2.json"), &card, false)?;
        save_weights(&self.network, &folder.join("tacotron2.safetensors"))
    }

    /// Loads what [`Rival::save`] saved.
    ///
    /// # Errors
    /// If it is not there, or is something else.
    pub fn load(folder: &Path, device: &Device) -> Result<Self, VoiceError> {
        let Card { config, primer, mean } = read_json(&folder.join("tacotron2.json"))?;
        let mut network = config.init(device);
        load_weights(&mut network, &folder.join("tacotron2.safetensors"))?;
        Ok(Self { config, network, primer, mean })
    }
}

/// One step of an LSTM; the four gates are one product.
#[derive(Module, Debug)]
struct Cell {
    gates: Linear,
}

#[derive(Clone)]
struct State {
    out: Tensor<2>,
    kept: Tensor<2>,
}

impl State {
    fn new(batch: usize, width: usize, device: &Device) -> Self {
        let zeros = Tensor::zeros([batch, width], device);
        Self { out: zeros.clone(), kept: zeros }
    }
}

impl Cell {
    fn new(from: usize, width: usize, device: &Device) -> Self {
        Self { gates: LinearConfig::new(from + width, 4 * width).init(device) }
    }

    fn step(&self, x: Tensor<2>, state: State) -> State {
        let [batch, width] = state.out.dims();
        let gates = self.gates.forward(Tensor::cat(vec![x, state.out], 1));
        let gate = |i: usize| gates.clone().slice([0..batch, i * width..(i + 1) * width]);
        // Begins by remembering.
        let kept = sigmoid(gate(0) + 1.0) * state.kept + sigmoid(gate(1)) * tanh(gate(2));
        State { out: sigmoid(gate(3)) * tanh(kept.clone()), kept }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::TensorData;

    #[test]
    fn attention_is_at_known_symbols_only_and_a_primer_is_heard() {
        let device = Device::flex();
        device.seed(1);
        let network = Tacotron2Config::new(1).with_symbol(16).with_hidden(16).with_attention(8).init(&device);
        let told = Passages {
            symbols: Tensor::from_data(TensorData::new(vec![1i32, 3, 24, 0], [1, 4]), &device),
            numbers: Tensor::zeros([1, 4, SYMBOL_NUMBERS], &device),
            known: Tensor::from_data(TensorData::new(vec![1.0f32, 1.0, 1.0, 0.0], [1, 4]), &device),
            singers: None,
        };
        let heard = |value: f32| Tensor::<3>::full([1, 6, RIVAL_WIDTH], value, &device);
        let sing = |value: f32| {
            device.seed(2);
            network.forward(&told, Some(&heard(value)), Alpha::TEACHER, 2, 5, false)
        };
        // The first pass draws the weights; the dropout is the same from then on.
        sing(0.0);
        let (one, other) = (sing(0.0), sing(3.0));
        assert_eq!(one.refined.dims(), [1, 15, RIVAL_WIDTH]);
        let weights = one.attention.into_data().try_into_vec::<f32>().unwrap();
        for row in weights.chunks(4) {
            assert!((row.iter().sum::<f32>() - 1.0).abs() < 1e-5 && row[3] < 1e-6, "{row:?}");
        }
        // The first step hears nothing yet; after the primer it still tells.
        let off = (one.frames - other.frames).abs();
        let at = |step: usize| off.clone().slice([0..1, 3 * step..3 * step + 3]).max().into_scalar::<f32>();
        assert_eq!(at(0), 0.0);
        assert!(at(4) > 1e-4);
    }
}
