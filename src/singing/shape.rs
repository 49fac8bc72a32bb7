//! What the curves of a track do to its frames.

use super::clock::Clock;
use ziyin_score::Curves;
use ziyin_signal::{AP_BANDS, BIN_HZ, BINS, Frames, HOP, SAMPLE_RATE};

/// Nepers in a decibel.
pub(super) const NEPERS: f32 = std::f32::consts::LN_10 / 20.0;
/// The share of the harmonic part that full breathiness turns into noise, in each band: the
/// folds still close for the lowest harmonics when the higher ones are lost in breath.
const BREATH: [f32; AP_BANDS] = [0.85, 0.9, 0.9, 0.9, 0.9, 0.9];
/// How much softer full breathiness makes the harmonics, in dB for each octave above the
/// first.
const BREATH_SLOPE: f32 = -1.5;
/// How much louder full tension makes them: folds that close faster.
const TENSION_SLOPE: f32 = 3.0;
/// Octaves above the first harmonic beyond which a slope goes no further.
const SLOPE_OCTAVES: f32 = 5.0;
/// How much of the noise full tension takes away, and of the rest full laxness adds.
const TENSE_NOISE: f32 = 0.5;
const LAX_NOISE: f32 = 0.15;

/// Applies loudness, breathiness, formant shift and tension to frames that begin at frame
/// `first` of the song, sung at a pitch in Hz for each.
///
/// Tension and breathiness turn the slope of the harmonics about the first one, wherever it
/// lies, and leave the loudness as it is: they do the same to a voice at C2 and at C6.
pub fn shape(frames: &mut Frames, first: u64, pitch: &[f32], curves: &Curves, clock: &Clock) {
    if !is_shaped_by(curves) {
        return;
    }
    let mut row = vec![0.0; BINS];
    for i in 0..frames.len() {
        let seconds = (first + i as u64) as f64 * HOP as f64 / f64::from(SAMPLE_RATE);
        let tick = clock.tick_between(seconds);
        let envelope = &mut frames.envelope[i * BINS..(i + 1) * BINS];
        let loudness = curves.loudness.at(tick) * NEPERS;
        // What is not voiced has no harmonics to turn.
        let voiced = frames.voicing.get(i).copied().unwrap_or(1.0).clamp(0.0, 1.0);
        let tension = curves.tension.at(tick).clamp(-1.0, 1.0) * voiced;
        let breath = curves.breathiness.at(tick).clamp(-1.0, 1.0);
        let slope = tension * TENSION_SLOPE + breath.max(0.0) * voiced * BREATH_SLOPE;
        let formant = curves.formant.at(tick).clamp(-24.0, 24.0);
        if formant != 0.0 {
            shift(envelope, (-formant / 12.0).exp2(), &mut row);
        }
        if loudness != 0.0 {
            envelope.iter_mut().for_each(|value| *value += loudness);
        }
        if slope != 0.0 {
            let hertz = pitch.get(i).copied().filter(|hz| *hz > 0.0).unwrap_or(USUAL_PITCH);
            turn(envelope, hertz, slope * NEPERS);
        }
        for (share, most) in frames.aperiodicity[i * AP_BANDS..(i + 1) * AP_BANDS].iter_mut().zip(BREATH) {
            *share =
                if breath > 0.0 { *share + (1.0 - *share) * breath * most } else { *share * (1.0 + breath) };
            *share = if tension > 0.0 {
                *share * (1.0 - tension * TENSE_NOISE)
            } else {
                *share + (1.0 - *share) * -tension * LAX_NOISE
            };
        }
    }
}

/// Whether curves change frames at all.
fn is_shaped_by(curves: &Curves) -> bool {
    let shaping = [&curves.loudness, &curves.breathiness, &curves.formant, &curves.tension];
    shaping.iter().any(|curve| !curve.is_empty())
}

/// Reads the envelope at `ratio` times each frequency: below 1 the resonances move up.
fn shift(envelope: &mut [f32], ratio: f32, row: &mut [f32]) {
    row.copy_from_slice(envelope);
    let last = row.len() - 1;
    for (bin, value) in envelope.iter_mut().enumerate() {
        let at = (bin as f32 * ratio).min(last as f32);
        let below = at as usize;
        let part = at - below as f32;
        *value = row[below] + (row[(below + 1).min(last)] - row[below]) * part;
    }
}

/// In Hz, where no pitch is told.
const USUAL_PITCH: f32 = 220.0;

/// Makes the harmonics of a voice at a pitch louder by so many nepers for each octave above
/// the first, and all of it softer by as much as it has become louder.
pub(super) fn turn(envelope: &mut [f32], hertz: f32, slope: f32) {
    let power = |envelope: &[f32]| envelope.iter().map(|value| (2.0 * value).exp()).sum::<f32>();
    let before = power(envelope);
    for (i, value) in envelope.iter_mut().enumerate() {
        let octaves = (i as f32 * BIN_HZ / hertz).max(1.0).log2().min(SLOPE_OCTAVES);
        *value += slope * octaves;
    }
    let after = power(envelope);
    if before > 0.0 && after > 0.0 {
        let change = 0.5 * (before / after).ln();
        envelope.iter_mut().for_each(|value| *value += change);
    }
}

