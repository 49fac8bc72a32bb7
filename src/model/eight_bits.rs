//! Weights of eight bits: a large network in a quarter of the bytes.

use std::fs;
use std::path::Path;

use burn::module::Module;
use burn::store::SafetensorsStore;
use safetensors::tensor::{Dtype, SafeTensors, TensorView, serialize};
use ziyin_message::Message;

use super::voice::{VoiceError, load_stored};

/// What the name of a tensor ends with that holds the size of a step for each row of another.
const STEPS: &str = ".steps";
/// More than a file of such weights may have.
const MOST_BYTES: u64 = 64 << 20;

/// Loads weights of which some are whole numbers of eight bits. Beside each tensor `NAME` of these lies
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
