//! Weights of eight bits: a large network in a quarter of the bytes.

use std::fs;
use std::path::Path;

use burn::module::Module;
use burn::store::{ModuleSnapshot, SafetensorsStore};
use half::f16;
use safetensors::tensor::{Dtype, SafeTensors, TensorView, serialize};
use ziyin_message::Message;

use super::voice::{VoiceError, load_stored, write_whole};

/// What the name of a tensor ends with that holds the size of a step for each row of another.
const STEPS: &str = ".steps";
/// More than a file of such weights may have.
const MOST_BYTES: u64 = 64 << 20;

/// Loads weights of which some are whole numbers of eight bits, or have half precision. Beside each tensor `NAME` of these lies
/// `NAME.steps`: for each number of the first dimension, what a step of the weights in it is worth.
///
/// # Errors
/// If the file cannot be read or holds the weights of another network; the module is of no use then.
pub fn load_eight_bits<M: Module>(module: &mut M, path: &Path) -> Result<(), VoiceError> {
    let io = |source| VoiceError::Io { path: path.to_path_buf(), source };
    let malformed = |reason: Message| VoiceError::Malformed { path: path.to_path_buf(), reason };
    if fs::metadata(path).map_err(io)?.len() > MOST_BYTES {
        return Err(VoiceError::OtherWeights { path: path.to_path_buf() });
    }
    let bytes = fs::read(path).map_err(io)?;
    let stored = SafeTensors::deserialize(&bytes).map_err(|why| malformed(Message::foreign(why)))?;
    let mut numbers: Vec<(String, Vec<usize>, Vec<u8>)> = Vec::new();
    for (name, tensor) in stored.iter().filter(|(name, _)| !name.ends_with(STEPS)) {
        let data = match tensor.dtype() {
            Dtype::F32 => tensor.data().to_vec(),
            Dtype::F16 => {
                let halves = tensor.data().as_chunks::<2>().0.iter();
                halves.flat_map(|bytes| f16::from_le_bytes(*bytes).to_f32().to_le_bytes()).collect()
            }
            Dtype::I8 => {
                let steps = stored.tensor(&format!("{name}{STEPS}")).ok();
                let weights = steps.and_then(|steps| unfolded(&tensor, &steps));
                weights.ok_or_else(|| VoiceError::OtherWeights { path: path.to_path_buf() })?
            }
            _ => return Err(VoiceError::OtherWeights { path: path.to_path_buf() }),
        };
        numbers.push((name.to_string(), tensor.shape().to_vec(), data));
    }
    let mut views = Vec::with_capacity(numbers.len());
    for (name, shape, data) in &numbers {
        let view = TensorView::new(Dtype::F32, shape.clone(), data);
        views.push((name, view.map_err(|why| malformed(Message::foreign(why)))?));
    }
    let whole = serialize(views, None).map_err(|why| malformed(Message::foreign(why)))?;
    load_stored(module, SafetensorsStore::from_bytes(Some(whole)), path)
}

/// Saves weights as [`load_eight_bits`] loads them: what has two dimensions or more in whole numbers.
///
/// # Errors
/// If the file cannot be written.
pub fn save_eight_bits<M: Module>(module: &M, path: &Path) -> Result<(), VoiceError> {
    let malformed = |reason: Message| VoiceError::Malformed { path: path.to_path_buf(), reason };
    let mut store = SafetensorsStore::from_bytes(None);
    module.save_into(&mut store).map_err(|why| malformed(Message::foreign(why)))?;
    let bytes = store.get_bytes().map_err(|why| malformed(Message::foreign(why)))?;
    let whole = SafeTensors::deserialize(&bytes).map_err(|why| malformed(Message::foreign(why)))?;
    let mut numbers: Vec<(String, Dtype, Vec<usize>, Vec<u8>)> = Vec::new();
    for (name, tensor) in whole.iter() {
        let shape = tensor.shape().to_vec();
        let rows = shape.first().copied().filter(|rows| shape.len() > 1 && *rows > 0);
        let Some(rows) = rows.filter(|_| tensor.dtype() == Dtype::F32) else {
            numbers.push((name.to_string(), tensor.dtype(), shape, tensor.data().to_vec()));
            continue;
        };
        let floats = tensor.data().as_chunks::<4>().0.iter().map(|bytes| f32::from_le_bytes(*bytes));
        let floats: Vec<f32> = floats.collect();
        let (steps, folded): (Vec<f32>, Vec<Vec<u8>>) =
            floats.chunks((floats.len() / rows).max(1)).map(folded).unzip();
        let steps: Vec<u8> = steps.into_iter().flat_map(f32::to_le_bytes).collect();
        numbers.push((format!("{name}{STEPS}"), Dtype::F32, vec![rows], steps));
        numbers.push((name.to_string(), Dtype::I8, shape, folded.concat()));
    }
    let mut views = Vec::with_capacity(numbers.len());
    for (name, kind, shape, data) in &numbers {
        let view = TensorView::new(*kind, shape.clone(), data);
        views.push((name, view.map_err(|why| malformed(Message::foreign(why)))?));
    }
    let bytes = serialize(views, None).map_err(|why| malformed(Message::foreign(why)))?;
    write_whole(path, &bytes)
}

