//! What the columns of a spectrogram are computed from: the sound around some moments.

/// Samples that a column is computed from: 93 ms.
pub(super) const WINDOW: usize = 4096;
/// Samples that go to the graphics device at most: what lies between the windows of a view
/// from far away stays here.
const MOST_SAMPLES: u64 = 1 << 22;

/// What the columns are computed from.
#[derive(Debug, Default)]
pub(super) struct Columns {
    /// Tells it from others.
    pub key: u64,
    pub samples: Vec<f32>,
    /// For each column the place in `samples` at which its window begins.
    pub starts: Vec<u32>,
}

impl Columns {
    /// Reads the windows around some samples of the song; what comes before it is silent.
    pub fn read(key: u64, middles: &[u64], read: impl Fn(u64, &mut [f32])) -> Self {
        let half = WINDOW as u64 / 2;
        let mut columns = Self { key, ..Self::default() };
        let (Some(&first), Some(&last)) = (middles.first(), middles.last()) else { return columns };
        // The window around a sample may begin before the song.
        let fill = |middle: u64, out: &mut [f32]| {
            let before = half.saturating_sub(middle) as usize;
            read(middle.saturating_sub(half), &mut out[before..]);
        };
        if last - first <= MOST_SAMPLES {
            columns.samples.resize((last - first) as usize + WINDOW, 0.0);
            fill(first, &mut columns.samples);
            columns.starts = middles.iter().map(|&middle| (middle - first) as u32).collect();
        } else {
            for (i, &middle) in middles.iter().enumerate() {
                columns.samples.resize((i + 1) * WINDOW, 0.0);
                columns.starts.push((i * WINDOW) as u32);
                fill(middle, &mut columns.samples[i * WINDOW..]);
            }
        }
        columns
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_are_read_around_their_middles() {
        let ramp = |from: u64, out: &mut [f32]| {
            (from..).zip(out).for_each(|(i, sample)| *sample = i as f32);
        };
        for middles in [vec![0u64, 100, 5000], vec![10, 9_000_000]] {
            let columns = Columns::read(1, &middles, ramp);
            for (&middle, &start) in middles.iter().zip(&columns.starts) {
                let window = &columns.samples[start as usize..start as usize + WINDOW];
                assert_eq!(window[WINDOW / 2], middle as f32);
                assert_eq!(window[0], (middle as f32 - WINDOW as f32 / 2.0).max(0.0));
            }
        }
    }
}
