//! Synthesizer V's SVP, which is JSON.

use std::collections::HashMap;

use serde_json::Value;

use super::sheet::{Part, PartNote, Sheet, at_bars, ticks, time_signature, vibrato};
use super::tree::{as_number, at, flag, items, number, parse_json, text};
use super::{Budget, BudgetError, Refusal, Report, Resource};
use ziyin_lyrics::Language;
use ziyin_score::{Colour, CurveKind};

pub const FORMAT: &str = "SVP";

/// Synthesizer V's unit of time, in a quarter note.
const BLICKS: f64 = 705_600_000.0;

/// Parameters that have a curve here, with the factor to its unit.
const CURVES: [(&str, CurveKind, f64); 4] = [
    ("pitchDelta", CurveKind::Pitch, 1.0),
    ("loudness", CurveKind::Loudness, 1.0),
    ("tension", CurveKind::Tension, 1.0),
    ("breathiness", CurveKind::Breathiness, 1.0),
];

pub fn read(bytes: &[u8], report: &mut Report, budget: &Budget) -> Result<Sheet, Refusal> {
    let song = parse_json(FORMAT, bytes, budget)?;
    let mut sheet = Sheet::default();
    for tempo in items(at(&song, "time"), "tempo") {
        if let Some((position, bpm)) = number(tempo, "position").zip(number(tempo, "bpm")) {
            sheet.tempo(ticks(position, BLICKS), bpm, report);
        }
    }
    let meters = items(at(&song, "time"), "meter").iter();
    sheet.meters = at_bars(
        meters
            .filter_map(|meter| {
                let signature = time_signature(number(meter, "numerator")?, number(meter, "denominator")?)?;
                Some((number(meter, "index").unwrap_or(0.0) as i64, signature))
            })
            .collect(),
    );
    let mut tracks: Vec<&Value> = items(&song, "tracks").iter().collect();
    tracks.sort_by_key(|track| number(track, "dispOrder").unwrap_or(0.0) as i64);
    // Of several of one name the first.
    let library = items(&song, "library").iter().rev().map(|group| (text(group, "uuid"), group)).collect();
    for track in tracks {
        let main = at(track, "mainRef");
        if flag(main, "isInstrumental") {
            report.warn(None, None, format!("the audio track `{}` was left out", text(track, "name")));
            continue;
        }
        sheet.add(part(track, &library, budget)?, budget)?;
    }
    Ok(sheet)
}

fn part(track: &Value, library: &HashMap<String, &Value>, budget: &Budget) -> Result<Part, BudgetError> {
    let mixer = at(track, "mixer");
    let main = at(track, "mainRef");
    let mut part = Part {
        name: text(track, "name"),
        language: language(main),
        singer: text(at(main, "database"), "name"),
        gain_db: number(mixer, "gainDecibel").unwrap_or(0.0),
        pan: number(mixer, "pan").unwrap_or(0.0),
        mute: flag(mixer, "mute"),
        solo: flag(mixer, "solo"),
        colour: colour(&text(track, "dispColor")),
        ..Part::default()
    };
    add_group(&mut part, at(track, "mainGroup"), main, budget)?;
    for reference in items(track, "groups") {
        budget.spend(Resource::Groups, 1)?;
        match library.get(&text(reference, "groupID")) {
            Some(group) => add_group(&mut part, group, reference, budget)?,
            None => part.left_out.count("groups that the file does not hold"),
        }
    }
    Ok(part)
}

