//! Makes voices out of tracks of a file: a singer sings one note at a time.

use std::collections::BTreeMap;

use super::{
    super::{
        Report,
        vocaloid::{USUAL_RANGE, WIDEST_RANGE},
    },
    events::{RawNote, RawTrack},
};
use ziyin_message::message;
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
    /// Pitch bends, from -8192 to 8191, and their ranges in semitones.
    pub bends: Vec<(Tick, f64)>,
    pub ranges: Vec<(Tick, f64)>,
}

/// Voices that one track is split into at most, and voices in all.
const MAX_SPLIT: usize = 16;
const MAX_VOICES: usize = 512;

/// Notes that overlap by less than this (a 32nd) are sung legato, not together.
const LEGATO: Tick = 120;

/// Notes that begin within this of each other and go on together are struck together.
const STRUMMED: Tick = 30;

/// The voices of all tracks. Channels of one track are voices of their own. Notes that
/// sound together become one voice, or with `split` several.
///
/// `words` are the ticks of all words, in order.
pub fn make(
    tracks: &[RawTrack],
    names: &[String],
    words: &[Tick],
    split: bool,
    report: &mut Report,
) -> Vec<Voice> {
    let mut voices = Vec::new();
    // A file with one part need not say what it is called.
    let alone = tracks.iter().filter(|track| !track.notes.is_empty()).count() == 1;
    for (index, track) in tracks.iter().enumerate() {
        let number = index + 1;
        let mut channels: Vec<u8> = track.notes.iter().map(|note| note.channel).collect();
        channels.sort_unstable();
        channels.dedup();
        // A melody whose notes rotate over channels, as MPE has it, is one line.
        let is_one_line = channels.len() > 1 && never_together(&track.notes);
        let joined = is_one_line.then(|| joined_bends(track));
        if is_one_line {
            channels.truncate(1);
        }
        for &channel in &channels {
            let name = match (names[index].as_str(), channels.len()) {
                ("", 1) if alone => "lead".to_string(),
                ("", 1) => format!("Track {number}"),
                ("", _) => format!("Channel {}", channel + 1),
                (name, 1) => name.to_string(),
                (name, _) => format!("{name} (channel {})", channel + 1),
            };
            let of_line = |note: &&RawNote| is_one_line || note.channel == channel;
            let mut notes: Vec<RawNote> = track.notes.iter().filter(of_line).copied().collect();
            if is_rock_band_voice(&names[index]) {
                notes.retain(|note| note.pitch <= HIGHEST_OF_ROCK_BAND);
            }
            leave_key_switches_out(&mut notes, words, number, report);
            let of_channel = |changes: &[(Tick, u8, f64)]| -> Vec<(Tick, f64)> {
                let own = changes.iter().filter(|change| change.1 == channel);
                own.map(|&(tick, _, value)| (tick, value)).collect()
            };
            let (bends, ranges) = match &joined {
                Some(bends) => (bends.clone(), vec![(0, WIDEST_RANGE)]),
                None => (of_channel(&track.bends), of_channel(&track.bend_ranges)),
            };
            notes.sort_by_key(|note| (note.onset, std::cmp::Reverse(note.pitch)));
            let lines = if split { split_lines(&notes, number, report) } else { vec![notes] };
            for (line, notes) in lines.into_iter().enumerate() {
                let name = if line == 0 { name.clone() } else { format!("{name} {}", line + 1) };
                let notes = one_line(&notes, number, &name, report);
                voices.push(Voice {
                    track: number,
                    name,
                    notes,
                    sung: false,
                    bends: bends.clone(),
                    ranges: ranges.clone(),
                });
            }
        }
    }
    if voices.len() > MAX_VOICES {
        let text = message!("warning.many-voices", count = voices.len(), kept = MAX_VOICES);
        report.warn(None, None, text);
        voices.truncate(MAX_VOICES);
    }
    voices
}

/// Whether a track is the voice of a song for Rock Band, where keys above its range mark phrases
/// and percussion.
pub fn is_rock_band_voice(name: &str) -> bool {
    matches!(
        name.trim(),
        "PART VOCALS" | "HARM1" | "HARM2" | "HARM3" | "PART HARM1" | "PART HARM2" | "PART HARM3"
    )
}

const HIGHEST_OF_ROCK_BAND: u8 = 96;

