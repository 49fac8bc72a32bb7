//! The engine as one value, and what it does at every edit and in every frame.

use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Instant;
use ziyin_message::{Message, ToMessage};

use super::Wake;
use super::audition::{Audition, AuditionStage, Heard};
use super::backing::{self, Backings};
use super::device_names::DeviceNames;
use super::key::{KeySinger, Sounding, SungKey};
use super::mixer::{self, Mixer, beats};
use super::sound::Sound;
use super::sung::{Sung, Told};
use super::takes::{SungTake, Takes};
use super::voice::{self, LoadedVoice, Loader, SungVoice, VoiceLoader, VoiceStatus};
use crate::attachment::Place;
use ziyin_lyrics::Language;
use ziyin_playback::{DeviceChoice, Timeline};
use ziyin_score::Project;
use ziyin_singing::live::LiveSinger;
use ziyin_singing::mix::{amplitude, pan_gains};
use ziyin_singing::score_voices::VoiceKey;

/// What the other threads tell.
enum Event {
    /// The voice of that number was loaded, or not.
    Loaded(u64, Result<LoadedVoice, Message>),
    /// The singer of that number says something.
    Sung(u64, Told),
    Decoded(backing::Decoded),
    /// A key of the voice of that number.
    Key(u64, SungKey),
    /// A take, sung by the voice of that number.
    Take(u64, SungTake),
}

/// The singer, the sound card, and what they know of the song.
pub struct Engine {
    pub(super) wake: Wake,
    tell: Sender<Event>,
    told: Receiver<Event>,
    /// Counts the voices that were asked for.
    loading: u64,
    /// What loads them.
    loaders: Vec<Loader>,
    /// The number of the voice that sings; what an earlier one tells is not heard.
    singing: u64,
    pub(super) voice: VoiceStatus,
    /// How it stands with a voice that is to take the place of the one that sings.
    pub(super) next: Option<VoiceStatus>,
    pub(super) loaded: Option<SungVoice>,
    pub(super) singer: Option<LiveSinger>,
    pub(super) keys: KeySinger,
    /// The singer who is heard by themselves.
    pub(super) audition: Option<Audition>,
    /// Notes that are heard in one take after the other; none before somebody asks.
    pub(super) takes: Takes,
    takes_of: Option<u64>,
    pub(super) project: Project,
    pub(super) revision: Option<u64>,
    /// Counts the songs that were given to the singer.
    pub(super) song: u64,
    pub(super) sung: Sung,
    pub(super) failure: Option<Message>,
    pub(super) backings: Backings,
    pub(super) mixer: Mixer,
    pub(super) sound: Sound,
    pub(super) devices: DeviceNames,
    /// Playing was asked for, and waits for what comes first to be sung.
    pub(super) starting: bool,
    /// Whether a bar is counted before playing begins.
    pub(super) count_in: bool,
    /// Where the DAW is that plays in place of this engine, and when it was there.
    pub(super) host: Option<(Place, Instant)>,
}

impl Engine {
    /// Starts with the voice being loaded in the background and the sound device open, if
    /// there is one.
    pub fn start(loader: VoiceLoader, device: DeviceChoice, wake: Wake) -> Self {
        let (tell, told) = channel();
        let mut engine = Self {
            sound: Sound::open(device, wake.clone()),
            devices: DeviceNames::default(),
            wake,
            tell,
            told,
            loading: 0,
            loaders: Vec::new(),
            singing: 0,
            voice: VoiceStatus::Loading,
            next: None,
            loaded: None,
            singer: None,
            keys: KeySinger::default(),
            audition: None,
            takes: Takes::default(),
            takes_of: None,
            project: Project::default(),
            revision: None,
            song: 0,
            sung: Sung::default(),
            failure: None,
            backings: Backings::default(),
            mixer: Mixer::default(),
            starting: false,
            count_in: false,
            host: None,
        };
        engine.load_voice(loader);
        engine
    }

    /// Loads another voice, or the same on another device, in the background. The one
    /// before sings until then, and goes on if it comes to nothing.
    pub fn load_voice(&mut self, loader: VoiceLoader) {
        self.loading += 1;
        self.tell_of_voice(VoiceStatus::Loading);
        let (number, tell, wake) = (self.loading, self.tell.clone(), self.wake.clone());
        let started = Loader::start(move || {
            let _ = tell.send(Event::Loaded(number, voice::load(loader)));
            wake();
        });
        // One that is still at work is waited for at the end alone.
        self.loaders.retain(|loader| !loader.is_done());
        match started {
            Ok(loader) => self.loaders.push(loader),
            Err(error) => self.tell_of_voice(VoiceStatus::Failed(error.to_message())),
        }
    }

    /// Keeps how it stands with the voice that was asked for last.
    fn tell_of_voice(&mut self, status: VoiceStatus) {
        if let VoiceStatus::Failed(why) = &status {
            tracing::error!("the voice was not loaded: {why}");
        }
        if self.singer.is_some() { self.next = Some(status) } else { self.voice = status }
    }

