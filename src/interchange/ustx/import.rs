//! OpenUtau's USTX, which is YAML.

use std::collections::BTreeMap;
use ziyin_message::message;

use serde_json::Value;

use crate::articulation::{of_velocity, with_boundary};
use crate::maps::tempo_map;
use crate::overlay::Patch;
use crate::phonetic_hint;
use crate::recording::Recording;
use crate::sheet::{LeftOut, Part, PartNote, Sheet, at_bars, ticks, time_signature, vibrato};
use crate::tree::{as_number, at, flag, items, number, text};
use crate::yaml::parse_yaml;
use crate::{Budget, BudgetError, Refusal, Report, Resource};
use ziyin_lyrics::{Language, kana_to_syllables, pinyin_to_syllable};
use ziyin_score::{Articulation, Boundary, CurveKind, TICKS_PER_QUARTER, TempoMap, Tick};

pub const FORMAT: &str = "USTX";

/// Ticks of a quarter note, whatever `resolution` a file says: OpenUtau does not read it.
const QUARTER: f64 = 480.0;
/// Ticks between two points of a curve, in ticks of the song.
const CURVE_STEP: Tick = 10;

pub fn read(bytes: &[u8], report: &mut Report, budget: &Budget) -> Result<Sheet, Refusal> {
    let song = parse_yaml(FORMAT, bytes, report, budget)?;
    if !song.is_object() {
        return Err(Refusal::damaged(FORMAT, message!("damage.no-openutau")));
    }
    let mut sheet = Sheet { title: text(&song, "name"), ..Sheet::default() };
    if sheet.title == "New Project" {
        sheet.title.clear();
    }
    if let Some(bpm) = number(&song, "bpm") {
        sheet.tempo(0, bpm, report);
    }
    for tempo in items(&song, "tempos") {
        if let Some((position, bpm)) = number(tempo, "position").zip(number(tempo, "bpm")) {
            sheet.tempo(ticks(position, QUARTER), bpm, report);
        }
    }
    let tempo = tempo_map(sheet.tempos.clone());
    let signature = |value: &Value| {
        let (beats, unit) = number(value, "beat_per_bar").zip(number(value, "beat_unit"))?;
        Some((number(value, "bar_position").unwrap_or(0.0) as i64, time_signature(beats, unit)?))
    };
    let mut bars: Vec<_> = signature(&song).into_iter().collect();
    bars.extend(items(&song, "time_signatures").iter().filter_map(signature));
    sheet.meters = at_bars(bars);
    for track in items(&song, "tracks") {
        let part = Part {
            name: text(track, "track_name"),
            language: language(&text(track, "phonemizer")),
            singer: text(track, "singer"),
            gain_db: number(track, "volume").unwrap_or(0.0),
            pan: number(track, "pan").unwrap_or(0.0) / 100.0,
            mute: flag(track, "mute"),
            solo: flag(track, "solo"),
            ..Part::default()
        };
        sheet.add(part, budget)?;
    }
    let version = text(&song, "ustx_version");
    // `0.4` and what came before; a version that is none is a new one.
    let slurs_with_dots = version.trim().parse::<f64>().is_ok_and(|version| version < 0.5);
    let mut tuned: BTreeMap<usize, Vec<Patch>> = BTreeMap::new();
    for voice in items(&song, "voice_parts") {
        let track = number(voice, "track_no").unwrap_or(0.0).clamp(0.0, 1000.0) as usize;
        while sheet.parts.len() <= track {
            sheet.add(Part::default(), budget)?;
        }
        let part = &mut sheet.parts[track];
        let position = number(voice, "position").unwrap_or(0.0);
        if part.name.is_empty() {
            part.name = text(voice, "name");
        }
        for item in items(voice, "notes") {
            let mut note = note(item, position, &tempo, part);
            if slurs_with_dots && note.lyric.trim() == "..." {
                note.lyric = "-".into();
            }
            // What begins like this goes on with the vowel; `+` alone is the next syllable of a word.
            if matches!(note.lyric.trim(), "+~" | "+*") {
                note.lyric = "-".into();
            }
            if let Some(cents) = number(item, "tuning").filter(|&cents| cents != 0.0) {
                let (start, end) = (note.onset.max(0), note.end);
                let patch = Patch { start, end, points: Vec::new(), more: cents };
                tuned.entry(track).or_default().push(patch);
            }
            part.note(note, budget)?;
        }
        let length = number(voice, "duration").filter(|&length| length > 0.0).unwrap_or(f64::INFINITY);
        for curve in items(voice, "curves") {
            add_curve(part, curve, position, length, budget)?;
        }
    }
    for (track, patches) in tuned {
        if let Some(part) = sheet.parts.get_mut(track) {
            part.overlay(CurveKind::Pitch, patches, budget)?;
        }
    }
    for wave in items(&song, "wave_parts") {
        let track = number(wave, "track_no").unwrap_or(0.0).clamp(0.0, 1000.0) as usize;
        let heard = sheet.parts.get(track);
        let recording = Recording {
            path: text(wave, "relative_path"),
            tick: ticks(number(wave, "position").unwrap_or(0.0), QUARTER),
            skipped_ms: number(wave, "skip_ms").unwrap_or(0.0),
            gain_db: heard.map_or(0.0, |part| part.gain_db),
            pan: heard.map_or(0.0, |part| part.pan),
            mute: heard.is_some_and(|part| part.mute),
        };
        budget.spend(Resource::Nodes, 16)?;
        sheet.recordings.push(recording);
    }
    Ok(sheet)
}