/// Whether notes follow each other, but for what is sung legato.
pub fn never_together(notes: &[RawNote]) -> bool {
    let mut notes: Vec<&RawNote> = notes.iter().collect();
    notes.sort_by_key(|note| (note.onset, note.end));
    notes.windows(2).all(|pair| pair[0].end <= pair[1].onset || is_legato(pair[0], pair[1]))
}

/// The bends of a line whose notes rotate over channels, within the [`WIDEST_RANGE`]: each note
/// is bent as its own channel is while it sounds.
fn joined_bends(track: &RawTrack) -> Vec<(Tick, f64)> {
    let mut changes: BTreeMap<u8, Vec<(Tick, bool, f64)>> = BTreeMap::new();
    for (list, is_range) in [(&track.bend_ranges, true), (&track.bends, false)] {
        for &(tick, channel, value) in list {
            changes.entry(channel).or_default().push((tick, is_range, value));
        }
    }
    // Each channel as it is bent from a tick on.
    let bent = |mut changes: Vec<(Tick, bool, f64)>| -> Vec<(Tick, f64)> {
        changes.sort_by_key(|change| change.0);
        let (mut bend, mut range) = (0.0, USUAL_RANGE);
        let by_tick = changes.into_iter().map(|(tick, is_range, value)| {
            *(if is_range { &mut range } else { &mut bend }) = value;
            (tick, bend * range / WIDEST_RANGE)
        });
        by_tick.collect()
    };
    let channels: BTreeMap<u8, Vec<(Tick, f64)>> =
        changes.into_iter().map(|(channel, changes)| (channel, bent(changes))).collect();
    let mut joined = Vec::new();
    for (index, note) in track.notes.iter().enumerate() {
        let Some(channel) = channels.get(&note.channel) else {
            joined.push((note.onset, 0.0));
            continue;
        };
        let end = track.notes.get(index + 1).map_or(note.end, |next| next.onset.min(note.end));
        let first = channel.partition_point(|&(tick, _)| tick <= note.onset);
        let last = channel.partition_point(|&(tick, _)| tick < end).max(first);
        joined.push((note.onset, first.checked_sub(1).map_or(0.0, |before| channel[before].1)));
        joined.extend(&channel[first..last]);
    }
    joined
}

/// What can be sung; keys beyond it that stand beside a sung line and have no word tell a sampler
/// how to play.
const SINGABLE: std::ops::RangeInclusive<u8> = 36..=84;

/// How far off a word may stand from its note: a 32nd.
const AT_WORD: Tick = 120;

fn leave_key_switches_out(notes: &mut Vec<RawNote>, words: &[Tick], number: usize, report: &mut Report) {
    let near = |ticks: &[Tick], tick: Tick, most: Tick| {
        let after = ticks.partition_point(|&at| at < tick - most);
        ticks.get(after).is_some_and(|&at| at <= tick + most)
    };
    let mut line: Vec<Tick> =
        notes.iter().filter(|note| SINGABLE.contains(&note.pitch)).map(|note| note.onset).collect();
    line.sort_unstable();
    let sung = line.iter().filter(|&&onset| near(words, onset, AT_WORD)).count();
    let beyond = notes.len() - line.len();
    // An instrument may go where it likes; a sampler is told a few things for each note.
    if beyond == 0 || sung == 0 || 3 * sung < 2 * line.len() || beyond > 3 * line.len() + 1 {
        return;
    }
    // A word at which the line begins a note too is that note's.
    let free: Vec<Tick> = words.iter().copied().filter(|&word| !near(&line, word, 2 * AT_WORD)).collect();
    let all = notes.len();
    notes.retain(|note| SINGABLE.contains(&note.pitch) || near(&free, note.onset, AT_WORD));
    if notes.len() < all {
        let text = message!("warning.far-notes", count = all - notes.len());
        report.warn(number, None, text);
    }
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
        report.warn(track, None, message!("warning.split", count = lines.len()));
    }
    if left_out > 0 {
        report.warn(track, None, message!("warning.beyond-voices", count = left_out, most = MAX_SPLIT));
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
            // A chord that is played by hand does not begin at one tick.
            if note.onset - last.onset < STRUMMED && note.onset + STRUMMED <= last.end.min(note.end) {
                left_out.count(note.onset);
                if note.pitch > last.pitch {
                    (last.pitch, last.end) = (note.pitch, note.end);
                }
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
        let text = message!("warning.below-melody", count = left_out.times, name);
        report.warn(track, left_out.first, text);
    }
    if shortened.times > 0 {
        let text = message!("warning.shortened-of", count = shortened.times, name);
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
