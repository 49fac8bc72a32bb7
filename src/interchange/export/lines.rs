//! The voices of a song, each a line of one note at a time: what the writers start from.

use std::collections::HashMap;
use ziyin_message::message;

use super::lyric_form::LyricForm;
use crate::Report;
use crate::sheet::LeftOut;
use ziyin_lyrics::{Language, LyricInput, REST, track_language};
use ziyin_score::{
    Articulation, Curve, CurveKind, CurvePoint, Curves, Harmony, MAX_TICK, Note, NoteId, Project, Tick,
    Track, Vibrato,
};

/// What becomes of notes that sound together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Overlaps {
    /// They stay.
    Kept,
    /// A note ends where the next begins; of those that begin together the last stays, as it is
    /// the one that is sung.
    Settled,
}

/// A track or a harmony as another program's track.
#[derive(Debug)]
pub struct Line<'a> {
    pub track: &'a Track,
    /// Of the track within the song, from 1.
    pub number: usize,
    pub name: String,
    /// In dB.
    pub gain_db: f32,
    /// -1 is left, 1 is right.
    pub pan: f32,
    pub mute: bool,
    /// In order.
    pub notes: Vec<LineNote>,
    /// Those that are muted, which are not among the others.
    pub muted: Vec<LineNote>,
    pub curves: Curves,
    pub left_out: LeftOut,
}

/// A note of a line.
#[derive(Clone, Debug, PartialEq)]
pub struct LineNote {
    pub onset: Tick,
    pub end: Tick,
    /// MIDI key.
    pub key: u8,
    pub lyric: String,
    /// What is sung in place of the lyric, if the lyric is as it stands in the song.
    pub pronunciation: Option<String>,
    /// The language that was chosen for it, if its lyric is as it stands in the song.
    pub language: Option<Language>,
    pub vibrato: Option<Vibrato>,
    /// How its first character is sung.
    pub articulation: Articulation,
}

impl LineNote {
    /// Whether it only holds the vowel of the note before.
    pub fn is_hold(&self) -> bool {
        matches!(self.lyric.as_str(), "-" | "ー" | "—" | "－")
    }

    /// The lyric, or how the format writes that the vowel is held.
    pub fn lyric_or<'a>(&'a self, hold: &'a str) -> &'a str {
        if self.is_hold() { hold } else { &self.lyric }
    }

    /// Whether nothing is sung on it.
    pub fn is_silent(&self) -> bool {
        matches!(self.lyric.as_str(), "" | "R" | "r")
    }
}

impl Line<'_> {
    /// The tick at which its last note has ended.
    pub fn end(&self) -> Tick {
        self.notes.iter().map(|note| note.end).max().unwrap_or(0)
    }

    /// The language of the track, or what its lyrics seem to be in.
    pub fn language(&self) -> Language {
        let lyrics = self.track.notes.iter().map(|note| note.lyric.as_str());
        self.track.language.unwrap_or_else(|| track_language(lyrics))
    }

    /// Says that a curve does not go.
    pub fn leave_curve_out(&mut self, kind: CurveKind) {
        self.left_out.add(message!("left-out.curve-points", name = kind.name()), self.curves.get(kind).len());
    }

    /// Says that nothing is known of how lyrics are said where they are said otherwise.
    pub fn leave_pronunciations_out(&mut self) {
        let lost = self.notes.iter().filter(|note| note.pronunciation.is_some()).count();
        self.left_out.add(message!("left-out.pronunciations"), lost);
    }

    /// Says that notes have a language of their own, where a format has one for a whole track.
    pub fn leave_languages_out(&mut self) {
        let lost = self.notes.iter().filter(|note| note.language.is_some()).count();
        self.left_out.add(message!("left-out.languages"), lost);
    }

    /// Says that vibrato does not go.
    pub fn leave_vibrato_out(&mut self) {
        let swinging = self.notes.iter().filter(|note| note.vibrato.is_some()).count();
        self.left_out.add(message!("left-out.vibrato"), swinging);
    }

    /// Says that what is left of how characters are sung does not go, where a format takes a part of it.
    pub fn leave_articulation_out(&mut self, left: impl Fn(&LineNote) -> Articulation) {
        let lost = self.notes.iter().filter(|note| !left(note).is_usual()).count();
        self.left_out.add(message!("left-out.moved-phonemes"), lost);
    }

    /// Says that the place in the mix does not go.
    pub fn leave_mix_out(&mut self) {
        self.left_out.add(message!("left-out.gains"), usize::from(self.gain_db != 0.0 || self.pan != 0.0));
        self.left_out.add(message!("left-out.mute"), usize::from(self.mute || self.track.solo));
    }
}

