//! What every vocoder must hold to, measured on its samples.

use std::f64::consts::TAU;

use super::course::PhaseStep;
use super::*;
use ziyin_signal::{AP_BANDS, BINS, HOP, SAMPLE_RATE};

const RATE: f64 = SAMPLE_RATE as f64;

/// `count` equal frames of one level at all frequencies.
fn flat(count: usize, log_amplitude: f32, aperiodicity: f32, voicing: f32) -> Frames {
    Frames {
        envelope: vec![log_amplitude; count * BINS],
        aperiodicity: vec![aperiodicity; count * AP_BANDS],
        voicing: vec![voicing; count],
    }
}

/// A phrase with formants that move, voiced and unvoiced parts, bursts, and a pitch that
/// leaps and glides.
pub(super) fn phrase(count: usize) -> (Frames, Vec<f32>) {
    let mut frames = Frames::default();
    let mut pitch = Vec::new();
    for i in 0..count {
        let t = i as f32 / count as f32;
        let burst = if i % 61 < 2 { 3.0 } else { 0.0 };
        for bin in 0..BINS {
            let hz = bin as f32 * SAMPLE_RATE as f32 / 2048.0;
            let formant = |centre: f32, width: f32| -((hz - centre) / width).powi(2);
            let shape = [formant(400.0 + 500.0 * t, 90.0), formant(1200.0 + 900.0 * (9.0 * t).sin(), 150.0)];
            let peaks: f32 = shape.iter().map(|s| 4.0 * s.exp()).sum();
            frames.envelope.push(peaks + burst - 5.0 - hz / 6000.0);
        }
        frames.aperiodicity.extend((0..AP_BANDS).map(|b| 0.02 + 0.1 * b as f32 * t));
        let voiced = i % 97 > 20;
        frames.voicing.push(if voiced { 1.0 } else { 0.0 });
        let leap = if (i / 150) % 2 == 0 { 1.0 } else { 2.0 };
        pitch.push(if i % 97 > 15 { 130.0 * leap * (1.0 + 0.03 * (i as f32 / 9.0).sin()) } else { 0.0 });
    }
    (frames, pitch)
}

fn sing_with(settings: VocoderSettings, frames: &Frames, pitch: &[f32]) -> Vec<f32> {
    let mut out = Vec::new();
    let mut vocoder = CpuVocoder::new(settings);
    vocoder.push(frames, pitch, &mut out).unwrap();
    vocoder.finish(&mut out);
    out
}

fn sing(frames: &Frames, pitch: &[f32]) -> Vec<f32> {
    sing_with(VocoderSettings::default(), frames, pitch)
}

/// Frames `from..to` of a run.
fn piece(frames: &Frames, from: usize, to: usize) -> Frames {
    Frames {
        envelope: frames.envelope[from * BINS..to * BINS].to_vec(),
        aperiodicity: frames.aperiodicity[from * AP_BANDS..to * AP_BANDS].to_vec(),
        voicing: frames.voicing[from..to].to_vec(),
    }
}

fn power(samples: &[f32]) -> f64 {
    samples.iter().map(|&x| f64::from(x).powi(2)).sum::<f64>() / samples.len() as f64
}

fn decibels(power: f64) -> f64 {
    10.0 * power.log10()
}

#[test]
fn a_flat_voice_is_the_sum_of_cosines_that_the_convention_names() {
    let (pitch, count) = (440.0_f64, 400);
    let out = sing(&flat(count, 0.5_f32.ln(), 0.0, 1.0), &vec![pitch as f32; count]);
    assert_eq!(out.len(), count * HOP);
    let level = 2.0 * (pitch / RATE).sqrt() * 0.5;
    let harmonics = (21_000.0 / pitch) as usize;
    let mut worst = 0.0_f64;
    let mut total = 0.0_f64;
    for (n, &x) in out.iter().enumerate() {
        let phase = (n as f64 * pitch / RATE).fract();
        let mut wanted: f64 = (1..=harmonics).map(|k| level * (TAU * k as f64 * phase).cos()).sum();
        for k in harmonics + 1..=(22_000.0 / pitch) as usize {
            let room = (22_000.0 - k as f64 * pitch) / 1000.0;
            wanted += level * room * room * (3.0 - 2.0 * room) * (TAU * k as f64 * phase).cos();
        }
        worst = worst.max((wanted - f64::from(x)).abs());
        total = total.max(wanted.abs());
    }
    println!("off by {:.1e} of the peak", worst / total);
    assert!(worst < 1e-4 * total, "off by {worst} of {total}");
}

