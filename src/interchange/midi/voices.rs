//! Makes voices out of tracks of a file: a singer sings one note at a time.

use super::{
    super::Report,
    events::{RawNote, RawTrack},
};
use ziyin_score::Tick;

/// A note of a voice, and its lyric once it has one.
#[derive(Clone, Debug, PartialEq)]
pub struct VoiceNote {
    pub onset: Tick,
    pub end: Tick,
    pub pitch: u8,
    pub lyric: Option<String>,
}

/// One line that can be sung.
#[derive(Clone, Debug)]
pub struct Voice {
    /// The track of the file that it comes from, counted from 1.
    pub track: usize,
    pub name: String,
    /// In order of their onsets, none begins before the one before has ended.
    pub notes: Vec<VoiceNote>,
    /// Whether any lyrics were put on it.
    pub sung: bool,
}

/// Voices that one track is split into at most, and voices in all.
const MAX_SPLIT: usize = 16;
const MAX_VOICES: usize = 512;

/// Notes that overlap by less than this (a 32nd) are sung legato, not together.
const LEGATO: Tick = 120;

/// The voices of all tracks. Channels of one track are voices of their own. Notes that
/// sound together become one voice, or with `split` several.
pub fn make(tracks: &[RawTrack], names: &[String], split: bool, report: &mut Report) -> Vec<Voice> {
    let mut voices = Vec::new();
    // A file with one part need not say what it is called.
    let alone = tracks.iter().filter(|track| !track.notes.is_empty()).count() == 1;
    for (index, track) in tracks.iter().enumerate() {
        let number = index + 1;
        let mut channels: Vec<u8> = track.notes.iter().map(|note| note.channel).collect();
        channels.sort_unstable();
        channels.dedup();
        for &channel in &channels {
            let name = match (names[index].as_str(), channels.len()) {
                ("", 1) if alone => "lead".to_string(),
                ("", 1) => format!("Track {number}"),
                ("", _) => format!("Channel {}", channel + 1),
                (name, 1) => name.to_string(),
                (name, _) => format!("{name} (channel {})", channel + 1),
            };
            let mut notes: Vec<RawNote> =
                track.notes.iter().filter(|note| note.channel == channel).copied().collect();
            notes.sort_by_key(|note| (note.onset, std::cmp::Reverse(note.pitch)));
            let lines = if split { split_lines(&notes, number, report) } else { vec![notes] };
            for (line, notes) in lines.into_iter().enumerate() {
                let name = if line == 0 { name.clone() } else { format!("{name} {}", line + 1) };
                let notes = one_line(&notes, number, &name, report);
                voices.push(Voice { track: number, name, notes, sung: false });
            }
        }
    }
    if voices.len() > MAX_VOICES {
        let text = format!("{} voices are too many; the first {MAX_VOICES} were kept", voices.len());
        report.warn(None, None, text);
        voices.truncate(MAX_VOICES);
    }
    voices
}

/// Gives each note to the first line that is free. Of notes that begin together the highest comes
/// first, so that the first line is the melody.
fn split_lines(notes: &[RawNote], track: usize, report: &mut Report) -> Vec<Vec<RawNote>> {
    let mut lines: Vec<Vec<RawNote>> = Vec::new();
    let mut left_out = 0;
    for &note in notes {
        let free = lines
            .iter()
            .position(|line| line.last().is_none_or(|last| last.end <= note.onset || is_legato(last, &note)));
        match free {
            Some(line) => lines[line].push(note),
            None if lines.len() < MAX_SPLIT => lines.push(vec![note]),
            None => left_out += 1,
        }
    }
    if lines.len() > 1 {
        report.warn(track, None, format!("notes sound together; split into {} tracks", lines.len()));
    }
    if left_out > 0 {
        report.warn(track, None, format!("{left_out} notes beyond {MAX_SPLIT} voices were left out"));
    }
    lines
}

fn is_legato(last: &RawNote, next: &RawNote) -> bool {
    let overlap = last.end - next.onset;
    last.onset < next.onset && overlap < LEGATO && 2 * overlap <= last.end - last.onset && last.end < next.end
}

/// The top line: of a chord the highest note, without what sounds wholly below a held note;
/// other notes end where the next one begins.
fn one_line(notes: &[RawNote], track: usize, name: &str, report: &mut Report) -> Vec<VoiceNote> {
    let mut line: Vec<VoiceNote> = Vec::with_capacity(notes.len());
    let (mut left_out, mut shortened) = (Changed::default(), Changed::default());
    for note in notes {
        if let Some(last) = line.last_mut() {
            let below = note.pitch <= last.pitch && note.end <= last.end;
            if note.onset == last.onset || (note.onset < last.end && below) {
                left_out.count(note.onset);
                continue;
            }
            if last.end > note.onset {
                shortened.count(last.onset);
                last.end = note.onset;
            }
        }
        line.push(VoiceNote { onset: note.onset, end: note.end, pitch: note.pitch, lyric: None });
    }
    if left_out.times > 0 {
        let text = format!("{} notes of `{name}` that sound below the melody were left out", left_out.times);
        report.warn(track, left_out.first, text);
    }
    if shortened.times > 0 {
        let text =
            format!("{} notes of `{name}` were shortened to end where the next begins", shortened.times);
        report.warn(track, shortened.first, text);
    }
    line
}

/// How often something happened, and where first.
#[derive(Default)]
struct Changed {
    times: usize,
    first: Tick,
}

impl Changed {
    fn count(&mut self, tick: Tick) {
        if self.times == 0 {
            self.first = tick;
        }
        self.times += 1;
    }
}
