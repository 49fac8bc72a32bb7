//! Writes MusicXML 3.1, partwise, 960 divisions to the quarter, a part to each line.
//!
//! [`super::spelling`] says how a length and a key are written; here notes are cut at bar lines.

use std::io::{Cursor, Write};
use ziyin_message::Message;

use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::spelling::{Spelling, pitch, values};
use crate::export::lines::{Line, LineNote};
use crate::export::numbers::bpm;
use crate::export::xml_writer::XmlWriter;
use ziyin_score::{CurveKind, Key, Project, Scale, TICKS_PER_QUARTER, Tempo, Tick, TimeSignature};

const HEAD: &str = "<!DOCTYPE score-partwise PUBLIC \"-//Recordare//DTD MusicXML 3.1 Partwise//EN\" \
\"http://www.musicxml.org/dtds/partwise.dtd\">\n";

/// The score in a zip archive, as MXL.
///
/// # Errors
/// If it cannot be packed, in the words of the packer.
pub fn write_archive(project: &Project, lines: &mut [Line]) -> Result<Vec<u8>, Message> {
    let mut container = XmlWriter::new("");
    container.element("container", &[], |xml| {
        xml.element("rootfiles", &[], |xml| {
            let media = "application/vnd.recordare.musicxml+xml";
            xml.empty("rootfile", &[("full-path", &"score.musicxml"), ("media-type", &media)]);
        });
    });
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let files = [("META-INF/container.xml", container.finish()), ("score.musicxml", write(project, lines))];
    for (name, bytes) in files {
        zip.start_file(name, SimpleFileOptions::default())
            .and_then(|()| Ok(zip.write_all(&bytes)?))
            .map_err(Message::foreign)?;
    }
    zip.finish().map(Cursor::into_inner).map_err(Message::foreign)
}

pub fn write(project: &Project, lines: &mut [Line]) -> Vec<u8> {
    let end = lines.iter().map(|line| line.end()).max().unwrap_or(0);
    let bars = bars(project, end);
    let mut xml = XmlWriter::new(HEAD);
    xml.element("score-partwise", &[("version", &"3.1")], |xml| {
        xml.element("work", &[], |xml| xml.text("work-title", &project.title));
        xml.element("identification", &[], |xml| {
            xml.element("encoding", &[], |xml| xml.text("software", "Ziyin"));
        });
        xml.element("part-list", &[], |xml| {
            for (number, line) in lines.iter().enumerate() {
                xml.element("score-part", &[("id", &format!("P{}", number + 1))], |xml| {
                    xml.text("part-name", &line.name);
                });
            }
        });
        for (number, line) in lines.iter_mut().enumerate() {
            xml.element("part", &[("id", &format!("P{}", number + 1))], |xml| {
                PartWriter::new(project, line, number == 0).write(xml, &bars);
            });
            CurveKind::ALL.into_iter().for_each(|kind| line.leave_curve_out(kind));
            line.leave_languages_out();
            line.leave_pronunciations_out();
            line.leave_articulation_out(|note| note.articulation);
            line.leave_vibrato_out();
            line.leave_mix_out();
        }
    });
    xml.finish()
}

/// A bar: where it begins and ends, what it is counted in, and whether that begins here.
#[derive(Clone, Copy, Debug)]
struct Bar {
    start: Tick,
    end: Tick,
    signature: TimeSignature,
    changes: bool,
}

/// The bars up to the end of the song, at least one.
fn bars(project: &Project, end: Tick) -> Vec<Bar> {
    let mut bars = Vec::new();
    let mut start = 0;
    let mut changes = project.meter.changes().iter().peekable();
    while start < end || bars.is_empty() {
        let begins = changes.next_if(|change| change.tick <= start).is_some();
        let signature = project.meter.at(start);
        let full = start + signature.bar();
        let end = changes.peek().map_or(full, |next| full.min(next.tick));
        bars.push(Bar { start, end, signature, changes: begins });
        start = end;
    }
    bars
}

