//! Writes VVPROJ as VOICEVOX 0.24 has it, with a song and nothing to speak.

use serde_json::{Map, Value, json};
use ziyin_message::message;

use super::{FRAMES, HOLD};
use crate::Report;
use crate::export::bars::bar_signatures;
use crate::export::grid::{coarse, coarse_notes};
use crate::export::lines::{Line, LineNote};
use crate::export::numbers::{bpm, plain};
use ziyin_lyrics::{Phoneme, kana_to_syllables};
use ziyin_score::{Articulation, Curve, CurveKind, Project, Tick};

/// Of VOICEVOX, whose format it is.
const VERSION: &str = "0.24.0";
/// Ticks in its quarter.
const QUARTER: Tick = 480;

pub fn write(project: &Project, lines: &mut [Line], report: &mut Report) -> Vec<u8> {
    let tempos = project.tempo.changes().iter();
    let tempos = tempos.map(|change| json!({ "position": coarse(change.tick), "bpm": bpm(change.tempo) }));
    let signatures = bar_signatures(&project.meter).told(report).into_iter();
    // Bars are counted from 1.
    let signatures =
        signatures.map(|(bar, s)| json!({ "measureNumber": bar + 1, "beats": s.beats, "beatType": s.unit }));
    let (mut tracks, mut order) = (Map::new(), Vec::new());
    for (number, line) in lines.iter_mut().enumerate() {
        let id = id(0, number);
        tracks.insert(id.clone(), track(project, line, number));
        order.push(id);
    }
    let song = json!({
        "appVersion": VERSION,
        "talk": { "audioKeys": [], "audioItems": {} },
        "song": {
            "tpqn": QUARTER,
            "tempos": tempos.collect::<Vec<_>>(),
            "timeSignatures": signatures.collect::<Vec<_>>(),
            "tracks": tracks,
            "trackOrder": order,
        },
    });
    song.to_string().into_bytes()
}

/// What names a track or a note; it need only differ from the others of the song.
fn id(track: usize, number: usize) -> String {
    format!("00000000-0000-4000-8{:03x}-{number:012x}", track % 0x1000)
}

fn track(project: &Project, line: &mut Line, number: usize) -> Value {
    let places = coarse_notes(line);
    let (mut notes, mut moved, mut silent) = (Vec::with_capacity(places.len()), Map::new(), 0);
    for (place, (note, (onset, end))) in line.notes.iter().zip(places).enumerate() {
        let own = id(number + 1, place);
        silent += usize::from(note.is_silent());
        notes.push(json!({
            "id": own,
            "position": onset,
            "duration": end - onset,
            "noteNumber": note.key,
            "lyric": note.lyric_or(HOLD),
        }));
        if let Some(ms) = note.articulation.vowel_ms {
            let edit = json!({ "phonemeIndexInNote": vowel(note), "offsetSeconds": plain(ms) / 1000.0 });
            moved.insert(own, json!([edit]));
        }
    }
    // It sings the name of the tone there.
    line.left_out.add(message!("left-out.silence"), silent);
    for kind in CurveKind::ALL.into_iter().filter(|&kind| kind != CurveKind::Loudness) {
        line.leave_curve_out(kind);
    }
    line.leave_vibrato_out();
    line.leave_pronunciations_out();
    line.leave_languages_out();
    line.leave_articulation_out(|note| Articulation { vowel_ms: None, ..note.articulation });
    json!({
        "name": line.name,
        "keyRangeAdjustment": 0,
        "volumeRangeAdjustment": 0,
        "notes": notes,
        "pitchEditData": [],
        "volumeEditData": volume(project, line.curves.get(CurveKind::Loudness)),
        "phonemeTimingEditData": moved,
        "solo": line.track.solo,
        "mute": line.mute,
        "gain": 10f64.powf(plain(line.gain_db) / 20.0),
        "pan": plain(line.pan),
    })
}

/// The place of the vowel among the phonemes of a note.
fn vowel(note: &LineNote) -> usize {
    let first = kana_to_syllables(&note.lyric).and_then(|all| all.into_iter().next());
    usize::from(first.is_some_and(|first| first.initial != Phoneme::None))
}

/// The volume in dB frame by frame, null where nothing is drawn.
fn volume(project: &Project, curve: &Curve) -> Vec<Value> {
    let Some(last) = curve.last() else { return Vec::new() };
    let count = (project.tempo.seconds(last.tick) * FRAMES).ceil() as usize + 1;
    let at = |frame: usize| curve.at(project.tempo.tick_between(frame as f64 / FRAMES));
    let value = |decibels: f32| if decibels == 0.0 { Value::Null } else { plain(decibels).into() };
    (0..count).map(|frame| value(at(frame))).collect()
}
