//! The grid that notes keep to. Its lines are counted from the start of each bar.

use ziyin_score::{MeterMap, TICKS_PER_QUARTER, Tick};

/// What becomes of the note value of a grid.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Rhythm {
    #[default]
    Straight,
    /// Three in the place of two.
    Triplet,
    /// Half as long again.
    Dotted,
    /// Of two the first is twice as long as the second.
    Swing,
}

impl Rhythm {
    pub const ALL: [Rhythm; 4] = [Self::Straight, Self::Triplet, Self::Dotted, Self::Swing];
}

/// The grid that notes keep to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Snap {
    /// The note value: 4 is a quarter, [`Snap::BAR`] a bar; 0 for no grid.
    pub value: u8,
    pub rhythm: Rhythm,
}

impl Snap {
    /// The value of a grid of bars, which has no rhythm.
    pub const BAR: u8 = 1;

    pub const VALUES: [u8; 8] = [0, Self::BAR, 2, 4, 8, 16, 32, 64];

    /// Ticks of the note value at a place; 1 without a grid.
    pub fn ticks(self, meter: &MeterMap, at: f64) -> Tick {
        match self.value {
            0 => 1,
            Self::BAR => meter.at(at.max(0.0) as Tick).bar(),
            value => {
                let plain = 4 * TICKS_PER_QUARTER / Tick::from(value);
                match self.rhythm {
                    Rhythm::Straight | Rhythm::Swing => plain,
                    Rhythm::Triplet => plain * 2 / 3,
                    Rhythm::Dotted => plain * 3 / 2,
                }
            }
        }
    }

    /// The lines of the bar that begins at a tick and ends before another, in order; the first is its start.
    pub fn lines(self, meter: &MeterMap, (start, end): (Tick, Tick)) -> impl Iterator<Item = Tick> + use<> {
        let ticks = self.ticks(meter, start as f64).max(1);
        let late = match self.rhythm {
            Rhythm::Swing if self.value > Self::BAR => ticks / 3,
            _ => 0,
        };
        let line = move |i: Tick| start + i * ticks + if i % 2 == 1 { late } else { 0 };
        (0..).map(line).take_while(move |&line| line < end)
    }

    /// The line at or before a tick.
    pub fn floor(self, meter: &MeterMap, tick: f64) -> Tick {
        self.around(meter, tick).0
    }

    /// The nearest line.
    pub fn nearest(self, meter: &MeterMap, tick: f64) -> Tick {
        let (before, after) = self.around(meter, tick);
        if tick - (before as f64) < after as f64 - tick { before } else { after }
    }

    /// The first line behind a tick, or half a quarter later where there is no grid.
    pub fn next(self, meter: &MeterMap, tick: Tick) -> Tick {
        if self.value == 0 { tick + TICKS_PER_QUARTER / 2 } else { self.around(meter, tick as f64).1 }
    }

    /// The lines at or before a tick and after it.
    fn around(self, meter: &MeterMap, tick: f64) -> (Tick, Tick) {
        if self.value == 0 {
            return (tick.floor() as Tick, tick.floor() as Tick + 1);
        }
        let bar = meter.bar_beat(tick.max(0.0) as Tick).bar;
        let (start, end) = (meter.bar_start(bar), meter.bar_start(bar + 1));
        let mut lines = (start, end);
        for line in self.lines(meter, (start, end)) {
            if line as f64 > tick {
                lines.1 = line;
                break;
            }
            lines.0 = line;
        }
        lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ziyin_score::{TimeSignature, TimeSignatureChange};

    fn grid(value: u8, rhythm: Rhythm) -> Vec<Tick> {
        let meter = MeterMap::default();
        Snap { value, rhythm }.lines(&meter, (0, 3840)).take(4).collect()
    }

    #[test]
    fn rhythms_of_the_grid() {
        assert_eq!(grid(8, Rhythm::Straight), [0, 480, 960, 1440]);
        assert_eq!(grid(8, Rhythm::Triplet), [0, 320, 640, 960]);
        assert_eq!(grid(8, Rhythm::Dotted), [0, 720, 1440, 2160]);
        assert_eq!(grid(8, Rhythm::Swing), [0, 640, 960, 1600]);
        assert_eq!(grid(2, Rhythm::Straight), [0, 1920]);
        for rhythm in Rhythm::ALL {
            assert_eq!(grid(Snap::BAR, rhythm), [0]);
        }
    }

    #[test]
    fn the_nearest_line_and_none() {
        let meter = MeterMap::default();
        let at = |value, rhythm, tick| {
            let snap = Snap { value, rhythm };
            (snap.floor(&meter, tick), snap.nearest(&meter, tick))
        };
        assert_eq!(at(4, Rhythm::Straight, 1500.0), (960, 1920));
        assert_eq!(at(8, Rhythm::Swing, 700.0), (640, 640));
        assert_eq!(at(8, Rhythm::Swing, 600.0), (0, 640));
        assert_eq!(at(0, Rhythm::Straight, 700.6), (700, 701));
        // The last dotted quarter of a bar is cut short by the next.
        assert_eq!(at(4, Rhythm::Dotted, 3700.0), (2880, 3840));
        assert_eq!(at(4, Rhythm::Straight, -700.0), (0, 0), "nothing lies before the song");
    }

    #[test]
    fn bars_are_those_of_the_song() {
        let signature = TimeSignature { beats: 3, unit: 4 };
        let meter = MeterMap::new(vec![TimeSignatureChange { tick: 0, signature }]).unwrap();
        let bars = Snap { value: Snap::BAR, rhythm: Rhythm::Swing };
        assert_eq!([1000.0, 2000.0, 4000.0].map(|tick| bars.nearest(&meter, tick)), [0, 2880, 2880]);
        assert_eq!(bars.ticks(&meter, 0.0), 2880);
    }
}
