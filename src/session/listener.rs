//! A recording that is listened to in the background.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};

use super::hearing::{HeardSong, HearingOrder, hear};
use ziyin_message::{Message, ToMessage, message};

/// How far it is.
enum Stage {
    /// The part that is done, 0 to 1.
    Listening(f32),
    Done(Box<HeardSong>),
    Failed(Message),
    /// It was given away, or nobody wants it.
    Over,
}

/// What became of it so far.
pub enum Heard {
    /// The part that is done, 0 to 1.
    Listening(f32),
    /// The song, which is given once.
    Song(Box<HeardSong>),
    Failed(Message),
}

/// Listens; dropping it cancels.
pub struct Listener {
    shared: Arc<Shared>,
}

struct Shared {
    cancelled: AtomicBool,
    stage: Mutex<Stage>,
    wake: Box<dyn Fn() + Send + Sync>,
}

impl Shared {
    fn tell(&self, stage: Stage) {
        *self.stage.lock().unwrap_or_else(PoisonError::into_inner) = stage;
        (self.wake)();
    }
}

impl Listener {
    /// Begins. `wake` is called when there is news.
    pub fn begin(order: HearingOrder, wake: impl Fn() + Send + Sync + 'static) -> Self {
        let shared = Arc::new(Shared {
            cancelled: AtomicBool::new(false),
            stage: Mutex::new(Stage::Listening(0.0)),
            wake: Box::new(wake),
        });
        let works = shared.clone();
        let started = std::thread::Builder::new().name("listening".into()).spawn(move || {
            let heard = catch_unwind(AssertUnwindSafe(|| {
                hear(&order, &mut |part| {
                    works.tell(Stage::Listening(part));
                    !works.cancelled.load(Relaxed)
                })
            }));
            works.tell(match heard {
                Ok(Ok(Some(song))) => Stage::Done(Box::new(song)),
                Ok(Ok(None)) => Stage::Over,
                Ok(Err(why)) => Stage::Failed(why),
                Err(_) => Stage::Failed(message!("hearing.broke-down")),
            });
        });
        if let Err(error) = started {
            shared.tell(Stage::Failed(error.to_message()));
        }
        Self { shared }
    }

    /// What became of it so far.
    pub fn heard(&self) -> Heard {
        let mut stage = self.shared.stage.lock().unwrap_or_else(PoisonError::into_inner);
        match std::mem::replace(&mut *stage, Stage::Over) {
            Stage::Listening(part) => {
                *stage = Stage::Listening(part);
                Heard::Listening(part)
            }
            Stage::Done(song) => Heard::Song(song),
            Stage::Failed(why) => {
                *stage = Stage::Failed(why.clone());
                Heard::Failed(why)
            }
            Stage::Over => Heard::Listening(1.0),
        }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.shared.cancelled.store(true, Relaxed);
    }
}
