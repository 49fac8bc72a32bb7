//! The file of a song while the song is open: held against other programs of this kind, and known as it
//! was when it was read or written last, so that nobody's work is written over.

use std::fs::{self, File, Metadata, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use serde::{Deserialize, Serialize};

/// A file of a song, as it was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SongFile {
    pub path: PathBuf,
    /// `None` where nothing lay there.
    pub seen: Option<Stamp>,
}

/// By what one version of a file is told from another: a program that writes it leaves another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamp {
    /// In nanoseconds since 1970.
    modified: u64,
    length: u64,
    /// Its number on the disk, where disks number files.
    number: u64,
}

impl Stamp {
    /// The stamp of what lies at a path; `None` where nothing does, or nothing can be known of it.
    pub fn of(path: &Path) -> Option<Self> {
        let metadata = fs::metadata(path).ok()?;
        let modified = metadata.modified().ok()?.duration_since(UNIX_EPOCH).unwrap_or_default();
        let modified = u64::try_from(modified.as_nanos()).unwrap_or(u64::MAX);
        Some(Self { modified, length: metadata.len(), number: number(&metadata) })
    }
}

#[cfg(unix)]
fn number(metadata: &Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(metadata)
}

#[cfg(not(unix))]
fn number(_: &Metadata) -> u64 {
    0
}

impl SongFile {
    /// The file at a path as it is now.
    pub fn at(path: PathBuf) -> Self {
        Self { seen: Stamp::of(&path), path }
    }
}

/// A song that no other program of this kind takes while this lives. The lock lies beside the song and
/// belongs to the process: it goes with one that dies.
pub(super) struct Hold {
    song: PathBuf,
    lock: PathBuf,
    _file: File,
}

/// What came of taking a song.
pub(super) enum Taken {
    Held(Hold),
    /// Another program holds it.
    Elsewhere,
    /// Beside the song nothing can be locked: nobody is kept off, and nobody is told.
    Unguarded,
}

/// How often a lock is taken that goes at the same moment.
const ATTEMPTS: usize = 20;

impl Hold {
    pub fn take(song: &Path) -> Taken {
        let lock = lock_path(song);
        for _ in 0..ATTEMPTS {
            let Ok(file) = OpenOptions::new().create(true).truncate(false).write(true).open(&lock) else {
                return Taken::Unguarded;
            };
            match file.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => return Taken::Elsewhere,
                Err(TryLockError::Error(_)) => {
                    let _ = fs::remove_file(&lock);
                    return Taken::Unguarded;
                }
            }
            // Who held it until now may have taken the file away.
            if is_at(&file, &lock) {
                return Taken::Held(Self { song: song.to_path_buf(), lock, _file: file });
            }
        }
        Taken::Unguarded
    }

    pub fn song(&self) -> &Path {
        &self.song
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.lock);
    }
}

/// Where the lock of a song lies: `.SONG.ziyin.lock` beside what a link leads to.
fn lock_path(song: &Path) -> PathBuf {
    let song = fs::canonicalize(song).unwrap_or_else(|_| song.to_path_buf());
    let mut name = std::ffi::OsString::from(".");
    name.push(song.file_name().unwrap_or_default());
    name.push(".lock");
    song.with_file_name(name)
}

#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> bool {
    let here = file.metadata().map(|metadata| number(&metadata)).ok();
    here.is_some() && here == fs::metadata(path).map(|metadata| number(&metadata)).ok()
}

/// Elsewhere a file that is open cannot be taken away.
#[cfg(not(unix))]
fn is_at(_: &File, path: &Path) -> bool {
    path.exists()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_song_is_held_once_and_free_when_its_holder_is_gone() {
        let folder = tempfile::tempdir().unwrap();
        let song = folder.path().join("song.ziyin");
        fs::write(&song, "{}").unwrap();
        let Taken::Held(hold) = Hold::take(&song) else { panic!("nobody had it") };
        assert!(matches!(Hold::take(&song), Taken::Elsewhere));
        #[cfg(unix)]
        {
            let link = folder.path().join("link.ziyin");
            std::os::unix::fs::symlink(&song, &link).unwrap();
            assert!(matches!(Hold::take(&link), Taken::Elsewhere));
            fs::remove_file(link).unwrap();
        }
        drop(hold);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left beside the song");
        // What a program that died has left is no lock.
        fs::write(lock_path(&song), "").unwrap();
        assert!(matches!(Hold::take(&song), Taken::Held(_)));
    }

    #[test]
    fn where_nothing_can_be_written_nothing_is_held() {
        let folder = tempfile::tempdir().unwrap();
        assert!(matches!(Hold::take(&folder.path().join("gone/song.ziyin")), Taken::Unguarded));
    }

    #[test]
    fn what_is_written_anew_has_another_stamp() {
        let folder = tempfile::tempdir().unwrap();
        let song = folder.path().join("song.ziyin");
        assert_eq!(Stamp::of(&song), None);
        ziyin_score::Project::default().save(&song).unwrap();
        let first = Stamp::of(&song);
        assert!(first.is_some() && first == Stamp::of(&song));
        ziyin_score::Project::default().save(&song).unwrap();
        assert_ne!(Stamp::of(&song), first);
    }
}
