//! UTAU's UST: sections of `name=value` lines, one section to a note, in Shift-JIS or UTF-8.

use std::collections::HashMap;
use ziyin_message::message;

use encoding_rs::{BIG5, EUC_KR, GB18030, SHIFT_JIS, UTF_8};

use crate::articulation::{of_velocity, with_boundary};
use crate::encoding;
use crate::sheet::{Part, PartNote, Sheet, at_bars, ticks, time_signature, vibrato};
use crate::{Budget, BudgetError, ImportOptions, Refusal, Report, Resource};
use ziyin_lyrics::Language;
use ziyin_score::{Boundary, Tick, TimeSignature};

pub const FORMAT: &str = "UST";

/// Ticks in a quarter note.
const QUARTER: f64 = 480.0;

/// What UTAU does to recordings, which no recording here needs.
const OF_RECORDINGS: [&str; 4] = ["VoiceOverlap", "StartPoint", "Envelope", "Flags"];

pub fn read(
    bytes: &[u8],
    options: &ImportOptions,
    report: &mut Report,
    budget: &Budget,
) -> Result<Sheet, Refusal> {
    let asked = options.encoding.as_deref().map(encoding::by_name).transpose()?;
    let marked = encoding_rs::Encoding::for_bom(bytes).map(|(encoding, _)| encoding);
    let whole = |encoding: &&'static encoding_rs::Encoding| !encoding.decode_without_bom_handling(bytes).1;
    // One that is named and in which the file cannot be read was not meant.
    let named = named_encoding(bytes).filter(whole);
    let found = asked.or(marked).or(named).or_else(|| detect(bytes));
    report.encoding = found.map(encoding_rs::Encoding::name);
    let text = encoding::decode(bytes, found.unwrap_or(UTF_8));
    let sections = sections(&text, budget)?;
    if !sections.iter().any(|(name, _)| name.starts_with('#')) {
        return Err(Refusal::damaged(FORMAT, message!("damage.no-section")));
    }
    let mut sheet = Sheet::default();
    let mut part = Part::default();
    let mut position = 0.0;
    // UTAU writes such a tempo where each note has its own; the first of these is meant.
    let no_tempo = sections.iter().any(|(name, fields)| {
        *name == "#SETTING"
            && fields.get("Tempo").and_then(|text| number(text)).is_some_and(|bpm| bpm > 1000.0)
    });
    let mut first_tempo = no_tempo;
    // Where the note before begins; UST 2.0 counts from there.
    let mut before = 0.0;
    for (name, fields) in &sections {
        match *name {
            "#SETTING" => {
                sheet.title = fields.get("ProjectName").copied().unwrap_or_default().into();
                part.singer = fields.get("VoiceDir").map(|path| last_folder(path)).unwrap_or_default();
                if let Some(bpm) = fields.get("Tempo").and_then(|text| number(text)).filter(|_| !no_tempo) {
                    sheet.tempo(0, bpm, report);
                }
                sheet.meters =
                    fields.get("TimeSignatures").map(|list| time_signatures(list)).unwrap_or_default();
            }
            name if name.starts_with('#') && name[1..].bytes().all(|b| b.is_ascii_digit()) => {
                let given = |name: &str| fields.get(name).and_then(|text| number(text));
                let length = given("Length").unwrap_or(0.0).max(0.0);
                if let Some(delta) = given("Delta") {
                    position = before + delta.max(0.0);
                }
                before = position;
                let onset = ticks(position, QUARTER);
                if let Some(bpm) = given("Tempo") {
                    sheet.tempo(if std::mem::take(&mut first_tempo) { 0 } else { onset }, bpm, report);
                }
                let end = ticks(position + given("Duration").unwrap_or(length).max(0.0), QUARTER);
                position += length;
                if !matches!(fields.get("Lyric").copied().unwrap_or_default().trim(), "" | "R" | "r") {
                    let note = note(fields, onset, end, &mut part.left_out);
                    part.note(note, budget)?;
                }
            }
            _ => {}
        }
    }
    if !sections.iter().any(|(name, _)| *name == "#TRACKEND") {
        report.warn(None, None, message!("damage.before-end"));
    }
    if part.notes.iter().any(|note| note.lyric.contains(is_kana)) {
        part.language = Some(Language::Japanese);
    }
    part.name.clone_from(&sheet.title);
    sheet.add(part, budget)?;
    Ok(sheet)
}

