//! VOCALOID 5 and 6: VPR, JSON in a zip archive.

use std::collections::HashMap;
use std::path::{Path, absolute};
use ziyin_message::message;

use serde_json::Value;

use crate::archive::{Archive, UnpackError};
use crate::recording::Recording;
use crate::sheet::{Part, PartNote, Sheet, at_bars, ticks, time_signature};
use crate::tree::{at, flag, items, number, parse_json, text};
use crate::vocaloid::{Control, QUARTER, add_bend, add_steps, language, note_velocity, swing};
use crate::{Budget, BudgetError, Refusal, Report, Resource};

pub const FORMAT: &str = "VPR";

/// Where the song stands in the archive.
pub const SONG: &str = "Project/sequence.json";

/// Where recorded audio lies in the archive.
const AUDIO: &str = "Project/Audio/";

/// Reads a song; recorded audio that is packed with it is unpacked into `folder`, or without one left out.
///
/// # Errors
/// If there is no song in the archive, or one that is damaged or too large.
pub fn read(
    mut archive: Archive,
    folder: Option<&Path>,
    report: &mut Report,
    budget: &Budget,
) -> Result<Sheet, Refusal> {
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
            for part in parts {
                if let Some(recording) = recording(track, part, &mut archive, folder, report, budget)? {
                    sheet.recordings.push(recording);
                }
            }
            continue;
        }
        sheet.add(part(track, &voices, budget)?, budget)?;
    }
    Ok(sheet)
}

/// The recording of an audio part; `None` where it is left out, which is told.
///
/// # Errors
/// If it unfolds to far too much.
fn recording(
    track: &Value,
    part: &Value,
    archive: &mut Archive,
    folder: Option<&Path>,
    report: &mut Report,
    budget: &Budget,
) -> Result<Option<Recording>, BudgetError> {
    budget.spend(Resource::Nodes, 16)?;
    let name = text(at(part, "wav"), "name");
    let unpacked = match folder.map(|folder| archive.unpack(&format!("{AUDIO}{name}"), folder, budget)) {
        Some(Ok(path)) => path,
        Some(Err(UnpackError::Budget(error))) => return Err(error),
        Some(Err(UnpackError::Io(_))) | None => None,
    };
    let Some(path) = unpacked else {
        report.warn(None, None, message!("warning.audio-track", name = text(track, "name")));
        return Ok(None);
    };
    if number(at(part, "region"), "begin").is_some_and(|begin| begin != 0.0) {
        report.warn(None, None, message!("warning.audio-cut", name));
    }
    Ok(Some(Recording {
        path: absolute(&path).unwrap_or(path).to_string_lossy().into_owned(),
        tick: ticks(number(part, "pos").unwrap_or(0.0), QUARTER),
        skipped_ms: 0.0,
        gain_db: fader(track, "volume") / 10.0,
        pan: fader(track, "panpot") / 64.0,
        mute: flag(track, "isMuted"),
    }))
}

/// Where a fader of the mixer stands at first.
fn fader(track: &Value, name: &str) -> f64 {
    items(at(track, name), "events").first().and_then(|event| number(event, "value")).unwrap_or(0.0)
}

fn part(track: &Value, voices: &HashMap<String, &Value>, budget: &Budget) -> Result<Part, BudgetError> {
    let mut part = Part {
        name: text(track, "name"),
        // Tenths of a decibel; 0 is the middle.
        gain_db: fader(track, "volume") / 10.0,
        pan: fader(track, "panpot") / 64.0,
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
            let velocity = number(note, "velocity");
            let own = number(note, "langID").and_then(language);
            let note = PartNote {
                onset: ticks(onset, QUARTER),
                end: ticks(onset + duration, QUARTER),
                pitch: number(note, "number").map_or(-1, |key| key as i64),
                lyric: text(note, "lyric"),
                pronunciation: None,
                language: own.filter(|own| part.language.is_some_and(|language| language != *own)),
                vibrato: swing(length / duration.max(1.0), &mut part.left_out),
                articulation: note_velocity(velocity),
                muted: false,
            };
            part.note(note, budget)?;
        }
        let end = ticks(position + number(section, "duration").unwrap_or(0.0), QUARTER);
        let (mut bends, mut ranges) = (Vec::new(), Vec::new());
        for controller in items(section, "controllers") {
            let events = items(controller, "events").iter().filter_map(|event| {
                Some((ticks(position + number(event, "pos")?, QUARTER), number(event, "value")?))
            });
            match text(controller, "name").as_str() {
                "pitchBend" => bends.extend(events),
                "pitchBendSens" => ranges.extend(events),
                name => match Control::named(name) {
                    Some(control) => {
                        let steps = events.map(|(tick, given)| (tick, control.value(given))).collect();
                        add_steps(&mut part, control.kind(), steps, end, budget)?;
                    }
                    None => {
                        let name: String = name.chars().take(40).collect();
                        part.left_out.add(message!("left-out.named-curve-points", name), events.count());
                    }
                },
            }
        }
        add_bend(&mut part, &mut bends, &mut ranges, end, budget)?;
    }
    Ok(part)
}

