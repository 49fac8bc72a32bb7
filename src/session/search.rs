//! What lies on the disk and is looked for in the background: who can sing, and songs that were left
//! behind. Folders of many files, or on a slow disk, hold up nobody who draws.

use std::path::PathBuf;
use std::sync::mpsc::{Receiver, Sender, channel};

use ziyin_message::Message;

use super::audio_take::KeptTake;
use super::engine::Wake;
use super::recovery::Lost;
use super::singer_files::{DeletedSinger, SingerChange};
use super::singers::Singer;

/// What was found.
pub(super) enum Found {
    /// Those who are installed, and those who were deleted.
    Singers(Vec<Singer>, Vec<DeletedSinger>),
    Lost(Vec<Lost>),
    /// What became of singers, or why it did not.
    Changed(Result<SingerChange, Message>),
    Templates(Vec<PathBuf>),
    /// A template that could not be written, and why.
    NotKept(PathBuf, Message),
    /// A take from the microphone in its file.
    Recorded(Result<KeptTake, Message>),
}

/// What is being looked for.
pub(super) struct Search {
    tell: Sender<Found>,
    found: Receiver<Found>,
    wake: Wake,
    /// Searches that have not come back.
    pending: usize,
}

impl Search {
    pub fn new(wake: Wake) -> Self {
        let (tell, found) = channel();
        Self { tell, found, wake, pending: 0 }
    }

    /// Begins to look; what is found comes by [`Search::found`].
    ///
    /// It says whether it does.
    pub fn begin(&mut self, look: impl FnOnce() -> Found + Send + 'static) -> bool {
        let (tell, wake) = (self.tell.clone(), self.wake.clone());
        let started = std::thread::Builder::new().name("search".into()).spawn(move || {
            let _ = tell.send(look());
            wake();
        });
        match started {
            Ok(_) => self.pending += 1,
            Err(error) => {
                tracing::error!("nothing can be looked for: {error}");
                return false;
            }
        }
        true
    }

    /// Whether something is still being looked for.
    pub fn is_on(&self) -> bool {
        self.pending > 0
    }

    /// What was found since this was last asked.
    pub fn found(&mut self) -> Vec<Found> {
        let found: Vec<Found> = self.found.try_iter().collect();
        self.pending -= found.len();
        found
    }
}
