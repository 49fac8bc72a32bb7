//! Places in the song that have names.

use std::collections::{BTreeMap, BTreeSet};

use super::document::Editor;
use ziyin_score::{Command, EditError, Marker, SongCommand, Tick, Track};

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

    /// The section that a tick lies in: from the marker at it or before it to the next one, or to the end of the
    /// song, at least a bar.
    pub fn section(&self, tick: Tick) -> (Tick, Tick) {
        let (project, bar) = (self.project(), self.project().meter.at(tick).bar());
        let from = self.next_marker(tick + 1, false).map_or(0, |marker| marker.tick);
        let next = self.next_marker(tick, true).map(|marker| marker.tick);
        // The last section ends with its bar.
        let whole = next.unwrap_or_else(|| {
            let end = project.end();
            let start = project.meter.bar_start(project.meter.bar_beat(end).bar);
            if start < end { start + bar } else { end }
        });
        (from, if whole > from { whole } else { from + bar })
    }

    /// Selects the notes of all tracks that begin in the section that a tick lies in.
    pub fn select_section(&mut self, tick: Tick) {
        let (from, to) = self.section(tick);
        let of = |track: &Track| {
            let inside = track.notes.iter().filter(|note| (from..to).contains(&note.onset));
            (track.id, inside.map(|note| note.id).collect::<BTreeSet<_>>())
        };
        let mut notes: BTreeMap<_, _> = self.seen_tracks().iter().map(of).collect();
        notes.retain(|_, chosen| !chosen.is_empty());
        let active = self.active_track().filter(|track| notes.contains_key(track));
        match active.or(notes.keys().next().copied()) {
            Some(active) => self.select_in(active, notes),
            None => self.select([]),
        }
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
    fn a_section_goes_from_marker_to_marker_and_its_notes_are_selected_in_all_tracks() {
        let mut editor = Editor::new(Project::default());
        for (onset, pitch) in [(0, 60), (3840, 62), (7680, 64)] {
            editor.insert(onset, 960, pitch, "la").unwrap();
        }
        editor.add_track("second").unwrap();
        editor.insert(4000, 960, 60, "la").unwrap();
        for (tick, name) in [(3840, "verse"), (7680, "chorus")] {
            editor.set_marker(None, marker(tick, name)).unwrap();
        }
        assert_eq!(
            [0, 3840, 7680].map(|tick| editor.section(tick)),
            [(0, 3840), (3840, 7680), (7680, 11_520)]
        );
        editor.select_section(3840);
        assert_eq!((editor.selected_count(), editor.selected_range()), (2, Some((3840, 4960))));
        editor.select_section(7680);
        assert_eq!(editor.selected_range(), Some((7680, 8640)));
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
