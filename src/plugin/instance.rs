//! One plug-in in a project of the host: the song, and the thread that has it sung.

use std::io::{Read, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::mpsc::{Sender, channel};
use std::thread::JoinHandle;

use rtrb::RingBuffer;

use super::conductor::{Conductor, Link, Order};
use super::performer::{Performer, Rings};
use super::shared::Shared;
use super::state::State;

/// Performances that can be on their way to the audio thread.
const ON_THE_WAY: usize = 8;
/// Performances that can be on their way back: each leap of the host sends one.
const GOING_BACK: usize = 1024;
/// Moments of the host's song that can wait to be taken in.
const SIGHTINGS: usize = 256;

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
    /// `tell_host` is called on that thread whenever the song is another, or has other names.
    pub fn new(tell_host: impl Fn() + Send + 'static) -> std::io::Result<Self> {
        let shared = Arc::new(Shared::default());
        let (orders, inbox) = channel();
        let conductor = Conductor::new(shared.clone(), orders.clone(), Box::new(tell_host));
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
    /// If it is none that can be read, with the reason; the song before stays.
    pub fn load(&self, state: impl Read) -> Result<(), String> {
        let state = State::read(state).inspect_err(|why| self.shared.refuse(why))?;
        let (number, song) = self.shared.take_state(state);
        self.shared.chosen.store(0, Relaxed);
        self.order(Order::Sing(number, Box::new(song)));
        Ok(())
    }

    /// Gives what the host is to save; see [`State`].
    ///
    /// # Errors
    /// Those of the writer.
    pub fn save(&self, mut state: impl Write) -> std::io::Result<()> {
        let mut text = Vec::new();
        self.shared.state().write(&mut text)?;
        state.write_all(&text)
    }

    /// What the audio thread needs, for a host of `rate` frames a second that asks for `most` at once.
    pub fn performer(&self, rate: f64, most: usize) -> Performer {
        let (performances, incoming) = RingBuffer::new(ON_THE_WAY);
        let (outgoing, retired) = RingBuffer::new(GOING_BACK);
        let (sightings, sighted) = RingBuffer::new(SIGHTINGS);
        let rings = Rings { performances: incoming, retired: outgoing, sightings };
        let performer = Performer::new(self.shared.clone(), rings, self.shared.newest(), rate, most);
        self.order(Order::Link(Link { performances, retired, sighted }));
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
