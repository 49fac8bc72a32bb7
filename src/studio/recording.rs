//! Recordings in files, at the rate of the house.

use std::path::Path;
use std::sync::Arc;

use ziyin_interchange::Budget;
use ziyin_interchange::audio::read_audio;
use ziyin_singing::backing::at_house_rate;

/// Decodes an audio file at 44.1 kHz, left and right by turns.
///
/// # Errors
/// Says what is wrong with which file.
pub fn read_recording(path: &Path, budget: &Budget) -> Result<Arc<[f32]>, String> {
    let audio = read_audio(path, budget).map_err(|error| {
        let source = std::error::Error::source(&error).map(|source| format!(": {source}"));
        format!("{}: {error}{}", path.display(), source.unwrap_or_default())
    })?;
    at_house_rate(audio.rate, &audio.sides).map_err(|error| format!("{}: {error}", path.display()))
}
