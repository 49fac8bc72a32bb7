//! Arrays in, arrays out: what a recording is made of.

mod frame;

pub use frame::{AP_BANDS, AP_CENTRES_HZ, BINS, FFT_SIZE, Frames, HOP, SAMPLE_RATE};
