//! One character to one block of frames.

use burn::config::Config;
use burn::module::{Module, Param};
use burn::nn::{Embedding, EmbeddingConfig, Initializer, Linear, LinearConfig};
use burn::tensor::{Device, Int, Tensor, activation::relu};
use ziyin_message::Message;

use super::character::{
    CODE, CONDITION, CONSTANTS, LANGUAGE, LANGUAGE_ROWS, PHONEME_ROWS, SINGER, SOUNDS, TONE, TRACKS, look_up,
};
use ziyin_signal::{AP_BANDS, BINS};

/// Log amplitude per unit that the network gives out.
pub const ENVELOPE_SCALE: f64 = 1.5;

/// Sizes of a [`Generator`].
#[derive(Config, Debug)]
pub struct GeneratorConfig {
    pub singers: usize,
    pub conditions: usize,
    #[config(default = 256)]
    pub channels: usize,
    #[config(default = "vec![1, 2, 4, 8, 2, 1]")]
    pub dilations: Vec<usize>,
}

impl GeneratorConfig {
    /// Scales and shifts of all layers together: what an adapter may add to.
    pub fn scales_and_shifts(&self) -> usize {
        self.dilations.len() * 2 * self.channels
    }
}

/// Residual convolutions over the frames of a block, driven by constants of the
/// character and tracks of the frame, and a head on the 1025 bins.
#[derive(Module, Debug)]
pub struct Generator {
    phonemes: Embedding,
    tones: Embedding,
    languages: Embedding,
    singers: Embedding,
    conditions: Embedding,
    constants: Linear,
    tracks: Linear,
    layers: Vec<Residual>,
    envelope: Linear,
    /// Mean envelope of the corpus, `[1, 1, BINS]`; not learned.
    mean: Param<Tensor<3>>,
    source: Linear,
}

/// What the generator gives out for a batch.
pub struct Generated {
    /// `[batch, time, BINS]` log amplitude, or only the bins that were asked for.
    pub envelope: Tensor<3>,
    /// `[batch, time, AP_BANDS + 1]` before the sigmoid: the aperiodicity of each band, then voicing.
    pub source: Tensor<3>,
}

/// Who sings each character of a batch.
pub struct Singers {
    /// `[batch, SINGER]`.
    pub vectors: Tensor<2>,
    /// What refinement added for cloned singers.
    pub adapted: Option<Adapted>,
}

/// What refinement added, for each character of a batch.
pub struct Adapted {
    /// `[batch, channels]`, added to what drives scale and shift of every layer.
    pub told: Tensor<2>,
    /// `[batch, BINS]`, added to the log amplitude.
    pub envelope: Tensor<2>,
    /// `[batch, AP_BANDS]`, added before the sigmoid of the aperiodicity.
    pub source: Tensor<2>,
    /// `[batch, layers · 2 · channels]`, added to the scales and then the shifts of each layer, or
    /// `None` where nobody has any.
    pub layers: Option<Tensor<2>>,
}

impl From<Tensor<2>> for Singers {
    fn from(vectors: Tensor<2>) -> Self {
        Self { vectors, adapted: None }
    }
}

const PHONEME_WIDTH: usize = 24;

impl GeneratorConfig {
    /// A generator with random weights.
    pub fn init(&self, device: &Device) -> Generator {
        let c = self.channels;
        let table = |rows, width| {
            EmbeddingConfig::new(rows, width)
                .with_initializer(Initializer::Normal { mean: 0.0, std: 0.5 })
                .init(device)
        };
        let wide = SOUNDS.len() * PHONEME_WIDTH + 4 + 4 + SINGER + 4 + CONSTANTS + CODE;
        Generator {
            phonemes: table(PHONEME_ROWS, PHONEME_WIDTH),
            tones: table(6, 4),
            languages: table(LANGUAGE_ROWS, 4),
            singers: table(self.singers, SINGER),
            conditions: table(self.conditions, 4),
            constants: LinearConfig::new(wide, c).init(device),
            tracks: LinearConfig::new(TRACKS, c).init(device),
            layers: self.dilations.iter().map(|&dilation| Residual::new(c, dilation, device)).collect(),
            envelope: LinearConfig::new(c, BINS).init(device),
            mean: Param::from_tensor(Tensor::zeros([1, 1, BINS], device)).set_require_grad(false),
            source: LinearConfig::new(c, AP_BANDS + 1).init(device),
        }
    }
}

