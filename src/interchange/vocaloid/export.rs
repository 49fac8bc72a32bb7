//! The bend of the pitch, tempos, and the number of a language.

use crate::export::grid::{coarse, stepped};
use crate::export::lines::Line;
use crate::export::numbers::hundredths;
use crate::{Report, articulation};
use ziyin_lyrics::Language;
use ziyin_message::message;
use ziyin_score::{Articulation, CurveKind, Project, Tick, Vibrato};

/// A drawn pitch as VOCALOID and MIDI have it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Bends {
    /// How far the strongest bend goes, in semitones.
    pub range: u8,
    /// -8192 to 8191, each from its tick on, in ticks of 1/480 quarter; none without a drawn pitch.
    pub points: Vec<(Tick, i32)>,
}

/// The widest range that there is, in semitones.
const WIDEST: f32 = 24.0;

/// The bends of a line, with the narrowest range that holds them.
pub fn bends(line: &mut Line) -> Bends {
    let curve = line.curves.get(CurveKind::Pitch);
    let most = curve.iter().fold(0.0f32, |most, point| most.max(point.value.abs()));
    let range = (most / 100.0).ceil().clamp(1.0, WIDEST);
    let beyond = curve.iter().filter(|point| point.value.abs() > 100.0 * WIDEST).count();
    let cent = 8192.0 / (100.0 * range);
    let mut points: Vec<(Tick, i32)> = Vec::new();
    // Nothing is sung where the last note has ended.
    let end = coarse(line.end());
    for (tick, cents) in stepped(curve, line.end(), 0.5).into_iter().filter(|&(tick, _)| tick < end) {
        let bend = (cents * cent).round().clamp(-8192.0, 8191.0) as i32;
        // Without a bend before it a line is not bent.
        if points.last().map_or(0, |&(_, before)| before) != bend {
            points.push((tick, bend));
        }
    }
    line.left_out.add(message!("left-out.pitch-beyond"), beyond);
    Bends { range: range as u8, points }
}

/// The tempos of a song, each in hundredths of a quarter a minute from its tick on, in ticks of 1/480
/// quarter. What is rounded is told.
pub fn tempos(project: &Project, report: &mut Report) -> Vec<(Tick, i64)> {
    let mut rounded = 0;
    let changes = project.tempo.changes().iter().map(|change| {
        let (value, is_another) = hundredths(change.tempo);
        rounded += usize::from(is_another);
        (coarse(change.tick), value)
    });
    let tempos = changes.collect();
    if rounded > 0 {
        report.warn(None, None, message!("warning.rounded-tempos", count = rounded));
    }
    tempos
}

/// The number that VOCALOID gives a language.
pub fn language_number(language: Language) -> u8 {
    match language {
        Language::Japanese => 0,
        Language::English => 1,
        Language::Korean => 2,
        Language::Mandarin => 4,
    }
}

/// The velocity of a note, from 0 to 127.
pub fn velocity(own: &Articulation) -> i32 {
    articulation::velocity(own).map_or(64, |velocity| (f64::from(velocity) * 0.64).round() as i32).min(127)
}

/// Where a vibrato sets in as a part of its note; `None` where the note does not swing.
pub fn start_of(vibrato: Option<Vibrato>) -> Option<f64> {
    vibrato.filter(|vibrato| vibrato.depth_cents != 0.0).map(|vibrato| f64::from(vibrato.onset))
}