    /// Follows an edit: cheap, and free when the revision is the one that it knows. What
    /// changes only the mix is heard at once; the rest is planned in the background.
    /// `folder` is where the song lies: backing audio is looked for from there.
    pub fn follow(&mut self, project: &Project, revision: u64, folder: Option<&Path>) {
        if self.revision == Some(revision) {
            return;
        }
        let first = self.revision.replace(revision).is_none();
        let sings_alike = !first && sings_alike(&self.project, project);
        if first
            || self.project.tempo != project.tempo
            || self.project.meter != project.meter
            || self.project.end() != project.end()
        {
            self.mixer.beats = beats(project);
        }
        self.project = project.clone();
        let (tell, wake) = (self.tell.clone(), self.wake.clone());
        self.backings.follow(project, folder, move |decoded| {
            let _ = tell.send(Event::Decoded(decoded));
            wake();
        });
        self.mixer.changed = true;
        self.hear();
        if !sings_alike {
            self.sing();
        }
    }

    /// Tells the singer which voices are heard: the others can wait.
    fn hear(&self) {
        if let Some(singer) = &self.singer {
            let keys = self.project.tracks.iter().flat_map(VoiceKey::of);
            let alone = self.project.has_solo();
            singer.hear(keys.filter(|&key| mixer::is_heard(&self.project, key, alone)).collect());
        }
    }

    /// Gives the song to the singer.
    fn sing(&mut self) {
        if let Some(singer) = &self.singer {
            self.song += 1;
            self.failure = None;
            self.sung.expect(self.song);
            singer.aim(self.position());
            singer.sing(self.song, self.project.clone());
        }
    }

    /// Takes in what happened since the last frame. To be called at the beginning of each
    /// frame; gives whether the next one should follow by itself, because something moves.
    pub fn tick(&mut self) -> bool {
        while let Ok(event) = self.told.try_recv() {
            self.take(event);
        }
        self.sound.look_after();
        self.devices.look_after();
        if self.mixer.changed {
            self.mixer.changed = false;
            let timeline = self.mixer.timeline(&self.project, &mut self.sung, &self.backings);
            self.sound.set_timeline(timeline);
        }
        self.starting &= self.sound.can_play();
        if self.starting && self.sound.is_open() && self.is_ready_at(self.sound.position()) {
            self.starting = false;
            let (beats, beat) = self.count_in_at(self.sound.position());
            self.sound.play(beats, beat);
        }
        if self.sound.is_playing() {
            if self.sound.runs_past(self.end() + self.sound.tail().max(1.0)) {
                self.sound.pause();
            }
            if let (Some(singer), false) = (&self.singer, self.sung.is_done()) {
                singer.aim(self.sound.position());
            }
        }
        if let (Some((place, _)), Some(singer), false) = (self.host, &self.singer, self.sung.is_done()) {
            singer.aim(place.seconds);
        }
        let meters = self.sound.read_meters(self.mixer.lanes.len());
        let auditioned = self.look_after_audition() | self.takes.sounds();
        self.is_playing() || meters || auditioned
    }

    fn take(&mut self, event: Event) {
        match event {
            Event::Loaded(number, loaded) if number == self.loading => match loaded {
                Ok(loaded) => self.begin(number, loaded),
                Err(why) => self.tell_of_voice(VoiceStatus::Failed(why)),
            },
            Event::Sung(number, told) if number == self.singing => {
                if let Told::Failed(why) = &told {
                    self.failure = Some(why.clone());
                }
                self.mixer.changed |= self.sung.take(told, &self.project.tempo);
            }
            Event::Key(number, sung) if number == self.singing => {
                if let (key, Some(sounding)) = (sung.key.1, self.keys.take(sung)) {
                    self.sound(key, sounding);
                }
            }
            Event::Take(number, sung) if Some(number) == self.takes_of => {
                if let Some(samples) = self.takes.take(sung) {
                    self.play_take(samples);
                }
            }
            Event::Decoded(decoded) => {
                self.mixer.changed |= self.backings.take(decoded);
            }
            _ => {}
        }
    }

    /// Begins to sing with a voice.
    fn begin(&mut self, number: u64, loaded: LoadedVoice) {
        let (tell, wake) = (self.tell.clone(), self.wake.clone());
        let (tell_key, wake_for_key) = (self.tell.clone(), self.wake.clone());
        let keys = KeySinger::start(loaded.sung.clone(), move |sung| {
            let _ = tell_key.send(Event::Key(number, sung));
            wake_for_key();
        });
        let singer =
            LiveSinger::start(loaded.sung.voice.clone(), loaded.sung.vocoder.clone(), move |event| {
                let _ = tell.send(Event::Sung(number, Told::new(event)));
                wake();
            });
        match singer {
            Ok(singer) => {
                tracing::info!("{} singers on {}", loaded.singers.len(), loaded.device);
                (self.singer, self.keys) = (Some(singer), keys);
                (self.singing, self.next, self.failure) = (number, None, None);
                self.sung = Sung::default();
                self.voice = VoiceStatus::Ready { singers: loaded.singers, device: loaded.device };
                self.loaded = Some(loaded.sung);
                if self.revision.is_some() {
                    self.hear();
                    self.sing();
                }
            }
            Err(error) => self.tell_of_voice(VoiceStatus::Failed(error.to_message())),
        }
    }

