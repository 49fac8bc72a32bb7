//! Samples to files: WAVs that appear whole or not at all, spools for what is sung but not
//! yet mixed, and the way from one sample rate to another.

use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Read, Seek, Write};
use std::path::{Path, PathBuf};

use hound::{WavSpec, WavWriter};
use rubato::audioadapter_buffers::direct::SequentialSlice;
use rubato::{Fft, FixedSync, Indexing, Resampler};

use super::mix::SampleFormat;

/// A stereo WAV that takes its name only once it is complete. A render that fails or is
/// killed leaves no WAV behind, at most a hidden `.part` file, which the next one replaces.
pub struct StemWriter {
    writer: Option<WavWriter<BufWriter<File>>>,
    format: SampleFormat,
    unfinished: PathBuf,
    path: PathBuf,
}

impl StemWriter {
    /// # Errors
    /// If the file cannot be made.
    pub fn create(path: &Path, rate: u32, format: SampleFormat) -> io::Result<Self> {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let unfinished = path.with_file_name(format!(".{name}.part"));
        let sample_format =
            if format.steps().is_some() { hound::SampleFormat::Int } else { hound::SampleFormat::Float };
        let spec = WavSpec { channels: 2, sample_rate: rate, bits_per_sample: format.bits(), sample_format };
        let file = BufWriter::new(File::create(&unfinished)?);
        let writer = WavWriter::new(file, spec).map_err(as_io)?;
        Ok(Self { writer: Some(writer), format, unfinished, path: path.to_path_buf() })
    }

    /// Writes the next sample of both sides, as [`SampleFormat::rounded`] gave them.
    ///
    /// # Errors
    /// If the disk is full, or the like.
    pub fn write(&mut self, sides: [f64; 2]) -> io::Result<()> {
        let Some(writer) = &mut self.writer else { return Ok(()) };
        for sample in sides {
            match self.format.steps() {
                Some(steps) => writer.write_sample((sample * steps).clamp(-steps, steps - 1.0) as i32),
                None => writer.write_sample(sample as f32),
            }
            .map_err(as_io)?;
        }
        Ok(())
    }

    /// Completes the file on the disk, still without its name.
    ///
    /// # Errors
    /// If the disk is full, or the like.
    pub fn complete(&mut self) -> io::Result<()> {
        if let Some(writer) = self.writer.take() {
            writer.finalize().map_err(as_io)?;
            File::open(&self.unfinished)?.sync_all()?;
        }
        Ok(())
    }

    /// Gives the completed file its name.
    ///
    /// # Errors
    /// If it cannot be completed or renamed.
    pub fn publish(mut self) -> io::Result<PathBuf> {
        self.complete()?;
        fs::rename(&self.unfinished, &self.path)?;
        Ok(self.path.clone())
    }
}

impl Drop for StemWriter {
    fn drop(&mut self) {
        // After `publish` there is nothing of that name any more.
        let _ = fs::remove_file(&self.unfinished);
    }
}

fn as_io(error: hound::Error) -> io::Error {
    match error {
        hound::Error::IoError(error) => error,
        other => io::Error::other(other),
    }
}

/// Samples of one voice on the disk, until it is known how loud the whole is.
pub struct Spool {
    file: File,
    /// Where the file has a name that must be taken back.
    name: Option<PathBuf>,
}

impl Spool {
    /// # Errors
    /// If the folder cannot be written to.
    pub fn create(folder: &Path, name: &str) -> io::Result<Self> {
        let path = folder.join(format!(".{name}.spool.part"));
        let file = File::options().read(true).write(true).create(true).truncate(true).open(&path)?;
        // Where the system allows it the file loses its name at once, and goes with us.
        let name = fs::remove_file(&path).is_err().then_some(path);
        Ok(Self { file, name })
    }

    /// Appends samples.
    ///
    /// # Errors
    /// If the disk is full, or the like.
    pub fn write(&mut self, samples: &[f32]) -> io::Result<()> {
        let bytes: Vec<u8> = samples.iter().flat_map(|sample| sample.to_le_bytes()).collect();
        self.file.write_all(&bytes)
    }

    /// Goes back to the beginning, to read.
    ///
    /// # Errors
    /// If the file is gone.
    pub fn rewind(&mut self) -> io::Result<BufReader<&mut File>> {
        self.file.rewind()?;
        Ok(BufReader::with_capacity(1 << 16, &mut self.file))
    }
}

impl Drop for Spool {
    fn drop(&mut self) {
        if let Some(path) = &self.name {
            let _ = fs::remove_file(path);
        }
    }
}

/// Fills `samples` from a spool.
pub(super) fn read_samples(reader: &mut impl Read, samples: &mut [f32]) -> io::Result<()> {
    let mut bytes = vec![0; samples.len() * 4];
    reader.read_exact(&mut bytes)?;
    for (sample, bytes) in samples.iter_mut().zip(bytes.chunks_exact(4)) {
        *sample = f32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
    }
    Ok(())
}

