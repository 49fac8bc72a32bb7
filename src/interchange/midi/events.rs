//! Reads the events of one track with `midly` and goes on where it gives up.
//!
//! midly drops the rest of a track at the first byte that it cannot read. Here only the
//! damaged event is dropped: illegal system messages are stepped over by their length,
//! running status is carried across meta events, and after anything else reading goes on
//! at the next place that looks like an event.

use ziyin_message::{Message, message};

use midly::{EventIter, MetaMessage, MidiMessage, TrackEvent, TrackEventKind};

use super::{
    super::{Budget, BudgetError, Report, Resource},
    MARK,
    sounding::Sounding,
    timing::Clock,
};
use ziyin_score::{Tempo, Tick, TimeSignature};

/// The channel of drums, counted from 0.
const DRUMS: u8 = 9;

/// The range of the pitch bend in semitones where each note has a channel of its own.
const RANGE_OF_NOTES: f64 = 48.0;

/// A note as the file has it, in ticks of the song.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RawNote {
    pub channel: u8,
    pub pitch: u8,
    pub onset: Tick,
    pub end: Tick,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextKind {
    Name,
    Lyric,
    /// A text event, which in karaoke files holds the lyrics.
    Text,
    /// Copyright, markers and the like: they only help to tell the encoding.
    Other,
}

#[derive(Clone, Copy, Debug)]
pub struct Text<'a> {
    pub tick: Tick,
    pub kind: TextKind,
    pub bytes: &'a [u8],
}

/// What a track of the file holds.
#[derive(Debug, Default)]
pub struct RawTrack<'a> {
    pub notes: Vec<RawNote>,
    pub texts: Vec<Text<'a>>,
    pub tempos: Vec<(Tick, Tempo)>,
    pub meters: Vec<(Tick, TimeSignature)>,
    /// Notes on the channel of drums.
    pub drums: Vec<RawNote>,
    /// Pitch bends by channel, from -8192 to 8191, and their ranges in semitones.
    pub bends: Vec<(Tick, u8, f64)>,
    pub bend_ranges: Vec<(Tick, u8, f64)>,
    /// Where the track ends, in ticks of the file.
    pub end: u64,
    /// Whether [`MARK`] was found.
    pub ours: bool,
}

/// Reads all tracks, the second and later ones after each other if `sequential`.
///
/// # Errors
/// If the file holds more than a machine should be asked to hold.
pub fn read_tracks<'a>(
    tracks: &[&'a [u8]],
    clock: Clock,
    sequential: bool,
    report: &mut Report,
    budget: &Budget,
) -> Result<Vec<RawTrack<'a>>, BudgetError> {
    let mut read = Vec::with_capacity(tracks.len());
    let mut start = 0;
    for (index, bytes) in tracks.iter().enumerate() {
        let mut reader = TrackReader::new(index + 1, clock, start, report);
        if sequential && index > 0 {
            reader.begin_anew();
        }
        let track = reader.read(bytes, budget)?;
        if sequential {
            start = track.end;
        }
        read.push(track);
    }
    Ok(read)
}

struct TrackReader<'a, 'r> {
    /// Counted from 1.
    number: usize,
    clock: Clock,
    /// Now, in ticks of the file.
    now: u64,
    track: RawTrack<'a>,
    sounding: Sounding,
    empty: usize,
    /// The registered parameter that each channel has chosen; 127, 127 is none.
    parameters: [[u8; 2]; 16],
    /// The range of the pitch bend of each: semitones and hundredths.
    ranges: [[u8; 2]; 16],
    report: &'r mut Report,
}

impl<'a, 'r> TrackReader<'a, 'r> {
    fn new(number: usize, clock: Clock, start: u64, report: &'r mut Report) -> Self {
        let track = RawTrack::default();
        Self {
            number,
            clock,
            now: start,
            track,
            sounding: Sounding::default(),
            empty: 0,
            parameters: [[127; 2]; 16],
            ranges: [[2, 0]; 16],
            report,
        }
    }

    /// A piece that follows another does not inherit its tempo and meter.
    fn begin_anew(&mut self) {
        if let Some(tick) = self.clock.tick(self.now) {
            self.track.tempos.push((tick, Tempo::BPM_120));
            self.track.meters.push((tick, TimeSignature::COMMON));
        }
    }

