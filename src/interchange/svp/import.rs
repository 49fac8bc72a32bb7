//! Synthesizer V's SVP, which is JSON.

use std::collections::HashMap;
use ziyin_message::message;

use serde_json::Value;

use crate::articulation::{decibels, with_boundary};
use crate::maps::tempo_map;
use crate::overlay::Patch;
use crate::phonetic_hint;
use crate::recording::Recording;
use crate::sheet::{Part, PartNote, Sheet, at_bars, ticks, time_signature, vibrato};
use crate::tree::{as_number, at, flag, items, number, parse_json, text};
use crate::{Budget, BudgetError, Refusal, Report, Resource};
use ziyin_lyrics::Language;
use ziyin_score::{Articulation, Boundary, Colour, CurveKind, MAX_TICK, TempoMap, Tick};

pub const FORMAT: &str = "SVP";

/// Synthesizer V's unit of time, in a quarter note.
const BLICKS: f64 = 705_600_000.0;

/// A parameter that has a curve here in the same unit.
struct CurveName {
    points: &'static str,
    /// Where the voice panel of a track sets it.
    panel: &'static str,
    kind: CurveKind,
}

const CURVES: [CurveName; 4] = [
    CurveName { points: "pitchDelta", panel: "paramPitchDelta", kind: CurveKind::Pitch },
    CurveName { points: "loudness", panel: "paramLoudness", kind: CurveKind::Loudness },
    CurveName { points: "tension", panel: "paramTension", kind: CurveKind::Tension },
    CurveName { points: "breathiness", panel: "paramBreathiness", kind: CurveKind::Breathiness },
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
    let tempo = tempo_map(sheet.tempos.clone());
    let mut tracks: Vec<&Value> = items(&song, "tracks").iter().collect();
    tracks.sort_by_key(|track| number(track, "dispOrder").unwrap_or(0.0) as i64);
    // Of several of one name the first.
    let library = items(&song, "library").iter().rev().map(|group| (text(group, "uuid"), group)).collect();
    for track in tracks {
        let main = at(track, "mainRef");
        let references = std::iter::once(main).chain(items(track, "groups"));
        for reference in references.filter(|reference| flag(reference, "isInstrumental")) {
            budget.spend(Resource::Nodes, 16)?;
            sheet.recordings.push(recording(track, reference));
        }
        if flag(main, "isInstrumental") {
            continue;
        }
        sheet.add(part(track, &library, &tempo, budget)?, budget)?;
    }
    Ok(sheet)
}

fn recording(track: &Value, reference: &Value) -> Recording {
    let mixer = at(track, "mixer");
    Recording {
        path: text(at(reference, "audio"), "filename"),
        tick: ticks(number(reference, "blickOffset").unwrap_or(0.0), BLICKS),
        skipped_ms: 0.0,
        gain_db: number(mixer, "gainDecibel").unwrap_or(0.0),
        pan: number(mixer, "pan").unwrap_or(0.0),
        mute: flag(mixer, "mute") || is_muted(reference),
    }
}

fn is_muted(item: &Value) -> bool {
    flag(item, "mute") || flag(item, "muted")
}

fn part(
    track: &Value,
    library: &HashMap<String, &Value>,
    tempo: &TempoMap,
    budget: &Budget,
) -> Result<Part, BudgetError> {
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
    // What is drawn on the track itself counts throughout, on a group within it alone.
    let mut reader = GroupReader { part: &mut part, tempo, budget, places: Vec::new(), tuned: Vec::new() };
    let whole = if is_muted(main) {
        // Its groups are heard all the same.
        let notes = items(at(track, "mainGroup"), "notes").len();
        reader.part.left_out.add(message!("left-out.muted-notes"), notes);
        GroupCurves::default()
    } else {
        reader.add(at(track, "mainGroup"), main, 0)?
    };
    let mut groups = vec![(main, Default::default())];
    for reference in items(track, "groups") {
        budget.spend(Resource::Groups, 1)?;
        if flag(reference, "isInstrumental") {
            continue;
        }
        if is_muted(reference) {
            reader.part.left_out.count(message!("left-out.muted-groups"));
            continue;
        }
        let Some(group) = library.get(&text(reference, "groupID")) else {
            reader.part.left_out.count(message!("left-out.missing-groups"));
            continue;
        };
        let curves = reader.add(group, reference, groups.len())?;
        groups.push((reference, curves));
    }
    let (spans, tuned) = (spans(reader.places), reader.tuned);
    for (curve, points) in CURVES.iter().zip(whole) {
        let set = panel(main, curve).unwrap_or(0.0);
        if set != 0.0 && points.is_empty() {
            part.point(curve.kind, 0, set, budget)?;
        }
        for (tick, value) in points {
            part.point(curve.kind, tick, value + set, budget)?;
        }
    }
    for (index, curve) in CURVES.iter().enumerate() {
        let patches = spans.iter().filter(|span| span.group > 0).filter_map(|span| {
            let (reference, curves) = groups.get(span.group)?;
            // A group that sets nothing is sung as its track.
            let of_track = panel(main, curve).unwrap_or(0.0);
            let more = panel(reference, curve).unwrap_or(of_track) - of_track;
            let points = around(&curves[index], span.start, span.end).to_vec();
            Some(Patch { start: span.start, end: span.end, points, more })
        });
        part.overlay(curve.kind, patches.collect(), budget)?;
    }
    part.overlay(CurveKind::Pitch, tuned, budget)?;
    Ok(part)
}

