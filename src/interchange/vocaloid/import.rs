//! What the formats of VOCALOID share: the bend of the pitch and other curves, the velocity of notes,
//! its singers' languages, and a vibrato of which only the place is known.

use crate::articulation::of_velocity;
use crate::sheet::{LeftOut, Part, vibrato};
use crate::{Budget, BudgetError};
use ziyin_lyrics::Language;
use ziyin_message::message;
use ziyin_score::{Articulation, CurveKind, Tick, Vibrato};

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
    let (mut bend, mut range) = (0.0, USUAL_RANGE);
    let mut steps = Vec::with_capacity(moments.len());
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
        steps.push((tick, bend / 8192.0 * range * 100.0));
    }
    add_steps(part, CurveKind::Pitch, steps, end, budget)
}

/// Adds values that each hold from their tick on until the next, in any order; the last holds to the end
/// of its part.
///
/// # Errors
/// If the song holds far too many points.
pub fn add_steps(
    part: &mut Part,
    kind: CurveKind,
    mut steps: Vec<(Tick, f64)>,
    end: Tick,
    budget: &Budget,
) -> Result<(), BudgetError> {
    steps.sort_by_key(|&(tick, _)| tick);
    let mut before = 0.0;
    for (tick, value) in steps {
        if tick > 0 {
            part.point(kind, tick - 1, before, budget)?;
        }
        part.point(kind, tick, value, budget)?;
        before = value;
    }
    if before != 0.0 {
        part.point(kind, end - 1, before, budget)?;
        part.point(kind, end, 0.0, budget)?;
    }
    Ok(())
}

/// How the first character of a note is sung, by the velocity that VOCALOID gives it: 64 leaves the
/// consonant as long as it is, as 100 does in UTAU.
pub fn note_velocity(velocity: Option<f64>) -> Articulation {
    velocity.map(|velocity| of_velocity(velocity.clamp(0.0, 127.0) * 100.0 / 64.0)).unwrap_or_default()
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
