use midly::{
    Format, Header, MetaMessage, MidiMessage, Smf, Timing, TrackEvent, TrackEventKind,
    num::{u4, u7, u15, u24, u28},
};

use super::MARK;
use ziyin_score::{Project, TICKS_PER_QUARTER, Tick, Track};

/// The song does not fit into a MIDI file: too many tracks, or too large a text.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("the song does not fit into a MIDI file: {0}")]
pub struct ExportError(String);

/// Writes a type 1 file of 960 ticks per quarter: title, tempo map and time signatures in
/// the first track, then a track per voice with its name, notes, and lyrics in UTF-8.
///
/// Imported again it gives the same title, tempo map, time signatures, and for each track
/// that has notes its name, notes and lyrics. Notes that overlap are resolved on the way
/// in; curves, singers, harmonies and the mix have no place in MIDI.
///
/// # Errors
/// If the song has more than 65,534 tracks or a text of over 256 MB.
pub fn export_midi(project: &Project) -> Result<Vec<u8>, ExportError> {
    let quarter = u15::new(TICKS_PER_QUARTER as u16);
    let mut smf = Smf::new(Header::new(Format::Parallel, Timing::Metrical(quarter)));
    smf.tracks.push(conductor(project));
    smf.tracks.extend(project.tracks.iter().map(voice));
    let mut bytes = Vec::new();
    smf.write(&mut bytes).map_err(|error| ExportError(error.to_string()))?;
    Ok(bytes)
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

fn voice(track: &Track) -> midly::Track<'_> {
    const VELOCITY: u8 = 100;
    // At one tick notes end, then words come, then notes begin.
    let mut events = vec![(0, 0, meta(MetaMessage::TrackName(track.name.as_bytes())))];
    for note in track.notes.iter() {
        let key = u7::new(note.pitch);
        if !note.lyric.is_empty() {
            events.push((note.onset, 2, meta(MetaMessage::Lyric(note.lyric.as_bytes()))));
        }
        let on = MidiMessage::NoteOn { key, vel: u7::new(VELOCITY) };
        let off = MidiMessage::NoteOff { key, vel: u7::new(0) };
        events.push((note.onset, 3, TrackEventKind::Midi { channel: u4::new(0), message: on }));
        events.push((note.end(), 1, TrackEventKind::Midi { channel: u4::new(0), message: off }));
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
