//! Samples to files, which appear whole or not at all, and spools for what is sung but not yet
//! mixed.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, Write};
use std::path::{Path, PathBuf};

use atomic_write_file::AtomicWriteFile;
use hound::{WavSpec, WavWriter};

use super::flac::FlacWriter;
use super::mix::SampleFormat;

/// What kind of file samples are written into.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Container {
    #[default]
    Wav,
    /// The same samples in about two thirds of the bytes; whole numbers alone.
    Flac,
}

impl Container {
    /// How the names of such files end, without the dot.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Wav => "wav",
            Self::Flac => "flac",
        }
    }
}

enum Encoder {
    Wav(WavWriter<BufWriter<File>>),
    Flac(Box<FlacWriter<BufWriter<File>>>),
}

/// A stereo file that takes its name only once it is complete. A render that fails or is
/// killed leaves no file behind, and two that write the same one keep out of each other's way.
pub struct StemWriter {
    writer: Option<Encoder>,
    format: SampleFormat,
    file: AtomicWriteFile,
    path: PathBuf,
}

impl StemWriter {
    /// # Errors
    /// If the file cannot be made, or is a FLAC of floating point numbers.
    pub fn create(path: &Path, rate: u32, format: SampleFormat, container: Container) -> io::Result<Self> {
        let sample_format =
            if format.steps().is_some() { hound::SampleFormat::Int } else { hound::SampleFormat::Float };
        let spec = WavSpec { channels: 2, sample_rate: rate, bits_per_sample: format.bits(), sample_format };
        let file = AtomicWriteFile::open(path)?;
        let into = BufWriter::new(file.as_file().try_clone()?);
        let writer = match (container, format.steps()) {
            (Container::Wav, _) => Encoder::Wav(WavWriter::new(into, spec).map_err(as_io)?),
            (Container::Flac, Some(_)) => {
                Encoder::Flac(Box::new(FlacWriter::new(into, rate, format.bits())?))
            }
            (Container::Flac, None) => return Err(io::ErrorKind::InvalidInput.into()),
        };
        Ok(Self { writer: Some(writer), format, file, path: path.to_path_buf() })
    }

    /// Writes the next sample of both sides, as [`SampleFormat::rounded`] gave them.
    ///
    /// # Errors
    /// If the disk is full, or the like.
    pub fn write(&mut self, sides: [f64; 2]) -> io::Result<()> {
        let Some(writer) = &mut self.writer else { return Ok(()) };
        let whole = |sample: f64, steps: f64| (sample * steps).clamp(-steps, steps - 1.0) as i32;
        match (writer, self.format.steps()) {
            (Encoder::Flac(flac), Some(steps)) => flac.write(sides.map(|sample| whole(sample, steps))),
            (Encoder::Flac(_), None) => Err(io::ErrorKind::InvalidInput.into()),
            (Encoder::Wav(wav), Some(steps)) => {
                sides.into_iter().try_for_each(|sample| wav.write_sample(whole(sample, steps)).map_err(as_io))
            }
            (Encoder::Wav(wav), None) => {
                sides.into_iter().try_for_each(|sample| wav.write_sample(sample as f32).map_err(as_io))
            }
        }
    }

    /// Completes the file on the disk, still without its name.
    ///
    /// # Errors
    /// If the disk is full, or the like.
    pub fn complete(&mut self) -> io::Result<()> {
        if let Some(writer) = self.writer.take() {
            match writer {
                Encoder::Wav(wav) => wav.finalize().map_err(as_io)?,
                Encoder::Flac(flac) => flac.finish()?,
            }
            self.file.sync_all()?;
        }
        Ok(())
    }

    /// Gives the completed file its name.
    ///
    /// # Errors
    /// If it cannot be completed or renamed.
    pub fn publish(mut self) -> io::Result<PathBuf> {
        self.complete()?;
        self.file.commit()?;
        Ok(self.path)
    }
}

fn as_io(error: hound::Error) -> io::Error {
    match error {
        hound::Error::IoError(error) => error,
        other => io::Error::other(other),
    }
}

/// Samples of one voice on the disk, until it is known how loud the whole is: in a file without a
/// name, which goes with it.
pub struct Spool(File);

impl Spool {
    /// # Errors
    /// If the folder cannot be written to.
    pub fn create(folder: &Path) -> io::Result<Self> {
        tempfile::tempfile_in(folder).map(Self)
    }

    /// Appends samples.
    ///
    /// # Errors
    /// If the disk is full, or the like.
    pub fn write(&mut self, samples: &[f32]) -> io::Result<()> {
        let bytes: Vec<u8> = samples.iter().flat_map(|sample| sample.to_le_bytes()).collect();
        self.0.write_all(&bytes)
    }

    /// Goes back to the beginning, to read.
    ///
    /// # Errors
    /// If the file is gone.
    pub fn rewind(&mut self) -> io::Result<BufReader<&mut File>> {
        self.0.rewind()?;
        Ok(BufReader::with_capacity(1 << 16, &mut self.0))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stem_has_no_name_before_it_is_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lead.wav");
        let mut stem = StemWriter::create(&path, 48_000, SampleFormat::S16, Container::Wav).unwrap();
        stem.write([0.5, -0.25]).unwrap();
        assert!(!path.exists());
        stem.publish().unwrap();
        let samples: Vec<i16> =
            hound::WavReader::open(&path).unwrap().samples().map(Result::unwrap).collect();
        assert_eq!(samples, [16384, -8192]);

        let given_up = folder.path().join("given up.wav");
        drop(StemWriter::create(&given_up, 48_000, SampleFormat::F32, Container::Wav).unwrap());
        assert!(StemWriter::create(&given_up, 48_000, SampleFormat::F32, Container::Flac).is_err());
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn two_that_write_the_same_stem_keep_out_of_each_others_way() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lead.wav");
        let create = || StemWriter::create(&path, 48_000, SampleFormat::S16, Container::Wav).unwrap();
        let (mut one, mut other) = (create(), create());
        for _ in 0..1000 {
            one.write([0.5; 2]).unwrap();
            other.write([-0.5; 2]).unwrap();
        }
        other.write([-0.5; 2]).unwrap();
        let samples =
            || -> Vec<i16> { hound::WavReader::open(&path).unwrap().samples().map(Result::unwrap).collect() };
        one.publish().unwrap();
        assert_eq!(samples(), [16384; 2000]);
        other.publish().unwrap();
        assert_eq!(samples(), [-16384; 2002]);
    }

    #[test]
    fn a_spool_gives_back_what_it_took() {
        let folder = tempfile::tempdir().unwrap();
        let mut spool = Spool::create(folder.path()).unwrap();
        spool.write(&[1.0, -0.5]).unwrap();
        spool.write(&[0.25]).unwrap();
        let mut back = [0.0; 3];
        read_samples(&mut spool.rewind().unwrap(), &mut back).unwrap();
        assert_eq!(back, [1.0, -0.5, 0.25]);
    }
}
