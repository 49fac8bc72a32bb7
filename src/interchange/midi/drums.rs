//! What becomes of notes on the channel of drums: now and then they are a voice.

use std::collections::HashSet;

use super::{
    super::Report,
    events::{RawNote, RawTrack, TextKind},
    voices::never_together,
};
use ziyin_message::message;
use ziyin_score::Tick;

/// Channels beside that of drums over which the notes of a line rotate at least.
const FEWEST_CHANNELS: usize = 3;

/// Puts the drums of a track that are sung among its notes, and leaves others out.
pub fn settle(tracks: &mut [RawTrack], report: &mut Report) {
    for (track, number) in tracks.iter_mut().zip(1..) {
        if have_words(track) || are_of_a_line(track) {
            track.notes.append(&mut track.drums);
            track.notes.sort_by_key(|note| (note.onset, note.channel, note.pitch));
        } else if !track.drums.is_empty() {
            report.warn(number, None, message!("warning.drums", count = track.drums.len()));
        }
    }
}

/// Whether they are all that the track holds, and most of them have words, as where tracks were
/// numbered by their channels.
fn have_words(track: &RawTrack) -> bool {
    let lyrics = track.texts.iter().filter(|text| text.kind == TextKind::Lyric);
    let words: HashSet<Tick> = lyrics.map(|text| text.tick).collect();
    let onsets: HashSet<Tick> = track.drums.iter().map(|note| note.onset).collect();
    let met = onsets.intersection(&words).count();
    track.notes.is_empty() && 2 * met > onsets.len() && 5 * met >= 4 * words.len()
}

/// Whether they fill the gaps of a line whose notes rotate over all channels.
fn are_of_a_line(track: &RawTrack) -> bool {
    let channels: HashSet<u8> = track.notes.iter().map(|note| note.channel).collect();
    if track.drums.is_empty() || channels.len() < FEWEST_CHANNELS {
        return false;
    }
    let all: Vec<RawNote> = [&track.notes[..], &track.drums].concat();
    never_together(&all)
}
