//! A studio that is killed, in a process of its own, loses at most what is younger than
//! ten seconds.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use egui::Key;

use super::{CTRL, Desk, start};

/// Names the home of a studio that this process is to be, until it is killed.
const CHILD: &str = "ZIYIN_TEST_TO_BE_KILLED";

#[test]
fn kill_9_loses_nothing_that_is_ten_seconds_old() {
    if let Some(home) = std::env::var_os(CHILD) {
        edit_until_killed(home.as_ref());
    }
    let home = tempfile::tempdir().unwrap();
    let this = "studio::crash::kill_9_loses_nothing_that_is_ten_seconds_old";
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args([this, "--exact", "--nocapture", "--test-threads=1"])
        .env(CHILD, home.path())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    // The child says when it made its edit, and is then given the ten seconds.
    let edited = home.path().join("edited");
    let began = Instant::now();
    while !edited.exists() {
        assert!(began.elapsed() < Duration::from_secs(120), "the studio did not start");
        assert!(child.try_wait().unwrap().is_none(), "the studio ended by itself");
        std::thread::sleep(Duration::from_millis(50));
    }
    std::thread::sleep(Duration::from_secs(10));
    // On Unix this is kill -9.
    child.kill().unwrap();
    child.wait().unwrap();

    let mut desk = Desk::open(start(home.path(), None));
    assert!(desk.shows("Unsaved work was found"));
    desk.click("Go on with it");
    let project = desk.studio().project().clone();
    assert_eq!(project.tracks.len(), 3);
    drop(desk);

    // Closed as it should be, a studio leaves nothing behind.
    let desk = Desk::open(start(home.path(), None));
    assert!(!desk.shows("Unsaved work was found"));
}

fn edit_until_killed(home: &std::path::Path) -> ! {
    let mut desk = Desk::open(start(home, None));
    desk.press(CTRL, Key::T);
    desk.press(CTRL, Key::T);
    assert_eq!(desk.studio().project().tracks.len(), 3);
    std::fs::write(home.join("edited"), "").unwrap();
    loop {
        desk.harness.step();
        std::thread::sleep(Duration::from_millis(50));
    }
}