#[test]
fn a_flat_breath_is_white_noise_of_its_amplitude() {
    let count = 2000;
    for (frames, pitch) in
        [(flat(count, 0.1_f32.ln(), 0.3, 0.0), 0.0), (flat(count, 0.1_f32.ln(), 1.0, 1.0), 150.0)]
    {
        let out = sing(&frames, &vec![pitch; count]);
        let level = decibels(power(&out[2 * HOP..]));
        println!("at pitch {pitch}: {level:.2} dB");
        assert!((level + 20.0).abs() < 0.1, "at pitch {pitch}: {level} dB");
    }
}

#[test]
fn level_depends_neither_on_pitch_nor_on_the_share_of_breath() {
    let count = 1000;
    for pitch in [65.4, 220.0, 880.0, 1046.5] {
        for share in [0.0, 0.5, 1.0] {
            let out = sing(&flat(count, 0.1_f32.ln(), share, 1.0), &vec![pitch; count]);
            let level = decibels(power(&out[2 * HOP..]));
            println!("pitch {pitch}, breath {share}: {level:.2} dB");
            // What is faded out near the top is all that a tone may lack.
            assert!((level + 20.0).abs() < 0.4, "pitch {pitch}, breath {share}: {level} dB");
        }
    }
}

/// Power spectrum of `samples` under a Blackman-Harris window (sidelobes at -92 dB).
fn power_spectrum(samples: &[f32]) -> Vec<f64> {
    let n = samples.len();
    let mut planner = realfft::RealFftPlanner::<f64>::new();
    let plan = planner.plan_fft_forward(n);
    let mut windowed: Vec<f64> = samples
        .iter()
        .enumerate()
        .map(|(i, &x)| {
            let t = TAU * i as f64 / n as f64;
            f64::from(x)
                * (0.35875 - 0.48829 * t.cos() + 0.14128 * (2.0 * t).cos() - 0.01168 * (3.0 * t).cos())
        })
        .collect();
    let mut bins = plan.make_output_vec();
    plan.process(&mut windowed, &mut bins).unwrap();
    bins.iter().map(|b| b.norm_sqr()).collect()
}

/// Power outside `width` Hz about the multiples of `pitch`, over the whole power, in dB.
fn beside_harmonics(samples: &[f32], pitch: f64, width: f64) -> f64 {
    let spectrum = power_spectrum(samples);
    let hz = RATE / samples.len() as f64;
    let (mut beside, mut total) = (0.0, 0.0);
    for (bin, power) in spectrum.iter().enumerate() {
        let frequency = bin as f64 * hz;
        total += power;
        if (frequency - (frequency / pitch).round() * pitch).abs() > width {
            beside += power;
        }
    }
    decibels(beside / total)
}

#[test]
fn a_steady_tone_has_nothing_beside_its_harmonics() {
    for pitch in [65.406, 220.0, 1046.502, 1318.51, 3951.07] {
        let count = 200;
        let out = sing(&flat(count, 0.0, 0.0, 1.0), &vec![pitch; count]);
        let beside = beside_harmonics(&out[HOP..HOP + 16_384], f64::from(pitch), 12.0);
        println!("{pitch} Hz: {beside:.1} dB beside the harmonics");
        assert!(beside < -80.0, "{pitch} Hz: {beside} dB");
    }
}

