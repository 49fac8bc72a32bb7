use std::fs;
use std::path::{Path, PathBuf};

use super::CorpusError;

/// Folders below each other that are looked into.
const DEEPEST: usize = 8;

/// Every file below a folder that ends in one of the extensions, whatever the case, sorted.
pub fn files(root: &Path, extensions: &[&str]) -> Result<Vec<PathBuf>, CorpusError> {
    let mut found = Vec::new();
    collect(root, extensions, 0, &mut found)?;
    found.sort();
    Ok(found)
}

fn collect(
    folder: &Path,
    extensions: &[&str],
    depth: usize,
    found: &mut Vec<PathBuf>,
) -> Result<(), CorpusError> {
    for path in entries(folder)? {
        if path.is_dir() {
            if depth < DEEPEST {
                collect(&path, extensions, depth + 1, found)?;
            }
        } else if has_extension(&path, extensions) {
            found.push(path);
        }
    }
    Ok(())
}

/// What stands in a folder itself, sorted.
pub fn entries(folder: &Path) -> Result<Vec<PathBuf>, CorpusError> {
    let failed = |source| CorpusError::Io { path: folder.to_path_buf(), source };
    let mut paths: Vec<PathBuf> =
        fs::read_dir(folder).map_err(failed)?.filter_map(|entry| entry.ok().map(|e| e.path())).collect();
    paths.sort();
    Ok(paths)
}

pub fn has_extension(path: &Path, extensions: &[&str]) -> bool {
    let extension = path.extension().and_then(|e| e.to_str()).unwrap_or_default();
    extensions.iter().any(|wanted| extension.eq_ignore_ascii_case(wanted))
}

/// A text file in UTF-8, or whatever a voicebank's file could be in.
pub fn read_text(path: &Path) -> Result<String, CorpusError> {
    let bytes = fs::read(path).map_err(|source| CorpusError::Io { path: path.to_path_buf(), source })?;
    Ok(crate::oto::decode(&bytes))
}

/// The name of a file without its extension.
pub fn stem(path: &Path) -> String {
    path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default()
}

/// The name of the folder that a file stands in.
pub fn parent(path: &Path) -> String {
    let folder = path.parent().and_then(Path::file_name);
    folder.map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}
