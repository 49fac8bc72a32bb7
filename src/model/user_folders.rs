//! Where Ziyin keeps what belongs to a user.

use std::path::PathBuf;

use directories::ProjectDirs;

/// Names a folder that takes the place of all others, for a Ziyin on a stick and for tests.
pub const HOME: &str = "ZIYIN_HOME";

fn named() -> Option<PathBuf> {
    std::env::var_os(HOME).map(PathBuf::from)
}

fn of_system() -> Option<ProjectDirs> {
    ProjectDirs::from("", "", "ziyin")
}

/// The folder of settings, rescued songs and cloned singers: the one that `ZIYIN_HOME` names, else
/// where the system keeps what belongs to a user; none where it does not say.
pub fn data_folder() -> Option<PathBuf> {
    named().or_else(|| of_system().map(|folders| folders.data_dir().to_path_buf()))
}

/// The folder of logs: as [`data_folder`], where the system keeps what a program did.
pub fn state_folder() -> Option<PathBuf> {
    let state =
        |folders: ProjectDirs| folders.state_dir().unwrap_or_else(|| folders.data_local_dir()).to_path_buf();
    named().or_else(|| of_system().map(state))
}
