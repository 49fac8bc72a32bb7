//! What the formats of VOCALOID share: the bend of the pitch, its singers' languages, and
//! a vibrato of which only the place is known.

use crate::sheet::{LeftOut, Part, vibrato};
use crate::{Budget, BudgetError};
use ziyin_lyrics::Language;
use ziyin_message::message;
use ziyin_score::{CurveKind, Tick, Vibrato};

/// Ticks in a quarter note.
pub const QUARTER: f64 = 480.0;
/// The range of the pitch bend, in semitones, where none is given.
pub const USUAL_RANGE: f64 = 2.0;
/// The widest that there is, in MIDI.
pub const WIDEST_RANGE: f64 = 127.0;

/// Adds the deviation that a pitch bend (-8192 to 8191) within a range (in semitones)
/// makes. Both hold from their tick on until the next; the bend ends with its part.
///
/// # Errors
/// If the song holds far too many points.
pub fn add_bend(
    part: &mut Part,
    bends: &mut [(Tick, f64)],
    ranges: &mut [(Tick, f64)],
    end: Tick,
    budget: &Budget,
) -> Result<(), BudgetError> {
    bends.sort_by_key(|&(tick, _)| tick);
    ranges.sort_by_key(|&(tick, _)| tick);
    let mut moments: Vec<Tick> = bends.iter().chain(ranges.iter()).map(|&(tick, _)| tick).collect();
    moments.sort_unstable();
    moments.dedup();
    let (mut bend, mut range, mut before) = (0.0, USUAL_RANGE, 0.0);
    let (mut bends, mut ranges) = (bends.iter().peekable(), ranges.iter().peekable());
    for tick in moments {
        while let Some(&&(_, value)) = bends.peek().filter(|change| change.0 <= tick) {
            bend = value.clamp(-8192.0, 8191.0);
            bends.next();
        }
        while let Some(&&(_, value)) = ranges.peek().filter(|change| change.0 <= tick) {
            range = value.clamp(0.0, WIDEST_RANGE);
            ranges.next();
        }
        let cents = bend / 8192.0 * range * 100.0;
        if tick > 0 {
            part.point(CurveKind::Pitch, tick - 1, before, budget)?;
        }
        part.point(CurveKind::Pitch, tick, cents, budget)?;
        before = cents;
    }
    if before != 0.0 {
        part.point(CurveKind::Pitch, end - 1, before, budget)?;
        part.point(CurveKind::Pitch, end, 0.0, budget)?;
    }
    Ok(())
}

/// A vibrato over the last part of a note. How VOCALOID's numbers for depth and rate sound
/// is not written down anywhere, so a usual one is taken.
pub fn swing(part_of_note: f64, left_out: &mut LeftOut) -> Option<Vibrato> {
    if part_of_note <= 0.0 {
        return None;
    }
    left_out.count(message!("left-out.vibrato-depth"));
    vibrato(50.0, 180.0, 1.0 - part_of_note)
}

/// The language of a singer by the number that VOCALOID gives it.
pub fn language(number: f64) -> Option<Language> {
    match number as i64 {
        0 => Some(Language::Japanese),
        1 => Some(Language::English),
        2 => Some(Language::Korean),
        4 => Some(Language::Mandarin),
        _ => None,
    }
}
