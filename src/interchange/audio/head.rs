//! The heads of WAV and FLAC files, put right before a decoder sees them. A recorder that broke
//! down leaves sizes of zero, a copy that broke off leaves too large ones, and what stands beside
//! the sound may be as wrong as it likes: none of it stops the sound.

use std::io::{self, Cursor, Read, Seek, SeekFrom};

use symphonia::core::io::MediaSource;

use crate::budget::WatchedFile;

/// Bytes from the start of a WAV file in which its sound must begin.
const HEAD: usize = 1 << 20;
/// Encodings of WAV: whole numbers, floats, and one that says it in more words.
const PCM: u16 = 1;
const FLOAT: u16 = 3;
const EXTENSIBLE: u16 = 0xFFFE;

/// A head of our own, and behind it the sound of a file.
pub struct Mended {
    head: Cursor<Vec<u8>>,
    file: WatchedFile,
    /// Where the sound stands in the file.
    start: u64,
    end: u64,
    at: u64,
    /// What samples are to be multiplied with.
    pub scale: f32,
}

/// Puts the head of a file right, if it is one of these kinds and there is a way.
///
/// # Errors
/// Those of the file.
pub fn mend(mut file: WatchedFile) -> io::Result<Result<Mended, WatchedFile>> {
    let mut head = Vec::new();
    file.by_ref().take(HEAD as u64).read_to_end(&mut head)?;
    let length = file.length();
    let found = wav(&head, length).or_else(|| flac(&head));
    let found = match found {
        Some(found) => Some(found),
        // Pictures of covers can be larger than the head that was read.
        None if head.windows(4).take(4096).any(|window| window == b"fLaC") => long_flac(&mut file, &head)?,
        None => None,
    };
    file.rewind()?;
    let Some(Head { head, start, end, scale }) = found else { return Ok(Err(file)) };
    let end = end.unwrap_or(length).min(length);
    file.seek(SeekFrom::Start(start))?;
    Ok(Ok(Mended { head: Cursor::new(head), file, start, end, at: start, scale }))
}

struct Head {
    head: Vec<u8>,
    start: u64,
    /// `None` for the end of the file.
    end: Option<u64>,
    scale: f32,
}

fn number(bytes: &[u8], at: usize, length: usize) -> Option<u64> {
    let field = bytes.get(at..at.checked_add(length)?)?;
    Some(field.iter().rev().fold(0, |sum, &byte| sum << 8 | u64::from(byte)))
}

/// Whether a chunk could begin with these letters.
fn is_id(bytes: Option<&[u8]>) -> bool {
    bytes.is_some_and(|id| id.len() == 4 && id.iter().all(|byte| (0x20..0x7F).contains(byte)))
}

fn wav(bytes: &[u8], file: u64) -> Option<Head> {
    let is_riff = [&b"RIFF"[..], b"RF64", b"BW64"].iter().any(|id| bytes.starts_with(id));
    if !is_riff || bytes.get(8..12)? != b"WAVE" {
        return None;
    }
    let (mut at, mut format) = (12, None);
    loop {
        let (id, size) = (bytes.get(at..at + 4)?, number(bytes, at + 4, 4)?);
        let body = at + 8;
        if id == b"data" {
            return with_sound(bytes, format?, body, size, file);
        }
        let end = body.checked_add(usize::try_from(size).ok()?)?;
        if id == b"fmt " {
            format = bytes.get(body..end.min(body + 64));
        }
        // A chunk of odd length is padded, but not by everybody. One that is too long hides the
        // sound, which then is looked for.
        let padded = end + end % 2;
        let sound_follows = bytes.get(end..end.saturating_add(4)) == Some(b"data");
        at = if !sound_follows && is_id(bytes.get(padded..padded.saturating_add(4))) {
            padded
        } else if is_id(bytes.get(end..end.saturating_add(4))) {
            end
        } else {
            body + bytes.get(body..)?.windows(4).position(|window| window == b"data")?
        };
    }
}