    fn read(mut self, bytes: &'a [u8], budget: &Budget) -> Result<RawTrack<'a>, BudgetError> {
        let mut rest = bytes;
        let mut status = None;
        let (mut ended, mut begun, mut texts, mut bends) = (false, 0, 0, 0);
        while !rest.is_empty() && !ended {
            let mut events = EventIter::new(rest);
            *events.running_status_mut() = status;
            let next = events.next();
            let after = events.unread();
            match next {
                Some(Ok(event)) if !is_cut_off(rest, after, &event) => {
                    rest = after;
                    // midly forgets the running status at meta events; many writers do not.
                    status = events.running_status().or(status);
                    let Some(tick) = self.advance(event.delta.as_int()) else { break };
                    ended = event.kind == TrackEventKind::Meta(MetaMessage::EndOfTrack);
                    // Some write an end where none is.
                    if ended && looks_like_event(rest) {
                        ended = false;
                        self.warn(message!("warning.behind-end"));
                    }
                    self.take(tick, event.kind);
                }
                _ => match masked(rest, status) {
                    Some((delta, message, after)) => {
                        rest = after;
                        status = Some(message[0]);
                        let Some(tick) = self.advance(delta) else { break };
                        let bytes = [&[0][..], &message].concat();
                        if let Some(Ok(event)) = EventIter::new(&bytes).next() {
                            self.take(tick, event.kind.to_static());
                        }
                    }
                    None => rest = self.recover(rest),
                },
            }
            budget.spend(Resource::Nodes, 1)?;
            budget.spend(Resource::Notes, self.sounding.begun - begun)?;
            begun = self.sounding.begun;
            // Words are compared with notes, which costs more than to have read them.
            budget.spend(Resource::Nodes, 16 * (self.track.texts.len() - texts) as u64)?;
            texts = self.track.texts.len();
            budget.spend(Resource::Points, (self.track.bends.len() - bends) as u64)?;
            bends = self.track.bends.len();
        }
        if !ended {
            self.warn(message!("warning.track-without-end"));
        }
        self.finish();
        Ok(self.track)
    }

    /// The song tick after a delta; `None` where the longest song is over.
    fn advance(&mut self, delta: u32) -> Option<Tick> {
        let now = self.now.saturating_add(delta.into());
        let tick = self.clock.tick(now);
        match tick {
            Some(_) => self.now = now,
            None => self.warn(message!("warning.too-far")),
        }
        tick
    }

    fn take(&mut self, tick: Tick, kind: TrackEventKind<'a>) {
        match kind {
            TrackEventKind::Midi { channel, message } => {
                let channel = channel.as_int();
                match message {
                    MidiMessage::NoteOn { key, vel } if vel.as_int() > 0 => {
                        self.sounding.begin(channel, key.as_int(), tick, self.now);
                    }
                    MidiMessage::NoteOn { key, .. } | MidiMessage::NoteOff { key, .. } => {
                        self.sounding.end(channel, key.as_int(), tick, self.now);
                    }
                    MidiMessage::PitchBend { bend } => {
                        self.track.bends.push((tick, channel, f64::from(bend.0.as_int()) - 8192.0));
                    }
                    MidiMessage::Controller { controller, value } => {
                        self.control(tick, channel, controller.as_int(), value.as_int());
                    }
                    _ => {}
                }
            }
            TrackEventKind::Meta(message) => self.take_meta(tick, message),
            TrackEventKind::SysEx(_) | TrackEventKind::Escape(_) => {}
        }
    }

    fn take_meta(&mut self, tick: Tick, message: MetaMessage<'a>) {
        let mut text = |kind, bytes| self.track.texts.push(Text { tick, kind, bytes });
        match message {
            MetaMessage::TrackName(bytes) => text(TextKind::Name, bytes),
            MetaMessage::Lyric(bytes) => text(TextKind::Lyric, bytes),
            MetaMessage::Text(bytes) => text(TextKind::Text, bytes),
            MetaMessage::Copyright(bytes)
            | MetaMessage::InstrumentName(bytes)
            | MetaMessage::Marker(bytes)
            | MetaMessage::CuePoint(bytes) => text(TextKind::Other, bytes),
            MetaMessage::Tempo(micros) => self.tempo(tick, micros.as_int()),
            MetaMessage::TimeSignature(beats, exponent, _, _) => self.meter(tick, beats, exponent),
            MetaMessage::SequencerSpecific(bytes) => self.track.ours |= bytes == MARK,
            _ => {}
        }
    }

    fn without_length(&mut self, pitch: u8, onsets: Vec<Tick>) {
        for onset in onsets {
            self.note(0, pitch, onset, onset);
        }
    }

    /// The range of the pitch bend is registered parameter 0; parameter 6 gives each note a channel
    /// of its own, and with it a wider range.
    fn control(&mut self, tick: Tick, channel: u8, controller: u8, value: u8) {
        let place = usize::from(channel);
        let (Some(parameter), Some(range)) = (self.parameters.get_mut(place), self.ranges.get_mut(place))
        else {
            return;
        };
        match (controller, *parameter) {
            (101, _) => parameter[0] = value,
            (100, _) => parameter[1] = value,
            // Parameters of one maker alone.
            (98 | 99, _) => *parameter = [127; 2],
            (6 | 38, [0, 0]) => {
                range[usize::from(controller == 38)] = value;
                let range = f64::from(range[0]) + f64::from(range[1].min(99)) / 100.0;
                self.track.bend_ranges.push((tick, channel, range));
            }
            (6, [0, 6]) => {
                let members = match channel {
                    0 => 1..=value.min(15),
                    15 => 15 - value.min(15)..=14,
                    _ => return,
                };
                self.track.bend_ranges.extend(members.map(|member| (tick, member, RANGE_OF_NOTES)));
            }
            // All controllers as they were at first.
            (121, _) => self.track.bends.push((tick, channel, 0.0)),
            _ => {}
        }
    }

    fn note(&mut self, channel: u8, pitch: u8, onset: Tick, end: Tick) {
        let note = RawNote { channel, pitch, onset, end };
        if end > onset {
            if channel == DRUMS { self.track.drums.push(note) } else { self.track.notes.push(note) }
        } else {
            self.empty += 1;
            if self.empty == 1 {
                self.report.warn(self.number, onset, message!("warning.note-without-length", pitch));
            }
        }
    }

    fn tempo(&mut self, tick: Tick, micros: u32) {
        if self.clock.is_timecode {
            return;
        }
        match Tempo::from_micros(micros) {
            Some(tempo) => self.track.tempos.push((tick, tempo)),
            None => {
                let text = message!("warning.midi-tempo", micros);
                self.report.warn(self.number, tick, text);
            }
        }
    }

    fn meter(&mut self, tick: Tick, beats: u8, exponent: u8) {
        let unit = 1u8.checked_shl(exponent.into()).unwrap_or(0);
        let signature = TimeSignature { beats, unit };
        if signature.is_valid() {
            self.track.meters.push((tick, signature));
        } else {
            let text = message!("warning.meter", beats, exponent);
            self.report.warn(self.number, tick, text);
        }
    }

    /// Steps over what midly could not read and gives what is left after it.
    fn recover(&mut self, rest: &'a [u8]) -> &'a [u8] {
        let (delta, used) = read_varlen(rest);
        let status = rest.get(used).copied();
        let illegal = match status {
            Some(0xF1 | 0xF3) => Some(2),
            Some(0xF2) => Some(3),
            Some(0xF4..=0xF6 | 0xF8..=0xFE) => Some(1),
            _ => None,
        };
        if let (Some(length), Some(status)) = (illegal, status) {
            if self.advance(delta).is_none() {
                return &[];
            }
            self.warn(message!("warning.midi-message", status = format!("{status:02X}")));
            return rest.get(used + length..).unwrap_or_default();
        }
        // What is dropped leaves its time, if that can be one.
        if rest.get(used.saturating_sub(1)).is_some_and(|last| last & 0x80 == 0) && delta <= MOST_LOST {
            let _ = self.advance(delta);
        }
        let next = (1..rest.len()).find(|&at| looks_like_event(&rest[at..])).unwrap_or(rest.len());
        self.warn(message!("warning.bytes", count = next));
        &rest[next..]
    }

    fn warn(&mut self, what: Message) {
        self.report.warn(self.number, self.clock.tick(self.now), what);
    }

    fn finish(&mut self) {
        let end = self.clock.tick(self.now);
        for key in std::mem::take(&mut self.sounding).notes() {
            for (onset, end) in key.whole {
                self.note(key.channel, key.pitch, onset, end);
            }
            self.without_length(key.pitch, key.empty);
            for (onset, again) in key.endless {
                let text = match again {
                    Some(_) => message!("warning.note-struck-again", pitch = key.pitch),
                    None => message!("warning.endless-note", pitch = key.pitch),
                };
                if let Some(end) = again.or(end) {
                    self.report.warn(self.number, onset, text);
                    self.note(key.channel, key.pitch, onset, end);
                }
            }
        }
        if self.empty > 1 {
            let text = message!("warning.notes-without-length", count = self.empty);
            self.report.warn(self.number, None, text);
        }
        self.track.notes.sort_by_key(|note| (note.onset, note.channel, note.pitch));
        self.track.end = self.now;
    }
}

/// The largest delta that is believed of an event that cannot be read.
const MOST_LOST: u32 = 0x3FFF;

/// A message of a channel with data bytes above 127, which some programs write: its delta, the
/// message with these bits taken off, and what is left after it.
fn masked(rest: &[u8], running: Option<u8>) -> Option<(u32, Vec<u8>, &[u8])> {
    let (delta, used) = read_varlen(rest);
    let body = rest.get(used..)?;
    let first = *body.first()?;
    let (status, data) = match first {
        0x80..=0xEF => (first, &body[1..]),
        0..=0x7F => (running.filter(|status| (0x80..=0xEF).contains(status))?, body),
        _ => return None,
    };
    let count = if matches!(status, 0xC0..=0xDF) { 1 } else { 2 };
    let (bytes, after) = data.split_at_checked(count)?;
    // A message that was cut short by a meta event is none; but it is one where the meta event would
    // lead nowhere.
    let is_meta = (0..count).any(|i| {
        bytes[i] == 0xFF
            && data.get(i + 1).is_some_and(|kind| matches!(kind, 0x01..=0x09 | 0x2F | 0x51 | 0x58 | 0x59))
            && (!looks_like_event(after) || leads_on(&data[i + 2..]))
    });
    if is_meta || used > 4 {
        return None;
    }
    let message = std::iter::once(status).chain(bytes.iter().map(|byte| byte & 0x7F)).collect();
    Some((delta, message, after))
}

/// Whether a meta event from whose length on these bytes are ends where another event begins, or nothing.
fn leads_on(bytes: &[u8]) -> bool {
    let (length, used) = read_varlen(bytes);
    let after = usize::try_from(length).ok().and_then(|length| bytes.get(used.checked_add(length)?..));
    after.is_some_and(|after| after.is_empty() || looks_like_event(after))
}

/// A plausible beginning of an event: a delta of one byte and a status.
fn looks_like_event(bytes: &[u8]) -> bool {
    let status_stands = match bytes {
        [0..=0x7F, 0x80..=0xEF, ..] => true,
        // Only meta events that files hold: texts, end, tempo, meter, key.
        [0..=0x7F, 0xFF, kind, ..] => matches!(kind, 0x01..=0x09 | 0x2F | 0x51 | 0x58 | 0x59),
        _ => false,
    };
    status_stands && {
        let mut events = EventIter::new(bytes);
        matches!(events.next(), Some(Ok(event)) if !is_cut_off(bytes, events.unread(), &event))
    }
}

/// Whether an event claims more bytes than there are; midly then takes what is left, and
/// with it every event that follows.
fn is_cut_off(before: &[u8], after: &[u8], event: &TrackEvent) -> bool {
    let head = match event.kind {
        TrackEventKind::Meta(_) => 2,
        TrackEventKind::SysEx(_) | TrackEventKind::Escape(_) => 1,
        TrackEventKind::Midi { .. } => return false,
    };
    if !after.is_empty() {
        return false;
    }
    let (_, delta) = read_varlen(before);
    let Some(body) = before.get(delta + head..) else { return true };
    let (length, used) = read_varlen(body);
    let is_end = event.kind == TrackEventKind::Meta(MetaMessage::EndOfTrack);
    !is_end && used + length as usize > body.len()
}

/// A variable-length number and how many bytes it took, read as midly reads it.
fn read_varlen(bytes: &[u8]) -> (u32, usize) {
    let mut value = 0;
    for (index, &byte) in bytes.iter().take(4).enumerate() {
        value = value << 7 | u32::from(byte & 0x7F);
        if byte & 0x80 == 0 {
            return (value, index + 1);
        }
    }
    (value, bytes.len().min(4))
}
