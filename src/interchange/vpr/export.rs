//! Writes VPR of VOCALOID 5, which 6 opens too.

use std::io::{Cursor, Write};
use ziyin_message::{Message, message};

use serde_json::{Value, json};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::import::SONG;
use crate::Report;
use crate::export::bars::bar_signatures;
use crate::export::grid::{coarse, coarse_notes};
use crate::export::lines::Line;
use crate::export::numbers::bounded;
use crate::vocaloid::{Control, bends, language_number, phonemes_of, start_of, tempos, velocity};
use ziyin_score::{Articulation, CurveKind, Project, Tick};

/// The name that parts call the one voice of a file by; VOCALOID takes one that is installed.
const VOICE: &str = "ZIYIN";

/// # Errors
/// If the song cannot be packed, in the words of the packer.
pub fn write(project: &Project, lines: &mut [Line], report: &mut Report) -> Result<Vec<u8>, Message> {
    let tracks: Vec<Value> = lines.iter_mut().map(track).collect();
    let end = lines.iter().map(|line| coarse(line.end())).max().unwrap_or(0);
    let song = json!({
        "version": { "major": 5, "minor": 0, "revision": 0 },
        "vender": "Yamaha Corporation",
        "title": project.title,
        "masterTrack": master(project, end, report),
        "voices": [{ "compID": VOICE, "name": "" }],
        "tracks": tracks,
    });
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let packed = zip
        // Bends are thousands of lines that are nearly alike: the least effort packs them well.
        .start_file(SONG, SimpleFileOptions::default().compression_level(Some(1)))
        .and_then(|()| Ok(zip.write_all(song.to_string().as_bytes())?))
        .and_then(|()| zip.finish());
    packed.map(Cursor::into_inner).map_err(Message::foreign)
}

fn master(project: &Project, end: i64, report: &mut Report) -> Value {
    let signatures = bar_signatures(&project.meter).told(report);
    let signatures = signatures.iter();
    let signatures = signatures.map(|(bar, s)| json!({ "bar": bar, "numer": s.beats, "denom": s.unit }));
    let tempos = tempos(project, report).into_iter();
    let tempos: Vec<Value> = tempos.map(|(tick, value)| json!({ "pos": tick, "value": value })).collect();
    json!({
        "samplingRate": 44100,
        "loop": { "isEnabled": false, "begin": 0, "end": end.max(7680) },
        "tempo": {
            "isFolded": false, "height": 0.0, "global": { "isEnabled": false, "value": 12000 },
            "events": tempos,
        },
        "timeSig": { "isFolded": false, "events": signatures.collect::<Vec<_>>() },
        "volume": { "isFolded": false, "height": 0.0, "events": [{ "pos": 0, "value": 0 }] },
    })
}

fn track(line: &mut Line) -> Value {
    let mut beyond = 0;
    // Tenths of a decibel.
    let volume = (10.0 * bounded(line.gain_db, -89.8, 6.0, &mut beyond)).round() as i64;
    line.left_out.add(message!("left-out.beyond-fader"), beyond);
    let pan = (64.0 * line.pan).round() as i64;
    let fader =
        |value: i64| json!({ "isFolded": true, "height": 40.0, "events": [{ "pos": 0, "value": value }] });
    let parts: Vec<Value> = if line.notes.is_empty() { Vec::new() } else { vec![part(line)] };
    line.leave_articulation_out(|note| Articulation { consonant: 1.0, ..note.articulation });
    line.leave_curve_out(CurveKind::Tension);
    line.leave_curve_out(CurveKind::Formant);
    line.leave_curve_out(CurveKind::Mixture);
    json!({
        "type": 0, "name": line.name, "color": 0, "busNo": 0, "isFolded": false, "height": 0.0,
        "volume": fader(volume), "panpot": fader(pan.min(63)),
        "isMuted": line.mute, "isSoloMode": line.track.solo,
        "parts": parts,
    })
}

fn part(line: &mut Line) -> Value {
    let language = line.language();
    let places = coarse_notes(line);
    let mut notes = Vec::with_capacity(places.len());
    let mut swinging = 0;
    let phonemes = phonemes_of(&line.notes, language);
    for ((note, &(onset, end)), phonemes) in line.notes.iter().zip(&places).zip(phonemes) {
        let length = end - onset;
        let swing = start_of(note.vibrato).map_or(0, |start| ((1.0 - start) * length as f64).round() as i64);
        swinging += usize::from(swing > 0);
        let vibrato = match swing {
            0 => json!({ "type": 0, "duration": 0 }),
            swing => json!({
                "type": 1, "duration": swing,
                "depths": [{ "pos": 0, "value": 64 }], "rates": [{ "pos": 0, "value": 50 }],
            }),
        };
        let lyric = note.lyric_or("-");
        notes.push(json!({
            "lyric": lyric,
            "phoneme": phonemes,
            "langID": language_number(note.language.unwrap_or(language)),
            "isProtected": false,
            "pos": onset,
            "duration": length,
            "number": note.key,
            "velocity": velocity(&note.articulation),
            "exp": { "opening": 127 },
            "singingSkill": { "duration": 158.min(length), "weight": { "pre": 64, "post": 64 } },
            "vibrato": vibrato,
        }));
    }
    line.left_out.add(message!("left-out.vibrato-depth"), swinging);
    let bends = bends(line);
    let mut controllers = Vec::new();
    let events = |points: &[(Tick, i32)]| -> Vec<Value> {
        points.iter().map(|(tick, value)| json!({ "pos": tick, "value": value })).collect()
    };
    for control in Control::ALL {
        let steps = control.steps(line);
        if !steps.is_empty() {
            controllers.push(json!({ "name": control.names()[2], "events": events(&steps) }));
        }
    }
    if !bends.points.is_empty() {
        controllers.push(json!({ "name": "pitchBendSens", "events": [{ "pos": 0, "value": bends.range }] }));
        controllers.push(json!({ "name": "pitchBend", "events": events(&bends.points) }));
    }
    json!({
        "pos": 0,
        "duration": places.last().map_or(0, |&(_, end)| end),
        "styleName": "No Effect",
        "voice": { "compID": VOICE, "langID": language_number(language) },
        "notes": notes,
        "controllers": controllers,
        "midiEffects": [],
        "audioEffects": [],
    })
}
