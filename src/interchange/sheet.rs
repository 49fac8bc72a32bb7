//! What every reader of another program's song gives: parts with notes and curves. Here
//! it becomes a project, and whatever has to be changed on the way is reported.

use std::collections::BTreeMap;
use std::path::Path;
use ziyin_message::{Message, ToMessage, message};

use super::maps::{meter_map, tempo_map};
use super::overlay::{Patch, overlay};
use super::recording::{Recording, backings};
use super::{Budget, BudgetError, Report, Resource};
use ziyin_lyrics::Language;
use ziyin_score::{
    Articulation, Colour, Curve, CurveKind, CurvePoint, Curves, MAX_TICK, Note, NoteId, Project,
    TICKS_PER_QUARTER, Tempo, Tick, TimeSignature, Track, TrackId, Vibrato,
};

/// Parts that are kept; real songs have a dozen.
const MOST_PARTS: usize = 512;
/// Voices that one part is split into at most.
const MOST_LINES: usize = 16;
/// Kinds of things that a part is said to have left out.
const MOST_KINDS: usize = 100;
/// Characters that are kept of a lyric and of a name.
const LONGEST_LYRIC: usize = 200;
const LONGEST_NAME: usize = 1000;

/// A song as a file of another program has it.
#[derive(Debug, Default)]
pub struct Sheet {
    pub title: String,
    pub tempos: Vec<(Tick, Tempo)>,
    pub meters: Vec<(Tick, TimeSignature)>,
    pub parts: Vec<Part>,
    pub recordings: Vec<Recording>,
}

/// One singing part.
#[derive(Debug, Default)]
pub struct Part {
    pub name: String,
    pub language: Option<Language>,
    /// The singer that the other program sang it with.
    pub singer: String,
    pub gain_db: f64,
    /// -1 is left, 1 is right.
    pub pan: f64,
    pub mute: bool,
    pub solo: bool,
    pub colour: Option<Colour>,
    /// In any order, and as wrong as the file has them; see [`Part::note`].
    pub notes: Vec<PartNote>,
    /// Points of each curve, in any order; see [`Part::point`].
    pub curves: BTreeMap<&'static str, Vec<(Tick, f64)>>,
    /// What the file holds and the score cannot, with how often it came.
    pub left_out: LeftOut,
}

/// A note of a part, in ticks of the song.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PartNote {
    pub onset: Tick,
    pub end: Tick,
    pub pitch: i64,
    pub lyric: String,
    pub pronunciation: Option<String>,
    /// The language of its lyric, where it is another than that of the part.
    pub language: Option<Language>,
    pub vibrato: Option<Vibrato>,
    /// How its first character is sung.
    pub articulation: Articulation,
    /// Whether it stands there and is not sung.
    pub muted: bool,
}

/// Counts what is not carried over.
#[derive(Debug, Default)]
pub struct LeftOut(BTreeMap<Message, usize>);

impl LeftOut {
    pub fn count(&mut self, what: Message) {
        self.add(what, 1);
    }

    pub fn add(&mut self, what: Message, times: usize) {
        // A hostile file could name a million different curves.
        if times > 0 && self.0.len() < MOST_KINDS {
            *self.0.entry(what).or_default() += times;
        }
    }

    /// Adds what another has counted.
    pub fn join(&mut self, other: Self) {
        other.0.into_iter().for_each(|(what, times)| self.add(what, times));
    }

    /// What there is; nothing where all is carried over.
    pub fn list(&self) -> Vec<Message> {
        self.0.iter().map(|(what, times)| message!("left-out.times", what, times)).collect()
    }
}

impl Part {
    /// Adds a note. Of its texts so much is kept as a score holds: many notes may have a long one
    /// in common.
    ///
    /// # Errors
    /// If the song holds far too many.
    pub fn note(&mut self, note: PartNote, budget: &Budget) -> Result<(), BudgetError> {
        budget.spend(Resource::Notes, 1)?;
        self.counted_note(note);
        Ok(())
    }

