//! The MIDI keyboard that was chosen: a thread looks for it as long as one is, and hears it while it is there.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use super::engine::Wake;
use ziyin_playback::{MidiKey, MidiPort, MidiPorts, SystemMidi};

/// How often it is looked whether the keyboard is there.
const LOOK: Duration = Duration::from_secs(2);

/// Makes what finds keyboards, on the thread that looks for them.
pub type FindMidi = Arc<dyn Fn() -> Box<dyn MidiPorts> + Send + Sync>;

/// A key of the keyboard, and when it was moved.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MovedKey {
    pub key: MidiKey,
    pub at: Instant,
}

enum Told {
    Names(Vec<String>),
    /// Whether the keyboard of that number is there.
    There(u64, bool),
    Key(u64, MovedKey),
}

/// The keyboard that was chosen, if one was.
pub struct MidiKeyboard {
    find: FindMidi,
    wake: Wake,
    tell: Sender<Told>,
    told: Receiver<Told>,
    chosen: Option<String>,
    /// Counts the keyboards that were chosen.
    number: u64,
    /// Ends the thread that looks for it, when it is dropped.
    search: Option<Sender<()>>,
    is_there: bool,
    names: Vec<String>,
}

impl MidiKeyboard {
    /// Among the keyboards of the system.
    pub fn of_system(wake: Wake) -> Self {
        Self::new(Arc::new(|| Box::new(SystemMidi::default()) as Box<dyn MidiPorts>), wake)
    }

    /// Among those that `find` finds.
    pub fn new(find: FindMidi, wake: Wake) -> Self {
        let (tell, told) = channel();
        let (chosen, search, names) = (None, None, Vec::new());
        Self { find, wake, tell, told, chosen, number: 0, search, is_there: false, names }
    }

    /// Listens to the keyboard of that name from now on, whenever it is there; `None` for none.
    pub fn choose(&mut self, name: Option<&str>) {
        if self.chosen.as_deref() == name {
            return;
        }
        self.number += 1;
        self.chosen = name.map(String::from);
        (self.search, self.is_there) = (None, false);
        let Some(name) = self.chosen.clone() else { return };
        let (stop, stopped) = channel();
        let (number, find) = (self.number, self.find.clone());
        let (tell, wake) = (self.tell.clone(), self.wake.clone());
        let look = move || {
            // A driver that breaks down is no reason for the studio to go.
            let _ = catch_unwind(AssertUnwindSafe(|| {
                search(&name, &mut *find(), number, &stopped, &tell, &wake)
            }));
        };
        let started = std::thread::Builder::new().name("midi keyboard".into()).spawn(look);
        self.search = started.is_ok().then_some(stop);
    }

    /// The name of the one that was chosen.
    pub fn chosen(&self) -> Option<&str> {
        self.chosen.as_deref()
    }

    /// Whether it is there.
    pub fn is_there(&self) -> bool {
        self.is_there
    }

    /// Asks which there are, on a thread of its own.
    pub fn ask_names(&self) {
        let (find, tell, wake) = (self.find.clone(), self.tell.clone(), self.wake.clone());
        let ask = move || {
            let found = catch_unwind(AssertUnwindSafe(|| find().find())).unwrap_or_default();
            let mut names: Vec<String> = found.into_iter().map(|port| port.name).collect();
            names.dedup();
            let _ = tell.send(Told::Names(names));
            wake();
        };
        let _ = std::thread::Builder::new().name("midi keyboards".into()).spawn(ask);
    }

    /// As they were when they were asked for last.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The keys that were moved since it was asked last, in order.
    pub fn moved(&mut self) -> Vec<MovedKey> {
        let mut moved = Vec::new();
        while let Ok(told) = self.told.try_recv() {
            match told {
                Told::Names(names) => self.names = names,
                Told::There(number, there) if number == self.number => {
                    tracing::info!("the MIDI keyboard is {}", if there { "there" } else { "gone" });
                    self.is_there = there;
                    // Keys of one that is gone are let go of by nobody else.
                    if !there {
                        moved.push(MovedKey { key: MidiKey::AllReleased, at: Instant::now() });
                    }
                }
                Told::Key(number, key) if number == self.number => moved.push(key),
                Told::There(..) | Told::Key(..) => {}
            }
        }
        moved
    }
}

/// Looks for the keyboard of that name and listens to it, until nobody wants it any more.
fn search(
    name: &str,
    ports: &mut dyn MidiPorts,
    number: u64,
    stopped: &Receiver<()>,
    tell: &Sender<Told>,
    wake: &Wake,
) {
    let mut heard: Option<(MidiPort, Box<dyn Any>)> = None;
    loop {
        let there = ports.find();
        if heard.as_ref().is_some_and(|(port, _)| !there.contains(port)) {
            heard = None;
            let _ = tell.send(Told::There(number, false));
            wake();
        }
        if heard.is_none()
            && let Some(port) = there.into_iter().find(|port| port.name == name)
        {
            let (tell_key, wake_for_key) = (tell.clone(), wake.clone());
            let ear = Box::new(move |message: &[u8]| {
                if let Some(key) = MidiKey::read(message) {
                    let _ = tell_key.send(Told::Key(number, MovedKey { key, at: Instant::now() }));
                    wake_for_key();
                }
            });
            if let Some(connection) = ports.listen(&port, ear) {
                heard = Some((port, connection));
                let _ = tell.send(Told::There(number, true));
                wake();
            }
        }
        match stopped.recv_timeout(LOOK) {
            Err(RecvTimeoutError::Timeout) => {}
            _ => return,
        }
    }
}