fn note(note: &Value, position: f64, tempo: &TempoMap, part: &mut Part) -> PartNote {
    let (language, left_out) = (part.language, &mut part.left_out);
    let onset = position + number(note, "position").unwrap_or(-1e9);
    let (lyric, hint) = without_hint(text(note, "lyric"));
    let hinted = hint.as_deref().and_then(|hint| phonetic_hint::pronunciation(hint, &lyric, language));
    if hint.is_some() && hinted.is_none() {
        left_out.count(message!("left-out.phonetic-hints"));
    }
    let (articulation, overridden) = articulation(note, onset, tempo, left_out);
    let pronunciation = hinted.or(overridden);
    let points = items(at(note, "pitch"), "data");
    let last_bends = points.last().and_then(|point| number(point, "y")).is_some_and(|y| y != 0.0);
    if points.len() > 2 || last_bends {
        left_out.count(message!("left-out.pitch-bends"));
    }
    let swing = at(note, "vibrato");
    let length = number(swing, "length").unwrap_or(0.0);
    let part = |name| number(swing, name).unwrap_or(0.0);
    if length > 0.0 && (part("shift") != 0.0 || part("drift") != 0.0) {
        left_out.count(message!("left-out.vibrato-drift"));
    }
    PartNote {
        onset: ticks(onset, QUARTER),
        end: ticks(onset + number(note, "duration").unwrap_or(0.0), QUARTER),
        pitch: number(note, "tone").map_or(-1, |tone| tone as i64),
        lyric,
        pronunciation,
        language: None,
        vibrato: (length > 0.0)
            .then(|| vibrato(part("depth"), part("period"), 1.0 - length / 100.0))
            .flatten(),
        articulation,
        muted: false,
    }
}

/// A lyric, and the phonemes that stand in brackets in it: `lyric [phonemes]`.
fn without_hint(written: String) -> (String, Option<String>) {
    let parts = written.split_once('[').and_then(|(lyric, rest)| {
        let (hint, after) = rest.rsplit_once(']')?;
        Some((format!("{lyric}{after}").trim().to_string(), hint.trim().to_string()))
    });
    match parts {
        Some((lyric, hint)) if !lyric.is_empty() || !hint.is_empty() => {
            // Phonemes alone are a word of their own.
            let lyric = if lyric.is_empty() { hint.clone() } else { lyric };
            (lyric, Some(hint))
        }
        _ => (written, None),
    }
}

