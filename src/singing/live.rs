//! Singing while the song is being edited: a thread that renders what is missing, nearest
//! to the play head first, and leaves alone what has not changed.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet, VecDeque};
use std::hash::{BuildHasherDefault, Hasher};
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, TryRecvError, channel};
use std::thread::JoinHandle;
use ziyin_message::{Message, ToMessage, message};

use rayon::prelude::*;

use super::Block;
use super::cache::BlockCache;
use super::character::Character;
use super::hint::Hint;
use super::plan::Plan;
use super::score_voices::{Planner, ScoreVoice, Unsung, VoiceKey, Which};
use super::stream::{Place, VocoderDevice, VoiceStream, provide_places};
use super::vocoder::VocoderError;
use super::voice::{Mixed, Timing, TimingInput, Voice, VoiceFailure};
use ziyin_score::{NoteId, Project};
use ziyin_signal::SAMPLE_RATE;

/// Bytes of samples that are kept for an undo, beyond those of the song as it is.
const KEPT: usize = 256 << 20;
/// Runs that are sung at once: enough for two cores and for a batch, and done soon enough
/// for the next edit.
const AT_ONCE: usize = 4;

/// What a voice sings, and in which pieces.
#[derive(Clone, Debug)]
pub struct VoiceOutline {
    pub key: VoiceKey,
    /// What is sung: characters and pitch.
    pub plan: Arc<Plan>,
    pub pieces: Vec<PieceOutline>,
}

/// A piece of a voice that is rendered as one.
#[derive(Clone, Debug, PartialEq)]
pub struct PieceOutline {
    /// The same for pieces that sound the same.
    pub key: u64,
    /// Samples from the start of the song at 44.1 kHz. Pieces may overlap; the voice is
    /// their sum.
    pub samples: Range<u64>,
    pub notes: Arc<[NoteId]>,
}

/// A map whose keys are those of pieces, which are hashes already.
pub type ByKey<T> = HashMap<u64, T, BuildHasherDefault<AsItIs>>;
type Keys = HashSet<u64, BuildHasherDefault<AsItIs>>;

/// Hashes a key to itself.
#[derive(Default)]
pub struct AsItIs(u64);

