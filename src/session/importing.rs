//! A song that is read on a thread of its own.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, TryRecvError, channel};
use ziyin_message::message;

use super::engine::Wake;
use ziyin_interchange::{Budget, ImportOptions, Imported, OpenError, open_song};

/// A song on its way in; dropping it cancels.
pub struct Importing {
    path: PathBuf,
    budget: Budget,
    read: Receiver<Result<Imported, OpenError>>,
}

impl Importing {
    /// Begins; `wake` is called once it is read.
    pub fn begin(path: &Path, options: &ImportOptions, wake: Wake) -> Self {
        let (tell, read) = channel();
        let budget = Budget::default();
        let (file, options, spent) = (path.to_path_buf(), options.clone(), budget.clone());
        let work = move || {
            let _ = tell.send(open_song(&file, &options, &spent));
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
    pub fn outcome(&self) -> Option<Result<Imported, OpenError>> {
        match self.read.try_recv() {
            Ok(read) => Some(read),
            Err(TryRecvError::Empty) => None,
            // A reader that broke down on a file could not read it.
            Err(TryRecvError::Disconnected) => {
                Some(Err(OpenError::Io(std::io::Error::other(message!("open.broke-down")))))
            }
        }
    }
}

impl Drop for Importing {
    fn drop(&mut self) {
        self.budget.cancel();
    }
}
