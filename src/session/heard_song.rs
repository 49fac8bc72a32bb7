//! The song that notes of a voice make: a track over the recording, with its bends as a pitch curve.

use std::path::{Path, absolute};

use ziyin_listening::{Course, HeardNote};
use ziyin_lyrics::Language;
use ziyin_score::{
    Backing, Curve, CurvePoint, InvalidScore, Note, NoteId, Notes, Project, Tempo, TempoMap, Tick, Track,
    TrackId,
};
use ziyin_singing::WrittenPitch;

/// What a song is made of.
pub(super) struct Line<'a> {
    pub recording: &'a Path,
    /// In order, in seconds from the start of the recording.
    pub notes: &'a [HeardNote],
    /// The lyric of a character.
    pub lyrics: &'a dyn Fn(usize) -> &'a str,
    pub course: &'a Course,
    pub language: Option<Language>,
    pub bpm: f64,
    /// A beat, in seconds from the start of the recording.
    pub beat: f64,
    /// The ticks to whose multiples notes are brought.
    pub grid: Option<Tick>,
}

/// Seconds between two values of a bend that are looked at.
const BEND_STEP: f64 = 0.01;
/// Cents that a bend may be off for the sake of fewer points.
const BEND_OFF: f32 = 6.0;
/// More cents than this are a slip of the pitch track.
const BEND_MOST: f64 = 450.0;
/// The lyric of a note that goes on with the vowel before, and of one without a known character.
const HOLD: &str = "-";
const LA: &str = "la";

/// A note with its place in the song.
struct Placed<'a> {
    note: &'a HeardNote,
    onset: Tick,
    end: Tick,
}

/// The song.
///
/// # Errors
/// If it is longer than a score may be.
pub(super) fn song(line: &Line) -> Result<Project, InvalidScore> {
    let tempo = TempoMap::constant(Tempo::from_bpm(line.bpm).unwrap_or(Tempo::BPM_120));
    // A bar line of the song lies on a beat of the recording.
    let lead = (-line.beat).rem_euclid(60.0 / line.bpm);
    let placed = placed(line, &tempo, lead);
    let name = line.recording.file_stem().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let mut track = Track::new(TrackId(1), name.clone());
    track.language = line.language;
    // What tones and singers do to the pitch is in what was heard.
    track.inflection = 0.0;
    let lyric = |placed: &Placed, i: usize| match placed.note.character {
        Some(character) => (line.lyrics)(character),
        None if i > 0 && line.notes.iter().any(|note| note.character.is_some()) => HOLD,
        None => LA,
    };
    track.notes = placed
        .iter()
        .enumerate()
        .map(|(i, one)| {
            let length = one.end - one.onset;
            Note::new(NoteId(i as u64 + 1), one.onset, length, one.note.key, lyric(one, i))
        })
        .collect::<Notes>();
    let mut project = Project { title: name, tempo, ..Project::default() };
    let written = WrittenPitch::of(&track, &project.tempo, &project.meter);
    track.curves.pitch = Curve::new(bends(line, &placed, &project.tempo, &written))?;
    project.tracks.push(track);
    let path = absolute(line.recording).unwrap_or_else(|_| line.recording.to_path_buf());
    let mut backing = Backing::new(path.to_string_lossy());
    backing.offset_us = (lead * 1e6).round() as i64;
    project.backings.push(backing);
    project.check()?;
    Ok(project)
}

/// The notes in ticks, one after the other.
fn placed<'a>(line: &Line<'a>, tempo: &TempoMap, lead: f64) -> Vec<Placed<'a>> {
    let grid = line.grid.unwrap_or(1).max(1);
    let tick = |seconds: f64| (tempo.tick_between(seconds + lead) / grid as f64).round() as Tick * grid;
    let mut all: Vec<Placed> = Vec::with_capacity(line.notes.len());
    for note in line.notes {
        let mut onset = tick(note.onset).max(0);
        let end = tick(note.end);
        if let Some(last) = all.last_mut() {
            if onset <= last.onset {
                // Two that fall together: what only goes on with the vowel may go.
                if note.character.is_none() {
                    last.end = last.end.max(end);
                    continue;
                }
                onset = last.onset + grid;
            }
            last.end = last.end.min(onset);
        }
        all.push(Placed { note, onset, end: end.max(onset + grid) });
    }
    all
}

/// How the voice goes beside what is written, in cents.
fn bends(line: &Line, placed: &[Placed], tempo: &TempoMap, written: &WrittenPitch) -> Vec<CurvePoint> {
    let mut all: Vec<CurvePoint> = Vec::new();
    for one in placed {
        let (from, to) = (tempo.seconds(one.onset), tempo.seconds(one.end));
        let count = ((to - from) / BEND_STEP) as usize;
        let mut points: Vec<CurvePoint> = Vec::with_capacity(count);
        for i in 0..count {
            let at = from + (i as f64 + 0.5) * BEND_STEP;
            // What was brought to a grid keeps its bends where they are in the note.
            let part = (at - from) / (to - from);
            let heard = one.note.onset + part * (one.note.end - one.note.onset);
            let pitch = line.course.pitch.get(line.course.index(heard)).copied().unwrap_or(0.0);
            let Some(written) = written.at(at).filter(|_| pitch > 0.0) else { continue };
            let cents = 100.0 * (f64::from(pitch) - written);
            let tick = tempo.tick(at);
            let is_next = points.last().or(all.last()).is_none_or(|last| last.tick < tick);
            if cents.abs() <= BEND_MOST && is_next {
                points.push(CurvePoint { tick, value: cents as f32 });
            }
        }
        all.extend(corners(&points));
    }
    all
}

