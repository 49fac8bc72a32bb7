//! Words onto notes.

use super::document::Editor;
use super::notes::one_lyric;
use ziyin_lyrics::{Language, LyricInput, REST, TrackLanguage, split_into_syllables, track_language};
use ziyin_score::{Articulation, Command, EditError, Note, NoteCommand, NoteId, Track};

/// What a note sings that nobody has given a lyric yet, by languages.
const FIRST_LYRICS: [&str; 3] = ["la", "ら", "라"];

/// What became of a lyric that was typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Typed {
    /// Notes that it went onto.
    pub notes: usize,
    /// Syllables that share the last of them.
    pub shared: usize,
}

/// What a note sings that nobody has given a lyric yet, in the language of the track: one
/// without a lyric would be a rest.
pub(super) fn first_lyric(track: &Track) -> &'static str {
    let guess = || track_language(track.notes.iter().map(|note| note.lyric.as_str()));
    match track.language.unwrap_or_else(guess) {
        Language::Mandarin | Language::English => FIRST_LYRICS[0],
        Language::Japanese => FIRST_LYRICS[1],
        Language::Korean => FIRST_LYRICS[2],
    }
}

impl Editor {
    /// Gives one note a lyric. A pronunciation that was chosen for another goes.
    ///
    /// # Errors
    /// If the active track has no such note.
    pub fn set_lyric(&mut self, id: NoteId, lyric: &str) -> Result<(), EditError> {
        let Some(note) = self.notes().get(id).cloned() else { return Ok(()) };
        if note.lyric == lyric {
            return Ok(());
        }
        self.change("type-lyric", vec![sung_anew(note, lyric)])
    }

    /// The language that the hanzi of a text for a note are in, where the text does not say so itself:
    /// that of the line which the note is in.
    fn language_of_text(&self, id: NoteId, text: &str) -> Option<Language> {
        let track = self.active()?;
        let own = track.notes.get(id).and_then(|note| note.language);
        if own.is_some() {
            return own;
        }
        // Where kana stand in it each of its lines says what it is.
        if track.language.is_some() || text.is_ascii() || text.chars().any(|c| ('ぁ'..='ヺ').contains(&c)) {
            return track.language;
        }
        let seconds = |tick| self.project().tempo.seconds(tick);
        let mut end = f64::NEG_INFINITY;
        let inputs: Vec<LyricInput> = (track.notes.iter())
            .map(|note| {
                let after_rest = seconds(note.onset) - end > REST;
                end = seconds(note.end());
                let lyric = if note.id == id { text } else { &note.lyric };
                LyricInput { lyric, after_rest, language: note.language, ..LyricInput::default() }
            })
            .collect();
        let at = track.notes.iter().position(|note| note.id == id)?;
        TrackLanguage::of(&inputs, None).of_notes(&inputs).get(at).copied()
    }

    /// Gives a note the lyric that was typed for it. Of several syllables each goes on to the next note as
    /// long as that has no lyric of its own; the rest shares the last of these notes.
    ///
    /// # Errors
    /// If the active track has no such note.
    pub fn type_lyric(&mut self, id: NoteId, text: &str) -> Result<Typed, EditError> {
        let (text, notes) = (text.trim(), self.notes());
        let syllables = split_into_syllables(text, self.language_of_text(id, text));
        let at = notes.iter().position(|note| note.id == id);
        let mut typed = Typed { notes: 1, shared: syllables.len().max(1) };
        let Some(at) = at.filter(|_| syllables.len() > 1 && !is_one_word(text)) else {
            typed.shared = 1;
            self.set_lyric(id, text)?;
            return Ok(typed);
        };
        typed.notes += notes[at + 1..].iter().take_while(|note| is_unwritten(note)).count();
        typed.notes = typed.notes.min(syllables.len());
        typed.shared = syllables.len() + 1 - typed.notes;
        if typed.notes == 1 {
            self.set_lyric(id, text)?;
            return Ok(typed);
        }
        let last = one_lyric(syllables[typed.notes - 1..].iter().map(String::as_str));
        let lyrics = syllables[..typed.notes - 1].iter().cloned().chain([last]);
        let changed = notes[at..].iter().zip(lyrics);
        let changed = changed.map(|(note, lyric)| sung_anew(note.clone(), &lyric)).collect();
        self.change("spread-lyrics", changed)?;
        Ok(typed)
    }

    /// Chooses how the lyric of a note is read; nothing for the usual reading.
    ///
    /// # Errors
    /// If the active track has no such note.
    pub fn set_pronunciation(&mut self, id: NoteId, pinyin: Option<&str>) -> Result<(), EditError> {
        let Some(note) = self.notes().get(id).cloned() else { return Ok(()) };
        self.change("choose-reading", vec![Note { pronunciation: pinyin.map(Into::into), ..note }])
    }