#[test]
fn a_glide_does_not_fold_back() {
    // One second from 1.5 to 4 kHz, with the energy next to the Nyquist frequency.
    let count = 345;
    let mut frames = flat(count, 0.0, 0.0, 1.0);
    for envelope in frames.envelope.chunks_exact_mut(BINS) {
        for (bin, x) in envelope.iter_mut().enumerate() {
            *x = 4.0 * (bin as f32 / BINS as f32 - 1.0);
        }
    }
    let pitch: Vec<f32> = (0..count).map(|i| 1500.0 + 2500.0 * i as f32 / count as f32).collect();
    let out = sing(&frames, &pitch);
    let length = 1024;
    let mut worst = f64::NEG_INFINITY;
    for start in (2 * HOP..out.len() - length - HOP).step_by(length) {
        let middle = (start + length / 2) as f64 / HOP as f64;
        let pitch = 1500.0 + 2500.0 * middle / count as f64;
        // Within the window harmonic 14 of 1.5 kHz glides by 800 Hz.
        worst = worst.max(beside_harmonics(&out[start..start + length], pitch, 0.45 * pitch.min(1700.0)));
    }
    println!("{worst:.1} dB beside the harmonics");
    assert!(worst < -60.0, "{worst} dB");
}

#[test]
fn a_leap_of_pitch_does_not_fold_back() {
    // A single harmonic of 8 kHz that leaps upwards by more than an octave within a hop
    // must not leave anything below where it began.
    let count = 64;
    let mut pitch = vec![8_000.0_f32; count];
    pitch[32..].fill(21_900.0);
    let out = sing(&flat(count, 0.0, 0.0, 1.0), &pitch);
    let peak = out.iter().fold(0.0_f32, |m, x| m.max(x.abs()));
    assert!(peak < 4.0 * (21_900.0_f32 / SAMPLE_RATE as f32).sqrt());
    assert!(out[34 * HOP..].iter().all(|x| x.abs() < 0.1), "a harmonic just below the top is faded");
}

#[test]
fn any_cut_gives_the_same_samples() {
    let (frames, pitch) = phrase(400);
    let whole = sing(&frames, &pitch);
    assert_eq!(whole.len(), 400 * HOP);
    for size in [1, 2, 3, 7, 64, 399] {
        let mut vocoder = CpuVocoder::new(VocoderSettings::default());
        let mut out = Vec::new();
        for from in (0..400).step_by(size) {
            let to = (from + size).min(400);
            vocoder.push(&piece(&frames, from, to), &pitch[from..to], &mut out).unwrap();
            assert_eq!(out.len(), to.saturating_sub(2) * HOP);
        }
        vocoder.finish(&mut out);
        assert!(out == whole, "pieces of {size}");
    }
}

#[test]
fn a_vocoder_that_has_finished_begins_anew() {
    let (frames, pitch) = phrase(50);
    let mut vocoder = CpuVocoder::new(VocoderSettings::default());
    let (mut first, mut second) = (Vec::new(), Vec::new());
    for out in [&mut first, &mut second] {
        vocoder.push(&frames, &pitch, out).unwrap();
        vocoder.finish(out);
    }
    assert!(first == second);
}

#[test]
fn noise_depends_on_the_place_in_the_song() {
    let frames = flat(60, -2.0, 1.0, 0.0);
    let pitch = vec![0.0; 60];
    let song = sing(&frames, &pitch);
    let settings = VocoderSettings { first_frame: 20, ..Default::default() };
    let part = sing_with(settings, &piece(&frames, 20, 60), &pitch[20..]);
    assert!(part[9 * HOP..] == song[29 * HOP..], "beyond the ring of the frames that are not there");
    let other = sing_with(VocoderSettings { seed: 1, ..Default::default() }, &frames, &pitch);
    assert!(other != song);
}

#[test]
fn silence_stays_silent() {
    for level in [f32::NEG_INFINITY, -90.0, f32::NAN] {
        for pitch in [0.0, 220.0] {
            let out = sing(&flat(30, level, 0.5, 1.0), &[pitch; 30]);
            assert_eq!(out.len(), 30 * HOP);
            assert!(out.iter().all(|&x| x == 0.0));
        }
    }
    assert!(sing(&Frames::default(), &[]).is_empty());
}

