//! Recorded audio: WAV and RF64, FLAC, MP3, Ogg Vorbis and Opus, AIFF, CAF, AAC and ALAC in M4A, told apart
//! by what is in the file.

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
pub const EXTENSIONS: [&str; 13] =
    ["wav", "wave", "flac", "mp3", "ogg", "oga", "opus", "aif", "aiff", "aifc", "caf", "m4a", "mp4"];

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

#[cfg(test)]
mod tests {
    use super::*;

    const SAMPLES: [i16; 4] = [0, 8192, -16384, 32767];

    /// A chunk with its size, which stands in some kinds for more than is there.
    fn chunk(id: &[u8; 4], size: &[u8], body: &[u8]) -> Vec<u8> {
        [id, size, body].concat()
    }

    fn aiff() -> Vec<u8> {
        let sound: Vec<u8> = SAMPLES.iter().flat_map(|sample| sample.to_be_bytes()).collect();
        // Channels, frames, bits, and 44,100 as a float of 80 bits.
        let common = [&[0, 1, 0, 0, 0, 4, 0, 16][..], &[0x40, 0x0E, 0xAC, 0x44, 0, 0, 0, 0, 0, 0]].concat();
        let chunks = [
            b"AIFF".to_vec(),
            chunk(b"COMM", &18u32.to_be_bytes(), &common),
            chunk(b"SSND", &16u32.to_be_bytes(), &[vec![0; 8], sound].concat()),
        ];
        let body = chunks.concat();
        chunk(b"FORM", &(body.len() as u32).to_be_bytes(), &body)
    }

    fn caf() -> Vec<u8> {
        let sound: Vec<u8> = SAMPLES.iter().flat_map(|sample| sample.to_be_bytes()).collect();
        let numbers = [0u32, 2, 1, 1, 16].map(u32::to_be_bytes).concat();
        let described = [&44_100f64.to_be_bytes()[..], b"lpcm", &numbers].concat();
        let data = [vec![0; 4], sound].concat();
        [
            b"caff\0\x01\0\0".to_vec(),
            chunk(b"desc", &32u64.to_be_bytes(), &described),
            chunk(b"data", &(data.len() as u64).to_be_bytes(), &data),
        ]
        .concat()
    }

    /// Sizes are in a chunk of their own, since they may be beyond four bytes.
    fn rf64() -> Vec<u8> {
        let sound: Vec<u8> = SAMPLES.iter().flat_map(|sample| sample.to_le_bytes()).collect();
        let sizes = [[80u64, 8, 4].map(u64::to_le_bytes).concat(), vec![0; 4]].concat();
        let format = [&[1, 0, 1, 0][..], &44_100u32.to_le_bytes(), &88_200u32.to_le_bytes(), &[2, 0, 16, 0]];
        let chunks = [
            b"WAVE".to_vec(),
            chunk(b"ds64", &28u32.to_le_bytes(), &sizes),
            chunk(b"fmt ", &16u32.to_le_bytes(), &format.concat()),
            chunk(b"data", &u32::MAX.to_le_bytes(), &sound),
        ];
        chunk(b"RF64", &u32::MAX.to_le_bytes(), &chunks.concat())
    }

    /// A WAV whose header says that samples of 16 bits stand in `bytes` bytes.
    fn wide(bytes: u8, sound: &[u8]) -> Vec<u8> {
        let rate = 44_100 * u32::from(bytes);
        let format =
            [&[1, 0, 1, 0][..], &44_100u32.to_le_bytes(), &rate.to_le_bytes(), &[bytes, 0, 16, 0]].concat();
        let chunks = [
            b"WAVE".to_vec(),
            chunk(b"fmt ", &16u32.to_le_bytes(), &format),
            chunk(b"data", &(sound.len() as u32).to_le_bytes(), sound),
        ]
        .concat();
        chunk(b"RIFF", &(chunks.len() as u32).to_le_bytes(), &chunks)
    }

    #[test]
    fn samples_in_more_bytes_than_they_need_are_heard_as_they_are() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.wav");
        for bytes in [3, 4] {
            let spare = usize::from(bytes) - 2;
            let high =
                SAMPLES.iter().flat_map(|sample| [&vec![0; spare][..], &sample.to_le_bytes()].concat());
            let low = SAMPLES.iter().flat_map(|sample| {
                let sign = if *sample < 0 { 0xFF } else { 0 };
                [&sample.to_le_bytes()[..], &vec![sign; spare]].concat()
            });
            // Two bytes each after all, whatever stands before them.
            let plain = SAMPLES.iter().flat_map(|sample| sample.to_le_bytes());
            let all: [Vec<u8>; 3] = [high.collect(), low.collect(), plain.collect()];
            for sound in all {
                std::fs::write(&path, wide(bytes, &sound)).unwrap();
                let audio = read_audio(&path, &Budget::default()).unwrap();
                let samples: Vec<i16> = audio.sides[0].iter().map(|s| (s * 32_768.0) as i16).collect();
                assert_eq!(samples, SAMPLES, "{bytes} bytes");
            }
        }
    }

    #[test]
    fn recordings_of_other_systems_and_of_any_length_are_read() {
        let folder = tempfile::tempdir().unwrap();
        for (name, bytes) in [("a.aiff", aiff()), ("a.caf", caf()), ("a.wav", rf64())] {
            let path = folder.path().join(name);
            assert!(is_named_as_audio(&path));
            std::fs::write(&path, bytes).unwrap();
            let audio = read_audio(&path, &Budget::default()).unwrap_or_else(|why| panic!("{name}: {why}"));
            assert_eq!((audio.rate, audio.damaged), (44_100, 0), "{name}");
            let samples: Vec<i16> = audio.sides[0].iter().map(|s| (s * 32_768.0) as i16).collect();
            assert_eq!(samples, SAMPLES, "{name}");
        }
    }
}
