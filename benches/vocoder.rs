//! How fast one voice is sung on one core: one second of song at several pitches, and
//! the parts of it. A median of 20 ms is a real-time factor of 0.02.

use divan::{Bencher, black_box};
use ziyin_signal::{AP_BANDS, BINS, Frames, HOP, SAMPLE_RATE};
use ziyin_singing::vocoder::course::PhaseStep;
use ziyin_singing::vocoder::harmonics::{self, Partials};
use ziyin_singing::vocoder::noise::NoiseShaper;
use ziyin_singing::vocoder::spectrum::{MinimumPhase, Spectrum};
use ziyin_singing::vocoder::{CpuVocoder, VocoderSettings};

/// Frames in a second.
const SECOND: usize = SAMPLE_RATE as usize / HOP;

fn main() {
    divan::main();
}

/// The envelope of a vowel, more or less.
fn envelope(frame: usize) -> impl Iterator<Item = f32> {
    (0..BINS).map(move |bin| -3.0 - bin as f32 / 200.0 + (bin as f32 / 40.0 + frame as f32 / 50.0).sin())
}

fn second(voicing: f32) -> Frames {
    Frames {
        envelope: (0..SECOND).flat_map(envelope).collect(),
        aperiodicity: vec![0.1; SECOND * AP_BANDS],
        voicing: vec![voicing; SECOND],
    }
}

fn spectrum(pitch: f32) -> Spectrum {
    let log_amplitude: Vec<f32> = envelope(0).collect();
    let mut phase = vec![0.0; BINS];
    MinimumPhase::default().phase(&log_amplitude, &mut phase);
    Spectrum { log_amplitude, phase, aperiodicity: [0.1; AP_BANDS], voicing: 1.0, pitch, silent: false }
}

/// One second at C2, A3, A4, C6, and without a pitch.
#[divan::bench(args = [65.4, 220.0, 440.0, 1046.5, 0.0], sample_count = 30)]
fn one_second(bencher: Bencher, pitch: f32) {
    let frames = second(if pitch > 0.0 { 1.0 } else { 0.0 });
    let pitch = vec![pitch; SECOND];
    let mut vocoder = CpuVocoder::new(VocoderSettings::default());
    let mut out = Vec::new();
    bencher.bench_local(|| {
        out.clear();
        vocoder.push(black_box(&frames), &pitch, &mut out)
    });
}

/// The minimum phase of a second of frames.
#[divan::bench(sample_count = 30)]
fn minimum_phase_of_one_second(bencher: Bencher) {
    let frames = second(1.0);
    let mut phase = vec![0.0; BINS];
    let mut minimum_phase = MinimumPhase::default();
    bencher.bench_local(|| {
        for i in 0..SECOND {
            minimum_phase.phase(black_box(frames.envelope_at(i)), &mut phase);
        }
    });
}

/// The sum of harmonics of a second.
#[divan::bench(args = [65.4, 220.0, 1046.5], sample_count = 30)]
fn harmonics_of_one_second(bencher: Bencher, pitch: f32) {
    let spectrum = spectrum(pitch);
    let mut out = [0.0; HOP];
    bencher.bench_local(|| {
        for i in 0..SECOND {
            let step = PhaseStep::new(i as f64 / SECOND as f64, pitch, pitch);
            let mut partials = Partials::default();
            partials.extend(black_box(&spectrum), step.harmonics());
            harmonics::sum(&step, &step.turns(), &partials, &partials, &mut out);
        }
    });
}

/// The shaping of a second of noise.
#[divan::bench(sample_count = 30)]
fn noise_of_one_second(bencher: Bencher) {
    let spectrum = spectrum(220.0);
    let raw = [0.5; HOP];
    let mut shaper = NoiseShaper::default();
    bencher.bench_local(|| {
        for _ in 0..SECOND {
            black_box(shaper.shape(black_box(&spectrum), &raw, &raw));
        }
    });
}
