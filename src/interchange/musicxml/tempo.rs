//! The tempo marks of a score, which stand in any part: for the machine, as a metronome's, or in
//! a text.

use std::collections::BTreeMap;

use roxmltree::Node;

use super::super::Report;
use super::super::sheet::Sheet;
use super::super::xml::{attribute, child, children, text};
use ziyin_score::{Tempo, Tick};

/// Where a tempo stands; of several at one moment the first of these counts, and of one kind the last that
/// the first part has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Mark {
    Sound,
    Metronome,
    Words,
}

#[derive(Default)]
pub struct TempoMarks {
    marks: BTreeMap<Tick, (Mark, usize, New)>,
    /// How many parts have been read before.
    part: usize,
}

/// What a mark makes of the tempo.
#[derive(Clone, Copy, Debug, PartialEq)]
enum New {
    /// Quarters a minute.
    Bpm(f64),
    /// So many times what it was, where one note is said to last as long as another did.
    Times(f64),
}

impl TempoMarks {
    /// What follows stands in the next part.
    pub fn begin_part(&mut self) {
        self.part += 1;
    }

    /// Of a `sound` element.
    pub fn sound(&mut self, tick: Tick, sound: Node) {
        if let Some(bpm) = attribute(sound, "tempo") {
            self.add(tick, Mark::Sound, New::Bpm(bpm));
        }
    }

    /// Of a direction: what is meant for the machine, else what is written for the eye.
    pub fn direction(&mut self, tick: Tick, direction: Node) {
        // One that cannot be says nothing.
        let says = |sound: &Node| attribute(*sound, "tempo").and_then(Tempo::from_bpm).is_some();
        if let Some(sound) = child(direction, "sound").filter(says) {
            return self.sound(tick, sound);
        }
        for kind in children(direction, "direction-type") {
            if let Some(new) = child(kind, "metronome").and_then(metronome) {
                self.add(tick, Mark::Metronome, new);
            }
            if let Some(bpm) = child(kind, "words").and_then(|words| in_words(words.text()?)) {
                self.add(tick, Mark::Words, New::Bpm(bpm));
            }
        }
    }

    fn add(&mut self, tick: Tick, mark: Mark, new: New) {
        let known = self.marks.entry(tick).or_insert((mark, self.part, new));
        if (mark, self.part) <= (known.0, known.1) {
            *known = (mark, self.part, new);
        }
    }

    pub fn into_sheet(self, sheet: &mut Sheet, report: &mut Report) {
        let mut before = None;
        for (tick, (_, _, new)) in self.marks {
            let bpm = match new {
                New::Bpm(bpm) => bpm,
                New::Times(times) => times * before.unwrap_or(Tempo::BPM_120.bpm()),
            };
            // Where bars are played again it may be what it was.
            if before.replace(bpm) != Some(bpm) {
                sheet.tempo(tick, bpm, report);
            }
        }
    }
}

fn metronome(metronome: Node) -> Option<New> {
    let mut units: Vec<f64> = Vec::new();
    let mut dot = 0.0;
    for item in metronome.children() {
        match (item.tag_name().name(), units.last_mut()) {
            ("beat-unit", _) => {
                let quarters = quarters(item.text().unwrap_or_default().trim())?;
                dot = quarters / 2.0;
                units.push(quarters);
            }
            ("beat-unit-dot", Some(unit)) => {
                *unit += dot;
                dot /= 2.0;
            }
            _ => {}
        }
    }
    match (number_in(text(metronome, "per-minute")), units.as_slice()) {
        (Some(number), [unit, ..]) => Some(New::Bpm(number * unit)),
        // The first was so long as the second is from now on.
        (None, [old, new]) => Some(New::Times(new / old)),
        _ => None,
    }
}

fn quarters(unit: &str) -> Option<f64> {
    Some(match unit {
        "long" => 16.0,
        "breve" => 8.0,
        "whole" => 4.0,
        "half" => 2.0,
        "quarter" => 1.0,
        "eighth" => 0.5,
        "16th" => 0.25,
        "32nd" => 0.125,
        "64th" => 0.0625,
        _ => return None,
    })
}

