//! Folders of tracks. A folder is nothing but a name that tracks have in common: it comes with the first of them
//! and goes with the last, and what lies in it stands together wherever tracks are listed. One that is shut is
//! one row; what lies in it is heard all the same, and the track that is edited is seen in any case.

use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};

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
    /// What is added to the gain of each, in dB.
    pub gain_db: f32,
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

impl Folder {
    /// The folder of that name with what lies in it, of which there is something. The first says how it stands:
    /// others may come from elsewhere.
    fn of(name: &str, own: &[&Track]) -> Self {
        let first = own.first();
        Self {
            name: name.to_string(),
            folded: first.is_some_and(|first| first.folded),
            gain_db: first.map_or(0.0, |first| first.folder_gain_db),
            tracks: own.iter().map(|track| track.id).collect(),
            mute: own.iter().all(|track| track.mute),
            solo: own.iter().all(|track| track.solo),
        }
    }
}

impl Editor {
    /// What lists and lanes have, one below the other: a folder stands where its first track does, with all its
    /// tracks behind it. Tracks are copies, which share their notes with the song.
    pub fn rows(&self) -> Vec<Row> {
        let tracks = &self.project().tracks;
        let mut folders: HashMap<&str, Vec<&Track>> = HashMap::new();
        for track in tracks {
            if let Some(name) = track.folder.as_deref() {
                folders.entry(name).or_default().push(track);
            }
        }
        let is_seen = self.seen();
        let mut rows = Vec::with_capacity(tracks.len());
        for track in tracks {
            let Some(name) = track.folder.as_deref() else {
                rows.extend(is_seen(track).then(|| Row::Track(track.clone())));
                continue;
            };
            // It was taken where its first track stands.
            let Some(own) = folders.remove(name) else { continue };
            if own.iter().all(|track| track.hidden && !is_seen(track)) {
                continue;
            }
            rows.push(Row::Folder(Folder::of(name, &own)));
            rows.extend(own.into_iter().filter(|track| is_seen(track)).cloned().map(Row::Track));
        }
        rows
    }

    /// The folders of the song, in the order of their first tracks.
    pub fn folders(&self) -> Vec<Folder> {
        let mut places: HashMap<&str, usize> = HashMap::new();
        let mut folders: Vec<(&str, Vec<&Track>)> = Vec::new();
        for track in &self.project().tracks {
            let Some(name) = track.folder.as_deref() else { continue };
            let place = *places.entry(name).or_insert_with(|| {
                folders.push((name, Vec::new()));
                folders.len() - 1
            });
            folders[place].1.push(track);
        }
        folders.iter().map(|(name, own)| Folder::of(name, own)).collect()
    }

    /// The names of the folders that are shut, so that what lies in them is out of sight.
    pub(super) fn shut_folders(&self) -> HashSet<&str> {
        let mut known = HashSet::new();
        let in_folders =
            self.project().tracks.iter().filter_map(|track| Some((track.folder.as_deref()?, track)));
        in_folders.filter(|(name, first)| known.insert(*name) && first.folded).map(|(name, _)| name).collect()
    }

    /// What lets a track lie in the folder of that name, or in none: as those that are there it is out of sight
    /// or not, and as loud.
    fn placed_in(&self, track: &Track, name: Option<&str>) -> Vec<Command> {
        if track.folder.as_deref() == name {
            return Vec::new();
        }
        let is_there =
            |other: &&Track| name.is_some() && other.folder.as_deref() == name && other.id != track.id;
        let first = self.project().tracks.iter().find(is_there);
        vec![
            set(track.id, TrackField::Folder(name.map(str::to_string))),
            set(track.id, TrackField::Folded(first.is_some_and(|first| first.folded))),
            set(track.id, TrackField::FolderGain(first.map_or(0.0, |first| first.folder_gain_db))),
        ]
    }

