//! Tracks that are hidden: gone from lists and lanes, counted, heard, and shown again.

use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable;
use ziyin_score::Project;

use super::{CTRL, Desk, NONE, start, three_tracks};

#[test]
fn a_hidden_track_is_gone_from_lists_and_lanes_and_comes_back() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("song.ziyin");
    let song = three_tracks();
    song.save(&path).unwrap();
    let mut desk = Desk::open(start(home.path(), Some(path.clone())));
    desk.press(NONE, Key::A);
    desk.press(CTRL | Modifiers::SHIFT, Key::M);
    let has = |desk: &Desk, name: &str| {
        let (row, block, strip) =
            (format!("Track {name}"), format!(" – {name}, bar 2"), format!("Gain of {name}"));
        let listed = desk.harness.query_all_by_label(&row).next().is_some();
        [listed, desk.shows(&block), desk.shows(&strip)]
    };
    assert_eq!(has(&desk, "alto"), [true; 3]);
    assert!(!desk.shows("Hidden:"));
    // By a right click in the list.
    desk.harness.get_all_by_label("Track alto").next().unwrap().click_secondary();
    desk.settle();
    desk.click("Hide track");
    assert_eq!(has(&desk, "alto"), [false; 3]);
    assert!(desk.shows("Hidden: 1"));
    // From the keyboard the track that is open; the next takes its place.
    desk.press(Modifiers::SHIFT, Key::H);
    assert!(desk.shows("Hidden: 2") && has(&desk, "bass")[1]);
    assert!(desk.studio().project().tracks.iter().map(|track| track.hidden).eq([true, true, false]));
    // Of the last that is seen nothing is hidden, and the keyboard goes to none that is.
    desk.press(Modifiers::SHIFT, Key::H);
    desk.press(NONE, Key::PageUp);
    assert!(desk.shows("Hidden: 2") && has(&desk, "bass")[1]);
    desk.press(CTRL, Key::S);
    assert_eq!(&Project::load(&path).unwrap(), desk.studio().project());
    desk.press(CTRL, Key::Z);
    assert!(desk.shows("Hidden: 1") && has(&desk, "lead")[1]);
    desk.press(CTRL | Modifiers::SHIFT, Key::Z);
    desk.click("Show all tracks");
    assert!(!desk.shows("Hidden:"));
    assert_eq!(has(&desk, "alto"), [true; 3]);
    let steps: Vec<&str> = desk.studio().steps().undo_names().collect();
    assert_eq!(steps, ["hide-track", "hide-track", "show-tracks"]);
    for _ in 0..3 {
        desk.press(CTRL, Key::Z);
    }
    assert_eq!(desk.studio().project(), &song);
}