/// From -⅓ at the bottom through 0 at 1 kHz to 1 at the top, along the octaves.
pub(super) fn tilt() -> impl Iterator<Item = f32> {
    let top = (SAMPLE_RATE as f32 / 2000.0).log2();
    (0..BINS).map(move |bin| ((bin as f32 * BIN_HZ / 1000.0).max(0.4).log2() / top).clamp(-0.34, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use ziyin_score::{Curve, CurvePoint};

    fn frames() -> Frames {
        let envelope = (0..BINS).map(|bin| -(bin as f32 / 100.0 - 2.0).powi(2)).collect();
        Frames { envelope, aperiodicity: vec![0.2; AP_BANDS], voicing: vec![1.0] }
    }

    fn constant(value: f32) -> Curve {
        Curve::new(vec![CurvePoint { tick: 0, value }]).unwrap()
    }

    #[test]
    fn empty_curves_change_nothing() {
        let mut shaped = frames();
        shape(&mut shaped, 0, &[220.0], &Curves::default(), &Clock::default());
        assert_eq!(shaped, frames());
    }

    #[test]
    fn loudness_is_in_decibels() {
        let mut shaped = frames();
        shape(
            &mut shaped,
            0,
            &[220.0],
            &Curves { loudness: constant(20.0), ..Default::default() },
            &Clock::default(),
        );
        assert!((shaped.envelope[500] - frames().envelope[500] - 10f32.ln()).abs() < 1e-4);
    }

    #[test]
    fn an_octave_of_formant_doubles_each_resonance() {
        let mut shaped = frames();
        shape(
            &mut shaped,
            0,
            &[220.0],
            &Curves { formant: constant(12.0), ..Default::default() },
            &Clock::default(),
        );
        let peak = (0..BINS).max_by(|&a, &b| shaped.envelope[a].total_cmp(&shaped.envelope[b]));
        assert_eq!(peak, Some(400));
    }

    #[test]
    fn breathiness_stays_a_share() {
        for value in [-1.0, 1.0] {
            let mut shaped = frames();
            shape(
                &mut shaped,
                0,
                &[220.0],
                &Curves { breathiness: constant(value), ..Default::default() },
                &Clock::default(),
            );
            assert!(shaped.aperiodicity.iter().all(|a| (0.0..=1.0).contains(a) && (a - 0.2) * value > 0.0));
        }
    }

    /// From C2 to C6: a tense voice has stronger high harmonics beside the first and less
    /// noise, a breathy one weaker ones and more noise, and neither is louder.
    #[test]
    fn tension_and_breathiness_do_to_every_pitch_what_they_do_to_a_voice() {
        for hertz in [65.4, 261.6, 1046.5] {
            let voice = Frames {
                envelope: (0..BINS).map(|bin| -1.0 - bin as f32 / 200.0).collect(),
                aperiodicity: vec![0.2; AP_BANDS],
                voicing: vec![1.0],
            };
            let shaped = |tension: f32, breathiness: f32| {
                let mut shaped = voice.clone();
                let curves = Curves {
                    tension: constant(tension),
                    breathiness: constant(breathiness),
                    ..Default::default()
                };
                shape(&mut shaped, 0, &[hertz], &curves, &Clock::default());
                shaped
            };
            let at = |frames: &Frames, harmonic: f32| {
                let bin = harmonic * hertz / (SAMPLE_RATE as f32 / 2.0) * (BINS - 1) as f32;
                frames.envelope[bin.round() as usize]
            };
            // dB from the first harmonic to the eighth, more than before.
            let slope = |frames: &Frames| {
                let rise = |frames: &Frames| at(frames, 8.0) - at(frames, 1.0);
                (rise(frames) - rise(&voice)) / NEPERS
            };
            let power = |frames: &Frames| frames.envelope.iter().map(|v| (2.0 * v).exp()).sum::<f32>();
            let louder = |frames: &Frames| 10.0 * (power(frames) / power(&voice)).log10();
            let [tense, lax, breathy] = [shaped(1.0, 0.0), shaped(-1.0, 0.0), shaped(0.0, 1.0)];
            assert!((slope(&tense) - 9.0).abs() < 0.7, "{} at {hertz} Hz", slope(&tense));
            assert!((slope(&lax) + 9.0).abs() < 0.7 && (slope(&breathy) + 4.5).abs() < 0.5);
            for frames in [&tense, &lax, &breathy] {
                assert!(louder(frames).abs() < 0.1, "{} dB at {hertz} Hz", louder(frames));
            }
            let noise = |frames: &Frames| [frames.aperiodicity[0], frames.aperiodicity[3]];
            assert!(noise(&tense)[0] < 0.2 && noise(&lax)[0] > 0.2);
            assert!(noise(&breathy)[0] > 0.4 && noise(&breathy)[1] > noise(&breathy)[0]);
        }
    }
}
