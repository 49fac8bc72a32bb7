//! The thread of an instance: gives the song to the singer, and the audio thread what is sung of it.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};

use rtrb::{Consumer, Producer};

use super::host_time::HostTime;
use super::keys;
use super::parameters;
use super::performance::{OUTPUTS, Part, Performance};
use super::shaping::Shaping;
use super::shared::Shared;
use super::sighting::Sighting;
use super::status::{Reason, Status};
use super::strips::STRIPS;
use super::studio::Studio;
use super::turning::Turned;
use super::voices;
use ziyin_message::{Message, ToMessage, message};
use ziyin_playback::{Clips, RATE};
use ziyin_score::{Project, TrackId};
use ziyin_session::engine::{Loader, SungVoice, ready_clips, voice_gains, voice_level};
use ziyin_session::played::{Key, Keys};
use ziyin_singing::live::{ByKey, LiveEvent, LiveSinger, VoiceOutline};
use ziyin_singing::mix::amplitude;
use ziyin_singing::score_voices::VoiceKey;

/// How often it looks where the host is.
const TICK: Duration = Duration::from_millis(100);
/// How long the audio thread waits for pieces that are ready, so that they come many at once.
const GATHERING: Duration = Duration::from_millis(20);
/// After so long without a new piece a failure is final: a GPU that gives up is told of as one, and the
/// CPU sings on.
const PATIENCE: Duration = Duration::from_secs(2);
/// How often it looks where an offline render is, which may wait for what was seen there.
const OFFLINE_TICK: Duration = Duration::from_millis(2);
/// A host whose tempo never rests has the song sung anew no more often than this; one that turns what shapes
/// a voice, no more often than that.
const RETIMING: Duration = Duration::from_millis(250);
const RESHAPING: Duration = Duration::from_millis(50);

/// What the conductor is asked for, and told.
pub enum Order {
    /// The song of that number.
    Sing(u64, Box<Project>),
    /// The same, from what the host has kept.
    Open(u64, Box<Project>, Box<Shaping>),
    /// There is a new audio thread.
    Link(Link),
    Loaded(Result<Arc<SungVoice>, Message>),
    Live(LiveEvent),
    /// The studio edited the song; it had last been told of that of the number `seen`.
    Edited {
        seen: u64,
        song: Box<Project>,
    },
    /// There is a studio at the other end of something.
    #[cfg(test)]
    Attached(Studio),
    End,
}

/// The other ends of the rings of an audio thread.
pub struct Link {
    pub performances: Producer<Arc<Performance>>,
    pub retired: Consumer<Arc<Performance>>,
    pub sighted: Consumer<Sighting>,
    pub turned: Consumer<Turned>,
    pub played: Consumer<Key>,
}

