//! Which note-off ends which note: first in, first out, as most programs pair them.

use std::collections::{BTreeMap, VecDeque};

use ziyin_score::Tick;

/// A note that has begun: where in the song, and when in ticks of the file.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Begun {
    onset: Tick,
    at: u64,
}

/// The notes of one key on one channel that sound.
#[derive(Debug, Default)]
struct KeyNotes {
    begun: VecDeque<Begun>,
    /// How many of the first were ended at the tick at which they began. Such a note-off is
    /// meant for the note before, or there is none and the note has no length: what follows tells.
    touched: usize,
    /// Whether a note of the key was ended, and the place of the last that was.
    last: Option<usize>,
}

/// What an event does to the notes that sound.
#[derive(Debug, Default, PartialEq)]
pub struct Ended {
    /// Onset of the note that it ends.
    pub note: Option<Tick>,
    /// Onsets of notes that turn out to have no length.
    pub empty: Vec<Tick>,
}

/// All notes of a track that sound, by channel and key.
#[derive(Debug, Default)]
pub struct Sounding(BTreeMap<(u8, u8), KeyNotes>);

impl Sounding {
    pub fn begin(&mut self, channel: u8, pitch: u8, onset: Tick, at: u64) -> Ended {
        let notes = self.0.entry((channel, pitch)).or_default();
        let mut ended = Ended::default();
        if notes.begun.front().is_some_and(|first| first.at < at) {
            let count = std::mem::take(&mut notes.touched).min(notes.begun.len());
            ended.empty.extend(notes.begun.drain(..count).map(|note| note.onset));
        }
        notes.begun.push_back(Begun { onset, at });
        ended
    }

    /// `place` is where the note will stand among those that have ended.
    pub fn end(&mut self, channel: u8, pitch: u8, at: u64, place: usize) -> Ended {
        // An end without a beginning is common and means nothing.
        let Some(notes) = self.0.get_mut(&(channel, pitch)) else { return Ended::default() };
        if notes.begun.front().is_some_and(|first| first.at < at) {
            notes.touched = notes.touched.saturating_sub(1);
            notes.last = Some(place);
            return Ended { note: notes.begun.pop_front().map(|note| note.onset), empty: Vec::new() };
        }
        notes.touched = (notes.touched + 1).min(notes.begun.len());
        Ended::default()
    }

    /// What is left at the end of a track: for each key the onsets of notes that have no length,
    /// of those that nothing ended, and where the last one stands that was.
    pub fn left(self) -> impl Iterator<Item = Left> {
        self.0.into_iter().filter(|(_, notes)| !notes.begun.is_empty()).map(|((channel, pitch), notes)| {
            let mut onsets = notes.begun.into_iter().map(|note| note.onset);
            let empty = onsets.by_ref().take(notes.touched).collect();
            Left { channel, pitch, empty, endless: onsets.collect(), last: notes.last }
        })
    }
}

/// Notes of one key that nothing ended.
#[derive(Debug, PartialEq)]
pub struct Left {
    pub channel: u8,
    pub pitch: u8,
    pub empty: Vec<Tick>,
    pub endless: Vec<Tick>,
    pub last: Option<usize>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_is_not_ended_at_the_tick_at_which_it_begins() {
        let mut sounding = Sounding::default();
        sounding.begin(0, 60, 0, 0);
        sounding.begin(0, 60, 480, 480);
        assert_eq!(sounding.end(0, 60, 480, 0).note, Some(0));
        assert_eq!(sounding.end(0, 60, 480, 1), Ended::default(), "one too many");
        assert_eq!(sounding.end(0, 60, 960, 1).note, Some(480));
        assert_eq!(sounding.left().count(), 0);
    }

    #[test]
    fn a_note_without_length_is_told_once_the_next_begins() {
        let mut sounding = Sounding::default();
        sounding.begin(0, 60, 0, 0);
        sounding.end(0, 60, 0, 0);
        assert_eq!(sounding.begin(0, 60, 480, 480).empty, [0]);
        sounding.end(0, 60, 480, 0);
        sounding.begin(0, 62, 0, 0);
        let left: Vec<_> = sounding.left().map(|left| (left.empty, left.endless)).collect();
        assert_eq!(left, [(vec![480], vec![]), (vec![], vec![0])]);
    }
}
