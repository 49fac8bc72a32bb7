//! How fast recordings are brought to another rate.

use divan::{Bencher, black_box};
use ziyin_signal::at_rate;

fn main() {
    divan::main();
}

/// One side of a recording of so many seconds at 48 kHz: the time is in proportion to them.
#[divan::bench(args = [15, 60, 240], sample_count = 5)]
fn to_44_100(bencher: Bencher, seconds: usize) {
    bencher
        .with_inputs(|| vec![0.25f32; seconds * 48_000])
        .bench_values(|samples| at_rate(black_box(samples), 48_000, 44_100));
}
