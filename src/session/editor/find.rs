//! Notes that are looked for: by what they sing, how high and how long they are, and whether anybody can
//! read them; and other words in the place of those that were found.

use std::ops::RangeInclusive;

use super::document::Editor;
use super::lyrics::sung_anew;
use ziyin_lyrics::{Language, Reading};
use ziyin_score::{Command, EditError, Note, NoteCommand, NoteId, Tick, Track, TrackId};

/// A text that is looked for in lyrics, as it is written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LyricSearch {
    pub text: String,
    /// Whether a lyric is to be this text and nothing beside it; an empty text is then that of notes
    /// without a lyric. Else an empty text is found nowhere.
    pub whole: bool,
}

impl LyricSearch {
    /// Whether the text stands in a lyric.
    pub fn finds(&self, lyric: &str) -> bool {
        let text = self.text.trim();
        match self.whole {
            true => lyric.trim() == text,
            false => !text.is_empty() && lyric.contains(text),
        }
    }

    /// A lyric in which the text stands with another in its place.
    fn replaced(&self, lyric: &str, by: &str) -> String {
        match self.whole {
            true => by.into(),
            false => lyric.replace(self.text.trim(), by),
        }
    }
}

/// What is asked of notes; all of it has to hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoteSearch {
    /// `None` for whatever they sing.
    pub lyric: Option<LyricSearch>,
    /// MIDI keys.
    pub keys: RangeInclusive<u8>,
    /// Ticks.
    pub lengths: RangeInclusive<Tick>,
    /// Only those that have this language of their own.
    pub language: Option<Language>,
    /// Only those whose lyric nobody can read.
    pub unreadable: bool,
}

impl NoteSearch {
    /// One that holds for every note of a track; `None` for a track without notes.
    pub fn of_all(track: &Track) -> Option<Self> {
        let keys = || track.notes.iter().map(|note| note.pitch);
        let lengths = || track.notes.iter().map(|note| note.length);
        Some(Self {
            lyric: None,
            keys: keys().min()?..=keys().max()?,
            lengths: lengths().min()?..=lengths().max()?,
            language: None,
            unreadable: false,
        })
    }

    fn holds(&self, note: &Note, reading: Option<&Reading>) -> bool {
        self.lyric.as_ref().is_none_or(|lyric| lyric.finds(&note.lyric))
            && self.keys.contains(&note.pitch)
            && self.lengths.contains(&note.length)
            && self.language.is_none_or(|language| note.language == Some(language))
            && (!self.unreadable || matches!(reading, Some(Reading::Unknown { .. })))
    }
}

impl Editor {
    /// The notes in whose lyric a text stands, track by track, in the active track or in all.
    pub fn find_lyrics(&self, search: &LyricSearch, everywhere: bool) -> Vec<(TrackId, Vec<NoteId>)> {
        let found = self.searched(everywhere).map(|track| {
            let notes = track.notes.iter().filter(|note| search.finds(&note.lyric));
            (track.id, notes.map(|note| note.id).collect::<Vec<_>>())
        });
        found.filter(|(_, notes)| !notes.is_empty()).collect()
    }

    /// Puts another text in the place of one that is looked for, in one step. How a lyric that becomes
    /// another was read and sung goes. Gives how many notes sing something else.
    ///
    /// # Errors
    /// Never: only notes that are there are changed.
    pub fn replace_lyrics(
        &mut self,
        search: &LyricSearch,
        by: &str,
        everywhere: bool,
    ) -> Result<usize, EditError> {
        let mut changed = 0;
        let by = by.trim();
        let commands = self.searched(everywhere).filter_map(|track| {
            let found = track.notes.iter().filter(|note| search.finds(&note.lyric));
            let other = found.filter_map(|note| {
                let lyric = search.replaced(&note.lyric, by);
                (lyric != note.lyric).then(|| sung_anew(note.clone(), &lyric))
            });
            let notes: Vec<Note> = other.collect();
            changed += notes.len();
            (!notes.is_empty()).then_some(Command::Note(NoteCommand::Change { track: track.id, notes }))
        });
        let commands: Vec<Command> = commands.collect();
        if changed > 0 {
            self.perform(&format!("replace-lyrics:{changed}"), Command::All(commands))?;
        }
        Ok(changed)
    }

    /// The active track, or all.
    fn searched(&self, everywhere: bool) -> impl Iterator<Item = &Track> {
        let active = self.active_track();
        self.project().tracks.iter().filter(move |track| everywhere || Some(track.id) == active)
    }

