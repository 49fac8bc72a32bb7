//! Writes USTX as OpenUtau 0.1 saves it: version 0.6, 480 ticks to the quarter, one part to a track.

use std::fmt::{Display, Write};
use ziyin_message::message;

use crate::Report;
use crate::articulation::velocity;
use crate::export::bars::bar_signatures;
use crate::export::grid::{coarse, coarse_notes, gridded};
use crate::export::lines::{Line, LineNote};
use crate::export::numbers::{bounded, bpm, one_line};
use crate::phonetic_hint::hint;
use ziyin_lyrics::Language;
use ziyin_score::{Articulation, CurveKind, Project, TempoMap, Tick};

/// Ticks of the song between two points of a curve; OpenUtau draws every five of its own.
const CURVE_STEP: Tick = 10;

/// A curve that OpenUtau has too.
struct CurveName {
    kind: CurveKind,
    abbreviation: &'static str,
    name: &'static str,
    /// What a unit of the song is there.
    scale: f32,
    lowest: f32,
    highest: f32,
}

const CURVES: [CurveName; 5] = [
    CurveName {
        kind: CurveKind::Pitch,
        abbreviation: "pitd",
        name: "pitch deviation (curve)",
        scale: 1.0,
        lowest: -1200.0,
        highest: 1200.0,
    },
    CurveName {
        kind: CurveKind::Loudness,
        abbreviation: "dyn",
        name: "dynamics (curve)",
        scale: 10.0,
        lowest: -240.0,
        highest: 120.0,
    },
    CurveName {
        kind: CurveKind::Breathiness,
        abbreviation: "brec",
        name: "breathiness (curve)",
        scale: 100.0,
        lowest: -100.0,
        highest: 100.0,
    },
    CurveName {
        kind: CurveKind::Tension,
        abbreviation: "tenc",
        name: "tension (curve)",
        scale: 100.0,
        lowest: -100.0,
        highest: 100.0,
    },
    CurveName {
        kind: CurveKind::Formant,
        abbreviation: "genc",
        name: "gender (curve)",
        // 100 there are formants lower by an octave.
        scale: -100.0 / 12.0,
        lowest: -100.0,
        highest: 100.0,
    },
];

/// Lines of YAML.
struct Yaml(String);

impl Yaml {
    fn line(&mut self, line: impl Display) {
        // What is written into a string cannot fail.
        let _ = writeln!(self.0, "{line}");
    }
}

/// A text as YAML and JSON both have it in quotes.
fn quoted(text: &str) -> String {
    serde_json::Value::from(one_line(text)).to_string()
}

pub fn write(project: &Project, lines: &mut [Line], report: &mut Report) -> Vec<u8> {
    let mut yaml = Yaml(String::new());
    head(&mut yaml, project, report);
    yaml.line("tracks:");
    for line in lines.iter_mut() {
        track(&mut yaml, line);
    }
    yaml.line("voice_parts:");
    for (number, line) in lines.iter_mut().enumerate() {
        part(&mut yaml, line, number, &project.tempo);
    }
    yaml.line("wave_parts: []");
    yaml.0.into_bytes()
}

fn head(yaml: &mut Yaml, project: &Project, report: &mut Report) {
    let signatures = bar_signatures(&project.meter).told(report);
    let first = project.meter.at(0);
    yaml.line(format!("name: {}", quoted(&project.title)));
    yaml.line("comment: \"\"\noutput_dir: Vocal\ncache_dir: UCache\nustx_version: \"0.6\"\nresolution: 480");
    let first = signatures.first().map_or(first, |&(_, signature)| signature);
    yaml.line(format!("bpm: {}", bpm(project.tempo.tempo_at(0))));
    yaml.line(format!("beat_per_bar: {}\nbeat_unit: {}", first.beats, first.unit));
    yaml.line("expressions:");
    for curve in &CURVES {
        yaml.line(format!("  {}:\n    name: {}", curve.abbreviation, curve.name));
        yaml.line(format!("    abbr: {}\n    type: Curve", curve.abbreviation));
        yaml.line(format!("    min: {}\n    max: {}", curve.lowest, curve.highest));
        yaml.line("    default_value: 0\n    is_flag: false\n    flag: \"\"");
    }
    yaml.line("time_signatures:");
    for (bar, signature) in signatures {
        let (beats, unit) = (signature.beats, signature.unit);
        yaml.line(format!("- bar_position: {bar}\n  beat_per_bar: {beats}\n  beat_unit: {unit}"));
    }
    yaml.line("tempos:");
    for change in project.tempo.changes() {
        yaml.line(format!("- position: {}\n  bpm: {}", coarse(change.tick), bpm(change.tempo)));
    }
}

