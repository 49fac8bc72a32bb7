//! Where bars begin. The n-th bars of all parts begin together, however much each part writes
//! into them.

use roxmltree::Node;

use super::super::sheet::time_signature;
use super::super::xml::{child, children, number};
use super::order::{Played, played};
use super::written::{WrittenPart, said_of_bar};
use ziyin_score::{MAX_TICK, TICKS_PER_QUARTER, Tick, TimeSignature};

/// Goes through what a bar holds, in quarters from its beginning.
pub struct Clock {
    /// Units of duration in a quarter note.
    divisions: f64,
    pub now: f64,
    /// Where the last note began that is not in the chord of another.
    pub struck: f64,
}

impl Clock {
    /// Before its first bar; where divisions stand behind the first notes, these are counted in them too.
    pub fn of(bars: &[Option<Node>]) -> Self {
        let attributes = bars.iter().flatten().flat_map(|bar| children(*bar, "attributes"));
        let first = attributes.filter_map(|attributes| number(attributes, "divisions")).find(|&d| d > 0.0);
        Self { divisions: first.unwrap_or(1.0), now: 0.0, struck: 0.0 }
    }

    pub fn begin_bar(&mut self) {
        (self.now, self.struck) = (0.0, 0.0);
    }

    /// What durations are counted in; where bars are played anew it is what it was there.
    pub fn divisions(&self) -> f64 {
        self.divisions
    }

    pub fn set_divisions(&mut self, divisions: f64) {
        self.divisions = divisions;
    }

    /// What an element says of its length, in quarters.
    pub fn quarters(&self, item: Node, name: &str) -> f64 {
        // Beyond this no song goes on.
        (number(item, name).unwrap_or(0.0) / self.divisions).clamp(-1e9, 1e9)
    }

    /// Steps over an item of a bar; of a note it gives the onset and the length.
    pub fn pass(&mut self, item: Node) -> Option<(f64, f64)> {
        match item.tag_name().name() {
            "attributes" => {
                if let Some(divisions) = number(item, "divisions").filter(|&divisions| divisions > 0.0) {
                    self.divisions = divisions;
                }
            }
            "backup" => self.now = (self.now - self.quarters(item, "duration").max(0.0)).max(0.0),
            "forward" => self.now += self.quarters(item, "duration").max(0.0),
            "note" => {
                let length = self.quarters(item, "duration").max(0.0);
                if child(item, "grace").is_some() {
                    return Some((self.now, 0.0));
                }
                // It sounds with the note before, and may be shorter or longer.
                if child(item, "chord").is_some() {
                    return Some((self.struck, length));
                }
                self.struck = self.now;
                self.now += length;
                return Some((self.struck, length));
            }
            _ => {}
        }
        None
    }
}

/// In quarters, what rounded durations in a bar may lack: less than the shortest notes.
pub const ROUNDED: f64 = 1.0 / 32.0;

/// A bar of all parts.
#[derive(Clone, Copy, Debug, Default)]
struct Bar {
    /// How far the notes of any part reach, and its rests; rests of a whole bar apart.
    notes: f64,
    rests: f64,
    whole_rests: f64,
    /// The signature that stands in it.
    signature: Option<TimeSignature>,
    /// Whether it is not counted, as a pickup.
    implicit: bool,
}

/// Where each bar begins as it is played, in quarters, and what it is counted in.
pub struct Bars {
    order: Vec<Played>,
    starts: Vec<f64>,
    /// How long each is as it is written, and as it is counted.
    ends: Vec<(f64, f64)>,
    signatures: Vec<(Tick, TimeSignature)>,
}

impl Bars {
    /// The bars of all parts, with `unfolded` in the order in which repeats and jumps lead.
    pub fn of(parts: &[WrittenPart], unfolded: bool) -> Self {
        let mut bars: Vec<Bar> = Vec::new();
        for part in parts {
            let mut clock = Clock::of(&part.bars);
            for (index, measure) in part.bars.iter().enumerate() {
                if bars.len() <= index {
                    bars.push(Bar::default());
                }
                if let &Some(measure) = measure {
                    bars[index].add(measure, &mut clock);
                }
            }
        }
        let order = match unfolded {
            true => played(parts, bars.len()),
            false => (0..bars.len()).map(|bar| Played { bar, pass: 0 }).collect(),
        };
        Self::placed(&bars, order)
    }

