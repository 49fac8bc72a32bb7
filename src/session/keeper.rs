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
use super::song_file::{Hold, SongFile, Stamp, Taken};
use ziyin_score::Project;

/// What is to be written.
pub(super) enum Order {
    /// The file of the song that is open from now on: no other studio is to take it.
    Hold(Option<PathBuf>),
    /// A song in its file.
    Save(Saving),
    /// A copy of an unsaved song with the file that it has; `instead` of what another studio left
    /// behind, which then goes.
    Rescue {
        project: Project,
        file: Option<SongFile>,
        instead: Option<Lost>,
    },
    /// The copy is no longer wanted.
    Forget,
    Settings(Box<Settings>),
    /// The studio ends: as it should, or so that its copy stays.
    End {
        forget: bool,
    },
}

/// A song on its way into a file.
pub(super) struct Saving {
    /// The song as it is in the editor, and as it is written.
    pub project: Project,
    pub written: Project,
    pub path: PathBuf,
    /// What may be written over.
    pub over: Over,
    /// Counts the songs that were opened.
    pub song: u64,
}

/// What may be written over.
pub(super) enum Over {
    Anything,
    /// What was seen there last, and nothing newer.
    Seen(Option<Stamp>),
}

/// Why a song was not saved.
pub(super) enum NotSaved {
    Io(io::Error),
    /// Another program has written the file.
    Changed,
    /// Another studio has the song open.
    Elsewhere,
}

/// What was written, or why it was not.
pub(super) enum Kept {
    /// Whether another studio has the song of that path open.
    Held {
        path: PathBuf,
        elsewhere: bool,
    },
    Saved(Box<Saving>, Result<Option<Stamp>, NotSaved>),
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
            Order::Save(saving) => {
                let why = NotSaved::Io(io::Error::other(message!("keeper.gone")));
                self.refused.push(Kept::Saved(Box::new(saving), Err(why)));
            }
            Order::Rescue { .. } => self.refused.push(Kept::Rescued(nobody())),
            Order::Settings(_) => self.refused.push(Kept::Settings(nobody())),
            Order::Hold(_) | Order::Forget | Order::End { .. } => {}
        }
    }

    /// Lets another thread put a song aside that has no file.
    pub fn rescuer(&self) -> impl FnOnce(Project) + Send + 'static {
        let orders = self.orders.clone();
        move |project| {
            // Nobody is there any more where the studio has ended.
            let _ = orders.send(Order::Rescue { project, file: None, instead: None });
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
        self.order(Order::End { forget: !std::thread::panicking() });
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn keep(home: &Path, recovery: Option<Recovery>, inbox: &Receiver<Order>, tell: &Sender<Kept>, wake: &Wake) {
    let mut hold = None;
    while let Ok(order) = inbox.recv() {
        let kept = match order {
            Order::Hold(path) => {
                hold = None;
                let Some(path) = path else { continue };
                let taken = Hold::take(&path);
                let elsewhere = matches!(taken, Taken::Elsewhere);
                if let Taken::Held(held) = taken {
                    hold = Some(held);
                }
                Kept::Held { path, elsewhere }
            }
            Order::Save(saving) => {
                let saved = save(&saving, &mut hold);
                Kept::Saved(Box::new(saving), saved)
            }
            Order::Rescue { project, file, instead } => {
                let Some(recovery) = &recovery else { continue };
                let rescued = recovery.rescue(&project, file.as_ref());
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
            Order::End { forget } => {
                if forget {
                    recovery.into_iter().for_each(Recovery::end);
                }
                return;
            }
        };
        let _ = tell.send(kept);
        wake();
    }
}

/// Writes a song where nobody else has it open and nothing lies that was not seen; from then on it is
/// held.
fn save(saving: &Saving, hold: &mut Option<Hold>) -> Result<Option<Stamp>, NotSaved> {
    let mut taken = None;
    if hold.as_ref().is_none_or(|hold| hold.song() != saving.path) {
        match Hold::take(&saving.path) {
            Taken::Held(held) => taken = Some(held),
            Taken::Elsewhere => return Err(NotSaved::Elsewhere),
            Taken::Unguarded => {}
        }
    }
    if let Over::Seen(seen) = saving.over
        && let Some(there) = Stamp::of(&saving.path)
        && seen != Some(there)
    {
        return Err(NotSaved::Changed);
    }
    saving.written.save(&saving.path).map_err(NotSaved::Io)?;
    if taken.is_some() {
        *hold = taken;
    }
    Ok(Stamp::of(&saving.path))
}
