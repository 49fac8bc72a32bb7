//! Reads the song of a VVPROJ, not what it speaks.

use ziyin_message::message;

use serde_json::Value;

use super::{FRAMES, HOLD};
use crate::articulation::{decibels, with_boundary};
use crate::maps::tempo_map;
use crate::sheet::{Part, PartNote, Sheet, at_bars, ticks, time_signature};
use crate::tree::{at, flag, items, number, parse_json, text};
use crate::{Budget, BudgetError, Refusal, Report};
use ziyin_lyrics::{Language, kana_to_syllables};
use ziyin_score::{Articulation, Boundary, CurveKind, TempoMap};

const FORMAT: &str = "VVPROJ";

/// What is sung on a note without a lyric, by its key.
const SOL_FA: [&str; 12] = ["ド", "ド", "レ", "レ", "ミ", "ファ", "ファ", "ソ", "ソ", "ラ", "ラ", "シ"];

pub fn read(bytes: &[u8], report: &mut Report, budget: &Budget) -> Result<Sheet, Refusal> {
    let project = parse_json(FORMAT, bytes, budget)?;
    let song = at(&project, "song");
    let quarter = number(song, "tpqn").filter(|&ticks| ticks >= 1.0).unwrap_or(480.0);
    let mut sheet = Sheet::default();
    for tempo in items(song, "tempos") {
        if let Some((position, bpm)) = number(tempo, "position").zip(number(tempo, "bpm")) {
            sheet.tempo(ticks(position, quarter), bpm, report);
        }
    }
    let signatures = items(song, "timeSignatures").iter().filter_map(|signature| {
        let counted = time_signature(number(signature, "beats")?, number(signature, "beatType")?)?;
        // Bars are counted from 1.
        Some(((number(signature, "measureNumber")? as i64).saturating_sub(1), counted))
    });
    sheet.meters = at_bars(signatures.collect());
    let tempo = tempo_map(sheet.tempos.clone());
    for track in tracks(song) {
        sheet.add(part(track, quarter, &tempo, budget)?, budget)?;
    }
    if sheet.parts.iter().all(|part| part.notes.is_empty()) {
        return Err(Refusal::NothingToSing { format: FORMAT });
    }
    Ok(sheet)
}

/// The tracks in their order; older versions have a list of them.
fn tracks(song: &Value) -> Vec<&Value> {
    match at(song, "tracks") {
        Value::Array(list) => list.iter().collect(),
        Value::Object(named) => {
            let order = items(song, "trackOrder").iter().filter_map(Value::as_str);
            let ordered: Vec<&Value> = order.filter_map(|id| named.get(id)).collect();
            if ordered.len() == named.len() { ordered } else { named.values().collect() }
        }
        _ => Vec::new(),
    }
}

fn part(track: &Value, quarter: f64, tempo: &TempoMap, budget: &Budget) -> Result<Part, BudgetError> {
    let mut part = Part {
        name: text(track, "name"),
        language: Some(Language::Japanese),
        gain_db: number(track, "gain").map_or(0.0, |factor| decibels(factor).into()),
        pan: number(track, "pan").unwrap_or(0.0),
        mute: flag(track, "mute"),
        solo: flag(track, "solo"),
        ..Part::default()
    };
    let timing = at(track, "phonemeTimingEditData");
    for note in items(track, "notes") {
        let onset = number(note, "position").unwrap_or(-1e9);
        let end = onset + number(note, "duration").unwrap_or(0.0);
        let pitch = number(note, "noteNumber").map_or(-1, |key| key as i64);
        let lyric = match text(note, "lyric") {
            empty if empty.trim().is_empty() => SOL_FA[pitch.rem_euclid(12) as usize].into(),
            hold if hold == HOLD => "-".into(),
            lyric => lyric,
        };
        let edits = items(timing, &text(note, "id"));
        let (articulation, lost) = articulation(edits, &lyric);
        part.left_out.add(message!("left-out.moved-phonemes"), lost);
        let note = PartNote {
            onset: ticks(onset, quarter),
            end: ticks(end, quarter),
            pitch,
            lyric,
            articulation,
            ..PartNote::default()
        };
        part.note(note, budget)?;
    }
    // -1 stands where nothing is drawn.
    let drawn = items(track, "pitchEditData").iter().filter(|hertz| hertz.as_f64().is_some_and(|f| f > 0.0));
    part.left_out.add(message!("left-out.curve-points", name = "pitch"), drawn.count());
    volume(items(track, "volumeEditData"), tempo, &mut part, budget)?;
    let adjusted = number(track, "volumeRangeAdjustment").is_some_and(|decibels| decibels != 0.0);
    part.left_out.add(message!("left-out.voice-panel", name = "volumeRangeAdjustment"), adjusted.into());
    Ok(part)
}

/// Where the vowel of a note sounds, and how many other phonemes are moved.
fn articulation(edits: &[Value], lyric: &str) -> (Articulation, usize) {
    let has_consonant = kana_to_syllables(lyric)
        .and_then(|all| all.into_iter().next())
        .is_some_and(|first| first.initial != ziyin_lyrics::Phoneme::None);
    let vowel = if has_consonant { 1.0 } else { 0.0 };
    let (mut own, mut lost) = (Articulation::default(), 0);
    for edit in edits {
        match number(edit, "offsetSeconds").filter(|&seconds| seconds != 0.0) {
            Some(seconds) if number(edit, "phonemeIndexInNote") == Some(vowel) => {
                own = with_boundary(own, Boundary::Vowel, 1000.0 * seconds);
            }
            Some(_) => lost += 1,
            None => {}
        }
    }
    (own, lost)
}