/// The points that a line needs to pass all within [`BEND_OFF`] (Ramer, Douglas and Peucker).
fn corners(points: &[CurvePoint]) -> Vec<CurvePoint> {
    let mut kept = vec![false; points.len()];
    let mut spans = Vec::new();
    if let Some(last) = points.len().checked_sub(1) {
        (kept[0], kept[last]) = (true, true);
        spans.push((0, last));
    }
    while let Some((from, to)) = spans.pop() {
        let (a, b) = (points[from], points[to]);
        let off = |i: usize| {
            let part = (points[i].tick - a.tick) as f32 / (b.tick - a.tick).max(1) as f32;
            (points[i].value - a.value - part * (b.value - a.value)).abs()
        };
        let furthest = (from + 1..to).max_by(|&i, &j| off(i).total_cmp(&off(j)));
        if let Some(middle) = furthest.filter(|&i| off(i) > BEND_OFF) {
            kept[middle] = true;
            spans.extend([(from, middle), (middle, to)]);
        }
    }
    points.iter().zip(kept).filter(|(_, kept)| *kept).map(|(point, _)| *point).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard(onset: f64, end: f64, key: u8, character: Option<usize>) -> HeardNote {
        HeardNote { onset, end, key, character }
    }

    /// A semitone of vibrato around the keys of notes, a quarter of a tone sharp.
    fn course(notes: &[HeardNote]) -> Course {
        let end = notes.last().map_or(0.0, |note| note.end);
        let mut course = Course::default();
        for i in 0..(end / Course::STEP) as usize {
            let t = i as f64 * Course::STEP;
            let note = notes.iter().find(|note| (note.onset..note.end).contains(&t));
            let swing = 0.5 + (std::f64::consts::TAU * 5.0 * t).sin() as f32;
            course.pitch.push(note.map_or(0.0, |note| f32::from(note.key) + swing));
            course.level.push(-20.0);
        }
        course
    }

    fn line<'a>(notes: &'a [HeardNote], course: &'a Course, grid: Option<Tick>) -> Line<'a> {
        Line {
            recording: Path::new("/takes/song.wav"),
            notes,
            lyrics: &|i| ["shan", "shui"][i],
            course,
            language: Some(Language::Mandarin),
            bpm: 60.0,
            beat: 0.25,
            grid,
        }
    }

    #[test]
    fn notes_stand_where_they_were_sung_and_the_curve_gives_back_their_pitch() {
        let notes = [heard(0.3, 1.2, 60, Some(0)), heard(1.2, 2.0, 64, None), heard(2.5, 3.4, 62, Some(1))];
        let course = course(&notes);
        let project = song(&line(&notes, &course, None)).unwrap();
        let track = &project.tracks[0];
        let lyrics: Vec<&str> = track.notes.iter().map(|note| note.lyric.as_str()).collect();
        assert_eq!(lyrics, ["shan", "-", "shui"]);
        let lead = project.backings[0].offset_us as f64 * 1e-6;
        assert!((lead - 0.75).abs() < 1e-6, "a beat lies on a bar line");
        for (note, heard) in track.notes.iter().zip(&notes) {
            assert!((project.tempo.seconds(note.onset) - lead - heard.onset).abs() < 1e-3);
        }
        let written = WrittenPitch::of(track, &project.tempo, &project.meter);
        let curve = &track.curves.pitch;
        assert!(curve.len() < 220, "{} points", curve.len());
        for t in [0.5, 0.83, 1.5, 2.71, 3.2] {
            let at = t + lead;
            let sung = written.at(at).unwrap() + f64::from(curve.at(project.tempo.tick_between(at))) / 100.0;
            let heard = f64::from(course.pitch[course.index(t)]);
            assert!((sung - heard).abs() < 0.2, "{sung} for {heard} at {t}");
        }
    }

    #[test]
    fn a_grid_takes_notes_and_none_falls_on_another() {
        let notes = [
            heard(0.3, 0.9, 60, Some(0)),
            heard(0.9, 0.95, 61, None),
            heard(0.96, 1.0, 62, Some(1)),
            heard(1.02, 1.4, 62, None),
        ];
        let course = course(&notes);
        let project = song(&line(&notes, &course, Some(240))).unwrap();
        let notes = &project.tracks[0].notes;
        assert!(notes.iter().all(|note| note.onset % 240 == 0 && note.length % 240 == 0 && note.length > 0));
        assert!(notes.windows(2).all(|pair| pair[0].end() <= pair[1].onset));
        assert_eq!(notes.len(), 3);
    }
}
