//! The program as a user runs it.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use ziyin_score::Project;

/// Runs it in a folder, which is also where it keeps what is a user's.
pub fn ziyin(home: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ziyin"));
    command.args(arguments).current_dir(home).env("ZIYIN_HOME", home);
    command.stdin(Stdio::null()).output().unwrap()
}

/// What it said on the terminal.
pub fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The first voice of the demo song, alone, as `song.ziyin` in a folder, and the file of how it is sung there.
pub fn sung_lead(home: &Path) -> (Project, PathBuf) {
    let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/molihua.ziyin");
    let mut song = Project::load(&demo).unwrap();
    song.tracks.truncate(1);
    song.backings.clear();
    song.tracks[0].name = "lead".into();
    song.tracks[0].harmonies.clear();
    song.save(&home.join("song.ziyin")).unwrap();
    let sung = ziyin(home, &["sing", "song.ziyin", "--out", "stems"]);
    assert!(sung.status.success(), "{}", said(&sung));
    let stems: Vec<_> = std::fs::read_dir(home.join("stems")).unwrap().flatten().map(|e| e.path()).collect();
    let stem = stems.into_iter().find(|path| path.to_string_lossy().contains("lead")).unwrap();
    (song, stem)
}
