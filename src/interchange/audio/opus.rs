//! Opus audio in an Ogg file, which is what `.opus` files and many voice messages are.

use std::io::{BufReader, Read, Seek};
use ziyin_message::{Message, message};

use opus_pure::{Error, MAX_PACKET_SAMPLES, OggOpusReader, Trim};

use super::downmix::append;
use super::sound::{Audio, AudioError};
use crate::budget::{Budget, WatchedFile};

/// The rate that Opus is decoded at, whatever it was made from.
const RATE: i32 = 48_000;
/// The first page of an Ogg file is no longer than this, in bytes, before its first packet.
const HEAD: usize = 28 + 255;

/// Whether a file holds Opus; reads on from its start afterwards.
///
/// # Errors
/// Those of the file.
pub(super) fn is_opus(file: &mut WatchedFile) -> std::io::Result<bool> {
    let mut head = Vec::with_capacity(HEAD);
    file.by_ref().take(HEAD as u64).read_to_end(&mut head)?;
    file.rewind()?;
    Ok(head.starts_with(b"OggS") && head.windows(8).any(|window| window == b"OpusHead"))
}

/// Reads such a file to its end.
pub(super) fn read(file: WatchedFile, budget: &Budget) -> Result<Audio, AudioError> {
    let mut reader = OggOpusReader::new(BufReader::new(file)).map_err(unreadable)?;
    let channels = usize::from(reader.head().channel_count);
    if reader.head().mapping_family != 0 {
        return Err(AudioError::Unsupported(message!("sound.surround")));
    }
    let mut decoder = reader.head().decoder(RATE).map_err(unreadable)?;
    let mut trim = Trim::new(reader.head(), RATE, channels).map_err(unreadable)?;
    let mut block = vec![0.0f32; MAX_PACKET_SAMPLES * channels];
    let weights: &[[f32; 2]] = if channels == 1 { &[[1.0, 1.0]] } else { &[[1.0, 0.0], [0.0, 1.0]] };
    let mut audio = Audio { rate: RATE as u32, sides: [Vec::new(), Vec::new()], damaged: 0 };
    for packet in reader.packets() {
        let packet = match packet {
            Ok(packet) => packet,
            // A file that was cut off is good up to there.
            Err(_) if !audio.sides[0].is_empty() => {
                audio.damaged += 1;
                break;
            }
            Err(error) => return Err(unreadable(error)),
        };
        match decoder.decode(&packet.data, MAX_PACKET_SAMPLES, &mut block) {
            Ok(frames) => {
                let decoded = block.get(..frames * channels).unwrap_or(&block);
                append(&mut audio.sides, trim.keep(&packet, decoded), weights, 1.0);
            }
            Err(_) => audio.damaged += 1,
        }
        audio.check(budget)?;
    }
    budget.check()?;
    budget.reached(1.0);
    match (audio.sides[0].is_empty(), audio.damaged) {
        (true, 0) => Err(AudioError::Empty),
        (true, _) => Err(AudioError::Damaged(message!("sound.nothing-decoded"))),
        (false, _) => Ok(audio),
    }
}

fn unreadable(error: Error) -> AudioError {
    match error {
        Error::Io(error) => AudioError::Io(error),
        error => AudioError::Damaged(Message::foreign(error)),
    }
}
