//! One plug-in in a project of the host: the song, and the thread that has it sung.

use std::io::{Read, Write};
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering::Relaxed};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use rtrb::RingBuffer;

use super::conductor::{Conductor, Link, Order};
use super::performance::Performance;
use super::performer::{Performer, Rings};
use ziyin_score::{LoadError, Project};

/// Performances that can be on their way to the audio thread.
const ON_THE_WAY: usize = 8;
/// Performances that can be on their way back: each leap of the host sends one.
const GOING_BACK: usize = 1024;

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
    fn break_down(&self) {
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

/// An instance. Dropping it ends its thread.
pub struct Instance {
    pub shared: Arc<Shared>,
    orders: Sender<Order>,
    thread: Option<JoinHandle<()>>,
}

impl Instance {
    /// An instance with an empty song; voices are loaded when there is one to be sung.
    ///
    /// # Errors
    /// If the system has no thread to give.
    pub fn new() -> std::io::Result<Self> {
        let shared = Arc::new(Shared::default());
        let (orders, inbox) = channel();
        let conductor = Conductor::new(shared.clone(), orders.clone());
        let watched = shared.clone();
        let thread = std::thread::Builder::new().name("conductor".into()).spawn(move || {
            if catch_unwind(AssertUnwindSafe(|| conductor.run(&inbox))).is_err() {
                watched.break_down();
            }
        })?;
        Ok(Self { shared, orders, thread: Some(thread) })
    }

    /// Takes the song that a host has saved.
    ///
    /// # Errors
    /// If it is none that can be read; the song before stays.
    pub fn load(&self, state: impl Read) -> Result<(), LoadError> {
        let (number, song) = self.shared.take(Project::read(state))?;
        self.shared.chosen.store(0, Relaxed);
        self.order(Order::Sing(number, Box::new(song)));
        Ok(())
    }

    /// Gives the song for the host to save: the text of a `.ziyin` file.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn save(&self, mut state: impl Write) -> std::io::Result<()> {
        let mut text = Vec::new();
        self.shared.song().write_json(&mut text)?;
        state.write_all(&text)
    }

    /// What the audio thread needs, for a host of `rate` frames a second that asks for `most` at once.
    pub fn performer(&self, rate: f64, most: usize) -> Performer {
        let (performances, incoming) = RingBuffer::new(ON_THE_WAY);
        let (outgoing, retired) = RingBuffer::new(GOING_BACK);
        let rings = Rings { performances: incoming, retired: outgoing };
        let performer = Performer::new(self.shared.clone(), rings, self.shared.newest(), rate, most);
        self.order(Order::Link(Link { performances, retired }));
        performer
    }

    fn order(&self, order: Order) {
        // A conductor that is gone has broken down, and was told of in the log.
        let _ = self.orders.send(order);
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        self.order(Order::End);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