impl Generator {
    /// The same network with the mean envelope (`BINS` values) that its head adds to.
    pub fn with_mean(mut self, mean: &[f32], device: &Device) -> Self {
        let mean = Tensor::<1>::from_floats(mean, device).reshape([1, 1, BINS]);
        self.mean = Param::from_tensor(mean).set_require_grad(false);
        self
    }

    /// The same network for other singers and conditions: for each of the new ones the row
    /// that it knew it by, or `None` to begin as the mean of those that it knew.
    pub fn with_rows(mut self, singers: &[Option<usize>], conditions: &[Option<usize>]) -> Self {
        let choose = |table: &mut Embedding, rows: &[Option<usize>]| {
            let known = table.weight.val().detach();
            let width = known.dims()[1];
            let mean = known.clone().mean_dim(0);
            let chosen = rows.iter().map(|row| match row {
                Some(row) => known.clone().slice([*row..row + 1, 0..width]),
                None => mean.clone(),
            });
            // What is learned has to be a leaf, also on a device with gradients.
            table.weight = Param::from_tensor(Tensor::cat(chosen.collect(), 0).detach());
        };
        choose(&mut self.singers, singers);
        choose(&mut self.conditions, conditions);
        self
    }

    /// That mean envelope.
    ///
    /// # Errors
    /// If the device cannot give it back.
    pub fn mean_envelope(&self) -> Result<Vec<f32>, Message> {
        let data = self.mean.val().into_data();
        data.try_into_vec::<f32>().map_err(|e| Message::foreign(format!("{e:?}")))
    }

    /// The vectors of singers that the voice was trained on, by their rows in its table:
    /// `[count]` to `[count, SINGER]`.
    pub fn known_singers(&self, rows: Tensor<1, Int>) -> Tensor<2> {
        self.singers.weight.val().select(0, rows)
    }

    /// The mean of these vectors, `[SINGER]`.
    pub fn mean_singer(&self) -> Tensor<1> {
        self.singers.weight.val().mean_dim(0).flatten(0, 1)
    }

    /// - identities: `[batch, IDENTITIES]`; who sings is taken from `singers` instead
    /// - constants: `[batch, CONSTANTS]`
    /// - code: `[batch, CODE]`
    /// - tracks: `[batch, time, TRACKS]`
    /// - bins: `[count]`, the only bins that are wanted, or `None` for all
    pub fn forward(
        &self,
        identities: Tensor<2, Int>,
        singers: Singers,
        constants: Tensor<2>,
        code: Tensor<2>,
        tracks: Tensor<3>,
        bins: Option<&Tensor<1, Int>>,
    ) -> Generated {
        let [batch, _] = identities.dims();
        let told = Tensor::cat(
            vec![
                look_up(&self.phonemes, &identities, SOUNDS),
                look_up(&self.tones, &identities, TONE..TONE + 1),
                look_up(&self.languages, &identities, LANGUAGE..LANGUAGE + 1),
                singers.vectors,
                look_up(&self.conditions, &identities, CONDITION..CONDITION + 1),
                constants,
                code,
            ],
            1,
        );
        let mut told = self.constants.forward(told); // [batch, channels]
        if let Some(adapted) = &singers.adapted {
            told = told + adapted.told.clone();
        }
        let mut x = self.tracks.forward(tracks) + told.clone().unsqueeze_dim(1); // [batch, time, channels]
        let told = relu(told);
        let adapted_layers = singers.adapted.as_ref().and_then(|adapted| adapted.layers.as_ref());
        for (i, layer) in self.layers.iter().enumerate() {
            let width = 2 * told.dims()[1];
            let added = adapted_layers.map(|all| all.clone().slice([0..batch, i * width..(i + 1) * width]));
            x = layer.forward(x, told.clone(), added);
        }
        let x = relu(x);
        let source = self.source.forward(x.clone());
        let mean = self.mean.val();
        let envelope = match bins {
            None => self.envelope.forward(x) * ENVELOPE_SCALE + mean, // [batch, time, BINS]
            Some(bins) => {
                let [_, time, channels] = x.dims();
                let rows: Tensor<2> = x.reshape([batch * time, channels]);
                let mut head = rows.matmul(self.envelope.weight.val().select(1, bins.clone()));
                if let Some(bias) = &self.envelope.bias {
                    head = head + bias.val().select(0, bins.clone()).unsqueeze_dim(0);
                }
                let head: Tensor<3> = head.reshape([batch, time, bins.dims()[0]]);
                head * ENVELOPE_SCALE + mean.select(2, bins.clone())
            }
        };
        let Some(adapted) = singers.adapted else { return Generated { envelope, source } };
        let added = match bins {
            Some(bins) => adapted.envelope.select(1, bins.clone()),
            None => adapted.envelope,
        };
        let voicing = Tensor::zeros([batch, 1], &source.device());
        let breath = Tensor::cat(vec![adapted.source, voicing], 1);
        Generated { envelope: envelope + added.unsqueeze_dim(1), source: source + breath.unsqueeze_dim(1) }
    }
}

