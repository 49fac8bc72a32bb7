//! Folders of tracks: made, shut, muted, renamed and left, in the list and in the arrangement.

use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable;
use ziyin_score::Project;

use super::{CTRL, Desk, NONE, start, three_tracks};

#[test]
fn tracks_lie_in_a_folder_that_is_shut_muted_heard_alone_renamed_and_left() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("song.ziyin");
    let song = three_tracks();
    song.save(&path).unwrap();
    let mut desk = Desk::open(start(home.path(), Some(path.clone())));
    desk.press(NONE, Key::A);
    let has = |desk: &Desk, name: &str| {
        let (row, block) = (format!("Track {name}"), format!(" – {name}, bar 2"));
        [desk.harness.query_all_by_label(&row).next().is_some(), desk.shows(&block)]
    };
    // Into a folder of its own, and another beside it.
    desk.harness.get_all_by_label("Track alto").next().unwrap().click_secondary();
    desk.settle();
    desk.click("Folder");
    desk.click("New folder");
    desk.harness.get_all_by_label("Track bass").next().unwrap().click_secondary();
    desk.settle();
    desk.click("Folder");
    desk.click("Folder 1");
    let folders = |desk: &Desk| -> Vec<Option<String>> {
        desk.studio().project().tracks.iter().map(|track| track.folder.clone()).collect()
    };
    let one = Some("Folder 1".to_string());
    assert_eq!(folders(&desk), [None, one.clone(), one]);
    // Shut in the list it is shut in the arrangement too.
    let shut = |desk: &mut Desk, name: &str| {
        desk.harness.get_all_by_label(name).next().unwrap().click();
        desk.settle();
    };
    assert_eq!(has(&desk, "alto"), [true; 2]);
    shut(&mut desk, "Shut folder Folder 1");
    assert_eq!(
        (has(&desk, "alto"), has(&desk, "bass"), has(&desk, "lead")),
        ([false; 2], [false; 2], [true; 2])
    );
    assert!(!desk.shows("Hidden:"));
    shut(&mut desk, "Mute Folder 1");
    let mute = |desk: &Desk| -> Vec<bool> {
        desk.studio().project().tracks.iter().map(|track| track.mute).collect()
    };
    assert_eq!(mute(&desk), [false, true, true]);
    shut(&mut desk, "Solo Folder 1");
    assert!(desk.studio().project().tracks.iter().map(|track| track.solo).eq([false, true, true]));
    // From the arrangement's row, by another name.
    desk.harness.get_all_by_label("Open folder Folder 1").last().unwrap().click_secondary();
    desk.settle();
    desk.harness.get_by_role_and_label(egui::Role::TextInput, "Name of the folder").focus();
    desk.settle();
    desk.press(CTRL, Key::A);
    desk.text("choir");
    desk.press(NONE, Key::Enter);
    assert!(desk.shows("Open folder choir") && !desk.shows("Folder 1"));
    desk.press(CTRL, Key::S);
    assert_eq!(&Project::load(&path).unwrap(), desk.studio().project());
    shut(&mut desk, "Open folder choir");
    assert_eq!(has(&desk, "bass"), [true; 2]);
    // Out of it again; with the last of its tracks it goes.
    for name in ["Track alto", "Track bass"] {
        desk.harness.get_all_by_label(name).next().unwrap().click_secondary();
        desk.settle();
        desk.click("Folder");
        desk.click("Out of the folder");
    }
    assert!(!desk.shows("choir"));
    // And by a command for the track that is open.
    desk.press(CTRL | Modifiers::SHIFT, Key::P);
    desk.text("Put track in a new folder");
    desk.press(NONE, Key::Enter);
    assert_eq!(folders(&desk)[0].as_deref(), Some("Folder 1"));
    let steps: Vec<&str> = desk.studio().steps().undo_names().collect();
    let expected = [
        "folder-track",
        "folder-track",
        "shut-folder",
        "mute-folder",
        "solo-folder",
        "rename-folder",
        "open-folder",
        "folder-track",
        "folder-track",
        "folder-track",
    ];
    assert_eq!(steps, expected);
    for _ in 0..expected.len() {
        desk.press(CTRL, Key::Z);
    }
    assert_eq!(desk.studio().project(), &song);
}
