//! A song that is read on a thread of its own.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, TryRecvError, channel};
use ziyin_message::message;

use super::engine::Wake;
use super::song_file::SongFile;
use ziyin_interchange::{Budget, ImportOptions, Imported, OpenError, open_song};
use ziyin_score::{Project, backup_path};

/// A song on its way in; dropping it cancels.
pub struct Importing {
    path: PathBuf,
    budget: Budget,
    read: Receiver<Read>,
}

/// What came of it.
pub struct Read {
    /// The file as it was before it was read.
    pub file: SongFile,
    pub song: Result<Imported, OpenError>,
    /// The version before, where the file is a song of Ziyin's own that cannot be read.
    pub before: Option<Project>,
}

impl Importing {
    /// Begins; `wake` is called once it is read.
    pub fn begin(path: &Path, options: &ImportOptions, wake: Wake) -> Self {
        let (tell, read) = channel();
        let budget = Budget::default();
        let (file, options, spent) = (path.to_path_buf(), options.clone(), budget.clone());
        let work = move || {
            let found = SongFile::at(file);
            let song = open_song(&found.path, &options, &spent);
            let before = song.as_ref().err().and_then(|why| version_before(&found.path, why));
            let _ = tell.send(Read { file: found, song, before });
            wake();
        };
        // Without a thread nothing is ever sent, which is seen below.
        let _ = std::thread::Builder::new().name("import".into()).spawn(work);
        Self { path: path.to_path_buf(), budget, read }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// How far it is, from 0 to 1.
    pub fn progress(&self) -> f32 {
        self.budget.progress()
    }

    /// The song once it is read, or why there is none.
    pub fn outcome(&self) -> Option<Read> {
        match self.read.try_recv() {
            Ok(read) => Some(read),
            Err(TryRecvError::Empty) => None,
            // A reader that broke down on a file could not read it.
            Err(TryRecvError::Disconnected) => {
                let song = Err(OpenError::Io(std::io::Error::other(message!("open.broke-down"))));
                let file = SongFile { path: self.path.clone(), seen: None };
                Some(Read { file, song, before: None })
            }
        }
    }
}

impl Drop for Importing {
    fn drop(&mut self) {
        self.budget.cancel();
    }
}

/// What a save has kept of a song that is damaged now. A song of a newer Ziyin is none.
fn version_before(path: &Path, why: &OpenError) -> Option<Project> {
    let own = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("ziyin"));
    let newer = matches!(why, OpenError::Song(ziyin_score::LoadError::Newer { .. }) | OpenError::Budget(_));
    (own && !newer).then(|| Project::load(&backup_path(path)).ok())?
}
