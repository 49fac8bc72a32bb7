use std::fs;
use std::io::Write;
use std::path::Path;

use anyhow::{Context, Result, anyhow, bail};
use atomic_write_file::AtomicWriteFile;
use burn::module::Module;
use burn::optim::ModuleOptimizer;
use burn::store::{ModuleSnapshot, SafetensorsStore};
use serde::{Deserialize, Serialize};

use ziyin_model::{VoiceError, load_stored};

/// How far a run has come.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Progress {
    /// Epochs done.
    pub epoch: usize,
    /// Each curve with one value per epoch, in the order of their first value.
    pub curves: Vec<(String, Vec<f32>)>,
}

impl Progress {
    /// Adds a value to a curve.
    pub fn record(&mut self, name: &str, value: f32) {
        match self.curves.iter_mut().find(|(n, _)| n == name) {
            Some((_, values)) => values.push(value),
            None => self.curves.push((name.to_string(), vec![value])),
        }
    }

    /// The curves as they are drawn.
    pub fn named_curves(&self) -> Vec<(&str, Vec<f32>)> {
        self.curves.iter().map(|(n, v)| (n.as_str(), v.clone())).collect()
    }
}

/// Writes weights, optimizer and progress. The progress goes last: what it does not
/// name yet was not saved whole.
pub fn save_checkpoint<M: Module>(
    folder: &Path,
    model: &M,
    optimizer: &ModuleOptimizer,
    progress: &Progress,
) -> Result<()> {
    fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
    // Two generations by turns, so that a kill while writing leaves the one before.
    let turn = progress.epoch % 2;
    let weights = folder.join(format!("checkpoint-{turn}.safetensors"));
    let mut store = SafetensorsStore::from_file(&weights).overwrite(true);
    model.save_into(&mut store).map_err(|e| anyhow!("cannot write {}: {e}", weights.display()))?;
    let path = folder.join(format!("optimizer-{turn}.bpk"));
    optimizer.save(&path).map_err(|e| anyhow!("cannot write {}: {e}", path.display()))?;
    let state = folder.join("progress.json");
    let write = || -> Result<()> {
        let mut file = AtomicWriteFile::open(&state)?;
        file.write_all(&serde_json::to_vec_pretty(progress)?)?;
        Ok(file.commit()?)
    };
    write().with_context(|| format!("cannot write {}", state.display()))
}

/// Restores the last checkpoint of a folder into `model`, or gives `None` where there is none.
pub fn load_checkpoint<M: Module>(
    folder: &Path,
    model: &mut M,
    optimizer: ModuleOptimizer,
) -> Result<Option<(ModuleOptimizer, Progress)>> {
    let Ok(text) = fs::read(folder.join("progress.json")) else { return Ok(None) };
    let progress: Progress = serde_json::from_slice(&text).context("progress.json cannot be read")?;
    let turn = progress.epoch % 2;
    let weights = folder.join(format!("checkpoint-{turn}.safetensors"));
    match load_stored(model, SafetensorsStore::from_file(&weights), &weights) {
        Err(VoiceError::OtherWeights { .. }) => bail!(
            "the run in {} is of other networks or other singers: name another folder, or clear it",
            folder.display()
        ),
        loaded => loaded?,
    }
    let path = folder.join(format!("optimizer-{turn}.bpk"));
    let optimizer = optimizer.load(&path).map_err(|e| anyhow!("cannot read {}: {e}", path.display()))?;
    Ok(Some((optimizer, progress)))
}
