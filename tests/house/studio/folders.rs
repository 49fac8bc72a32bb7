//! Folders of tracks: made, shut, muted, renamed and left, in the list and in the arrangement.

use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable;
use ziyin_score::Project;

use super::editing::draw;
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

#[test]
fn tracks_are_dragged_to_other_places_into_a_folder_and_out_of_it_and_it_has_a_fader() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("song.ziyin");
    let song = three_tracks();
    song.save(&path).unwrap();
    let mut desk = Desk::open(start(home.path(), Some(path.clone())));
    desk.press(NONE, Key::A);
    let order = |desk: &Desk| -> Vec<(String, Option<String>)> {
        let tracks = desk.studio().project().tracks.iter();
        tracks.map(|track| (track.name.clone(), track.folder.clone())).collect()
    };
    let listed = |names: [(&str, bool); 3]| -> Vec<(String, Option<String>)> {
        names.map(|(name, inside)| (name.to_string(), inside.then(|| "Folder 1".to_string()))).into()
    };
    // In the arrangement, whose heads stand right of the list; there the bass goes before the lead.
    let head = |desk: &Desk, name: &str| {
        let name = format!("Track {name}");
        let heads = desk.harness.query_all_by_label(&name);
        heads.map(|node| node.rect()).max_by(|a, b| a.left().total_cmp(&b.left())).unwrap()
    };
    let lead = head(&desk, "lead");
    draw_far(&mut desk, "bass", lead.center_top() + egui::vec2(0.0, 1.0));
    assert_eq!(order(&desk), listed([("bass", false), ("lead", false), ("alto", false)]));
    // Into a folder, beside what lies in it.
    desk.harness.get_all_by_label("Track alto").last().unwrap().click_secondary();
    desk.settle();
    desk.click("Folder");
    desk.click("New folder");
    let alto = head(&desk, "alto");
    draw_far(&mut desk, "bass", alto.center_bottom() - egui::vec2(0.0, 1.0));
    assert_eq!(order(&desk), listed([("lead", false), ("alto", true), ("bass", true)]));
    // The folder has a fader in the list and one in the mixer.
    desk.type_number("Gain of folder Folder 1", "-6");
    let levels = |desk: &Desk| -> Vec<f32> {
        desk.studio().project().tracks.iter().map(|track| track.level_db()).collect()
    };
    assert_eq!(levels(&desk), [0.0, -6.0, -6.0]);
    desk.press(CTRL, Key::S);
    assert_eq!(&Project::load(&path).unwrap(), desk.studio().project());
    desk.press(CTRL | Modifiers::SHIFT, Key::M);
    assert!(desk.shows("Gain of Folder 1"));
    desk.press(CTRL | Modifiers::SHIFT, Key::M);
    // Out of it again, and with it out of its gain; over the row of the folder it goes before that.
    let folder = desk.harness.get_all_by_label("Shut folder Folder 1").last().unwrap().rect();
    draw_far(&mut desk, "bass", folder.center_top() + egui::vec2(0.0, 1.0));
    assert_eq!(order(&desk), listed([("lead", false), ("bass", false), ("alto", true)]));
    assert_eq!(levels(&desk), [0.0, 0.0, -6.0]);
    // Over its lower half into it, in the list too.
    let folder = desk.harness.get_all_by_label("Shut folder Folder 1").next().unwrap().rect();
    let bass = desk.harness.get_all_by_label("Track bass").next().unwrap().rect();
    assert!(bass.left() < alto.left());
    draw(&mut desk, bass.left_center() + egui::vec2(8.0, 0.0), folder.center_bottom() + egui::vec2(0.0, 8.0));
    assert_eq!(order(&desk), listed([("lead", false), ("bass", true), ("alto", true)]));
    // Escape gives a drag up.
    let bass = head(&desk, "bass");
    desk.harness.drag_at(bass.left_center() + egui::vec2(8.0, 0.0));
    desk.harness.step();
    desk.harness.hover_at(lead.center_top());
    desk.harness.step();
    desk.harness.key_press(Key::Escape);
    desk.harness.step();
    desk.harness.drop_at(lead.center_top());
    desk.settle();
    assert_eq!(order(&desk), listed([("lead", false), ("bass", true), ("alto", true)]));
    while desk.studio().steps().undo_names().next().is_some() {
        desk.press(CTRL, Key::Z);
    }
    assert_eq!(desk.studio().project(), &song);
}

/// Drags the head of a track in the arrangement to a place.
fn draw_far(desk: &mut Desk, name: &str, to: egui::Pos2) {
    let name = format!("Track {name}");
    let heads = desk.harness.query_all_by_label(&name);
    let head = heads.map(|node| node.rect()).max_by(|a, b| a.left().total_cmp(&b.left())).unwrap();
    draw(desk, head.left_center() + egui::vec2(8.0, 0.0), to);
}
