//! Files from the world outside, which stay outside: `ZIYIN_CASES` names their folder, else
//! `../shared/cases` is taken. Tests that need them carry
//! `#[cfg_attr(not(world_cases), ignore = "…")]`, which `tests/cases.rs` decides as they are built:
//! without the files the runner counts these tests as skipped and says so at its end.

use std::path::PathBuf;

fn root() -> PathBuf {
    match std::env::var_os("ZIYIN_CASES") {
        Some(root) => PathBuf::from(root),
        None => PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/cases")),
    }
}

/// A folder of them, for a test that is skipped where there are none.
pub fn folder(name: &str) -> PathBuf {
    let folder = root().join(name);
    assert!(folder.is_dir(), "there is no {}", folder.display());
    folder
}

/// The files of a folder, where there are any, for a test that can do with fewer. In order.
pub fn more(name: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let entries = std::fs::read_dir(root().join(name)).into_iter().flatten().flatten();
    let mut files: Vec<_> = entries
        .filter_map(|entry| std::fs::read(entry.path()).ok().map(|bytes| (entry.path(), bytes)))
        .collect();
    files.sort();
    files
}
