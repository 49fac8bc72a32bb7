//! Notes that are played while the song goes by: those of a pass are one step.

use super::document::{Editor, Recorded};
use super::words::{Place, new_notes};
use ziyin_score::{Command, EditError, Project};

impl Editor {
    /// Adds a note that was played to the active track, making one if there is none. It gets the next of the
    /// words that wait. Notes of the same pass are one step, as long as nothing else was done in between.
    ///
    /// # Errors
    /// If it would lie outside the song.
    pub fn record(&mut self, place: Place, pass: u64) -> Result<(), EditError> {
        if self.active().is_none() {
            self.add_track("Track 1")?;
        }
        let Some(track) = self.active_track() else { return Ok(()) };
        let revision = self.revision();
        let is_same = |last: &Recorded| (last.pass, last.track, last.revision) == (pass, track, revision);
        let before = self.recorded.take().filter(is_same);
        let goes_on = before.is_some();
        let mut places = before.map(|before| before.places).unwrap_or_default();
        places.push(place);
        let name = format!("record-notes:{}", places.len());
        let made = |project: &Project| -> Result<Command, EditError> {
            let own = project.track(track).ok_or(EditError::NoTrack(track))?;
            Ok(new_notes(own, &places).0)
        };
        if goes_on {
            self.perform_instead(&name, made)?;
        } else {
            let first = made(self.project())?;
            self.perform(&name, first)?;
        }
        self.recorded = Some(Recorded { pass, track, places, revision: self.revision() });
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_played_in_a_pass_is_one_step_and_takes_the_words_that_wait() {
        let mut editor = Editor::new(Project::default());
        editor.let_words_wait("好一").unwrap();
        let before = editor.project().clone();
        for onset in 0..3 {
            editor.record((960 * onset, 480, 60 + onset as u8), 1).unwrap();
        }
        let sung = |editor: &Editor| -> Vec<(u8, String)> {
            editor.notes().iter().map(|note| (note.pitch, note.lyric.clone())).collect()
        };
        assert_eq!(sung(&editor), [(60, "好".into()), (61, "一".into()), (62, "la".into())]);
        editor.record((9600, 480, 70), 2).unwrap();
        let steps: Vec<&str> = editor.history().undo_names().collect();
        assert_eq!(steps[steps.len() - 2..], ["record-notes:3", "record-notes:1"]);
        editor.undo().unwrap();
        // What is done in between parts a pass.
        editor.record((10_560, 480, 71), 2).unwrap();
        assert_eq!(editor.history().undo_name(), Some("record-notes:1"));
        editor.undo().unwrap();
        editor.undo().unwrap();
        assert_eq!(editor.project(), &before);
        assert!(editor.record((-5, 480, 71), 3).is_err());
        assert_eq!(editor.project(), &before);
    }
}