/// A row of weights in whole numbers, and what a step of them is worth: of some steps that with which they are
/// nearest. The largest may be cut off, so that the others are finer.
fn folded(row: &[f32]) -> (f32, Vec<u8>) {
    const MOST: f32 = 127.0;
    let largest = row.iter().fold(f32::MIN_POSITIVE, |most, weight| most.max(weight.abs()));
    let whole = |step: f32| row.iter().map(move |weight| (weight / step).round().clamp(-MOST, MOST));
    let off = |step: f32| -> f32 {
        whole(step).zip(row).map(|(whole, weight)| (whole * step - weight).powi(2)).sum()
    };
    let steps = (0..16).map(|i| (0.4 + 0.04 * i as f32) * largest / MOST);
    let step = steps.min_by(|a, b| off(*a).total_cmp(&off(*b))).unwrap_or(largest / MOST);
    (step, whole(step).map(|weight| (weight as i8).cast_unsigned()).collect())
}

/// Weights as bytes of floating point numbers, if there is a step for each row of them.
fn unfolded(weights: &TensorView, steps: &TensorView) -> Option<Vec<u8>> {
    let rows = *weights.shape().first()?;
    let fits = steps.dtype() == Dtype::F32 && steps.shape() == [rows] && rows > 0;
    let row = weights.data().len().checked_div(rows).filter(|row| fits && *row > 0)?;
    let steps = steps.data().as_chunks::<4>().0.iter().map(|bytes| f32::from_le_bytes(*bytes));
    let values = weights.data().chunks(row).zip(steps);
    let weight = |byte: u8, step: f32| (f32::from(byte.cast_signed()) * step).to_le_bytes();
    Some(values.flat_map(|(row, step)| row.iter().flat_map(move |&byte| weight(byte, step))).collect())
}

#[cfg(test)]
mod tests {
    use burn::nn::{Linear, LinearConfig};
    use burn::tensor::Device;

    use super::*;
    use crate::to_vec;

    #[test]
    fn what_is_saved_comes_back_within_half_a_step() {
        let device = Device::flex();
        device.seed(3);
        let layer = || -> Linear { LinearConfig::new(40, 30).init(&device) };
        let (saved, mut loaded) = (layer(), layer());
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("weights.safetensors");
        save_eight_bits(&saved, &path).unwrap();
        load_eight_bits(&mut loaded, &path).unwrap();
        let weights = |layer: &Linear| to_vec(layer.weight.val().into_data()).unwrap();
        let [before, after] = [weights(&saved), weights(&loaded)];
        let largest = before.iter().fold(0.0f32, |most, weight| most.max(weight.abs()));
        let off = before.iter().zip(&after).fold(0.0f32, |most, (a, b)| most.max((a - b).abs()));
        assert!(off > 0.0 && off < largest / 40.0, "{off} of {largest}");
        let bias = |layer: &Linear| to_vec(layer.bias.as_ref().unwrap().val().into_data()).unwrap();
        assert_eq!(bias(&saved), bias(&loaded));
    }
}
