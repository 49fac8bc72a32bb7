//! Recordings in files, at the rate of the house.

use std::path::Path;
use std::sync::Arc;

use ziyin_interchange::Budget;
use ziyin_interchange::audio::read_audio;
use ziyin_singing::backing::at_house_rate;

/// What was decoded of a file.
pub struct Recording {
    /// Left and right by turns, at 44.1 kHz.
    pub samples: Arc<[f32]>,
    /// Says that parts of it are damaged, or that it breaks off.
    pub warning: Option<String>,
}

/// Decodes an audio file.
///
/// # Errors
/// Says what is wrong with which file.
pub fn read_recording(path: &Path, budget: &Budget) -> Result<Recording, String> {
    let audio = read_audio(path, budget).map_err(|error| {
        let source = std::error::Error::source(&error).map(|source| format!(": {source}"));
        format!("{}: {error}{}", path.display(), source.unwrap_or_default())
    })?;
    let samples =
        at_house_rate(audio.rate, &audio.sides).map_err(|error| format!("{}: {error}", path.display()))?;
    let damaged = audio.damaged > 0;
    let warning = damaged
        .then(|| format!("{}: it is damaged or breaks off; what could be read is heard", path.display()));
    Ok(Recording { samples, warning })
}
