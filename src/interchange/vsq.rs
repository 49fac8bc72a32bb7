//! VOCALOID 2: VSQ, a MIDI file whose texts hold the song as sections of `name=value` lines.

use std::collections::BTreeMap;
use ziyin_message::message;

use encoding_rs::UTF_8;

use super::encoding;
use super::midi::{RawTrack, TextKind, read_raw};
use super::sheet::{Part, PartNote, Sheet, ticks};
use super::vocaloid::{Control, QUARTER, add_bend, add_steps, swing};
use super::{Budget, BudgetError, ImportOptions, Refusal, Report, Resource};

pub const FORMAT: &str = "VSQ";

/// Stands before each piece of the song: `DM:0001:`.
const PIECE: &[u8] = b"DM:";

/// Curves that are read, as VOCALOID 2 calls them.
const CURVES: [(&str, Control); 2] = [("Dynamics", Control::Dynamics), ("EpRResidual", Control::Breathiness)];

/// Whether the texts of a MIDI file hold a VOCALOID song.
pub fn is_vsq(bytes: &[u8]) -> bool {
    let head = &bytes[..bytes.len().min(1 << 16)];
    head.windows(16).any(|window| window == b"DM:0000:[Common]")
}

pub fn read(
    bytes: &[u8],
    options: &ImportOptions,
    report: &mut Report,
    budget: &Budget,
) -> Result<Sheet, Refusal> {
    let asked = options.encoding.as_deref().map(encoding::by_name).transpose()?;
    let tracks = read_raw(bytes, report, budget)?;
    let songs: Vec<Vec<u8>> = tracks.iter().map(song).collect();
    let found = asked.or_else(|| super::ust::detect(&songs.concat()));
    report.encoding = found.map(encoding_rs::Encoding::name);
    let mut sheet = Sheet {
        tempos: tracks.iter().flat_map(|track| &track.tempos).copied().collect(),
        meters: tracks.iter().flat_map(|track| &track.meters).copied().collect(),
        ..Sheet::default()
    };
    let mut bars = None;
    for bytes in songs.iter().filter(|song| !song.is_empty()) {
        let text = encoding::decode(bytes, found.unwrap_or(UTF_8));
        let sections = sections(&text, budget)?;
        let value =
            |section: &str, name: &str| sections.get(section).and_then(|lines| lines.get(name)).copied();
        // The first track tells what all share.
        bars = bars.or_else(|| value("Master", "PreMeasure").and_then(|bars| bars.parse::<i64>().ok()));
        let mut part = part(&sections, budget)?;
        let number = sheet.parts.len();
        part.mute = value("Mixer", &format!("Mute{number}")) == Some("1");
        part.solo = value("Mixer", &format!("Solo{number}")) == Some("1");
        sheet.add(part, budget)?;
    }
    if sheet.parts.is_empty() {
        return Err(Refusal::NothingToSing { format: FORMAT });
    }
    sheet.drop_bars(bars.unwrap_or(0).clamp(0, 64));
    Ok(sheet)
}

/// The pieces of the song in a track, put together. A character may be cut in two by them.
fn song(track: &RawTrack) -> Vec<u8> {
    let texts = track.texts.iter().filter(|text| text.kind == TextKind::Text);
    let pieces = texts.filter_map(|text| {
        let rest = text.bytes.strip_prefix(PIECE)?;
        let colon = rest.iter().take(8).position(|&byte| byte == b':')?;
        Some(&rest[colon + 1..])
    });
    pieces.collect::<Vec<_>>().concat()
}

type Sections<'a> = BTreeMap<&'a str, BTreeMap<&'a str, &'a str>>;

fn sections<'a>(text: &'a str, budget: &Budget) -> Result<Sections<'a>, BudgetError> {
    let mut sections = Sections::new();
    let mut name = "";
    for line in super::ust::lines(text) {
        if let Some(title) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            name = title;
        } else if let Some((key, value)) = line.split_once('=') {
            budget.spend(Resource::Nodes, 1)?;
            sections.entry(name).or_default().insert(key, value);
        }
    }
    Ok(sections)
}

fn part(sections: &Sections, budget: &Budget) -> Result<Part, BudgetError> {
    let value = |section: &str, name: &str| sections.get(section).and_then(|lines| lines.get(name)).copied();
    let number = |section: &str, name: &str| value(section, name)?.trim().parse::<f64>().ok();
    let mut part = Part { name: value("Common", "Name").unwrap_or_default().into(), ..Part::default() };
    let mut last = 0;
    for (tick, ids) in sections.get("EventList").into_iter().flatten() {
        let Ok(onset) = tick.trim().parse::<f64>() else { continue };
        for id in ids.split(',') {
            budget.spend(Resource::Nodes, 1)?;
            match value(id, "Type") {
                Some("Anote") => {}
                Some("Singer") => {
                    // `L0="Miku","",…`
                    let icon = value(id, "IconHandle").and_then(|icon| value(icon, "IDS"));
                    part.singer = icon.unwrap_or_default().into();
                    continue;
                }
                _ => continue,
            }
            let length = number(id, "Length").unwrap_or(0.0);
            let words = value(id, "LyricHandle").and_then(|handle| value(handle, "L0")).unwrap_or_default();
            let delay = value(id, "VibratoHandle").and_then(|_| number(id, "VibratoDelay"));
            let end = ticks(onset + length, QUARTER);
            last = last.max(end);
            let note = PartNote {
                onset: ticks(onset, QUARTER),
                end,
                pitch: number(id, "Note#").map_or(-1, |key| key as i64),
                // Many notes may name it.
                lyric: words
                    .strip_prefix('"')
                    .unwrap_or_default()
                    .chars()
                    .take(1000)
                    .take_while(|&c| c != '"')
                    .collect(),
                pronunciation: None,
                language: None,
                vibrato: delay.and_then(|delay| swing(1.0 - delay / length.max(1.0), &mut part.left_out)),
                articulation: Default::default(),
                muted: false,
            };
            part.note(note, budget)?;
        }
    }
    let points = |name: &str| -> Vec<_> {
        let lines = sections.get(name).into_iter().flatten();
        let points = lines.filter_map(|(tick, value)| {
            Some((ticks(tick.trim().parse().ok()?, QUARTER), value.trim().parse().ok()?))
        });
        points.collect()
    };
    let (mut bends, mut ranges) = (points("PitchBendBPList"), points("PitchBendSensBPList"));
    add_bend(&mut part, &mut bends, &mut ranges, last, budget)?;
    let is_read =
        |curve: &str| curve.starts_with("PitchBend") || CURVES.iter().any(|(name, _)| *name == curve);
    for (name, lines) in sections {
        if let Some(curve) = name.strip_suffix("BPList").filter(|curve| !is_read(curve)) {
            part.left_out.add(message!("left-out.named-curve-points", name = curve), lines.len());
        }
    }
    for (name, control) in CURVES {
        let steps = points(&format!("{name}BPList")).into_iter();
        let steps = steps.map(|(tick, given)| (tick, control.value(given))).collect();
        add_steps(&mut part, control.kind(), steps, last, budget)?;
    }
    Ok(part)
}
