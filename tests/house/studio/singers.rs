//! A singer who is not there is told wherever it matters.

use std::path::{Path, PathBuf};

use egui::Key;
use egui_kittest::kittest::Queryable;
use ziyin_score::{Note, NoteId, Notes, Project, Track, TrackId};

use super::{CTRL, Desk, NONE, start};
use crate::null_sink::hum;

fn song(folder: &Path) -> PathBuf {
    let track = |id: u64, singer: &str| {
        let mut track = Track::new(TrackId(id), format!("part {id}"));
        track.singer = Some(singer.into());
        track.notes = Notes::new(vec![Note::new(NoteId(1), 960, 960, 60, "好")]);
        track
    };
    let tracks = vec![track(1, "hum"), track(2, "Nobody"), track(3, "Nobody")];
    let path = folder.join("song.ziyin");
    Project { tracks, ..Project::default() }.save(&path).unwrap();
    path
}

fn open(home: &Path, song: PathBuf) -> Desk {
    let start = ziyin_studio::Start { voice: Some(hum()), ..start(home, Some(song)) };
    let mut desk = Desk::open(start);
    desk.wait("Singers are missing", |desk| desk.shows("Singers are missing"));
    desk
}

#[test]
fn a_missing_singer_is_told_on_opening_and_somebody_else_can_sing() {
    let home = tempfile::tempdir().unwrap();
    let mut desk = open(home.path(), song(home.path()));
    assert!(desk.shows("Sings: part 2, part 3"));
    desk.harness.get_by_label("Instead of Nobody").click();
    desk.settle();
    let yuki = desk.harness.query_by_label("Yuki").is_some();
    assert!(yuki, "those who ship can be chosen");
    desk.click("Yuki");
    desk.click("Done");
    let singers = |desk: &Desk| {
        let tracks = &desk.studio().project().tracks;
        tracks.iter().map(|track| track.singer.clone().unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(singers(&desk), ["hum", "Yuki", "Yuki"]);
    assert_eq!(desk.studio().steps().undo_names().collect::<Vec<_>>(), ["choose-singer"]);
    desk.press(CTRL, Key::Z);
    assert_eq!(singers(&desk), ["hum", "Nobody", "Nobody"]);
    // It is told once for a song, and marked on its tracks.
    assert!(!desk.shows("Singers are missing"));
    assert_eq!(desk.harness.query_all_by_label("Nobody is not installed").count(), 2);
}

#[test]
fn an_export_and_the_hints_say_who_is_missing() {
    let home = tempfile::tempdir().unwrap();
    let mut desk = open(home.path(), song(home.path()));
    desk.press(NONE, Key::Escape);
    desk.wait("Hints: 2", |desk| desk.shows("Hints: 2"));
    desk.click("Hints: 2");
    let hint = "track part 3 is not sung";
    assert!(desk.shows(hint));
    desk.harness.get_by_label_contains(hint).click();
    desk.settle();
    assert!(desk.harness.query_by_label("Track part 2").is_some(), "another than the third is not active");
    assert!(desk.harness.query_by_label("Track part 3").is_none(), "a click leads to the track");
    desk.press(CTRL, Key::E);
    desk.harness.get_by_role_and_label(egui::Role::TextInput, "Folder").focus();
    desk.settle();
    desk.press(CTRL, Key::A);
    desk.text(&home.path().join("out").display().to_string());
    desk.click("Export");
    desk.wait("no singer named Nobody is installed", |desk| {
        desk.shows("no singer named Nobody is installed")
    });
    // Without the tracks of Nobody it goes.
    desk.click("part 2");
    desk.click("part 3");
    desk.click("Export");
    desk.wait("Files written: 2", |desk| desk.shows("Files written: 2"));
}