    /// Adds a note that its reader has counted already.
    pub fn counted_note(&mut self, note: PartNote) {
        let lyric = shortened(&note.lyric, LONGEST_LYRIC);
        let pronunciation = note.pronunciation.map(|p| shortened(&p, LONGEST_LYRIC));
        let pronunciation = pronunciation.filter(|p| !p.is_empty());
        self.notes.push(PartNote { lyric, pronunciation, ..note });
    }

    /// Adds to a curve what counts on some stretches alone.
    ///
    /// # Errors
    /// If the song holds far too many points.
    pub fn overlay(
        &mut self,
        kind: CurveKind,
        patches: Vec<Patch>,
        budget: &Budget,
    ) -> Result<(), BudgetError> {
        let base = self.curves.remove(kind.name()).unwrap_or_default();
        for (tick, value) in overlay(base, patches) {
            self.point(kind, tick, value, budget)?;
        }
        Ok(())
    }

    /// Its curves alone.
    pub fn into_curves(self, number: usize, report: &mut Report) -> Curves {
        curves(self.curves, number, report)
    }

    /// Adds a point to a curve; what is no number or outside the song is dropped.
    ///
    /// # Errors
    /// If the song holds far too many.
    pub fn point(
        &mut self,
        kind: CurveKind,
        tick: Tick,
        value: f64,
        budget: &Budget,
    ) -> Result<(), BudgetError> {
        budget.spend(Resource::Points, 1)?;
        let points = self.curves.entry(kind.name()).or_default();
        if value.is_finite() && (0..=MAX_TICK).contains(&tick) {
            let bounds = kind.bounds();
            points.push((tick, value.clamp((*bounds.start()).into(), (*bounds.end()).into())));
        }
        Ok(())
    }
}

/// Ticks of the song for ticks of a file that counts `per_quarter` of them. Far outside
/// the song it stays just outside.
pub fn ticks(file_ticks: f64, per_quarter: f64) -> Tick {
    let ticks = (file_ticks * TICKS_PER_QUARTER as f64 / per_quarter).round();
    // A number that is none becomes 0.
    ticks.clamp(-(MAX_TICK as f64), 2.0 * MAX_TICK as f64) as Tick
}

/// A vibrato as the other programs write it, kept within reason.
pub fn vibrato(depth_cents: f64, period_ms: f64, onset: f64) -> Option<Vibrato> {
    let usable = depth_cents.is_finite() && period_ms.is_finite() && period_ms >= 20.0 && onset.is_finite();
    usable.then(|| {
        let (depth_cents, period_ms) = (depth_cents.abs().min(1200.0), period_ms.min(5000.0));
        Vibrato::new(depth_cents as f32, period_ms as f32, onset.clamp(0.0, 1.0) as f32)
    })
}

/// A time signature from whatever numbers a file gives.
pub fn time_signature(beats: f64, unit: f64) -> Option<TimeSignature> {
    let whole = |x: f64| (x.fract() == 0.0 && (1.0..=255.0).contains(&x)).then_some(x as u8);
    let signature = TimeSignature { beats: whole(beats)?, unit: whole(unit)? };
    signature.is_valid().then_some(signature)
}

/// Places time signatures that are given by the bar they begin, counted from 0.
pub fn at_bars(mut changes: Vec<(i64, TimeSignature)>) -> Vec<(Tick, TimeSignature)> {
    changes.sort_by_key(|&(bar, _)| bar);
    let (mut bar, mut tick, mut bar_length) = (0, 0, TimeSignature::COMMON.bar());
    let mut placed = Vec::with_capacity(changes.len());
    for (at, signature) in changes {
        let at = at.max(0);
        tick =
            (at - bar).checked_mul(bar_length).and_then(|more| more.checked_add(tick)).unwrap_or(Tick::MAX);
        if tick > MAX_TICK {
            break;
        }
        (bar, bar_length) = (at, signature.bar());
        placed.push((tick, signature));
    }
    placed
}

