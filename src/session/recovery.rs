//! Nothing is lost: every few seconds an unsaved song goes into a folder of its own, and
//! the next start offers what a crash left there.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use ziyin_score::Project;

/// An edit is on the disk after this time at the latest.
pub const EVERY: Duration = Duration::from_secs(5);

/// The rescue copy of this studio.
pub struct Recovery {
    folder: PathBuf,
    name: String,
    /// Held as long as the studio lives: who can take it knows that it died.
    lock: Option<File>,
    /// The revision that was rescued last, and when.
    done: (u64, Instant),
}

/// A song that a studio left behind when it ended without closing.
#[derive(Clone, Debug)]
pub struct Lost {
    pub project: Project,
    /// The file that the song was saved in, if any.
    pub path: Option<PathBuf>,
    rescued: PathBuf,
}

#[derive(Serialize, Deserialize)]
struct Origin {
    path: Option<PathBuf>,
}

impl Recovery {
    /// Begins to guard; without a folder to write to nothing is guarded.
    pub fn begin(folder: &Path) -> Self {
        let mut name = String::new();
        let mut lock = None;
        if fs::create_dir_all(folder).is_ok() {
            for attempt in 0..1000 {
                name = format!("{}-{attempt}", std::process::id());
                let path = folder.join(format!("{name}.lock"));
                if let Ok(file) = File::create_new(&path)
                    && file.try_lock().is_ok()
                {
                    lock = Some(file);
                    break;
                }
            }
        }
        Self { folder: folder.to_path_buf(), name, lock, done: (0, Instant::now()) }
    }

    fn path(&self, extension: &str) -> PathBuf {
        self.folder.join(format!("{}.{extension}", self.name))
    }

    /// When the song of that revision must be rescued; `None` if it is already.
    pub fn due(&self, revision: u64) -> Option<Instant> {
        (self.lock.is_some() && revision != self.done.0).then(|| self.done.1 + EVERY)
    }

    /// Rescues a song.
    ///
    /// # Errors
    /// If the folder cannot be written to.
    pub fn rescue(&mut self, project: &Project, path: Option<&Path>, revision: u64) -> io::Result<()> {
        let origin = serde_json::to_vec(&Origin { path: path.map(Into::into) })?;
        fs::write(self.path("json"), origin)?;
        project.save(&self.path("ziyin"))?;
        self.done = (revision, Instant::now());
        Ok(())
    }

    /// The song of that revision is safe elsewhere.
    pub fn forget(&mut self, revision: u64) {
        for extension in ["ziyin", "json"] {
            let _ = fs::remove_file(self.path(extension));
        }
        let _ = fs::remove_file(ziyin_score::backup_path(&self.path("ziyin")));
        self.done = (revision, Instant::now());
    }

    /// Songs that were left behind.
    pub fn lost(&self) -> Vec<Lost> {
        let Ok(entries) = fs::read_dir(&self.folder) else { return Vec::new() };
        let locks = entries
            .flatten()
            .map(|entry| entry.path())
            .filter(|path| path.extension().is_some_and(|e| e == "lock"));
        locks
            .filter(|lock| *lock != self.path("lock"))
            .filter_map(|lock| {
                let dead = File::open(&lock).is_ok_and(|file| file.try_lock().is_ok());
                if !dead {
                    return None;
                }
                let rescued = lock.with_extension("ziyin");
                let Ok(project) = Project::load(&rescued) else {
                    // It had nothing to lose.
                    let _ = fs::remove_file(lock);
                    return None;
                };
                let origin = fs::read(lock.with_extension("json")).ok();
                let origin = origin.and_then(|text| serde_json::from_slice::<Origin>(&text).ok());
                Some(Lost { project, path: origin.and_then(|origin| origin.path), rescued })
            })
            .collect()
    }
}

impl Lost {
    /// The song was taken over, or is not wanted.
    pub fn forget(&self) {
        let _ = fs::remove_file(ziyin_score::backup_path(&self.rescued));
        for extension in ["ziyin", "json", "lock"] {
            let _ = fs::remove_file(self.rescued.with_extension(extension));
        }
    }
}

impl Drop for Recovery {
    fn drop(&mut self) {
        if self.lock.take().is_some() {
            self.forget(0);
            let _ = fs::remove_file(self.path("lock"));
        }
    }
}