/// The number in `72`, `c. 72`, `100-108`: of two the mean.
fn number_in(text: &str) -> Option<f64> {
    let is_part = |c: char| c.is_ascii_digit() || c == '.' || c == ',';
    let mut numbers = text.split(|c| !is_part(c)).filter_map(|part| {
        part.trim_matches(['.', ','])
            .replace(',', ".")
            .parse::<f64>()
            .ok()
            .filter(|number| number.is_finite())
    });
    let first = numbers.next()?;
    Some(numbers.next().map_or(first, |second| (first + second) / 2.0))
}

/// The tempo in `Andante (♩ = 72)`.
fn in_words(words: &str) -> Option<f64> {
    let Some((before, after)) = words.split_once('=') else {
        // `Tempo: 60 bpm`, `M.M. 60`
        let lower = words.to_lowercase();
        let is_tempo = ["bpm", "m.m.", "tempo:"].iter().any(|mark| lower.contains(mark));
        return number_in(words).filter(|bpm| is_tempo && (10.0..=400.0).contains(bpm));
    };
    let first: String = after.trim_start().chars().take_while(|&c| c != ')' && c != ']').take(20).collect();
    // A remark such as `8va = as written` is none.
    let stands = first.trim_start_matches(|c: char| c.is_alphabetic() || ". ~≈".contains(c));
    let bpm = number_in(stands).filter(|_| stands.starts_with(|c: char| c.is_ascii_digit()))?;
    let before = before.trim_end();
    let dotted = before.ends_with('.');
    let quarters = match before.trim_end_matches(['.', ' ']).chars().last() {
        Some('\u{E1D3}' | '\u{1D15E}' | '\u{ECA3}') => 2.0,
        Some('♪' | '\u{E1D7}' | '\u{1D160}' | '\u{ECA7}') => 0.5,
        _ => 1.0,
    };
    Some(bpm * quarters * if dotted { 1.5 } else { 1.0 }).filter(|bpm| (10.0..=400.0).contains(bpm))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_counts_where_the_machine_is_told_nonsense() {
        for (sound, bpm) in [("7602", 76.0), ("0", 76.0), ("72,5", 76.0), ("90", 90.0)] {
            let text = format!(
                "<direction><direction-type><metronome><beat-unit>quarter</beat-unit><per-minute>76</per-minute>\
                </metronome></direction-type><sound tempo='{sound}'/></direction>"
            );
            let document = roxmltree::Document::parse(&text).unwrap();
            let mut marks = TempoMarks::default();
            marks.direction(0, document.root_element());
            let mut sheet = Sheet::default();
            marks.into_sheet(&mut sheet, &mut Report::default());
            assert_eq!(sheet.tempos, [(0, Tempo::from_bpm(bpm).unwrap())], "{sound}");
        }
    }

    #[test]
    fn of_two_tempos_at_one_moment_the_last_of_the_first_part_counts() {
        let mut marks = TempoMarks::default();
        for bpms in [&[120.0, 100.0][..], &[90.0]] {
            marks.begin_part();
            bpms.iter().for_each(|&bpm| marks.add(0, Mark::Sound, New::Bpm(bpm)));
        }
        let mut sheet = Sheet::default();
        marks.into_sheet(&mut sheet, &mut Report::default());
        assert_eq!(sheet.tempos, [(0, Tempo::from_bpm(100.0).unwrap())]);
    }

    #[test]
    fn tempos_are_read_out_of_texts() {
        let cases = [
            ("72", Some(72.0)),
            ("c. 72", Some(72.0)),
            ("100-108", Some(104.0)),
            ("ca. 63,5", Some(63.5)),
            ("fast", None),
        ];
        for (text, number) in cases {
            assert_eq!(number_in(text), number, "{text}");
        }
        let cases = [
            ("Andante (♩ = 72)", Some(72.0)),
            ("♪=120", Some(60.0)),
            ("M.M. ♩ = ca. 60", Some(60.0)),
            ("Allegro", None),
            ("a = b", None),
            ("♩. = 40", Some(60.0)),
            ("M.M. 60", Some(60.0)),
            ("Take 5", None),
        ];
        for (text, bpm) in cases {
            assert_eq!(in_words(text), bpm, "{text}");
        }
    }
}
