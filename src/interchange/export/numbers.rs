//! Numbers and names as a person would write them.

use ziyin_score::Tempo;

/// A text without control characters, which files of lines cannot hold.
pub fn one_line(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).collect()
}

/// Quarters a minute in as few digits as give the same tempo again.
pub fn bpm(tempo: Tempo) -> f64 {
    let exact = tempo.bpm();
    let rounded = (0..=6).map(|digits| {
        let scale = 10f64.powi(digits);
        (exact * scale).round() / scale
    });
    rounded.into_iter().find(|&bpm| Tempo::from_bpm(bpm) == Some(tempo)).unwrap_or(exact)
}

/// The tempo in hundredths of a quarter a minute, and whether that is another.
pub fn hundredths(tempo: Tempo) -> (i64, bool) {
    let hundredths = (100.0 * tempo.bpm()).round();
    (hundredths as i64, Tempo::from_bpm(hundredths / 100.0) != Some(tempo))
}

/// The number that stands there in decimals: 0.1 for the `f32` nearest to it.
pub fn plain(value: f32) -> f64 {
    value.to_string().parse().unwrap_or(value.into())
}

/// A value within the bounds that a format knows, with a count of those that were not.
pub fn bounded(value: f32, low: f32, high: f32, beyond: &mut usize) -> f32 {
    *beyond += usize::from(!(low..=high).contains(&value));
    value.clamp(low, high)
}
