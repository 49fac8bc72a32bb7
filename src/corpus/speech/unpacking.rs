//! Speakers that a corpus still holds as archives of their own, `S0002.tar.gz`.

use std::fs;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};

use flate2::read::MultiGzDecoder;

use super::{CorpusError, walk};

/// What an archive of one speaker may unfold to, in bytes: nine hours of 16 bits at 16 kHz.
const MOST_BYTES: u64 = 1 << 30;

/// Unpacks every inner archive below `folder` into a folder of its name below `into`,
/// unless that is there already. Gives the folders, in order.
///
/// # Errors
/// If an archive is damaged or far too large, or there is no room.
pub fn unpack_inner(folder: &Path, into: &Path) -> Result<Vec<PathBuf>, CorpusError> {
    let archives = walk::files(folder, &["gz", "tgz"])?;
    archives.iter().map(|archive| unpack(archive, folder, into, MOST_BYTES)).collect()
}

fn unpack(archive: &Path, root: &Path, into: &Path, limit: u64) -> Result<PathBuf, CorpusError> {
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
    // A small archive can unfold to more than a disk holds.
    let mut tar = tar::Archive::new(MultiGzDecoder::new(BufReader::new(file)).take(limit));
    let unpacked = unpack_files(&mut tar, &unfinished);
    if tar.into_inner().limit() == 0 {
        fs::remove_dir_all(&unfinished).map_err(|e| failed(&unfinished, e))?;
        return Err(CorpusError::TooLarge { path: archive.to_path_buf(), limit });
    }
    let path = archive.to_path_buf();
    unpacked.map_err(|error| CorpusError::Damaged { path, what: error.to_string() })?;
    fs::rename(&unfinished, &target).map_err(|e| failed(&target, e))?;
    Ok(target)
}

fn unpack_files(tar: &mut tar::Archive<impl Read>, into: &Path) -> std::io::Result<()> {
    for entry in tar.entries()? {
        let mut entry = entry?;
        // Links could lead out of the folder, and no corpus needs them.
        if entry.header().entry_type().is_file() {
            entry.unpack_in(into)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use flate2::{Compression, write::GzEncoder};

    use super::*;

    #[test]
    fn an_archive_that_unfolds_to_too_much_is_refused_and_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let (root, into) = (folder.path().join("wav"), folder.path().join("unpacked"));
        fs::create_dir_all(&root).unwrap();
        let archive = root.join("S0002.tar.gz");
        let mut tar =
            tar::Builder::new(GzEncoder::new(fs::File::create(&archive).unwrap(), Compression::fast()));
        for name in ["a.wav", "b.wav"] {
            let mut header = tar::Header::new_gnu();
            header.set_size(1 << 20);
            header.set_cksum();
            tar.append_data(&mut header, name, std::io::repeat(0).take(1 << 20)).unwrap();
        }
        tar.into_inner().unwrap().finish().unwrap();
        let refused = unpack(&archive, &root, &into, 1 << 20);
        assert!(matches!(refused, Err(CorpusError::TooLarge { .. })), "{refused:?}");
        assert_eq!(fs::read_dir(&into).unwrap().count(), 0);
        let unpacked = unpack(&archive, &root, &into, 4 << 20).unwrap();
        assert_eq!(fs::read_dir(unpacked).unwrap().count(), 2);
    }
}
