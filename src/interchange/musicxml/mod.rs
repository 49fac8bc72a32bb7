//! MusicXML, as scores are exchanged by notation programs; MXL is the same in a zip archive.
//!
//! [`written`] finds the bars of each part, [`order`] follows repeats and jumps, [`bars`] says where each
//! bar begins, [`part`] reads the notes of one part, [`verses`] tells which words are sung on them, and
//! [`tempo`] gathers the marks of all parts. [`export`] writes.

mod bars;
mod export;
mod order;
mod part;
mod spelling;
mod tempo;
mod verses;
mod written;

use std::collections::HashMap;
use ziyin_message::message;

use roxmltree::Node;

pub use self::export::{write, write_archive};

use self::bars::Bars;
use self::part::PartReader;
use self::tempo::TempoMarks;
use super::archive::Archive;
use super::sheet::Sheet;
use super::xml::{child, children, decode, parse, text};
use super::{Budget, ImportOptions, Refusal, Report};

pub const FORMAT: &str = "MusicXML";

/// The score in an MXL archive: the one that its container names, else the first.
///
/// # Errors
/// If there is none, or it cannot be unpacked.
pub fn read_archive(
    mut archive: Archive,
    options: &ImportOptions,
    report: &mut Report,
    budget: &Budget,
) -> Result<Sheet, Refusal> {
    let container = archive.read("META-INF/container.xml", budget)?;
    let named = container.and_then(|bytes| {
        let source = decode(&bytes);
        let document = parse(FORMAT, &source, budget).ok()?;
        let root = document.descendants().find(|node| node.tag_name().name() == "rootfile")?;
        root.attribute("full-path").map(str::to_string)
    });
    let is_score = |name: &&str| {
        let name = name.to_ascii_lowercase();
        (name.ends_with(".xml") || name.ends_with(".musicxml")) && !name.starts_with("meta-inf")
    };
    // What a container names need not be there.
    let named = named.filter(|name| archive.names().any(|known| known == name));
    let name = named.or_else(|| archive.names().find(is_score).map(str::to_string));
    let score = name.map(|name| archive.read(&name, budget)).transpose()?.flatten();
    let score = score.ok_or_else(|| Refusal::damaged(FORMAT, message!("damage.no-score")))?;
    read(&score, options, report, budget)
}

pub fn read(
    bytes: &[u8],
    options: &ImportOptions,
    report: &mut Report,
    budget: &Budget,
) -> Result<Sheet, Refusal> {
    let source = decode(bytes);
    let document = parse(FORMAT, &source, budget)?;
    let root = document.root_element();
    let title = child(root, "work").map(|work| text(work, "work-title")).unwrap_or_default();
    let title = if title.is_empty() { text(root, "movement-title") } else { title };
    let mut sheet = Sheet { title: title.into(), ..Sheet::default() };
    let list: Vec<Node> =
        child(root, "part-list").iter().flat_map(|&list| children(list, "score-part")).collect();
    // Of several of one name the first.
    let list: HashMap<_, _> = list.into_iter().rev().map(|entry| (entry.attribute("id"), entry)).collect();
    let parts = written::parts(root);
    let bars = Bars::of(&parts, !options.no_repeats);
    sheet.meters = bars.signatures();
    let mut marks = TempoMarks::default();
    for part in &parts {
        budget.check()?;
        marks.begin_part();
        let named = list.get(&part.id);
        let name = named.map(|&entry| text(entry, "part-name")).unwrap_or_default();
        let read = PartReader::new(&part.bars, &bars, &mut marks, budget).read(&part.bars)?;
        let mut left_out = Some(read.left_out);
        let several = read.voices.len() > 1;
        for (voice, mut line) in read.voices {
            line.name = if several { format!("{name} {voice}") } else { name.to_string() };
            line.left_out = left_out.take().unwrap_or_default();
            sheet.add(line, budget)?;
        }
        // What is told of a part that has no voice must not be told of another.
        let list = left_out.map(|left_out| left_out.list()).unwrap_or_default();
        if !list.is_empty() {
            let name: String = name.chars().take(80).collect();
            report.warn(None, None, message!("warning.nothing-in-part", name, list));
        }
    }
    marks.into_sheet(&mut sheet, report);
    let written = bars.order().iter().map(|played| played.bar + 1).max().unwrap_or(0);
    let sung = bars.order().len();
    if bars.order().iter().zip(0..).any(|(played, place)| played.bar != place) {
        report.warn(None, None, message!("warning.unfolded", written, sung));
    } else if root.descendants().any(|node| is_jump(&node)) {
        report.warn(None, None, message!("warning.repeats"));
    }
    Ok(sheet)
}