    /// Sings a MIDI key while it is held, by the singer of that name (`None` for the one
    /// that ships), or with `None` lets go of it. Without a voice it is a tone.
    pub fn sound_key(&mut self, key: Option<u8>, singer: Option<&str>) {
        match key {
            Some(key) => {
                self.sound.find_device();
                let sounding = self.keys.hold((singer.map(String::from), key));
                self.sound.sound_key(None);
                self.sound(key, sounding);
            }
            None => {
                self.keys.release();
                self.sound.sound_key(None);
            }
        }
    }

    /// Sings a line in a language by the singer of that name, who is at home in a range of keys, and plays
    /// it beside the song, which pauses. Another line that is heard ends.
    pub fn audition(&mut self, singer: &str, language: Language, range: [u8; 2]) {
        self.end_audition();
        self.takes.end();
        self.starting = false;
        self.sound.pause();
        if let Some(voice) = self.loaded.clone() {
            self.sound.find_device();
            self.audition = Some(Audition::begin(voice, singer, language, range, self.wake.clone()));
        }
    }

    /// Ends the line that is heard or awaited.
    pub fn end_audition(&mut self) {
        if self.audition.take().is_some() {
            self.sound.sound_key(None);
        }
    }

    /// Whose line is heard or awaited, and how it stands with it.
    pub fn auditioned(&self) -> Option<(&str, &AuditionStage)> {
        self.audition.as_ref().map(|audition| (audition.singer.as_str(), &audition.stage))
    }

    /// Plays the line once it is sung, and ends it once it was heard; gives whether it is heard.
    fn look_after_audition(&mut self) -> bool {
        match self.audition.as_mut().map(Audition::go_on) {
            Some(Heard::Play(timeline)) => self.sound.sing_key(timeline),
            Some(Heard::Ended) => self.audition = None,
            Some(Heard::GoesOn) | None => {}
        }
        matches!(self.auditioned(), Some((_, AuditionStage::Sounding(_))))
    }

    /// Has the voice that sings sing takes too, unless it does.
    pub(super) fn start_takes(&mut self) {
        if self.takes_of == Some(self.singing) {
            return;
        }
        let Some(voice) = self.loaded.clone() else { return };
        let (number, tell, wake) = (self.singing, self.tell.clone(), self.wake.clone());
        self.takes_of = Some(number);
        self.takes = Takes::start(voice, move |sung| {
            let _ = tell.send(Event::Take(number, sung));
            wake();
        });
    }

    /// Plays a take as its track stands in the mix, muted or not.
    pub(super) fn play_take(&mut self, samples: Arc<[f32]>) {
        let track = self.takes.track().and_then(|track| self.project.track(track));
        let key = track.map(|track| VoiceKey { track: track.id, harmony: None });
        let (gain_db, pan) = key.and_then(|key| mixer::level(&self.project, key)).unwrap_or_default();
        let gains = pan_gains(pan).map(|gain| gain * amplitude(gain_db));
        let room = track.map_or(0.0, |track| track.room);
        self.sound.sing_key(Timeline::alone(samples, gains, room));
    }

    fn sound(&mut self, key: u8, sounding: Sounding) {
        match sounding {
            Sounding::Sung(samples) => {
                self.sound.sing_key(Timeline::alone(samples, pan_gains(0.0), 0.0));
            }
            Sounding::Tone => self.sound.sound_key(Some(key)),
            Sounding::Awaited => {}
        }
    }
}

/// Whether two songs are sung alike: they differ in the mix alone, or not at all.
fn sings_alike(a: &Project, b: &Project) -> bool {
    let tracks = a.tracks.len() == b.tracks.len();
    a.tempo == b.tempo
        && a.meter == b.meter
        && tracks
        && a.tracks.iter().zip(&b.tracks).all(|(a, b)| {
            (a.id, &a.name, &a.singer, &a.second) == (b.id, &b.name, &b.singer, &b.second)
                && a.language == b.language
                && (a.inflection, a.expression) == (b.inflection, b.expression)
                && a.notes == b.notes
                && a.curves == b.curves
                && a.harmonies.len() == b.harmonies.len()
                && a.harmonies
                    .iter()
                    .zip(&b.harmonies)
                    .all(|(a, b)| (a.kind, a.humanise, a.delay) == (b.kind, b.humanise, b.delay))
        })
}
