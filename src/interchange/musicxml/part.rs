//! Reads one part: its voices, each with its notes and words.

use std::collections::{BTreeMap, BTreeSet};
use ziyin_message::message;

use roxmltree::Node;

use super::super::overlay::Patch;
use super::super::sheet::{LeftOut, Part, PartNote};
use super::super::word_parts::mark_parts;
use super::super::xml::{child, children, number, text};
use super::super::{Budget, BudgetError, Resource};
use super::bars::{Bars, Clock, ROUNDED, tick};
use super::tempo::TempoMarks;
use super::verses::{GOES_ON, Words, of_pass, sung, verses_in, words};
use ziyin_score::{CurveKind, TICKS_PER_QUARTER, Tick};

/// What a part of the score holds.
pub struct ReadPart {
    /// Its voices with what tells them apart, in order.
    pub voices: Vec<(String, Part)>,
    pub left_out: LeftOut,
}

/// A note as it is written.
struct Written {
    onset: Tick,
    end: Tick,
    key: i64,
    /// How far it lies from that key.
    cents: f64,
    words: Words,
    staff: u32,
    /// Notes that are struck together have the same.
    chord: usize,
    /// Whether it goes on from one of the same key.
    tied: bool,
}

/// Goes through the bars of a part.
pub struct PartReader<'a> {
    bars: &'a Bars,
    marks: &'a mut TempoMarks,
    budget: &'a Budget,
    clock: Clock,
    /// Semitones from what is written to what sounds.
    transposed: f64,
    /// Which of the bars that are played, and where it begins, in quarters.
    place: usize,
    start: f64,
    chords: usize,
    /// Notes by the number of their voice.
    voices: BTreeMap<String, Vec<Written>>,
    /// Words on grace notes, for the note that follows in the voice.
    waiting: BTreeMap<String, Words>,
    left_out: LeftOut,
    /// How often the bar has been played before, and the verse that is sung for that.
    pass: usize,
    verse: Option<u32>,
    /// How often it is played in all.
    plays: usize,
    /// How often the bar has gone back, which parts voices that are not named.
    backups: usize,
}

impl<'a> PartReader<'a> {
    /// For the bars that the part has.
    pub fn new(
        written: &[Option<Node>],
        bars: &'a Bars,
        marks: &'a mut TempoMarks,
        budget: &'a Budget,
    ) -> Self {
        Self {
            bars,
            marks,
            budget,
            clock: Clock::of(written),
            transposed: 0.0,
            place: 0,
            start: 0.0,
            chords: 0,
            voices: BTreeMap::new(),
            waiting: BTreeMap::new(),
            left_out: LeftOut::default(),
            pass: 0,
            verse: None,
            plays: 1,
            backups: 0,
        }
    }

    /// # Errors
    /// If the song holds far too much.
    pub fn read(mut self, measures: &[Option<Node>]) -> Result<ReadPart, BudgetError> {
        let verses: Vec<BTreeSet<u32>> =
            measures.iter().map(|measure| measure.map(verses_in).unwrap_or_default()).collect();
        // What holds where a bar begins, once it has been played.
        let mut held: Vec<Option<(f64, f64)>> = vec![None; measures.len()];
        let bars = self.bars;
        let mut plays = vec![0; measures.len()];
        for played in bars.order() {
            if let Some(plays) = plays.get_mut(played.bar) {
                *plays += 1;
            }
        }
        for (index, played) in bars.order().iter().enumerate() {
            let Some(&Some(measure)) = measures.get(played.bar) else { continue };
            let (divisions, transposed) =
                *held[played.bar].get_or_insert((self.clock.divisions(), self.transposed));
            self.clock.set_divisions(divisions);
            self.transposed = transposed;
            if played.pass > 0 {
                // It takes as long as if it stood there again.
                self.budget.spend(Resource::Nodes, measure.descendants().count() as u64)?;
            }
            (self.place, self.start) = (index, bars.start(index));
            self.clock.begin_bar();
            self.backups = 0;
            (self.pass, self.plays) = (played.pass, plays[played.bar]);
            let own = u32::try_from(played.pass + 1).ok().filter(|verse| verses[played.bar].contains(verse));
            self.verse = own.filter(|&verse| verse > 1);
            for item in measure.children().filter(Node::is_element) {
                self.item(item)?;
            }
        }
        let mut voices = Vec::new();
        for (number, notes) in std::mem::take(&mut self.voices) {
            for (staff, notes) in by_staff(notes) {
                let name = match staff {
                    Some(staff) => format!("staff {staff} voice {number}"),
                    None => format!("voice {number}"),
                };
                voices.push((name, self.line(notes)?));
            }
        }
        Ok(ReadPart { voices, left_out: self.left_out })
    }

    fn now(&self) -> Tick {
        tick(self.start + self.clock.now)
    }

