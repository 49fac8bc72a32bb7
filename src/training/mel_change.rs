//! What makes another recording of the frames of one: another singer, microphone, room and noise.

use super::draw::Draw;
use ziyin_model::recogniser::level;
use ziyin_signal::{MEL_BANDS, MEL_HOP, SAMPLE_RATE, band_hz, band_of_hz};

/// Places of a random colour, a straight line between them.
const COLOURS: usize = 7;
/// Nepers of power in a dB.
const DB: f32 = std::f32::consts::LN_10 / 10.0;
/// Where nothing is recorded.
const NOTHING: f32 = -23.0;

/// One change.
#[derive(Clone, Debug)]
pub(super) struct MelChange {
    /// Factor of all frequencies.
    warp: f32,
    /// What is added to each band, nepers of power.
    added: [f32; MEL_BANDS],
    /// Seconds until an echo has died down by 60 dB, and its level beside what it is of in dB.
    room: Option<(f32, f32)>,
    /// dB of noise beside the loud parts, and how it falls in dB per octave.
    noise: Option<(f32, f32)>,
    /// dB of tones that come and go beside the loud parts.
    tones: Option<f32>,
    /// Hz above which nothing is recorded.
    top: Option<f32>,
}

impl MelChange {
    pub(super) fn drawn(draw: &mut Draw) -> Self {
        let tilt = draw.between(-3.0, 3.0);
        let colours: [f32; COLOURS] = std::array::from_fn(|_| 3.0 * draw.normal());
        let added = std::array::from_fn(|band| {
            let at = band as f32 / (MEL_BANDS - 1) as f32 * (COLOURS - 1) as f32;
            let below = (at as usize).min(COLOURS - 2);
            let colour = colours[below] + (colours[below + 1] - colours[below]) * (at - below as f32);
            (tilt * (band_hz(band as f32) / 1000.0).log2() + colour) * DB
        });
        let mut maybe = |chance: f32| draw.unit() < chance;
        let (echoes, hisses, sounds, cut) = (maybe(0.4), maybe(0.6), maybe(0.2), maybe(0.2));
        Self {
            warp: draw.between(0.8f32.ln(), 1.25f32.ln()).exp(),
            added,
            room: echoes.then(|| (draw.between(0.15, 1.2), draw.between(-18.0, -4.0))),
            noise: hisses.then(|| (draw.between(-50.0, -12.0), draw.between(-4.0, 1.0))),
            tones: sounds.then(|| draw.between(-35.0, -12.0)),
            top: cut.then(|| draw.between(3300.0, 7500.0)),
        }
    }

    /// Changes frames (`[frames × MEL_BANDS]`).
    pub(super) fn apply(&self, frames: &mut [f32], draw: &mut Draw) {
        let places: Vec<f32> = (0..MEL_BANDS)
            .map(|band| band_of_hz(band_hz(band as f32) / self.warp).clamp(0.0, (MEL_BANDS - 1) as f32))
            .collect();
        for frame in frames.chunks_mut(MEL_BANDS) {
            let mut changed = [0.0; MEL_BANDS];
            for (band, changed) in changed.iter_mut().enumerate() {
                let low = (places[band] as usize).min(MEL_BANDS - 2);
                let share = places[band] - low as f32;
                *changed = frame[low] + (frame[low + 1] - frame[low]) * share + self.added[band];
            }
            frame.copy_from_slice(&changed);
        }
        let loud = level(frames);
        if let Some((seconds, db)) = self.room {
            let stays = (-60.0 * DB * MEL_HOP as f32 / SAMPLE_RATE as f32 / seconds).exp();
            let gain = (db * DB).exp() * (1.0 - stays);
            let mut hall = [0.0f32; MEL_BANDS];
            for frame in frames.chunks_mut(MEL_BANDS) {
                for (power, hall) in frame.iter_mut().zip(&mut hall) {
                    let dry = power.exp();
                    *power = (dry + gain * *hall).ln();
                    *hall = stays * *hall + dry;
                }
            }
        }
        if let Some(db) = self.tones {
            add_tones(frames, loud + db * DB, draw);
        }
        if let Some((db, slope)) = self.noise {
            let mean: Vec<f32> = (0..MEL_BANDS)
                .map(|band| (loud + (db + slope * (band_hz(band as f32) / 500.0).log2()) * DB).exp())
                .collect();
            for frame in frames.chunks_mut(MEL_BANDS) {
                for (power, mean) in frame.iter_mut().zip(&mean) {
                    // The power of noise in some bins.
                    let noise = -0.5 * (draw.unit().max(1e-6) * draw.unit().max(1e-6)).ln();
                    *power = (power.exp() + mean * noise).ln();
                }
            }
        }
        if let Some(top) = self.top {
            let first = band_of_hz(top).ceil().clamp(0.0, MEL_BANDS as f32) as usize;
            frames.chunks_mut(MEL_BANDS).for_each(|frame| frame[first..].fill(NOTHING));
        }
    }
}

/// Chords that begin suddenly and fade, at most at the level `loud`.
fn add_tones(frames: &mut [f32], loud: f32, draw: &mut Draw) {
    let count = frames.len() / MEL_BANDS;
    let mut from = 0;
    while from < count {
        let to = (from + 12 + draw.place(40)).min(count);
        let fades = draw.between(0.0, 0.08);
        for _ in 0..4 {
            let pitch = draw.between(100f32.ln(), 600f32.ln()).exp();
            for harmonic in 1..=8 {
                let band = band_of_hz(pitch * harmonic as f32).round();
                if !(0.0..MEL_BANDS as f32).contains(&band) {
                    continue;
                }
                let softer = loud - 0.7 * harmonic as f32;
                for frame in from..to {
                    let power = &mut frames[frame * MEL_BANDS + band as usize];
                    *power = (power.exp() + (softer - fades * (frame - from) as f32).exp()).ln();
                }
            }
        }
        from = to;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_moves_formants_and_leaves_numbers() {
        let mut draw = Draw::new(3);
        let mut moved = false;
        for _ in 0..40 {
            let change = MelChange::drawn(&mut draw);
            let mut frames = vec![-12.0f32; 30 * MEL_BANDS];
            frames.iter_mut().skip(30).step_by(MEL_BANDS).for_each(|power| *power = -2.0);
            change.apply(&mut frames, &mut draw);
            assert!(frames.iter().all(|power| power.is_finite()));
            let plain = MelChange { added: [0.0; MEL_BANDS], room: None, noise: None, tones: None, ..change };
            let mut frame = vec![-12.0f32; MEL_BANDS];
            frame[30] = -2.0;
            plain.apply(&mut frame, &mut draw);
            let peak = (0..MEL_BANDS).max_by(|&a, &b| frame[a].total_cmp(&frame[b])).unwrap();
            let wanted = band_of_hz(band_hz(30.0) * plain.warp);
            assert!((peak as f32 - wanted).abs() < 1.6, "{peak} for {wanted}");
            moved |= peak != 30;
        }
        assert!(moved);
    }
}
