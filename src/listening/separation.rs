//! Takes the vocals out of music, however long it is.

use std::io;
use std::path::Path;

use burn::tensor::{Device, Tensor, TensorData};
use ziyin_message::{Message, ToMessage, message};
use ziyin_model::separator::{BINS, FRAME, HOP, RATE, STRIDE, SeparatingNetwork};
use ziyin_model::{VoiceError, to_vec};
use ziyin_signal::{Complex, RateConverter, ShortTime};

use super::voice_check::NoVoice;

/// The folder of the network among the models.
const FOLDER: &str = "separation";
/// Frames whose mask is used of one pass, 9 s, and those on either side that are only seen.
const KEPT: usize = 6 * STRIDE;
const BESIDE: usize = STRIDE;
/// What nowhere reaches this is silent: -60 dB.
const QUIETEST: f32 = 1e-3;
/// The loudness (mean square of what sounds) to which a song is brought for the network, which learned from
/// songs that were mastered: -17 dB.
const MASTERED: f64 = 0.02;
/// Parts of a song, in samples, that are quieter than this share of the loudest do not sound.
const PART: usize = 1 << 14;
const PAUSE: f64 = 0.01;
/// Samples that are brought to another rate at once.
const CHUNK: usize = 1 << 16;

/// The network, ready to separate.
pub struct Separator {
    network: SeparatingNetwork,
    device: Device,
    /// Frames whose mask is used of one pass through the network, a multiple of [`STRIDE`].
    kept: usize,
}

