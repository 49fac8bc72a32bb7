//! Songs to begin with: tracks, singers and a mix as somebody is used to, with notes or without.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::open_song::Session;
use super::search::Found;
use ziyin_message::ToMessage;
use ziyin_score::{Curves, Notes, Project, Track};
use ziyin_singing::score_voices::safe_name;

/// Where templates lie in the folder of the settings.
pub(super) fn folder(home: &Path) -> PathBuf {
    home.join("templates")
}

/// The templates of a folder, in the order of their names.
fn all(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let is_song = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "ziyin");
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).filter(is_song).collect();
    paths.sort();
    paths
}

/// A song without what is sung in it.
fn without_notes(project: &Project) -> Project {
    let bare = |track: &Track| Track {
        notes: Notes::default(),
        words: Vec::new(),
        curves: Curves::default(),
        ..track.clone()
    };
    let tracks = project.tracks.iter().map(bare).collect();
    Project {
        title: String::new(),
        looped: None,
        markers: Vec::new(),
        backings: Vec::new(),
        tracks,
        ..project.clone()
    }
}

impl Session {
    /// The folder of the templates.
    pub fn template_folder(&self) -> PathBuf {
        folder(self.home())
    }

    /// Begins to look for the templates; see [`Session::templates`].
    pub fn look_for_templates(&mut self) {
        let folder = self.template_folder();
        self.search.begin(move || Found::Templates(all(&folder)));
    }

    /// The templates that were found last.
    pub fn templates(&self) -> &[PathBuf] {
        &self.templates
    }

    /// Whether a file is one of the templates.
    pub fn is_template(&self, path: &Path) -> bool {
        path.parent() == Some(self.template_folder().as_path())
    }

    /// Begins to keep the song as a template of that name, in the place of one that has it.
    pub fn keep_template(&mut self, name: &str, with_notes: bool) {
        let project = self.editor.project();
        let project = if with_notes { project.clone() } else { without_notes(project) };
        let folder = self.template_folder();
        let name = safe_name(name);
        self.search.begin(move || {
            let path = folder.join(format!("{name}.ziyin"));
            let written: io::Result<()> = fs::create_dir_all(&folder).and_then(|()| project.save(&path));
            match written {
                Ok(()) => Found::Templates(all(&folder)),
                Err(error) => Found::NotKept(path, error.to_message()),
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ziyin_score::{Note, NoteId, TrackId};

    #[test]
    fn a_template_has_tracks_and_mix_and_no_notes() {
        let track = Track {
            notes: Notes::new(vec![Note::new(NoteId(1), 0, 960, 60, "la")]),
            singer: Some("Haruka".into()),
            gain_db: -3.0,
            ..Track::new(TrackId(1), "lead")
        };
        let song = Project { title: "song".into(), room_s: 2.0, tracks: vec![track], ..Project::default() };
        let bare = without_notes(&song);
        assert_eq!((bare.title.as_str(), bare.room_s), ("", 2.0));
        let track = &bare.tracks[0];
        assert!(track.notes.is_empty() && track.gain_db == -3.0 && track.singer.as_deref() == Some("Haruka"));
        assert_eq!(safe_name(" a/b:c "), "a-b-c");
    }
}
