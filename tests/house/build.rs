//! Decides as the tests are built which of them can run: a test that needs files which are not
//! here is counted as skipped by the runner, instead of passing without having looked at anything.

use std::path::{Path, PathBuf};

fn main() {
    println!("cargo::rustc-check-cfg=cfg(world_cases)");
    println!("cargo::rustc-check-cfg=cfg(world_recordings)");
    let root = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    for (name, usual, needed, cfg) in [
        ("ZIYIN_CASES", Some(root.join("../shared/cases")), "songs", "world_cases"),
        ("ZIYIN_RECORDINGS", None, "", "world_recordings"),
    ] {
        println!("cargo::rerun-if-env-changed={name}");
        let folder = std::env::var_os(name).map(PathBuf::from).or(usual);
        let Some(folder) = folder.filter(|folder| Path::new(folder).join(needed).is_dir()) else { continue };
        println!("cargo::rerun-if-changed={}", folder.display());
        println!("cargo::rustc-cfg={cfg}");
    }
    println!("cargo::rerun-if-changed=tests/house/build.rs");
}