fn track(yaml: &mut Yaml, line: &mut Line) {
    let phonemizer = match line.track.language {
        Some(Language::Mandarin) => "OpenUtau.Plugin.Builtin.ChineseCVVCPhonemizer",
        Some(Language::Japanese) => "OpenUtau.Plugin.Builtin.JapaneseVCVPhonemizer",
        Some(Language::Korean) => "OpenUtau.Plugin.Builtin.KoreanCVCPhonemizer",
        Some(Language::English) => "OpenUtau.Plugin.Builtin.ArpasingPlusPhonemizer",
        None => "OpenUtau.Core.DefaultPhonemizer",
    };
    let mut beyond = 0;
    let volume = bounded(line.gain_db, -24.0, 12.0, &mut beyond);
    line.left_out.add(message!("left-out.beyond-fader"), beyond);
    yaml.line(format!("- phonemizer: {phonemizer}\n  track_name: {}", quoted(&line.name)));
    yaml.line(format!("  mute: {}\n  solo: {}", line.mute, line.track.solo));
    yaml.line(format!("  volume: {volume}\n  pan: {}", 100.0 * line.pan));
}

fn part(yaml: &mut Yaml, line: &mut Line, number: usize, tempo: &TempoMap) {
    let places = coarse_notes(line);
    let end = line.end();
    let length = places.last().map_or(0, |&(_, end)| end).max(480);
    yaml.line(format!("- duration: {length}\n  name: {}\n  comment: \"\"", quoted(&line.name)));
    yaml.line(format!("  track_no: {number}\n  position: 0"));
    yaml.line(if line.notes.is_empty() { "  notes: []" } else { "  notes:" });
    let (mut beyond, mut unsaid) = (0, 0);
    let language = line.language();
    for (note, &(onset, end)) in line.notes.iter().zip(&places) {
        // What a `+` begins with is held, `+` alone is the next syllable of a word.
        let said = note.pronunciation.as_ref().and_then(|said| hint(&note.lyric, said, language));
        unsaid += usize::from(note.pronunciation.is_some() && said.is_none());
        let lyric = match said {
            Some(phonemes) => &format!("{} [{phonemes}]", note.lyric),
            None => note.lyric_or("+~"),
        };
        yaml.line(format!("  - position: {onset}\n    duration: {}", end - onset));
        yaml.line(format!("    tone: {}\n    lyric: {}", note.key, quoted(lyric)));
        yaml.line(
            "    pitch:\n      data:\n      - {x: -40, y: 0, shape: io}\n      - {x: 40, y: 0, shape: io}",
        );
        yaml.line(format!("      snap_first: true\n    vibrato: {}", vibrato(note, &mut beyond)));
        match velocity(&note.articulation) {
            Some(velocity) => yaml
                .line(format!("    phoneme_expressions:\n    - {{index: 0, abbr: vel, value: {velocity}}}")),
            None => yaml.line("    phoneme_expressions: []"),
        }
        match note.articulation.vowel_ms {
            Some(ms) => {
                let place = tempo.tick(tempo.seconds(note.onset) + f64::from(ms) / 1000.0);
                let offset = coarse(place) - coarse(note.onset);
                yaml.line(format!("    phoneme_overrides:\n    - {{index: 0, offset: {offset}}}"));
            }
            None => yaml.line("    phoneme_overrides: []"),
        }
    }
    line.leave_languages_out();
    line.leave_curve_out(CurveKind::Mixture);
    line.left_out.add(message!("left-out.pronunciations"), unsaid);
    line.leave_articulation_out(|note| Articulation { consonant: 1.0, vowel_ms: None, ..note.articulation });
    line.left_out.add(message!("left-out.vibrato-beyond"), beyond);
    let mut any = false;
    for curve in &CURVES {
        let mut beyond = 0;
        let points = gridded(line.curves.get(curve.kind), end, CURVE_STEP);
        let points: Vec<(Tick, i32)> = points
            .into_iter()
            .map(|(tick, value)| {
                let value = bounded(value * curve.scale, curve.lowest, curve.highest, &mut beyond);
                (coarse(tick), value.round() as i32)
            })
            .collect();
        line.left_out.add(message!("left-out.beyond-drawn", curve = curve.kind.name()), beyond);
        if points.iter().any(|&(_, value)| value != 0) {
            let list = |numbers: Vec<String>| numbers.join(", ");
            let xs = list(points.iter().map(|(x, _)| x.to_string()).collect());
            let ys = list(points.iter().map(|(_, y)| y.to_string()).collect());
            if !std::mem::replace(&mut any, true) {
                yaml.line("  curves:");
            }
            yaml.line(format!("  - xs: [{xs}]\n    ys: [{ys}]\n    abbr: {}", curve.abbreviation));
        }
    }
    if !any {
        yaml.line("  curves: []");
    }
}

/// Length in percent of the note, period in milliseconds, depth in cents; a length of 0 is none.
fn vibrato(note: &LineNote, beyond: &mut usize) -> String {
    let swing = note.vibrato.filter(|vibrato| vibrato.depth_cents != 0.0);
    let (length, period, depth) = match swing {
        Some(swing) => {
            let mut out = 0;
            let period = bounded(swing.period_ms, 5.0, 500.0, &mut out);
            let depth = bounded(swing.depth_cents.abs(), 5.0, 200.0, &mut out);
            *beyond += out.min(1);
            (100.0 * (1.0 - swing.onset), period, depth)
        }
        None => (0.0, 175.0, 25.0),
    };
    let length = (1000.0 * length).round() / 1000.0;
    format!(
        "{{length: {length}, period: {period}, depth: {depth}, in: 10, out: 10, shift: 0, drift: 0, vol_link: 0}}"
    )
}
