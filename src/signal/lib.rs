//! Arrays in, arrays out: what a recording is made of.

mod analysis;
mod cepstral_transform;
mod chance;
mod envelope;
mod fade;
mod frame;
mod grid;
mod log_mel;
mod mel;
mod note_name;
mod periodicity;
mod pitch;
mod rate_converter;
mod room;
mod sharpening;
mod short_time;

pub use analysis::{Recording, remove_mean};
pub use cepstral_transform::CepstralTransform;
pub use chance::{chance, scramble};
pub use envelope::{EnvelopeAnalyser, Focus};
pub use fade::fade;
pub use frame::{
    AP_BANDS, AP_CENTRES_HZ, BIN_HZ, BINS, FFT_SIZE, Frames, HOP, SAMPLE_RATE, aperiodicity_between,
};
pub use grid::{BLOCK, BLOCK_LEAD, BLOCK_TAIL, block_grid};
pub use log_mel::{LogMel, MEL_BANDS, MEL_HOP, band_hz, band_of_hz};
pub use mel::{
    CEPSTRA, MelCepstrum, between_places, cepstral_distance, cosines_of_places, mel, mel_hz, mel_places,
    under_hiss,
};
pub use note_name::{note_name, semitones_of};
pub use periodicity::{Periodicity, rms_around};
pub use pitch::{PitchTrack, VOICE_HZ, median_pitch, midi_pitch, near_voice, pitch_hz, track_pitch};
pub use rate_converter::{RateConverter, at_rate};
pub use realfft::num_complex::Complex;
pub use room::{ROOM_SECONDS, Room};
pub use sharpening::{Sharpener, USUAL_SHARPNESS};
pub use short_time::ShortTime;
