use serde::{Deserialize, Serialize};

use super::{InvalidScore, MAX_TICK, TICKS_PER_QUARTER, Tick};

/// How the beats of a bar are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct TimeSignature {
    /// Beats in a bar, at least 1.
    pub beats: u8,
    /// The note that one beat is: 4 is a quarter. A power of two up to 128.
    pub unit: u8,
}

impl TimeSignature {
    pub const COMMON: TimeSignature = TimeSignature { beats: 4, unit: 4 };

    /// Ticks in a beat.
    pub fn beat(self) -> Tick {
        4 * TICKS_PER_QUARTER / Tick::from(self.unit)
    }

    /// Ticks in a bar.
    pub fn bar(self) -> Tick {
        self.beat() * Tick::from(self.beats)
    }

    /// Whether such a bar can be written.
    pub fn is_valid(self) -> bool {
        self.beats > 0 && self.unit.is_power_of_two()
    }
}

/// From `tick` on, which begins a bar, the song is counted in `signature`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimeSignatureChange {
    pub tick: Tick,
    #[serde(flatten)]
    pub signature: TimeSignature,
}

/// A moment as musicians count it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct BarBeat {
    /// From 1; 0 is a pickup, see [`MeterMap::pickup`].
    pub bar: i64,
    /// From 1.
    pub beat: i64,
    /// Ticks after the beat.
    pub tick: Tick,
}

/// The time signatures of a song, with changes anywhere; a change always begins a bar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MeterMap {
    /// In order, no two at one tick, the first at tick 0.
    changes: Vec<TimeSignatureChange>,
    /// The bar that each change begins.
    bars: Vec<i64>,
}

impl MeterMap {
    /// # Errors
    /// If the changes are not strictly in order, do not begin at tick 0, go past
    /// [`MAX_TICK`], or hold a signature that cannot be written.
    pub fn new(changes: Vec<TimeSignatureChange>) -> Result<Self, InvalidScore> {
        let in_order = changes.windows(2).all(|pair| pair[0].tick < pair[1].tick);
        let valid = changes.iter().all(|change| change.tick <= MAX_TICK && change.signature.is_valid());
        if changes.first().is_none_or(|first| first.tick != 0) || !in_order || !valid {
            return Err(InvalidScore::MeterMap);
        }
        let mut map = Self { bars: Vec::with_capacity(changes.len()), changes };
        map.count_bars();
        Ok(map)
    }

    /// Every change, in order; the first is at tick 0.
    pub fn changes(&self) -> &[TimeSignatureChange] {
        &self.changes
    }

    /// How many ticks the pickup of the song has, which is bar 0: a first bar that a change cuts short. 0
    /// where there is none.
    pub fn pickup(&self) -> Tick {
        let next = self.changes.get(1).map(|change| change.tick);
        next.filter(|&tick| tick < self.changes[0].signature.bar()).unwrap_or(0)
    }

    /// The number of the first bar: 1, or 0 where it is a pickup.
    pub fn first_bar(&self) -> i64 {
        i64::from(self.pickup() == 0)
    }

    /// The time signature at a tick.
    pub fn at(&self, tick: Tick) -> TimeSignature {
        let after = self.changes.partition_point(|change| change.tick <= tick);
        self.changes[after.saturating_sub(1)].signature
    }

    /// Bar and beat of a tick that is not before the song.
    pub fn bar_beat(&self, tick: Tick) -> BarBeat {
        let after = self.changes.partition_point(|change| change.tick <= tick);
        let index = after.saturating_sub(1);
        let change = &self.changes[index];
        let (length, beat) = (change.signature.bar(), change.signature.beat());
        let within = tick - change.tick;
        let in_bar = within.rem_euclid(length);
        BarBeat {
            bar: self.bars[index] + within.div_euclid(length),
            beat: 1 + in_bar / beat,
            tick: in_bar % beat,
        }
    }

    /// The tick at which a bar begins; see [`BarBeat::bar`].
    pub fn bar_start(&self, bar: i64) -> Tick {
        let after = self.bars.partition_point(|&first| first <= bar);
        let index = after.saturating_sub(1);
        let change = &self.changes[index];
        change.tick.saturating_add((bar - self.bars[index]).max(0).saturating_mul(change.signature.bar()))
    }

