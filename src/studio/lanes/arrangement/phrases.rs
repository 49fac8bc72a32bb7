//! The phrases of all tracks, found anew only where notes have changed.

use std::collections::{BTreeSet, HashMap};
use std::ops::Range;

use ziyin_score::{Note, NoteId, Notes, Tick, Track, TrackId};
use ziyin_session::editor::{Editor, Folder, Row as Listed};

/// Characters of the lyrics of a phrase that are shown.
const LONGEST: usize = 40;

/// What stands between two rests.
pub(super) struct Phrase {
    pub from: Tick,
    pub to: Tick,
    /// The places of its notes in the track.
    pub notes: Range<usize>,
    /// How its lyrics begin.
    pub words: String,
    /// Whether all of its notes are muted.
    pub muted: bool,
}

impl Phrase {
    fn of(notes: &Notes, places: Range<usize>) -> Self {
        let own = &notes[places.clone()];
        let (from, to) = Self::span(own);
        let muted = own.iter().all(|note| note.muted);
        Self { from, to, notes: places, words: words(own), muted }
    }

    /// Where notes begin and end.
    fn span(own: &[Note]) -> (Tick, Tick) {
        let from = own.first().map_or(0, |note| note.onset);
        (from, own.iter().map(Note::end).max().unwrap_or(from))
    }
}

/// The phrases of a track, or a folder of tracks.
pub(super) struct Row {
    /// None where it is that of a folder.
    pub track: Option<TrackId>,
    /// Where something is sung in a folder that is shut.
    pub spans: Vec<(Tick, Tick)>,
    /// The notes that they were found in.
    pub notes: Notes,
    pub phrases: Vec<Phrase>,
    /// The lowest and the highest key of the track.
    pub keys: (u8, u8),
}

impl Row {
    fn of(track: &Track) -> Self {
        let keys = || track.notes.iter().map(|note| note.pitch);
        let phrases = track.notes.phrases().into_iter().map(|places| Phrase::of(&track.notes, places));
        Self {
            track: Some(track.id),
            spans: Vec::new(),
            phrases: phrases.collect(),
            keys: (keys().min().unwrap_or(60), keys().max().unwrap_or(72)),
            notes: track.notes.clone(),
        }
    }

    fn of_folder(folder: &Folder, all: &HashMap<TrackId, &Track>) -> Self {
        let tracks = folder.tracks.iter().filter_map(|id| all.get(id).copied());
        let of = |track: &Track| -> Vec<(Tick, Tick)> {
            let phrases = track.notes.phrases().into_iter();
            phrases.map(|places| Phrase::span(&track.notes[places])).collect()
        };
        let mut spans: Vec<(Tick, Tick)> = match folder.folded {
            true => tracks.flat_map(of).collect(),
            false => Vec::new(),
        };
        spans.sort_unstable();
        spans.dedup_by(|next, last| {
            let touches = next.0 <= last.1;
            if touches {
                last.1 = last.1.max(next.1);
            }
            touches
        });
        Self { track: None, spans, notes: Notes::default(), phrases: Vec::new(), keys: (60, 72) }
    }

    /// The notes of one of its phrases.
    pub fn notes_of(&self, phrase: &Phrase) -> &[Note] {
        self.notes[..].get(phrase.notes.clone()).unwrap_or_default()
    }

    /// The ids of the notes of one of its phrases.
    pub fn ids_of(&self, phrase: &Phrase) -> BTreeSet<NoteId> {
        self.notes_of(phrase).iter().map(|note| note.id).collect()
    }

    /// The phrases that lie somewhere between two ticks.
    pub fn between(&self, from: f64, to: f64) -> &[Phrase] {
        let first = self.phrases.partition_point(|phrase| phrase.to as f64 <= from);
        let after = self.phrases.partition_point(|phrase| (phrase.from as f64) < to).max(first);
        &self.phrases[first..after]
    }
}

/// The phrases of all tracks that are seen, in the order in which they are listed, with their folders.
#[derive(Default)]
pub(super) struct Phrases {
    /// The revision of the song that they were found in, and the track that was edited.
    found_in: Option<(u64, Option<TrackId>)>,
    rows: Vec<Row>,
}

impl Phrases {
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// Finds the phrases of the song as it is now.
    pub fn follow(&mut self, editor: &Editor) {
        // A track that is hidden is seen while it is edited.
        let found_in = Some((editor.revision(), editor.active_track()));
        if self.found_in == found_in {
            return;
        }
        self.found_in = found_in;
        let before = std::mem::take(&mut self.rows).into_iter();
        let mut before: HashMap<TrackId, Row> = before.filter_map(|row| Some((row.track?, row))).collect();
        let mut row = |track: &Track| {
            let same = before.remove(&track.id).filter(|row| row.notes == track.notes);
            same.unwrap_or_else(|| Row::of(track))
        };
        let all = editor.project().tracks.iter().map(|track| (track.id, track)).collect();
        for listed in editor.rows() {
            self.rows.push(match &listed {
                Listed::Folder(folder) => Row::of_folder(folder, &all),
                Listed::Track(track) => row(track),
            });
        }
    }
}

/// How lyrics begin; between letters goes a space.
fn words(notes: &[Note]) -> String {
    let mut words = String::new();
    for note in notes.iter().filter(|note| !note.is_hold() && note.lyric != "+") {
        let joins = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() && c < '\u{2e80}');
        if joins(words.chars().last()) && joins(note.lyric.chars().next()) {
            words.push(' ');
        }
        words.extend(note.lyric.chars().take(LONGEST));
        if words.chars().count() >= LONGEST {
            break;
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use ziyin_score::Project;

    fn note(id: u64, onset: Tick, length: Tick, lyric: &str) -> Note {
        Note::new(NoteId(id), onset, length, 60, lyric)
    }

    #[test]
    fn a_phrase_is_what_stands_between_rests() {
        let mut track = Track::new(TrackId(1), "lead");
        track.notes = Notes::new(vec![
            note(1, 0, 960, "我"),
            note(2, 480, 200, "爱"),
            note(3, 960, 480, "-"),
            note(4, 1500, 100, "hello"),
            note(5, 1600, 100, "you"),
        ]);
        let mut editor = Editor::new(Project { tracks: vec![track], ..Project::default() });
        let mut phrases = Phrases::default();
        phrases.follow(&editor);
        let seen = |phrases: &Phrases| -> Vec<(Tick, Tick, String)> {
            phrases.rows()[0].phrases.iter().map(|p| (p.from, p.to, p.words.clone())).collect()
        };
        let expected = vec![(0, 1440, "我爱".into()), (1500, 1700, "hello you".into())];
        assert_eq!(seen(&phrases), expected);
        assert_eq!(phrases.rows()[0].between(1440.0, 1500.0).len(), 0);
        assert_eq!(phrases.rows()[0].between(1439.0, 1501.0).len(), 2);
        editor.select([NoteId(4), NoteId(5)]);
        editor.move_selected("move-notes", -60, 0).unwrap();
        phrases.follow(&editor);
        assert_eq!(seen(&phrases), [(0, 1640, "我爱hello you".into())]);
    }
}