fn with_sound(bytes: &[u8], format: &[u8], start: usize, size: u64, file: u64) -> Option<Head> {
    let mut format = format.to_vec();
    let field = |at| number(&format, at, 2);
    let (tag, channels, mut frame, bits) = (field(0)? as u16, field(2)?, field(12)?, field(14)?);
    let tag = if tag == EXTENSIBLE { number(&format, 24, 2)? as u16 } else { tag };
    if !matches!(tag, PCM | FLOAT) || !(1..=64).contains(&channels) || !(1..=64).contains(&bits) {
        return None;
    }
    let mut scale = 1.0;
    let sound = bytes.get(start..)?;
    if tag == PCM && bits == 24 && frame == 4 * channels {
        // 24 bits in four bytes stand at their upper end, or at their lower as if they were 32.
        let samples = || sound.chunks_exact(4).take(1 << 16);
        let is_low = samples().any(|sample| sample[0] != 0)
            && samples().all(|sample| sample[3] == if sample[2] & 0x80 == 0 { 0 } else { 0xFF });
        scale = if is_low { 256.0 } else { 1.0 };
        format[14..16].copy_from_slice(&32u16.to_le_bytes());
        if let Some(valid) = format.get_mut(18..20) {
            valid.copy_from_slice(&32u16.to_le_bytes());
        }
    } else if let Some(wide) = (tag == PCM && bits == 16).then(|| wider(sound, frame, channels)).flatten() {
        scale = wide.scale;
        let bits = 8 * wide.bytes as u16;
        format[14..16].copy_from_slice(&bits.to_le_bytes());
        if let Some(valid) = format.get_mut(18..20) {
            valid.copy_from_slice(&bits.to_le_bytes());
        }
    } else {
        // Whatever the header says of the size of a frame.
        frame = channels * bits.div_ceil(8);
        format[12..14].copy_from_slice(&(frame as u16).to_le_bytes());
    }
    let start = start as u64;
    let there = file.saturating_sub(start);
    // A recorder writes the size last; behind a right one the next chunk begins, or nothing.
    let after = usize::try_from(start + size + size % 2).unwrap_or(usize::MAX);
    let is_followed = start + size >= bytes.len() as u64 || is_id(bytes.get(after..after.saturating_add(4)));
    let is_right = size > 0 && size < there && is_followed;
    let length = (if is_right { size } else { there }).min(u64::from(u32::MAX) - 200) / frame * frame;
    let mut head = b"RIFF".to_vec();
    head.extend(((20 + format.len() as u64 + length) as u32).to_le_bytes());
    head.extend(b"WAVEfmt ");
    head.extend((format.len() as u32).to_le_bytes());
    head.extend(&format);
    head.extend(b"data");
    head.extend((length as u32).to_le_bytes());
    Some(Head { head, start, end: Some(start + length), scale })
}

/// Samples of 16 bits in more bytes than they need.
struct Wide {
    bytes: usize,
    scale: f32,
}

/// Whether samples of 16 bits stand in three or four bytes, at their upper end or at their lower, as all
/// the first of them show; else the size of a frame is wrong.
fn wider(sound: &[u8], frame: u64, channels: u64) -> Option<Wide> {
    let bytes = usize::try_from(frame / channels).ok().filter(|&bytes| matches!(bytes, 3 | 4))?;
    if !frame.is_multiple_of(channels) {
        return None;
    }
    let samples = || sound.chunks_exact(bytes).take(1 << 16);
    let sounds = samples().any(|sample| sample.iter().any(|&byte| byte != 0));
    let is_high = samples().all(|sample| sample[..bytes - 2].iter().all(|&byte| byte == 0));
    let is_low = samples().all(|sample| {
        let sign = if sample[1] & 0x80 == 0 { 0 } else { 0xFF };
        sample[2..].iter().all(|&byte| byte == sign)
    });
    let lifted = if bytes == 3 { 256.0 } else { 65_536.0 };
    match (sounds, is_high, is_low) {
        (true, true, _) => Some(Wide { bytes, scale: 1.0 }),
        (true, false, true) => Some(Wide { bytes, scale: lifted }),
        _ => None,
    }
}