impl Hasher for AsItIs {
    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(byte);
        }
    }

    fn write_u64(&mut self, key: u64) {
        self.0 = key;
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

/// What a [`LiveSinger`] tells.
#[derive(Clone, Debug)]
pub enum LiveEvent {
    /// The newest song was planned. Of the last plan the pieces with the same keys still
    /// hold; others that are remembered are told again.
    Planned { song: u64, voices: Vec<VoiceOutline>, hints: Vec<Hint> },
    /// These pieces, by their keys, are being sung.
    Singing(Vec<u64>),
    /// A piece is ready.
    Piece { key: u64, samples: Arc<[f32]> },
    /// Everything is sung.
    Idle,
    /// The song, or a part of it, cannot be sung.
    Failed(Message),
}

enum Order {
    Sing(u64, Box<Project>),
    Aim(f64),
    Heard(Vec<VoiceKey>),
}

/// A singer that follows the edits of a song. Dropping it ends its thread after the piece
/// that it sings.
pub struct LiveSinger {
    orders: Option<Sender<Order>>,
    thread: Option<JoinHandle<()>>,
}

impl LiveSinger {
    /// Starts a singer. `told` hears of everything, on the singer's thread.
    ///
    /// # Errors
    /// If the system has no thread to give.
    pub fn start(
        voice: Arc<dyn Voice + Send + Sync>,
        device: VocoderDevice,
        told: impl Fn(LiveEvent) + Send + 'static,
    ) -> std::io::Result<Self> {
        let (orders, inbox) = channel();
        let thread = std::thread::Builder::new().name("live singer".into()).spawn(move || {
            let mut worker = Worker::new(voice, device, Box::new(told));
            // A fault in one song must not silence the studio for good.
            while catch_unwind(AssertUnwindSafe(|| worker.work(&inbox))).is_err() {
                worker.planner = Planner::default();
                worker.voices.clear();
                worker.missing.clear();
                worker.busy = false;
                (worker.told)(LiveEvent::Failed(message!("singing.stumbled")));
            }
        })?;
        Ok(Self { orders: Some(orders), thread: Some(thread) })
    }

    /// Sings this song from now on; `song` is a number that its events carry.
    pub fn sing(&self, song: u64, project: Project) {
        self.order(Order::Sing(song, Box::new(project)));
    }

    /// Renders what follows this moment first.
    pub fn aim(&self, seconds: f64) {
        self.order(Order::Aim(seconds));
    }

    /// Sings the other voices last.
    pub fn hear(&self, voices: Vec<VoiceKey>) {
        self.order(Order::Heard(voices));
    }

    fn order(&self, order: Order) {
        // A thread that is gone has told why.
        if let Some(orders) = &self.orders {
            let _ = orders.send(order);
        }
    }
}

impl Drop for LiveSinger {
    fn drop(&mut self) {
        self.orders = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// A voice of the song with the keys of its runs.
struct LiveVoice {
    key: VoiceKey,
    stream: VoiceStream,
}

struct Worker {
    voice: KnownTimings,
    device: VocoderDevice,
    told: Box<dyn Fn(LiveEvent) + Send>,
    planner: Planner,
    voices: Vec<LiveVoice>,
    blocks: BlockCache,
    pieces: ByKey<Arc<[f32]>>,
    /// The order in which pieces were sung, to forget the oldest.
    ages: VecDeque<u64>,
    /// The runs of the last plan that are still to be sung.
    missing: Vec<Missing>,
    /// The voices that are heard; the others are sung last.
    heard: Option<HashSet<VoiceKey>>,
    /// Sample of the song that the play head is at.
    head: u64,
    busy: bool,
}

/// Whose turn it is: the note that was edited, then those that follow it, then the rest.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Turn {
    EditedLead,
    EditedHarmony,
    Other,
}

/// A key, and the samples that were sung under it.
type SungPiece = (u64, Arc<[f32]>);

/// A run that is still to be sung.
#[derive(Clone, Copy)]
struct Missing {
    voice: usize,
    run: usize,
    /// Whether it takes the place of what was sung before an edit: the user waits for it.
    edited: bool,
}

impl Worker {
    fn new(
        voice: Arc<dyn Voice + Send + Sync>,
        device: VocoderDevice,
        told: Box<dyn Fn(LiveEvent) + Send>,
    ) -> Self {
        Self {
            voice: KnownTimings { voice, known: RefCell::default() },
            device,
            told,
            planner: Planner::default(),
            voices: Vec::new(),
            blocks: BlockCache::default(),
            pieces: ByKey::default(),
            ages: VecDeque::new(),
            missing: Vec::new(),
            heard: None,
            head: 0,
            busy: false,
        }
    }

    /// Works until nobody gives orders any more.
    fn work(&mut self, inbox: &Receiver<Order>) {
        loop {
            let order = if self.busy {
                match inbox.try_recv() {
                    Ok(order) => Some(order),
                    Err(TryRecvError::Empty) => None,
                    Err(TryRecvError::Disconnected) => return,
                }
            } else {
                // Nothing to do: no time is spent until the next order.
                match inbox.recv() {
                    Ok(order) => Some(order),
                    Err(_) => return,
                }
            };
            if let Some(order) = order {
                let mut newest = None;
                for order in std::iter::once(order).chain(inbox.try_iter()) {
                    match order {
                        Order::Aim(seconds) => self.head = (seconds.max(0.0) * f64::from(SAMPLE_RATE)) as u64,
                        Order::Heard(voices) => self.heard = Some(voices.into_iter().collect()),
                        Order::Sing(song, project) => newest = Some((song, project)),
                    }
                }
                if let Some((song, project)) = newest {
                    self.plan(song, &project);
                }
            }
            if self.busy {
                self.busy = match self.sing_next() {
                    Ok(more) => more,
                    Err(failure) => {
                        (self.told)(LiveEvent::Failed(failure));
                        false
                    }
                };
            }
        }
    }

    fn plan(&mut self, song: u64, project: &Project) {
        let (voices, hints) = match self.planner.plan(project, &self.voice, Which::All) {
            Ok(planned) => planned,
            Err(Unsung::NothingToSing) => (Vec::new(), Vec::new()),
            Err(error) => {
                self.voices.clear();
                self.missing.clear();
                return (self.told)(LiveEvent::Failed(error.in_full()));
            }
        };
        let before: HashMap<VoiceKey, Keys> = (self.voices.drain(..))
            .map(|voice| (voice.key, voice.stream.keys().iter().copied().collect()))
            .collect();
        let mut outlines = Vec::with_capacity(voices.len());
        let mut known = Vec::new();
        self.missing.clear();
        for ScoreVoice { key, mut stream, .. } in voices {
            stream.move_to(self.device.clone());
            let plan = stream.plan().clone();
            let pieces = (stream.runs().iter().zip(stream.keys()).zip(stream.notes()))
                .map(|((run, &key), notes)| PieceOutline {
                    key,
                    samples: run.samples(),
                    notes: notes.clone(),
                })
                .collect();
            outlines.push(VoiceOutline { key, plan, pieces });
            let old = before.get(&key);
            for (run, piece) in stream.keys().iter().enumerate() {
                let was_there = old.is_some_and(|old| old.contains(piece));
                if self.pieces.contains_key(piece) {
                    // What was sung before an undo need not be sung again, but be told.
                    if !was_there {
                        known.push(*piece);
                    }
                } else {
                    let edited = old.is_some() && !was_there;
                    self.missing.push(Missing { voice: self.voices.len(), run, edited });
                }
            }
            self.voices.push(LiveVoice { key, stream });
        }
        self.busy = true;
        (self.told)(LiveEvent::Planned { song, voices: outlines, hints });
        for key in known {
            let samples = self.pieces[&key].clone();
            (self.told)(LiveEvent::Piece { key, samples });
        }
        self.forget();
    }

    /// Sings some runs, those first that are awaited soonest; gives whether there is more
    /// to do.
    fn sing_next(&mut self) -> Result<bool, Message> {
        if self.missing.is_empty() {
            (self.told)(LiveEvent::Idle);
            return Ok(false);
        }
        let now = self.nearest();
        let key = |missing: &Missing| self.voices[missing.voice].stream.keys()[missing.run];
        (self.told)(LiveEvent::Singing(now.iter().map(key).collect()));
        let mut needed: Vec<(usize, Place)> = Vec::new();
        for missing in &now {
            let places = self.voices[missing.voice].stream.needed_by(missing.run);
            needed.extend(places.into_iter().map(|place| (missing.voice, place)));
        }
        needed.sort_unstable();
        needed.dedup();
        let mut streams: Vec<&mut VoiceStream> =
            self.voices.iter_mut().map(|voice| &mut voice.stream).collect();
        provide_places(&mut streams, &needed, &self.voice, &mut self.blocks)
            .map_err(|failure| failure.to_message())?;
        let voices = &self.voices;
        let sung: Result<Vec<SungPiece>, VocoderError> = now
            .par_iter()
            .map(|missing| {
                let voice = &voices[missing.voice];
                let samples = voice.stream.sing_run(missing.run)?;
                Ok((voice.stream.keys()[missing.run], samples.into()))
            })
            .collect();
        for missing in &now {
            self.voices[missing.voice].stream.forget_blocks();
        }
        let sung = match sung {
            Ok(sung) => sung,
            Err(VocoderError::Gpu(why)) => {
                (self.told)(LiveEvent::Failed(message!("singing.gpu-gave-up", why)));
                self.device = VocoderDevice::Cpu;
                self.voices.iter_mut().for_each(|voice| voice.stream.move_to(VocoderDevice::Cpu));
                self.missing.extend(now);
                return Ok(true);
            }
            Err(error) => return Err(error.to_message()),
        };
        for (key, samples) in sung {
            self.pieces.insert(key, samples.clone());
            self.ages.push_back(key);
            (self.told)(LiveEvent::Piece { key, samples });
        }
        Ok(true)
    }

    /// Takes the runs that are awaited soonest off those that are missing.
    fn nearest(&mut self) -> Vec<Missing> {
        let (head, voices, heard) = (self.head, &self.voices, &self.heard);
        let wait = |missing: &Missing| {
            let voice = &voices[missing.voice];
            let samples = voice.stream.runs()[missing.run].samples();
            // How long the play head takes to it; what it has passed comes last.
            let distance = match samples.end > head {
                true => samples.start.saturating_sub(head),
                false => u64::MAX / 2 + (head - samples.end),
            };
            let silent = heard.as_ref().is_some_and(|heard| !heard.contains(&voice.key));
            let turn = match (missing.edited, voice.key.harmony) {
                (true, None) => Turn::EditedLead,
                (true, Some(_)) => Turn::EditedHarmony,
                (false, _) => Turn::Other,
            };
            (silent, turn, distance)
        };
        let count = AT_ONCE.min(self.missing.len());
        if count < self.missing.len() {
            self.missing.select_nth_unstable_by_key(count, wait);
        }
        let mut now: Vec<Missing> = self.missing.drain(..count).collect();
        now.sort_by_key(wait);
        // What is awaited most does not wait for the rest of the batch.
        let first = now.first().map(|missing| wait(missing).1);
        let same = now.iter().take_while(|missing| Some(wait(missing).1) == first).count();
        self.missing.extend(now.drain(same..));
        now
    }

    /// Lets go of the oldest pieces that the song no longer has, when there are many.
    fn forget(&mut self) {
        let size = |piece: &Arc<[f32]>| size_of_val::<[f32]>(piece);
        let whole: usize = self.pieces.values().map(size).sum();
        if whole <= KEPT {
            return;
        }
        let current: Keys =
            self.voices.iter().flat_map(|voice| voice.stream.keys().iter().copied()).collect();
        let old = |(key, _): &(&u64, &Arc<[f32]>)| !current.contains(*key);
        let mut kept: usize = self.pieces.iter().filter(old).map(|(_, piece)| size(piece)).sum();
        let pieces = &mut self.pieces;
        self.ages.retain(|key| {
            if kept <= KEPT || current.contains(key) {
                return true;
            }
            kept -= pieces.remove(key).map_or(0, |piece| size(&piece));
            false
        });
    }
}

/// A voice that remembers the lengths that it gave: an edit asks for those of a whole song.
struct KnownTimings {
    voice: Arc<dyn Voice + Send + Sync>,
    known: RefCell<HashMap<TimingKey, Timing>>,
}

/// A [`TimingInput`] as a key.
type TimingKey = (ziyin_lyrics::Syllable, [ziyin_lyrics::Phoneme; 4], usize, [u32; 2]);

fn timing_key(input: &TimingInput) -> TimingKey {
    let ([a, b], [c, d]) = (input.previous, input.next);
    (input.syllable, [a, b, c, d], input.singer, [input.pitch.to_bits(), input.length.to_bits()])
}

impl Voice for KnownTimings {
    fn fingerprint(&self) -> u64 {
        self.voice.fingerprint()
    }

    fn singer(&self, name: &str) -> Option<usize> {
        self.voice.singer(name)
    }

    fn timings(&self, inputs: &[TimingInput]) -> Result<Vec<Timing>, VoiceFailure> {
        let mut known = self.known.borrow_mut();
        if known.len() > 200_000 {
            known.clear();
        }
        let mut unknown: Vec<TimingInput> =
            inputs.iter().filter(|input| !known.contains_key(&timing_key(input))).cloned().collect();
        unknown.dedup();
        if !unknown.is_empty() {
            let timings = self.voice.timings(&unknown)?;
            known.extend(unknown.iter().map(timing_key).zip(timings));
        }
        Ok(inputs.iter().map(|input| known.get(&timing_key(input)).copied().unwrap_or_default()).collect())
    }

    fn generate(&self, characters: &[&Character]) -> Result<Vec<Block>, VoiceFailure> {
        self.voice.generate(characters)
    }

    fn generate_mixed(&self, mixed: &[Mixed]) -> Result<Vec<Block>, VoiceFailure> {
        self.voice.generate_mixed(mixed)
    }
}
