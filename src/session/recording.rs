//! Recordings in files, at the rate of the house.

use std::path::{Path, PathBuf};
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

/// Writes samples of one channel as a WAV file that no other has the name of.
///
/// # Errors
/// If the file system refuses.
pub fn keep_take(folder: &Path, samples: &[f32], rate: u32) -> Result<PathBuf, Message> {
    std::fs::create_dir_all(folder).map_err(|error| error.to_message())?;
    let path = (1..)
        .map(|number: usize| folder.join(format!("take {number}.wav")))
        .find(|path| !path.exists())
        .unwrap_or_else(|| folder.join("take.wav"));
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: rate,
        bits_per_sample: 32,
        sample_format: hound::SampleFormat::Float,
    };
    let mut wav = hound::WavWriter::create(&path, spec).map_err(unwritten)?;
    for &sample in samples {
        wav.write_sample(sample).map_err(unwritten)?;
    }
    wav.finalize().map_err(unwritten)?;
    Ok(path)
}

fn unwritten(error: hound::Error) -> Message {
    match error {
        hound::Error::IoError(error) => error.to_message(),
        error => Message::foreign(error),
    }
}