/// Why nothing was separated.
#[derive(Debug, thiserror::Error)]
#[error("{}", self.to_message())]
pub enum SeparationError {
    Silent,
    Rate(#[from] io::Error),
    Network(#[from] VoiceError),
}

impl ToMessage for SeparationError {
    fn to_message(&self) -> Message {
        match self {
            Self::Silent => NoVoice::Silent.to_message(),
            Self::Rate(_) => message!("listening.rate"),
            Self::Network(inner) => inner.to_message(),
        }
    }

    fn cause(&self) -> Option<Message> {
        match self {
            Self::Silent => None,
            Self::Rate(why) => Some(why.to_message()),
            Self::Network(inner) => inner.cause(),
        }
    }
}

impl Separator {
    /// Opens the network that lies in a folder of models; `None` if there is none.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn among(models: &Path) -> Result<Option<Self>, VoiceError> {
        let folder = models.join(FOLDER);
        if !SeparatingNetwork::is_in(&folder) {
            return Ok(None);
        }
        let device = Device::flex();
        Ok(Some(Self { network: SeparatingNetwork::load(&folder, &device)?, device, kept: KEPT }))
    }

    /// Takes the vocals out of a recording of any rate, left and right, which are as long as each other.
    /// `give` gets them piece by piece at the rate `to`, in all as long as the recording, and gives `false` to
    /// stop; so does this if it did. Beside the recording it takes memory for one piece.
    ///
    /// # Errors
    /// If it is silent or its rate cannot be converted, or the device gives up.
    pub fn vocals(
        &self,
        rate: u32,
        sides: [&[f32]; 2],
        to: u32,
        give: &mut dyn FnMut([&[f32]; 2]) -> bool,
    ) -> Result<bool, SeparationError> {
        if sides.iter().all(|side| side.iter().all(|sample| sample.abs() < QUIETEST)) {
            return Err(SeparationError::Silent);
        }
        let gain = (MASTERED / loudness(sides)).sqrt() as f32;
        let mut source = Source::new(rate, sides)?;
        let mut back = [RateConverter::new(RATE, to)?, RateConverter::new(RATE, to)?];
        let mut transform = ShortTime::new(FRAME, HOP);
        // Frame `i` begins where sample `i · HOP - FRAME` is, so that each sample lies in as many frames.
        let frames = source.length.div_ceil(HOP) + FRAME / HOP;
        let length = (sides[0].len() as f64 * f64::from(to) / f64::from(rate)).round() as usize;
        let mut given = 0;
        // What the frames before add to samples that later ones add to as well.
        let mut sum: [Vec<f32>; 2] = Default::default();
        let mut out: [Vec<f32>; 2] = Default::default();
        for first in (0..frames).step_by(self.kept) {
            let last = (first + self.kept).min(frames);
            let (from, until) = (first.saturating_sub(BESIDE), (last + BESIDE).min(frames));
            let mut spectra: [Vec<Vec<Complex<f32>>>; 2] = Default::default();
            source.keep(from)?;
            for frame in from..until {
                let pair = source.frame(frame)?;
                for (all, samples) in spectra.iter_mut().zip(pair) {
                    all.push(transform.spectrum(samples));
                }
            }
            let mask = self.mask(&spectra, gain)?;
            let rows = (until - from).next_multiple_of(STRIDE);
            for (side, all) in spectra.into_iter().enumerate() {
                sum[side].resize((last - first) * HOP + FRAME, 0.0);
                for (i, mut spectrum) in all.into_iter().enumerate().skip(first - from).take(last - first) {
                    let shares = &mask[(side * rows + i) * BINS..][..BINS];
                    for (bin, share) in spectrum.iter_mut().zip(shares) {
                        *bin *= share;
                    }
                    // The network knows nothing of what lies above.
                    spectrum[BINS..].fill(Complex::default());
                    transform.add(spectrum, &mut sum[side][(from + i - first) * HOP..]);
                }
                // No later frame adds to these; the first of all stand before the recording.
                let before = FRAME.saturating_sub(first * HOP).min((last - first) * HOP);
                let begun = (first * HOP + before).saturating_sub(FRAME);
                let done = ((last - first) * HOP - before).min(source.length - begun.min(source.length));
                out[side].clear();
                back[side].push(&sum[side][before..before + done], &mut out[side])?;
                sum[side].drain(..(last - first) * HOP);
                if last == frames {
                    back[side].finish(&mut out[side])?;
                    // To another rate and back it may be a sample longer or shorter.
                    out[side].resize(length.saturating_sub(given), 0.0);
                }
            }
            given += out[0].len();
            if !give([&out[0], &out[1]]) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// How much of each bin is voice: `[2, frames, BINS]`, frames up to a multiple of [`STRIDE`].
    fn mask(&self, spectra: &[Vec<Vec<Complex<f32>>>; 2], gain: f32) -> Result<Vec<f32>, VoiceError> {
        let rows = spectra[0].len().next_multiple_of(STRIDE);
        let mut magnitudes = vec![0.0; 2 * rows * BINS];
        for (side, all) in spectra.iter().enumerate() {
            for (frame, spectrum) in all.iter().enumerate() {
                let slots = &mut magnitudes[(side * rows + frame) * BINS..][..BINS];
                for (slot, bin) in slots.iter_mut().zip(spectrum) {
                    *slot = gain * bin.norm();
                }
            }
        }
        let magnitudes = TensorData::new(magnitudes, [1, 2, rows, BINS]);
        to_vec(self.network.vocals(Tensor::from_data(magnitudes, &self.device)).into_data())
    }
}

/// The mean square of what sounds in a song that is not silent.
fn loudness(sides: [&[f32]; 2]) -> f64 {
    let power = |part: &[f32]| part.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>() / part.len() as f64;
    let parts = sides[0].chunks(PART).zip(sides[1].chunks(PART));
    let parts: Vec<f64> = parts.map(|(left, right)| 0.5 * (power(left) + power(right))).collect();
    let least = PAUSE * parts.iter().copied().fold(0.0, f64::max);
    let (sum, count) = parts
        .iter()
        .filter(|part| **part >= least)
        .fold((0.0, 0), |(sum, count), part| (sum + part, count + 1));
    sum / f64::from(count.max(1))
}

/// A recording at the rate of the network, as far as it is needed.
struct Source<'a> {
    sides: [&'a [f32]; 2],
    converters: [RateConverter; 2],
    /// Samples of the recording that went into the converters.
    taken: usize,
    /// Samples from `start` on, counted from a frame before the recording.
    ahead: [Vec<f32>; 2],
    start: usize,
    /// The number of samples of all of it at this rate.
    length: usize,
}

impl<'a> Source<'a> {
    fn new(rate: u32, sides: [&'a [f32]; 2]) -> io::Result<Self> {
        let length = (sides[0].len() as f64 * f64::from(RATE) / f64::from(rate)).round() as usize;
        let converters = [RateConverter::new(rate, RATE)?, RateConverter::new(rate, RATE)?];
        let ahead = [vec![0.0; FRAME], vec![0.0; FRAME]];
        Ok(Self { sides, converters, taken: 0, ahead, start: 0, length })
    }

    /// Forgets what stands before a frame.
    fn keep(&mut self, frame: usize) -> io::Result<()> {
        self.reach(frame * HOP)?;
        let passed = frame * HOP - self.start;
        self.ahead.iter_mut().for_each(|side| drop(side.drain(..passed.min(side.len()))));
        self.start = frame * HOP;
        Ok(())
    }

    /// The samples of a frame, fewer at the end of the recording.
    fn frame(&mut self, frame: usize) -> io::Result<[&[f32]; 2]> {
        let from = frame * HOP;
        self.reach(from + FRAME)?;
        let place = from - self.start;
        Ok(self.ahead.each_ref().map(|side| {
            let to = (place + FRAME).min(side.len());
            side.get(place..to).unwrap_or_default()
        }))
    }

    /// Reads up to a sample, or to the end.
    fn reach(&mut self, sample: usize) -> io::Result<()> {
        let whole = self.sides[0].len().min(self.sides[1].len());
        while self.start + self.ahead[0].len() < sample && self.taken < whole {
            let to = (self.taken + CHUNK).min(whole);
            for side in 0..2 {
                self.converters[side].push(&self.sides[side][self.taken..to], &mut self.ahead[side])?;
                if to == whole {
                    self.converters[side].finish(&mut self.ahead[side])?;
                }
            }
            self.taken = to;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shipped() -> Separator {
        let models = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models");
        Separator::among(&models).unwrap().unwrap()
    }

    /// A tone like a voice that swings, over chords that fade: left and right.
    fn song(rate: u32, seconds: f64) -> [Vec<f32>; 2] {
        let count = (seconds * f64::from(rate)) as usize;
        let turn = |hz: f64, at: f64| (std::f64::consts::TAU * hz * at).sin();
        let sample = |i: usize, side: f64| {
            let at = i as f64 / f64::from(rate);
            let sung = |k: u32| {
                let hz = f64::from(k) * 220.0;
                turn(1.0, f64::from(k) * (220.0 * at + 0.5 * turn(5.5, at))) / (1.0 + (hz / 900.0).powi(2))
            };
            let voice: f64 =
                (1..=16).filter(|k| f64::from(*k) * 220.0 < 0.45 * f64::from(rate)).map(sung).sum();
            let fades = (-4.0 * at.fract()).exp();
            let chord: f64 = [131.0, 165.0, 196.0].iter().map(|hz| turn(*hz, at)).sum();
            (0.15 * voice * (1.0 + turn(0.7, at)) + side * 0.1 * fades * chord) as f32
        };
        [0.7, 1.0].map(|side| (0..count).map(|i| sample(i, side)).collect())
    }

    fn vocals(separator: &Separator, rate: u32, [left, right]: &[Vec<f32>; 2], to: u32) -> [Vec<f32>; 2] {
        let mut all: [Vec<f32>; 2] = Default::default();
        let done = separator.vocals(rate, [left, right], to, &mut |piece| {
            all.iter_mut().zip(piece).for_each(|(side, piece)| side.extend_from_slice(piece));
            true
        });
        assert!(done.unwrap());
        all
    }

    fn power(samples: &[f32]) -> f32 {
        samples.iter().map(|x| x * x).sum()
    }

    #[test]
    fn a_long_song_in_pieces_is_as_if_it_were_whole() {
        let mut separator = shipped();
        let song = song(44_100, 21.0);
        let pieces = vocals(&separator, 44_100, &song, 44_100);
        separator.kept = 4 * KEPT;
        let whole = vocals(&separator, 44_100, &song, 44_100);
        for (a, b) in pieces.iter().zip(&whole) {
            assert_eq!((a.len(), b.len()), (song[0].len(), song[0].len()));
            let off: Vec<f32> = a.iter().zip(b).map(|(a, b)| a - b).collect();
            let loudest = off.iter().fold(0.0f32, |most, x| most.max(x.abs()));
            println!("{} dB apart, {loudest} at most", 10.0 * (power(&off) / power(b)).log10());
            assert!(power(&off) < 1e-3 * power(b) && loudest < 0.02, "{loudest}");
            assert!(power(b) > 0.2 * power(&song[0]), "the voice is found");
        }
    }

    #[test]
    fn how_loud_a_song_is_makes_no_difference() {
        let separator = shipped();
        let song = song(44_100, 3.0);
        // A minute's rest before it makes none, either.
        let quiet = song.each_ref().map(|side| -> Vec<f32> { side.iter().map(|x| 0.05 * x).collect() });
        let (a, b) = (vocals(&separator, 44_100, &song, 44_100), vocals(&separator, 44_100, &quiet, 44_100));
        assert!(a[0].iter().zip(&b[0]).all(|(a, b)| (0.05 * a - b).abs() < 1e-4));
        let rest = vec![0.0; 60 * 44_100];
        let late = quiet.each_ref().map(|side| [rest.clone(), side.clone()].concat());
        let [left, right] = late.each_ref().map(Vec::as_slice);
        let now = loudness([&quiet[0], &quiet[1]]);
        assert!((loudness([left, right]) / now - 1.0).abs() < 0.2);
    }

    #[test]
    fn any_rate_goes_in_and_out_and_both_sides_stay() {
        let separator = shipped();
        for (rate, to) in [(8_000, 8_000), (48_000, 48_000), (48_000, 44_100), (96_000, 22_050)] {
            let [left, right] = song(rate, 2.3);
            let length = (left.len() as f64 * f64::from(to) / f64::from(rate)).round() as usize;
            let both = vocals(&separator, rate, &[left.clone(), right], to);
            assert_eq!(both.each_ref().map(Vec::len), [length, length], "{rate} to {to}");
            assert!(both[0] != both[1], "{rate} to {to}");
            let [a, b] = vocals(&separator, rate, &[left.clone(), left], to);
            assert!(a.iter().zip(&b).all(|(a, b)| (a - b).abs() < 0.05), "one channel stays about one");
        }
    }

    #[test]
    fn silence_is_refused_and_who_has_enough_may_stop() {
        let separator = shipped();
        for silent in [vec![], vec![0.0; 50_000], vec![1e-5; 3]] {
            let refused = separator.vocals(44_100, [&silent, &silent], 44_100, &mut |_| true);
            assert!(matches!(refused, Err(SeparationError::Silent)));
        }
        let [left, right] = song(44_100, 12.0);
        let mut pieces = 0;
        let done = separator.vocals(44_100, [&left, &right], 44_100, &mut |_| {
            pieces += 1;
            false
        });
        assert!(!done.unwrap() && pieces == 1);
    }
}