/// Lines, however they end: old Macs wrote a carriage return alone.
pub fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.split('\n').flat_map(|line| line.strip_suffix('\r').unwrap_or(line).split('\r'))
}

/// The encoding that a `Charset=` in the head of a file names.
fn named_encoding(bytes: &[u8]) -> Option<&'static encoding_rs::Encoding> {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(4096)]);
    let mut fields = lines(&head).filter_map(|line| line.split_once('='));
    let (_, named) = fields.find(|(name, _)| name.trim().eq_ignore_ascii_case("charset"))?;
    encoding::by_name(named.trim()).ok()
}

/// `(3/4/0),(4/4/2)`: beats, unit, and the bar from which on they count.
fn time_signatures(list: &str) -> Vec<(Tick, TimeSignature)> {
    let bars = list.split(')').filter_map(|item| {
        let numbers: Vec<f64> =
            item.trim_start_matches([',', ' ', '(']).split('/').filter_map(number).collect();
        let &[beats, unit, bar] = numbers.as_slice() else { return None };
        Some((bar as i64, time_signature(beats, unit)?))
    });
    at_bars(bars.collect())
}

/// The encoding of a Japanese program's file. Such files are short and mostly digits, too
/// little for a guess from how often letters come, so kana decide where there are any.
pub fn detect(bytes: &[u8]) -> Option<&'static encoding_rs::Encoding> {
    let detected = encoding::detect(std::iter::once(bytes))?;
    let (japanese, broken) = SHIFT_JIS.decode_without_bom_handling(bytes);
    let is_japanese = detected != UTF_8 && !broken && japanese.contains(is_kana);
    // What such programs never write is no answer.
    let is_likely = [UTF_8, SHIFT_JIS, GB18030, BIG5, EUC_KR].contains(&detected);
    Some(if is_japanese || !is_likely { SHIFT_JIS } else { detected })
}

fn is_kana(c: char) -> bool {
    ('\u{3041}'..='\u{30fa}').contains(&c)
}

type Fields<'a> = HashMap<&'a str, &'a str>;

fn sections<'a>(text: &'a str, budget: &Budget) -> Result<Vec<(&'a str, Fields<'a>)>, BudgetError> {
    let mut sections: Vec<(&str, Fields)> = Vec::new();
    for line in lines(text).map(str::trim_end) {
        budget.spend(Resource::Nodes, 1)?;
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            sections.push((name, Fields::new()));
        } else if let (Some((_, fields)), Some((name, value))) = (sections.last_mut(), line.split_once('=')) {
            fields.insert(name, value);
        }
    }
    Ok(sections)
}

fn note(fields: &Fields, onset: Tick, end: Tick, left_out: &mut crate::sheet::LeftOut) -> PartNote {
    let given = |name: &str| fields.get(name).copied().map(str::trim).filter(|value| !value.is_empty());
    for name in OF_RECORDINGS {
        if given(name).is_some() {
            left_out.count(match name {
                "Envelope" => message!("left-out.envelopes"),
                "Flags" => message!("left-out.flags"),
                _ => message!("left-out.timing"),
            });
        }
    }
    for (name, usual, what) in [
        ("Intensity", 100.0, message!("left-out.intensities")),
        ("Modulation", 0.0, message!("left-out.modulations")),
    ] {
        if given(name).and_then(number).is_some_and(|value| value != usual) {
            left_out.count(what);
        }
    }
    // How long the consonant is: by its recording as it is stretched, or set by itself.
    let articulation = given("Velocity").and_then(number).map(of_velocity).unwrap_or_default();
    let articulation = match given("PreUtterance").and_then(number).filter(|&ms| ms > 0.0) {
        Some(ms) => with_boundary(articulation, Boundary::Onset, -ms),
        None => articulation,
    };
    // Where the pitch goes between two notes: Ziyin has its own way.
    let bends = ["PBY", "PBW", "PitchBend", "Piches", "Pitches"];
    if bends.iter().filter_map(|name| given(name)).any(|value| value.split(',').count() > 1) {
        left_out.count(message!("left-out.pitch-bends"));
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
        language: None,
        vibrato: match swing[..] {
            [length, period, depth, ..] if length > 0.0 => vibrato(depth, period, 1.0 - length / 100.0),
            _ => None,
        },
        articulation,
        muted: false,
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
