//! Time signatures for formats that place them by the bars that they begin.

use crate::Report;
use ziyin_message::message;
use ziyin_score::{MeterMap, TICKS_PER_QUARTER, Tick, TimeSignature};

/// Time signatures by bar, counted from 0, each at a later bar than the one before.
#[derive(Debug, PartialEq)]
pub struct BarSignatures {
    pub changes: Vec<(i64, TimeSignature)>,
    /// How many could not stand where they do in the song.
    pub moved: usize,
}

/// A bar that a change cuts short becomes one with a time signature of its own, so that all bars
/// begin where they do in the song. Where no signature says how long it is, the change waits for
/// the end of the bar.
pub fn bar_signatures(meter: &MeterMap) -> BarSignatures {
    let mut placed = BarSignatures { changes: Vec::new(), moved: 0 };
    let (mut tick, mut bar, mut current) = (0, 0, TimeSignature::COMMON);
    for change in meter.changes() {
        // Below 0 where the change before it had to wait.
        let behind = (change.tick - tick).max(0);
        placed.moved += usize::from(change.tick < tick);
        bar += behind / current.bar();
        tick += behind - behind % current.bar();
        let rest = change.tick - tick;
        if rest > 0 {
            let cut = signature_of(rest, current.unit);
            match cut {
                Some(short) => placed.put(bar, short),
                None => placed.moved += 1,
            }
            tick += if cut.is_some() { rest } else { current.bar() };
            bar += 1;
        }
        placed.put(bar, change.signature);
        current = change.signature;
    }
    placed
}

impl BarSignatures {
    /// The changes; that some could not stay where they are is told.
    pub fn told(self, report: &mut Report) -> Vec<(i64, TimeSignature)> {
        if self.moved > 0 {
            report.warn(None, None, message!("warning.moved-signatures", count = self.moved));
        }
        self.changes
    }

    /// Of two at one bar the later counts.
    fn put(&mut self, bar: i64, signature: TimeSignature) {
        while self.changes.pop_if(|&mut (at, _)| at >= bar).is_some() {}
        self.changes.push((bar, signature));
    }
}

/// The signature of a bar of so many ticks, counted in `unit` if it can be.
fn signature_of(ticks: Tick, unit: u8) -> Option<TimeSignature> {
    let finer = (0..=6).map(|exponent| 1u8 << exponent).filter(|&finer| finer > unit);
    std::iter::once(unit).chain(finer).find_map(|unit| {
        let beat = 4 * TICKS_PER_QUARTER / Tick::from(unit);
        let beats = u8::try_from(ticks / beat).ok()?;
        let fits = ticks % beat == 0 && (1..=128).contains(&beats);
        fits.then_some(TimeSignature { beats, unit })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use ziyin_score::TimeSignatureChange;

    fn signatures(changes: &[(Tick, u8, u8)]) -> BarSignatures {
        let change = |&(tick, beats, unit): &(Tick, u8, u8)| TimeSignatureChange {
            tick,
            signature: TimeSignature { beats, unit },
        };
        bar_signatures(&MeterMap::new(changes.iter().map(change).collect()).unwrap())
    }

    fn plain(found: &BarSignatures) -> Vec<(i64, u8, u8)> {
        found.changes.iter().map(|&(bar, signature)| (bar, signature.beats, signature.unit)).collect()
    }

    #[test]
    fn a_bar_that_is_cut_short_has_a_signature_of_its_own() {
        let found = signatures(&[(0, 4, 4), (3840 + 960, 3, 4), (3840 + 960 + 2 * 2880, 6, 8)]);
        assert_eq!(plain(&found), [(0, 4, 4), (1, 1, 4), (2, 3, 4), (4, 6, 8)]);
        assert_eq!(found.moved, 0);
        assert_eq!(plain(&signatures(&[(0, 4, 4), (480, 3, 4)])), [(0, 1, 8), (1, 3, 4)]);
    }

    #[test]
    fn what_no_signature_can_say_waits_for_the_bar_to_end() {
        let found = signatures(&[(0, 4, 4), (7, 3, 4), (3840 + 2880, 2, 4)]);
        assert_eq!((plain(&found), found.moved), (vec![(0, 4, 4), (1, 3, 4), (2, 2, 4)], 1));
        let found = signatures(&[(0, 4, 4), (7, 3, 4), (11, 5, 4), (3840 + 4800, 2, 4)]);
        assert_eq!((plain(&found), found.moved), (vec![(0, 4, 4), (1, 5, 4), (2, 2, 4)], 2));
    }
}
