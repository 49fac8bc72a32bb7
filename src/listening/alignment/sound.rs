//! What alignment sees of a recording.

use std::path::Path;

use anyhow::{Context, Result, ensure};

use ziyin_corpus::read_wav;
use ziyin_signal::{
    BIN_HZ, BINS, EnvelopeAnalyser, Focus, Recording, VOICE_HZ, median_pitch, mel, mel_hz, midi_pitch,
    near_voice, under_hiss,
};

/// Seconds from one frame to the next.
pub(super) const HOP: f64 = 0.005;
/// Coefficients of the mel-cepstrum that are compared, without the level.
pub(super) const CEPSTRA: usize = 16;
const BANDS: usize = 40;
/// Hz between which envelopes are compared; recordings of a low rate reach less high.
const BAND_HZ: [f32; 2] = [100.0, 9000.0];
/// Nepers from the loud vowels above which it sounds.
const LOUD: f32 = -3.0;

pub(super) type Cepstrum = [f32; CEPSTRA];

/// A recording, frame by frame. Levels are in nepers from its loud vowels.
pub(super) struct Sound {
    pub cepstra: Vec<Cepstrum>,
    pub level: Vec<f32>,
    pub voiced: Vec<bool>,
    /// Power of the hiss per bin, at the same scale.
    pub hiss: Vec<f32>,
    /// How loud it is where nobody sings.
    pub quiet: f32,
    /// Its median MIDI pitch.
    pub key: f32,
    pub top_hz: f32,
    /// Seconds of it that are loud.
    pub sounding: f32,
}

impl Sound {
    /// # Errors
    /// If the file is no WAV, or nothing in it has a pitch.
    pub fn open(path: &Path) -> Result<Self> {
        let (samples, rate) = read_wav(path)?;
        Self::of(samples, rate)
    }

    /// Samples at the rate of the house that were recorded at `rate` Hz.
    ///
    /// # Errors
    /// If nothing in them has a pitch.
    pub fn of(samples: Vec<f32>, rate: u32) -> Result<Self> {
        let middle = median_pitch(&samples, VOICE_HZ[0], VOICE_HZ[1]).context("nothing in it has a pitch")?;
        let (low, high) = near_voice(middle);
        let recording = Recording::open(samples, low, high);
        let top_hz = BAND_HZ[1].min(0.45 * rate as f32);

        let mut analyser = EnvelopeAnalyser::default();
        let count = (recording.seconds() / HOP) as usize;
        let mut envelope = vec![0.0f32; count * BINS];
        let mut voiced = Vec::with_capacity(count);
        for (i, frame) in envelope.chunks_mut(BINS).enumerate() {
            let at = i as f64 * HOP;
            let swings = recording.is_voiced(at);
            let focus = if swings { Focus::voiced(recording.pitch_at(at)) } else { Focus::UNVOICED };
            analyser.envelope_at(&recording.samples, at, focus, &recording.hiss, frame);
            voiced.push(swings);
        }
        let mut level: Vec<f32> = envelope.chunks(BINS).map(loudness).collect();
        let mut sung: Vec<f32> =
            level.iter().zip(&voiced).filter(|(_, voiced)| **voiced).map(|(l, _)| *l).collect();
        sung.sort_by(f32::total_cmp);
        let loud = *sung.get(sung.len() * 9 / 10).context("nothing in it is voiced")?;
        level.iter_mut().for_each(|l| *l -= loud);
        let mut sorted = level.clone();
        sorted.sort_by(f32::total_cmp);
        let hiss: Vec<f32> = recording.hiss.iter().map(|h| h * (-2.0 * loud).exp()).collect();
        let bands = Bands::new(top_hz, 1.0);
        let cepstrum = |frame: &[f32]| {
            let frame: Vec<f32> = frame.iter().map(|e| e - loud).collect();
            bands.cepstrum(&under_hiss(&frame, &hiss))
        };
        let cepstra: Vec<Cepstrum> = envelope.chunks(BINS).map(cepstrum).collect();
        let known = cepstra.iter().flatten().chain(&level).all(|number| number.is_finite());
        ensure!(known, "it cannot be analysed");
        Ok(Self {
            cepstra,
            quiet: sorted[sorted.len() / 30],
            sounding: level.iter().filter(|level| **level > LOUD).count() as f32 * HOP as f32,
            key: midi_pitch(middle),
            level,
            voiced,
            hiss,
            top_hz,
        })
    }
}

/// The loudness of a log-amplitude envelope in nepers.
pub(super) fn loudness(envelope: &[f32]) -> f32 {
    0.5 * envelope.iter().map(|e| (2.0 * e).exp()).sum::<f32>().max(1e-20).ln()
}

/// Envelopes to mel-cepstra of a part of the spectrum.
pub(super) struct Bands {
    places: Vec<(usize, f32)>,
    cosines: Vec<f32>,
}

impl Bands {
    /// Up to `top_hz`. With a `warp` above 1 the formants of what is given are moved up by it.
    pub fn new(top_hz: f32, warp: f32) -> Self {
        let (low, high) = (mel(BAND_HZ[0]), mel(top_hz));
        let place = |band: usize| {
            let at = low + (high - low) * (band as f32 + 0.5) / BANDS as f32;
            let bin = (mel_hz(at) / warp / BIN_HZ).min((BINS - 3) as f32);
            (bin as usize, bin.fract())
        };
        let cosine = |c: usize, b: usize| {
            (std::f32::consts::PI * (c + 1) as f32 * (b as f32 + 0.5) / BANDS as f32).cos()
        };
        Self {
            places: (0..BANDS).map(place).collect(),
            cosines: (0..CEPSTRA).flat_map(|c| (0..BANDS).map(move |b| cosine(c, b))).collect(),
        }
    }

    pub fn cepstrum(&self, envelope: &[f32]) -> Cepstrum {
        // The mean over a band's width, so that a narrow peak is not passed by.
        let around = |bin: usize| (envelope[bin.saturating_sub(1)] + envelope[bin] + envelope[bin + 1]) / 3.0;
        let bands: Vec<f32> = self
            .places
            .iter()
            .map(|&(bin, share)| around(bin) * (1.0 - share) + around(bin + 1) * share)
            .collect();
        let mut cepstrum = [0.0; CEPSTRA];
        for (c, row) in cepstrum.iter_mut().zip(self.cosines.chunks(BANDS)) {
            *c = 2.0 * row.iter().zip(&bands).map(|(a, b)| a * b).sum::<f32>() / BANDS as f32;
        }
        cepstrum
    }
}
