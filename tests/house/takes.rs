//! Recordings that tests make.

use std::path::Path;

/// Writes samples from -1 to 1 as a WAV of one channel.
pub fn write(path: &Path, rate: u32, samples: impl Iterator<Item = f32>) {
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: rate,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut writer = hound::WavWriter::create(path, spec).unwrap();
    samples.for_each(|x| writer.write_sample((x.clamp(-1.0, 1.0) * 32767.0) as i16).unwrap());
    writer.finalize().unwrap();
}

/// Noise that is the same each time: sample `i`, from -1 to 1.
pub fn noise(i: usize) -> f32 {
    let mixed = (i as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    ((mixed ^ (mixed >> 31)).wrapping_mul(0xBF58_476D_1CE4_E5B9) >> 40) as f32 / (1 << 23) as f32 - 1.0
}
