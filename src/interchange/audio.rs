//! Recorded audio: WAV, FLAC, MP3, Ogg Vorbis and Opus, told apart by what is in the file.

use std::io;
use std::path::Path;
use ziyin_message::{Message, message};

use super::budget::{Budget, WatchedFile, open_regular};
use symphonia::core::codecs::audio::AudioDecoderOptions;
use symphonia::core::codecs::audio::well_known::CODEC_ID_FLAC;
use symphonia::core::errors::Error;
use symphonia::core::formats::probe::Hint;
use symphonia::core::formats::{FormatOptions, TrackType};
use symphonia::core::io::{MediaSource, MediaSourceStream, MediaSourceStreamOptions};
use symphonia::core::meta::MetadataOptions;

mod downmix;
mod head;
mod opus;
mod sound;

pub use sound::{Audio, AudioError};

use downmix::{append, weights};
use head::mend;

/// The most bits of a sample in FLAC that can be read.
const MOST_FLAC_BITS: u32 = 24;

/// Frames that a file may promise and not hold: what coders add at both ends.
const MOST_PADDING: u64 = 8192;

/// Sample rates that can be read.
const RATES: std::ops::RangeInclusive<u32> = 1000..=768_000;

/// The endings of the names of such files.
pub const EXTENSIONS: [&str; 6] = ["wav", "flac", "mp3", "ogg", "oga", "opus"];

/// Whether a file is audio by its name.
pub fn is_named_as_audio(path: &Path) -> bool {
    let extension = path.extension().map(|extension| extension.to_string_lossy().to_lowercase());
    extension.is_some_and(|extension| EXTENSIONS.contains(&extension.as_str()))
}

/// Reads an audio file to its end.
///
/// # Errors
/// All of [`AudioError`]. A damaged packet among good ones is left out and counted.
pub fn read_audio(path: &Path, budget: &Budget) -> Result<Audio, AudioError> {
    // A decoder that stumbles over a file must not take the program along.
    let read = std::panic::catch_unwind(|| decode(path, budget));
    read.unwrap_or_else(|_| Err(AudioError::Damaged(message!("sound.decoder"))))
}

fn decode(path: &Path, budget: &Budget) -> Result<Audio, AudioError> {
    let mut file = WatchedFile::new(open_regular(path)?, budget)?;
    if opus::is_opus(&mut file)? {
        return opus::read(file, budget);
    }
    let (source, scale): (Box<dyn MediaSource>, f32) = match mend(file)? {
        Ok(mended) => {
            let scale = mended.scale;
            (Box::new(mended), scale)
        }
        Err(file) => (Box::new(file), 1.0),
    };
    let source = MediaSourceStream::new(source, MediaSourceStreamOptions::default());
    let mut hint = Hint::new();
    if let Some(extension) = path.extension().and_then(|extension| extension.to_str()) {
        hint.with_extension(extension);
    }
    let mut format = symphonia::default::get_probe()
        .probe(&hint, source, FormatOptions::default(), MetadataOptions::default())
        .map_err(unreadable)?;
    let none = || AudioError::Unsupported(message!("sound.none"));
    let track = format.default_track(TrackType::Audio).ok_or_else(none)?;
    let parameters =
        track.codec_params.as_ref().and_then(|parameters| parameters.audio()).ok_or_else(none)?;
    // Beyond what the decoder can hold of two channels.
    if let Some(bits) = parameters.bits_per_sample.filter(|&bits| bits > MOST_FLAC_BITS)
        && parameters.codec == CODEC_ID_FLAC
    {
        return Err(AudioError::Unsupported(message!("sound.flac-bits", bits)));
    }
    let mut decoder = symphonia::default::get_codecs()
        .make_audio_decoder(parameters, &AudioDecoderOptions::default())
        .map_err(unreadable)?;
    let expected = track.num_frames;
    let track = track.id;

    let mut audio = Audio { rate: 0, sides: [Vec::new(), Vec::new()], damaged: 0 };
    let mut samples: Vec<f32> = Vec::new();
    loop {
        let packet = match format.next_packet() {
            Ok(Some(packet)) => packet,
            // A chained stream begins anew; what came before it is the song.
            Ok(None) | Err(Error::ResetRequired) => break,
            // A file that was cut off is good up to there.
            Err(_) if !audio.sides[0].is_empty() => {
                audio.damaged += 1;
                break;
            }
            Err(error) => return Err(unreadable(error)),
        };
        if packet.track_id != track {
            continue;
        }
        match decoder.decode(&packet) {
            Ok(buffer) => {
                let rate = buffer.spec().rate();
                if audio.rate != 0 && audio.rate != rate {
                    return Err(AudioError::Unsupported(message!("sound.rate-changes")));
                }
                if !RATES.contains(&rate) {
                    return Err(AudioError::Unsupported(message!("sound.rate", count = rate)));
                }
                audio.rate = rate;
                let weights = weights(buffer.spec().channels());
                buffer.copy_to_vec_interleaved(&mut samples);
                append(&mut audio.sides, &samples, &weights, scale);
                audio.check(budget)?;
            }
            Err(Error::DecodeError(_) | Error::IoError(_)) => audio.damaged += 1,
            Err(error) => return Err(unreadable(error)),
        }
    }
    budget.check()?;
    budget.reached(1.0);
    // A copy that broke off between two packets; what coders add at the ends is little.
    if expected.is_some_and(|expected| expected > audio.sides[0].len() as u64 + MOST_PADDING) {
        audio.damaged = audio.damaged.max(1);
    }
    match (audio.sides[0].is_empty(), audio.damaged) {
        (true, 0) => Err(AudioError::Empty),
        (true, _) => Err(AudioError::Damaged(message!("sound.nothing-decoded"))),
        (false, _) => Ok(audio),
    }
}

impl MediaSource for WatchedFile {
    fn is_seekable(&self) -> bool {
        true
    }

    fn byte_len(&self) -> Option<u64> {
        Some(self.length())
    }
}

fn unreadable(error: Error) -> AudioError {
    match error {
        Error::IoError(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
            AudioError::Damaged(message!("sound.too-short"))
        }
        Error::IoError(error) => AudioError::Io(error),
        Error::Unsupported(what) => AudioError::Unsupported(Message::foreign(what)),
        Error::DecodeError(what) => AudioError::Damaged(Message::foreign(what)),
        other => AudioError::Unsupported(Message::foreign(other)),
    }
}