/// The lines of a song, each track followed by its harmonies.
pub fn lines<'a>(
    project: &'a Project,
    form: LyricForm,
    overlaps: Overlaps,
    report: &mut Report,
) -> Vec<Line<'a>> {
    let mut lines = Vec::new();
    for (track, number) in project.tracks.iter().zip(1..) {
        let melody = melody(track);
        let mut left_out = LeftOut::default();
        let lyrics = written(project, track, &melody, form, &mut left_out);
        let note = |note: &Note, end: Tick| LineNote {
            onset: note.onset,
            end,
            key: note.pitch,
            lyric: lyrics.get(&note.id).map_or_else(|| note.lyric.clone(), String::clone),
            pronunciation: note.pronunciation.clone().filter(|_| form == LyricForm::AsWritten),
            language: note.language.filter(|_| form == LyricForm::AsWritten),
            vibrato: note.vibrato,
            articulation: note.articulation(0),
        };
        let sung: Vec<LineNote> = melody.iter().map(|&(sung, end)| note(sung, end)).collect();
        let notes = match overlaps {
            Overlaps::Kept => heard(track).map(|all| note(all, all.end())).collect(),
            Overlaps::Settled => {
                tell_overlaps(track, &melody, number, report);
                sung.clone()
            }
        };
        let muted = track.notes.iter().filter(|note| note.muted);
        let muted = muted.map(|muted| note(muted, muted.end())).collect();
        count_left_out(track, &mut left_out);
        let lead = Line {
            track,
            number,
            name: track.name.clone(),
            gain_db: track.level_db(),
            pan: track.pan,
            mute: track.mute,
            notes,
            muted,
            curves: track.curves.clone(),
            left_out,
        };
        let at = lines.len();
        lines.push(lead);
        for harmony in &track.harmonies {
            let line = follow(project, &lines[at], harmony, &sung);
            lines.push(line);
        }
    }
    lines
}

/// The notes that are not muted.
fn heard(track: &Track) -> impl Iterator<Item = &Note> {
    track.notes.iter().filter(|note| !note.muted)
}

/// The notes that are sung, each with where it ends.
fn melody(track: &Track) -> Vec<(&Note, Tick)> {
    let mut sung: Vec<(&Note, Tick)> = Vec::with_capacity(track.notes.len());
    for note in heard(track) {
        while let Some((before, end)) = sung.last_mut() {
            *end = note.onset.min(*end);
            if *end > before.onset {
                break;
            }
            sung.pop();
        }
        sung.push((note, note.end()));
    }
    sung
}

fn tell_overlaps(track: &Track, melody: &[(&Note, Tick)], number: usize, report: &mut Report) {
    let lost = heard(track).count() - melody.len();
    if lost > 0 {
        let text = message!("warning.together", count = lost);
        report.warn(number, None, text);
    }
    let shortened = melody.iter().filter(|(note, end)| *end < note.end()).count();
    if shortened > 0 {
        let text = message!("warning.shortened", count = shortened);
        report.warn(number, None, text);
    }
}

