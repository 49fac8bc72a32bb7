//! Speakers that a corpus still holds as archives of their own, `S0002.tar.gz`.

use std::fs;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use flate2::read::MultiGzDecoder;

use super::{CorpusError, walk};

/// Unpacks every inner archive below `folder` into a folder of its name below `into`,
/// unless that is there already. Gives the folders, in order.
///
/// # Errors
/// If an archive is damaged, or there is no room.
pub fn unpack_inner(folder: &Path, into: &Path) -> Result<Vec<PathBuf>, CorpusError> {
    let archives = walk::files(folder, &["gz", "tgz"])?;
    archives.iter().map(|archive| unpack(archive, folder, into)).collect()
}

fn unpack(archive: &Path, root: &Path, into: &Path) -> Result<PathBuf, CorpusError> {
    let within = archive.strip_prefix(root).unwrap_or(archive);
    let name = within.to_string_lossy();
    let name = name.trim_end_matches(".gz").trim_end_matches(".tgz").trim_end_matches(".tar");
    let target = into.join(name);
    if target.is_dir() {
        return Ok(target);
    }
    let failed = |path: &Path, source| CorpusError::Io { path: path.to_path_buf(), source };
    // What was interrupted half-way has another name, and is begun again.
    let unfinished = into.join(format!("{name}.part"));
    if unfinished.exists() {
        fs::remove_dir_all(&unfinished).map_err(|e| failed(&unfinished, e))?;
    }
    fs::create_dir_all(&unfinished).map_err(|e| failed(&unfinished, e))?;
    let file = fs::File::open(archive).map_err(|e| failed(archive, e))?;
    let mut tar = tar::Archive::new(MultiGzDecoder::new(BufReader::new(file)));
    let damaged =
        |e: std::io::Error| CorpusError::Damaged { path: archive.to_path_buf(), what: e.to_string() };
    for entry in tar.entries().map_err(damaged)? {
        let mut entry = entry.map_err(damaged)?;
        // Links could lead out of the folder, and no corpus needs them.
        if entry.header().entry_type().is_file() {
            entry.unpack_in(&unfinished).map_err(damaged)?;
        }
    }
    fs::rename(&unfinished, &target).map_err(|e| failed(&target, e))?;
    Ok(target)
}