#[test]
fn what_is_no_number_is_sung_as_silence_or_breath() {
    let (mut frames, mut pitch) = phrase(120);
    for (i, bad) in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 1e30, -1e30].into_iter().enumerate() {
        let at = 20 * (i + 1);
        frames.envelope[at * BINS + 100..at * BINS + 200].fill(bad);
        frames.aperiodicity[(at + 2) * AP_BANDS] = bad;
        frames.voicing[at + 4] = bad;
        pitch[at + 6] = bad;
    }
    let out = sing(&frames, &pitch);
    assert!(out.iter().all(|x| x.is_finite()));
    // The noise rings on for a few hops only: the end is as if nothing had been wrong.
    assert!(out[..18 * HOP] == sing(&phrase(120).0, &phrase(120).1)[..18 * HOP]);
}

#[test]
fn frames_that_do_not_fit_are_refused() {
    let mut vocoder = CpuVocoder::new(VocoderSettings::default());
    let mut out = Vec::new();
    assert!(vocoder.push(&flat(3, 0.0, 0.0, 1.0), &[100.0; 4], &mut out).is_err());
    let mut frames = flat(3, 0.0, 0.0, 1.0);
    frames.envelope.pop();
    assert!(vocoder.push(&frames, &[100.0; 3], &mut out).is_err());
    assert!(out.is_empty());
}

#[test]
fn joins_of_frames_do_not_click() {
    // Amplitude and pitch change at every frame; the tone has no energy of its own above
    // 12 kHz, so whatever is there comes from the joins.
    let count = 400;
    let mut frames = Frames::default();
    let mut pitch = Vec::new();
    for i in 0..count {
        let wobble = (i as f32 * 0.3).sin();
        for bin in 0..BINS {
            let hz = bin as f32 * SAMPLE_RATE as f32 / 2048.0;
            let slope = if hz < 5000.0 { 0.0 } else { (hz - 5000.0) / 300.0 };
            frames.envelope.push((-2.0 + 0.5 * wobble - slope).max(-14.0));
        }
        frames.aperiodicity.extend([0.0; AP_BANDS]);
        frames.voicing.push(1.0);
        pitch.push(300.0 * (1.0 + 0.02 * wobble));
    }
    let out = sing(&frames, &pitch);
    let spectrum = power_spectrum(&out[2 * HOP..2 * HOP + 32_768]);
    let cut = (12_000.0 / RATE * 32_768.0) as usize;
    let above = decibels(spectrum[cut..].iter().sum::<f64>() / spectrum.iter().sum::<f64>());
    println!("{above:.1} dB above 12 kHz");
    assert!(above < -80.0, "{above} dB above 12 kHz");
}

#[test]
fn a_burst_stays_sharp() {
    // One frame of noise alone: nothing before its window, and all of it within 6 ms.
    let count = 40;
    let mut frames = flat(count, -90.0, 1.0, 0.0);
    frames.envelope[20 * BINS..21 * BINS].fill(-1.0);
    let out = sing(&frames, &vec![0.0; count]);
    assert!(out[..19 * HOP].iter().all(|&x| x == 0.0));
    let total = power(&out) * out.len() as f64;
    let inside = power(&out[19 * HOP..21 * HOP]) * (2 * HOP) as f64;
    println!("{:.5} of the burst inside", inside / total);
    assert!(inside / total > 0.999, "{}", inside / total);
}

#[test]
fn the_phase_runs_on_through_consonants() {
    let mut phase = 0.0;
    for (from, to) in [(200.0, 201.0), (201.0, 0.0), (0.0, 0.0), (0.0, 205.0), (205.0, 205.0)] {
        let step = PhaseStep::new(phase, from, to);
        assert!((0.0..1.0).contains(&step.end_phase()));
        phase = step.end_phase();
    }
}
