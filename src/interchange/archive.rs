//! Reads one file out of a zip archive: the way VPR and MXL files are packed.
//!
//! The crates for this bring features that would have the graphics crates built anew, and
//! all that is needed is the directory and an inflater with a limit.

use std::borrow::Cow;
use std::io::Read;

use flate2::read::DeflateDecoder;

use super::Refusal;

/// Bytes that a packed file may unfold to: a bomb is refused, not unpacked.
const MOST_BYTES: u64 = 64 << 20;
/// Files that are looked at.
const MOST_ENTRIES: usize = 10_000;

const END: &[u8] = b"PK\x05\x06";
const DIRECTORY: &[u8] = b"PK\x01\x02";
const LOCAL: &[u8] = b"PK\x03\x04";

/// A zip archive in memory.
pub struct Archive<'a> {
    format: &'static str,
    bytes: &'a [u8],
    entries: Vec<Entry>,
}

struct Entry {
    /// With `/` between folders, whatever the file has.
    name: String,
    method: u16,
    packed: usize,
    at: usize,
}

impl<'a> Archive<'a> {
    /// Reads the directory.
    ///
    /// # Errors
    /// If there is none, as in an archive that was cut short.
    pub fn open(format: &'static str, bytes: &'a [u8]) -> Result<Self, Refusal> {
        let damaged = || Refusal::damaged(format, "the archive has no directory");
        // The end record stands before a comment of at most 64 kB.
        let tail = bytes.len().saturating_sub(22 + 0xFFFF);
        let end = bytes[tail..].windows(4).rposition(|window| window == END).ok_or_else(damaged)? + tail;
        let mut at = number(bytes, end + 16, 4).ok_or_else(damaged)?;
        let count = number(bytes, end + 10, 2).ok_or_else(damaged)?;
        let mut entries = Vec::new();
        for _ in 0..count.min(MOST_ENTRIES) {
            if bytes.get(at..at.saturating_add(4)) != Some(DIRECTORY) {
                break;
            }
            let field = |offset, length| number(bytes, at + offset, length).ok_or_else(damaged);
            let (name_length, extra, comment) = (field(28, 2)?, field(30, 2)?, field(32, 2)?);
            let name = bytes.get(at + 46..at + 46 + name_length).ok_or_else(damaged)?;
            entries.push(Entry {
                name: String::from_utf8_lossy(name).replace('\\', "/"),
                method: field(10, 2)? as u16,
                packed: field(20, 4)?,
                at: field(42, 4)?,
            });
            at += 46 + name_length + extra + comment;
        }
        Ok(Self { format, bytes, entries })
    }

    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().map(|entry| entry.name.as_str())
    }

    /// The bytes of the file of that name, or `None` if there is none.
    ///
    /// # Errors
    /// If it is damaged, packed in a way that nobody uses here, or unfolds to far too much.
    pub fn read(&self, name: &str) -> Result<Option<Cow<'a, [u8]>>, Refusal> {
        let Some(entry) = self.entries.iter().find(|entry| entry.name == name) else { return Ok(None) };
        let damaged = || Refusal::damaged(self.format, format!("`{name}` in it cannot be unpacked"));
        let header = self.bytes.get(entry.at..).filter(|rest| rest.starts_with(LOCAL)).ok_or_else(damaged)?;
        let lengths = number(header, 26, 2).zip(number(header, 28, 2)).ok_or_else(damaged)?;
        let start = 30 + lengths.0 + lengths.1;
        let packed = header.get(start..start.saturating_add(entry.packed)).ok_or_else(damaged)?;
        match entry.method {
            0 => Ok(Some(Cow::Borrowed(packed))),
            8 => {
                let mut unpacked = Vec::new();
                let mut decoder = DeflateDecoder::new(packed).take(MOST_BYTES + 1);
                decoder.read_to_end(&mut unpacked).map_err(|_| damaged())?;
                if unpacked.len() as u64 > MOST_BYTES {
                    return Err(Refusal::TooLarge {
                        format: self.format,
                        limit: MOST_BYTES,
                        unit: "bytes unpacked",
                    });
                }
                Ok(Some(Cow::Owned(unpacked)))
            }
            _ => Err(damaged()),
        }
    }
}

/// A little-endian number of at most four bytes.
fn number(bytes: &[u8], at: usize, length: usize) -> Option<usize> {
    let field = bytes.get(at..at.checked_add(length)?)?;
    Some(field.iter().rev().fold(0, |sum, &byte| sum << 8 | usize::from(byte)))
}