/// Where a FLAC begins behind the tag that some programs put before it.
fn flac_start(bytes: &[u8]) -> Option<usize> {
    let start = match bytes {
        [b'I', b'D', b'3', _, _, flags, a, b, c, d, ..] => {
            let size = [a, b, c, d].iter().fold(0, |sum, &&byte| sum << 7 | usize::from(byte & 0x7F));
            10 + size + if flags & 0x10 == 0 { 0 } else { 10 }
        }
        _ => 0,
    };
    (bytes.get(start..start + 4)? == b"fLaC").then_some(start)
}

/// The description of the stream alone, without what stands beside it.
fn flac(bytes: &[u8]) -> Option<Head> {
    let mut at = flac_start(bytes)? + 4;
    let mut stream = None;
    loop {
        let &[kind, a, b, c] = bytes.get(at..at + 4)? else { return None };
        let end = at + 4 + usize::from(a) * 65_536 + usize::from(b) * 256 + usize::from(c);
        if kind & 0x7F == 0 {
            stream = bytes.get(at + 4..end);
        }
        at = end;
        if kind & 0x80 != 0 {
            break;
        }
    }
    Some(flac_head(stream?, at as u64))
}

fn flac_head(stream: &[u8], start: u64) -> Head {
    let mut head = b"fLaC\x80\0\0".to_vec();
    head.push(stream.len().min(255) as u8);
    head.extend(&stream[..stream.len().min(255)]);
    Head { head, start, end: None, scale: 1.0 }
}

/// A FLAC whose blocks before the sound are larger than what was read.
fn long_flac(file: &mut WatchedFile, bytes: &[u8]) -> io::Result<Option<Head>> {
    let Some(start) = flac_start(bytes) else { return Ok(None) };
    let (mut at, mut stream) = (start as u64 + 4, None);
    // Real files have a dozen.
    for _ in 0..1000 {
        let mut block = [0; 4];
        file.seek(SeekFrom::Start(at))?;
        if file.read_exact(&mut block).is_err() {
            return Ok(None);
        }
        let [kind, a, b, c] = block;
        let size = u64::from(a) << 16 | u64::from(b) << 8 | u64::from(c);
        if kind & 0x7F == 0 {
            let mut body = Vec::new();
            file.by_ref().take(size.min(255)).read_to_end(&mut body)?;
            stream = Some(body);
        }
        at += 4 + size;
        if kind & 0x80 != 0 {
            return Ok(stream.map(|stream| flac_head(&stream, at)));
        }
    }
    Ok(None)
}

impl Mended {
    fn head_length(&self) -> u64 {
        self.head.get_ref().len() as u64
    }
}

impl Read for Mended {
    fn read(&mut self, block: &mut [u8]) -> io::Result<usize> {
        let read = self.head.read(block)?;
        if read > 0 || block.is_empty() {
            return Ok(read);
        }
        let most = usize::try_from(self.end.saturating_sub(self.at)).unwrap_or(usize::MAX).min(block.len());
        let read = self.file.read(&mut block[..most])?;
        self.at += read as u64;
        Ok(read)
    }
}

impl Seek for Mended {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let head = self.head_length();
        let now = self.head.position().min(head) + (self.at - self.start);
        let length = head + self.end.saturating_sub(self.start);
        let place = match to {
            SeekFrom::Start(place) => Some(place),
            SeekFrom::Current(by) => now.checked_add_signed(by),
            SeekFrom::End(by) => length.checked_add_signed(by),
        };
        let place = place.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?.min(length);
        self.head.set_position(place.min(head));
        self.at = self.start + place.saturating_sub(head);
        self.file.seek(SeekFrom::Start(self.at))?;
        Ok(place)
    }
}

impl MediaSource for Mended {
    fn is_seekable(&self) -> bool {
        true
    }

    fn byte_len(&self) -> Option<u64> {
        Some(self.head_length() + self.end.saturating_sub(self.start))
    }
}
