//! Places in the song that have names.

use super::document::Editor;
use ziyin_score::{Command, EditError, Marker, SongCommand, Tick};

impl Editor {
    /// Puts a marker where it says; one that stood at `old` goes there, and one that is there goes.
    ///
    /// # Errors
    /// If it would lie outside the song.
    pub fn set_marker(&mut self, old: Option<Tick>, marker: Marker) -> Result<(), EditError> {
        let replaced = |other: &Marker| other.tick == marker.tick || Some(other.tick) == old;
        let mut markers: Vec<Marker> =
            self.project().markers.iter().filter(|other| !replaced(other)).cloned().collect();
        let place = markers.partition_point(|other| other.tick < marker.tick);
        let name = format!("set-marker:{}", marker.name);
        markers.insert(place, marker);
        self.perform(name.trim_end_matches(':'), Command::Song(SongCommand::Markers(markers)))
    }

    /// Takes away the marker at a tick.
    ///
    /// # Errors
    /// Never.
    pub fn remove_marker(&mut self, tick: Tick) -> Result<(), EditError> {
        let markers = self.project().markers.iter().filter(|other| other.tick != tick).cloned().collect();
        self.perform("remove-marker", Command::Song(SongCommand::Markers(markers)))
    }

    /// The marker that is nearest after a tick, or before it.
    pub fn next_marker(&self, tick: Tick, after: bool) -> Option<&Marker> {
        let markers = &self.project().markers;
        match after {
            true => markers.iter().find(|marker| marker.tick > tick),
            false => markers.iter().rev().find(|marker| marker.tick < tick),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::editor::TimeChange;
    use ziyin_score::Project;

    fn marker(tick: Tick, name: &str) -> Marker {
        Marker { tick, name: name.into() }
    }

    #[test]
    fn markers_are_set_moved_renamed_and_go_along_with_time() {
        let mut editor = Editor::new(Project::default());
        for (tick, name) in [(7680, "chorus"), (0, "verse"), (11_520, "bridge")] {
            editor.set_marker(None, marker(tick, name)).unwrap();
        }
        let names = |editor: &Editor| -> Vec<(Tick, String)> {
            editor.project().markers.iter().map(|marker| (marker.tick, marker.name.clone())).collect()
        };
        let all =
            [(0, "verse"), (7680, "chorus"), (11_520, "bridge")].map(|(tick, name)| (tick, name.into()));
        assert_eq!(names(&editor), all);
        let next = |tick, after| editor.next_marker(tick, after).map(|marker| marker.tick);
        assert_eq!([next(0, true), next(7680, true), next(11_520, true)], [Some(7680), Some(11_520), None]);
        assert_eq!([next(0, false), next(1, false), next(7680, false)], [None, Some(0), Some(0)]);

        editor.set_marker(Some(7680), marker(3840, "chorus")).unwrap();
        editor.set_marker(Some(0), marker(0, "intro")).unwrap();
        assert_eq!(names(&editor)[..2], [(0, "intro".into()), (3840, "chorus".into())]);
        assert!(editor.set_marker(None, marker(-1, "")).is_err());
        editor.change_time(TimeChange::Insert, 3840, 960).unwrap();
        assert_eq!(names(&editor)[1].0, 4800);
        editor.change_time(TimeChange::Delete, 3840, 1920).unwrap();
        assert_eq!(names(&editor), [(0, "intro".into()), (10_560, "bridge".into())]);
        editor.undo().unwrap();
        editor.remove_marker(4800).unwrap();
        assert_eq!(names(&editor), [(0, "intro".into()), (12_480, "bridge".into())]);
        while editor.undo().unwrap().is_some() {}
        assert_eq!(editor.project(), &Project::default());
    }
}
