//! Tracks that lists and lanes leave out. They are heard all the same, and the one that is edited is seen in any
//! case.

use super::document::Editor;
use super::folders::Row;
use ziyin_score::{Command, EditError, Track, TrackCommand, TrackField, TrackId};

impl Editor {
    /// Tells of tracks whether lists and lanes have them.
    pub(super) fn seen(&self) -> impl Fn(&Track) -> bool {
        let (shut, active) = (self.shut_folders(), self.active_track());
        move |track| {
            let is_shut = track.folder.as_deref().is_some_and(|folder| shut.contains(folder));
            !track.hidden && !is_shut || active == Some(track.id)
        }
    }

    /// Copies of the tracks that lists and lanes have, in the order in which they stand there, which share their
    /// notes with the song.
    pub fn seen_tracks(&self) -> Vec<Track> {
        let track = |row| match row {
            Row::Track(track) => Some(track),
            Row::Folder(_) => None,
        };
        self.rows().into_iter().filter_map(track).collect()
    }

    /// How many tracks are hidden.
    pub fn unseen_count(&self) -> usize {
        let active = self.active_track();
        self.project().tracks.iter().filter(|track| track.hidden && active != Some(track.id)).count()
    }

    /// The track that is edited in the place of another while that is hidden: the next that is seen, or the one
    /// before.
    fn neighbour(&self, id: TrackId) -> Option<TrackId> {
        let tracks = &self.project().tracks;
        let place = tracks.iter().position(|track| track.id == id)?;
        let mut near = tracks[place + 1..].iter().chain(tracks[..place].iter().rev());
        near.find(|track| !track.hidden).map(|track| track.id)
    }

    /// Whether a track can be hidden: another is seen then.
    pub fn can_hide(&self, id: TrackId) -> bool {
        self.project().track(id).is_some_and(|track| !track.hidden) && self.neighbour(id).is_some()
    }

    /// Hides a track, or lets it be seen again; of the last that is seen nothing is hidden.
    ///
    /// # Errors
    /// If there is no such track.
    pub fn set_hidden(&mut self, id: TrackId, hidden: bool) -> Result<(), EditError> {
        let step = if hidden { "hide-track" } else { "show-tracks" };
        let next = self.neighbour(id);
        if hidden && next.is_none() {
            return Ok(());
        }
        self.perform(step, set(id, hidden))?;
        if let (true, Some(next)) = (hidden, next) {
            self.leave(id, next);
        }
        Ok(())
    }

    /// Lets all tracks be seen.
    ///
    /// # Errors
    /// Never: the tracks are there.
    pub fn show_all_tracks(&mut self) -> Result<(), EditError> {
        let hidden = self.project().tracks.iter().filter(|track| track.hidden);
        let commands: Vec<Command> = hidden.map(|track| set(track.id, false)).collect();
        if commands.is_empty() {
            return Ok(());
        }
        self.perform("show-tracks", Command::All(commands))
    }
}

fn set(track: TrackId, hidden: bool) -> Command {
    Command::Track(TrackCommand::Set { track, field: TrackField::Hidden(hidden) })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use ziyin_score::{Note, NoteId, Notes, Project};

    fn editor() -> Editor {
        let track = |id: u64| Track {
            notes: Notes::new(vec![Note::new(NoteId(1), 0, 960, 60, "la")]),
            ..Track::new(TrackId(id), format!("{id}"))
        };
        Editor::new(Project { tracks: (1..4).map(track).collect(), ..Project::default() })
    }

    fn seen(editor: &Editor) -> Vec<u64> {
        editor.seen_tracks().iter().map(|track| track.id.0).collect()
    }

    #[test]
    fn another_track_is_edited_while_one_is_hidden_and_undo_leads_back() {
        let mut editor = editor();
        editor.set_active_track(TrackId(2));
        editor.set_hidden(TrackId(2), true).unwrap();
        assert_eq!((seen(&editor), editor.active_track()), (vec![1, 3], Some(TrackId(3))));
        editor.set_hidden(TrackId(3), true).unwrap();
        assert_eq!((seen(&editor), editor.active_track()), (vec![1], Some(TrackId(1))));
        assert!(!editor.can_hide(TrackId(1)));
        editor.set_hidden(TrackId(1), true).unwrap();
        assert_eq!((editor.unseen_count(), editor.history().undo_names().count()), (2, 2));
        editor.undo().unwrap();
        assert_eq!((seen(&editor), editor.active_track()), (vec![1, 3], Some(TrackId(3))));
        // One that is opened is seen as long as it is open.
        editor.set_active_track(TrackId(2));
        assert_eq!((seen(&editor), editor.unseen_count()), (vec![1, 2, 3], 0));
        editor.set_active_track(TrackId(1));
        assert_eq!(editor.unseen_count(), 1);
        editor.show_all_tracks().unwrap();
        assert_eq!(
            (seen(&editor), editor.project().tracks.iter().any(|track| track.hidden)),
            (vec![1, 2, 3], false)
        );
        editor.undo().unwrap();
        assert_eq!(editor.unseen_count(), 1);
        editor.set_hidden(TrackId(2), false).unwrap();
        assert_eq!(editor.unseen_count(), 0);
    }

    #[test]
    fn what_is_selected_is_seen() {
        let mut editor = editor();
        editor.select_everything();
        editor.set_hidden(TrackId(2), true).unwrap();
        let selected = |editor: &Editor| -> BTreeSet<u64> {
            editor.selected().iter().map(|(track, _)| track.0).collect()
        };
        assert_eq!(selected(&editor), [1, 3].into());
        editor.select_everything();
        assert_eq!(selected(&editor), [1, 3].into());
    }
}
