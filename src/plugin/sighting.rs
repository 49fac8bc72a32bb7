//! What is seen of the host's tempo while its transport goes by.

use rtrb::Producer;

use ziyin_score::{TICKS_PER_QUARTER, TimeSignature};

/// By how many seconds a moment may lie beside where it is expected: hosts round.
pub const TOLERANCE: f64 = 1e-3;

/// A moment of the host's song.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sighting {
    /// In quarter notes and in seconds from the start of the song.
    pub quarters: f64,
    pub seconds: f64,
    /// In quarter notes a minute.
    pub tempo: f64,
    pub bar: Option<Bar>,
}

/// The bar that a moment lies in.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bar {
    /// In quarter notes from the start of the song.
    pub start: f64,
    pub signature: TimeSignature,
}

impl Bar {
    /// If it is such as a song can have.
    pub fn new(start: f64, beats: i64, unit: i64) -> Option<Self> {
        let signature = TimeSignature { beats: beats.try_into().ok()?, unit: unit.try_into().ok()? };
        (start.is_finite() && start >= 0.0 && signature.is_valid()).then_some(Self { start, signature })
    }
}

impl Sighting {
    /// If the numbers are such as a song can have.
    pub fn new(quarters: f64, seconds: f64, tempo: f64, bar: Option<Bar>) -> Option<Self> {
        let numbers = [quarters, seconds, tempo].iter().all(|number| number.is_finite());
        (numbers && quarters >= 0.0 && tempo > 0.0).then_some(Self { quarters, seconds, tempo, bar })
    }

    /// Whether another is as this one lets expect.
    fn foretells(&self, other: &Self) -> bool {
        let passed = (other.quarters - self.quarters) * 60.0 / self.tempo;
        let bars = match (self.bar, other.bar) {
            (Some(a), Some(b)) => {
                let length = a.signature.bar() as f64 / TICKS_PER_QUARTER as f64;
                let within = (b.start - a.start) / length;
                a.signature == b.signature && (within - within.round()).abs() < 1e-3
            }
            (None, None) => true,
            _ => false,
        };
        let on_time = (other.seconds - self.seconds - passed).abs() <= TOLERANCE;
        bars && on_time && self.tempo == other.tempo
    }
}

/// Tells of what is unlike what was seen before; on the audio thread.
pub struct Watch {
    sightings: Producer<Sighting>,
    last: Option<Sighting>,
}

impl Watch {
    pub fn new(sightings: Producer<Sighting>) -> Self {
        Self { sightings, last: None }
    }

    /// Gives whether it told of this.
    pub fn look(&mut self, seen: Sighting) -> bool {
        // Where there is no room it is told of with the next buffer.
        let told = !self.last.is_some_and(|last| last.foretells(&seen)) && self.sightings.push(seen).is_ok();
        if told {
            self.last = Some(seen);
        }
        told
    }
}
