//! Nothing that was done is lost, and nobody is told that it is.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use egui::Key;
use ziyin_score::{Backing, Project};

use super::{CTRL, Desk, NONE, start};

/// Names the home of a studio that this process is to be, until it panics.
const CHILD: &str = "ZIYIN_TEST_TO_PANIC";

#[test]
fn a_panic_in_the_window_loses_nothing_and_is_told_at_the_next_start() {
    if let Some(home) = std::env::var_os(CHILD) {
        edit_and_panic(home.as_ref());
    }
    let home = tempfile::tempdir().unwrap();
    let this = "studio::safety::a_panic_in_the_window_loses_nothing_and_is_told_at_the_next_start";
    let ended = Command::new(std::env::current_exe().unwrap())
        .args([this, "--exact", "--nocapture", "--test-threads=1"])
        .env(CHILD, home.path())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .unwrap();
    assert!(!ended.success());
    let mut desk = Desk::open(start(home.path(), None));
    assert!(desk.shows("Ziyin broke down last time"));
    assert!(desk.shows("Unsaved work was found"));
    desk.click("Go on with it");
    assert_eq!(desk.studio().project().tracks.len(), 3);
    drop(desk);
    let desk = Desk::open(start(home.path(), None));
    assert!(!desk.shows("Ziyin broke down last time") && !desk.shows("Unsaved work was found"));
}

fn edit_and_panic(home: &Path) -> ! {
    ziyin_session::crash::watch(home.into());
    let mut desk = Desk::open(start(home, None));
    desk.press(CTRL, Key::T);
    desk.press(CTRL, Key::T);
    let began = Instant::now();
    while rescued(home).is_none() {
        assert!(began.elapsed() < Duration::from_secs(60));
        desk.harness.step();
        std::thread::sleep(Duration::from_millis(50));
    }
    // The studio is dropped on the way out, as in a window.
    panic!("as asked for");
}

fn in_rescue(home: &Path, extension: &str) -> Option<PathBuf> {
    let entries = fs::read_dir(home.join("rescue")).ok()?;
    entries.flatten().map(|entry| entry.path()).find(|path| path.extension().is_some_and(|e| e == extension))
}

fn rescued(home: &Path) -> Option<PathBuf> {
    in_rescue(home, "ziyin")
}

#[test]
fn a_rescue_copy_that_cannot_be_read_is_listed_and_kept() {
    let home = tempfile::tempdir().unwrap();
    let copy = home.path().join("rescue/1-0.ziyin");
    fs::create_dir_all(copy.parent().unwrap()).unwrap();
    fs::write(copy.with_extension("lock"), "").unwrap();
    let newer = r#"{"ziyin": 4000000000}"#;
    fs::write(&copy, newer).unwrap();
    for _ in 0..2 {
        let mut desk = Desk::open(start(home.path(), None));
        assert!(desk.shows("Unsaved work was found") && desk.shows("saved by a newer Ziyin"));
        desk.click("Ask again later");
        drop(desk);
        assert_eq!(fs::read_to_string(&copy).unwrap(), newer);
    }
    let mut desk = Desk::open(start(home.path(), None));
    desk.click("Throw away");
    drop(desk);
    assert!(!copy.exists());
}

#[test]
fn a_rescue_that_fails_is_told_and_not_tried_in_every_frame() {
    let home = tempfile::tempdir().unwrap();
    let mut desk = Desk::open(start(home.path(), None));
    // Where the copy would lie nothing can be written.
    let copy = in_rescue(home.path(), "lock").unwrap().with_extension("ziyin");
    fs::create_dir(&copy).unwrap();
    desk.press(CTRL, Key::T);
    let began = Instant::now();
    while !desk.shows("Unsaved work cannot be guarded") {
        assert!(began.elapsed() < Duration::from_secs(60));
        desk.harness.step();
        std::thread::sleep(Duration::from_millis(50));
    }
    let origin = copy.with_extension("json");
    fs::remove_file(&origin).unwrap();
    for _ in 0..200 {
        desk.harness.step();
        std::thread::sleep(Duration::from_millis(5));
    }
    assert!(!origin.exists(), "it was tried again at once");
}

#[test]
fn a_folder_for_rescues_that_cannot_be_used_is_told() {
    let home = tempfile::tempdir().unwrap();
    fs::write(home.path().join("rescue"), "in the way").unwrap();
    let desk = Desk::open(start(home.path(), None));
    assert!(desk.shows("Unsaved work cannot be guarded"));
}

#[test]
fn a_song_that_is_saved_elsewhere_keeps_its_recordings() {
    let home = tempfile::tempdir().unwrap();
    let (here, there) = (home.path().join("here"), home.path().join("there"));
    fs::create_dir_all(&here).unwrap();
    fs::create_dir_all(&there).unwrap();
    let song = Project { backings: vec![Backing::new("take.wav")], ..Project::default() };
    let path = here.join("song.ziyin");
    song.save(&path).unwrap();
    let mut desk = Desk::open(start(home.path(), Some(path.clone())));
    desk.press(CTRL.plus(egui::Modifiers::SHIFT), Key::S);
    desk.choose(&there.join("song.ziyin"));
    let written = |path: &Path| Project::load(path).unwrap().backings[0].path.clone();
    assert_eq!(written(&there.join("song.ziyin")), here.join("take.wav").display().to_string());
    // Back beside it, its path is relative again.
    desk.press(CTRL.plus(egui::Modifiers::SHIFT), Key::S);
    desk.choose(&here.join("copy.ziyin"));
    assert_eq!(written(&here.join("copy.ziyin")), "take.wav");
}

#[test]
fn undone_back_to_what_is_saved_it_is_saved() {
    let home = tempfile::tempdir().unwrap();
    let mut desk = Desk::open(start(home.path(), ziyin_studio::demo_song()));
    desk.press(CTRL, Key::T);
    desk.press(CTRL, Key::Z);
    desk.press(CTRL, Key::N);
    assert!(!desk.shows("Unsaved changes"));
    assert_eq!(desk.studio().project().tracks.len(), 1, "a new song");
    desk.press(CTRL, Key::T);
    desk.press(CTRL, Key::N);
    assert!(desk.shows("Unsaved changes"));
    desk.press(NONE, Key::Escape);
}

#[test]
fn unsaved_work_is_put_aside_and_asked_about_though_nobody_sees_the_window() {
    let home = tempfile::tempdir().unwrap();
    let mut desk = Desk::open(start(home.path(), None));
    desk.press(CTRL, Key::T);
    let began = Instant::now();
    while rescued(home.path()).is_none() {
        assert!(began.elapsed() < Duration::from_secs(60));
        desk.go_on_unseen(Vec::new());
        std::thread::sleep(Duration::from_millis(50));
    }
    // Who closes it in the list of windows is asked as anybody else.
    let asked = desk.go_on_unseen(vec![egui::ViewportEvent::Close]);
    let comes = [egui::ViewportCommand::CancelClose, egui::ViewportCommand::Focus];
    assert!(comes.iter().all(|command| asked.contains(command)), "{asked:?}");
    desk.settle();
    assert!(desk.shows("Unsaved changes"));
}
