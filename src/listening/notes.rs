//! The notes of a voice: where it comes to a pitch and stays, each beginning with its vowel.

use super::course::Course;

/// A character that is heard, in seconds from the start of the recording.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// Where its consonant begins, if it has one.
    pub start: f64,
    /// Where its vowel begins, or the glide before it.
    pub vowel: f64,
    /// Where its nucleus ends; its end, where nothing follows.
    pub coda: f64,
    pub end: f64,
}

/// A note that is heard, in seconds from the start of the recording.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HeardNote {
    pub onset: f64,
    pub end: f64,
    /// MIDI key.
    pub key: u8,
    /// Which of the characters begins on it; `None` where it holds the vowel of the note before, and
    /// where no characters are known.
    pub character: Option<usize>,
}

/// What it costs to come to another key, in squared semitones times values of the course: a semitone
/// has to last 150 ms: singers slide into a note from nearby for a good 100.
const LEAP: f32 = 26.0;
/// Squared semitones that a value counts at most: a leap of the pitch track is none of the voice.
const FAR: f32 = 4.0;
/// Seconds that a note lasts at least.
const SHORTEST: f64 = 0.08;
/// Seconds before the onset of a note at which the voice is half-way to it.
const HALFWAY: f64 = 0.02;
/// Seconds between two characters that are sung in one breath.
const LEGATO: f64 = 0.15;
/// Seconds without pitch within a note.
const GAP: f64 = 0.035;
/// dB by which a voice goes down and comes back where it sings a key once more, and seconds on either
/// side in which it is louder.
const DIP: f32 = 6.0;
const DIP_REACH: f64 = 0.12;

/// The notes of characters that were heard: each begins with the vowel of its character, and has one
/// more note wherever the voice goes on to another key.
pub fn notes_of_characters(course: &Course, characters: &[Interval]) -> Vec<HeardNote> {
    let tuning = course.tuning();
    let mut notes: Vec<HeardNote> = Vec::new();
    for (i, character) in characters.iter().enumerate() {
        let next = characters.get(i + 1);
        let legato = next.filter(|next| next.start - character.end < LEGATO);
        let end = legato.map_or(character.end, |next| next.vowel).max(character.vowel + SHORTEST);
        let end = next.map_or(end, |next| end.min(next.vowel.max(character.vowel + 0.01)));
        let parts = keys(course, tuning, character.vowel, character.end.min(end));
        // What has no pitch, as a vowel that is whispered, is where the voice was.
        let before = notes.last().map(|note| note.key);
        let ahead = || {
            let from = course.index(character.vowel);
            course.pitch[from..].iter().find(|pitch| **pitch > 0.0).map(|pitch| rounded(pitch - tuning))
        };
        let first = parts.first().map(|part| part.key).or(before).or_else(ahead).unwrap_or(60);
        notes.push(HeardNote { onset: character.vowel, end, key: first, character: Some(i) });
        for part in parts.iter().skip(1) {
            let onset = part.from + HALFWAY;
            if let Some(last) = notes.last_mut() {
                last.end = onset;
            }
            notes.push(HeardNote { onset, end, key: part.key, character: None });
        }
    }
    notes
}

/// The notes of a voice of which nothing is known but its course: one begins where voicing begins, where
/// the voice comes to another key, and where it goes down and comes back.
pub fn notes_of_course(course: &Course) -> Vec<HeardNote> {
    let tuning = course.tuning();
    let mut notes: Vec<HeardNote> = Vec::new();
    for [from, to] in breaths(course) {
        for part in keys(course, tuning, from, to) {
            let joined = notes.last().is_some_and(|last| (last.end - part.from).abs() < 1e-6);
            let onset = if joined { part.from + HALFWAY } else { part.from };
            if let Some(last) = notes.last_mut().filter(|_| joined) {
                last.end = onset;
            }
            if part.to - onset >= SHORTEST / 2.0 {
                notes.push(HeardNote { onset, end: part.to, key: part.key, character: None });
            }
        }
    }
    notes
}

/// Where the voice has a pitch, short gaps bridged, cut where it goes down and comes back.
fn breaths(course: &Course) -> Vec<[f64; 2]> {
    let gap = (GAP / Course::STEP) as usize;
    let mut spans: Vec<[usize; 2]> = Vec::new();
    for i in (0..course.pitch.len()).filter(|&i| course.pitch[i] > 0.0) {
        match spans.last_mut() {
            Some(last) if i - last[1] <= gap => last[1] = i + 1,
            _ => spans.push([i, i + 1]),
        }
    }
    let reach = (DIP_REACH / Course::STEP) as usize;
    let mut cut = Vec::new();
    for [from, to] in spans {
        let mut begins = from;
        let loudest =
            |range: std::ops::Range<usize>| course.level[range].iter().copied().fold(f32::MIN, f32::max);
        for i in from + 1..to.saturating_sub(1) {
            let here = course.level[i];
            let lowest = here < course.level[i - 1] && here <= course.level[i + 1];
            let sides =
                [loudest(i.saturating_sub(reach).max(begins)..i), loudest(i + 1..(i + 1 + reach).min(to))];
            if lowest && sides.iter().all(|side| side - here > DIP) && i - begins > reach / 2 {
                cut.push([begins, i]);
                begins = i;
            }
        }
        cut.push([begins, to]);
    }
    let seconds = |i: usize| i as f64 * Course::STEP;
    let long = cut.into_iter().map(|[from, to]| [seconds(from), seconds(to)]);
    long.filter(|[from, to]| to - from >= SHORTEST).collect()
}

