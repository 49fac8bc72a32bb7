//! How lengths and keys are written in notes.

use crate::export::xml_writer::XmlWriter;
use ziyin_score::{TICKS_PER_QUARTER, Tick};

/// Names of notes from the longest, each half of the one before.
const NAMES: [&str; 10] =
    ["breve", "whole", "half", "quarter", "eighth", "16th", "32nd", "64th", "128th", "256th"];
const LONGEST: Tick = 8 * TICKS_PER_QUARTER;

/// One written note: its name, dots, and whether three stand for two.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spelling {
    pub ticks: Tick,
    /// `None` where no note is so long.
    name: Option<&'static str>,
    dots: usize,
    triplet: bool,
}

impl Spelling {
    /// A length that needs no name, or has none.
    pub fn without_name(ticks: Tick) -> Self {
        Self { ticks, name: None, dots: 0, triplet: false }
    }

    /// One note of so many ticks.
    fn of(ticks: Tick) -> Option<Self> {
        let plain = |ticks: Tick| {
            (0..).zip(NAMES).find_map(|(halvings, name)| {
                let length = LONGEST >> halvings;
                // A dot needs a half that is whole.
                let exact = length << halvings == LONGEST;
                let dotted = [(0, length), (1, length + length / 2), (2, length + length / 2 + length / 4)];
                let of_length = |&&(dots, long): &&(usize, Tick)| long == ticks && length % (1 << dots) == 0;
                let (dots, _) = dotted.iter().find(of_length)?;
                exact.then_some((name, *dots))
            })
        };
        if let Some((name, dots)) = plain(ticks) {
            return Some(Self { ticks, name: Some(name), dots, triplet: false });
        }
        let (name, dots) = plain(ticks * 3 / 2).filter(|_| ticks % 2 == 0)?;
        (dots == 0).then_some(Self { ticks, name: Some(name), dots, triplet: true })
    }

    /// The elements that say it, which stand behind the voice.
    pub fn write(&self, xml: &mut XmlWriter) {
        let Some(name) = self.name else { return };
        xml.text("type", name);
        (0..self.dots).for_each(|_| xml.empty("dot", &[]));
        if self.triplet {
            xml.element("time-modification", &[], |xml| {
                xml.text("actual-notes", 3);
                xml.text("normal-notes", 2);
            });
        }
    }
}

/// A length as notes that are tied, the longest first; what is left at the end may have no name.
pub fn values(ticks: Tick) -> Vec<Spelling> {
    let mut values = Vec::new();
    let mut rest = ticks;
    while rest > 0 {
        if let Some(whole) = Spelling::of(rest) {
            values.push(whole);
            break;
        }
        let plain = (0..NAMES.len()).map(|halvings| LONGEST >> halvings);
        // Nothing is parted that no note can begin.
        let longest = plain.filter(|&length| length >= 60).find(|&length| length <= rest);
        let Some(value) = longest.and_then(Spelling::of) else {
            values.push(Spelling::without_name(rest));
            break;
        };
        values.push(value);
        rest -= value.ticks;
    }
    values
}

/// The pitch of a MIDI key, with sharps or, where flats stand at the clef, flats.
pub fn pitch(xml: &mut XmlWriter, key: u8, fifths: i32) {
    const SHARP: [(&str, i32); 12] = [
        ("C", 0),
        ("C", 1),
        ("D", 0),
        ("D", 1),
        ("E", 0),
        ("F", 0),
        ("F", 1),
        ("G", 0),
        ("G", 1),
        ("A", 0),
        ("A", 1),
        ("B", 0),
    ];
    let class = usize::from(key % 12);
    let (step, alter) = match SHARP[class] {
        (_, 1) if fifths < 0 => (SHARP[class + 1].0, -1),
        natural => natural,
    };
    xml.element("pitch", &[], |xml| {
        xml.text("step", step);
        if alter != 0 {
            xml.text("alter", alter);
        }
        xml.text("octave", i32::from(key / 12) - 1);
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_spelt_as_musicians_write_them() {
        let spelt = |ticks| {
            let values = values(ticks);
            assert_eq!(values.iter().map(|value| value.ticks).sum::<Tick>(), ticks);
            values.iter().map(|v| (v.name.unwrap_or("?"), v.dots, v.triplet)).collect::<Vec<_>>()
        };
        assert_eq!(spelt(960), [("quarter", 0, false)]);
        assert_eq!(spelt(1440), [("quarter", 1, false)]);
        assert_eq!(spelt(3360), [("half", 2, false)]);
        assert_eq!(spelt(320), [("eighth", 0, true)]);
        assert_eq!(spelt(640), [("quarter", 0, true)]);
        assert_eq!(spelt(2400), [("half", 0, false), ("eighth", 0, false)]);
        assert_eq!(spelt(15), [("256th", 0, false)]);
        assert_eq!(spelt(7), [("?", 0, false)]);
        assert_eq!(spelt(967), [("quarter", 0, false), ("?", 0, false)]);
    }
}
