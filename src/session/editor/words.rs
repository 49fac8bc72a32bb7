//! Words that wait for notes: written ahead, they go onto the notes that are drawn or recorded next, in
//! order.

use super::document::Editor;
use super::lyrics::first_lyric;
use super::notes::append_lyric;
use ziyin_lyrics::split_into_syllables;
use ziyin_score::{
    Command, EditError, Note, NoteCommand, NoteId, Tick, Track, TrackCommand, TrackField, TrackId,
};

/// Words that wait at most: more than any song has.
const MOST: usize = 20_000;

/// Words that are shown of those that wait: as many as anybody sees at once.
const SHOWN: usize = 60;

/// Where a note is to be: onset, length and pitch.
pub type Place = (Tick, Tick, u8);

/// What puts new notes into a track, with the words that wait there, and where none are left with what a note
/// sings that nobody has given a lyric yet; and the ids that the notes get.
pub fn new_notes(track: &Track, places: &[Place]) -> (Command, Vec<NoteId>) {
    let usual = first_lyric(track);
    let mut words = track.words.iter();
    let free = track.notes.next_id().0;
    let note = |(&(onset, length, pitch), id)| {
        let lyric = words.next().map_or(usual, String::as_str);
        Note::new(NoteId(id), onset, length, pitch, lyric)
    };
    let notes: Vec<Note> = places.iter().zip(free..).map(note).collect();
    let ids = notes.iter().map(|note| note.id).collect();
    let insert = Command::Note(NoteCommand::Insert { track: track.id, notes });
    if track.words.is_empty() {
        return (insert, ids);
    }
    let left = words.cloned().collect();
    (Command::All(vec![insert, set(track.id, left)]), ids)
}

/// What lets the words of a text wait in a track, one for each note to come, in the place of those that wait.
pub fn let_wait(track: TrackId, text: &str) -> Command {
    set(track, split_into_syllables(text, None).into_iter().take(MOST).collect())
}

fn set(track: TrackId, words: Vec<String>) -> Command {
    Command::Track(TrackCommand::Set { track, field: TrackField::Words(words) })
}

/// The first of the words that wait as one text, which is shown of them.
pub fn first_in_one(words: &[String]) -> String {
    in_one(&words[..words.len().min(SHOWN)])
}

/// Words that wait as one text, which is cut into the same again.
pub fn in_one(words: &[String]) -> String {
    let mut whole = Vec::new();
    let mut rest = words;
    while let [word, after @ ..] = rest {
        // A word of English has brought its further syllables along.
        let cut = split_into_syllables(word, None);
        let own = cut.get(1..).filter(|own| cut[0] == *word && after.starts_with(own));
        whole.push(word.as_str());
        rest = &after[own.map_or(0, <[String]>::len)..];
    }
    // Signs by themselves would run into each other, as letters do.
    let mut text = String::new();
    for word in whole {
        let is_sign = |c: char| !c.is_alphanumeric();
        if text.ends_with(is_sign) || word.starts_with(is_sign) && !text.is_empty() {
            text.push(' ');
        }
        append_lyric(&mut text, word);
    }
    text
}

impl Editor {
    /// Adds a note to the active track, making one if there is none, and selects it. It gets the first of the
    /// words that wait.
    ///
    /// # Errors
    /// If it would lie outside the song.
    pub fn draw(&mut self, onset: Tick, length: Tick, pitch: u8) -> Result<NoteId, EditError> {
        if self.active().is_none() {
            self.add_track("Track 1")?;
        }
        let Some(track) = self.active() else { return Ok(NoteId(0)) };
        let (command, ids) = new_notes(track, &[(onset, length, pitch)]);
        self.perform("draw-note", command)?;
        self.select(ids.iter().copied());
        Ok(ids.first().copied().unwrap_or(NoteId(0)))
    }

    /// Lets the words of a text wait for notes of the active track, making one if there is none; they take
    /// the place of those that wait. Gives how many there are.
    ///
    /// # Errors
    /// None.
    pub fn let_words_wait(&mut self, text: &str) -> Result<usize, EditError> {
        if self.active().is_none() {
            self.add_track("Track 1")?;
        }
        let Some(track) = self.active_track() else { return Ok(0) };
        self.perform("words-to-come", let_wait(track, text))?;
        Ok(self.active().map_or(0, |track| track.words.len()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ziyin_lyrics::Language;
    use ziyin_score::Project;

    fn lyrics(editor: &Editor) -> Vec<String> {
        editor.notes().iter().map(|note| note.lyric.clone()).collect()
    }

    #[test]
    fn notes_that_are_drawn_take_the_words_in_order_and_undo_gives_them_back() {
        let mut editor = Editor::new(Project::default());
        assert_eq!(editor.let_words_wait("好一\n朵, mo4li").unwrap(), 5);
        for onset in 0..6 {
            editor.draw(960 * onset, 480, 60).unwrap();
        }
        assert_eq!(lyrics(&editor), ["好", "一", "朵", "mo4", "li", "la"]);
        assert!(editor.active().unwrap().words.is_empty());
        for _ in 0..3 {
            editor.undo().unwrap();
        }
        assert_eq!(editor.active().unwrap().words, ["mo4", "li"]);
        // Another text takes their place, and none takes them away.
        assert_eq!(editor.let_words_wait("花 -").unwrap(), 2);
        editor.draw(9600, 480, 60).unwrap();
        assert_eq!(editor.active().unwrap().words, ["-"]);
        assert_eq!(editor.let_words_wait(" ").unwrap(), 0);
        let long = "la ".repeat(MOST + 5);
        assert_eq!(editor.let_words_wait(&long).unwrap(), MOST);
    }

    #[test]
    fn without_words_it_is_the_syllable_of_the_language() {
        let track = |language| Track { language: Some(language), ..Track::new(TrackId(1), "voice") };
        let lyric = |track: &Track| {
            let mut project = Project { tracks: vec![track.clone()], ..Project::default() };
            new_notes(track, &[(0, 480, 60)]).0.apply(&mut project).unwrap();
            project.tracks[0].notes[0].lyric.clone()
        };
        assert_eq!(lyric(&track(Language::Mandarin)), "la");
        assert_eq!(lyric(&track(Language::Japanese)), "ら");
    }

    #[test]
    fn as_one_text_they_are_cut_into_the_same() {
        for text in
            ["好一朵, mo4li hua -", "hello world", "yesterday - all my troubles", "さくら+ー", "- - +", ""]
        {
            let words = split_into_syllables(text, None);
            assert_eq!(split_into_syllables(&in_one(&words), None), words, "{text}: {}", in_one(&words));
        }
        // What was taken of a word leaves its rest.
        let words = split_into_syllables("hello world", None);
        assert_eq!(words, ["hello", "+", "world"]);
        assert_eq!(in_one(&words), "hello world");
        assert_eq!(split_into_syllables(&in_one(&words[1..]), None), words[1..]);
    }
}
