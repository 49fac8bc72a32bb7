use serde::{Deserialize, Serialize};

use super::{InvalidScore, MAX_TICK, TICKS_PER_QUARTER, Tick};

/// A tempo as MIDI writes it: whole microseconds per quarter note.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Tempo(u32);

impl Tempo {
    /// 6000 bpm. A tick then lasts 10 µs, which seconds in an `f64` tell apart up to
    /// [`MAX_TICK`] even after the slowest tempo.
    pub const FASTEST: Tempo = Tempo(10_000);
    /// 3.6 bpm, the slowest that MIDI can write.
    pub const SLOWEST: Tempo = Tempo(0xFF_FFFF);
    /// What a file means that names no tempo.
    pub const BPM_120: Tempo = Tempo(500_000);

    /// `None` outside [`Tempo::FASTEST`] to [`Tempo::SLOWEST`].
    pub fn from_micros(micros_per_quarter: u32) -> Option<Self> {
        let tempo = Tempo(micros_per_quarter);
        (Self::FASTEST..=Self::SLOWEST).contains(&tempo).then_some(tempo)
    }

    /// The nearest tempo that can be written down.
    pub fn from_bpm(bpm: f64) -> Option<Self> {
        let micros = (60e6 / bpm).round();
        (micros >= 0.0 && micros <= f64::from(u32::MAX)).then_some(micros as u32).and_then(Self::from_micros)
    }

    /// Microseconds per quarter note.
    pub fn micros(self) -> u32 {
        self.0
    }

    /// Quarter notes per minute.
    pub fn bpm(self) -> f64 {
        60e6 / f64::from(self.0)
    }
}

/// From `tick` on the song runs at `tempo`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TempoChange {
    pub tick: Tick,
    #[serde(rename = "micros_per_quarter")]
    pub tempo: Tempo,
}

/// Turns ticks into seconds and back.
///
/// Inside, time is an integer count of 1/960 µs: at t µs per quarter a tick lasts exactly
/// t of them, so nothing is ever rounded on the way and every tick comes back from
/// its seconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TempoMap {
    /// In order, no two at one tick, the first at tick 0.
    changes: Vec<TempoChange>,
    /// When each change happens, in 1/960 µs.
    moments: Vec<i64>,
}

/// How many of the units of [`TempoMap`] make a second.
const UNITS_PER_SECOND: f64 = 1e6 * TICKS_PER_QUARTER as f64;

impl TempoMap {
    /// One tempo throughout.
    pub fn constant(tempo: Tempo) -> Self {
        Self { changes: vec![TempoChange { tick: 0, tempo }], moments: vec![0] }
    }

    /// # Errors
    /// If the changes are not strictly in order, do not begin at tick 0, go past
    /// [`MAX_TICK`], or hold a tempo out of range.
    pub fn new(changes: Vec<TempoChange>) -> Result<Self, InvalidScore> {
        let in_order = changes.windows(2).all(|pair| pair[0].tick < pair[1].tick);
        let in_range =
            changes.iter().all(|c| c.tick <= MAX_TICK && Tempo::from_micros(c.tempo.micros()).is_some());
        if changes.first().is_none_or(|first| first.tick != 0) || !in_order || !in_range {
            return Err(InvalidScore::TempoMap);
        }
        let mut map = Self { moments: Vec::with_capacity(changes.len()), changes };
        map.count_moments();
        Ok(map)
    }

    /// Every change, in order; the first is at tick 0.
    pub fn changes(&self) -> &[TempoChange] {
        &self.changes
    }

    /// The tempo at a tick; before the song that of its start.
    pub fn tempo_at(&self, tick: Tick) -> Tempo {
        self.changes[self.segment(tick)].tempo
    }

    /// Seconds from tick 0. Ticks before the song give negative seconds.
    pub fn seconds(&self, tick: Tick) -> f64 {
        self.units(tick) as f64 / UNITS_PER_SECOND
    }

    /// Seconds from tick 0 of a moment that may lie between two ticks.
    pub fn seconds_between(&self, tick: f64) -> f64 {
        let change = self.segment(tick.floor() as Tick);
        let start = &self.changes[change];
        let within = (tick - start.tick as f64) * f64::from(start.tempo.micros());
        (self.moments[change] as f64 + within) / UNITS_PER_SECOND
    }

    /// The tick nearest to a moment in seconds: exactly `tick` for `seconds(tick)`.
    pub fn tick(&self, seconds: f64) -> Tick {
        self.tick_between(seconds).round() as Tick
    }

    /// The moment in ticks, with its fraction.
    pub fn tick_between(&self, seconds: f64) -> f64 {
        let units = seconds * UNITS_PER_SECOND;
        let change = self.moments.partition_point(|&moment| moment as f64 <= units).saturating_sub(1);
        let start = &self.changes[change];
        start.tick as f64 + (units - self.moments[change] as f64) / f64::from(start.tempo.micros())
    }

    /// Sets the tempo from `tick` on, or with `None` lets the one before go on. Gives back
    /// what was set there. The start of the song cannot be left without a tempo.
    pub(super) fn set(&mut self, tick: Tick, tempo: Option<Tempo>) -> Option<Tempo> {
        let before = match (self.changes.binary_search_by_key(&tick, |change| change.tick), tempo) {
            (Ok(at), Some(tempo)) => Some(std::mem::replace(&mut self.changes[at].tempo, tempo)),
            (Ok(at), None) => Some(self.changes.remove(at).tempo),
            (Err(at), Some(tempo)) => {
                self.changes.insert(at, TempoChange { tick, tempo });
                None
            }
            (Err(_), None) => None,
        };
        self.count_moments();
        before
    }

    fn units(&self, tick: Tick) -> i64 {
        let change = self.segment(tick);
        let start = &self.changes[change];
        self.moments[change] + (tick - start.tick) * i64::from(start.tempo.micros())
    }

    fn segment(&self, tick: Tick) -> usize {
        self.changes.partition_point(|change| change.tick <= tick).saturating_sub(1)
    }

    fn count_moments(&mut self) {
        self.moments.clear();
        let (mut moment, mut last) = (0, TempoChange { tick: 0, tempo: Tempo::BPM_120 });
        for &change in &self.changes {
            moment += (change.tick - last.tick) * i64::from(last.tempo.micros());
            self.moments.push(moment);
            last = change;
        }
    }
}

impl Default for TempoMap {
    fn default() -> Self {
        Self::constant(Tempo::BPM_120)
    }
}
