//! From any number of channels to two, after ITU-R BS.775: the centre to both sides and what
//! surrounds to its own, each 3 dB softer; what is for the subwoofer alone is left out.

use symphonia::core::audio::{Channels, Position};

/// The weight of each channel to the left and to the right.
pub fn weights(channels: &Channels) -> Vec<[f32; 2]> {
    let count = channels.count();
    let positions = match channels {
        Channels::Positioned(positions) => *positions,
        _ => Position::from_wave_channel_count(count as u32).unwrap_or(Position::empty()),
    };
    match count {
        0 => Vec::new(),
        1 => vec![[1.0, 1.0]],
        2 => vec![[1.0, 0.0], [0.0, 1.0]],
        _ if positions.bits().count_ones() as usize == count => positions.iter().map(weight).collect(),
        // Nobody knows where they stand: the first two are taken for the sides.
        _ => (0..count)
            .map(|channel| match channel {
                0 => [1.0, 0.0],
                1 => [0.0, 1.0],
                _ => [std::f32::consts::FRAC_1_SQRT_2; 2],
            })
            .collect(),
    }
}

fn weight(position: Position) -> [f32; 2] {
    const SOFTER: f32 = std::f32::consts::FRAC_1_SQRT_2;
    let left = Position::REAR_LEFT
        | Position::SIDE_LEFT
        | Position::FRONT_LEFT_CENTER
        | Position::TOP_FRONT_LEFT
        | Position::TOP_REAR_LEFT;
    let right = Position::REAR_RIGHT
        | Position::SIDE_RIGHT
        | Position::FRONT_RIGHT_CENTER
        | Position::TOP_FRONT_RIGHT
        | Position::TOP_REAR_RIGHT;
    if position == Position::FRONT_LEFT {
        [1.0, 0.0]
    } else if position == Position::FRONT_RIGHT {
        [0.0, 1.0]
    } else if position == Position::FRONT_CENTER {
        [SOFTER; 2]
    } else if left.contains(position) {
        [SOFTER, 0.0]
    } else if right.contains(position) {
        [0.0, SOFTER]
    } else if position == Position::LFE1 {
        [0.0; 2]
    } else {
        // Behind or above in the middle.
        [0.5; 2]
    }
}

/// Appends frames as two sides.
pub fn append(sides: &mut [Vec<f32>; 2], samples: &[f32], weights: &[[f32; 2]], scale: f32) {
    for frame in samples.chunks_exact(weights.len().max(1)) {
        let mixed = frame.iter().zip(weights).fold([0.0f32; 2], |[left, right], (sample, [l, r])| {
            // A float file may hold anything; what is no number must not reach a mix.
            let sample = if sample.is_finite() { sample * scale } else { 0.0 };
            [left + sample * l, right + sample * r]
        });
        for (side, sample) in sides.iter_mut().zip(mixed) {
            side.push(if sample.is_finite() { sample.clamp(-8.0, 8.0) } else { 0.0 });
        }
    }
}