/// A stretch of one key.
#[derive(Clone, Copy, Debug)]
struct Part {
    from: f64,
    to: f64,
    key: u8,
}

fn rounded(pitch: f32) -> u8 {
    pitch.round().clamp(0.0, 127.0) as u8
}

/// The keys that the voice comes to between two moments: the cheapest way through them, where distance
/// and each leap cost. None where there is no pitch.
fn keys(course: &Course, tuning: f32, from: f64, to: f64) -> Vec<Part> {
    let first = course.index(from);
    let span = &course.pitch[first..course.index(to).max(first)];
    let sung = || span.iter().filter(|pitch| **pitch > 0.0).map(|pitch| pitch - tuning);
    let (low, high) = sung().fold((f32::MAX, f32::MIN), |(low, high), p| (low.min(p), high.max(p)));
    if low > high {
        return Vec::new();
    }
    let low = low.floor();
    let count = (high.ceil() - low) as usize + 1;
    let mut cost = vec![0.0f32; count];
    let mut back: Vec<Vec<u8>> = Vec::with_capacity(span.len());
    for &pitch in span {
        let cheapest = (0..count).min_by(|&a, &b| cost[a].total_cmp(&cost[b])).unwrap_or(0);
        let leap = cost[cheapest] + LEAP;
        let mut origin = vec![0u8; count];
        for (key, cost) in cost.iter_mut().enumerate() {
            origin[key] = if leap < *cost { cheapest as u8 } else { key as u8 };
            *cost = cost.min(leap);
            if pitch > 0.0 {
                *cost += (pitch - tuning - low - key as f32).powi(2).min(FAR);
            }
        }
        back.push(origin);
    }
    let mut key = (0..count).min_by(|&a, &b| cost[a].total_cmp(&cost[b])).unwrap_or(0);
    let mut way = vec![0u8; span.len()];
    for i in (0..span.len()).rev() {
        way[i] = key as u8;
        key = usize::from(back[i][key]);
    }
    let mut parts: Vec<Part> = Vec::new();
    let mut at = 0;
    for run in way.chunk_by(|a, b| a == b) {
        let seconds = |i: usize| if i == span.len() { to } else { from + i as f64 * Course::STEP };
        let part =
            Part { from: seconds(at), to: seconds(at + run.len()), key: rounded(low + f32::from(run[0])) };
        at += run.len();
        match parts.last_mut() {
            // What is too short for a note belongs to what follows, or to what was before.
            Some(last) if last.to - last.from < SHORTEST => {
                let from = last.from;
                *last = Part { from, ..part };
            }
            Some(last) if part.to - part.from < SHORTEST || last.key == part.key => last.to = part.to,
            _ => parts.push(part),
        }
    }
    parts.dedup_by(|next, last| {
        let same = next.key == last.key;
        if same {
            last.to = next.to;
        }
        same
    });
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A course through (seconds, pitch), with a vibrato of so many semitones.
    fn course(parts: &[(f64, f32)], vibrato: f32) -> Course {
        let mut course = Course::default();
        for &(seconds, pitch) in parts {
            for _ in 0..(seconds / Course::STEP).round() as usize {
                let t = course.pitch.len() as f64 * Course::STEP;
                let swing = vibrato * (std::f64::consts::TAU * 5.5 * t).sin() as f32;
                course.pitch.push(if pitch > 0.0 { pitch + swing } else { 0.0 });
                course.level.push(if pitch > 0.0 { -20.0 } else { -70.0 });
            }
        }
        course
    }

    fn shown(notes: &[HeardNote]) -> Vec<(u8, f64, f64)> {
        notes
            .iter()
            .map(|n| (n.key, (n.onset * 20.0).round() / 20.0, (n.end * 20.0).round() / 20.0))
            .collect()
    }

    #[test]
    fn a_vibrato_is_one_note_and_a_leap_makes_two() {
        let sung = course(&[(0.5, 0.0), (1.0, 60.2), (0.5, 62.2), (0.4, 0.0), (0.5, 57.2)], 0.6);
        let notes = notes_of_course(&sung);
        assert_eq!(shown(&notes), [(60, 0.5, 1.5), (62, 1.5, 2.0), (57, 2.4, 2.9)]);
        let mut again = course(&[(0.5, 60.0), (0.02, 60.0), (0.5, 60.0)], 0.0);
        let middle = again.index(0.51);
        again.level[middle - 2..middle + 3].fill(-32.0);
        again.level[middle] = -33.0;
        assert_eq!(shown(&notes_of_course(&again)).len(), 2, "one key, sung twice");
        assert!(notes_of_course(&course(&[(1.0, 0.0)], 0.0)).is_empty());
    }

    #[test]
    fn notes_begin_with_the_vowels_of_their_characters() {
        let sung = course(&[(0.6, 0.0), (0.6, 60.0), (0.1, 0.0), (0.5, 60.0), (0.5, 64.0), (0.4, 0.0)], 0.0);
        let at = |start, vowel, end| Interval { start, vowel, coda: end, end };
        let characters = [at(0.5, 0.6, 1.2), at(1.2, 1.3, 2.3), at(2.4, 2.5, 2.6)];
        let notes = notes_of_characters(&sung, &characters);
        assert_eq!(
            shown(&notes),
            [(60, 0.6, 1.3), (60, 1.3, 1.8), (64, 1.8, 2.5), (64, 2.5, 2.6)],
            "the last has no pitch of its own"
        );
        let begins: Vec<_> = notes.iter().map(|note| note.character).collect();
        assert_eq!(begins, [Some(0), Some(1), None, Some(2)]);
    }
}
