//! Everybody that a voice can sing as: those that it was trained on, then cloned ones.

use burn::tensor::{Device, Int, Tensor, TensorData};

use super::character::{SINGER, Second};
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

    /// What the generator is told of so many singers, into each of whom another may be mixed.
    pub(super) fn singers(
        &self,
        sung: &[(usize, Option<Second>)],
        generator: &Generator,
        device: &Device,
    ) -> Singers {
        let firsts: Vec<usize> = sung.iter().map(|&(first, _)| first).collect();
        let mut vectors = self.vectors(&firsts, generator, device);
        if sung.iter().any(|(_, second)| second.is_some()) {
            let other = |&(first, second): &(usize, Option<Second>)| second.map_or(first, |own| own.singer);
            let others: Vec<usize> = sung.iter().map(other).collect();
            let shares: Vec<f32> =
                sung.iter().map(|(_, second)| second.map_or(0.0, |own| own.share)).collect();
            let shares = Tensor::<2>::from_data(TensorData::new(shares, [sung.len(), 1]), device);
            let way = self.vectors(&others, generator, device) - vectors.clone(); // [batch, SINGER]
            vectors = vectors + way * shares;
        }
        Singers { vectors, adapted: self.adapted(sung, device) }
    }

    /// The vectors of singers, `[indices, SINGER]`.
    fn vectors(&self, indices: &[usize], generator: &Generator, device: &Device) -> Tensor<2> {
        let picked: Vec<i32> = indices.iter().map(|&index| index as i32).collect();
        let picked = Tensor::<1, Int>::from_data(TensorData::new(picked, [indices.len()]), device);
        if indices.iter().all(|&index| index < self.trained) {
            return generator.known_singers(picked);
        }
        let rows = (0..self.trained as i32).collect::<Vec<i32>>();
        let rows = Tensor::<1, Int>::from_data(TensorData::new(rows, [self.trained]), device);
        let vectors: Vec<f32> = self.cloned.iter().flat_map(|(singer, _)| singer.vector.clone()).collect();
        let vectors = Tensor::<2>::from_data(TensorData::new(vectors, [self.cloned.len(), SINGER]), device);
        Tensor::cat(vec![generator.known_singers(rows), vectors], 0).select(0, picked)
    }

    fn adapter(&self, index: usize) -> Option<&Adapter> {
        self.cloned.get(index.checked_sub(self.trained)?)?.0.adapter.as_ref()
    }

    fn adapted(&self, sung: &[(usize, Option<Second>)], device: &Device) -> Option<Adapted> {
        // Of each that has one, with its weight.
        let adapters: Vec<Vec<(f32, &Adapter)>> = sung
            .iter()
            .map(|&(first, second)| {
                let share = second.map_or(0.0, |own| own.share);
                let own = self.adapter(first).map(|adapter| (1.0 - share, adapter));
                let other = second.and_then(|own| Some((share, self.adapter(own.singer)?)));
                own.into_iter().chain(other).collect()
            })
            .collect();
        let all = || adapters.iter().flatten().map(|(_, adapter)| *adapter);
        let channels = all().next()?.told.len();
        let width = all().map(|adapter| adapter.layers.len()).max().unwrap_or(0);
        let rows = |of: fn(&Adapter) -> &Vec<f32>, width: usize| {
            let mut values = vec![0.0f32; adapters.len() * width];
            for (row, own) in values.chunks_mut(width.max(1)).zip(&adapters) {
                for (weight, adapter) in own {
                    row.iter_mut().zip(of(adapter)).for_each(|(sum, value)| *sum += weight * value);
                }
            }
            Tensor::<2>::from_data(TensorData::new(values, [adapters.len(), width]), device)
        };
        Some(Adapted {
            told: rows(|adapter| &adapter.told, channels),
            envelope: rows(|adapter| &adapter.envelope, ADAPTED_POINTS).matmul(between_points(device)),
            source: rows(|adapter| &adapter.source, AP_BANDS),
            layers: (width > 0).then(|| rows(|adapter| &adapter.layers, width)),
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
