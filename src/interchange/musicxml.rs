//! MusicXML, as scores are exchanged by notation programs; MXL is the same in a zip archive.

use std::collections::{BTreeMap, HashMap};

use roxmltree::Node;

use super::archive::Archive;
use super::sheet::{LeftOut, Part, PartNote, Sheet, ticks, time_signature};
use super::xml::{attribute, child, children, decode, number, parse, text};
use super::{Budget, BudgetError, Refusal, Report};
use ziyin_score::{MAX_TICK, TICKS_PER_QUARTER, Tick};

pub const FORMAT: &str = "MusicXML";

/// The score in an MXL archive: the one that its container names, else the first.
///
/// # Errors
/// If there is none, or it cannot be unpacked.
pub fn read_archive(mut archive: Archive, report: &mut Report, budget: &Budget) -> Result<Sheet, Refusal> {
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
    let name = named.or_else(|| archive.names().find(is_score).map(str::to_string));
    let score = name.map(|name| archive.read(&name, budget)).transpose()?.flatten();
    let score = score.ok_or_else(|| Refusal::damaged(FORMAT, "there is no score in the archive"))?;
    read(&score, report, budget)
}

pub fn read(bytes: &[u8], report: &mut Report, budget: &Budget) -> Result<Sheet, Refusal> {
    let source = decode(bytes);
    let document = parse(FORMAT, &source, budget)?;
    let root = document.root_element();
    if root.tag_name().name() == "score-timewise" {
        let instead = "save the score as `score-partwise`, which every notation program does";
        return Err(Refusal::Unsupported { format: "timewise MusicXML", instead });
    }
    let title = child(root, "work").map(|work| text(work, "work-title")).unwrap_or_default();
    let title = if title.is_empty() { text(root, "movement-title") } else { title };
    let mut sheet = Sheet { title: title.into(), ..Sheet::default() };
    let list: Vec<Node> =
        child(root, "part-list").iter().flat_map(|&list| children(list, "score-part")).collect();
    // Of several of one name the first.
    let list: HashMap<_, _> = list.into_iter().rev().map(|entry| (entry.attribute("id"), entry)).collect();
    for (index, part) in children(root, "part").enumerate() {
        let named = list.get(&part.attribute("id"));
        let name = named.map(|&entry| text(entry, "part-name")).unwrap_or_default();
        let mut reader = Reader { counts_time: index == 0, ..Reader::new(budget) };
        for measure in children(part, "measure") {
            reader.measure(measure, &mut sheet, report)?;
        }
        let voices = std::mem::take(&mut reader.voices);
        let several = voices.len() > 1;
        for (voice, mut part) in voices {
            part.name = if several { format!("{name} voice {voice}") } else { name.to_string() };
            hold_where_no_word_is(&mut part);
            sheet.add(part, budget)?;
        }
        if let Some(first) = sheet.parts.last_mut() {
            first.left_out = reader.left_out;
        }
    }
    if root.descendants().any(|node| matches!(node.tag_name().name(), "repeat" | "ending")) {
        report.warn(None, None, "repeats are not unfolded: each bar is sung once".into());
    }
    Ok(sheet)
}

/// Goes through the measures of a part.
struct Reader<'a> {
    budget: &'a Budget,
    /// Whether tempo and time signatures are taken from this part.
    counts_time: bool,
    /// Units of duration in a quarter note.
    divisions: f64,
    /// Semitones from what is written to what sounds.
    transposed: f64,
    /// Where the next note begins, where the measure began and how far it reaches, in ticks.
    now: Tick,
    start: Tick,
    reached: Tick,
    voices: BTreeMap<String, Part>,
    left_out: LeftOut,
}

impl<'a> Reader<'a> {
    fn new(budget: &'a Budget) -> Self {
        Self {
            budget,
            counts_time: false,
            divisions: 1.0,
            transposed: 0.0,
            now: 0,
            start: 0,
            reached: 0,
            voices: BTreeMap::new(),
            left_out: LeftOut::default(),
        }
    }

    fn measure(&mut self, measure: Node, sheet: &mut Sheet, report: &mut Report) -> Result<(), BudgetError> {
        self.start = self.reached;
        self.now = self.start;
        for item in measure.children().filter(Node::is_element) {
            match item.tag_name().name() {
                "attributes" => self.attributes(item, sheet),
                "sound" => self.sound(item, sheet, report),
                "direction" => {
                    match child(item, "sound").filter(|sound| sound.has_attribute("tempo")) {
                        Some(sound) => self.sound(sound, sheet, report),
                        None => self.metronome(item, sheet, report),
                    }
                    if item.descendants().any(|node| matches!(node.tag_name().name(), "dynamics" | "wedge")) {
                        self.left_out.count("dynamics");
                    }
                }
                "backup" => self.now = (self.now - self.duration(item)).max(self.start),
                "forward" => self.advance(self.duration(item)),
                "note" => self.note(item)?,
                _ => {}
            }
        }
        Ok(())
    }

