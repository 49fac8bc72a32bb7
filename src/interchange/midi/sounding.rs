//! Which note-off ends which note: first in, first out, as most programs pair them; and where ends are
//! lacking, each ends all that sound, as pretty_midi has it, so that one that was lost moves no other.

use std::collections::{BTreeMap, VecDeque};

use ziyin_score::Tick;

/// A note begins or ends.
#[derive(Clone, Copy, Debug)]
struct Stroke {
    begins: bool,
    /// Where in the song, and when in ticks of the file.
    tick: Tick,
    at: u64,
}

/// All notes of a track as they begin and end, by channel and key.
#[derive(Debug, Default)]
pub struct Sounding {
    strokes: BTreeMap<(u8, u8), Vec<Stroke>>,
    /// How many notes have begun.
    pub begun: u64,
}

/// The notes of one key on one channel.
#[derive(Debug, Default, PartialEq)]
pub struct KeyNotes {
    pub channel: u8,
    pub pitch: u8,
    /// Onset and end of each.
    pub whole: Vec<(Tick, Tick)>,
    /// Onsets of notes that have no length.
    pub empty: Vec<Tick>,
    /// Notes that nothing ended: onset, and where the key is struck again.
    pub endless: Vec<(Tick, Option<Tick>)>,
}

impl Sounding {
    pub fn begin(&mut self, channel: u8, pitch: u8, tick: Tick, at: u64) {
        self.strokes.entry((channel, pitch)).or_default().push(Stroke { begins: true, tick, at });
        self.begun += 1;
    }

    pub fn end(&mut self, channel: u8, pitch: u8, tick: Tick, at: u64) {
        // An end without a beginning is common and means nothing.
        if let Some(strokes) = self.strokes.get_mut(&(channel, pitch)) {
            strokes.push(Stroke { begins: false, tick, at });
        }
    }

    /// The notes of each key, at the end of a track.
    pub fn notes(self) -> impl Iterator<Item = KeyNotes> {
        self.strokes.into_iter().map(|((channel, pitch), strokes)| {
            let mut notes = KeyNotes { channel, pitch, ..KeyNotes::default() };
            let mut pairs = Pairs::default();
            let mut silent = 0;
            for (place, stroke) in strokes.iter().enumerate() {
                pairs.take(*stroke, 1);
                if pairs.sounding.is_empty() {
                    pairs.move_to(&mut notes);
                    silent = place + 1;
                }
            }
            if pairs.sounding.len() > pairs.touched {
                // The key is not silent again, so an end is lacking, and the others may be those of other notes.
                pairs = Pairs::default();
                strokes[silent..].iter().for_each(|stroke| pairs.take(*stroke, usize::MAX));
                pairs.end_where_the_next_begin();
            }
            pairs.move_to(&mut notes);
            notes
        })
    }
}

/// What becomes of strokes of one key.
#[derive(Default)]
struct Pairs {
    sounding: VecDeque<Stroke>,
    /// How many of the first that sound were ended at the tick at which they began. Such a note-off is
    /// meant for the note before, or there is none and the note has no length: what follows tells.
    touched: usize,
    whole: Vec<(Tick, Tick)>,
    empty: Vec<Tick>,
}

impl Pairs {
    /// Takes in the next, which ends at most so many notes.
    fn take(&mut self, stroke: Stroke, most: usize) {
        let earlier = self.sounding.partition_point(|begun| begun.at < stroke.at);
        if stroke.begins {
            if earlier > 0 {
                let empty = self.sounding.drain(..std::mem::take(&mut self.touched));
                self.empty.extend(empty.map(|begun| begun.tick));
            }
            self.sounding.push_back(stroke);
        } else if earlier > 0 {
            let ended = earlier.min(most);
            self.touched = self.touched.saturating_sub(ended);
            self.whole.extend(self.sounding.drain(..ended).map(|begun| (begun.tick, stroke.tick)));
        } else {
            self.touched = (self.touched + 1).min(self.sounding.len());
        }
    }

    /// A key that is struck again sounds anew.
    fn end_where_the_next_begin(&mut self) {
        let mut onsets: Vec<Tick> = self.whole.iter().map(|note| note.0).collect();
        onsets.extend(self.sounding.iter().map(|begun| begun.tick));
        onsets.sort_unstable();
        for (onset, end) in &mut self.whole {
            *end = next(&onsets, *onset).map_or(*end, |next| next.min(*end));
        }
    }

    fn move_to(&mut self, notes: &mut KeyNotes) {
        notes.whole.append(&mut self.whole);
        notes.empty.append(&mut self.empty);
        let touched = self.sounding.drain(..std::mem::take(&mut self.touched));
        notes.empty.extend(touched.map(|begun| begun.tick));
        let left: Vec<Tick> = self.sounding.drain(..).map(|begun| begun.tick).collect();
        notes.endless.extend(left.iter().map(|onset| (*onset, next(&left, *onset))));
    }
}

/// The first that is later, of ticks in their order.
fn next(onsets: &[Tick], onset: Tick) -> Option<Tick> {
    onsets.get(onsets.partition_point(|other| *other <= onset)).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The notes of one key that begins (`true`) and ends at these ticks.
    fn paired(strokes: &[(bool, u64)]) -> KeyNotes {
        let mut sounding = Sounding::default();
        for &(begins, at) in strokes {
            let stroke = if begins { Sounding::begin } else { Sounding::end };
            stroke(&mut sounding, 0, 60, at as Tick, at);
        }
        sounding.notes().next().unwrap_or_default()
    }

    #[test]
    fn a_note_is_not_ended_at_the_tick_at_which_it_begins() {
        let notes = paired(&[(true, 0), (true, 480), (false, 480), (false, 480), (false, 960)]);
        assert_eq!(notes.whole, [(0, 480), (480, 960)]);
        assert!(notes.empty.is_empty() && notes.endless.is_empty());
    }

    #[test]
    fn a_note_without_length_is_told_once_the_next_begins() {
        let notes = paired(&[(true, 0), (false, 0), (true, 480), (false, 480)]);
        assert_eq!((notes.whole, notes.empty, notes.endless), (vec![], vec![0, 480], vec![]));
        assert_eq!(paired(&[(true, 0), (true, 480)]).endless, [(0, Some(480)), (480, None)]);
    }

    #[test]
    fn notes_that_overlap_end_first_in_first_out() {
        let notes = paired(&[(true, 0), (true, 240), (false, 480), (false, 720)]);
        assert_eq!(notes.whole, [(0, 480), (240, 720)]);
    }

    #[test]
    fn an_end_that_was_lost_moves_no_other() {
        let kept = [(true, 0), (true, 240), (false, 480), (false, 720)];
        let lost = [(true, 1000), (true, 2000), (false, 2100), (true, 3000), (false, 3100)];
        let notes = paired(&[&kept[..], &lost].concat());
        assert_eq!(notes.whole, [(0, 480), (240, 720), (1000, 2000), (2000, 2100), (3000, 3100)]);
        assert!(notes.empty.is_empty() && notes.endless.is_empty());
        // And the last of a track.
        let notes = paired(&[(true, 0), (true, 480), (false, 960), (true, 1440)]);
        assert_eq!((notes.whole, notes.endless), (vec![(0, 480), (480, 960)], vec![(1440, None)]));
    }
}