    /// The notes of the active track for which a search holds; `readings` are theirs, in their order.
    pub fn find_notes(&self, search: &NoteSearch, readings: &[Reading]) -> Vec<NoteId> {
        let notes = self.notes();
        let found = notes.iter().enumerate().filter(|(i, note)| search.holds(note, readings.get(*i)));
        found.map(|(_, note)| note.id).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::readings::Readings;
    use ziyin_score::Project;

    /// A track for each row of lyrics, each note a quarter longer than the one before; the first is active.
    fn editor(rows: &[&[&str]]) -> Editor {
        let mut editor = Editor::new(Project::default());
        for row in rows {
            editor.add_track("").unwrap();
            let mut onset = 0;
            for (i, lyric) in (1..).zip(*row) {
                editor.insert(onset, 960 * i, 59 + i as u8, lyric).unwrap();
                onset += 960 * i;
            }
        }
        let first = editor.project().tracks[0].id;
        editor.set_active_track(first);
        editor
    }

    fn lyrics(editor: &Editor, track: usize) -> Vec<String> {
        editor.project().tracks[track].notes.iter().map(|note| note.lyric.clone()).collect()
    }

    fn search(text: &str, whole: bool) -> LyricSearch {
        LyricSearch { text: text.into(), whole }
    }

    #[test]
    fn words_are_replaced_in_one_track_or_in_all_and_in_one_step() {
        let rows: [&[&str]; 2] = [&["la", "lala", "好", ""], &["la", "li"]];
        for (text, whole, everywhere, by, first, second, count) in [
            ("la", false, false, "na", ["na", "nana", "好", ""], ["la", "li"], 2),
            ("la", true, true, " na ", ["na", "lala", "好", ""], ["na", "li"], 2),
            ("", true, true, "la", ["la", "lala", "好", "la"], ["la", "li"], 1),
            ("", false, true, "la", ["la", "lala", "好", ""], ["la", "li"], 0),
            ("l", false, true, "", ["a", "aa", "好", ""], ["a", "i"], 4),
            ("la", false, true, "la", ["la", "lala", "好", ""], ["la", "li"], 0),
        ] {
            let mut editor = editor(&rows);
            let before = editor.project().clone();
            let steps = editor.history().undo_names().count();
            assert_eq!(editor.replace_lyrics(&search(text, whole), by, everywhere).unwrap(), count, "{text}");
            assert_eq!(
                (lyrics(&editor, 0), lyrics(&editor, 1)),
                (first.map(String::from).into(), second.map(String::from).into())
            );
            assert_eq!(editor.history().undo_names().count(), steps + usize::from(count > 0));
            if count > 0 {
                editor.undo().unwrap();
            }
            assert_eq!(editor.project(), &before);
        }
    }

    #[test]
    fn a_reading_that_was_chosen_for_another_lyric_goes() {
        let mut editor = editor(&[&["行", "行"]]);
        let first = editor.notes()[0].id;
        editor.set_pronunciation(first, Some("hang2")).unwrap();
        editor.replace_lyrics(&search("行", true), "星", false).unwrap();
        assert_eq!(editor.notes()[0].pronunciation, None);
    }

    #[test]
    fn notes_are_found_by_lyric_pitch_length_and_reading() {
        let editor = editor(&[&["好", "xyzzy", "好", "la"]]);
        let mut readings = Readings::default();
        let readings = readings.of(&editor);
        let all = NoteSearch::of_all(editor.active().unwrap()).unwrap();
        let found = |search: NoteSearch| {
            let found = editor.find_notes(&search, readings);
            (0..4).filter(|&i| found.contains(&editor.notes()[i].id)).collect::<Vec<_>>()
        };
        assert_eq!(found(all.clone()), [0, 1, 2, 3]);
        assert_eq!(found(NoteSearch { lyric: Some(search("好", false)), ..all.clone() }), [0, 2]);
        assert_eq!(found(NoteSearch { keys: 61..=62, ..all.clone() }), [1, 2]);
        assert_eq!(found(NoteSearch { lengths: 0..=960, ..all.clone() }), [0]);
        assert_eq!(found(NoteSearch { unreadable: true, ..all.clone() }), [1]);
        assert_eq!(found(NoteSearch { lyric: Some(search("好", true)), lengths: 961..=9600, ..all }), [2]);
        assert_eq!(NoteSearch::of_all(&Track::new(TrackId(9), "")), None);
    }
}