/// The volume as it is drawn, in dB frame by frame, null where it is not.
fn volume(frames: &[Value], tempo: &TempoMap, part: &mut Part, budget: &Budget) -> Result<(), BudgetError> {
    let tick = |frame: usize| tempo.tick(frame as f64 / FRAMES);
    let value = |frame: Option<&Value>| frame.and_then(Value::as_f64);
    for (index, frame) in frames.iter().enumerate() {
        let before = value(index.checked_sub(1).and_then(|before| frames.get(before)));
        match (value(Some(frame)), before) {
            (Some(decibels), before) => {
                if before.is_none() && index > 0 {
                    part.point(CurveKind::Loudness, tick(index) - 1, 0.0, budget)?;
                }
                part.point(CurveKind::Loudness, tick(index), decibels, budget)?;
            }
            (None, Some(last)) => {
                part.point(CurveKind::Loudness, tick(index) - 1, last, budget)?;
                part.point(CurveKind::Loudness, tick(index), 0.0, budget)?;
            }
            (None, None) => {}
        }
    }
    if let Some(last) = value(frames.last()) {
        part.point(CurveKind::Loudness, tick(frames.len()) - 1, last, budget)?;
        part.point(CurveKind::Loudness, tick(frames.len()), 0.0, budget)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    use std::path::Path;

    use crate::{ImportOptions, Imported, OpenError, import_song};

    fn import(song: &str) -> Result<Imported, OpenError> {
        let text = format!(r#"{{"appVersion":"0.24.0","talk":{{"audioKeys":[]}},"song":{song}}}"#);
        import_song(text.as_bytes(), Path::new("a"), &ImportOptions::default(), &Budget::default())
    }

    #[test]
    fn a_song_comes_in_with_its_volume_and_the_places_of_its_vowels() {
        let song = r#"{"tpqn":480,"tempos":[{"position":0,"bpm":60},{"position":1920,"bpm":90}],
            "timeSignatures":[{"measureNumber":1,"beats":3,"beatType":4},{"measureNumber":3,"beats":4,"beatType":4}],
            "tracks":{"b":{"name":"second","notes":[]},"a":{"name":"first","gain":0.5,"pan":-0.25,"solo":true,
            "keyRangeAdjustment":-12,"volumeRangeAdjustment":3,"pitchEditData":[-1,440,441],
            "volumeEditData":[null,-6,-6,null],"phonemeTimingEditData":{"n":[{"phonemeIndexInNote":0,
            "offsetSeconds":-0.05},{"phonemeIndexInNote":1,"offsetSeconds":0.03}]},"notes":[
            {"id":"n","position":0,"duration":480,"noteNumber":60,"lyric":"か"},
            {"id":"m","position":480,"duration":240,"noteNumber":69,"lyric":null}]}},"trackOrder":["a","b"]}"#;
        let imported = import(song).unwrap();
        let project = &imported.project;
        assert_eq!(project.tracks.iter().map(|t| t.name.as_str()).collect::<Vec<_>>(), ["first", "second"]);
        let track = &project.tracks[0];
        let notes: Vec<_> =
            track.notes.iter().map(|n| (n.onset, n.length, n.pitch, n.lyric.as_str())).collect();
        assert_eq!(notes, [(0, 960, 60, "か"), (960, 480, 69, "ラ")]);
        assert_eq!(track.notes[0].articulation(0).vowel_ms, Some(30.0));
        assert!((track.gain_db + 6.02).abs() < 0.01 && track.pan == -0.25 && track.solo);
        assert_eq!(project.meter.changes()[1].tick, 2 * 2880);
        assert!((project.tempo.tempo_at(3840).bpm() - 90.0).abs() < 0.01);
        // Two frames from the second on, at 960 ticks a second.
        let loudness = &track.curves.loudness;
        assert_eq!([8.0, 12.0, 29.0, 31.0].map(|tick| loudness.at(tick)), [0.0, -6.0, -6.0, 0.0]);
        let told: String = imported.report.warnings.iter().map(ToString::to_string).collect();
        for part in ["pitch curve points (2)", "moved phonemes (1)", "volumeRangeAdjustment"] {
            assert!(told.contains(part), "{told}");
        }
    }

    #[test]
    fn tracks_of_older_versions_are_a_list_and_talk_alone_is_no_song() {
        let note = r#"{"id":"n","position":0,"duration":480,"noteNumber":60,"lyric":"ら"}"#;
        let imported = import(&format!(r#"{{"tracks":[{{"notes":[{note}]}}]}}"#)).unwrap();
        assert_eq!(imported.project.tracks[0].notes[0].lyric, "ら");
        for empty in ["null", "{}", r#"{"tracks":{"a":{"notes":[]}}}"#] {
            assert!(matches!(import(empty), Err(OpenError::Refused(Refusal::NothingToSing { .. }))));
        }
    }
}
