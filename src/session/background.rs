//! Work in a thread of its own that says how far it is, and ends when nobody wants it any more.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ziyin_message::{Message, ToMessage};

/// Work under way, which is at a stage; dropping it cancels.
pub(super) struct Background<S>(Work<S>);

/// The work as it is known to the thread that does it.
pub(super) struct Work<S>(Arc<Shared<S>>);

struct Shared<S> {
    cancelled: AtomicBool,
    stage: Mutex<S>,
    wake: Box<dyn Fn() + Send + Sync>,
}

impl<S> Work<S> {
    /// Says how far it is.
    pub fn tell(&self, stage: S) {
        *self.stage() = stage;
        (self.0.wake)();
    }

    pub fn is_cancelled(&self) -> bool {
        self.0.cancelled.load(Relaxed)
    }

    fn stage(&self) -> MutexGuard<'_, S> {
        self.0.stage.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<S: Send + 'static> Background<S> {
    /// Begins at a stage, in a thread of that name. `wake` is called when there is news; `failed` is the
    /// stage of work that ended with a reason, or broke down.
    pub fn begin(
        thread: &str,
        stage: S,
        wake: impl Fn() + Send + Sync + 'static,
        (failed, broke_down): (fn(Message) -> S, Message),
        work: impl FnOnce(&Work<S>) -> Result<(), Message> + Send + 'static,
    ) -> Self {
        let shared = Arc::new(Shared {
            cancelled: AtomicBool::new(false),
            stage: Mutex::new(stage),
            wake: Box::new(wake),
        });
        let works = Work(shared.clone());
        let started = std::thread::Builder::new().name(thread.into()).spawn(move || {
            let done = catch_unwind(AssertUnwindSafe(|| work(&works)));
            if let Err(why) = done.unwrap_or(Err(broke_down)) {
                works.tell(failed(why));
            }
        });
        let here = Work(shared);
        if let Err(error) = started {
            here.tell(failed(error.to_message()));
        }
        Self(here)
    }
}

impl<S> Background<S> {
    /// The stage it is at.
    pub fn stage(&self) -> MutexGuard<'_, S> {
        self.0.stage()
    }
}

impl<S> Drop for Background<S> {
    fn drop(&mut self) {
        self.0.0.cancelled.store(true, Relaxed);
    }
}
