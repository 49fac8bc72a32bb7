//! What the threads of an instance share.

use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use super::performance::Performance;
use ziyin_score::{LoadError, Project};

/// How it stands with an instance.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Status {
    /// There is nothing to be sung.
    #[default]
    Empty,
    /// The voices are being loaded, or the song planned.
    Preparing,
    /// Sung, from 0 to 1, with what was left out.
    Singing { done: f32, warnings: Vec<String> },
    /// The song, or a part of it, cannot be sung.
    Failed(String),
}

/// What the threads of an instance share.
#[derive(Default)]
pub struct Shared {
    song: Mutex<Project>,
    /// Counts the songs that were taken.
    wanted: AtomicU64,
    /// Whether the conductor broke down, so that nothing will come any more.
    gone: AtomicBool,
    /// Why the last song that was to be taken was not.
    refused: Mutex<Option<String>>,
    status: Mutex<Status>,
    newest: Mutex<Arc<Performance>>,
    changed: Condvar,
    offline: AtomicBool,
    /// The sample of the song that the host is at, and whether it moves.
    place: AtomicU64,
    playing: AtomicBool,
    /// The place among the songs of the studio that the user chose last; 0 for the song as it is.
    pub chosen: AtomicU32,
}

/// What is guarded is whole at any time.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    pub fn is_offline(&self) -> bool {
        self.offline.load(Relaxed)
    }

    /// Tells whether the host renders without being heard, and so can wait.
    pub fn set_offline(&self, offline: bool) {
        self.offline.store(offline, Relaxed);
    }

    /// Tells where the host is.
    pub fn tell_place(&self, sample: u64, playing: bool) {
        self.place.store(sample, Relaxed);
        self.playing.store(playing, Relaxed);
    }

    /// The sample of the song that the host is at, while it plays.
    pub fn place(&self) -> Option<u64> {
        self.playing.load(Relaxed).then(|| self.place.load(Relaxed))
    }

    pub fn newest(&self) -> Arc<Performance> {
        locked(&self.newest).clone()
    }

    /// Puts another performance in the place of the newest.
    pub fn perform(&self, performance: Arc<Performance>) {
        *locked(&self.newest) = performance;
        self.changed.notify_all();
    }

    /// Waits until all that can be heard between two samples is sung, or will not be.
    pub fn wait_for(&self, samples: &Range<u64>) -> Arc<Performance> {
        let newest = locked(&self.newest);
        let comes = |newest: &mut Arc<Performance>| {
            let is_there = newest.song == self.wanted.load(Relaxed) && newest.is_ready(samples);
            !is_there && !self.gone.load(Relaxed)
        };
        let ready = self.changed.wait_while(newest, comes);
        ready.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Says that nothing will be sung any more: whoever waits goes on.
    pub fn break_down(&self) {
        self.tell_status(Status::Failed("the plug-in broke down; load it anew".into()));
        self.gone.store(true, Relaxed);
        drop(locked(&self.newest));
        self.changed.notify_all();
    }

    pub fn status(&self) -> Status {
        locked(&self.status).clone()
    }

    pub fn tell_status(&self, status: Status) {
        *locked(&self.status) = status;
    }

    pub fn song(&self) -> Project {
        locked(&self.song).clone()
    }

    pub fn refusal(&self) -> Option<String> {
        locked(&self.refused).clone()
    }

    /// Takes a song and gives it with its number, or keeps the one before and the reason.
    pub fn take(&self, read: Result<Project, LoadError>) -> Result<(u64, Project), LoadError> {
        match read {
            Ok(song) => {
                *locked(&self.refused) = None;
                *locked(&self.song) = song.clone();
                Ok((self.wanted.fetch_add(1, Relaxed) + 1, song))
            }
            Err(error) => {
                tracing::error!("a song was refused: {error}");
                *locked(&self.refused) = Some(error.to_string());
                Err(error)
            }
        }
    }
}