impl Sheet {
    /// Adds a part, however empty.
    ///
    /// # Errors
    /// If the song holds far too much.
    pub fn add(&mut self, part: Part, budget: &Budget) -> Result<(), BudgetError> {
        // It takes as much memory as so many values.
        budget.spend(Resource::Nodes, 16)?;
        self.parts.push(part);
        Ok(())
    }

    /// The tempo of `bpm` from `tick` on; one that cannot be is reported.
    pub fn tempo(&mut self, tick: Tick, bpm: f64, report: &mut Report) {
        match Tempo::from_bpm(bpm) {
            Some(tempo) if (0..=MAX_TICK).contains(&tick) => self.tempos.push((tick, tempo)),
            _ => report.warn(None, tick.clamp(0, MAX_TICK), message!("warning.tempo", bpm)),
        }
    }

    /// Takes off the empty bars that some programs count before a song. A tempo or time
    /// signature in them applies from the start.
    pub fn drop_bars(&mut self, bars: i64) {
        self.tempos.sort_by_key(|&(tick, _)| tick);
        self.meters.sort_by_key(|&(tick, _)| tick);
        let ticks = self.length_of(bars);
        self.tempos.iter_mut().for_each(|(tick, _)| *tick = (*tick - ticks).max(0));
        self.meters.iter_mut().for_each(|(tick, _)| *tick = (*tick - ticks).max(0));
        self.recordings.iter_mut().for_each(|recording| recording.tick -= ticks);
        for part in &mut self.parts {
            for note in &mut part.notes {
                note.onset -= ticks;
                note.end -= ticks;
            }
            for points in part.curves.values_mut() {
                points.iter_mut().for_each(|(tick, _)| *tick -= ticks);
                points.retain(|&(tick, _)| tick >= 0);
            }
        }
    }

    /// The length of the first bars; the meters are in order.
    fn length_of(&self, bars: i64) -> Tick {
        let (mut from, mut bar) = (0, TimeSignature::COMMON.bar());
        let mut meters = self.meters.iter().peekable();
        for _ in 0..bars {
            while let Some((_, signature)) = meters.next_if(|&&(tick, _)| tick <= from) {
                bar = signature.bar();
            }
            from += bar;
        }
        from
    }

    /// The song; with `split`, notes of a part that sound together become parts of their own. Audio
    /// is looked for from the folder of the song.
    pub fn into_project(mut self, split: bool, folder: Option<&Path>, report: &mut Report) -> Project {
        if self.parts.len() > MOST_PARTS {
            let text = message!("warning.many-parts", count = self.parts.len(), kept = MOST_PARTS);
            report.warn(None, None, text);
            self.parts.truncate(MOST_PARTS);
        }
        let mut project = Project {
            title: shortened(&self.title, LONGEST_NAME),
            tempo: tempo_map(self.tempos),
            meter: meter_map(self.meters),
            ..Project::default()
        };
        project.backings = backings(&self.recordings, folder, &project.tempo, report);
        for (mut part, number) in self.parts.into_iter().zip(1..) {
            let left_out = part.left_out.list();
            if !left_out.is_empty() {
                report.warn(number, None, message!("warning.left-out", what = left_out));
            }
            if !part.singer.is_empty() {
                let text = message!("warning.singer", name = shortened(&part.singer, 80));
                report.warn(number, None, text);
            }
            let notes = usable_notes(std::mem::take(&mut part.notes), number, report);
            // What is muted may lie where another note is sung.
            let (mut muted, notes): (Vec<_>, Vec<_>) = notes.into_iter().partition(|note| note.muted);
            let lines = if split { split_lines(notes, number, report) } else { vec![notes] };
            let curves = curves(std::mem::take(&mut part.curves), number, report);
            for (line, notes) in lines.into_iter().enumerate() {
                let id = project.next_track_id();
                let name = match (shortened(part.name.trim(), LONGEST_NAME), line) {
                    (name, 0) if name.is_empty() => format!("Track {number}"),
                    (name, 0) => name,
                    (name, line) => format!("{name} {}", line + 1),
                };
                let mut track = part.track(id, name);
                let notes = one_line(notes, number, report).into_iter().chain(std::mem::take(&mut muted));
                track.notes = notes.zip(1..).map(finished).collect();
                track.curves = curves.clone();
                project.tracks.push(track);
            }
        }
        if project.tracks.iter().all(|track| track.notes.is_empty()) {
            report.warn(None, None, message!("warning.no-notes"));
        }
        project
    }
}