/// A note of a track, and which of its groups it belongs to; 0 is the track itself.
struct Place {
    start: Tick,
    end: Tick,
    group: usize,
}

/// The stretches on which notes of one group follow each other, in order, none overlapping.
fn spans(mut places: Vec<Place>) -> Vec<Place> {
    places.sort_by_key(|place| place.start);
    let mut spans: Vec<Place> = Vec::new();
    for place in places {
        match spans.last_mut() {
            Some(last) if last.group == place.group => last.end = last.end.max(place.end),
            last => {
                if let Some(last) = last {
                    last.end = last.end.min(place.start);
                }
                spans.push(place);
            }
        }
    }
    spans
}

/// The points between two ticks, with those next to them.
fn around(points: &[(Tick, f64)], start: Tick, end: Tick) -> &[(Tick, f64)] {
    let first = points.partition_point(|&(tick, _)| tick < start).saturating_sub(1);
    let last = (points.partition_point(|&(tick, _)| tick < end) + 1).min(points.len());
    points.get(first..last).unwrap_or_default()
}

/// What the voice panel of a track or group adds to a curve.
fn panel(reference: &Value, curve: &CurveName) -> Option<f64> {
    number(at(reference, "voice"), curve.panel)
}

/// The points of a group, in the order of [`CURVES`].
type GroupCurves = [Vec<(Tick, f64)>; CURVES.len()];

/// Adds groups to a part.
struct GroupReader<'a> {
    part: &'a mut Part,
    tempo: &'a TempoMap,
    budget: &'a Budget,
    places: Vec<Place>,
    /// Notes that lie beside their keys.
    tuned: Vec<Patch>,
}