    fn placed(written: &[Bar], order: Vec<Played>) -> Self {
        let (mut start, mut signature) = (0.0, TimeSignature::COMMON);
        // A bar that is played again is counted as it was.
        let counted: Vec<Option<TimeSignature>> = written
            .iter()
            .scan(None, |now, bar| {
                *now = bar.signature.or(*now);
                Some(*now)
            })
            .collect();
        let mut placed =
            Self { order: Vec::new(), starts: Vec::new(), ends: Vec::new(), signatures: Vec::new() };
        let bars = order.iter().map(|played| Bar { signature: counted[played.bar], ..written[played.bar] });
        // Whether the bar before was none of its signature, so that bars are counted anew.
        let mut counts_anew = false;
        for bar in bars {
            let changed = bar.signature.filter(|&new| new != signature || start == 0.0);
            signature = bar.signature.unwrap_or(signature);
            let at = tick(start);
            if (changed.is_some() || counts_anew) && at <= MAX_TICK {
                placed.signatures.push((at, signature));
            }
            placed.starts.push(start);
            let nominal = signature.bar() as f64 / TimeSignature::COMMON.beat() as f64;
            let length = bar.length(nominal);
            placed.ends.push((bar.written(nominal), length));
            counts_anew = (length - nominal).abs() > 1e-6;
            start += length;
        }
        placed.order = order;
        placed
    }

    /// The bars as they are played.
    pub fn order(&self) -> &[Played] {
        &self.order
    }

    /// Where a bar begins, in quarters; counted from 0 as they are played.
    pub fn start(&self, index: usize) -> f64 {
        self.starts.get(index).or(self.starts.last()).copied().unwrap_or(0.0)
    }

    /// Where a note in a bar ends that ends at `at`: with the bar, where rounded durations add up to a
    /// little more or less.
    pub fn end_in(&self, index: usize, at: f64) -> f64 {
        let is_last =
            |&&(written, end): &&(f64, f64)| (at - written).abs() < 1e-6 && (at - end).abs() < ROUNDED;
        self.ends.get(index).filter(is_last).map_or(at, |&(_, end)| end)
    }

    /// The time signatures, where they begin a bar.
    pub fn signatures(&self) -> Vec<(Tick, TimeSignature)> {
        self.signatures.clone()
    }
}

impl Bar {
    fn add(&mut self, measure: Node, clock: &mut Clock) {
        clock.begin_bar();
        self.implicit |=
            said_of_bar(measure, "implicit") == Some("yes") || said_of_bar(measure, "number") == Some("0");
        for item in measure.children().filter(Node::is_element) {
            let note = clock.pass(item);
            match item.tag_name().name() {
                "attributes" => self.signature = self.signature.or(signature(item)),
                "forward" => self.rests = self.rests.max(clock.now),
                "note" => {
                    let end = note.map_or(0.0, |(onset, length)| onset + length);
                    let reached = match child(item, "rest") {
                        None if child(item, "chord").is_some() => &mut self.rests,
                        None => &mut self.notes,
                        Some(rest) if rest.attribute("measure") == Some("yes") => &mut self.whole_rests,
                        Some(_) => &mut self.rests,
                    };
                    *reached = reached.max(end);
                }
                _ => {}
            }
        }
    }

    /// As long as the notes of the longest part; rests, and notes that sound on behind their chord, count up
    /// to the signature, and rests of a whole bar fill whatever a pickup is.
    fn written(&self, nominal: f64) -> f64 {
        let length = self.notes.max(self.rests.min(nominal));
        if self.implicit && length > 0.0 { length } else { length.max(self.whole_rests.min(nominal)) }
    }

    /// What is written; durations that were rounded add up to a little more or less.
    fn length(&self, nominal: f64) -> f64 {
        let length = self.written(nominal);
        let is_nominal = !self.implicit && (length - nominal).abs() < ROUNDED;
        if length > 0.0 && !is_nominal { length } else { nominal }
    }
}

/// The time signature in attributes; one that is made of several is their sum.
fn signature(attributes: Node) -> Option<TimeSignature> {
    let time = child(attributes, "time")?;
    let beats = children(time, "beats").map(|beats| {
        beats
            .text()
            .unwrap_or_default()
            .split('+')
            .map(|part| part.trim().parse::<f64>().ok())
            .sum::<Option<f64>>()
    });
    let units = children(time, "beat-type").map(|unit| unit.text()?.trim().parse::<f64>().ok());
    let pairs: Vec<(f64, f64)> =
        beats.zip(units).map(|(beats, unit)| beats.zip(unit)).collect::<Option<_>>()?;
    let finest = pairs.iter().map(|&(_, unit)| unit).reduce(f64::max).filter(|unit| *unit > 0.0)?;
    time_signature(pairs.iter().map(|(beats, unit)| beats * finest / unit).sum(), finest)
}

/// The tick of a moment that is counted in quarters: rounded once, whatever durations it is the
/// sum of. Half a tick is rounded up, also where the sum is a little less than that.
pub(super) fn tick(quarters: f64) -> Tick {
    let ticks = (quarters * TICKS_PER_QUARTER as f64 + 1e-6).round();
    ticks.clamp(0.0, 2.0 * MAX_TICK as f64) as Tick
}