/// Takes one voice from the rate of the house to that of the file. Keeps time: the delay
/// of the filter is taken off.
pub struct RateConverter {
    /// `None` where there is nothing to convert.
    fft: Option<Fft<f32>>,
    pending: Vec<f32>,
    /// Samples of the filter's delay that are still to be dropped.
    delay: usize,
    taken: u64,
    given: u64,
    ratio: f64,
}

/// Samples that are converted at once.
const CHUNK: usize = 1024;

impl RateConverter {
    /// # Errors
    /// If there is no way between the two rates, in Hz.
    pub fn new(from: u32, to: u32) -> io::Result<Self> {
        let fft = if from == to {
            None
        } else {
            let fft = Fft::<f32>::new(from as usize, to as usize, CHUNK, 1, FixedSync::Input);
            Some(fft.map_err(io::Error::other)?)
        };
        let delay = fft.as_ref().map_or(0, |fft| fft.output_delay());
        let ratio = f64::from(to) / f64::from(from);
        Ok(Self { fft, pending: Vec::new(), delay, taken: 0, given: 0, ratio })
    }

    /// Converts the next samples and appends what is complete to `out`.
    ///
    /// # Errors
    /// Never with the rates that `new` accepted.
    pub fn push(&mut self, samples: &[f32], out: &mut Vec<f32>) -> io::Result<()> {
        self.taken += samples.len() as u64;
        if self.fft.is_none() {
            out.extend_from_slice(samples);
            return Ok(());
        }
        self.pending.extend_from_slice(samples);
        self.convert(out, false)
    }

    /// Appends what is left, so that the whole is as long as it was.
    ///
    /// # Errors
    /// As [`RateConverter::push`].
    pub fn finish(&mut self, out: &mut Vec<f32>) -> io::Result<()> {
        let whole = (self.taken as f64 * self.ratio).round() as u64;
        while self.fft.is_some() && self.given < whole {
            let before = out.len();
            self.convert(out, true)?;
            let given_before = self.given - (out.len() - before) as u64;
            out.truncate(before + (whole - given_before).min((out.len() - before) as u64) as usize);
        }
        Ok(())
    }

    fn convert(&mut self, out: &mut Vec<f32>, last: bool) -> io::Result<()> {
        let Some(fft) = &mut self.fft else { return Ok(()) };
        loop {
            let wanted = fft.input_frames_next();
            let there = self.pending.len().min(wanted);
            if there < wanted && !last {
                return Ok(());
            }
            let mut input = self.pending[..there].to_vec();
            input.resize(wanted, 0.0);
            let frames = fft.output_frames_next();
            let mut output = vec![0.0; frames];
            let adapter = SequentialSlice::new(&input, 1, wanted).map_err(io::Error::other)?;
            let mut adapter_out =
                SequentialSlice::new_mut(&mut output, 1, frames).map_err(io::Error::other)?;
            let (_, made) = fft
                .process_into_buffer(&adapter, &mut adapter_out, None::<&Indexing>)
                .map_err(io::Error::other)?;
            self.pending.drain(..there);
            let dropped = self.delay.min(made);
            self.delay -= dropped;
            out.extend_from_slice(&output[dropped..made]);
            self.given += (made - dropped) as u64;
            if last {
                return Ok(());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_changed_without_a_change_of_time() {
        let tone = |rate: f64, i: usize| (i as f64 / rate * 440.0 * std::f64::consts::TAU).sin() as f32;
        let mut converter = RateConverter::new(44_100, 48_000).unwrap();
        let mut out = Vec::new();
        let input: Vec<f32> = (0..44_100).map(|i| tone(44_100.0, i)).collect();
        for piece in input.chunks(700) {
            converter.push(piece, &mut out).unwrap();
        }
        converter.finish(&mut out).unwrap();
        assert_eq!(out.len(), 48_000);
        for (i, sample) in out.iter().enumerate().take(47_000).skip(1000) {
            assert!((sample - tone(48_000.0, i)).abs() < 1e-3, "{sample} at {i}");
        }
    }

    #[test]
    fn a_stem_has_no_name_before_it_is_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lead.wav");
        let mut stem = StemWriter::create(&path, 48_000, SampleFormat::S16).unwrap();
        stem.write([0.5, -0.25]).unwrap();
        assert!(!path.exists());
        stem.publish().unwrap();
        let samples: Vec<i16> =
            hound::WavReader::open(&path).unwrap().samples().map(Result::unwrap).collect();
        assert_eq!(samples, [16384, -8192]);

        drop(StemWriter::create(&folder.path().join("given up.wav"), 48_000, SampleFormat::F32).unwrap());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_spool_gives_back_what_it_took() {
        let folder = tempfile::tempdir().unwrap();
        let mut spool = Spool::create(folder.path(), "lead").unwrap();
        spool.write(&[1.0, -0.5]).unwrap();
        spool.write(&[0.25]).unwrap();
        let mut back = [0.0; 3];
        read_samples(&mut spool.rewind().unwrap(), &mut back).unwrap();
        assert_eq!(back, [1.0, -0.5, 0.25]);
    }
}
