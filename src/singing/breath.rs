//! A breath between phrases: noise in the shape of an open mouth, drawn by hand, because
//! no recording that the voices learn from is told to breathe.

use super::character::{Block, Character};
use ziyin_signal::{AP_BANDS, BIN_HZ, BINS, Frames};

/// Natural logarithm of the loudest amplitude of the noise: some 30 dB below a sung vowel.
const LOUDEST: f32 = -5.0;
/// What is not heard.
const SILENT: f32 = -14.0;
/// Centre in Hz, width in octaves and height in nepers of what the open mouth lets through.
const RESONANCES: [(f32, f32, f32); 3] = [(1300.0, 0.7, 1.0), (2900.0, 0.5, 0.7), (6500.0, 0.6, 0.4)];

/// The frames of a breath: air that comes slowly and stops at once.
pub(super) fn breath(character: &Character) -> Block {
    let times = character.times();
    let mut frames = Frames::default();
    let length = character.block.end.max(0.05);
    for &t in &times {
        let x = (t / length).clamp(0.0, 1.0);
        let swell = (x / 0.7).min(1.0) * ((1.0 - x) / 0.15).min(1.0);
        frames.envelope.extend((0..BINS).map(|bin| SILENT + (mouth(bin) - SILENT) * swell.sqrt()));
        frames.aperiodicity.extend([1.0; AP_BANDS]);
        frames.voicing.push(0.0);
    }
    Block { times, frames }
}

fn mouth(bin: usize) -> f32 {
    let hertz = bin.max(1) as f32 * BIN_HZ;
    let peaks: f32 = RESONANCES
        .iter()
        .map(|(centre, width, height)| height * (-((hertz / centre).log2() / width).powi(2)).exp())
        .sum();
    // Little below 400 Hz, and less and less above 8 kHz.
    let low = -(400.0 / hertz).log2().max(0.0) * 1.2;
    let high = -(hertz / 8000.0).log2().max(0.0) * 1.2;
    LOUDEST - 1.0 + peaks + low + high
}
