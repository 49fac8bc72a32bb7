//! A program that breaks down leaves a report, and its next start tells of it.

use std::backtrace::Backtrace;
use std::fs;
use std::path::{Path, PathBuf};

const FILE: &str = "crash.txt";

/// Watches the thread that this is called on: if it panics, a report lies in `home`. What panics on
/// other threads is logged.
pub fn watch(home: PathBuf) {
    let watched = std::thread::current().id();
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let trace = Backtrace::force_capture();
        tracing::error!("{panic}\n{trace}");
        if std::thread::current().id() == watched {
            // Nobody is left to tell if this fails too.
            let _ = fs::create_dir_all(&home);
            let _ = fs::write(home.join(FILE), format!("{panic}\n{trace}\n"));
        }
        before(panic);
    }));
}

/// The report of a program that broke down and of which nobody was told yet.
pub fn report(home: &Path) -> Option<String> {
    let path = home.join(FILE);
    let report = fs::read_to_string(&path).ok()?;
    let _ = fs::remove_file(path);
    Some(report)
}
