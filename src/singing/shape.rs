//! What the curves of a track do to its frames.

use crate::score::{Curves, TempoMap};
use crate::signal::{AP_BANDS, BINS, Frames, HOP, SAMPLE_RATE};

/// Nepers in a decibel.
const NEPERS: f32 = std::f32::consts::LN_10 / 20.0;
/// The share of the harmonic part that full breathiness turns into noise.
const BREATH: f32 = 0.85;
/// Full tension, in dB at the top of the spectrum against 1 kHz.
const TENSION_DB: f32 = 12.0;

/// Applies loudness, breathiness, formant shift and tension to frames that begin at frame
/// `first` of the song.
pub fn shape(frames: &mut Frames, first: u64, curves: &Curves, tempo: &TempoMap) {
    if !is_shaped_by(curves) {
        return;
    }
    let mut row = vec![0.0; BINS];
    for i in 0..frames.len() {
        let seconds = (first + i as u64) as f64 * HOP as f64 / f64::from(SAMPLE_RATE);
        let tick = tempo.tick_between(seconds);
        let envelope = &mut frames.envelope[i * BINS..(i + 1) * BINS];
        let loudness = curves.loudness.at(tick) * NEPERS;
        let tension = curves.tension.at(tick).clamp(-1.0, 1.0) * TENSION_DB * NEPERS;
        let formant = curves.formant.at(tick).clamp(-24.0, 24.0);
        if formant != 0.0 {
            shift(envelope, (-formant / 12.0).exp2(), &mut row);
        }
        if loudness != 0.0 || tension != 0.0 {
            for (value, tilt) in envelope.iter_mut().zip(tilt()) {
                *value += loudness + tension * tilt;
            }
        }
        let breath = curves.breathiness.at(tick).clamp(-1.0, 1.0);
        for share in &mut frames.aperiodicity[i * AP_BANDS..(i + 1) * AP_BANDS] {
            *share = if breath > 0.0 {
                *share + (1.0 - *share) * breath * BREATH
            } else {
                *share * (1.0 + breath)
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

/// From -⅓ at the bottom through 0 at 1 kHz to 1 at the top, along the octaves.
pub(super) fn tilt() -> impl Iterator<Item = f32> {
    let hertz = SAMPLE_RATE as f32 / 2.0 / (BINS - 1) as f32;
    let top = (SAMPLE_RATE as f32 / 2000.0).log2();
    (0..BINS).map(move |bin| ((bin as f32 * hertz / 1000.0).max(0.4).log2() / top).clamp(-0.34, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::score::{Curve, CurvePoint};

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
        shape(&mut shaped, 0, &Curves::default(), &TempoMap::default());
        assert_eq!(shaped, frames());
    }

    #[test]
    fn loudness_is_in_decibels() {
        let mut shaped = frames();
        shape(
            &mut shaped,
            0,
            &Curves { loudness: constant(20.0), ..Default::default() },
            &TempoMap::default(),
        );
        assert!((shaped.envelope[500] - frames().envelope[500] - 10f32.ln()).abs() < 1e-4);
    }

    #[test]
    fn an_octave_of_formant_doubles_each_resonance() {
        let mut shaped = frames();
        shape(
            &mut shaped,
            0,
            &Curves { formant: constant(12.0), ..Default::default() },
            &TempoMap::default(),
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
                &Curves { breathiness: constant(value), ..Default::default() },
                &TempoMap::default(),
            );
            assert!(shaped.aperiodicity.iter().all(|a| (0.0..=1.0).contains(a) && (a - 0.2) * value > 0.0));
        }
    }
}