impl Part {
    fn track(&self, id: TrackId, name: String) -> Track {
        let mut track = Track::new(id, name);
        track.language = self.language;
        let bounded =
            |value: f64, low, high| if value.is_nan() { 0.0 } else { value.clamp(low, high) as f32 };
        track.gain_db = bounded(self.gain_db, -120.0, 24.0);
        track.pan = bounded(self.pan, -1.0, 1.0);
        (track.mute, track.solo) = (self.mute, self.solo);
        track.colour = self.colour.unwrap_or(track.colour);
        track
    }
}

fn finished((note, id): (PartNote, u64)) -> Note {
    Note {
        pronunciation: note.pronunciation,
        language: note.language,
        vibrato: note.vibrato,
        muted: note.muted,
        ..Note::new(NoteId(id), note.onset, note.end - note.onset, note.pitch as u8, note.lyric)
    }
    .with_articulation(0, note.articulation)
}

/// The text without control characters and not longer than `longest` characters.
fn shortened(text: &str, longest: usize) -> String {
    text.trim().chars().filter(|c| !c.is_control()).take(longest).collect()
}

/// The notes that can stand in a score, in order; of those that begin together the highest first.
fn usable_notes(notes: Vec<PartNote>, number: usize, report: &mut Report) -> Vec<PartNote> {
    let all = notes.len();
    let fits = |note: &PartNote| {
        (0..note.end).contains(&note.onset) && note.end <= MAX_TICK && (0..128).contains(&note.pitch)
    };
    let mut notes: Vec<PartNote> = notes.into_iter().filter(fits).collect();
    if notes.len() < all {
        let text = message!("warning.unfit-notes", count = all - notes.len());
        report.warn(number, None, text);
    }
    notes.sort_by_key(|note| (note.onset, std::cmp::Reverse(note.pitch)));
    notes
}

/// Gives each note to the first line that is free.
fn split_lines(notes: Vec<PartNote>, number: usize, report: &mut Report) -> Vec<Vec<PartNote>> {
    let mut lines: Vec<Vec<PartNote>> = vec![Vec::new()];
    for note in notes {
        let free = lines.iter().position(|line| line.last().is_none_or(|last| last.end <= note.onset));
        match free {
            Some(line) => lines[line].push(note),
            None if lines.len() < MOST_LINES => lines.push(vec![note]),
            None => lines[MOST_LINES - 1].push(note),
        }
    }
    if lines.len() > 1 {
        report.warn(number, None, message!("warning.split", count = lines.len()));
    }
    lines
}

/// One note at a time: of those that begin together the first stays, others end where the
/// next one begins.
fn one_line(notes: Vec<PartNote>, number: usize, report: &mut Report) -> Vec<PartNote> {
    let mut line: Vec<PartNote> = Vec::with_capacity(notes.len());
    let (mut left_out, mut shortened) = (Vec::new(), Vec::new());
    for note in notes {
        if let Some(last) = line.last_mut() {
            if last.onset == note.onset {
                // The word may stand on any of them.
                if last.lyric.is_empty() {
                    last.lyric = note.lyric;
                }
                left_out.push(note.onset);
                continue;
            }
            if last.end > note.onset {
                shortened.push(last.onset);
                last.end = note.onset;
            }
        }
        line.push(note);
    }
    if let Some(&first) = left_out.first() {
        let text = message!("warning.together", count = left_out.len());
        report.warn(number, first, text);
    }
    if let Some(&first) = shortened.first() {
        let text = message!("warning.shortened", count = shortened.len());
        report.warn(number, first, text);
    }
    line
}