/// What stands on each note of the melody.
fn written(
    project: &Project,
    track: &Track,
    melody: &[(&Note, Tick)],
    form: LyricForm,
    left_out: &mut LeftOut,
) -> HashMap<NoteId, String> {
    let mut before = f64::NEG_INFINITY;
    let inputs: Vec<LyricInput> = melody
        .iter()
        .map(|&(note, end)| {
            let after_rest = project.tempo.seconds(note.onset) - before > REST;
            before = project.tempo.seconds(end);
            let pronunciation = note.pronunciation.as_deref().unwrap_or_default();
            LyricInput { lyric: &note.lyric, pronunciation, after_rest, language: note.language }
        })
        .collect();
    let (lyrics, unwritten) = form.write(&inputs, track.language);
    left_out.add(form.unwritten(), unwritten);
    melody.iter().zip(lyrics).map(|((note, _), lyric)| (note.id, lyric)).collect()
}

/// What no other program's format has a place for.
fn count_left_out(track: &Track, left_out: &mut LeftOut) {
    let notes = track.notes.iter();
    left_out.add(message!("left-out.levels"), notes.clone().filter(|note| !note.levels.is_usual()).count());
    left_out.add(message!("left-out.timbres"), notes.clone().filter(|note| !note.timbre.is_usual()).count());
    left_out.add(message!("left-out.manners"), notes.clone().filter(|note| note.manner.is_some()).count());
    let fades =
        |note: &&Note| note.vibrato.is_some_and(|own| own.depth_cents != 0.0 && !own.fades_as_usual());
    left_out.add(message!("left-out.fades"), notes.clone().filter(fades).count());
    left_out.add(
        message!("left-out.transitions"),
        notes.clone().filter(|note| note.transition.is_some()).count(),
    );
    left_out.add(message!("left-out.takes"), notes.filter(|note| note.take > 0).count());
    left_out.add(message!("left-out.singers"), [&track.singer, &track.second].into_iter().flatten().count());
    let unusual = !track.is_inflected_as_usual() || !track.is_expressive_as_usual();
    left_out.add(message!("left-out.expression"), usize::from(unusual));
    left_out.add(message!("left-out.room"), usize::from(track.room > 0.0));
}

/// A harmony sings the melody of its lead at another pitch, sooner or later by its delay.
fn follow<'a>(project: &Project, lead: &Line<'a>, harmony: &Harmony, melody: &[LineNote]) -> Line<'a> {
    let mut left_out = LeftOut::default();
    let moved = |tick: Tick| match harmony.delay {
        0.0 => tick,
        delay => {
            let seconds = project.tempo.seconds(tick) + f64::from(delay);
            project.tempo.tick(seconds).clamp(0, MAX_TICK)
        }
    };
    let mut notes: Vec<LineNote> = Vec::with_capacity(melody.len());
    for note in melody {
        let (onset, end) = (moved(note.onset), moved(note.end));
        match harmony.kind.pitch(note.key) {
            Some(key) if onset < end => notes.push(LineNote { onset, end, key, ..note.clone() }),
            _ => left_out.count(message!("left-out.high-notes")),
        }
    }
    left_out.add(message!("left-out.variations"), usize::from(harmony.humanise > 0.0));
    let mut curves = Curves::default();
    for kind in CurveKind::ALL {
        let mut points: Vec<CurvePoint> = Vec::new();
        for point in lead.curves.get(kind).iter() {
            let point = CurvePoint { tick: moved(point.tick), ..*point };
            match points.last_mut() {
                Some(last) if last.tick == point.tick => *last = point,
                _ => points.push(point),
            }
        }
        *curves.get_mut(kind) = Curve::new(points).unwrap_or_default();
    }
    Line {
        track: lead.track,
        number: lead.number,
        name: format!("{} ({})", lead.name, harmony.kind.name()),
        gain_db: lead.gain_db + harmony.gain_db,
        pan: harmony.pan,
        mute: lead.mute || harmony.mute,
        notes,
        muted: Vec::new(),
        curves,
        left_out,
    }
}
