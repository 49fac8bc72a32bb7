//! Finds header and tracks in the bytes of a file, whatever the lengths in it claim.

use super::{super::Report, ImportError, timing::Clock};
use ziyin_message::message;

/// How the events of a track end.
const END_OF_TRACK: &[u8] = &[0xFF, 0x2F, 0];
/// Bytes behind the last track of which it is worth telling.
const STRAY: usize = 8;
/// Tracks that are read; real files have dozens.
const MAX_TRACKS: usize = 1024;

pub struct Chunks<'a> {
    /// Tracks follow each other in time (type 2) instead of sounding together.
    pub sequential: bool,
    pub clock: Clock,
    /// The bytes of the events of each track.
    pub tracks: Vec<&'a [u8]>,
}

/// # Errors
/// If there is no header where one can be expected.
pub fn find<'a>(bytes: &'a [u8], report: &mut Report) -> Result<Chunks<'a>, ImportError> {
    // RIFF and MacBinary wrap a MIDI file into a short header of their own.
    let start = find_id(bytes.get(..bytes.len().min(512)).unwrap_or_default(), b"MThd")
        .ok_or(ImportError::NotMidi)?;
    let header = bytes.get(start + 8..start + 14).ok_or(ImportError::NotMidi)?;
    let [format, declared, division] = [0, 2, 4].map(|at| u16::from_be_bytes([header[at], header[at + 1]]));
    if format > 2 {
        report.warn(None, None, message!("warning.file-type", format));
    }
    let length = read_length(bytes, start).clamp(6, 1024);
    let mut chunks =
        Chunks { sequential: format == 2, clock: Clock::from_division(division, report), tracks: Vec::new() };
    let mut at = start + 8 + length;
    if !starts_chunk(bytes, at) {
        at = find_from(bytes, start + 14, b"MTrk").unwrap_or(bytes.len());
    }
    while let Some(id) = bytes.get(at..at + 4) {
        if bytes.len() < at + 8 {
            break;
        }
        let is_track = id == b"MTrk";
        let number = chunks.tracks.len() + 1;
        if is_track && number > MAX_TRACKS {
            report.warn(None, None, message!("warning.many-tracks", count = MAX_TRACKS));
            break;
        }
        let declared_end = at + 8 + read_length(bytes, at);
        let leads_on = declared_end == bytes.len() || starts_chunk(bytes, declared_end);
        if let Some(track) = bytes.get(at + 8..declared_end)
            && is_track
            && !leads_on
            && number == usize::from(declared)
            && track.ends_with(END_OF_TRACK)
        {
            // All is as it was declared: what follows was left by a longer file that stood here before.
            chunks.tracks.push(track);
            let count = bytes.len() - declared_end;
            if count >= STRAY {
                report.warn(None, None, message!("warning.bytes", count));
            }
            break;
        }
        let end = if leads_on {
            declared_end
        } else {
            let end = find_from(bytes, at + 8, b"MTrk").unwrap_or(bytes.len());
            // A stray byte or two after the end harm nobody.
            if is_track && !(declared_end < bytes.len() && end == bytes.len() && end - declared_end < STRAY) {
                report.warn(number, None, message!("warning.wrong-length"));
            }
            end
        };
        if is_track {
            chunks.tracks.push(&bytes[at + 8..end]);
        }
        at = end;
    }
    if usize::from(declared) > chunks.tracks.len() && chunks.tracks.len() < MAX_TRACKS {
        let found = chunks.tracks.len();
        report.warn(None, None, message!("warning.track-count", declared, found));
    }
    Ok(chunks)
}

fn read_length(bytes: &[u8], at: usize) -> usize {
    let length = bytes.get(at + 4..at + 8).and_then(|length| length.try_into().ok());
    length.map_or(0, u32::from_be_bytes) as usize
}

/// Whether a chunk could begin here: four letters, and room for a length.
fn starts_chunk(bytes: &[u8], at: usize) -> bool {
    bytes
        .get(at..at.saturating_add(8))
        .is_some_and(|head| head[..4].iter().all(|b| b.is_ascii_graphic() || *b == b' '))
}

fn find_from(bytes: &[u8], from: usize, id: &[u8; 4]) -> Option<usize> {
    find_id(bytes.get(from..)?, id).map(|at| from + at)
}

fn find_id(bytes: &[u8], id: &[u8; 4]) -> Option<usize> {
    bytes.windows(4).position(|window| window == id)
}
