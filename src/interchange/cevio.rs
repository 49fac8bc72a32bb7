//! CeVIO's CCS (XML) and VoiSona's TSSLN (a binary tree). Both hold the same song: clocks
//! of 960 to the quarter, behind one empty bar.

use std::collections::HashMap;
use ziyin_message::message;

use roxmltree::Node;

use super::recording::Recording;
use super::sheet::{Part, PartNote, Sheet, ticks, time_signature};
use super::value_tree::{self, Tree, Value};
use super::xml::{decode, parse};
use super::{Budget, BudgetError, Refusal, Report, Resource};
use ziyin_lyrics::Language;

pub const CCS: &str = "CeVIO";
pub const TSSLN: &str = "VoiSona";

/// Clocks in a quarter note.
const QUARTER: f64 = 960.0;

/// An element of either format.
trait Element: Sized {
    fn children(&self, name: &str) -> Vec<Self>;
    fn text(&self, name: &str) -> String;
    fn number(&self, name: &str) -> Option<f64>;

    fn child(&self, name: &str) -> Option<Self> {
        self.children(name).into_iter().next()
    }
}

impl Element for Node<'_, '_> {
    fn children(&self, name: &str) -> Vec<Self> {
        Node::children(self).filter(|child| child.tag_name().name() == name).collect()
    }

    fn text(&self, name: &str) -> String {
        self.attribute(name).unwrap_or_default().into()
    }

    fn number(&self, name: &str) -> Option<f64> {
        super::xml::attribute(*self, name)
    }
}

impl Element for &Tree {
    fn children(&self, name: &str) -> Vec<Self> {
        self.children.iter().filter(|child| child.name == name).collect()
    }

    fn text(&self, name: &str) -> String {
        match self.property(name) {
            Some(Value::Text(text)) => text.clone(),
            _ => String::new(),
        }
    }

    fn number(&self, name: &str) -> Option<f64> {
        match self.property(name)? {
            Value::Number(number) => Some(*number).filter(|number| number.is_finite()),
            Value::Text(text) => text.parse().ok(),
            Value::Bytes(_) => None,
        }
    }
}

pub fn read_ccs(bytes: &[u8], report: &mut Report, budget: &Budget) -> Result<Sheet, Refusal> {
    let source = decode(bytes);
    let document = parse(CCS, &source, budget)?;
    let of = |category: &'static str, name: &'static str| {
        document.descendants().filter(move |node| {
            node.tag_name().name() == name && node.attribute("Category") == Some(category)
        })
    };
    let named = |name: &'static str| of("SingerSong", name);
    // Of several of one name the first.
    let groups: Vec<Node> = named("Group").collect();
    let groups: HashMap<_, _> =
        groups.into_iter().rev().map(|group| (group.attribute("Id"), group)).collect();
    let mut sheet = Sheet::default();
    for unit in named("Unit") {
        let Some(song) = Element::child(&unit, "Song") else { continue };
        let mut part = part(&song, budget)?;
        if let Some(group) = groups.get(&unit.attribute("Group")) {
            part.name = Element::text(group, "Name");
            part.gain_db = Element::number(group, "Volume").unwrap_or(0.0);
            part.pan = Element::number(group, "Pan").unwrap_or(0.0);
            part.mute = group.attribute("IsMuted") == Some("true");
            part.solo = group.attribute("IsSolo") == Some("true");
        }
        part.singer = Element::text(&unit, "CastId");
        part.language = language(unit.attribute("Language").unwrap_or_default());
        add(&mut sheet, &song, part, report, budget)?;
    }
    let faders: HashMap<_, _> = of(AUDIO, "Group").map(|group| (group.attribute("Id"), group)).collect();
    for unit in of(AUDIO, "Unit") {
        budget.spend(Resource::Nodes, 16)?;
        sheet.recordings.push(recording(unit, faders.get(&unit.attribute("Group")).copied()));
    }
    finish(CCS, sheet)
}

/// What recorded audio is filed under.
const AUDIO: &str = "OuterAudio";

/// Recorded audio, which begins at a time and not at a clock, and what mixes it.
fn recording(unit: Node, group: Option<Node>) -> Recording {
    let fader = |name| group.and_then(|group| Element::number(&group, name)).unwrap_or(0.0);
    Recording {
        path: Element::text(&unit, "FilePath"),
        tick: 0,
        skipped_ms: -1000.0 * seconds(unit.attribute("StartTime").unwrap_or_default()),
        gain_db: fader("Volume"),
        pan: fader("Pan"),
        mute: group.is_some_and(|group| group.attribute("IsMuted") == Some("true")),
    }
}

/// The seconds of `00:01:02.5`.
fn seconds(time: &str) -> f64 {
    time.split(':').fold(0.0, |sum, part| 60.0 * sum + part.trim().parse().unwrap_or(0.0))
}

