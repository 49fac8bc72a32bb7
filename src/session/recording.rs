//! Recordings in files, at the rate of the house.

use std::path::Path;
use std::sync::Arc;

use ziyin_interchange::Budget;
use ziyin_interchange::audio::read_audio;
use ziyin_message::{Message, ToMessage, message};
use ziyin_singing::backing::at_house_rate;

/// What was decoded of a file.
pub struct Recording {
    /// Left and right by turns, at 44.1 kHz.
    pub samples: Arc<[f32]>,
    /// Says that parts of it are damaged, or that it breaks off.
    pub warning: Option<Message>,
}

/// Decodes an audio file.
///
/// # Errors
/// Says what is wrong with which file.
pub fn read_recording(path: &Path, budget: &Budget) -> Result<Recording, Message> {
    let of_file = |why: Message| message!("of-file", path, why);
    let audio = read_audio(path, budget).map_err(|error| of_file(error.in_full()))?;
    let samples = at_house_rate(audio.rate, &audio.sides).map_err(|error| of_file(error.to_message()))?;
    let warning = (audio.damaged > 0).then(|| of_file(message!("recording.damaged")));
    Ok(Recording { samples, warning })
}