    /// Lays the syllables of a text on the selected notes, one on each, whatever they sing. Gives how many
    /// syllables found no note.
    ///
    /// # Errors
    /// None that a selection can cause.
    pub fn spread_lyrics(&mut self, text: &str) -> Result<usize, EditError> {
        let first = self.selected_notes().first().map(|note| note.id);
        let syllables = split_into_syllables(text, first.and_then(|id| self.language_of_text(id, text)));
        let changed: Vec<Note> = (self.selected_notes().into_iter().zip(&syllables))
            .map(|(note, lyric)| sung_anew(note, lyric))
            .collect();
        let left = syllables.len().saturating_sub(changed.len());
        if !changed.is_empty() {
            self.change("spread-lyrics", changed)?;
        }
        Ok(left)
    }

    /// Sings a character of a note, counted from 0, in a way of its own.
    ///
    /// # Errors
    /// If a value is out of range.
    pub fn articulate(
        &mut self,
        step: &str,
        id: NoteId,
        character: usize,
        articulation: Articulation,
    ) -> Result<(), EditError> {
        let Some(note) = self.notes().get(id).cloned() else { return Ok(()) };
        self.change(step, vec![note.with_articulation(character, articulation)])
    }

    /// Leaves the sounds of the selected notes to the singer.
    ///
    /// # Errors
    /// Never, as long as the selection is of the active track.
    pub fn reset_phonemes(&mut self) -> Result<(), EditError> {
        self.change_selected("reset-phonemes", |note| Note { articulations: Vec::new(), ..note })
    }

    /// Puts changed notes in the place of those with the same ids.
    ///
    /// # Errors
    /// If the active track has no such notes, or a value is out of range.
    pub fn change(&mut self, step: &str, notes: Vec<Note>) -> Result<(), EditError> {
        let Some(track) = self.active_track() else { return Ok(()) };
        if notes.is_empty() {
            return Ok(());
        }
        self.perform(step, Command::Note(NoteCommand::Change { track, notes }))
    }
}

/// A note with another lyric: how the one before was read and sung goes.
pub(super) fn sung_anew(note: Note, lyric: &str) -> Note {
    Note { lyric: lyric.into(), pronunciation: None, articulations: Vec::new(), ..note }
}

/// Whether nobody has given a note a lyric.
fn is_unwritten(note: &Note) -> bool {
    note.lyric.trim().is_empty() || FIRST_LYRICS.contains(&note.lyric.as_str())
}

/// 花儿 on one note is one syllable; so is a word whose erhua was written out.
fn is_one_word(text: &str) -> bool {
    text.chars().count() == 2 && text.ends_with('儿')
}

#[cfg(test)]
mod tests {
    use super::*;
    use ziyin_score::Project;

    fn editor(lyrics: &[&str]) -> Editor {
        let mut editor = Editor::new(Project::default());
        for (i, lyric) in (0..).zip(lyrics) {
            editor.insert(i * 960, 960, 60, lyric).unwrap();
        }
        editor
    }

    fn lyrics(editor: &Editor) -> Vec<String> {
        editor.notes().iter().map(|note| note.lyric.clone()).collect()
    }

    #[test]
    fn a_second_syllable_goes_on_to_a_note_without_lyric_and_never_takes_the_place_of_one() {
        for (before, text, after, typed) in [
            (["我", "爱", "你", "-"], "你好", ["你好", "爱", "你", "-"], (1, 2)),
            (["我", "", "la", "你"], "你好吗", ["你", "好", "吗", "你"], (3, 1)),
            (["我", "", "你", "-"], "ni hao ma", ["ni", "hao ma", "你", "-"], (2, 2)),
            (["la", "la", "la", "la"], "你好", ["你", "好", "la", "la"], (2, 1)),
            (["我", "-", "", ""], "你好", ["你好", "-", "", ""], (1, 2)),
            (["我", "", "", ""], "花儿", ["花儿", "", "", ""], (1, 1)),
            (["", "", "", "が"], "時計", ["時", "計", "+", "が"], (3, 1)),
            (["", "", "", ""], "今日は", ["今日", "+", "は", ""], (3, 1)),
            (["我", "", "", ""], " 好 ", ["好", "", "", ""], (1, 1)),
            (["我", "", "", ""], "", ["", "", "", ""], (1, 1)),
        ] {
            let mut editor = editor(&before);
            let first = editor.notes()[0].id;
            let (notes, shared) = typed;
            assert_eq!(editor.type_lyric(first, text).unwrap(), Typed { notes, shared }, "{text}");
            assert_eq!(lyrics(&editor), after, "{text}");
            editor.undo().unwrap();
            assert_eq!(lyrics(&editor), before, "it is one step");
        }
    }

    #[test]
    fn the_last_note_takes_what_is_left() {
        let mut editor = editor(&["我", ""]);
        let last = editor.notes()[1].id;
        assert_eq!(editor.type_lyric(last, "一朵花").unwrap(), Typed { notes: 1, shared: 3 });
        assert_eq!(lyrics(&editor), ["我", "一朵花"]);
    }
}
