//! Chance that is the same each time.

/// A number that tells nothing of the one that it was made from: SplitMix64.
pub fn scramble(number: u64) -> u64 {
    let mut z = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// A number from -1 to 1 that depends on nothing but the two seeds.
pub fn chance(seed: u64, index: u64) -> f64 {
    let mixed = scramble(seed ^ index.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    (mixed >> 11) as f64 / (1u64 << 52) as f64 - 1.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chance_is_spread_evenly() {
        let mean = (0..1000).map(|i| chance(7, i)).sum::<f64>() / 1000.0;
        assert!(mean.abs() < 0.06, "{mean}");
        assert!((0..1000).all(|i| chance(3, i).abs() <= 1.0));
    }
}