/// How far it is with the voices.
enum Voices {
    Unloaded,
    Loading(#[expect(dead_code, reason = "it is waited for")] Loader),
    /// With what holds them for other instances, too.
    Ready(LiveSinger, #[expect(dead_code, reason = "it keeps the voices loaded")] Arc<SungVoice>),
    Failed(Message),
}

/// A voice of the song as it is sung.
struct Voiced {
    outline: VoiceOutline,
    clips: Arc<Clips>,
    missing: Vec<Range<u64>>,
    /// Whether pieces came that are not in the clips.
    stale: bool,
}

pub struct Conductor {
    shared: Arc<Shared>,
    tell: Sender<Order>,
    tell_host: Box<dyn Fn() + Send>,
    voices: Voices,
    link: Option<Link>,
    /// Whether the audio thread has not got the newest performance yet.
    unsent: bool,
    song: Project,
    /// The number of the song that is there.
    wanted: u64,
    /// Counts what the singer was asked for: songs, and each with what the host turns. And which is planned.
    asked: u64,
    planned: u64,
    sung: Vec<Voiced>,
    /// The voice that each piece belongs to.
    owners: ByKey<usize>,
    pieces: ByKey<Arc<[f32]>>,
    warnings: Vec<Message>,
    /// The last failure, and when it was told.
    failed: Option<(Message, Instant)>,
    /// Whether the newest performance is no longer all that is known, and since when.
    changed: Option<Instant>,
    /// The sample that the singer was last sent to.
    aimed: u64,
    chosen: u32,
    host: HostTime,
    /// How often the audio thread saw something new of the host's tempo, as far as it was taken in here.
    sighted: u64,
    /// When the song was last given the host's time.
    retimed: Instant,
    shaping: Shaping,
    /// How often the audio thread told of turns, as far as they were taken in here; and whether there is
    /// something new among them that is not sung.
    turned: u64,
    reshaping: bool,
    /// When the song was last given what they make of it.
    reshaped: Instant,
    keys: Keys,
    /// The studio that runs, if one does.
    studio: Option<Studio>,
}

impl Conductor {
    pub fn new(shared: Arc<Shared>, tell: Sender<Order>, tell_host: Box<dyn Fn() + Send>) -> Self {
        Self {
            shared,
            tell,
            tell_host,
            voices: Voices::Unloaded,
            link: None,
            unsent: false,
            song: Project::default(),
            wanted: 0,
            asked: 0,
            planned: 0,
            sung: Vec::new(),
            owners: ByKey::default(),
            pieces: ByKey::default(),
            warnings: Vec::new(),
            failed: None,
            changed: None,
            aimed: 0,
            chosen: 0,
            host: HostTime::default(),
            sighted: 0,
            retimed: Instant::now(),
            shaping: Shaping::default(),
            turned: 0,
            reshaping: false,
            reshaped: Instant::now(),
            keys: Keys::default(),
            studio: None,
        }
    }

    /// Works until it is told to end.
    pub fn run(mut self, inbox: &Receiver<Order>) {
        loop {
            let hurries = self.shared.is_offline() && self.shared.whereabouts().1;
            let gathering = if hurries { OFFLINE_TICK } else { GATHERING };
            let wait = if hurries || self.changed.is_some() || self.unsent { gathering } else { TICK };
            match inbox.recv_timeout(wait) {
                Ok(Order::End) | Err(RecvTimeoutError::Disconnected) => return,
                Ok(order) => self.obey(order),
                Err(RecvTimeoutError::Timeout) => {}
            }
            self.look_at_choice();
            self.keep_time();
            self.keep_shape();
            self.take_keys();
            self.look_after_studio();
            self.aim();
            // A failure that has become final is a change as well.
            if self.failed.as_ref().is_some_and(|(_, at)| at.elapsed() > PATIENCE)
                && !self.shared.newest().given_up
            {
                self.changed.get_or_insert_with(Instant::now);
            }
            if self.changed.is_some_and(|since| since.elapsed() >= gathering) {
                self.perform();
            }
            self.send();
        }
    }

    fn obey(&mut self, order: Order) {
        match order {
            // Another may have been taken meanwhile.
            Order::Sing(number, _) | Order::Open(number, ..) if number < self.wanted => {}
            Order::Open(number, song, shaping) => {
                // What was learnt of the host's time is in the song, so that it need not be learnt anew.
                if self.shared.has_time_of_host() {
                    self.host = HostTime::of(&song);
                }
                self.shared.set_shaping((*shaping).clone());
                self.shaping = *shaping;
                self.obey(Order::Sing(number, song));
            }
            Order::Sing(number, song) => {
                self.chosen = self.shared.chosen.load(Relaxed);
                self.sing(number, *song);
            }
            Order::Link(link) => {
                self.take_sightings();
                self.take_turns();
                self.link = Some(link);
                self.unsent = true;
            }
            Order::Loaded(Ok(voice)) => self.begin(voice),
            Order::Loaded(Err(why)) => self.give_up(why),
            Order::Live(event) => self.hear(event),
            Order::Edited { seen, song } => self.take_edit(seen, *song),
            #[cfg(test)]
            Order::Attached(studio) => self.studio = Some(studio),
            Order::End => {}
        }
    }

    fn sing(&mut self, number: u64, song: Project) {
        self.song = song;
        self.wanted = number;
        self.failed = None;
        (self.tell_host)();
        self.ask_singer();
    }

    /// Has the song sung as it is, with what the host turns.
    fn ask_singer(&mut self) {
        self.asked += 1;
        self.changed.get_or_insert_with(Instant::now);
        match &self.voices {
            Voices::Ready(singer, _) => {
                let keys = self.song.tracks.iter().flat_map(VoiceKey::of);
                let alone = self.song.has_solo_track();
                singer.hear(keys.filter(|&key| voice_gains(&self.song, key, alone) != [0.0; 2]).collect());
                singer.sing(self.asked, self.shaping.shaped(&self.song));
            }
            Voices::Loading(_) => {}
            // An empty song needs no voice.
            Voices::Unloaded | Voices::Failed(_) if self.song.tracks.iter().any(|t| !t.notes.is_empty()) => {
                let tell = self.tell.clone();
                let load = move || {
                    let loaded = std::panic::catch_unwind(voices::installed);
                    let broken = |_| Err(message!("voice-loader.broke-down"));
                    let _ = tell.send(Order::Loaded(loaded.unwrap_or_else(broken)));
                };
                match Loader::start(load) {
                    Ok(loader) => self.voices = Voices::Loading(loader),
                    Err(error) => self.give_up(error.to_message()),
                }
            }
            Voices::Unloaded | Voices::Failed(_) => {
                self.sung.clear();
                self.planned = self.asked;
            }
        }
    }

    fn begin(&mut self, voice: Arc<SungVoice>) {
        let tell = self.tell.clone();
        let singer = LiveSinger::start(voice.voice.clone(), voice.vocoder.clone(), move |event| {
            let _ = tell.send(Order::Live(event));
        });
        match singer {
            Ok(singer) => {
                self.voices = Voices::Ready(singer, voice);
                self.ask_singer();
            }
            Err(error) => self.give_up(error.to_message()),
        }
    }

    /// Nobody can sing, for this reason.
    fn give_up(&mut self, why: Message) {
        tracing::error!("the voice was not loaded: {why}");
        self.voices = Voices::Failed(why);
        self.changed.get_or_insert_with(Instant::now);
    }

    fn hear(&mut self, event: LiveEvent) {
        match event {
            LiveEvent::Planned { song, voices, hints } => {
                self.planned = song;
                self.warnings = hints.iter().map(ToMessage::to_message).collect();
                self.plan(voices);
            }
            LiveEvent::Piece { key, samples } => {
                self.failed = None;
                let Some(&owner) = self.owners.get(&key) else { return };
                self.pieces.insert(key, samples);
                self.sung[owner].stale = true;
            }
            LiveEvent::Failed(why) => {
                tracing::error!("the song is not sung: {why}");
                self.failed = Some((why, Instant::now()));
            }
            LiveEvent::Singing(_) => return,
            LiveEvent::Idle => {}
        }
        self.changed.get_or_insert_with(Instant::now);
    }

    fn plan(&mut self, voices: Vec<VoiceOutline>) {
        self.owners.clear();
        for (owner, voice) in voices.iter().enumerate() {
            self.owners.extend(voice.pieces.iter().map(|piece| (piece.key, owner)));
        }
        let owners = &self.owners;
        self.pieces.retain(|key, _| owners.contains_key(key));
        let voiced = |outline| Voiced { outline, clips: Arc::default(), missing: Vec::new(), stale: true };
        self.sung = voices.into_iter().map(voiced).collect();
    }

    /// Makes a performance of what is known.
    fn perform(&mut self) {
        self.changed = None;
        let keys = self.song.tracks.iter().flat_map(VoiceKey::of);
        let outputs: HashMap<VoiceKey, usize> = keys.zip(0..).collect();
        let strips: HashMap<TrackId, usize> =
            self.song.tracks.iter().map(|track| track.id).zip(0..).collect();
        for voice in &mut self.sung {
            if std::mem::take(&mut voice.stale) {
                voice.gather(&self.pieces);
            }
        }
        let alone = self.song.has_solo_track();
        let part = |voice: &Voiced| {
            let key = voice.outline.key;
            let (gain_db, pan) = voice_level(&self.song, key).unwrap_or_default();
            Part {
                clips: voice.clips.clone(),
                missing: voice.missing.clone(),
                gains: voice_gains(&self.song, key, alone),
                volume: amplitude(gain_db),
                pan,
                room: self.song.track(key.track).map_or(0.0, |track| track.room),
                strip: strips.get(&key.track).map_or(STRIPS, |&place| place.min(STRIPS)),
                output: outputs.get(&key).copied().filter(|&place| place < OUTPUTS),
            }
        };
        let failed = self.failed.as_ref().is_some_and(|(_, at)| at.elapsed() > PATIENCE);
        let performance = Performance {
            song: self.wanted,
            tracks: self.song.tracks.len(),
            parts: self.sung.iter().map(part).collect(),
            room_s: self.song.room_s,
            planning: self.planned != self.asked,
            given_up: failed || matches!(self.voices, Voices::Failed(_)),
        };
        self.shared.tell_status(self.status(&performance));
        self.shared.perform(Arc::new(performance));
        self.unsent = true;
    }

    fn status(&self, performance: &Performance) -> Status {
        if let Voices::Failed(why) = &self.voices {
            return Status::Failed(why.clone().into());
        }
        if let Some((why, _)) = &self.failed {
            return Status::Failed(why.clone().into());
        }
        if performance.planning {
            return Status::Preparing;
        }
        let pieces = || self.sung.iter().flat_map(|voice| &voice.outline.pieces);
        let all: u64 = pieces().map(|piece| piece.samples.end - piece.samples.start).sum();
        if all == 0 && self.warnings.is_empty() {
            return Status::Empty;
        }
        let done = 1.0 - performance.left() as f32 / all.max(1) as f32;
        Status::Singing { done, warnings: self.warnings.clone() }
    }

    /// Gives the audio thread the newest performance, and frees what comes back.
    fn send(&mut self) {
        let Some(link) = &mut self.link else { return };
        while link.retired.pop().is_ok() {}
        if self.unsent {
            self.unsent = link.performances.push(self.shared.newest()).is_err();
        }
    }

    /// Sends the singer to where the host is.
    fn aim(&mut self) {
        if let (Voices::Ready(singer, _), Some(place)) = (&self.voices, self.shared.place())
            && place != self.aimed
        {
            self.aimed = place;
            singer.aim(place as f64 / f64::from(RATE));
        }
    }

    /// Makes notes of the keys that the host has recorded.
    fn take_keys(&mut self) {
        let mut played = Vec::new();
        if let Some(link) = &mut self.link {
            while let Ok(key) = link.played.pop() {
                played.extend(self.keys.take(key));
            }
        }
        // What is held when the host stops ends there.
        if self.keys.are_held() && !self.shared.whereabouts().1 {
            played.extend(self.keys.end(self.shared.reached()));
        }
        if played.is_empty() {
            return;
        }
        let place = self.shared.recorded_track();
        match self.shared.edit(|song| keys::write(song, place, &played)) {
            Ok((number, song)) => self.sing(number, song),
            Err(error) => tracing::warn!("what was played became no notes: {error}"),
        }
    }

    /// Takes an edit of the studio, unless the song has become another meanwhile: then the studio is told of
    /// that one.
    fn take_edit(&mut self, seen: u64, song: Project) {
        let Some(studio) = self.studio.as_mut().filter(|studio| studio.is_current(seen)) else { return };
        let Some((number, song)) = self.shared.take_edit(self.wanted, song) else { return };
        studio.knows(number);
        self.sing(number, song);
    }

    /// Opens the studio where it is asked for, and tells it of the song.
    fn look_after_studio(&mut self) {
        if self.studio.take_if(|studio| !studio.is_there()).is_some() {
            self.shared.tell_studio_closed();
            (self.tell_host)();
        }
        if self.shared.take_asked_for_studio() {
            match &self.studio {
                Some(studio) => studio.show(),
                None => {
                    let missing = || Reason::NO_PROGRAM;
                    let tell = self.tell.clone();
                    let edited = move |seen, song| tell.send(Order::Edited { seen, song }).is_ok();
                    let started = voices::program().ok_or_else(missing).and_then(|program| {
                        Studio::start(&program, &self.shared, edited)
                            .map_err(|error| error.to_message().into())
                    });
                    self.shared.tell_trouble(started.as_ref().err().cloned());
                    self.studio = started.ok();
                }
            }
        }
        if let Some(studio) = &mut self.studio {
            studio.tell(self.wanted, &self.song);
        }
    }

    /// Takes the song that the user has chosen in the host.
    fn look_at_choice(&mut self) {
        let chosen = self.shared.chosen.load(Relaxed);
        if chosen == self.chosen {
            return;
        }
        self.chosen = chosen;
        if let Some(path) = parameters::song_at(chosen)
            && let Ok(song) = Project::load(&path).map_err(|error| self.shared.refuse(error.in_full().into()))
        {
            let (number, song) = self.shared.take_song(song);
            self.sing(number, song);
        }
    }

    fn take_sightings(&mut self) {
        let Some(link) = &mut self.link else { return };
        while let Ok(seen) = link.sighted.pop() {
            self.sighted += 1;
            self.host.see(seen);
        }
    }

    fn take_turns(&mut self) {
        let Some(link) = &mut self.link else { return };
        while let Ok(turned) = link.turned.pop() {
            self.turned += 1;
            self.reshaping |= self.shaping.see(&turned, &self.song.tempo);
        }
    }

    /// Takes in what the host has turned, and has the song sung so.
    fn keep_shape(&mut self) {
        self.take_turns();
        let offline = self.shared.is_offline();
        if self.reshaping {
            if self.reshaped.elapsed() < RESHAPING && !offline {
                return;
            }
            self.reshaped = Instant::now();
            self.reshaping = false;
            self.shared.set_shaping(self.shaping.clone());
            if matches!(self.voices, Voices::Ready(..)) {
                self.ask_singer();
            }
            if offline {
                // Who waits for what is asked for must not take what was there for it.
                self.perform();
            }
        }
        self.shared.heed(&self.shared.turns, self.turned);
    }

    /// Takes in what was seen of the host's tempo, and gives it to a song that goes by it.
    fn keep_time(&mut self) {
        self.take_sightings();
        if self.retimed.elapsed() < RETIMING && !self.shared.is_offline() {
            return;
        }
        if let Some((number, song)) = self.shared.retime(&self.host) {
            self.retimed = Instant::now();
            self.sing(number, song);
        }
        self.shared.heed(&self.shared.sightings, self.sighted);
    }
}

impl Voiced {
    fn gather(&mut self, pieces: &ByKey<Arc<[f32]>>) {
        let (clips, missing) = ready_clips(&self.outline.pieces, |key| pieces.get(&key).cloned());
        self.clips = Arc::new(Clips::new(clips));
        self.missing = missing;
    }
}
