use std::io;

use rubato::audioadapter_buffers::direct::SequentialSlice;
use rubato::{Fft, FixedSync, Indexing, Resampler};

/// Takes samples of one channel from one rate to another. Keeps time: the delay of the
/// filter is taken off.
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
}