/// Writes one part.
struct PartWriter<'a> {
    project: &'a Project,
    notes: &'a [LineNote],
    /// Whether any note has a text, so that one without is taken for held, and whether any has a
    /// word that can be held.
    has_texts: bool,
    has_words: bool,
    /// How many sharps, or below 0 flats, stand at the clef.
    fifths: i32,
    low: bool,
    /// Changes of tempo, which stand in the first part.
    tempos: Vec<(Tick, Tempo)>,
}

impl<'a> PartWriter<'a> {
    fn new(project: &'a Project, line: &'a Line, first: bool) -> Self {
        let notes = line.notes.as_slice();
        let sum: i64 = notes.iter().map(|note| i64::from(note.key)).sum();
        let tempos = project.tempo.changes().iter().filter(|_| first);
        Self {
            project,
            notes,
            has_texts: notes.iter().any(|note| !note.lyric.is_empty()),
            has_words: notes.iter().any(|note| !note.lyric.is_empty() && !note.is_hold()),
            fifths: project.sounding_key().map_or(0, fifths),
            low: !notes.is_empty() && sum / (notes.len() as i64) < 55,
            tempos: tempos.map(|change| (change.tick, change.tempo)).collect(),
        }
    }

    fn write(&self, xml: &mut XmlWriter, bars: &[Bar]) {
        let (mut note, mut tempo) = (0, 0);
        for (number, bar) in bars.iter().enumerate() {
            xml.element("measure", &[("number", &(number + 1))], |xml| {
                if number == 0 || bar.changes {
                    self.attributes(xml, bar, number == 0);
                }
                let mut now = bar.start;
                while now < bar.end {
                    while self.notes.get(note).is_some_and(|sung| sung.end <= now) {
                        note += 1;
                    }
                    let sung = self.notes.get(note).filter(|sung| sung.onset <= now);
                    let next = match (sung, self.notes.get(note)) {
                        (Some(sung), _) => sung.end,
                        (None, Some(next)) => next.onset,
                        (None, None) => bar.end,
                    };
                    let end = next.min(bar.end);
                    // Those that stand within it are placed by their offset.
                    while let Some(&(tick, change)) = self.tempos.get(tempo).filter(|&&(tick, _)| tick < end)
                    {
                        self.tempo(xml, change, tick - now);
                        tempo += 1;
                    }
                    match sung {
                        Some(_) => self.sung(xml, note, now, end),
                        None => rest(xml, bar, now, end),
                    }
                    now = end;
                }
            });
        }
    }

    fn attributes(&self, xml: &mut XmlWriter, bar: &Bar, first: bool) {
        xml.element("attributes", &[], |xml| {
            if first {
                xml.text("divisions", TICKS_PER_QUARTER);
                xml.element("key", &[], |xml| {
                    xml.text("fifths", self.fifths);
                    if let Some(key) = self.project.sounding_key() {
                        xml.text("mode", if key.scale == Scale::Major { "major" } else { "minor" });
                    }
                });
            }
            xml.element("time", &[], |xml| {
                xml.text("beats", bar.signature.beats);
                xml.text("beat-type", bar.signature.unit);
            });
            if first {
                xml.element("clef", &[], |xml| {
                    xml.text("sign", if self.low { "F" } else { "G" });
                    xml.text("line", if self.low { 4 } else { 2 });
                });
            }
        });
    }

    fn tempo(&self, xml: &mut XmlWriter, tempo: Tempo, offset: Tick) {
        let bpm = bpm(tempo);
        xml.element("direction", &[("placement", &"above")], |xml| {
            xml.element("direction-type", &[], |xml| {
                xml.element("metronome", &[], |xml| {
                    xml.text("beat-unit", "quarter");
                    xml.text("per-minute", bpm);
                });
            });
            if offset != 0 {
                xml.text_with("offset", &[("sound", &"yes")], offset);
            }
            xml.empty("sound", &[("tempo", &bpm)]);
        });
    }

