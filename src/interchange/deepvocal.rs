//! DeepVocal's DV: blocks of little-endian numbers and texts, each with its length before it.

use super::sheet::{Part, PartNote, Sheet, at_bars, ticks, time_signature};
use super::{Budget, Refusal, Report, Resource};
use ziyin_message::message;

pub const FORMAT: &str = "DeepVocal";

/// How such a file begins.
pub const MARK: &[u8] = b"SHARPKEY";

/// Ticks in a quarter note.
const QUARTER: f64 = 480.0;
/// Bars before the song, and the number of the first of them.
const BARS_BEFORE: i64 = 4;
const FIRST_BAR: i64 = -3;
/// Keys are counted downwards from here.
const HIGHEST_KEY: i64 = 115;

pub fn read(bytes: &[u8], report: &mut Report, budget: &Budget) -> Result<Sheet, Refusal> {
    let mut sheet = Sheet::default();
    // After the mark: version, size, seven names of four letters, and the size of the tempos.
    let mut reader = Reader { bytes: bytes.get(48..).unwrap_or_default(), budget };
    let whole = reader.song(&mut sheet, report).is_some();
    // What was too much ended it.
    budget.spend(Resource::Notes, 0)?;
    budget.spend(Resource::Nodes, 0)?;
    if !whole && sheet.parts.iter().all(|part| part.notes.is_empty()) {
        return Err(Refusal::damaged(FORMAT, message!("damage.before-first-note")));
    }
    if !whole {
        report.warn(None, None, message!("warning.breaks-off"));
    }
    sheet.drop_bars(BARS_BEFORE);
    Ok(sheet)
}

struct Reader<'a> {
    bytes: &'a [u8],
    budget: &'a Budget,
}

impl<'a> Reader<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.bytes.split_at_checked(length)?;
        self.bytes = rest;
        Some(taken)
    }

    fn number(&mut self) -> Option<i64> {
        Some(i32::from_le_bytes(self.take(4)?.try_into().ok()?).into())
    }

    fn count(&mut self) -> Option<usize> {
        usize::try_from(self.number()?).ok()
    }

    fn block(&mut self) -> Option<&'a [u8]> {
        let length = self.count()?;
        self.take(length)
    }

    fn text(&mut self) -> Option<String> {
        Some(String::from_utf8_lossy(self.block()?).into_owned())
    }

    fn song(&mut self, sheet: &mut Sheet, report: &mut Report) -> Option<()> {
        for _ in 0..self.count()? {
            self.budget.spend(Resource::Nodes, 1).ok()?;
            let (tick, hundredths) = (self.number()?, self.number()?);
            sheet.tempo(ticks(tick as f64, QUARTER), hundredths as f64 / 100.0, report);
        }
        self.number()?;
        let mut bars = Vec::new();
        for _ in 0..self.count()? {
            self.budget.spend(Resource::Nodes, 1).ok()?;
            let (bar, beats, unit) = (self.number()?, self.number()?, self.number()?);
            bars.extend(time_signature(beats as f64, unit as f64).map(|counted| (bar - FIRST_BAR, counted)));
        }
        sheet.meters = at_bars(bars);
        for _ in 0..self.count()? {
            if self.number()? == 0 {
                sheet.add(Part { name: self.text()?, ..Part::default() }, self.budget).ok()?;
                self.voice(sheet.parts.last_mut()?)?;
            } else {
                let name = self.text()?;
                report.warn(None, None, message!("warning.audio-track", name = name.trim()));
                self.take(14)?;
                if self.number()? > 0 {
                    self.take(8)?;
                    self.block()?;
                    self.block()?;
                }
            }
        }
        Some(())
    }

    fn voice(&mut self, part: &mut Part) -> Option<()> {
        // Mute and solo, volume, balance, the size of the segments.
        let state = self.take(14)?;
        (part.mute, part.solo) = (state[0] != 0, state[1] != 0);
        for _ in 0..self.count()? {
            let start = self.number()?;
            self.number()?;
            self.text()?;
            part.singer = self.text()?;
            self.number()?;
            for _ in 0..self.count()? {
                self.note(start, part)?;
            }
            // Volume, pitch and five more curves; one that nobody drew has two points.
            for name in ["volume", "pitch", "further", "further", "further", "further", "further"] {
                let points = Reader { bytes: self.block()?, budget: self.budget }.count().unwrap_or(0);
                part.left_out.add(message!("left-out.curve-points", name), points.saturating_sub(2));
            }
        }
        Some(())
    }

    fn note(&mut self, start: i64, part: &mut Part) -> Option<()> {
        let (onset, length, key) = (start + self.number()?, self.number()?, HIGHEST_KEY - self.number()?);
        self.number()?;
        let lyric = self.text()?;
        let hanzi = self.text()?;
        self.take(1)?;
        // Its vibrato, its phonemes, and how it is bent.
        self.block()?;
        self.block()?;
        self.take(18)?;
        self.take(5 * 4)?;
        self.block()?;
        self.number()?;
        let typed = if hanzi.trim().is_empty() { lyric } else { hanzi };
        let note = PartNote {
            onset: ticks(onset as f64, QUARTER),
            end: ticks((onset + length) as f64, QUARTER),
            pitch: key,
            lyric: typed,
            ..PartNote::default()
        };
        part.note(note, self.budget).ok()
    }
}