/// Curves in order, without points that say nothing.
fn curves(points: BTreeMap<&'static str, Vec<(Tick, f64)>>, number: usize, report: &mut Report) -> Curves {
    let mut curves = Curves::default();
    for kind in CurveKind::ALL {
        let Some(points) = points.get(kind.name()) else { continue };
        let mut points = points.clone();
        // Of several points at one tick the last one counts.
        points.sort_by_key(|&(tick, _)| tick);
        let mut kept: Vec<CurvePoint> = Vec::with_capacity(points.len());
        for (tick, value) in points {
            let point = CurvePoint { tick, value: value as f32 };
            match kept.as_mut_slice() {
                [.., last] if last.tick == tick => *last = point,
                // On a level stretch its two ends say all.
                [.., before, last] if before.value == last.value && last.value == point.value => {
                    *last = point
                }
                _ => kept.push(point),
            }
        }
        if kept.iter().all(|point| point.value == 0.0) {
            continue;
        }
        match Curve::new(kept) {
            Ok(curve) => *curves.get_mut(kind) = curve,
            Err(error) => report.warn(
                number,
                None,
                message!("warning.curve", name = kind.name(), why = error.to_message()),
            ),
        }
    }
    curves
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overlaps_are_settled_and_told() {
        let note = |onset, end, pitch| PartNote { onset, end, pitch, ..PartNote::default() };
        let part = || Part {
            notes: vec![
                note(480, 960, 64),
                note(0, 600, 60),
                note(480, 960, 67),
                note(5, 5, 60),
                note(0, 9, 200),
            ],
            ..Part::default()
        };
        let mut report = Report::default();
        let sheet = Sheet { parts: vec![part()], ..Sheet::default() };
        let project = sheet.into_project(false, None, &mut report);
        let notes: Vec<_> = project.tracks[0].notes.iter().map(|n| (n.onset, n.length, n.pitch)).collect();
        assert_eq!(notes, [(0, 480, 60), (480, 480, 67)]);
        assert_eq!(report.warnings.len(), 3);
        let sheet = Sheet { parts: vec![part()], ..Sheet::default() };
        let project = sheet.into_project(true, None, &mut Report::default());
        assert_eq!(project.tracks.len(), 3);
        assert_eq!(project.check(), Ok(()));
    }

    #[test]
    fn signatures_stand_where_their_bars_begin() {
        let three = TimeSignature { beats: 3, unit: 4 };
        let placed = at_bars(vec![(4, TimeSignature::COMMON), (0, TimeSignature::COMMON), (2, three)]);
        assert_eq!(
            placed,
            [(0, TimeSignature::COMMON), (7680, three), (7680 + 2 * 2880, TimeSignature::COMMON)]
        );
        assert_eq!(at_bars(vec![(i64::MAX, three)]), []);
    }

    #[test]
    fn a_level_curve_keeps_its_ends() {
        let mut part = Part::default();
        for tick in 0..10 {
            let value = if tick < 4 { 0.0 } else { 50.0 };
            part.point(CurveKind::Pitch, tick * 5, value, &Budget::default()).unwrap();
        }
        let curves = curves(part.curves, 1, &mut Report::default());
        let points: Vec<_> = curves.pitch.iter().map(|p| (p.tick, p.value)).collect();
        assert_eq!(points, [(0, 0.0), (15, 0.0), (20, 50.0), (45, 50.0)]);
    }
}
