//! The second half of a render: what lies in spools becomes stems, and their sum becomes the mix.

use std::fs::File;
use std::io::{self, BufReader};
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::backing::BackingTrack;
use super::mix::SampleFormat;
use super::stems::{Container, Spool, StemWriter, read_samples};
use ziyin_signal::{RateConverter, SAMPLE_RATE};

/// Samples that are mixed at once.
const PIECE: usize = 44_100;

/// What kind of files is written.
#[derive(Clone, Copy)]
pub(super) struct FileForm {
    /// Samples per second.
    pub rate: u32,
    pub format: SampleFormat,
    pub container: Container,
}

/// A stem, and what it is made of.
pub(super) struct Part<'a> {
    pub source: Source<'a>,
    pub gains: [f32; 2],
    /// What the stem has of the room besides, and its gain. The mix has the room as a part of its own.
    pub wet: Option<(&'a mut Spool, f32)>,
    pub path: &'a Path,
}

/// Where the samples of a stem come from.
pub(super) enum Source<'a> {
    /// A voice, alike on both sides.
    Sung(&'a mut Spool),
    /// What came back from the room, left and right by turns.
    Returned(&'a mut Spool),
    /// Backing audio, from a sample of the song on.
    Recorded { track: &'a BackingTrack, at: u64 },
}

/// The file that could not be written, and why.
pub(super) type Failed = (PathBuf, io::Error);

/// Writes every stem of so many samples, and their sum; all are complete but none has its name, and the mix is
/// last. The mix is the sum of what the stems hold without what they have of the room besides, to the last bit.
pub(super) fn write_stems(
    parts: Vec<Part>,
    mix: &Path,
    samples: u64,
    form: FileForm,
) -> Result<Vec<StemWriter>, Failed> {
    let failed = |path: &Path| {
        let path = path.to_path_buf();
        move |error: io::Error| (path, error)
    };
    let create =
        |path: &Path| StemWriter::create(path, form.rate, form.format, form.container).map_err(failed(path));
    let mut lanes: Vec<Lane> = Vec::with_capacity(parts.len());
    for part in parts {
        let writer = create(part.path)?;
        let sound = Strand::new(part.source, part.gains, form.rate).map_err(failed(part.path))?;
        let wet = part.wet.map(|(spool, gain)| Strand::new(Source::Returned(spool), [gain; 2], form.rate));
        let wet = wet.transpose().map_err(failed(part.path))?;
        lanes.push(Lane { sound, wet, writer, path: part.path, sides: Vec::new() });
    }
    let mut mix_writer = create(mix)?;
    let mut done = 0;
    while done < samples {
        let piece = PIECE.min((samples - done) as usize);
        done += piece as u64;
        lanes.par_iter_mut().try_for_each(|lane| {
            lane.write(piece, done == samples, form.format).map_err(failed(lane.path))
        })?;
        for i in 0..lanes.first().map_or(0, |lane| lane.sides.len()) {
            let sum = lanes
                .iter()
                .fold([0.0; 2], |sum, lane| [sum[0] + lane.sides[i][0], sum[1] + lane.sides[i][1]]);
            mix_writer.write(sum).map_err(failed(mix))?;
        }
    }
    let mut writers: Vec<StemWriter> = Vec::with_capacity(lanes.len() + 1);
    for mut lane in lanes {
        lane.writer.complete().map_err(failed(lane.path))?;
        writers.push(lane.writer);
    }
    mix_writer.complete().map_err(failed(mix))?;
    writers.push(mix_writer);
    Ok(writers)
}

/// The way of one voice or recording to its stem.
struct Lane<'a> {
    sound: Strand<'a>,
    /// What its stem has of the room.
    wet: Option<Strand<'a>>,
    writer: StemWriter,
    path: &'a Path,
    /// The samples that the mix gets of it, left and right, of the piece that was written last.
    sides: Vec<[f64; 2]>,
}

impl Lane<'_> {
    /// Takes the next `piece` samples out of the source and writes what they become.
    fn write(&mut self, piece: usize, last: bool, format: SampleFormat) -> io::Result<()> {
        let dry = self.sound.read(piece, last)?;
        let rounded = |sides: [f32; 2]| sides.map(|sample| format.rounded(sample));
        self.sides.clear();
        self.sides.extend(dry.iter().map(|&sides| rounded(sides)));
        let Some(wet) = &mut self.wet else {
            return self.sides.iter().try_for_each(|&sides| self.writer.write(sides));
        };
        let wet = wet.read(piece, last)?;
        let both = dry.iter().zip(&wet).map(|(dry, wet)| [dry[0] + wet[0], dry[1] + wet[1]]);
        both.into_iter().try_for_each(|sides| self.writer.write(rounded(sides)))
    }
}

/// A source on its way to the rate and the level of the files.
struct Strand<'a> {
    reader: Reader<'a>,
    /// One for each side of the source.
    converters: Vec<RateConverter>,
    gains: [f32; 2],
}

enum Reader<'a> {
    /// So many sides by turns.
    Spool(BufReader<&'a mut File>, usize),
    Recorded {
        track: &'a BackingTrack,
        at: u64,
    },
}

impl<'a> Strand<'a> {
    fn new(source: Source<'a>, gains: [f32; 2], rate: u32) -> io::Result<Self> {
        let (reader, sides) = match source {
            Source::Sung(spool) => (Reader::Spool(spool.rewind()?, 1), 1),
            Source::Returned(spool) => (Reader::Spool(spool.rewind()?, 2), 2),
            Source::Recorded { track, at } => (Reader::Recorded { track, at }, 2),
        };
        let converters =
            (0..sides).map(|_| RateConverter::new(SAMPLE_RATE, rate)).collect::<io::Result<_>>()?;
        Ok(Self { reader, converters, gains })
    }

    /// The next `piece` samples as frames of the files, left and right.
    fn read(&mut self, piece: usize, last: bool) -> io::Result<Vec<[f32; 2]>> {
        let mut converted: Vec<Vec<f32>> = Vec::with_capacity(2);
        for (converter, read) in self.converters.iter_mut().zip(self.reader.read(piece)?) {
            let mut side = Vec::new();
            converter.push(&read, &mut side)?;
            if last {
                converter.finish(&mut side)?;
            }
            converted.push(side);
        }
        let (Some(first), Some(second)) = (converted.first(), converted.last()) else {
            return Ok(Vec::new());
        };
        let [left, right] = self.gains;
        Ok(first.iter().zip(second).map(|(l, r)| [l * left, r * right]).collect())
    }
}

impl Reader<'_> {
    /// The next `count` samples of each side; one side for what is alike on both.
    fn read(&mut self, count: usize) -> io::Result<Vec<Vec<f32>>> {
        match self {
            Reader::Spool(reader, sides) => {
                let mut samples = vec![0.0; count * *sides];
                read_samples(reader, &mut samples)?;
                if *sides == 1 {
                    return Ok(vec![samples]);
                }
                let side = |side: usize| samples.iter().skip(side).step_by(*sides).copied().collect();
                Ok((0..*sides).map(side).collect())
            }
            Reader::Recorded { track, at } => {
                let sides = track.read(*at, count);
                *at += count as u64;
                Ok(sides.into())
            }
        }
    }
}