    /// The start of the bar that is nearest to a tick.
    pub fn nearest_bar(&self, tick: Tick) -> Tick {
        let bar = self.bar_beat(tick.max(0)).bar;
        let (here, next) = (self.bar_start(bar), self.bar_start(bar + 1));
        if tick - here <= next - tick { here } else { next }
    }

    /// Sets the signature from `tick` on, or with `None` lets the one before go on. Gives
    /// back what was set there. The start of the song cannot be left without one.
    pub(super) fn set(&mut self, tick: Tick, signature: Option<TimeSignature>) -> Option<TimeSignature> {
        let before = match (self.changes.binary_search_by_key(&tick, |change| change.tick), signature) {
            (Ok(at), Some(signature)) => Some(std::mem::replace(&mut self.changes[at].signature, signature)),
            (Ok(at), None) => Some(self.changes.remove(at).signature),
            (Err(at), Some(signature)) => {
                self.changes.insert(at, TimeSignatureChange { tick, signature });
                None
            }
            (Err(_), None) => None,
        };
        self.count_bars();
        before
    }

    fn count_bars(&mut self) {
        self.bars.clear();
        let mut bar = self.first_bar();
        for pair in self.changes.windows(2) {
            self.bars.push(bar);
            // A bar that a change cuts short still counts.
            let length = pair[0].signature.bar();
            bar += (pair[1].tick - pair[0].tick + length - 1) / length;
        }
        self.bars.push(bar);
    }
}

impl Default for MeterMap {
    fn default() -> Self {
        let changes = vec![TimeSignatureChange { tick: 0, signature: TimeSignature::COMMON }];
        Self { changes, bars: vec![1] }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_are_counted_across_changes() {
        let three = TimeSignature { beats: 3, unit: 4 };
        let map = MeterMap::new(vec![
            TimeSignatureChange { tick: 0, signature: TimeSignature::COMMON },
            // In the middle of bar 2, which ends there.
            TimeSignatureChange { tick: 3840 + 960, signature: three },
        ])
        .unwrap();
        assert_eq!(map.bar_beat(0), BarBeat { bar: 1, beat: 1, tick: 0 });
        assert_eq!(map.bar_beat(3840 + 10), BarBeat { bar: 2, beat: 1, tick: 10 });
        assert_eq!(map.bar_beat(4800), BarBeat { bar: 3, beat: 1, tick: 0 });
        assert_eq!(map.bar_beat(4800 + 2880 + 960), BarBeat { bar: 4, beat: 2, tick: 0 });
        assert_eq!([1, 2, 3, 4].map(|bar| map.bar_start(bar)), [0, 3840, 4800, 7680]);
        assert_eq!(
            [-5, 2000, 4200, 4400, 6000].map(|tick| map.nearest_bar(tick)),
            [0, 3840, 3840, 4800, 4800]
        );
        assert_eq!((map.pickup(), map.first_bar()), (0, 1));
    }

    #[test]
    fn a_first_bar_that_is_cut_short_is_a_pickup_and_bar_0() {
        let change = |tick| TimeSignatureChange { tick, signature: TimeSignature::COMMON };
        let mut map = MeterMap::new(vec![change(0), change(960), change(960 + 3840)]).unwrap();
        assert_eq!((map.pickup(), map.first_bar()), (960, 0));
        assert_eq!(map.bar_beat(0), BarBeat { bar: 0, beat: 1, tick: 0 });
        assert_eq!(map.bar_beat(960 + 1920), BarBeat { bar: 1, beat: 3, tick: 0 });
        assert_eq!([0, 1, 2, 3].map(|bar| map.bar_start(bar)), [0, 960, 4800, 8640]);
        assert_eq!([100, 500, 900].map(|tick| map.nearest_bar(tick)), [0, 960, 960]);
        map.set(960, None);
        assert_eq!((map.pickup(), map.bar_beat(0).bar, map.bar_beat(4800).bar), (0, 1, 3));
    }
}
