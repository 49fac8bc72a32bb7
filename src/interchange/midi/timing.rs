//! From the ticks of a file to the ticks of a song.

use super::super::Report;
use ziyin_message::message;
use ziyin_score::{MAX_TICK, TICKS_PER_QUARTER, Tick};

/// How the file counts time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clock {
    /// One tick of the file is `numerator / denominator` ticks of the song.
    numerator: u64,
    denominator: u64,
    /// The file counts parts of a second, so that tempo means nothing to it.
    pub is_timecode: bool,
}

impl Clock {
    /// Reads the division of a header: ticks per quarter, or frames per second and ticks
    /// per frame. Seconds become two quarters at 120 bpm.
    pub fn from_division(division: u16, report: &mut Report) -> Self {
        const SONG_TICKS_PER_SECOND: u64 = 2 * TICKS_PER_QUARTER as u64;
        let [high, low] = division.to_be_bytes();
        if division & 0x8000 == 0 && division > 0 {
            let quarter = TICKS_PER_QUARTER as u64;
            return Clock { numerator: quarter, denominator: u64::from(division), is_timecode: false };
        }
        let frames = u64::from(high.wrapping_neg());
        if division & 0x8000 == 0 || low == 0 {
            report.warn(None, None, message!("warning.no-division"));
            return Clock { numerator: 2, denominator: 1, is_timecode: false };
        }
        if ![24, 25, 29, 30].contains(&frames) {
            report.warn(None, None, message!("warning.smpte", frames));
        }
        // "29" means 30 drop frame: 30000/1001 frames per second.
        let (frames, seconds) = if frames == 29 { (30_000, 1001) } else { (frames, 1) };
        Clock {
            numerator: SONG_TICKS_PER_SECOND * seconds,
            denominator: frames * u64::from(low),
            is_timecode: true,
        }
    }

    /// The nearest tick of the song, or `None` beyond [`MAX_TICK`].
    pub fn tick(&self, file_ticks: u64) -> Option<Tick> {
        let scaled = u128::from(file_ticks) * u128::from(self.numerator) + u128::from(self.denominator / 2);
        Tick::try_from(scaled / u128::from(self.denominator)).ok().filter(|&tick| tick <= MAX_TICK)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clock(division: u16) -> Clock {
        Clock::from_division(division, &mut Report::default())
    }

    #[test]
    fn divisions_count_quarters_or_seconds() {
        assert_eq!(clock(480).tick(480), Some(960));
        assert_eq!(clock(96).tick(1), Some(10));
        assert_eq!(clock(7).tick(7_000_000), Some(960_000_000));
        // 25 frames of 40 ticks: milliseconds.
        assert_eq!(clock(0xE728).tick(1000), Some(1920));
        // 30 drop frame: 30000/1001 frames of 100 ticks per second.
        assert_eq!(clock(0xE364).tick(3_000_000), Some(1920 * 1001));
        assert_eq!(clock(1).tick(u64::MAX), None);
    }

    #[test]
    fn a_header_without_division_is_reported() {
        for division in [0, 0xE700] {
            let mut report = Report::default();
            assert_eq!(Clock::from_division(division, &mut report).tick(480), Some(960));
            assert_eq!(report.warnings.len(), 1);
        }
    }
}