    fn item(&mut self, item: Node) -> Result<(), BudgetError> {
        let placed = self.clock.pass(item);
        match item.tag_name().name() {
            "attributes" => {
                if let Some(transpose) = child(item, "transpose") {
                    self.transposed = number(transpose, "chromatic").unwrap_or(0.0)
                        + 12.0 * number(transpose, "octave-change").unwrap_or(0.0);
                }
                let styles = children(item, "measure-style").flat_map(|style| style.children());
                let repeats = styles.filter(|style| {
                    let is_repeat = matches!(style.tag_name().name(), "measure-repeat" | "beat-repeat");
                    is_repeat && style.attribute("type") == Some("start")
                });
                self.left_out.add(message!("left-out.bar-repeats"), repeats.count());
            }
            "backup" => self.backups += 1,
            "harmony" => self.left_out.count(message!("left-out.chord-symbols")),
            "sound" => self.marks.sound(self.now(), item),
            "direction" => {
                let moved = child(item, "offset").filter(|offset| offset.attribute("sound") == Some("yes"));
                let offset = moved.map_or(0.0, |_| self.clock.quarters(item, "offset"));
                self.marks.direction(tick(self.start + self.clock.now + offset), item);
                if item.descendants().any(|node| matches!(node.tag_name().name(), "dynamics" | "wedge")) {
                    self.left_out.count(message!("left-out.dynamics"));
                }
            }
            "note" => {
                if let Some((onset, length)) = placed {
                    self.note(item, onset, length)?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn note(&mut self, item: Node, onset: f64, length: f64) -> Result<(), BudgetError> {
        let unnamed = (self.backups + 1).to_string();
        let voice = match text(item, "voice") {
            "" => &unnamed,
            voice => voice,
        };
        let all_words = words(item);
        let sung = all_words.iter().filter(|(verse, _)| verse.is_sung_in(self.plays)).count();
        let further = all_words.len().saturating_sub(sung.max(1));
        let words = of_pass(all_words, self.verse);
        if child(item, "rest").is_some() {
            return Ok(());
        }
        // Some write a grace note as one without length.
        if child(item, "grace").is_some() || length <= 0.0 {
            self.left_out.count(message!("left-out.grace-notes"));
            // It takes its syllable along.
            if !words.is_empty() {
                self.waiting.insert(voice.into(), words);
            }
            return Ok(());
        }
        if child(item, "cue").is_some() {
            self.left_out.count(message!("left-out.cue-notes"));
            return Ok(());
        }
        for notation in children(item, "notations").flat_map(|notations| notations.children()) {
            match notation.tag_name().name() {
                "ornaments" => self.left_out.count(message!("left-out.ornaments")),
                "articulations" => self.left_out.count(message!("left-out.articulations")),
                "fermata" => self.left_out.count(message!("left-out.fermatas")),
                "glissando" | "slide" => self.left_out.count(message!("left-out.slides")),
                _ => {}
            }
        }
        let Some(key) = child(item, "pitch").and_then(key) else {
            self.left_out.count(message!("left-out.notes-without-pitch"));
            return Ok(());
        };
        self.budget.spend(Resource::Notes, 1)?;
        if self.pass == 0 {
            self.left_out.add(message!("left-out.further-verses"), further);
        }
        let in_chord = child(item, "chord").is_some();
        self.chords += usize::from(!in_chord);
        let waiting = if in_chord { None } else { self.waiting.remove(voice) };
        let sounding = (key + self.transposed).clamp(-1000.0, 1000.0);
        let written = Written {
            onset: tick(self.start + onset),
            end: tick(self.start + self.bars.end_in(self.place, onset + length)),
            key: sounding.round() as i64,
            cents: 100.0 * (sounding - sounding.round()),
            words: if words.is_empty() { waiting.unwrap_or_default() } else { words },
            staff: number(item, "staff").unwrap_or(1.0).clamp(0.0, 1000.0) as u32,
            chord: self.chords,
            tied: is_tied(item),
        };
        if !self.voices.contains_key(voice) {
            self.voices.insert(voice.into(), Vec::new());
        }
        let notes = self.voices.entry(voice.into()).or_default();
        if written.tied
            && let Some(begun) =
                last_ended_at(written.onset, notes, |note| (note.key == written.key, note.end))
            && joins(&begun.words, &written.words)
        {
            begun.end = begun.end.max(written.end);
            for (verse, text) in &mut begun.words {
                // The end of a syllable that is written where it sounds.
                if let Some((_, rest)) = written.words.iter().find(|(of, _)| of == verse) {
                    text.truncate(text.trim_end_matches(GOES_ON).len());
                    text.push_str(rest);
                }
            }
            return Ok(());
        }
        notes.push(written);
        Ok(())
    }

    /// The notes of one voice with what is sung on them.
    fn line(&self, mut notes: Vec<Written>) -> Result<Part, BudgetError> {
        notes.sort_by_key(|note| (note.onset, note.chord));
        // Notes that are struck together have their words together, wherever they stand.
        let mut chords: Vec<Words> = Vec::new();
        let mut last = None;
        for note in &mut notes {
            let words = std::mem::take(&mut note.words);
            match chords.last_mut() {
                Some(known) if last == Some((note.onset, note.chord)) => {
                    let new = words.into_iter().filter(|(verse, _)| known.iter().all(|(of, _)| of != verse));
                    let new: Words = new.collect();
                    known.extend(new);
                }
                _ => chords.push(words),
            }
            last = Some((note.onset, note.chord));
        }
        let mut lyrics = sung(&chords);
        let goes_on: Vec<bool> = lyrics.iter().map(|lyric| lyric.ends_with(GOES_ON)).collect();
        lyrics.iter_mut().for_each(|lyric| lyric.truncate(lyric.trim_end_matches(GOES_ON).len()));
        mark_parts(lyrics.iter_mut(), &goes_on);
        let mut lyrics = lyrics.into_iter();
        let (mut part, mut lyric, mut last) = (Part::default(), String::new(), None);
        let mut tuned: Vec<Patch> = Vec::new();
        for note in notes {
            if last != Some((note.onset, note.chord)) {
                lyric = lyrics.next().unwrap_or_default();
            }
            last = Some((note.onset, note.chord));
            if note.cents != 0.0 {
                let more = note.cents;
                tuned.push(Patch { start: note.onset, end: note.end, points: Vec::new(), more });
            }
            // A word of a verse that is not sung here begins nothing.
            if note.tied
                && lyric.is_empty()
                && let Some(begun) =
                    last_ended_at(note.onset, &mut part.notes, |begun| (begun.pitch == note.key, begun.end))
            {
                begun.end = begun.end.max(note.end);
                continue;
            }
            let note = PartNote {
                onset: note.onset,
                end: note.end,
                pitch: note.key,
                lyric: lyric.clone(),
                ..PartNote::default()
            };
            part.counted_note(note);
        }
        self.budget.check()?;
        part.overlay(CurveKind::Pitch, tuned, self.budget)?;
        hold_where_no_word_is(&mut part);
        Ok(part)
    }
}

/// Of the last notes the one that goes on at a tick; `of` says whether it has the key that goes on, and where
/// it ends.
fn last_ended_at<N>(at: Tick, notes: &mut [N], of: impl Fn(&N) -> (bool, Tick)) -> Option<&mut N> {
    notes.iter_mut().rev().take(16).find(|note| {
        let (has_the_key, end) = of(note);
        has_the_key && (end - at).abs() <= tick(ROUNDED)
    })
}

/// Whether nothing new is sung where a note goes on: it has no words, those of other verses, or what is left
/// of a syllable.
fn joins(begun: &Words, further: &Words) -> bool {
    let goes_on = |(verse, _): &(_, String)| {
        begun.iter().find(|(of, _)| of == verse).is_none_or(|(_, text)| text.ends_with(GOES_ON))
    };
    further.is_empty() || (!begun.is_empty() && further.iter().all(goes_on))
}

/// Whether a note goes on from one before, as it sounds or else as it is drawn.
fn is_tied(note: Node) -> bool {
    let stops = |name: &'static str, inside: Node| {
        children(inside, name).any(|tie| tie.attribute("type") == Some("stop"))
    };
    let drawn = || children(note, "notations").any(|notations| stops("tied", notations));
    stops("tie", note) || (child(note, "tie").is_none() && drawn())
}

fn key(pitch: Node) -> Option<f64> {
    let step = match text(pitch, "step") {
        "C" => 0.0,
        "D" => 2.0,
        "E" => 4.0,
        "F" => 5.0,
        "G" => 7.0,
        "A" => 9.0,
        "B" => 11.0,
        _ => return None,
    };
    let octave = number(pitch, "octave").unwrap_or(4.0);
    Some(12.0 * (octave + 1.0) + step + number(pitch, "alter").unwrap_or(0.0))
}

/// The notes of a voice; of each staff alone where the voice sounds on several at once: then
/// voices are numbered anew on each. One that only moves from staff to staff stays one.
fn by_staff(mut notes: Vec<Written>) -> Vec<(Option<u32>, Vec<Written>)> {
    let staves: BTreeSet<u32> = notes.iter().map(|note| note.staff).collect();
    notes.sort_by_key(|note| note.onset);
    // The note that sounds longest of those so far.
    let mut longest: Option<&Written> = None;
    let mut sounds_at_once = false;
    for note in &notes {
        if let Some(before) = longest {
            sounds_at_once |=
                note.onset < before.end && note.staff != before.staff && note.chord != before.chord;
        }
        if longest.is_none_or(|before| note.end > before.end) {
            longest = Some(note);
        }
    }
    if staves.len() < 2 || !sounds_at_once {
        return vec![(None, notes)];
    }
    let mut by_staff: BTreeMap<u32, Vec<Written>> = BTreeMap::new();
    for note in notes {
        by_staff.entry(note.staff).or_default().push(note);
    }
    by_staff.into_iter().map(|(staff, notes)| (Some(staff), notes)).collect()
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
