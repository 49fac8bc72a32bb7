//! Writes SVP as Synthesizer V Studio 1 has it, which later versions open too.

use serde_json::{Value, json};
use ziyin_message::message;

use crate::Report;
use crate::export::bars::bar_signatures;
use crate::export::lines::{Line, LineNote};
use crate::export::numbers::{bounded, bpm, plain};
use crate::phonetic_hint::{hint, letters};
use ziyin_lyrics::Language;
use ziyin_score::{Articulation, Colour, CurveKind, Project, TICKS_PER_QUARTER, Tick};

/// Synthesizer V's units of time in a tick: 705,600,000 to the quarter.
const BLICKS: Tick = 705_600_000 / TICKS_PER_QUARTER;

/// Version of the format: that of Synthesizer V Studio 1.0.
const VERSION: u32 = 113;

/// A curve that Synthesizer V has in the same unit, with its bounds there.
const CURVES: [(CurveKind, &str, f32, f32); 4] = [
    (CurveKind::Pitch, "pitchDelta", -1200.0, 1200.0),
    (CurveKind::Loudness, "loudness", -48.0, 12.0),
    (CurveKind::Tension, "tension", -1.0, 1.0),
    (CurveKind::Breathiness, "breathiness", -1.0, 1.0),
];

pub fn write(project: &Project, lines: &mut [Line], report: &mut Report) -> Vec<u8> {
    let signatures = bar_signatures(&project.meter).told(report);
    let meter = signatures.iter();
    let meter = meter.map(|(bar, s)| json!({ "index": bar, "numerator": s.beats, "denominator": s.unit }));
    let tempo = project.tempo.changes().iter();
    let tempo = tempo.map(|change| json!({ "position": change.tick * BLICKS, "bpm": bpm(change.tempo) }));
    let tracks = lines.iter_mut().enumerate().map(|(number, line)| track(project, line, number));
    let song = json!({
        "version": VERSION,
        "time": { "meter": meter.collect::<Vec<_>>(), "tempo": tempo.collect::<Vec<_>>() },
        "library": [],
        "tracks": tracks.collect::<Vec<_>>(),
        "renderConfig": {
            "destination": "", "filename": "untitled", "numChannels": 1, "aspirationFormat": "noAspiration",
            "bitDepth": 16, "sampleRate": 44100, "exportMixDown": true,
        },
    });
    song.to_string().into_bytes()
}

