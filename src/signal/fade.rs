//! How what is cut comes and goes.

/// What sample `within` of a fade of `length` samples is multiplied with: from nearly 0 to 1, evenly at both
/// ends; 1 behind the fade.
pub fn fade(within: u64, length: u64) -> f32 {
    if within >= length {
        return 1.0;
    }
    let part = (within + 1) as f32 / (length + 1) as f32;
    part * part * (3.0 - 2.0 * part)
}