impl GroupReader<'_> {
    /// Adds the notes of a group where the track refers to it, as the one of that number; gives its curves.
    ///
    /// # Errors
    /// If the song holds far too much.
    fn add(
        &mut self,
        group: &Value,
        reference: &Value,
        number_of_group: usize,
    ) -> Result<GroupCurves, BudgetError> {
        let (part, budget) = (&mut *self.part, self.budget);
        let offset = number(reference, "blickOffset").unwrap_or(0.0);
        let transposed = number(reference, "pitchOffset").unwrap_or(0.0).clamp(-1000.0, 1000.0) as i64;
        let mut curves = GroupCurves::default();
        let of_group = language(reference).or(part.language);
        for note in items(group, "notes") {
            let onset = number(note, "onset").unwrap_or(-1e18) + offset;
            let duration = number(note, "duration").unwrap_or(0.0);
            let attributes = at(note, "attributes");
            let phonemes = text(note, "phonemes");
            let own = language_named(&text(note, "languageOverride"));
            let language = own.or(of_group);
            let pronunciation = phonetic_hint::pronunciation(&phonemes, &text(note, "lyrics"), language);
            if !phonemes.trim().is_empty() && pronunciation.is_none() {
                part.left_out.count(message!("left-out.typed-phonemes"));
            }
            if text(note, "musicalType") == "rap" {
                part.left_out.count(message!("left-out.rap"));
            }
            let bends = ["tF0Offset", "tF0Left", "tF0Right", "dF0Left", "dF0Right"];
            if bends.iter().any(|name| !at(attributes, name).is_null()) {
                part.left_out.count(message!("left-out.transitions"));
            }
            let (articulation, lost) = articulation(attributes);
            part.left_out.add(message!("left-out.moved-phonemes"), usize::from(lost));
            let (start, end) = (ticks(onset, BLICKS), ticks(onset + duration, BLICKS));
            self.places.push(Place { start: start.max(0), end, group: number_of_group });
            if let Some(more) = number(note, "detune").filter(|&cents| cents != 0.0) {
                self.tuned.push(Patch { start: start.max(0), end, points: Vec::new(), more });
            }
            let set = |name: &str| {
                // What the program generated counts where nothing is set by hand, then the panel.
                let places = [attributes, at(note, "systemAttributes"), at(reference, "voice")];
                places.iter().find_map(|place| number(place, name))
            };
            // What Synthesizer V sings where nothing is typed.
            let lyric = Some(text(note, "lyrics")).filter(|lyric| !lyric.trim().is_empty());
            let muted = flag(note, "muted") || flag(attributes, "muted");
            let note = PartNote {
                onset: start,
                end,
                pitch: number(note, "pitch")
                    .map_or(-1, |pitch| pitch.clamp(-1000.0, 1000.0) as i64 + transposed),
                lyric: lyric.unwrap_or_else(|| "la".into()),
                pronunciation,
                language: own.filter(|own| Some(*own) != part.language),
                vibrato: swing(set, self.tempo.seconds(end.max(0)) - self.tempo.seconds(start.max(0))),
                articulation,
                muted,
            };
            part.note(note, budget)?;
        }
        let parameters = at(group, "parameters");
        for (name, points) in CURVES.iter().zip(&mut curves) {
            let curve = at(parameters, name.points);
            let values: Vec<f64> = items(curve, "points").iter().filter_map(as_number).collect();
            budget.spend(Resource::Points, values.len() as u64 / 2)?;
            let corners: Vec<(f64, f64)> =
                values.chunks_exact(2).map(|point| (point[0] + offset, point[1])).collect();
            let drawn = drawn(&corners, text(curve, "mode") != "linear");
            let inside = drawn.into_iter().map(|(blick, value)| (ticks(blick, BLICKS), value));
            points
                .extend(inside.filter(|&(tick, value)| (0..=MAX_TICK).contains(&tick) && value.is_finite()));
            points.sort_by_key(|&(tick, _)| tick);
        }
        for name in ["vibratoEnv", "voicing", "gender", "toneShift"] {
            if !items(at(parameters, name), "points").is_empty() {
                part.left_out.count(message!("left-out.curves", name));
            }
        }
        for (name, set) in at(reference, "voice").as_object().into_iter().flatten() {
            let is_read = CURVES.iter().any(|curve| curve.panel == name) || VIBRATO.contains(&name.as_str());
            let is_set = match set {
                Value::Object(modes) => !modes.is_empty(),
                set => as_number(set).is_some_and(|value| value != 0.0),
            };
            if is_set && !is_read {
                let name: String = name.chars().take(40).collect();
                part.left_out.count(message!("left-out.voice-panel", name));
            }
        }
        if !items(at(reference, "systemPitchDelta"), "points").is_empty() {
            part.left_out.count(message!("left-out.generated-pitch"));
        }
        let pitches = items(group, "pitchControls").len();
        part.left_out.add(message!("left-out.curves", name = "pitchControls"), pitches);
        Ok(curves)
    }
}

