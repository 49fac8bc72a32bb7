//! The program as a user runs it.

use std::path::Path;
use std::process::{Command, Output, Stdio};

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
