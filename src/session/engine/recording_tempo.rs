//! The tempo of a recording, told from where it becomes louder, in low, middle and high sounds by themselves:
//! drums, plucked strings and syllables do so on the beat. What comes back after one beat, two, and so on up to
//! sixteen, at one tempo more than at others, is told by that tempo; how far the beats go on makes it exact.

use ziyin_playback::RATE;

/// Frames of the recording in a step: 10 ms.
const STEP: usize = RATE as usize / 100;
/// Steps in a second.
const STEPS: f64 = RATE as f64 / STEP as f64;
/// Seconds of it that are listened to.
const HEARD: usize = 120;
/// The tempi that are looked for, in beats a minute, and their distance.
const SLOWEST: f64 = 50.0;
const FASTEST: f64 = 200.0;
const APART: f64 = 0.1;
/// Beats that are compared.
const BEATS: usize = 16;
/// Of two tempi of which one is twice the other the one nearer to this is felt, and how much.
const FELT: f64 = 110.0;
const FELT_OCTAVES: f64 = 0.9;
/// By how much, as a logarithm, a band becomes louder where nothing begins: hiss, and a tone cut into steps.
const UNREST: f64 = 0.2;
/// How much more than by chance it comes back at the least.
const CLEAR: f64 = 0.12;

/// The tempo in beats a minute of stereo samples, left and right by turns; `None` where none is told.
pub(super) fn tempo_of(samples: &[f32]) -> Option<f64> {
    let rises = rises(samples);
    // Eight seconds hold enough beats.
    if rises.len() < 8 * STEPS as usize {
        return None;
    }
    let longest = ((BEATS as f64 * 60.0 / SLOWEST * STEPS) as usize + 2).min(rises.len() / 2);
    let power: f64 = rises.iter().map(|rise| rise * rise).sum();
    if power <= 0.0 {
        return None;
    }
    let likeness: Vec<f64> = (0..longest)
        .map(|lag| {
            let pairs = rises.iter().zip(&rises[lag..]);
            let count = (rises.len() - lag) as f64 / rises.len() as f64;
            pairs.map(|(a, b)| a * b).sum::<f64>() / (power * count)
        })
        .collect();
    let at = |steps: f64| {
        let below = steps as usize;
        let part = steps - below as f64;
        likeness.get(below).zip(likeness.get(below + 1)).map(|(a, b)| a + part * (b - a))
    };
    let tempi = ((FASTEST - SLOWEST) / APART).round() as usize;
    let told = (0..=tempi).filter_map(|i| {
        let bpm = SLOWEST + i as f64 * APART;
        let beat = 60.0 / bpm * STEPS;
        let all: Vec<f64> = (1..=BEATS).map_while(|beats| at(beats as f64 * beat)).collect();
        let mean = all.iter().sum::<f64>() / all.len().max(1) as f64;
        let octaves = (bpm / FELT).log2() / FELT_OCTAVES;
        (all.len() >= 4).then(|| (bpm, mean, mean * (-0.5 * octaves * octaves).exp()))
    });
    let (bpm, clear, _) = told.max_by(|a, b| a.2.total_cmp(&b.2))?;
    (clear > CLEAR).then_some(bpm)
}

/// How much louder it becomes in each step than about it, with a mean of nothing.
fn rises(samples: &[f32]) -> Vec<f64> {
    let rate = RATE as f32;
    let pole = |hertz: f32| 1.0 - (-std::f32::consts::TAU * hertz / rate).exp();
    let (low_pole, high_pole) = (pole(200.0), pole(2000.0));
    let (mut low, mut middle) = (0.0f32, 0.0f32);
    let mut levels: Vec<[f64; 3]> = Vec::with_capacity(HEARD * STEPS as usize);
    for step in samples.chunks_exact(2 * STEP).take(HEARD * STEPS as usize) {
        let mut power = [0.0f32; 3];
        for side in step.chunks_exact(2) {
            let both = 0.5 * (side[0] + side[1]);
            low += low_pole * (both - low);
            middle += high_pole * (both - middle);
            for (sum, part) in power.iter_mut().zip([low, middle - low, both - middle]) {
                *sum += part * part;
            }
        }
        levels.push(power.map(|sum| f64::from((1.0 + 3000.0 * sum / STEP as f32).ln())));
    }
    let of_band = |pair: &[[f64; 3]], band: usize| (pair[1][band] - pair[0][band] - UNREST).max(0.0);
    let rise = |pair: &[[f64; 3]]| (0..3).map(|band| of_band(pair, band)).sum::<f64>();
    let rises: Vec<f64> = levels.windows(2).map(rise).collect();
    // What goes on becoming louder and softer for long is no beat.
    let about = STEPS as usize / 2;
    let mut sums = vec![0.0; rises.len() + 1];
    for (i, rise) in rises.iter().enumerate() {
        sums[i + 1] = sums[i] + rise;
    }
    let mean = |i: usize| {
        let (from, to) = (i.saturating_sub(about), (i + about + 1).min(rises.len()));
        (sums[to] - sums[from]) / (to - from) as f64
    };
    rises.iter().enumerate().map(|(i, rise)| rise - mean(i)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ziyin_signal::chance;

    /// Half a minute with a drum on each beat, louder on the first of four, and hiss.
    fn drums(bpm: f64) -> Vec<f32> {
        let beat = 60.0 / bpm * f64::from(RATE);
        (0..30 * RATE as usize)
            .flat_map(|frame| {
                let beats = (frame as f64 + 5000.0) / beat;
                let since = beats.fract() * beat / f64::from(RATE);
                let loud = if (beats as u64).is_multiple_of(4) { 0.7 } else { 0.4 };
                let drum = loud * (-since * 30.0).exp() * (since * 900.0).sin();
                let sample = drum as f32 + 0.01 * chance(1, frame as u64) as f32;
                [sample, sample]
            })
            .collect()
    }

    #[test]
    fn a_recording_with_beats_has_their_tempo() {
        for bpm in [72.0, 92.5, 120.0, 133.0] {
            let told = tempo_of(&drums(bpm)).unwrap_or_default();
            assert!((told - bpm).abs() < 0.35, "{told} for {bpm}");
        }
    }

    #[test]
    fn hiss_silence_and_a_tone_have_none() {
        let hiss: Vec<f32> = (0..60 * RATE as u64).map(|i| 0.3 * chance(2, i) as f32).collect();
        let tone: Vec<f32> = (0..60 * RATE as usize).map(|i| (i as f32 * 0.02).sin() * 0.3).collect();
        for sound in [hiss, tone, vec![0.0; 60 * RATE as usize], Vec::new()] {
            assert_eq!(tempo_of(&sound), None);
        }
    }
}
