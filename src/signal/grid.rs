use super::{HOP, SAMPLE_RATE};

/// Most frames that one character's block holds.
pub const BLOCK: usize = 160;
/// Seconds that a block begins before its character's onset, and goes on after its end:
/// what the cross-fade with the neighbours needs.
pub const BLOCK_LEAD: f32 = 7.0 * FINE;
pub const BLOCK_TAIL: f32 = 0.03;

const FINE: f32 = HOP as f32 / SAMPLE_RATE as f32;
const COARSE: f32 = 4.0 * FINE;
/// Seconds after the vowel's onset until which the steps stay fine.
const FINE_AFTER_VOWEL: f32 = 0.06;

/// The times of a block's frames in seconds from the character's onset, at most
/// [`BLOCK`] of them, for a character whose vowel begins at `vowel` and that ends at
/// `end`.
///
/// The steps are 2.9 ms through the consonant, where a burst is over in 5 ms, and
/// 11.6 ms in the vowel, which moves slowly: sharper than an even 5.8 ms, with fewer
/// frames.
pub fn block_grid(vowel: f32, end: f32) -> Vec<f32> {
    let mut times = Vec::with_capacity(BLOCK);
    let mut at = -BLOCK_LEAD;
    while at <= end + BLOCK_TAIL && times.len() < BLOCK {
        times.push(at);
        at += if at < vowel + FINE_AFTER_VOWEL { FINE } else { COARSE };
    }
    times
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_is_fine_to_the_vowel_and_covers_the_end() {
        let times = block_grid(0.1, 0.7);
        assert!(times.len() < BLOCK && times[0] == -BLOCK_LEAD && *times.last().unwrap() > 0.7);
        assert!(times.windows(2).all(|w| w[1] - w[0] < if w[0] < 0.16 { 0.003 } else { 0.012 }));
        assert_eq!(block_grid(0.3, 60.0).len(), BLOCK);
    }
}
