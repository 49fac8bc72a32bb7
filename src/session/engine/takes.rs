//! Takes of a few notes, sung beside the song, to be heard one after the other.

use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use super::voice::SungVoice;
use ziyin_message::{Message, ToMessage, message};
use ziyin_score::{NoteId, Notes, Project, Track, TrackId};
use ziyin_signal::SAMPLE_RATE;
use ziyin_singing::excerpt::ExcerptSinger;

/// How it stands with a take.
#[derive(Clone, Debug, PartialEq)]
pub enum TakeStage {
    /// It is being sung.
    Awaited,
    Sung,
    Sounding,
    /// It cannot be sung, for this reason.
    Failed(Message),
}

/// Notes of a track that are sung in takes, with the phrases around them.
#[derive(Clone, PartialEq)]
struct Stretch {
    track: TrackId,
    notes: BTreeSet<NoteId>,
    heard: BTreeSet<NoteId>,
    /// The track alone, as it is but for what these notes are sung in and how it stands in the mix.
    song: Project,
}

impl Stretch {
    fn of(project: &Project, track: TrackId, notes: &BTreeSet<NoteId>) -> Option<Self> {
        let whole = project.track(track)?;
        let phrases = whole.notes.phrases().into_iter().map(|places| &whole.notes[places]);
        let theirs = phrases.filter(|phrase| phrase.iter().any(|note| notes.contains(&note.id)));
        let heard = theirs.flatten().map(|note| note.id).collect();
        let alone = Track {
            singer: whole.singer.clone(),
            second: whole.second.clone(),
            language: whole.language,
            inflection: whole.inflection,
            expression: whole.expression,
            notes: whole.notes.clone(),
            curves: whole.curves.clone(),
            ..Track::new(track, "")
        };
        let (tempo, meter) = (project.tempo.clone(), project.meter.clone());
        let song = Project { tempo, meter, tracks: vec![alone], ..Project::default() };
        let stretch = Self { track, notes: notes.clone(), heard, song };
        Some(Self { song: stretch.in_take(0), ..stretch })
    }

    /// The song with the notes in that take.
    fn in_take(&self, take: u32) -> Project {
        let mut song = self.song.clone();
        for track in &mut song.tracks {
            let mut notes = track.notes.to_vec();
            notes.iter_mut().filter(|note| self.notes.contains(&note.id)).for_each(|note| note.take = take);
            track.notes = Notes::new(notes);
        }
        song
    }
}

/// A take that is to be sung, of the stretch of that number.
struct Order {
    stretch: Arc<Stretch>,
    number: u64,
    take: u32,
    /// Whether somebody waits for it.
    soon: bool,
}

/// A take that was sung, or why it was not.
pub(super) struct SungTake {
    number: u64,
    take: u32,
    sung: Result<Arc<[f32]>, Message>,
}

/// What is known of the takes of one stretch at a time.
#[derive(Default)]
pub(super) struct Takes {
    orders: Option<Sender<Order>>,
    stretch: Option<Arc<Stretch>>,
    /// The revision of the song that it was last taken from.
    revision: Option<u64>,
    /// Counts the stretches.
    number: u64,
    asked: HashSet<u32>,
    sung: HashMap<u32, Result<Arc<[f32]>, Message>>,
    /// The take that is to be heard once it is sung.
    awaited: Option<u32>,
    /// The one that is heard, and until when.
    sounding: Option<(u32, Instant)>,
}

impl Takes {
    /// Sings with a voice from now on, on a thread of its own; `told` hears of each take.
    pub fn start(voice: SungVoice, told: impl Fn(SungTake) + Send + 'static) -> Self {
        let (orders, inbox) = channel();
        let started = std::thread::Builder::new().name("take singer".into()).spawn(move || {
            work(&voice, &inbox, &told);
        });
        Self { orders: started.is_ok().then_some(orders), ..Self::default() }
    }

    /// Looks at notes of a track from now on, in the song of that revision. What was sung of the same notes
    /// before still holds.
    pub fn look_at(
        &mut self,
        project: &Project,
        revision: Option<u64>,
        track: TrackId,
        notes: &BTreeSet<NoteId>,
    ) {
        let is_same = |stretch: &Arc<Stretch>| stretch.track == track && stretch.notes == *notes;
        if self.revision == revision && self.stretch.as_ref().is_some_and(is_same) {
            return;
        }
        self.revision = revision;
        let stretch = Stretch::of(project, track, notes);
        if self.stretch.as_deref() == stretch.as_ref() {
            return;
        }
        self.number += 1;
        self.stretch = stretch.map(Arc::new);
        self.asked.clear();
        self.sung.clear();
        (self.awaited, self.sounding) = (None, None);
    }