fn track(project: &Project, line: &mut Line, number: usize) -> Value {
    // It need only differ from those of the other groups of the song.
    let group = format!("00000000-0000-4000-8000-{number:012x}");
    let language = line.language();
    let (mut beyond, mut silent, mut unsaid) = (0, 0, 0);
    let gain = bounded(line.gain_db, -24.0, 24.0, &mut beyond);
    let sung = line.notes.iter().map(|note| (note, false));
    let mut all: Vec<_> = sung.chain(line.muted.iter().map(|note| (note, true))).collect();
    all.sort_by_key(|(note, _)| note.onset);
    let mut notes = Vec::with_capacity(all.len());
    for (note, muted) in all {
        let said = phonemes(note, note.language.unwrap_or(language));
        silent += usize::from(note.is_silent());
        unsaid += usize::from(note.pronunciation.is_some() && said.is_none());
        notes.push(json!({
            "onset": note.onset * BLICKS,
            "duration": (note.end - note.onset) * BLICKS,
            "lyrics": note.lyric_or("-"),
            "phonemes": said.unwrap_or_default(),
            "languageOverride": note.language.map(named).unwrap_or_default(),
            "pitch": note.key,
            "detune": 0,
            "attributes": attributes(project, note, muted),
        }));
    }
    line.left_out.add(message!("left-out.beyond-fader"), beyond);
    line.left_out.add(message!("left-out.silence"), silent);
    line.left_out.add(message!("left-out.pronunciations"), unsaid);
    line.leave_curve_out(CurveKind::Formant);
    line.leave_curve_out(CurveKind::Mixture);
    line.leave_articulation_out(|note| {
        let [_, glide, vowel, _] = note.articulation.strengths_db;
        // There a glide is as strong as its vowel.
        let strengths_db = [0.0, glide - vowel, 0.0, 0.0];
        Articulation { consonant: 1.0, vowel_ms: None, strengths_db, ..note.articulation }
    });
    let mut parameters = serde_json::Map::new();
    for (kind, name, low, high) in CURVES {
        let mut beyond = 0;
        let mut points: Vec<Value> = Vec::new();
        for point in line.curves.get(kind).iter() {
            let value = bounded(point.value, low, high, &mut beyond);
            points.extend([Value::from(point.tick * BLICKS), plain(value).into()]);
        }
        line.left_out.add(message!("left-out.beyond-drawn", curve = kind.name()), beyond);
        parameters.insert(name.into(), json!({ "mode": "linear", "points": points }));
    }
    for name in ["vibratoEnv", "voicing", "gender", "toneShift"] {
        parameters.insert(name.into(), json!({ "mode": "linear", "points": [] }));
    }
    let language = line.track.language.map(named).unwrap_or_default();
    let Colour([red, green, blue]) = line.track.colour;
    json!({
        "name": line.name,
        "dispColor": format!("ff{red:02x}{green:02x}{blue:02x}"),
        "dispOrder": number,
        "renderEnabled": false,
        "mixer": {
            "gainDecibel": plain(gain), "pan": plain(line.pan), "mute": line.mute, "solo": line.track.solo,
            "display": true,
        },
        "mainGroup": { "name": "main", "uuid": group, "parameters": parameters, "notes": notes },
        "mainRef": {
            "groupID": group, "blickOffset": 0, "pitchOffset": 0, "isInstrumental": false,
            "database": {
                "name": "", "language": language, "phoneset": "", "languageOverride": language,
                "phonesetOverride": "", "backendType": "", "version": "-2",
            },
            "dictionary": "", "voice": {},
        },
        "groups": [],
    })
}

/// The name of a language in a file of Synthesizer V.
fn named(language: Language) -> &'static str {
    match language {
        Language::Mandarin => "mandarin",
        Language::Japanese => "japanese",
        Language::Korean => "korean",
        Language::English => "english",
    }
}

/// What a note is said as in place of its lyric, in the phonemes of Synthesizer V; those of Mandarin have other
/// names than pinyin.
fn phonemes(note: &LineNote, language: Language) -> Option<String> {
    let said = hint(&note.lyric, note.pronunciation.as_deref()?, language)?;
    match language {
        Language::English => Some(said),
        Language::Japanese => letters(&said),
        Language::Mandarin | Language::Korean => None,
    }
}

/// How a note is sung: whether it is at all, its vibrato, and of its phonemes the length of the first, where it has several,
/// how strong they are, and how much later it begins.
fn attributes(project: &Project, note: &LineNote, muted: bool) -> Value {
    let mut attributes = vibrato(project, note);
    if muted {
        attributes["muted"] = json!(true);
    }
    let own = note.articulation;
    if own.consonant != 1.0 {
        attributes["dur"] = json!([plain(own.consonant), 1.0]);
    }
    if own.strengths_db != [0.0; 4] {
        let [consonant, _, vowel, coda] = own.strengths_db;
        let factor = |decibels: f32| 10f64.powf(plain(decibels) / 20.0);
        attributes["strength"] = json!([factor(consonant), factor(vowel), factor(coda)]);
    }
    if let Some(ms) = own.vowel_ms {
        attributes["tNoteOffset"] = json!(plain(ms) / 1000.0);
    }
    attributes
}

/// Depth from crest to trough in semitones, rate in Hz, and when it sets in, in seconds. Without
/// these a note swings as the singer does.
fn vibrato(project: &Project, note: &LineNote) -> Value {
    let Some(swing) = note.vibrato else { return json!({}) };
    let seconds = project.tempo.seconds(note.end) - project.tempo.seconds(note.onset);
    json!({
        "dF0Vbr": plain(swing.depth_cents.abs()) / 50.0,
        "fF0Vbr": 1000.0 / plain(swing.period_ms),
        "tF0VbrStart": plain(swing.onset) * seconds,
    })
}
