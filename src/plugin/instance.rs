//! One plug-in in a project of the host: the song, and the thread that has it sung.

use std::io::{Read, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::mpsc::{Sender, channel};
use std::thread::JoinHandle;

use rtrb::RingBuffer;

use super::conductor::{Conductor, Link, Order};
use super::keys;
use super::performer::{Performer, Rings};
use super::shared::Shared;
use super::state::State;
use super::status::Reason;
use super::view::Ends;

/// Performances that can be on their way to the audio thread.
const ON_THE_WAY: usize = 8;
/// Performances that can be on their way back: each leap of the host sends one.
const GOING_BACK: usize = 1024;
/// Moments of the host's song that can wait to be taken in.
const SIGHTINGS: usize = 256;
/// Turns of what shapes a voice that can wait to be taken in.
const TURNS: usize = 64;
/// Keys that can wait to become notes.
const KEYS: usize = 1024;

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
    pub fn load(&self, state: impl Read) -> Result<(), Reason> {
        let state = State::read(state).inspect_err(|why| self.shared.refuse(why.clone()))?;
        let shaping = Box::new(state.shaping.clone());
        let (number, song) = self.shared.take_state(state);
        self.shared.chosen.store(0, Relaxed);
        self.order(Order::Open(number, Box::new(song), shaping));
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
        let (turns, turned) = RingBuffer::new(TURNS);
        let (keys, played) = RingBuffer::new(KEYS);
        let rings = Rings { performances: incoming, retired: outgoing, sightings, turns, keys };
        let performer = Performer::new(self.shared.clone(), rings, self.shared.newest(), rate, most);
        self.order(Order::Link(Link { performances, retired, sighted, turned, played }));
        performer
    }

    /// What a view of it needs.
    pub fn ends(&self) -> Ends {
        let (shared, orders) = (self.shared.clone(), self.orders.clone());
        let take = move |song| {
            let (number, song) = shared.take_song(song);
            let _ = orders.send(Order::Sing(number, Box::new(song)));
        };
        let (shared, orders) = (self.shared.clone(), self.orders.clone());
        let let_words_wait = move |text: &str| {
            let place = shared.recorded_track();
            match shared.edit(|song| keys::let_words_wait(song, place, text)) {
                Ok((number, song)) => drop(orders.send(Order::Sing(number, Box::new(song)))),
                Err(error) => tracing::error!("the words do not wait: {error}"),
            }
        };
        let let_words_wait = Arc::new(let_words_wait);
        Ends { shared: self.shared.clone(), take: Arc::new(take), let_words_wait }
    }

    /// Gives it a studio at the other end of a stream.
    #[cfg(all(test, unix))]
    fn attach(&self, stream: std::os::unix::net::UnixStream) {
        let orders = self.orders.clone();
        let edited = move |seen, song| orders.send(Order::Edited { seen, song }).is_ok();
        let studio = super::studio::Studio::of_stream(stream, &self.shared, edited, || {});
        self.order(Order::Attached(studio.unwrap()));
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

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::net::UnixStream;
    use std::time::Instant;

    use super::*;
    use ziyin_score::{Project, Tempo, TempoMap, Track, TrackId};
    use ziyin_session::attachment::{Place, Said};

    fn song(title: &str) -> Project {
        // Nothing to be sung, so that no voice is loaded.
        let tracks = vec![Track::new(TrackId(1), "voice")];
        Project { title: title.into(), tracks, ..Project::default() }
    }

    fn saved(song: &Project) -> Vec<u8> {
        let mut text = Vec::new();
        song.write_json(&mut text).unwrap();
        text
    }

    fn attached(instance: &Instance) -> UnixStream {
        let (ours, theirs) = UnixStream::pair().unwrap();
        instance.attach(theirs);
        ours
    }

    /// The next song that the studio is told of.
    fn told(stream: &mut UnixStream) -> (u64, Project) {
        loop {
            match Said::read(stream).unwrap().expect("the plug-in hung up") {
                Said::Song { number, song } => return (number, *song),
                Said::Place(_) | Said::Show => {}
            }
        }
    }

    fn edit(stream: &mut UnixStream, number: u64, song: Project) {
        Said::Song { number, song: Box::new(song) }.write(stream).unwrap();
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn an_instance_that_goes_while_voices_are_loaded_leaves_no_thread_behind() {
        use ziyin_session::engine::LOADER;
        let loads = || {
            let threads = std::fs::read_dir("/proc/self/task").unwrap().flatten();
            let names = threads.flat_map(|thread| std::fs::read_to_string(thread.path().join("comm")));
            names.into_iter().any(|name| name.trim_end() == LOADER)
        };
        let instance = Instance::new(|| {}).unwrap();
        let mut song = song("a");
        song.tracks[0].notes = vec![ziyin_score::Note::new(ziyin_score::NoteId(1), 0, 480, 60, "花")].into();
        instance.load(&saved(&song)[..]).unwrap();
        wait_until("the voices are not loaded", loads);
        drop(instance);
        assert!(!loads());
    }

    fn wait_until(what: &str, is_so: impl Fn() -> bool) {
        let began = Instant::now();
        while !is_so() {
            assert!(began.elapsed().as_secs() < 60, "{what}");
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
    }

    #[test]
    fn edits_of_the_studio_are_in_the_state_and_those_of_the_host_reach_the_studio() {
        let instance = Instance::new(|| {}).unwrap();
        instance.load(saved(&song("first")).as_slice()).unwrap();
        let mut studio = attached(&instance);
        let (number, first) = told(&mut studio);
        assert_eq!(first, song("first"));
        edit(&mut studio, number, song("edited"));
        edit(&mut studio, number, song("edited twice"));
        wait_until("the edits came", || instance.shared.state().song == song("edited twice"));
        assert!(instance.shared.take_unsaved());
        // A song that the host loads is the studio's, and an edit of the one before is none of it.
        instance.load(saved(&song("loaded")).as_slice()).unwrap();
        let (number, loaded) = told(&mut studio);
        assert_eq!(loaded, song("loaded"));
        edit(&mut studio, number - 1, song("late"));
        edit(&mut studio, number, song("in time"));
        wait_until("the edit came", || instance.shared.state().song == song("in time"));
    }

    #[test]
    fn the_studio_sees_where_the_host_is_and_in_which_tempo() {
        let instance = Instance::new(|| {}).unwrap();
        let mut studio = attached(&instance);
        assert_eq!(told(&mut studio).1, Project::default());
        instance.shared.tell_place(3 * 44_100, true);
        let place = loop {
            match Said::read(&mut studio).unwrap() {
                Some(Said::Place(place)) if place.playing => break place,
                said => assert!(said.is_some()),
            }
        };
        assert_eq!(place, Place { seconds: 3.0, playing: true });
        let mut performer = instance.performer(48_000.0, 64);
        let seen = super::super::sighting::Sighting::new(2.0, 1.5, 80.0, None);
        instance.shared.set_follows_tempo(true);
        performer.process(super::super::performer::Transport { seen, ..Default::default() }, 0..64);
        let tempo = TempoMap::constant(Tempo::from_bpm(80.0).unwrap());
        assert_eq!(told(&mut studio).1.tempo, tempo);
    }

    #[test]
    fn a_studio_that_dies_hangs_or_talks_nonsense_takes_nothing_along() {
        let instance = Instance::new(|| {}).unwrap();
        instance.load(saved(&song("mine")).as_slice()).unwrap();
        // One that dies.
        let mut studio = attached(&instance);
        told(&mut studio);
        drop(studio);
        wait_until("the end was seen", || instance.shared.take_studio_closed());
        // One that talks nonsense.
        let mut studio = attached(&instance);
        told(&mut studio);
        studio.write_all(&[7; 100]).unwrap();
        wait_until("the end was seen", || instance.shared.take_studio_closed());
        // One that reads nothing, and more than the system keeps for it.
        let hangs = attached(&instance);
        for i in 0..50 {
            let long = Project { title: "x".repeat(100_000), ..song(&i.to_string()) };
            instance.load(saved(&long).as_slice()).unwrap();
        }
        instance.load(saved(&song("the last")).as_slice()).unwrap();
        assert_eq!(instance.shared.state().song, song("the last"));
        drop(instance);
        drop(hangs);
    }

    #[test]
    fn each_instance_has_a_studio_of_its_own() {
        let instances = [0, 1].map(|_| Instance::new(|| {}).unwrap());
        let mut studios = [0, 1].map(|i: usize| attached(&instances[i]));
        for (i, studio) in studios.iter_mut().enumerate() {
            let (number, _) = told(studio);
            edit(studio, number, song(&i.to_string()));
        }
        for (i, instance) in instances.iter().enumerate() {
            wait_until("the edit came", || instance.shared.state().song == song(&i.to_string()));
        }
    }
}
