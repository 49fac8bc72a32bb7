//! What is written goes through one thread, in the order in which it was asked for: a slow disk
//! holds up nobody who draws.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SendError, Sender, channel};
use std::thread::JoinHandle;
use ziyin_message::message;

use super::engine::Wake;
use super::recovery::{Lost, Recovery};
use super::settings::Settings;
use ziyin_score::Project;

/// What is to be written.
pub(super) enum Order {
    /// A song in its file.
    Save(Saving),
    /// A copy of an unsaved song with the file that it has; `instead` of what another studio left
    /// behind, which then goes.
    Rescue {
        project: Project,
        path: Option<PathBuf>,
        instead: Option<Lost>,
    },
    /// The copy is no longer wanted.
    Forget,
    Settings(Box<Settings>),
    /// The studio ends as it should.
    End,
}

/// A song on its way into a file.
pub(super) struct Saving {
    /// The song as it is in the editor, and as it is written.
    pub project: Project,
    pub written: Project,
    pub path: PathBuf,
    /// Counts the songs that were opened.
    pub song: u64,
}

/// What was written, or why it was not.
pub(super) enum Kept {
    Saved(Box<Saving>, io::Result<()>),
    Rescued(io::Result<()>),
    Settings(io::Result<()>),
}

pub(super) struct Keeper {
    orders: Sender<Order>,
    kept: Receiver<Kept>,
    thread: Option<JoinHandle<()>>,
    /// Songs that are on their way.
    saving: usize,
    /// What nobody is there to write.
    refused: Vec<Kept>,
}

impl Keeper {
    /// Begins, for a studio with its settings in `home`.
    pub fn begin(home: &Path, recovery: Option<Recovery>, wake: Wake) -> Self {
        let (orders, inbox) = channel();
        let (tell, kept) = channel();
        let home = home.to_path_buf();
        let work = move || keep(&home, recovery, &inbox, &tell, &wake);
        // Without a thread nobody takes an order, which is seen below.
        let thread = std::thread::Builder::new().name("keeper".into()).spawn(work).ok();
        Self { orders, kept, thread, saving: 0, refused: Vec::new() }
    }

    pub fn order(&mut self, order: Order) {
        self.saving += usize::from(matches!(order, Order::Save(_)));
        let Err(SendError(order)) = self.orders.send(order) else { return };
        let nobody = || Err(io::Error::other(message!("keeper.gone")));
        match order {
            Order::Save(saving) => self.refused.push(Kept::Saved(Box::new(saving), nobody())),
            Order::Rescue { .. } => self.refused.push(Kept::Rescued(nobody())),
            Order::Settings(_) => self.refused.push(Kept::Settings(nobody())),
            Order::Forget | Order::End => {}
        }
    }

    /// Whether a song is on its way into its file.
    pub fn is_saving(&self) -> bool {
        self.saving > 0
    }

    /// What was written since this was last asked.
    pub fn kept(&mut self) -> Vec<Kept> {
        let kept: Vec<Kept> = self.refused.drain(..).chain(self.kept.try_iter()).collect();
        self.saving -= kept.iter().filter(|kept| matches!(kept, Kept::Saved(..))).count();
        kept
    }
}

impl Drop for Keeper {
    /// Waits for what is being written. Who panics leaves the rescue copy behind.
    fn drop(&mut self) {
        if !std::thread::panicking() {
            self.order(Order::End);
        }
        self.orders = channel().0;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn keep(
    home: &Path,
    mut recovery: Option<Recovery>,
    inbox: &Receiver<Order>,
    tell: &Sender<Kept>,
    wake: &Wake,
) {
    while let Ok(order) = inbox.recv() {
        let kept = match order {
            Order::Save(saving) => {
                let saved = saving.written.save(&saving.path);
                Kept::Saved(Box::new(saving), saved)
            }
            Order::Rescue { project, path, instead } => {
                let Some(recovery) = &recovery else { continue };
                let rescued = recovery.rescue(&project, path.as_deref());
                if let (Ok(()), Some(lost)) = (&rescued, instead) {
                    lost.forget();
                }
                Kept::Rescued(rescued)
            }
            Order::Forget => {
                recovery.iter().for_each(Recovery::forget);
                continue;
            }
            Order::Settings(settings) => Kept::Settings(settings.save(home)),
            Order::End => {
                recovery.take().into_iter().for_each(Recovery::end);
                continue;
            }
        };
        let _ = tell.send(kept);
        wake();
    }
}
