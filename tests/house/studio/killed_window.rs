//! The window of the program itself, on a screen of its own, killed with -9 while it is
//! used: what the next start offers.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use ziyin_score::Project;

use super::{Desk, start};

/// An X server without a screen, which ends with this.
pub struct Screen {
    server: Child,
    display: String,
}

impl Screen {
    /// `None` where Xvfb or xdotool is not installed.
    pub fn start() -> Option<Self> {
        Command::new("xdotool").arg("version").stdout(Stdio::null()).status().ok()?;
        let mut server = Command::new("Xvfb")
            .args(["-displayfd", "1", "-screen", "0", "1280x800x24", "-nolisten", "tcp"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .ok()?;
        let mut number = String::new();
        BufReader::new(server.stdout.take().unwrap()).read_line(&mut number).unwrap();
        Some(Self { server, display: format!(":{}", number.trim()) })
    }

    pub fn xdotool(&self, arguments: &[&str]) -> Option<String> {
        let done = Command::new("xdotool").args(arguments).env("DISPLAY", &self.display).output().unwrap();
        done.status.success().then(|| String::from_utf8_lossy(&done.stdout).into_owned())
    }

    /// The program on this screen.
    pub fn program(&self, home: &Path) -> Command {
        let mut program = Command::new(env!("CARGO_BIN_EXE_ziyin"));
        program
            .env("DISPLAY", &self.display)
            .env("ZIYIN_HOME", home)
            .env_remove("WAYLAND_DISPLAY")
            .env_remove("WAYLAND_SOCKET")
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        program
    }

    /// The window of a studio of that name, once it is there.
    pub fn window(&self, studio: &mut Child, name: &str) -> String {
        let began = Instant::now();
        loop {
            assert!(began.elapsed() < Duration::from_secs(180), "no window came");
            assert!(studio.try_wait().unwrap().is_none(), "the studio ended by itself");
            if let Some(found) = self.xdotool(&["search", "--onlyvisible", "--name", name]) {
                break found.lines().next().unwrap().to_string();
            }
            std::thread::sleep(Duration::from_millis(200));
        }
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

/// The song that a studio with that home has put aside, if it has.
pub fn rescued(home: &Path) -> Option<Project> {
    let files = std::fs::read_dir(home.join("rescue")).ok()?.flatten().map(|entry| entry.path());
    let song = files.into_iter().find(|path| path.extension().is_some_and(|e| e == "ziyin"))?;
    Project::load(&song).ok()
}

#[test]
fn kill_9_of_the_window_loses_at_most_ten_seconds() {
    let Some(screen) = Screen::start() else {
        return println!("skipped: Xvfb or xdotool is not installed (scripts/setup tests)");
    };
    let home = tempfile::tempdir().unwrap();
    // The settings of somebody who has seen the tour.
    drop(Desk::open(start(home.path(), None)));
    let mut studio = screen.program(home.path()).spawn().unwrap();
    let began = Instant::now();
    let window = screen.window(&mut studio, "Ziyin");
    // There is no window manager that would give it the keyboard. Keys that come before the
    // window listens are lost: a track is added again until one is put aside.
    let tracks = loop {
        assert!(began.elapsed() < Duration::from_secs(240), "nothing was put aside");
        screen.xdotool(&["windowfocus", &window]);
        screen.xdotool(&["key", "--clearmodifiers", "ctrl+t"]);
        let asked = Instant::now();
        while asked.elapsed() < Duration::from_secs(9) && rescued(home.path()).is_none() {
            std::thread::sleep(Duration::from_millis(100));
        }
        if let Some(song) = rescued(home.path()) {
            break song.tracks.len();
        }
    };
    // An edit that is ten seconds old, and one that is not.
    screen.xdotool(&["key", "--clearmodifiers", "ctrl+t"]);
    std::thread::sleep(Duration::from_secs(10));
    screen.xdotool(&["key", "--clearmodifiers", "ctrl+t"]);
    // On Unix this is kill -9.
    studio.kill().unwrap();
    studio.wait().unwrap();

    let mut desk = Desk::open(start(home.path(), None));
    assert!(desk.shows("Unsaved work was found"));
    desk.click("Go on with it");
    let saved = desk.studio().project().tracks.len();
    assert!(saved > tracks, "{saved} tracks; {tracks} were put aside before the last edits");
}
