//! VOCALOID 5 and 6: VPR, JSON in a zip archive.

use std::collections::HashMap;
use ziyin_message::message;

use serde_json::Value;

use crate::archive::Archive;
use crate::sheet::{Part, PartNote, Sheet, at_bars, ticks, time_signature};
use crate::tree::{at, flag, items, number, parse_json, text};
use crate::vocaloid::{QUARTER, add_bend, language, swing};
use crate::{Budget, BudgetError, Refusal, Report};

pub const FORMAT: &str = "VPR";

/// Where the song stands in the archive.
pub const SONG: &str = "Project/sequence.json";

pub fn read(mut archive: Archive, report: &mut Report, budget: &Budget) -> Result<Sheet, Refusal> {
    let json = archive.read(SONG, budget)?;
    let json = json.ok_or_else(|| Refusal::damaged(FORMAT, message!("damage.no-song")))?;
    let song = parse_json(FORMAT, &json, budget)?;
    let master = at(&song, "masterTrack");
    let mut sheet = Sheet { title: text(&song, "title"), ..Sheet::default() };
    let global = at(at(master, "tempo"), "global");
    if flag(global, "isEnabled") {
        sheet.tempo(0, number(global, "value").unwrap_or(12_000.0) / 100.0, report);
    } else {
        for tempo in items(at(master, "tempo"), "events") {
            if let Some((tick, hundredths)) = number(tempo, "pos").zip(number(tempo, "value")) {
                sheet.tempo(ticks(tick, QUARTER), hundredths / 100.0, report);
            }
        }
    }
    let signatures = items(at(master, "timeSig"), "events").iter().filter_map(|signature| {
        let counted = time_signature(number(signature, "numer")?, number(signature, "denom")?)?;
        Some((number(signature, "bar")? as i64, counted))
    });
    sheet.meters = at_bars(signatures.collect());
    let voices = items(&song, "voices").iter();
    // Of several of one number the first.
    let voices: HashMap<String, &Value> = voices.rev().map(|voice| (text(voice, "compID"), voice)).collect();
    for track in items(&song, "tracks") {
        let parts = items(track, "parts");
        if parts.iter().any(|part| part.get("wav").is_some()) {
            report.warn(None, None, message!("warning.audio-track", name = text(track, "name")));
            continue;
        }
        sheet.add(part(track, &voices, budget)?, budget)?;
    }
    Ok(sheet)
}

fn part(track: &Value, voices: &HashMap<String, &Value>, budget: &Budget) -> Result<Part, BudgetError> {
    let fader = |name| items(at(track, name), "events").first().and_then(|event| number(event, "value"));
    let mut part = Part {
        name: text(track, "name"),
        // Tenths of a decibel; 0 is the middle.
        gain_db: fader("volume").unwrap_or(0.0) / 10.0,
        pan: fader("panpot").unwrap_or(0.0) / 64.0,
        mute: flag(track, "isMuted"),
        solo: flag(track, "isSoloMode"),
        ..Part::default()
    };
    for name in ["volume", "panpot"] {
        let further = items(at(track, name), "events").len().saturating_sub(1);
        part.left_out.add(message!("left-out.automation"), further);
    }
    for section in items(track, "parts") {
        let position = number(section, "pos").unwrap_or(0.0);
        let voice = at(section, "voice");
        if part.singer.is_empty() {
            let sings = voices.get(&text(voice, "compID"));
            part.singer = sings.map(|known| text(known, "name")).unwrap_or_default();
        }
        part.language = part.language.or_else(|| number(voice, "langID").and_then(language));
        for note in items(section, "notes") {
            let onset = position + number(note, "pos").unwrap_or(-1e9);
            let duration = number(note, "duration").unwrap_or(0.0);
            if flag(note, "isProtected") {
                part.left_out.count(message!("left-out.typed-phonemes"));
            }
            let length = number(at(note, "vibrato"), "duration").unwrap_or(0.0);
            let note = PartNote {
                onset: ticks(onset, QUARTER),
                end: ticks(onset + duration, QUARTER),
                pitch: number(note, "number").map_or(-1, |key| key as i64),
                lyric: text(note, "lyric"),
                pronunciation: None,
                vibrato: swing(length / duration.max(1.0), &mut part.left_out),
                articulation: Default::default(),
            };
            part.note(note, budget)?;
        }
        let (mut bends, mut ranges) = (Vec::new(), Vec::new());
        for controller in items(section, "controllers") {
            let events = items(controller, "events").iter().filter_map(|event| {
                Some((ticks(position + number(event, "pos")?, QUARTER), number(event, "value")?))
            });
            match text(controller, "name").as_str() {
                "pitchBend" => bends.extend(events),
                "pitchBendSens" => ranges.extend(events),
                name => part.left_out.add(message!("left-out.named-curve-points", name), events.count()),
            }
        }
        let end = position + number(section, "duration").unwrap_or(0.0);
        add_bend(&mut part, &mut bends, &mut ranges, ticks(end, QUARTER), budget)?;
    }
    Ok(part)
}
