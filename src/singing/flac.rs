//! FLAC, block by block: a file of any length takes the memory of one block.

use std::io::{self, Seek, SeekFrom, Write};

use flacenc::bitsink::ByteSink;
use flacenc::component::{BitRepr, Stream, StreamInfo};
use flacenc::config::Encoder;
use flacenc::encode_fixed_size_frame;
use flacenc::error::{Verified, Verify};
use flacenc::source::{Context, Fill, FrameBuf};

/// Samples of each side in a block.
const BLOCK: usize = 4096;

/// A stereo FLAC on its way into a file.
pub struct FlacWriter<W> {
    file: W,
    settings: Verified<Encoder>,
    info: StreamInfo,
    /// Counts the samples and sums them up, for whoever checks the file.
    context: Context,
    block: FrameBuf,
    /// Samples that wait for the block to be full, left and right in turn.
    waiting: Vec<i32>,
    blocks: usize,
}

impl<W: Write + Seek> FlacWriter<W> {
    /// Begins a file of 16 or 24 bits.
    ///
    /// # Errors
    /// If the file cannot be written, or FLAC has no such rate.
    pub fn new(mut file: W, rate: u32, bits: u16) -> io::Result<Self> {
        let settings = Encoder::default().into_verified().map_err(|(_, error)| refused(error))?;
        let mut info = StreamInfo::new(rate as usize, 2, bits.into()).map_err(refused)?;
        info.set_block_sizes(BLOCK, BLOCK).map_err(refused)?;
        file.write_all(&head(&info)?)?;
        let block = FrameBuf::with_size(2, BLOCK).map_err(refused)?;
        let (context, waiting) = (Context::new(bits.into(), 2), Vec::with_capacity(2 * BLOCK));
        Ok(Self { file, settings, info, context, block, waiting, blocks: 0 })
    }

    /// Writes the next sample of both sides, in whole steps.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn write(&mut self, sides: [i32; 2]) -> io::Result<()> {
        self.waiting.extend(sides);
        if self.waiting.len() < 2 * BLOCK { Ok(()) } else { self.write_block() }
    }

    fn write_block(&mut self) -> io::Result<()> {
        self.block.fill_interleaved(&self.waiting).map_err(refused)?;
        self.context.fill_interleaved(&self.waiting).map_err(refused)?;
        self.waiting.clear();
        let frame = encode_fixed_size_frame(&self.settings, &self.block, self.blocks, &self.info);
        let frame = frame.map_err(refused)?;
        self.blocks += 1;
        let mut bytes = ByteSink::new();
        frame.write(&mut bytes).map_err(refused)?;
        self.info.update_frame_info(&frame);
        self.file.write_all(bytes.as_slice())
    }

    /// Writes what waits, and at the head of the file what is known at its end alone.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn finish(mut self) -> io::Result<()> {
        if !self.waiting.is_empty() {
            self.write_block()?;
        }
        self.info.set_md5_digest(&self.context.md5_digest());
        self.info.set_total_samples(self.context.total_samples());
        if self.blocks == 0 {
            self.info.set_frame_sizes(0, 0).map_err(refused)?;
        }
        // The last block may be a short one, which the head does not count.
        self.info.set_block_sizes(BLOCK, BLOCK).map_err(refused)?;
        let head = head(&self.info)?;
        self.file.seek(SeekFrom::Start(0))?;
        self.file.write_all(&head)?;
        self.file.flush()
    }
}

/// What the encoder says, whose own errors stay on one thread.
fn refused(error: impl std::fmt::Display) -> io::Error {
    io::Error::other(error.to_string())
}

/// The mark of FLAC and the one block of metadata.
fn head(info: &StreamInfo) -> io::Result<Vec<u8>> {
    let mut bytes = ByteSink::new();
    Stream::with_stream_info(info.clone()).write(&mut bytes).map_err(refused)?;
    Ok(bytes.as_slice().to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_says_at_its_head_what_is_in_it() {
        for count in [0usize, 5, BLOCK, 3 * BLOCK + 1] {
            let mut file = io::Cursor::new(Vec::new());
            let mut flac = FlacWriter::new(&mut file, 48_000, 24).unwrap();
            (0..count).for_each(|i| flac.write([i as i32 * 7 - 9000, -(i as i32)]).unwrap());
            flac.finish().unwrap();
            let bytes = file.into_inner();
            assert_eq!(&bytes[..8], b"fLaC\x80\0\0\x22");
            // 36 bits behind the bits of a sample.
            let samples = u64::from_be_bytes(bytes[18..26].try_into().unwrap()) & ((1 << 36) - 1);
            assert_eq!(samples, count as u64);
            assert!(bytes.len() <= 86 + 6 * count + count / 50, "{} bytes for {count}", bytes.len());
        }
    }
}