    /// Lays a track before or behind another, in the folder of that name or in none. `beside` may be the track
    /// itself, which then stays where it stands.
    ///
    /// # Errors
    /// If there is no such track.
    pub fn lay_beside(
        &mut self,
        id: TrackId,
        (beside, behind): (TrackId, bool),
        folder: Option<&str>,
    ) -> Result<(), EditError> {
        let track = self.project().track(id).ok_or(EditError::NoTrack(id))?;
        let place_of = |id: TrackId| {
            let place = self.project().tracks.iter().position(|track| track.id == id);
            place.ok_or(EditError::NoTrack(id))
        };
        let (place, other) = (place_of(id)?, place_of(beside)?);
        let step = if track.folder.as_deref() == folder { "move-track" } else { "folder-track" };
        let mut commands = self.placed_in(track, folder);
        // What is taken out moves what comes behind it up by one.
        let index = match place.cmp(&other) {
            Ordering::Less => other - 1 + usize::from(behind),
            Ordering::Equal => place,
            Ordering::Greater => other + usize::from(behind),
        };
        if index != place {
            commands.push(Command::Track(TrackCommand::Reorder { track: id, index }));
        }
        if commands.is_empty() { Ok(()) } else { self.perform(step, Command::All(commands)) }
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
        let mut commands = self.placed_in(track, name);
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
        let own = self.project().tracks.iter().filter(|track| track.folder.as_deref() == Some(name));
        let is_new = self.folders().iter().all(|folder| folder.name != to);
        let renamed = |track: &Track| match is_new {
            true => vec![set(track.id, TrackField::Folder(Some(to.to_string())))],
            false => self.placed_in(track, Some(to)),
        };
        let commands = own.flat_map(renamed).collect();
        self.perform("rename-folder", Command::All(commands))
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

    /// What makes all that lies in a folder louder or softer together, in dB.
    pub fn folder_gain(&self, name: &str, gain_db: f32) -> Command {
        let own = self.project().tracks.iter().filter(|track| track.folder.as_deref() == Some(name));
        Command::All(own.map(|track| set(track.id, TrackField::FolderGain(gain_db))).collect())
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
        let taken: HashSet<&str> = folders.iter().map(|folder| folder.name.as_str()).collect();
        let is_free = |name: &String| !taken.contains(name.as_str());
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
    fn a_track_is_laid_beside_another_into_its_folder_and_out_of_it() {
        let mut editor = editor();
        let before = editor.project().clone();
        let lay = |editor: &mut Editor, id: u64, beside: u64, behind: bool, folder: Option<&str>| {
            editor.lay_beside(TrackId(id), (TrackId(beside), behind), folder).unwrap();
        };
        lay(&mut editor, 1, 3, true, None);
        assert_eq!(listed(&editor), ["2", "3", "1", "4", "5"]);
        lay(&mut editor, 5, 2, false, None);
        assert_eq!(listed(&editor), ["5", "2", "3", "1", "4"]);
        editor.put_in_folder(TrackId(3), Some("choir")).unwrap();
        let gain = editor.folder_gain("choir", -6.0);
        editor.perform("change-gain", gain).unwrap();
        lay(&mut editor, 5, 3, true, Some("choir"));
        lay(&mut editor, 4, 3, false, Some("choir"));
        assert_eq!(listed(&editor), ["2", "[choir]", "4", "3", "5", "1"]);
        let levels =
            |editor: &Editor| -> Vec<f32> { editor.project().tracks.iter().map(Track::level_db).collect() };
        assert_eq!(levels(&editor), [0.0, -6.0, -6.0, -6.0, 0.0]);
        // The first of a folder goes before it, and takes nothing of its gain along.
        lay(&mut editor, 4, 4, false, None);
        assert_eq!(listed(&editor), ["2", "4", "[choir]", "3", "5", "1"]);
        assert_eq!(levels(&editor), [0.0, 0.0, -6.0, -6.0, 0.0]);
        let steps = editor.history().undo_names().count();
        lay(&mut editor, 4, 4, true, None);
        assert_eq!(editor.history().undo_names().count(), steps, "where it stands nothing is done");
        // A folder that takes the name of another becomes a part of it, and as loud.
        editor.put_in_folder(TrackId(2), Some("strings")).unwrap();
        editor.rename_folder("strings", "choir").unwrap();
        assert_eq!(levels(&editor), [-6.0, 0.0, -6.0, -6.0, 0.0]);
        while editor.undo().unwrap().is_some() {}
        assert_eq!(editor.project(), &before);
    }

    #[test]
    fn rows_of_very_many_folders_are_listed_at_once() {
        let in_folder = |id: u64| Track {
            folder: Some(format!("{}", id % 50_000)),
            folded: id.is_multiple_of(3),
            ..Track::new(TrackId(id), "")
        };
        let tracks = (0..100_000).map(in_folder).collect();
        let editor = Editor::new(Project { tracks, ..Project::default() });
        // Each track looked for among all others would take minutes.
        let rows = editor.rows();
        assert!(rows.len() > 100_000);
        assert_eq!(editor.folders().len(), 50_000);
        assert_eq!(editor.unseen_count(), 0);
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