    /// The track that they are of.
    pub fn track(&self) -> Option<TrackId> {
        self.stretch.as_ref().map(|stretch| stretch.track)
    }

    /// Has a take sung that was not; `soon` where somebody waits for it.
    pub fn ask(&mut self, take: u32, soon: bool) {
        // Until a voice is there everything is awaited.
        let (Some(stretch), Some(orders)) = (&self.stretch, &self.orders) else { return };
        if self.sung.contains_key(&take) || (!self.asked.insert(take) && !soon) {
            return;
        }
        let order = Order { stretch: stretch.clone(), number: self.number, take, soon };
        if orders.send(order).is_err() {
            self.sung.insert(take, Err(message!("singing.stumbled")));
        }
    }

    /// Gives a take to be heard now, or awaits it.
    pub fn hear(&mut self, take: u32) -> Option<Arc<[f32]>> {
        self.ask(take, true);
        match self.sung.get(&take) {
            Some(Ok(samples)) => {
                let samples = samples.clone();
                self.begin(take, &samples);
                Some(samples)
            }
            Some(Err(_)) => None,
            None => {
                self.awaited = Some(take);
                None
            }
        }
    }

    fn begin(&mut self, take: u32, samples: &[f32]) {
        let seconds = samples.len() as f64 / f64::from(SAMPLE_RATE);
        self.sounding = Some((take, Instant::now() + Duration::from_secs_f64(seconds)));
        self.awaited = None;
    }

    /// Keeps what was sung; gives it if it is to be heard now.
    pub fn take(&mut self, SungTake { number, take, sung }: SungTake) -> Option<Arc<[f32]>> {
        if number != self.number {
            return None;
        }
        if let Err(why) = &sung {
            tracing::warn!("no take {take}: {why}");
        }
        self.sung.insert(take, sung);
        (self.awaited == Some(take)).then(|| self.hear(take)).flatten()
    }

    /// Ends what is heard or awaited; gives whether anything was heard.
    pub fn end(&mut self) -> bool {
        self.awaited = None;
        self.sounding.take().is_some()
    }

    /// Whether one is heard.
    pub fn sounds(&mut self) -> bool {
        self.sounding = self.sounding.filter(|(_, until)| *until > Instant::now());
        self.sounding.is_some()
    }

    pub fn stage(&self, take: u32) -> TakeStage {
        match self.sung.get(&take) {
            Some(Err(why)) => TakeStage::Failed(why.clone()),
            Some(Ok(_)) if self.sounding.is_some_and(|(heard, _)| heard == take) => TakeStage::Sounding,
            Some(Ok(_)) => TakeStage::Sung,
            None => TakeStage::Awaited,
        }
    }
}

/// Sings takes until nobody asks any more; those first that somebody waits for.
fn work(voice: &SungVoice, inbox: &Receiver<Order>, told: &dyn Fn(SungTake)) {
    let singer = || ExcerptSinger::new(voice.voice.clone(), voice.vocoder.clone());
    let mut own = singer();
    let mut waiting: VecDeque<Order> = VecDeque::new();
    loop {
        if waiting.is_empty() {
            match inbox.recv() {
                Ok(order) => waiting.push_back(order),
                Err(_) => return,
            }
        }
        for order in inbox.try_iter() {
            waiting.retain(|other| (other.number, other.take) != (order.number, order.take));
            if order.soon { waiting.push_front(order) } else { waiting.push_back(order) }
        }
        // Of another stretch nobody hears any more.
        let newest = waiting.iter().map(|order| order.number).max();
        waiting.retain(|order| Some(order.number) == newest);
        let Some(Order { stretch, number, take, .. }) = waiting.pop_front() else { continue };
        let sing = || own.sing(&stretch.in_take(take), &stretch.heard);
        let sung = match catch_unwind(AssertUnwindSafe(sing)) {
            Ok(sung) => sung.map(|(_, samples)| samples.into()).map_err(|error| error.in_full()),
            Err(_) => {
                own = singer();
                Err(message!("singing.stumbled"))
            }
        };
        told(SungTake { number, take, sung });
    }
}
