//! What refinement moves, and what it came to.

use burn::module::{Module, Param};
use burn::tensor::{Device, Tensor, TensorData};

use ziyin_model::character::SINGER;
use ziyin_model::cloned_singer::{ADAPTED_POINTS, Adapter};
use ziyin_model::generator::{Adapted, GeneratorConfig, Singers};
use ziyin_model::{VoiceError, to_vec};
use ziyin_signal::AP_BANDS;

/// Where a refinement may begin.
#[derive(Clone, Debug)]
pub struct Start {
    /// The trained singer whose row stands in for who sings, and whose articulation is sung with.
    pub like: usize,
    pub vector: Vec<f32>,
}

/// What refinement found.
#[derive(Clone, Debug)]
pub struct Refinement {
    /// The trained singer that it began with, and the vector that it came to.
    pub singer: Start,
    pub adapter: Adapter,
    pub distance: Distance,
}

/// Mean distance of log amplitude between what the generator sings and what was held back of the
/// recording.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Distance {
    /// As the singer was without refinement.
    pub before: f32,
    pub after: f32,
}

/// How a refinement ended.
#[derive(Clone, Debug)]
pub enum Refined {
    Closer(Box<Refinement>),
    /// It came no nearer to what was held back than the singer was without it.
    NotCloser(Distance),
    /// Too little was heard to refine by.
    TooLittle,
    Stopped,
}

/// Brings what is moved in the layers to the size of what else is moved: there is much of it, and a little of
/// each does much.
const LAYER_SCALE: f32 = 0.3;

/// What is moved.
#[derive(Module, Debug)]
pub(super) struct Moved {
    vector: Param<Tensor<1>>,
    told: Param<Tensor<1>>,
    envelope: Param<Tensor<1>>,
    source: Param<Tensor<1>>,
    layers: Option<Param<Tensor<1>>>,
}

impl Moved {
    /// A vector, and an adapter that changes nothing; `deep` says whether the layers move too.
    pub fn at(vector: &[f32], config: &GeneratorConfig, deep: bool, device: &Device) -> Self {
        let zeros = |count: usize| Param::from_tensor(Tensor::<1>::zeros([count], device));
        Self {
            vector: Param::from_tensor(Tensor::from_data(TensorData::new(vector.to_vec(), [SINGER]), device)),
            told: zeros(config.channels),
            envelope: zeros(ADAPTED_POINTS),
            source: zeros(AP_BANDS),
            layers: deep.then(|| zeros(config.scales_and_shifts())),
        }
    }

    /// So many characters by whom it is, the adapter counting `adapting` times; `points` are
    /// [`between_points`](ziyin_model::roster::between_points).
    pub fn singers(&self, count: usize, adapting: f32, points: &Tensor<2>) -> Singers {
        let spread = |values: &Param<Tensor<1>>, times: f32| {
            let values = values.val().unsqueeze_dim::<2>(0) * times; // [1, width]
            let width = values.dims()[1];
            values.expand([count, width])
        };
        Singers {
            vectors: spread(&self.vector, 1.0),
            adapted: Some(Adapted {
                told: spread(&self.told, adapting),
                envelope: spread(&self.envelope, adapting).matmul(points.clone()),
                source: spread(&self.source, adapting),
                layers: self.layers.as_ref().map(|layers| spread(layers, adapting * LAYER_SCALE)),
            }),
        }
    }

    /// What keeps an adapter small.
    pub fn size(&self) -> Tensor<1> {
        let mean = |values: &Param<Tensor<1>>| values.val().powi_scalar(2).mean();
        let small = mean(&self.told) * 0.02 + mean(&self.envelope) * 0.02 + mean(&self.source) * 0.002;
        match &self.layers {
            Some(layers) => small + mean(layers) * 0.02,
            None => small,
        }
    }

    /// The vector and the adapter as numbers.
    ///
    /// # Errors
    /// If the device gives up.
    pub fn numbers(&self) -> Result<(Vec<f32>, Adapter), VoiceError> {
        let numbers = |values: &Param<Tensor<1>>| to_vec(values.val().into_data());
        let layers = match &self.layers {
            Some(layers) => numbers(layers)?.into_iter().map(|x: f32| x * LAYER_SCALE).collect(),
            None => Vec::new(),
        };
        let adapter = Adapter {
            told: numbers(&self.told)?,
            envelope: numbers(&self.envelope)?,
            source: numbers(&self.source)?,
            layers,
        };
        Ok((numbers(&self.vector)?, adapter))
    }
}
