use midly::{
    Format, Header, MetaMessage, MidiMessage, PitchBend, Smf, Timing, TrackEvent, TrackEventKind,
    num::{u4, u7, u14, u15, u24, u28},
};
use ziyin_message::{Message, ToMessage, message};

use super::MARK;
use crate::export::lines::Line;
use crate::vocaloid::{Bends, bends};
use ziyin_score::{CurveKind, Project, TICKS_PER_QUARTER, Tick};

/// The song does not fit into a MIDI file: too many tracks, or too large a text.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{}", self.to_message())]
pub struct ExportError(Message);

impl ToMessage for ExportError {
    fn to_message(&self) -> Message {
        message!("midi-export.unfit", why = &self.0)
    }
}

/// Writes a type 1 file of 960 ticks per quarter: title, tempo map and time signatures in
/// the first track, then a track per voice with its name, notes, drawn pitch as bends, and lyrics
/// in UTF-8.
///
/// Imported again it gives the same title, tempo map, time signatures, and for each track
/// that has notes its name, notes and lyrics. Notes that overlap are resolved on the way
/// in; other curves, singers, levels and the mix have no place in MIDI.
///
/// # Errors
/// If the song has more than 65,534 tracks or a text of over 256 MB.
pub fn write(project: &Project, lines: &mut [Line]) -> Result<Vec<u8>, ExportError> {
    let bends: Vec<Bends> = lines.iter_mut().map(bends).collect();
    for line in lines.iter_mut() {
        for kind in CurveKind::ALL.into_iter().filter(|&kind| kind != CurveKind::Pitch) {
            line.leave_curve_out(kind);
        }
        line.leave_languages_out();
        line.leave_pronunciations_out();
        line.leave_articulation_out(|note| note.articulation);
        line.leave_vibrato_out();
        line.leave_mix_out();
    }
    let quarter = u15::new(TICKS_PER_QUARTER as u16);
    let mut smf = Smf::new(Header::new(Format::Parallel, Timing::Metrical(quarter)));
    smf.tracks.push(conductor(project));
    let is_bent = bends.iter().any(|bends| !bends.points.is_empty());
    for (number, (line, bends)) in lines.iter().zip(&bends).enumerate() {
        smf.tracks.push(voice(line, bends, if is_bent { channel(number) } else { u4::new(0) }));
    }
    let mut bytes = Vec::new();
    smf.write(&mut bytes).map_err(|error| ExportError(Message::foreign(error)))?;
    Ok(bytes)
}

/// In a song with bends each track has a channel of its own as long as there are any, since a bend
/// bends all that sounds on a channel; the tenth is for drums. Elsewhere there is one channel: some
/// programs read no other.
fn channel(number: usize) -> u4 {
    let channel = (number % 15) as u8;
    u4::new(if channel < 9 { channel } else { channel + 1 })
}

fn conductor(project: &Project) -> midly::Track<'_> {
    let mut events = vec![(0, meta(MetaMessage::TrackName(project.title.as_bytes())))];
    events.push((0, meta(MetaMessage::SequencerSpecific(MARK))));
    for change in project.tempo.changes() {
        events.push((change.tick, meta(MetaMessage::Tempo(u24::new(change.tempo.micros())))));
    }
    for change in project.meter.changes() {
        let exponent = change.signature.unit.trailing_zeros() as u8;
        // 24 clocks to the metronome's click and 8 thirty-seconds to the quarter are what MIDI means.
        let signature = MetaMessage::TimeSignature(change.signature.beats, exponent, 24, 8);
        events.push((change.tick, meta(signature)));
    }
    events.sort_by_key(|&(tick, _)| tick);
    with_deltas(&events)
}

fn voice<'a>(line: &'a Line, bends: &Bends, channel: u4) -> midly::Track<'a> {
    const VELOCITY: u8 = 100;
    let midi = |message| TrackEventKind::Midi { channel, message };
    // At one tick notes end, then words come, then bends, then notes begin.
    let mut events = vec![(0, 0, meta(MetaMessage::TrackName(line.name.as_bytes())))];
    if !bends.points.is_empty() {
        // The registered parameter 0 is the range of the bend.
        for (controller, value) in [(101, 0), (100, 0), (6, bends.range), (38, 0)] {
            let message = MidiMessage::Controller { controller: u7::new(controller), value: u7::new(value) };
            events.push((0, 0, midi(message)));
        }
    }
    for &(tick, bend) in &bends.points {
        let bend = PitchBend(u14::new((bend + 8192).clamp(0, 16_383) as u16));
        events.push((tick * TICKS_PER_QUARTER / 480, 2, midi(MidiMessage::PitchBend { bend })));
    }
    for note in &line.notes {
        let key = u7::new(note.key);
        if !note.lyric.is_empty() {
            events.push((note.onset, 2, meta(MetaMessage::Lyric(note.lyric.as_bytes()))));
        }
        events.push((note.onset, 3, midi(MidiMessage::NoteOn { key, vel: u7::new(VELOCITY) })));
        events.push((note.end, 1, midi(MidiMessage::NoteOff { key, vel: u7::new(0) })));
    }
    events.sort_by_key(|&(tick, order, _)| (tick, order));
    with_deltas(&events.into_iter().map(|(tick, _, kind)| (tick, kind)).collect::<Vec<_>>())
}

fn meta(message: MetaMessage<'_>) -> TrackEventKind<'_> {
    TrackEventKind::Meta(message)
}

fn with_deltas<'a>(events: &[(Tick, TrackEventKind<'a>)]) -> midly::Track<'a> {
    const LONGEST: Tick = (1 << 28) - 1;
    let mut track = Vec::with_capacity(events.len() + 1);
    let mut now = 0;
    for &(tick, kind) in events {
        // A rest longer than a delta can say is crossed in several steps.
        while tick - now > LONGEST {
            track.push(TrackEvent { delta: u28::max_value(), kind: meta(MetaMessage::Text(b"")) });
            now += LONGEST;
        }
        track.push(TrackEvent { delta: u28::new((tick - now) as u32), kind });
        now = tick;
    }
    track.push(TrackEvent { delta: u28::new(0), kind: meta(MetaMessage::EndOfTrack) });
    track
}