/// Adds the notes and curves of a group where the track refers to it.
///
/// # Errors
/// If the song holds far too much.
fn add_group(part: &mut Part, group: &Value, reference: &Value, budget: &Budget) -> Result<(), BudgetError> {
    let offset = number(reference, "blickOffset").unwrap_or(0.0);
    let transposed = number(reference, "pitchOffset").unwrap_or(0.0).clamp(-1000.0, 1000.0) as i64;
    for note in items(group, "notes") {
        let onset = number(note, "onset").unwrap_or(-1e18) + offset;
        let duration = number(note, "duration").unwrap_or(0.0);
        let attributes = at(note, "attributes");
        if !text(note, "phonemes").is_empty() {
            part.left_out.count("typed phonemes");
        }
        if number(note, "detune").is_some_and(|cents| cents != 0.0) {
            part.left_out.count("detuned notes");
        }
        let bends = ["tF0Offset", "tF0Left", "tF0Right", "dF0Left", "dF0Right"];
        if bends.iter().any(|name| !at(attributes, name).is_null()) {
            part.left_out.count("transitions between notes");
        }
        if ["dur", "alt", "strength"].iter().any(|name| !items(attributes, name).is_empty()) {
            part.left_out.count("moved phonemes");
        }
        let note = PartNote {
            onset: ticks(onset, BLICKS),
            end: ticks(onset + duration, BLICKS),
            pitch: number(note, "pitch").map_or(-1, |pitch| pitch.clamp(-1000.0, 1000.0) as i64 + transposed),
            lyric: text(note, "lyrics"),
            pronunciation: None,
            vibrato: swing(attributes, duration),
        };
        part.note(note, budget)?;
    }
    let parameters = at(group, "parameters");
    for (name, kind, scale) in CURVES {
        let curve = at(parameters, name);
        let values: Vec<f64> = items(curve, "points").iter().filter_map(as_number).collect();
        let points: Vec<(f64, f64)> =
            values.chunks_exact(2).map(|point| (point[0] + offset, point[1] * scale)).collect();
        for (blick, value) in drawn(&points, text(curve, "mode") != "linear") {
            part.point(kind, ticks(blick, BLICKS), value, budget)?;
        }
    }
    for name in ["vibratoEnv", "voicing", "gender", "toneShift"] {
        if !items(at(parameters, name), "points").is_empty() {
            part.left_out.count(format!("`{name}` curves"));
        }
    }
    Ok(())
}

/// The points, with more of them between where the line is a soft one.
fn drawn(points: &[(f64, f64)], soft: bool) -> Vec<(f64, f64)> {
    const PARTS: usize = 6;
    let mut all = Vec::new();
    for (i, &(x, y)) in points.iter().enumerate() {
        all.push((x, y));
        let Some(&(next_x, next_y)) = points.get(i + 1).filter(|next| soft && next.1 != y) else { continue };
        // Points that are close need none between.
        if next_x - x < BLICKS / 32.0 {
            continue;
        }
        for part in (1..PARTS).map(|part| part as f64 / PARTS as f64) {
            let eased = 0.5 - 0.5 * (std::f64::consts::PI * part).cos();
            all.push((x + part * (next_x - x), y + eased * (next_y - y)));
        }
    }
    all
}

/// The vibrato that a note names: depth from crest to trough in semitones, rate in Hz.
/// When it sets in is told in seconds, which a note at a usual tempo is measured by.
fn swing(attributes: &Value, duration: f64) -> Option<ziyin_score::Vibrato> {
    let depth = number(attributes, "dF0Vbr");
    let rate = number(attributes, "fF0Vbr");
    if depth.is_none() && rate.is_none() {
        return None;
    }
    let start = number(attributes, "tF0VbrStart").unwrap_or(0.25);
    let seconds = (duration / BLICKS * 0.5).max(1e-3);
    vibrato(50.0 * depth.unwrap_or(1.0), 1000.0 / rate.unwrap_or(5.5).max(0.2), start / seconds)
}

fn language(reference: &Value) -> Option<Language> {
    let database = at(reference, "database");
    let named = [text(database, "languageOverride"), text(database, "language")];
    match named.iter().find(|name| !name.is_empty())?.as_str() {
        "mandarin" => Some(Language::Mandarin),
        "japanese" => Some(Language::Japanese),
        "korean" => Some(Language::Korean),
        _ => None,
    }
}

/// `ff7db235`: opacity, red, green, blue.
fn colour(hex: &str) -> Option<Colour> {
    let number = u32::from_str_radix(hex.get(2..)?, 16).ok().filter(|_| hex.len() == 8)?;
    let [_, red, green, blue] = number.to_be_bytes();
    Some(Colour([red, green, blue]))
}
