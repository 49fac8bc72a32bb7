//! UTAU's UST: sections of `name=value` lines, one section to a note, in Shift-JIS or UTF-8.

use std::collections::HashMap;

use encoding_rs::{SHIFT_JIS, UTF_8};

use super::midi::encoding;
use super::sheet::{Part, PartNote, Sheet, ticks, vibrato};
use super::{Budget, BudgetError, ImportOptions, Refusal, Report, Resource};
use ziyin_lyrics::Language;
use ziyin_score::Tick;

pub const FORMAT: &str = "UST";

/// Ticks in a quarter note.
const QUARTER: f64 = 480.0;

/// What UTAU does to recordings, which no recording here needs.
const OF_RECORDINGS: [(&str, &str); 5] = [
    ("PreUtterance", "timing of recordings"),
    ("VoiceOverlap", "timing of recordings"),
    ("StartPoint", "timing of recordings"),
    ("Envelope", "envelopes"),
    ("Flags", "flags"),
];

pub fn read(
    bytes: &[u8],
    options: &ImportOptions,
    report: &mut Report,
    budget: &Budget,
) -> Result<Sheet, Refusal> {
    let asked = options.encoding.as_deref().map(encoding::by_name).transpose()?;
    let found = asked.or_else(|| detect(bytes));
    report.encoding = found.map(encoding_rs::Encoding::name);
    let text = encoding::decode(bytes, found.unwrap_or(UTF_8));
    let sections = sections(&text, budget)?;
    if !sections.iter().any(|(name, _)| name.starts_with('#')) {
        return Err(Refusal::damaged(FORMAT, "there is no section in it"));
    }
    let mut sheet = Sheet::default();
    let mut part = Part::default();
    let mut position = 0.0;
    for (name, fields) in &sections {
        match *name {
            "#SETTING" => {
                sheet.title = fields.get("ProjectName").copied().unwrap_or_default().into();
                part.singer = fields.get("VoiceDir").map(|path| last_folder(path)).unwrap_or_default();
                if let Some(bpm) = fields.get("Tempo").and_then(|text| number(text)) {
                    sheet.tempo(0, bpm, report);
                }
            }
            name if name.starts_with('#') && name[1..].bytes().all(|b| b.is_ascii_digit()) => {
                let length = fields.get("Length").and_then(|text| number(text)).unwrap_or(0.0).max(0.0);
                let onset = ticks(position, QUARTER);
                if let Some(bpm) = fields.get("Tempo").and_then(|text| number(text)) {
                    sheet.tempo(onset, bpm, report);
                }
                position += length;
                let end = ticks(position, QUARTER);
                if !matches!(fields.get("Lyric").copied().unwrap_or_default().trim(), "" | "R" | "r") {
                    let note = note(fields, onset, end, &mut part.left_out);
                    part.note(note, budget)?;
                }
            }
            _ => {}
        }
    }
    if !sections.iter().any(|(name, _)| *name == "#TRACKEND") {
        report.warn(None, None, "the file breaks off before its end".into());
    }
    if part.notes.iter().any(|note| note.lyric.contains(is_kana)) {
        part.language = Some(Language::Japanese);
    }
    part.name.clone_from(&sheet.title);
    sheet.add(part, budget)?;
    Ok(sheet)
}

/// The encoding of a Japanese program's file. Such files are short and mostly digits, too
/// little for a guess from how often letters come, so kana decide where there are any.
pub(super) fn detect(bytes: &[u8]) -> Option<&'static encoding_rs::Encoding> {
    let detected = encoding::detect(std::iter::once(bytes))?;
    let (japanese, broken) = SHIFT_JIS.decode_without_bom_handling(bytes);
    let is_japanese = detected != UTF_8 && !broken && japanese.contains(is_kana);
    Some(if is_japanese { SHIFT_JIS } else { detected })
}

fn is_kana(c: char) -> bool {
    ('\u{3041}'..='\u{30fa}').contains(&c)
}

type Fields<'a> = HashMap<&'a str, &'a str>;

fn sections<'a>(text: &'a str, budget: &Budget) -> Result<Vec<(&'a str, Fields<'a>)>, BudgetError> {
    let mut sections: Vec<(&str, Fields)> = Vec::new();
    for line in text.lines().map(str::trim_end) {
        budget.spend(Resource::Nodes, 1)?;
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            sections.push((name, Fields::new()));
        } else if let (Some((_, fields)), Some((name, value))) = (sections.last_mut(), line.split_once('=')) {
            fields.insert(name, value);
        }
    }
    Ok(sections)
}

fn note(fields: &Fields, onset: Tick, end: Tick, left_out: &mut super::sheet::LeftOut) -> PartNote {
    let given = |name: &str| fields.get(name).copied().map(str::trim).filter(|value| !value.is_empty());
    for (name, what) in OF_RECORDINGS {
        if given(name).is_some() {
            left_out.count(what);
        }
    }
    for (name, usual, what) in [
        ("Intensity", 100.0, "intensities"),
        ("Velocity", 100.0, "consonant velocities"),
        ("Modulation", 0.0, "modulations"),
    ] {
        if given(name).and_then(number).is_some_and(|value| value != usual) {
            left_out.count(what);
        }
    }
    // Where the pitch goes between two notes: Ziyin has its own way.
    let bends = ["PBY", "PBW", "PitchBend", "Piches", "Pitches"];
    if bends.iter().filter_map(|name| given(name)).any(|value| value.split(',').count() > 1) {
        left_out.count("drawn pitch bends");
    }
    let swing: Vec<f64> = given("VBR")
        .map(|list| list.split(',').map(|n| number(n).unwrap_or(0.0)).collect())
        .unwrap_or_default();
    PartNote {
        onset,
        end,
        pitch: given("NoteNum").and_then(number).map_or(-1, |key| key as i64),
        lyric: given("Lyric").unwrap_or_default().into(),
        pronunciation: None,
        vibrato: match swing[..] {
            [length, period, depth, ..] if length > 0.0 => vibrato(depth, period, 1.0 - length / 100.0),
            _ => None,
        },
    }
}

/// Some write a decimal comma.
fn number(text: &str) -> Option<f64> {
    text.trim().replace(',', ".").parse().ok().filter(|number: &f64| number.is_finite())
}

fn last_folder(path: &str) -> String {
    path.trim_end_matches(['\\', '/', '¥'])
        .rsplit(['\\', '/', '¥'])
        .next()
        .unwrap_or_default()
        .trim_start_matches("%VOICE%")
        .into()
}
