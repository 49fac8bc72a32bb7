//! Files from the world outside, which stay outside: `ZIYIN_CASES` names their folder.

use std::path::PathBuf;

/// The folder, or `None`, said aloud, where there is none.
pub fn folder(name: &str) -> Option<PathBuf> {
    let root = match std::env::var_os("ZIYIN_CASES") {
        Some(root) => PathBuf::from(root),
        None => PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/cases")),
    };
    let folder = root.join(name);
    if folder.is_dir() {
        return Some(folder);
    }
    eprintln!("skipped: there is no {}", folder.display());
    None
}