/// Whether the music goes on elsewhere than in the next bar.
fn is_jump(node: &Node) -> bool {
    match node.tag_name().name() {
        "repeat" | "ending" | "segno" | "coda" => true,
        "sound" => ["dacapo", "dalsegno", "tocoda", "fine"].iter().any(|name| node.has_attribute(*name)),
        "words" => {
            let words = node.text().unwrap_or_default().trim().to_lowercase();
            ["d.c.", "d. c.", "d.s.", "d. s.", "da capo", "dal segno"]
                .iter()
                .any(|mark| words.starts_with(mark))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use crate::sheet::PartNote;
    use ziyin_score::Tick;

    /// The notes of a part of which each bar is given by what is in it.
    fn notes(bars: &str) -> Vec<(Tick, Tick, String)> {
        let text = format!("<score-partwise><part-list/><part id='a'>{bars}</part></score-partwise>");
        let options = ImportOptions::default();
        let sheet = read(text.as_bytes(), &options, &mut Report::default(), &Budget::default()).unwrap();
        let plain = |note: &PartNote| (note.onset, note.end, note.lyric.clone());
        sheet.parts[0].notes.iter().map(plain).collect()
    }

    fn note(duration: u32, further: &str) -> String {
        let pitch = "<pitch><step>C</step><octave>4</octave></pitch>";
        format!("<note>{pitch}<duration>{duration}</duration>{further}</note>")
    }

    #[test]
    fn notes_before_the_divisions_are_counted_in_them_too() {
        let bars = format!(
            "<measure>{}<attributes><divisions>4</divisions></attributes>{}</measure>",
            note(4, ""),
            note(8, "")
        );
        let none = String::new();
        assert_eq!(notes(&bars), [(0, 960, none.clone()), (960, 2880, none)]);
    }

    #[test]
    fn a_chord_that_sounds_on_makes_no_bar_longer() {
        let head = "<attributes><divisions>4</divisions><time><beats>4</beats><beat-type>4</beat-type></time></attributes>";
        let chord = note(6, "").replace("<note>", "<note><chord/>");
        let bars = format!(
            "<measure>{head}{}{}{chord}</measure><measure>{}</measure>",
            note(12, ""),
            note(4, ""),
            note(16, "")
        );
        let last = notes(&bars).pop().map(|(onset, end, _)| (onset, end));
        assert_eq!(last, Some((3840, 7680)));
        // What its first note leaves of a bar still belongs to it.
        let bars =
            bars.replacen(&note(12, ""), "", 1).replace("<duration>6</duration>", "<duration>16</duration>");
        let last = notes(&bars).pop().map(|(onset, end, _)| (onset, end));
        assert_eq!(last, Some((3840, 7680)));
    }

    #[test]
    fn a_tied_note_ends_a_syllable_or_begins_one() {
        let word = |syllabic: &str, text: &str| {
            format!("<lyric number='1'><syllabic>{syllabic}</syllabic><text>{text}</text></lyric>")
        };
        let (start, stop) = ("<tie type='start'/>", "<tie type='stop'/>");
        let two = |first: &str, second: &str| {
            notes(&format!(
                "<measure>{}{}</measure>",
                note(1, &format!("{start}{first}")),
                note(1, &format!("{stop}{second}"))
            ))
        };
        let other = "<lyric number='2'><text>x</text></lyric>";
        assert_eq!(two(&word("single", "山"), ""), [(0, 1920, "山".into())]);
        assert_eq!(two(&word("single", "山"), other), [(0, 1920, "山".into())]);
        assert_eq!(two(&word("begin", "Zei"), &word("end", "t")), [(0, 1920, "Zeit".into())]);
        let apart = [(0, 960, "山".into()), (960, 1920, "水".into())];
        assert_eq!(two(&word("single", "山"), &word("single", "水")), apart);
        let verses = format!("{}{}", word("single", "山"), word("single", "x").replace("'1'", "'2'"));
        let second = word("single", "y").replace("'1'", "'2'");
        let bars = format!(
            "<measure>{}{}{}</measure>",
            note(1, &format!("{start}{verses}")),
            note(1, &format!("{stop}{second}")),
            note(1, &word("single", "水"))
        );
        assert_eq!(notes(&bars), [(0, 1920, "山".into()), (1920, 2880, "水".into())]);
    }
}