/// How the first character of a note is sung, and what is sung in its place. OpenUtau's phonemes are
/// those of its voicebanks; of these only the first is one that is known here too.
fn articulation(
    note: &Value,
    onset: f64,
    tempo: &TempoMap,
    left_out: &mut LeftOut,
) -> (Articulation, Option<String>) {
    let mut own = Articulation::default();
    let mut sung = None;
    let is_first = |item: &&Value| number(item, "index").unwrap_or(0.0) == 0.0;
    let all = items(note, "phoneme_expressions");
    for expression in all {
        match (text(expression, "abbr").as_str(), number(expression, "value")) {
            ("vel", Some(velocity)) if is_first(&expression) => own = of_velocity(velocity),
            _ => left_out.count(message!("left-out.expressions")),
        }
    }
    let overrides = items(note, "phoneme_overrides");
    let given = |item: &Value, name: &str| number(item, name).filter(|&value| value != 0.0);
    for moved in overrides {
        if !is_first(&moved) {
            left_out.count(message!("left-out.moved-phonemes"));
            continue;
        }
        if let Some(offset) = given(moved, "offset") {
            let seconds =
                |position: f64| tempo.seconds_between(position * TICKS_PER_QUARTER as f64 / QUARTER);
            let ms = 1000.0 * (seconds(onset + offset) - seconds(onset));
            own = with_boundary(own, Boundary::Vowel, ms);
        }
        // The only phoneme of a note is its reading, where it is one.
        match text(moved, "phoneme").trim() {
            "" => {}
            phoneme if overrides.len() == 1 && is_syllable(phoneme) => sung = Some(phoneme.into()),
            _ => left_out.count(message!("left-out.moved-phonemes")),
        }
        // How much earlier or longer than a recording says is not known without it.
        if given(moved, "preutter_delta").or(given(moved, "overlap_delta")).is_some() {
            left_out.count(message!("left-out.timing"));
        }
    }
    (own, sung)
}

/// Whether a text is a syllable of pinyin or kana.
fn is_syllable(text: &str) -> bool {
    pinyin_to_syllable(text, 0).is_some() || kana_to_syllables(text).is_some_and(|all| all.len() == 1)
}

/// OpenUtau's curves in the units of the score.
///
/// # Errors
/// If the song holds far too many points.
fn add_curve(
    part: &mut Part,
    curve: &Value,
    position: f64,
    length: f64,
    budget: &Budget,
) -> Result<(), BudgetError> {
    let abbreviation = text(curve, "abbr");
    let (kind, scale) = match abbreviation.as_str() {
        "pitd" => (CurveKind::Pitch, 1.0),
        // Tenths of a decibel.
        "dyn" => (CurveKind::Loudness, 0.1),
        "brec" => (CurveKind::Breathiness, 0.01),
        "tenc" => (CurveKind::Tension, 0.01),
        // 100 are formants lower by an octave, as its renderers have it.
        "genc" => (CurveKind::Formant, -0.12),
        _ => {
            part.left_out
                .count(message!("left-out.curves", name = abbreviation.chars().take(20).collect::<String>()));
            return Ok(());
        }
    };
    let list = |name| items(curve, name).iter().filter_map(as_number);
    let points: Vec<(Tick, f64)> =
        list("xs").zip(list("ys")).map(|(x, y)| (ticks(position + x, QUARTER), y * scale)).collect();
    budget.spend(Resource::Points, points.len() as u64)?;
    // What is drawn beyond the part is not heard, and outside its points such a curve is 0.
    let (start, end) = (ticks(position, QUARTER).max(0), ticks(position + length, QUARTER));
    let points = within(points, start, end);
    if let (Some(&(first, _)), Some(&(last, _))) = (points.first(), points.last()) {
        part.point(kind, (first - CURVE_STEP).max(0), 0.0, budget)?;
        for &(tick, value) in &points {
            part.point(kind, tick, value, budget)?;
        }
        part.point(kind, last + CURVE_STEP, 0.0, budget)?;
    }
    Ok(())
}

