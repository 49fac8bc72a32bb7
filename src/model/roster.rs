//! Everybody that a voice can sing as: those that it was trained on, then cloned ones.

use burn::tensor::{Device, Int, Tensor, TensorData};

use super::character::SINGER;
use super::cloned_singer::{ADAPTED_POINTS, Adapter, ClonedSinger};
use super::generator::{Adapted, Generator, Singers};
use ziyin_signal::{AP_BANDS, BINS, between_places, mel_places};

/// The singers of a voice by index.
#[derive(Clone, Debug, Default)]
pub(super) struct Roster {
    /// How many the voice was trained on: their indices are rows of its table.
    trained: usize,
    /// Each with the trained singer that it is most like.
    cloned: Vec<(ClonedSinger, usize)>,
}

impl Roster {
    pub(super) fn new(trained: usize) -> Self {
        Self { trained, cloned: Vec::new() }
    }

    /// Adds a cloned singer who is most like the trained one `like`; gives its index.
    pub(super) fn add(&mut self, singer: ClonedSinger, like: usize) -> usize {
        self.cloned.push((singer, like));
        self.trained + self.cloned.len() - 1
    }

    /// The trained singer whose lengths and articulation a singer has.
    pub(super) fn trained(&self, index: usize) -> usize {
        match index.checked_sub(self.trained).and_then(|clone| self.cloned.get(clone)) {
            Some((_, like)) => *like,
            None => index,
        }
    }

    /// What the generator is told of so many singers.
    pub(super) fn singers(&self, indices: &[usize], generator: &Generator, device: &Device) -> Singers {
        let picked: Vec<i32> = indices.iter().map(|&index| index as i32).collect();
        let picked = Tensor::<1, Int>::from_data(TensorData::new(picked, [indices.len()]), device);
        if indices.iter().all(|&index| index < self.trained) {
            return generator.known_singers(picked).into();
        }
        let rows = (0..self.trained as i32).collect::<Vec<i32>>();
        let rows = Tensor::<1, Int>::from_data(TensorData::new(rows, [self.trained]), device);
        let vectors: Vec<f32> = self.cloned.iter().flat_map(|(singer, _)| singer.vector.clone()).collect();
        let vectors = Tensor::<2>::from_data(TensorData::new(vectors, [self.cloned.len(), SINGER]), device);
        let vectors = Tensor::cat(vec![generator.known_singers(rows), vectors], 0).select(0, picked);
        Singers { vectors, adapted: self.adapted(indices, device) }
    }

    fn adapted(&self, indices: &[usize], device: &Device) -> Option<Adapted> {
        let adapters: Vec<Option<&Adapter>> = indices
            .iter()
            .map(|index| self.cloned.get(index.checked_sub(self.trained)?)?.0.adapter.as_ref())
            .collect();
        let channels = adapters.iter().flatten().next()?.told.len();
        let width = adapters.iter().flatten().map(|adapter| adapter.layers.len()).max().unwrap_or(0);
        let (mut told, mut envelope, mut source) = (Vec::new(), Vec::new(), Vec::new());
        let mut layers = Vec::with_capacity(width * adapters.len());
        for (i, adapter) in adapters.iter().enumerate() {
            if let Some(adapter) = adapter {
                layers.extend(&adapter.layers);
            }
            layers.resize((i + 1) * width, 0.0);
            match adapter {
                Some(adapter) => {
                    told.extend(&adapter.told);
                    envelope.extend(&adapter.envelope);
                    source.extend(&adapter.source);
                }
                None => {
                    told.resize(told.len() + channels, 0.0);
                    envelope.resize(envelope.len() + ADAPTED_POINTS, 0.0);
                    source.resize(source.len() + AP_BANDS, 0.0);
                }
            }
        }
        let two = |values: Vec<f32>, width: usize| {
            Tensor::<2>::from_data(TensorData::new(values, [adapters.len(), width]), device)
        };
        Some(Adapted {
            told: two(told, channels),
            envelope: two(envelope, ADAPTED_POINTS).matmul(between_points(device)),
            source: two(source, AP_BANDS),
            layers: (width > 0).then(|| two(layers, width)),
        })
    }
}

/// `[ADAPTED_POINTS, BINS]`: how much each bin takes of each point of an adapter's
/// envelope, by a straight line between neighbours.
pub fn between_points(device: &Device) -> Tensor<2> {
    let places = mel_places(ADAPTED_POINTS, 0.5);
    let mut shares = vec![0.0f32; ADAPTED_POINTS * BINS];
    for bin in 0..BINS {
        let (low, high, share) = between_places(&places, bin as f32);
        shares[low * BINS + bin] += 1.0 - share;
        shares[high * BINS + bin] += share;
    }
    Tensor::from_data(TensorData::new(shares, [ADAPTED_POINTS, BINS]), device)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bin_lies_between_its_points() {
        let shares = between_points(&Device::flex());
        let sums = shares.clone().sum_dim(0).into_data().try_into_vec::<f32>().unwrap();
        assert!(sums.iter().all(|sum| (sum - 1.0).abs() < 1e-5));
        // A line through the points is met by every bin between the first and the last.
        let places = mel_places(ADAPTED_POINTS, 0.5);
        let line: Vec<f32> = places.iter().map(|&place| place as f32).collect();
        let line = Tensor::<2>::from_data(TensorData::new(line, [1, ADAPTED_POINTS]), &Device::flex());
        let met = line.matmul(shares).into_data().try_into_vec::<f32>().unwrap();
        for (bin, met) in met.iter().enumerate().take(places[ADAPTED_POINTS - 1] + 1).skip(places[0]) {
            assert!((met - bin as f32).abs() < 0.01, "{bin}: {met}");
        }
    }
}