pub fn read_tssln(bytes: &[u8], report: &mut Report, budget: &Budget) -> Result<Sheet, Refusal> {
    let root = value_tree::read(TSSLN, bytes, budget)?;
    let mut sheet = Sheet::default();
    let tracks =
        root.children.iter().filter(|child| child.name == "Tracks").flat_map(|tracks| &tracks.children);
    for track in tracks {
        let Some(Value::Bytes(state)) = track.property("PluginData") else {
            report.warn(None, None, message!("warning.track-without-notes", name = (&track).text("Name")));
            continue;
        };
        let state = value_tree::read(TSSLN, state, budget)?;
        let Some(song) = state.find("Song") else { continue };
        let mut part = part(&song, budget)?;
        part.name = (&track).text("Name");
        part.gain_db = (&track).number("Volume").unwrap_or(0.0);
        part.pan = (&track).number("Pan").unwrap_or(0.0);
        if let Some(voice) = state.find("VoiceInformation") {
            part.singer = voice.text("CharacterName");
            part.language = language(&voice.text("Language"));
        }
        add(&mut sheet, &song, part, report, budget)?;
    }
    finish(TSSLN, sheet)
}

fn part(song: &impl Element, budget: &Budget) -> Result<Part, BudgetError> {
    let mut part = Part::default();
    let Some(score) = song.child("Score") else { return Ok(part) };
    for note in score.children("Note") {
        let clock = note.number("Clock").unwrap_or(-1e9);
        let octave = note.number("PitchOctave").unwrap_or(-100.0);
        let note = PartNote {
            onset: ticks(clock, QUARTER),
            end: ticks(clock + note.number("Duration").unwrap_or(0.0), QUARTER),
            pitch: (12.0 * (octave + 1.0) + note.number("PitchStep").unwrap_or(0.0)) as i64,
            lyric: note.text("Lyric"),
            pronunciation: None,
            language: None,
            vibrato: None,
            articulation: Default::default(),
            muted: false,
        };
        part.note(note, budget)?;
    }
    part.left_out.add(message!("left-out.dynamics"), score.children("Dynamics").len().saturating_sub(1));
    if let Some(parameters) = song.child("Parameter") {
        // Pitch, vibrato, volume and timing as CeVIO drew them, absolute and per frame.
        for name in ["LogF0", "C0", "VibAmp", "VibFrq", "Timing", "Alpha", "Husky"] {
            part.left_out.add(message!("left-out.curves", name), parameters.children(name).len());
        }
    }
    Ok(part)
}

fn add(
    sheet: &mut Sheet,
    song: &impl Element,
    part: Part,
    report: &mut Report,
    budget: &Budget,
) -> Result<(), BudgetError> {
    // Each track repeats what all share.
    if sheet.parts.is_empty() {
        for sound in song.child("Tempo").map(|tempo| tempo.children("Sound")).unwrap_or_default() {
            if let Some((clock, bpm)) = sound.number("Clock").zip(sound.number("Tempo")) {
                sheet.tempo(ticks(clock, QUARTER), bpm, report);
            }
        }
        for time in song.child("Beat").map(|beat| beat.children("Time")).unwrap_or_default() {
            let signature = time.number("Beats").zip(time.number("BeatType"));
            let signature = signature.and_then(|(beats, unit)| time_signature(beats, unit));
            if let Some((clock, signature)) = time.number("Clock").zip(signature) {
                sheet.meters.push((ticks(clock, QUARTER).max(0), signature));
            }
        }
    }
    sheet.add(part, budget)
}

fn finish(format: &'static str, mut sheet: Sheet) -> Result<Sheet, Refusal> {
    if sheet.parts.is_empty() {
        return Err(Refusal::NothingToSing { format });
    }
    sheet.drop_bars(1);
    Ok(sheet)
}

fn language(name: &str) -> Option<Language> {
    match name.get(..2)? {
        "Ja" | "ja" => Some(Language::Japanese),
        "Ch" | "zh" => Some(Language::Mandarin),
        "Ko" | "ko" => Some(Language::Korean),
        "En" | "en" => Some(Language::English),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn audio_begins_at_its_time_behind_the_empty_bar() {
        let song = "<Scenario><Unit Category='SingerSong'><Song><Score/></Song></Unit>\
            <Unit Category='OuterAudio' Group='g' StartTime='00:01:02.5' FilePath='a.wav'/>\
            <Group Category='OuterAudio' Id='g' Volume='-3' Pan='0.5' IsMuted='true'/></Scenario>";
        let sheet = read_ccs(song.as_bytes(), &mut Report::default(), &Budget::default()).unwrap();
        let found = &sheet.recordings[0];
        assert_eq!((found.path.as_str(), found.tick, found.skipped_ms), ("a.wav", -3840, -62_500.0));
        assert_eq!((found.gain_db, found.pan, found.mute), (-3.0, 0.5, true));
        assert_eq!(seconds("nonsense"), 0.0);
    }
}