/// A line through points between two ticks alone.
fn within(mut points: Vec<(Tick, f64)>, start: Tick, end: Tick) -> Vec<(Tick, f64)> {
    points.sort_by_key(|&(tick, _)| tick);
    let mut inside = Vec::with_capacity(points.len());
    for (index, &(tick, value)) in points.iter().enumerate() {
        if (start..=end).contains(&tick) {
            inside.push((tick, value));
        }
        // Where the line comes in and goes out it is cut.
        let Some(&(next, then)) = points.get(index + 1) else { break };
        for edge in [start, end].into_iter().filter(|edge| (tick + 1..next).contains(edge)) {
            inside.push((edge, value + (then - value) * (edge - tick) as f64 / (next - tick) as f64));
        }
    }
    inside
}

/// The language that a phonemizer is named after, such as `JapaneseVCVPhonemizer`.
fn language(phonemizer: &str) -> Option<Language> {
    let name = phonemizer.rsplit('.').next().unwrap_or_default();
    let has = |words: &[&str]| words.iter().any(|word| name.contains(word));
    if has(&["Japanese", "JA", "Jp"]) {
        Some(Language::Japanese)
    } else if has(&["Chinese", "Mandarin", "ZH", "Cvvc"]) {
        Some(Language::Mandarin)
    } else if has(&["Korean", "KO"]) {
        Some(Language::Korean)
    } else if has(&["English", "Arpa", "ARPA", "EnXSampa"]) {
        Some(Language::English)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hints_stand_in_brackets() {
        let cases = [
            ("read [r eh d]", "read", Some("r eh d")),
            ("重[chong]", "重", Some("chong")),
            ("[k a]", "k a", Some("k a")),
            ("la", "la", None),
            ("la]", "la]", None),
            ("[]", "[]", None),
        ];
        for (written, lyric, hint) in cases {
            assert_eq!(without_hint(written.into()), (lyric.into(), hint.map(String::from)));
        }
    }

    #[test]
    fn a_quarter_has_480_ticks_whatever_the_file_says() {
        let song = "ustx_version: '0.6'\nresolution: 10080\ntracks: [{}]\nvoice_parts:\n- {track_no: 0, \
                    position: 480, notes: [{position: 480, duration: 240, tone: 60, lyric: a}]}\n";
        let sheet = read(song.as_bytes(), &mut Report::default(), &Budget::default()).unwrap();
        let note = &sheet.parts[0].notes[0];
        assert_eq!((note.onset, note.end), (1920, 2400));
    }

    #[test]
    fn a_hint_that_can_be_said_is_the_pronunciation() {
        let note = |position: i32, lyric: &str| {
            format!("  - {{position: {position}, duration: 480, tone: 60, lyric: '{lyric}'}}\n")
        };
        let song = format!(
            "name: a\nustx_version: '0.6'\ntracks:\n- {{phonemizer: OpenUtau.Core.DiffSinger.\
            DiffSingerEnglishPhonemizer}}\nvoice_parts:\n- track_no: 0\n  position: 0\n  notes:\n{}{}",
            note(0, "read [r eh d]"),
            note(480, "it [xx]")
        );
        let mut report = Report::default();
        let sheet = read(song.as_bytes(), &mut report, &Budget::default()).unwrap();
        let said: Vec<_> =
            sheet.parts[0].notes.iter().map(|n| (n.lyric.as_str(), n.pronunciation.as_deref())).collect();
        assert_eq!(said, [("read", Some("R EH D")), ("it", None)]);
        assert_eq!(sheet.parts[0].left_out.list().len(), 1);
    }
}