/// `x + out(relu(conv(x) · (1 + scale) + shift))`, the scale and shift told by the
/// character. The convolution over three frames is written as one product over their
/// concatenation: on a CPU that is twice as fast as a sliding kernel.
#[derive(Module, Debug)]
struct Residual {
    taps: Linear,
    told: Linear,
    out: Linear,
    dilation: usize,
}

impl Residual {
    fn new(channels: usize, dilation: usize, device: &Device) -> Self {
        // A small last step keeps the sum of many layers near its input at first.
        let quiet = Initializer::Normal { mean: 0.0, std: 0.3 / (channels as f64).sqrt() };
        Self {
            taps: LinearConfig::new(3 * channels, channels).init(device),
            told: LinearConfig::new(channels, 2 * channels).with_initializer(quiet.clone()).init(device),
            out: LinearConfig::new(channels, channels).with_initializer(quiet).init(device),
            dilation,
        }
    }

    /// `added`, `[batch, 2 · channels]`, is what refinement adds to scale and shift.
    fn forward(&self, x: Tensor<3>, told: Tensor<2>, added: Option<Tensor<2>>) -> Tensor<3> {
        let [batch, time, channels] = x.dims();
        let d = self.dilation.min(time);
        let zeros = Tensor::zeros([batch, d, channels], &x.device());
        let before =
            Tensor::cat(vec![zeros.clone(), x.clone().slice([0..batch, 0..time - d, 0..channels])], 1);
        let after = Tensor::cat(vec![x.clone().slice([0..batch, d..time, 0..channels]), zeros], 1);
        let y = self.taps.forward(Tensor::cat(vec![before, x.clone(), after], 2));
        let told = self.told.forward(told);
        let told = match added {
            Some(added) => told + added,
            None => told,
        };
        let told = told.unsqueeze_dim::<3>(1); // [batch, 1, 2·channels]
        let scale = told.clone().slice([0..batch, 0..1, 0..channels]) + 1.0;
        let shift = told.slice([0..batch, 0..1, channels..2 * channels]);
        x + self.out.forward(relu(y * scale + shift))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_was_known_keeps_their_row_wherever_it_stands_and_others_begin_as_the_mean() {
        let device = Device::flex().autodiff();
        let known = GeneratorConfig::new(2, 1).with_channels(8);
        let generator = known.init(&device);
        let row = |table: &Embedding, at: usize| {
            let width = table.weight.val().dims()[1];
            table.weight.val().slice([at..at + 1, 0..width]).into_data().try_into_vec::<f32>().unwrap()
        };
        let before: Vec<Vec<f32>> = (0..2).map(|at| row(&generator.singers, at)).collect();
        let generator = generator.with_rows(&[None, Some(1), Some(0)], &[Some(0), None]);
        let singers = generator.singers.weight.val();
        assert_eq!((singers.dims(), generator.conditions.weight.dims()), ([3, SINGER], [2, 4]));
        assert!(singers.is_require_grad() && generator.conditions.weight.is_require_grad());
        assert_eq!([1, 2].map(|at| row(&generator.singers, at)), [before[1].clone(), before[0].clone()]);
        let mean = row(&generator.singers, 0);
        assert!((mean[3] - (before[0][3] + before[1][3]) / 2.0).abs() < 1e-6);
    }
}