/// How the first character of a note is sung, and whether something of it is lost: lengths of all but
/// the consonant, which comes first of several phonemes, and other pronunciations of these.
fn articulation(attributes: &Value) -> (Articulation, bool) {
    let list = |name| items(attributes, name).iter().map(|item| as_number(item).unwrap_or(1.0)).collect();
    let (lengths, strengths): (Vec<f64>, Vec<f64>) = (list("dur"), list("strength"));
    let mut own = Articulation::default();
    if let [consonant, _, ..] = lengths[..] {
        let (shortest, longest) = Articulation::CONSONANTS.into_inner();
        own.consonant = (consonant as f32).clamp(shortest, longest);
    }
    own.strengths_db = match strengths[..] {
        [] => own.strengths_db,
        [all] => [decibels(all); 4],
        [consonant, vowel] => [decibels(consonant), decibels(vowel), decibels(vowel), decibels(vowel)],
        [consonant, vowel, .., last] => {
            [decibels(consonant), decibels(vowel), decibels(vowel), decibels(last)]
        }
    };
    if let Some(seconds) = number(attributes, "tNoteOffset").filter(|&seconds| seconds != 0.0) {
        own = with_boundary(own, Boundary::Vowel, 1000.0 * seconds);
    }
    let lengths_lost = lengths.iter().skip(1).any(|&length| length != 1.0) || lengths.len() == 1;
    (own, lengths_lost || !items(attributes, "alt").is_empty())
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

/// What names a vibrato: depth from crest to trough in semitones, rate in Hz, and when it sets in, in
/// seconds.
const VIBRATO: [&str; 3] = ["dF0Vbr", "fF0Vbr", "tF0VbrStart"];

/// The vibrato that is set for a note of so many seconds.
fn swing(set: impl Fn(&str) -> Option<f64>, seconds: f64) -> Option<ziyin_score::Vibrato> {
    let [depth, rate, start] = VIBRATO.map(set);
    if depth.is_none() && rate.is_none() {
        return None;
    }
    let onset = start.unwrap_or(0.25) / seconds.max(1e-3);
    vibrato(50.0 * depth.unwrap_or(1.0), 1000.0 / rate.unwrap_or(5.5).max(0.2), onset)
}

fn language(reference: &Value) -> Option<Language> {
    let database = at(reference, "database");
    let named = [text(database, "languageOverride"), text(database, "language")];
    language_named(named.iter().find(|name| !name.is_empty())?)
}

fn language_named(name: &str) -> Option<Language> {
    match name {
        "mandarin" => Some(Language::Mandarin),
        "japanese" => Some(Language::Japanese),
        "korean" => Some(Language::Korean),
        "english" => Some(Language::English),
        _ => None,
    }
}

/// `ff7db235`: opacity, red, green, blue.
fn colour(hex: &str) -> Option<Colour> {
    let number = u32::from_str_radix(hex.get(2..)?, 16).ok().filter(|_| hex.len() == 8)?;
    let [_, red, green, blue] = number.to_be_bytes();
    Some(Colour([red, green, blue]))
}

#[cfg(test)]
mod tests {
    use super::*;

    use std::path::Path;

    use crate::{ImportOptions, import_song};

    #[test]
    fn a_muted_main_group_is_silent_and_its_track_goes_on() {
        let note = |lyric: &str, quarter: u64| {
            let onset = 705_600_000 * quarter;
            format!(r#"{{"onset":{onset},"duration":705600000,"pitch":60,"lyrics":"{lyric}"}}"#)
        };
        let song = format!(
            r#"{{"time":{{"meter":[],"tempo":[]}},"library":[{{"uuid":"g","notes":[{}]}}],"tracks":[{{"name":"a",
            "mainGroup":{{"notes":[{}]}},"mainRef":{{"mute":true}},"groups":[{{"groupID":"g"}}]}}]}}"#,
            note("水", 1),
            note("山", 0)
        );
        let imported =
            import_song(song.as_bytes(), Path::new("a"), &ImportOptions::default(), &Budget::default())
                .unwrap();
        let notes = &imported.project.tracks[0].notes;
        assert_eq!(notes.iter().map(|note| note.lyric.as_str()).collect::<Vec<_>>(), ["水"]);
        assert!(imported.report.warnings[0].to_string().contains("muted notes (1)"));
    }

    #[test]
    fn phonemes_of_english_words_are_pronunciations() {
        let song = r#"{"time":{"meter":[],"tempo":[]},"tracks":[{"mainRef":{"database":{"language":"english"}},
            "mainGroup":{"notes":[
            {"onset":0,"duration":705600000,"pitch":60,"lyrics":"read","phonemes":"r eh d"},
            {"onset":705600000,"duration":705600000,"pitch":60,"lyrics":"it","phonemes":"ih ?"},
            {"onset":1411200000,"duration":705600000,"pitch":60,"lyrics":"し","phonemes":"sh i",
            "languageOverride":"japanese"}]}}]}"#;
        let imported =
            import_song(song.as_bytes(), Path::new("a"), &ImportOptions::default(), &Budget::default())
                .unwrap();
        let said: Vec<_> =
            imported.project.tracks[0].notes.iter().map(|note| note.pronunciation.as_deref()).collect();
        assert_eq!(said, [Some("R EH D"), None, Some("shi")]);
        let languages: Vec<_> = imported.project.tracks[0].notes.iter().map(|note| note.language).collect();
        assert_eq!(languages, [None, None, Some(Language::Japanese)]);
        assert!(imported.report.warnings[0].to_string().contains("typed phonemes (1)"));
    }
}
