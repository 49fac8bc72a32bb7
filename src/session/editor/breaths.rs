//! Breaths where singers take them: before a phrase that a rest leaves room before.

use super::document::Editor;
use ziyin_score::{Command, EditError, Note, NoteCommand, NoteId};

/// Seconds of rest before a phrase that leave room for a breath.
const ROOM: f64 = 0.4;
/// Seconds that a breath takes at most, and what part of the rest.
const LONGEST: f64 = 0.5;
const PART: f64 = 0.6;
/// Seconds before the phrase at which it has ended: its first consonant begins there.
const BEFORE: f64 = 0.1;

impl Editor {
    /// Puts a breath before each phrase of the active track that a rest leaves room before; where notes are
    /// selected, before those of them that begin a phrase. Gives how many.
    ///
    /// # Errors
    /// Never: a breath lies between notes.
    pub fn add_breaths(&mut self) -> Result<usize, EditError> {
        let Some(track) = self.active() else { return Ok(0) };
        let (id, tempo) = (track.id, &self.project().tempo);
        let mut next = track.notes.next_id().0;
        let (mut breaths, mut silent_from, mut breathed) = (Vec::new(), 0.0f64, false);
        for note in track.notes.iter() {
            if note.muted || note.lyric.is_empty() || note.lyric == "R" {
                continue;
            }
            let (onset, end) = (tempo.seconds(note.onset), tempo.seconds(note.end()));
            let rest = onset - silent_from;
            let is_breath = note.lyric.eq_ignore_ascii_case("br");
            let chosen = self.selection().is_empty() || self.selection().contains(&note.id);
            if rest >= ROOM && chosen && !is_breath && !breathed {
                let stop = tempo.tick(onset - BEFORE);
                let start = tempo.tick(onset - BEFORE - LONGEST.min(PART * rest).min(rest - BEFORE));
                if start >= 0 && stop > start {
                    breaths.push(Note::new(NoteId(next), start, stop - start, note.pitch, "br"));
                    next += 1;
                }
            }
            silent_from = silent_from.max(end);
            breathed = is_breath;
        }
        let count = breaths.len();
        if count > 0 {
            self.perform("add-breaths", Command::Note(NoteCommand::Insert { track: id, notes: breaths }))?;
        }
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ziyin_score::{Project, TICKS_PER_QUARTER, Tick};

    const Q: Tick = TICKS_PER_QUARTER;

    fn lyrics(editor: &Editor) -> String {
        editor.notes().iter().map(|note| note.lyric.as_str()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_breath_stands_before_each_phrase_that_has_room_for_one() {
        let mut editor = Editor::new(Project::default());
        // Half a second to the quarter: rests of a second, of none, of a quarter of a second, of a second.
        for (at, lyric) in [(2 * Q, "我"), (3 * Q, "爱"), (4 * Q + Q / 2, "你"), (7 * Q, "妈"), (8 * Q, "妈")]
        {
            editor.insert(at, Q, 60, lyric).unwrap();
        }
        editor.select([]);
        let before = editor.project().clone();
        assert_eq!(editor.add_breaths(), Ok(2));
        assert_eq!(lyrics(&editor), "br 我 爱 你 br 妈 妈");
        for pair in editor.notes().windows(2).filter(|pair| pair[0].lyric == "br") {
            let tempo = &editor.project().tempo;
            let seconds = |tick| tempo.seconds(tick);
            assert!((seconds(pair[1].onset) - seconds(pair[0].end()) - BEFORE).abs() < 2e-3);
            assert!((0.3..=0.51).contains(&(seconds(pair[0].end()) - seconds(pair[0].onset))));
        }
        assert_eq!(editor.add_breaths(), Ok(0), "who has breathed does not again");
        editor.undo().unwrap();
        assert_eq!(editor.project(), &before);
        let last = editor.notes()[3].id;
        editor.select([last]);
        assert_eq!(editor.add_breaths(), Ok(1));
        assert_eq!(lyrics(&editor), "我 爱 你 br 妈 妈");
    }
}