    fn duration(&self, item: Node) -> Tick {
        ticks(number(item, "duration").unwrap_or(0.0).max(0.0), self.divisions).min(MAX_TICK)
    }

    fn advance(&mut self, by: Tick) {
        self.now = (self.now + by).min(2 * MAX_TICK);
        self.reached = self.reached.max(self.now);
    }

    fn attributes(&mut self, item: Node, sheet: &mut Sheet) {
        if let Some(divisions) = number(item, "divisions").filter(|&divisions| divisions > 0.0) {
            self.divisions = divisions;
        }
        if let Some(transpose) = child(item, "transpose") {
            self.transposed = number(transpose, "chromatic").unwrap_or(0.0)
                + 12.0 * number(transpose, "octave-change").unwrap_or(0.0);
        }
        let signature = child(item, "time")
            .and_then(|time| time_signature(number(time, "beats")?, number(time, "beat-type")?));
        if let Some(signature) = signature.filter(|_| self.counts_time && self.now <= MAX_TICK) {
            sheet.meters.push((self.now, signature));
        }
    }

    fn sound(&self, item: Node, sheet: &mut Sheet, report: &mut Report) {
        if let Some(bpm) = attribute(item, "tempo").filter(|_| self.counts_time) {
            sheet.tempo(self.now, bpm, report);
        }
    }

    /// A tempo that is only written for the eye.
    fn metronome(&self, item: Node, sheet: &mut Sheet, report: &mut Report) {
        let metronome = item.descendants().find(|node| node.tag_name().name() == "metronome");
        let Some(metronome) = metronome.filter(|_| self.counts_time) else { return };
        let quarters = match text(metronome, "beat-unit") {
            "whole" => 4.0,
            "half" => 2.0,
            "quarter" => 1.0,
            "eighth" => 0.5,
            "16th" => 0.25,
            _ => return,
        };
        let dotted = if child(metronome, "beat-unit-dot").is_some() { 1.5 } else { 1.0 };
        if let Some(beats) = number(metronome, "per-minute") {
            sheet.tempo(self.now, beats * quarters * dotted, report);
        }
    }

    fn note(&mut self, item: Node) -> Result<(), BudgetError> {
        let length = self.duration(item);
        let in_chord = child(item, "chord").is_some();
        if child(item, "grace").is_some() {
            self.left_out.count("grace notes");
            return Ok(());
        }
        let onset = if in_chord { (self.now - length).max(self.start) } else { self.now };
        if !in_chord {
            self.advance(length);
        }
        if child(item, "rest").is_some() || child(item, "cue").is_some() {
            return Ok(());
        }
        let Some(pitch) = child(item, "pitch") else {
            self.left_out.count("notes without pitch");
            return Ok(());
        };
        let step = match text(pitch, "step") {
            "C" => 0.0,
            "D" => 2.0,
            "E" => 4.0,
            "F" => 5.0,
            "G" => 7.0,
            "A" => 9.0,
            "B" => 11.0,
            _ => {
                self.left_out.count("notes without pitch");
                return Ok(());
            }
        };
        let octave = number(pitch, "octave").unwrap_or(4.0);
        let key = 12.0 * (octave + 1.0) + step + number(pitch, "alter").unwrap_or(0.0) + self.transposed;
        let verses: Vec<Node> = children(item, "lyric").collect();
        self.left_out.add("words of further verses", verses.len().saturating_sub(1));
        let first = verses.iter().find(|verse| verse.attribute("number").is_none_or(|number| number == "1"));
        let lyric = first.or(verses.first()).map(|verse| words(*verse)).unwrap_or_default();
        let ties: Vec<&str> = children(item, "tie").filter_map(|tie| tie.attribute("type")).collect();
        let voice = text(item, "voice");
        let part = self.voices.entry(if voice.is_empty() { "1" } else { voice }.into()).or_default();
        let key = key.round().clamp(-1000.0, 1000.0) as i64;
        if ties.contains(&"stop")
            && let Some(tied) =
                part.notes.iter_mut().rev().take(16).find(|note| note.pitch == key && note.end == onset)
        {
            tied.end = onset + length;
            return Ok(());
        }
        part.note(
            PartNote { onset, end: onset + length, pitch: key, lyric, ..PartNote::default() },
            self.budget,
        )
    }
}

/// The words of a verse on one note; an elision joins two.
fn words(verse: Node) -> String {
    let texts = children(verse, "text").filter_map(|text| text.text());
    texts.map(str::trim).collect::<Vec<_>>().join(" ")
}

/// In a part with words, a note without any right behind another goes on with its vowel.
fn hold_where_no_word_is(part: &mut Part) {
    if part.notes.iter().all(|note| note.lyric.is_empty()) {
        return;
    }
    part.notes.sort_by_key(|note| note.onset);
    let mut end = -TICKS_PER_QUARTER;
    for note in &mut part.notes {
        if note.lyric.is_empty() && note.onset <= end {
            note.lyric = "-".into();
        }
        end = end.max(note.end);
    }
}
