//! Folders of tracks. A folder is nothing but a name that tracks have in common: it comes with the first of them
//! and goes with the last, and what lies in it stands together wherever tracks are listed. One that is shut is
//! one row; what lies in it is heard all the same, and the track that is edited is seen in any case.

use super::document::Editor;
use ziyin_score::{Command, EditError, Track, TrackCommand, TrackField, TrackId};

/// A folder as lists show it.
#[derive(Clone, Debug, PartialEq)]
pub struct Folder {
    pub name: String,
    /// Whether it is shut.
    pub folded: bool,
    /// What lies in it, in the order of the song.
    pub tracks: Vec<TrackId>,
    /// Whether all of it is muted.
    pub mute: bool,
    /// Whether all of it has its solo on.
    pub solo: bool,
}

/// A row where tracks are listed.
#[derive(Clone, Debug, PartialEq)]
pub enum Row {
    Folder(Folder),
    Track(Track),
}

impl Editor {
    /// What lists and lanes have, one below the other: a folder stands where its first track does, with all its
    /// tracks behind it. Tracks are copies, which share their notes with the song.
    pub fn rows(&self) -> Vec<Row> {
        let folders = self.folders();
        let mut rows = Vec::with_capacity(self.project().tracks.len() + folders.len());
        for track in &self.project().tracks {
            let Some(name) = &track.folder else {
                rows.extend(self.is_seen(track).then(|| Row::Track(track.clone())));
                continue;
            };
            let Some(folder) = folders.iter().find(|folder| folder.tracks.first() == Some(&track.id)) else {
                continue;
            };
            let own = self.project().tracks.iter().filter(|track| track.folder.as_ref() == Some(name));
            if own.clone().all(|track| track.hidden && !self.is_seen(track)) {
                continue;
            }
            rows.push(Row::Folder(folder.clone()));
            rows.extend(own.filter(|track| self.is_seen(track)).cloned().map(Row::Track));
        }
        rows
    }

    /// The folders of the song, in the order of their first tracks.
    pub fn folders(&self) -> Vec<Folder> {
        let mut folders: Vec<Folder> = Vec::new();
        for track in &self.project().tracks {
            let Some(name) = &track.folder else { continue };
            let known = folders.iter().position(|folder| folder.name == *name);
            let place = known.unwrap_or_else(|| {
                let (name, tracks) = (name.clone(), Vec::new());
                folders.push(Folder { name, folded: track.folded, tracks, mute: true, solo: true });
                folders.len() - 1
            });
            let folder = &mut folders[place];
            folder.tracks.push(track.id);
            folder.mute &= track.mute;
            folder.solo &= track.solo;
        }
        folders
    }

    /// Whether a track is out of sight because its folder is shut.
    pub(super) fn is_folded(&self, track: &Track) -> bool {
        // The first of a folder says how it stands: others may come from elsewhere.
        let first =
            |name: &String| self.project().tracks.iter().find(|one| one.folder.as_ref() == Some(name));
        track.folder.as_ref().and_then(first).is_some_and(|first| first.folded)
    }

    /// Puts a track into the folder of that name, behind what lies in it; `None` takes it out, and leaves it
    /// behind what stays there. Without a name there is no folder.
    ///
    /// # Errors
    /// If there is no such track.
    pub fn put_in_folder(&mut self, id: TrackId, name: Option<&str>) -> Result<(), EditError> {
        let track = self.project().track(id).ok_or(EditError::NoTrack(id))?;
        let name = name.map(str::trim).filter(|name| !name.is_empty());
        if track.folder.as_deref() == name {
            return Ok(());
        }
        let tracks = &self.project().tracks;
        let in_folder = |folder: Option<&str>| {
            tracks
                .iter()
                .rposition(|track| folder.is_some() && track.folder.as_deref() == folder && track.id != id)
        };
        let place = tracks.iter().position(|track| track.id == id).unwrap_or(0);
        let last = in_folder(name).or_else(|| in_folder(track.folder.as_deref()));
        // What is taken out moves what comes behind it up by one.
        let index = last.map_or(place, |last| if place < last { last } else { last + 1 });
        let folded = in_folder(name).is_some_and(|last| tracks[last].folded);
        let mut commands =
            vec![set(id, TrackField::Folder(name.map(str::to_string))), set(id, TrackField::Folded(folded))];
        if index != place {
            commands.push(Command::Track(TrackCommand::Reorder { track: id, index }));
        }
        self.perform("folder-track", Command::All(commands))
    }

    /// Shuts a folder, or opens it.
    ///
    /// # Errors
    /// Never: its tracks are there.
    pub fn set_folded(&mut self, name: &str, folded: bool) -> Result<(), EditError> {
        let step = if folded { "shut-folder" } else { "open-folder" };
        self.set_in_folder(step, name, |_| TrackField::Folded(folded))
    }

    /// Gives a folder another name; that of another makes one of both. Without a name it stays as it is.
    ///
    /// # Errors
    /// Never: its tracks are there.
    pub fn rename_folder(&mut self, name: &str, to: &str) -> Result<(), EditError> {
        let to = to.trim();
        if to.is_empty() || to == name {
            return Ok(());
        }
        self.set_in_folder("rename-folder", name, |_| TrackField::Folder(Some(to.to_string())))
    }