#[cfg(test)]
mod tests {
    use super::*;

    use std::io::{Cursor, Write};

    use crate::{ImportOptions, Imported, import_song, open_song};
    use zip::write::SimpleFileOptions;
    use ziyin_score::CurveKind;

    fn vpr(song: &str, audio: &[(&str, &[u8])]) -> Vec<u8> {
        let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for (name, bytes) in [(SONG, song.as_bytes())].iter().chain(audio) {
            zip.start_file(*name, SimpleFileOptions::default()).unwrap();
            zip.write_all(bytes).unwrap();
        }
        zip.finish().unwrap().into_inner()
    }

    fn told(imported: &Imported) -> String {
        imported.report.warnings.iter().map(ToString::to_string).collect()
    }

    const SONG_WITH_AUDIO: &str = r#"{"masterTrack":{"tempo":{"events":[{"pos":0,"value":6000}]}},"tracks":[
        {"type":1,"name":"band","isMuted":true,"volume":{"events":[{"pos":0,"value":-60}]},
        "panpot":{"events":[{"pos":0,"value":-32}]},"parts":[{"pos":960,"wav":{"name":"band.wav"}},
        {"pos":0,"wav":{"name":"gone.wav"}},{"pos":0,"region":{"begin":2.5},"wav":{"name":"../../out.wav"}}]},
        {"type":0,"name":"voice","parts":[{"pos":0,"duration":480,"notes":[
        {"pos":0,"duration":480,"number":60,"lyric":"ら"}]}]}]}"#;

    #[test]
    fn packed_audio_comes_to_lie_beside_the_song() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("song.vpr");
        let audio: [(&str, &[u8]); 2] =
            [("Project/Audio/band.wav", b"RIFF"), ("Project/Audio/../../out.wav", b"x")];
        std::fs::write(&path, vpr(SONG_WITH_AUDIO, &audio)).unwrap();
        // A second time it is there already.
        for _ in 0..2 {
            let imported = open_song(&path, &ImportOptions::default(), &Budget::default()).unwrap();
            let backings = &imported.project.backings;
            let band = folder.path().join("song audio").join("band.wav");
            assert_eq!(std::path::Path::new(&backings[0].path), band);
            assert_eq!(std::fs::read(&band).unwrap(), b"RIFF");
            let found = &backings[0];
            assert_eq!(
                (found.offset_us, found.gain_db, found.pan, found.mute),
                (2_000_000, -6.0, -0.5, true)
            );
            assert_eq!(backings.len(), 2, "what leads elsewhere stays in the folder");
            assert!(folder.path().join("song audio").join("out.wav").exists());
            let told = told(&imported);
            assert!(told.contains("audio track") && told.contains("how it was cut"), "{told}");
        }
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2);
    }

    #[test]
    fn bytes_that_were_never_a_file_leave_none_behind() {
        let bytes = vpr(SONG_WITH_AUDIO, &[("Project/Audio/band.wav", b"RIFF")]);
        let imported =
            import_song(&bytes, Path::new("song.vpr"), &ImportOptions::default(), &Budget::default())
                .unwrap();
        assert!(imported.project.backings.is_empty() && !Path::new("song audio").exists());
        assert_eq!(told(&imported).matches("audio track").count(), 3);
    }

    #[test]
    fn dynamics_and_breathiness_hold_from_point_to_point_and_velocity_shortens() {
        let song = r#"{"masterTrack":{},"tracks":[{"parts":[{"pos":480,"duration":960,"notes":[
            {"pos":0,"duration":960,"number":60,"lyric":"か","velocity":127}],"controllers":[
            {"name":"dynamics","events":[{"pos":0,"value":64},{"pos":480,"value":32}]},
            {"name":"breathiness","events":[{"pos":240,"value":127}]},
            {"name":"growl","events":[{"pos":240,"value":127}]}]}]}]}"#;
        let imported =
            import_song(&vpr(song, &[]), Path::new("a"), &ImportOptions::default(), &Budget::default())
                .unwrap();
        let track = &imported.project.tracks[0];
        let at = |ticks: [f64; 4], kind| ticks.map(|tick| track.curves.get(kind).at(tick));
        assert_eq!(at([1000.0, 1919.0, 1920.0, 2880.0], CurveKind::Loudness), [0.0, 0.0, -12.0, 0.0]);
        assert_eq!(at([1000.0, 1439.0, 1440.0, 2880.0], CurveKind::Breathiness), [0.0, 0.0, 1.0, 0.0]);
        assert!((track.notes[0].articulation(0).consonant - 0.505).abs() < 0.01);
        assert!(told(&imported).contains("growl"));
    }
}
