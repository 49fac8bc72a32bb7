//! What happened, for whoever must find out why: to the terminal, and to files in a folder of which
//! the oldest goes when there are enough.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use tracing_appender::rolling::{RollingFileAppender, Rotation};
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, fmt};
use ziyin_model::user_folders::state_folder;

/// Days that are kept.
const DAYS: usize = 7;

static FOLDER: OnceLock<PathBuf> = OnceLock::new();

/// The folder of the log, once there is one.
pub fn folder() -> Option<&'static Path> {
    FOLDER.get().map(PathBuf::as_path)
}

/// Begins to log: warnings to the terminal, more to the user's folder where there is one. What began
/// before goes on.
pub fn begin() {
    let terminal =
        fmt::layer().with_writer(std::io::stderr).with_target(false).with_filter(LevelFilter::WARN);
    let folder = state_folder().map(|folder| folder.join("log"));
    let file = folder.as_ref().and_then(|folder| {
        // It complains to the terminal of a folder that is not there yet.
        std::fs::create_dir_all(folder).ok()?;
        RollingFileAppender::builder()
            .rotation(Rotation::DAILY)
            .filename_prefix("ziyin")
            .filename_suffix("log")
            .max_log_files(DAYS)
            .build(folder)
            .ok()
    });
    let to_file = file.map(|file| {
        fmt::layer().with_ansi(false).with_target(false).with_writer(file).with_filter(LevelFilter::INFO)
    });
    let logs = to_file.is_some();
    if tracing_subscriber::registry().with(terminal).with(to_file).try_init().is_ok()
        && let (true, Some(folder)) = (logs, folder)
    {
        let _ = FOLDER.set(folder);
        tracing::info!("Ziyin {} on {}", env!("CARGO_PKG_VERSION"), std::env::consts::OS);
    }
}