    /// The part of a note that lies in a bar, as notes that are tied.
    fn sung(&self, xml: &mut XmlWriter, index: usize, from: Tick, to: Tick) {
        let note = &self.notes[index];
        let values = values(to - from);
        let mut at = from;
        for value in &values {
            let (begins, ends) = (at == note.onset, at + value.ticks == note.end);
            xml.element("note", &[], |xml| {
                pitch(xml, note.key, self.fifths);
                xml.text("duration", value.ticks);
                // Some programs look at the first of two alone.
                if !ends {
                    xml.empty("tie", &[("type", &"start")]);
                }
                if !begins {
                    xml.empty("tie", &[("type", &"stop")]);
                }
                xml.text("voice", 1);
                value.write(xml);
                if !(begins && ends) {
                    xml.element("notations", &[], |xml| {
                        if !begins {
                            xml.empty("tied", &[("type", &"stop")]);
                        }
                        if !ends {
                            xml.empty("tied", &[("type", &"start")]);
                        }
                    });
                }
                if begins && let Some(word) = self.word(index) {
                    xml.element("lyric", &[("number", &1)], |xml| {
                        let (syllabic, text) = self.syllabic(index, word);
                        xml.text("syllabic", syllabic);
                        xml.text("text", text);
                        if self.notes.get(index + 1).is_some_and(|next| next.is_hold()) {
                            xml.empty("extend", &[]);
                        }
                    });
                }
            });
            at += value.ticks;
        }
    }

    /// Which part of a word it is, and the part: `hap-` begins one.
    fn syllabic<'w>(&self, index: usize, word: &'w str) -> (&'static str, &'w str) {
        let part = |word: &'w str| word.strip_suffix('-').filter(|part| part.ends_with(char::is_alphabetic));
        let before = self.notes[..index].iter().rev().find(|note| !note.is_hold());
        let goes_on = before.is_some_and(|note| note.lyric.ends_with('-'));
        match (goes_on, part(word)) {
            (false, None) => ("single", word),
            (false, Some(part)) => ("begin", part),
            (true, Some(part)) => ("middle", part),
            (true, None) => ("end", word),
        }
    }

    /// What stands under a note. One that is held right behind another has nothing, and so has one
    /// without a word, unless it would be taken for held.
    fn word(&self, index: usize) -> Option<&str> {
        let note = &self.notes[index];
        let follows = index.checked_sub(1).is_some_and(|before| self.notes[before].end == note.onset);
        match note.lyric.as_str() {
            _ if note.is_hold() && follows && self.has_words => None,
            "" if self.has_texts && follows => Some("R"),
            "" => None,
            word => Some(word),
        }
    }
}

fn rest(xml: &mut XmlWriter, bar: &Bar, from: Tick, to: Tick) {
    let whole = from == bar.start && to == bar.end;
    let values = if whole { vec![Spelling::without_name(to - from)] } else { values(to - from) };
    for value in values {
        xml.element("note", &[], |xml| {
            match whole {
                true => xml.empty("rest", &[("measure", &"yes")]),
                false => xml.empty("rest", &[]),
            }
            xml.text("duration", value.ticks);
            xml.text("voice", 1);
            value.write(xml);
        });
    }
}

/// The signs of a key: sharps from 1 to 7, flats from -1.
fn fifths(key: Key) -> i32 {
    let major = match key.scale {
        Scale::Major => i32::from(key.tonic),
        Scale::Minor => i32::from(key.tonic) + 3,
    };
    let sharps = (major * 7).rem_euclid(12);
    if sharps > 6 { sharps - 12 } else { sharps }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_have_as_few_signs_as_can_be() {
        let signs = |tonic, scale| fifths(Key { tonic, scale });
        assert_eq!([0, 7, 2, 5, 10, 6].map(|tonic| signs(tonic, Scale::Major)), [0, 1, 2, -1, -2, 6]);
        assert_eq!([9, 4, 0].map(|tonic| signs(tonic, Scale::Minor)), [0, 1, -3]);
    }
}
