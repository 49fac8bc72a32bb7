use std::io;

use rubato::audioadapter_buffers::direct::SequentialSlice;
use rubato::{Fft, FixedSync, Indexing, Resampler};

/// Takes samples of one channel from one rate to another. Keeps time: the delay of the
/// filter is taken off. A whole recording takes time in proportion to its length.
pub struct RateConverter {
    /// `None` where there is nothing to convert.
    fft: Option<Fft<f32>>,
    /// Samples that are not enough for the filter yet, fewer than it takes at once.
    pending: Vec<f32>,
    /// What the filter gives, before its delay is taken off.
    converted: Vec<f32>,
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
        Ok(Self { fft, pending: Vec::new(), converted: Vec::new(), delay, taken: 0, given: 0, ratio })
    }

    /// Converts the next samples and appends what is complete to `out`.
    ///
    /// # Errors
    /// Never with the rates that `new` accepted.
    pub fn push(&mut self, samples: &[f32], out: &mut Vec<f32>) -> io::Result<()> {
        self.taken += samples.len() as u64;
        let Some(fft) = &self.fft else {
            out.extend_from_slice(samples);
            return Ok(());
        };
        let mut rest = samples;
        let mut wanted = fft.input_frames_next();
        if !self.pending.is_empty() {
            let (first, after) = rest.split_at(rest.len().min(wanted - self.pending.len()));
            self.pending.extend_from_slice(first);
            rest = after;
            if self.pending.len() < wanted {
                return Ok(());
            }
            let pending = std::mem::take(&mut self.pending);
            wanted = self.convert(&pending, out)?;
            self.pending = pending;
            self.pending.clear();
        }
        while let Some((chunk, after)) = rest.split_at_checked(wanted) {
            wanted = self.convert(chunk, out)?;
            rest = after;
        }
        self.pending.extend_from_slice(rest);
        Ok(())
    }

    /// Appends what is left, so that the whole is as long as it was.
    ///
    /// # Errors
    /// As [`RateConverter::push`].
    pub fn finish(&mut self, out: &mut Vec<f32>) -> io::Result<()> {
        let whole = (self.taken as f64 * self.ratio).round() as u64;
        while let Some(wanted) = self.fft.as_ref().map(Resampler::input_frames_next)
            && self.given < whole
        {
            let mut last = std::mem::take(&mut self.pending);
            last.resize(wanted, 0.0);
            let (before, given) = (out.len(), self.given);
            self.convert(&last, out)?;
            out.truncate(before + (whole - given).min((out.len() - before) as u64) as usize);
        }
        Ok(())
    }

    /// Converts exactly as many samples as the filter takes; gives how many it takes next.
    fn convert(&mut self, input: &[f32], out: &mut Vec<f32>) -> io::Result<usize> {
        let Some(fft) = &mut self.fft else { return Ok(0) };
        let frames = fft.output_frames_next();
        self.converted.resize(frames, 0.0);
        let source = SequentialSlice::new(input, 1, input.len()).map_err(io::Error::other)?;
        let mut target =
            SequentialSlice::new_mut(&mut self.converted, 1, frames).map_err(io::Error::other)?;
        let (_, made) =
            fft.process_into_buffer(&source, &mut target, None::<&Indexing>).map_err(io::Error::other)?;
        let dropped = self.delay.min(made);
        self.delay -= dropped;
        out.extend_from_slice(&self.converted[dropped..made]);
        self.given += (made - dropped) as u64;
        Ok(fft.input_frames_next())
    }
}

/// All of a recording at another rate.
///
/// # Errors
/// If there is no way between the two rates, in Hz.
pub fn at_rate(samples: Vec<f32>, from: u32, to: u32) -> io::Result<Vec<f32>> {
    if from == to {
        return Ok(samples);
    }
    let mut converter = RateConverter::new(from, to)?;
    let mut out = Vec::new();
    converter.push(&samples, &mut out)?;
    converter.finish(&mut out)?;
    Ok(out)
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
    fn a_recording_in_pieces_is_the_same_as_whole() {
        let samples: Vec<f32> = (0..30_000).map(|i| ((i * i) as f32 * 1e-4).sin()).collect();
        let whole = at_rate(samples.clone(), 48_000, 44_100).unwrap();
        assert_eq!(whole.len(), 27_563);
        for size in [1, 7, 1000, 1024, 1025, 29_999] {
            let (mut converter, mut out) = (RateConverter::new(48_000, 44_100).unwrap(), Vec::new());
            samples.chunks(size).for_each(|piece| converter.push(piece, &mut out).unwrap());
            converter.finish(&mut out).unwrap();
            assert_eq!(out, whole, "pieces of {size}");
        }
    }
}
