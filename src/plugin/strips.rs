//! What a host can automate of single tracks, on top of what the song says of them.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::Relaxed};

use serde::{Deserialize, Serialize};

/// Tracks that have a strip, the first of the song. Those beyond go by the song alone.
pub const STRIPS: usize = 16;
/// The least and the greatest gain in dB; the least is silence.
pub const GAIN_DB: [f32; 2] = [-60.0, 12.0];
/// How a track is shaped: formant in semitones, breathiness and tension as parts of all there is.
pub type Shape = [f32; 3];
/// The least and the greatest value of each.
pub const RANGES: [[f32; 2]; 3] = [[-12.0, 12.0], [-1.0, 1.0], [-1.0, 1.0]];

/// What the host wants of a track. With nothing asked for it sounds as the song has it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Strip {
    /// Added to the gain of the track, within [`GAIN_DB`].
    pub gain_db: f32,
    /// Added to where the track stands: -1 is all to the left, 1 to the right.
    pub pan: f32,
    pub mute: bool,
    /// Of the tracks with a strip and those without, only those with this are heard, if there are any.
    pub solo: bool,
    /// Added to the curves of the track, within [`RANGES`]: in semitones, and parts of all there is.
    #[serde(skip_serializing_if = "is_at_rest")]
    pub formant: f32,
    #[serde(skip_serializing_if = "is_at_rest")]
    pub breathiness: f32,
    #[serde(skip_serializing_if = "is_at_rest")]
    pub tension: f32,
}

fn is_at_rest(value: &f32) -> bool {
    *value == 0.0
}

impl Strip {
    /// The same within the bounds; what is no number is as usual.
    pub fn bounded(self) -> Self {
        let within = |value: f32, [least, most]: [f32; 2]| {
            if value.is_finite() { value.clamp(least, most) } else { 0.0 }
        };
        Self {
            gain_db: within(self.gain_db, GAIN_DB),
            pan: within(self.pan, [-1.0, 1.0]),
            formant: within(self.formant, RANGES[0]),
            breathiness: within(self.breathiness, RANGES[1]),
            tension: within(self.tension, RANGES[2]),
            ..self
        }
    }

    /// How it shapes what is sung.
    pub fn shape(self) -> Shape {
        [self.formant, self.breathiness, self.tension]
    }
}

/// The strips as any thread may set and read them.
#[derive(Default)]
pub struct Strips([Kept; STRIPS]);

/// A strip, its numbers as their bits.
#[derive(Default)]
struct Kept {
    gain_db: AtomicU32,
    pan: AtomicU32,
    mute: AtomicBool,
    solo: AtomicBool,
    shape: [AtomicU32; 3],
}

impl Strips {
    /// The strip of a track, by its place in the song.
    pub fn get(&self, place: usize) -> Strip {
        let Some(kept) = self.0.get(place) else { return Strip::default() };
        let [formant, breathiness, tension] =
            kept.shape.each_ref().map(|value| f32::from_bits(value.load(Relaxed)));
        Strip {
            formant,
            breathiness,
            tension,
            gain_db: f32::from_bits(kept.gain_db.load(Relaxed)),
            pan: f32::from_bits(kept.pan.load(Relaxed)),
            mute: kept.mute.load(Relaxed),
            solo: kept.solo.load(Relaxed),
        }
    }

    pub fn set(&self, place: usize, strip: Strip) {
        let (Some(kept), strip) = (self.0.get(place), strip.bounded()) else { return };
        kept.gain_db.store(strip.gain_db.to_bits(), Relaxed);
        kept.pan.store(strip.pan.to_bits(), Relaxed);
        kept.mute.store(strip.mute, Relaxed);
        kept.solo.store(strip.solo, Relaxed);
        kept.shape.iter().zip(strip.shape()).for_each(|(kept, value)| kept.store(value.to_bits(), Relaxed));
    }
}