    /// Mutes all that lies in a folder, or nothing of it.
    ///
    /// # Errors
    /// Never: its tracks are there.
    pub fn mute_folder(&mut self, name: &str, mute: bool) -> Result<(), EditError> {
        self.set_in_folder("mute-folder", name, |_| TrackField::Mute(mute))
    }

    /// Lets all that lies in a folder be heard alone, or no longer.
    ///
    /// # Errors
    /// Never: its tracks are there.
    pub fn solo_folder(&mut self, name: &str, solo: bool) -> Result<(), EditError> {
        self.set_in_folder("solo-folder", name, |_| TrackField::Solo(solo))
    }

    fn set_in_folder(
        &mut self,
        step: &str,
        name: &str,
        field: impl Fn(&Track) -> TrackField,
    ) -> Result<(), EditError> {
        let own = self.project().tracks.iter().filter(|track| track.folder.as_deref() == Some(name));
        let commands = own.map(|track| set(track.id, field(track))).collect();
        self.perform(step, Command::All(commands))
    }

    /// A name that no folder has.
    pub fn free_folder_name(&self, name: impl Fn(usize) -> String) -> String {
        let folders = self.folders();
        let is_free = |name: &String| folders.iter().all(|folder| folder.name != *name);
        // One more than there are is always free.
        (1..=folders.len() + 1).map(&name).find(is_free).unwrap_or_else(|| name(folders.len() + 1))
    }
}

fn set(track: TrackId, field: TrackField) -> Command {
    Command::Track(TrackCommand::Set { track, field })
}

#[cfg(test)]
mod tests {
    use super::*;
    use ziyin_score::Project;

    fn editor() -> Editor {
        let tracks = (1..6).map(|id| Track::new(TrackId(id), format!("{id}"))).collect();
        Editor::new(Project { tracks, ..Project::default() })
    }

    fn listed(editor: &Editor) -> Vec<String> {
        let name = |row: Row| match row {
            Row::Folder(folder) => format!("[{}]", folder.name),
            Row::Track(track) => track.name,
        };
        editor.rows().into_iter().map(name).collect()
    }

    #[test]
    fn tracks_of_a_folder_stand_together_and_it_is_shut_muted_and_renamed_in_one_step_each() {
        let mut editor = editor();
        let before = editor.project().clone();
        editor.put_in_folder(TrackId(4), Some("choir")).unwrap();
        editor.put_in_folder(TrackId(2), Some(" choir ")).unwrap();
        assert_eq!(listed(&editor), ["1", "3", "[choir]", "4", "2", "5"]);
        editor.put_in_folder(TrackId(5), Some("choir")).unwrap();
        assert_eq!(listed(&editor), ["1", "3", "[choir]", "4", "2", "5"]);
        editor.mute_folder("choir", true).unwrap();
        editor.solo_folder("choir", true).unwrap();
        editor.rename_folder("choir", "strings").unwrap();
        editor.set_folded("strings", true).unwrap();
        assert_eq!(listed(&editor), ["1", "3", "[strings]"]);
        let folder = editor.folders().remove(0);
        assert!(folder.folded && folder.mute && folder.solo && folder.tracks.len() == 3);
        assert_eq!(editor.unseen_count(), 0, "what is shut is not hidden");
        // The one that is edited is seen.
        editor.set_active_track(TrackId(2));
        assert_eq!(listed(&editor), ["1", "3", "[strings]", "2"]);
        // One that comes into a folder that is shut is shut with it.
        editor.put_in_folder(TrackId(1), Some("strings")).unwrap();
        assert_eq!(listed(&editor), ["3", "[strings]", "2"]);
        editor.put_in_folder(TrackId(2), None).unwrap();
        assert_eq!(listed(&editor), ["3", "[strings]", "2"]);
        assert!(editor.project().track(TrackId(2)).unwrap().folder.is_none());
        assert_eq!(editor.history().undo_names().count(), 9);
        while editor.undo().unwrap().is_some() {}
        assert_eq!(editor.project(), &before);
    }

    #[test]
    fn a_track_goes_past_a_folder_as_a_whole_and_stays_in_its_own() {
        let mut editor = editor();
        editor.put_in_folder(TrackId(2), Some("choir")).unwrap();
        editor.put_in_folder(TrackId(3), Some("choir")).unwrap();
        editor.set_active_track(TrackId(1));
        editor.move_track(1).unwrap();
        assert_eq!(listed(&editor), ["[choir]", "2", "3", "1", "4", "5"]);
        editor.move_track(-1).unwrap();
        assert_eq!(listed(&editor), ["1", "[choir]", "2", "3", "4", "5"]);
        editor.set_active_track(TrackId(3));
        editor.move_track(1).unwrap();
        assert_eq!(listed(&editor), ["1", "[choir]", "2", "3", "4", "5"]);
        editor.move_track(-1).unwrap();
        assert_eq!(listed(&editor), ["1", "[choir]", "3", "2", "4", "5"]);
    }

    #[test]
    fn a_folder_whose_tracks_are_hidden_is_not_listed() {
        let mut editor = editor();
        editor.put_in_folder(TrackId(2), Some("choir")).unwrap();
        editor.set_hidden(TrackId(2), true).unwrap();
        assert_eq!(listed(&editor), ["1", "3", "4", "5"]);
        assert_eq!(editor.unseen_count(), 1);
        assert_eq!(editor.free_folder_name(|number| format!("Folder {number}")), "Folder 1");
    }
}
