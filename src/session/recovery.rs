//! Nothing is lost: every few seconds an unsaved song goes into a folder of its own, and
//! the next start offers what a crash left there.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::song_file::{SongFile, Stamp};
use ziyin_score::{LoadError, Project, backup_path};

/// An edit is on the disk after this time at the latest.
pub const EVERY: Duration = Duration::from_secs(5);

/// The rescue copy of this studio. It stays where it is until [`Recovery::forget`] or
/// [`Recovery::end`] take it away: whoever ends in another way leaves it behind.
pub struct Recovery {
    folder: PathBuf,
    name: String,
    /// Held as long as the studio lives: who can take it knows that it died.
    _lock: File,
}

/// A song that a studio left behind when it ended without closing.
#[derive(Debug)]
pub struct Lost {
    /// The song, or why it cannot be read.
    pub project: Result<Project, LoadError>,
    /// The file that the song was saved in, if any, as it was then.
    pub file: Option<SongFile>,
    /// Where the copy lies.
    pub rescued: PathBuf,
}

#[derive(Serialize, Deserialize)]
struct Origin {
    path: Option<PathBuf>,
    #[serde(default)]
    seen: Option<Stamp>,
}

impl Recovery {
    /// Begins to guard.
    ///
    /// # Errors
    /// If the folder cannot be written to, or files in it cannot be locked.
    pub fn begin(folder: &Path) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        for attempt in 0.. {
            let name = format!("{}-{attempt}", std::process::id());
            let path = folder.join(format!("{name}.lock"));
            let lock = match File::create_new(&path) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists && attempt < 1000 => continue,
                file => file?,
            };
            if let Err(error) = lock.try_lock() {
                let _ = fs::remove_file(&path);
                return Err(error.into());
            }
            return Ok(Self { folder: folder.to_path_buf(), name, _lock: lock });
        }
        Err(io::ErrorKind::AlreadyExists.into())
    }

    fn path(&self, extension: &str) -> PathBuf {
        self.folder.join(format!("{}.{extension}", self.name))
    }

    /// Rescues a song.
    ///
    /// # Errors
    /// If the folder cannot be written to.
    pub fn rescue(&self, project: &Project, file: Option<&SongFile>) -> io::Result<()> {
        let (path, seen) = (file.map(|file| file.path.clone()), file.and_then(|file| file.seen));
        let origin = serde_json::to_vec(&Origin { path, seen })?;
        fs::write(self.path("json"), origin)?;
        project.save(&self.path("ziyin"))
    }

    /// The song is safe elsewhere, or not wanted.
    pub fn forget(&self) {
        for extension in ["ziyin", "json"] {
            let _ = fs::remove_file(self.path(extension));
        }
        let _ = fs::remove_file(backup_path(&self.path("ziyin")));
    }

    /// Ends as it should.
    pub fn end(self) {
        self.forget();
        let _ = fs::remove_file(self.path("lock"));
    }
}

/// Songs that other studios left behind in a folder.
pub fn lost(folder: &Path) -> Vec<Lost> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let paths = entries.flatten().map(|entry| entry.path());
    let mut all: Vec<Lost> =
        paths.filter(|path| path.extension().is_some_and(|e| e == "lock")).filter_map(left_with).collect();
    all.sort_by(|a, b| a.rescued.cmp(&b.rescued));
    all
}

/// What was left behind with a lock; nothing while its studio lives.
fn left_with(lock: PathBuf) -> Option<Lost> {
    if !File::open(&lock).is_ok_and(|file| file.try_lock().is_ok()) {
        return None;
    }
    let rescued = lock.with_extension("ziyin");
    let there = |path: &Path| fs::symlink_metadata(path).is_ok();
    if !there(&rescued) && !there(&backup_path(&rescued)) {
        // It had nothing to lose.
        let _ = fs::remove_file(lock.with_extension("json"));
        let _ = fs::remove_file(lock);
        return None;
    }
    // The copy before it is older by some seconds, and better than none.
    let project =
        Project::load(&rescued).or_else(|why| Project::load(&backup_path(&rescued)).map_err(|_| why));
    let origin = fs::read(lock.with_extension("json")).ok();
    let origin = origin.and_then(|text| serde_json::from_slice::<Origin>(&text).ok());
    let file = origin.and_then(|origin| Some(SongFile { path: origin.path?, seen: origin.seen }));
    Some(Lost { project, file, rescued })
}

impl Lost {
    /// The song was taken over, or is not wanted.
    pub fn forget(&self) {
        let _ = fs::remove_file(backup_path(&self.rescued));
        for extension in ["ziyin", "json", "lock"] {
            let _ = fs::remove_file(self.rescued.with_extension(extension));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Leaves a copy behind as a studio that dies does.
    fn die(folder: &Path, title: &str) {
        let recovery = Recovery::begin(folder).unwrap();
        let song = |title: &str| Project { title: title.into(), ..Project::default() };
        recovery.rescue(&song("before"), None).unwrap();
        let file = SongFile { path: "/songs/a.ziyin".into(), seen: None };
        recovery.rescue(&song(title), Some(&file)).unwrap();
    }

    #[test]
    fn what_dies_leaves_its_copy_and_what_ends_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        die(folder.path(), "mine");
        let other = Recovery::begin(folder.path()).unwrap();
        other.rescue(&Project::default(), None).unwrap();
        let found = lost(folder.path());
        assert_eq!(found.len(), 1, "one that lives has lost nothing");
        assert_eq!(found[0].project.as_ref().unwrap().title, "mine");
        assert_eq!(found[0].file.as_ref().unwrap().path, Path::new("/songs/a.ziyin"));
        found[0].forget();
        other.end();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_copy_that_cannot_be_read_is_listed_with_its_reason_and_kept() {
        let folder = tempfile::tempdir().unwrap();
        die(folder.path(), "newer");
        let copy = lost(folder.path()).remove(0).rescued;
        let newer = r#"{"ziyin": 4000000000, "title": "from the future"}"#;
        for damage in [newer, "half of a so"] {
            fs::write(&copy, damage).unwrap();
            // The copy before it serves.
            assert_eq!(lost(folder.path())[0].project.as_ref().unwrap().title, "before");
        }
        fs::write(&copy, newer).unwrap();
        fs::remove_file(backup_path(&copy)).unwrap();
        for _ in 0..2 {
            let found = lost(folder.path());
            assert!(matches!(found[0].project, Err(LoadError::Newer { .. })));
            assert_eq!(fs::read_to_string(&found[0].rescued).unwrap(), newer);
        }
    }

    #[test]
    fn a_folder_that_cannot_be_used_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        fs::write(&file, "").unwrap();
        assert!(Recovery::begin(&file.join("rescue")).is_err());
    }
}
