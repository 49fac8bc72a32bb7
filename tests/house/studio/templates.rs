//! Songs to begin with.

use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable;
use ziyin_score::{Note, NoteId, Notes, Project, Track, TrackId};

use super::{CTRL, Desk, NONE, start};

#[test]
fn a_song_is_kept_as_a_template_and_another_begun_with_it() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("song.ziyin");
    let track = Track {
        notes: Notes::new(vec![Note::new(NoteId(1), 0, 960, 60, "la")]),
        gain_db: -3.0,
        ..Track::new(TrackId(1), "lead")
    };
    let song = Project { room_s: 2.0, tracks: vec![track], ..Project::default() };
    song.save(&path).unwrap();
    let mut desk = Desk::open(start(home.path(), Some(path.clone())));
    let open = |desk: &mut Desk| desk.press(CTRL | Modifiers::SHIFT, Key::N);
    open(&mut desk);
    assert!(desk.shows("There is none yet."));
    desk.harness.get_by_label("Name of the template").focus();
    desk.settle();
    desk.text("my choir");
    desk.click("Keep");
    assert!(desk.shows("my choir"));
    desk.harness.get_by_label("Name of the template").focus();
    desk.settle();
    desk.text("whole");
    desk.click("With its notes");
    desk.click("Keep");
    assert!(desk.shows("whole"));
    assert_eq!(desk.studio().path(), Some(path.as_path()), "the song stays open");
    desk.click("my choir");
    let begun = desk.studio().project().clone();
    assert_eq!((begun.tracks[0].gain_db, begun.room_s), (-3.0, 2.0));
    assert!(begun.tracks[0].notes.is_empty());
    // It has no file, so that the template stays what it is.
    assert_eq!(desk.studio().path(), None);
    desk.press(NONE, Key::Insert);
    desk.press(CTRL, Key::S);
    assert!(desk.shows("Path"));
    desk.press(NONE, Key::Escape);
    // What was written is asked about.
    open(&mut desk);
    desk.click("whole");
    desk.click("Don't save");
    assert_eq!(desk.studio().project(), &song);
    open(&mut desk);
    desk.harness.get_by_label("Name of the template").focus();
    desk.settle();
    desk.text("whole");
    assert!(desk.shows("It will be replaced"));
}
