//! The sound card and the transport as the studio sees them: they go on without a device,
//! and from one device to another.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::{Duration, Instant};
use ziyin_message::{Message, ToMessage};

use super::Wake;
use super::device_search::DeviceSearch;
use super::opening::{Opened, Opening};
use ziyin_playback::{DeviceChoice, PlaybackError, Player, Timeline};
use ziyin_signal::pitch_hz;

/// How it stands with the sound device.
#[derive(Clone, Debug, PartialEq)]
pub enum SoundStatus {
    /// It is being opened.
    Opening,
    /// It plays through this device, at so many frames per second.
    Ready { device: String, rate: u32 },
    /// This device is gone, and is looked for.
    Searching { device: String },
    /// It was not found; another can be chosen. It is looked for now and then.
    Lost { device: String },
    /// There is none, for this reason. Everything but playback works.
    Absent(Message),
}

impl SoundStatus {
    pub fn is_ready(&self) -> bool {
        matches!(self, SoundStatus::Ready { .. })
    }
}

/// By how much a meter falls from one frame of the studio to the next.
const FALL: f32 = 0.86;
/// A device that goes again this soon after it was found was not found.
const FOUND: Duration = Duration::from_secs(5);
/// How long nothing must sound until the device is let go of: an open one costs time and power.
const REST_AFTER: Duration = Duration::from_secs(10);
/// What a meter no longer shows.
const SILENCE: f32 = 1e-3;

/// A key that is held.
enum Held {
    Tone(u8),
    Sung(Arc<Timeline>),
}

pub(super) struct Sound {
    wake: Wake,
    choice: DeviceChoice,
    player: Option<Player>,
    /// The device while it is being opened.
    opening: Option<Opening>,
    /// The device while it is looked for, and for a while after it was found.
    search: Option<DeviceSearch>,
    found: Option<Instant>,
    status: SoundStatus,
    timeline: Arc<Timeline>,
    /// Where the play head is while there is no device.
    resting: f64,
    /// The key that is held, until there is a device to sound it.
    held: Option<Held>,
    played_from: f64,
    looped: Option<Range<f64>>,
    /// Under-runs of the devices before this one.
    underruns: u32,
    /// Whether somebody will wake the studio when the device can rest.
    alarm: Arc<AtomicBool>,
    lanes: Vec<f32>,
    master: [f32; 2],
    /// The least gain of the limiter lately.
    limiter: f32,
}

impl Sound {
    pub fn open(choice: DeviceChoice, wake: Wake) -> Self {
        let mut sound = Self {
            wake,
            choice,
            player: None,
            opening: None,
            search: None,
            found: None,
            status: SoundStatus::Opening,
            timeline: Arc::default(),
            resting: 0.0,
            held: None,
            played_from: 0.0,
            looped: None,
            underruns: 0,
            alarm: Arc::default(),
            lanes: Vec::new(),
            master: [0.0; 2],
            limiter: 1.0,
        };
        sound.reopen(false, false);
        sound
    }

    /// Opens the device that was chosen; it plays on there if it is to.
    fn reopen(&mut self, playing: bool, or_usual: bool) {
        self.open_as_chosen(playing, or_usual);
        self.status = SoundStatus::Opening;
    }

    fn open_as_chosen(&mut self, playing: bool, or_usual: bool) {
        let before = self.rest();
        let mut opening = Opening::begin(before, self.choice.clone(), or_usual, self.wake.clone());
        opening.playing = playing;
        self.opening = Some(opening);
    }

    /// Takes a player that was opened where the last one was.
    fn go_on_with(&mut self, mut player: Player) {
        player.seek(self.resting);
        player.set_loop(self.looped.clone());
        player.set_timeline(self.timeline.clone());
        self.status = SoundStatus::Ready { device: player.device().to_string(), rate: player.rate() };
        match self.held.take() {
            Some(Held::Tone(key)) => player.sound(Some(pitch_hz(f32::from(key)))),
            Some(Held::Sung(timeline)) => player.key(Some(timeline)),
            None => {}
        }
        self.player = Some(player);
    }

    /// Lets go of a device that fills no buffers or says that it is lost, and begins to look for it:
    /// sound servers lose a stream and have the device still. Gives whether it does.
    fn notice_loss(&mut self) -> bool {
        let Some(player) = self.player.as_ref().filter(|player| player.is_lost() || player.is_stalled())
        else {
            return false;
        };
        let (device, playing) = (player.device().to_string(), player.is_playing());
        tracing::warn!("the sound device {device} is gone");
        // While nothing plays nobody hears it.
        self.underruns += u32::from(playing);
        if self.found.take().is_none_or(|at| at.elapsed() > FOUND) {
            self.search = None;
        }
        let search = self.search.get_or_insert_with(|| DeviceSearch::begin(device, playing));
        self.status = SoundStatus::Searching { device: search.device.clone() };
        self.look_for_it();
        true
    }

    /// Opens the device that is looked for.
    fn look_for_it(&mut self) {
        let playing = self.search.as_ref().is_some_and(DeviceSearch::plays_on);
        self.open_as_chosen(playing, false);
        if let Some(opening) = &mut self.opening {
            opening.searching = true;
        }
    }

    /// Takes the device that was opened, or goes on looking for it; gives whether there is news.
    fn look_after_opening(&mut self) -> bool {
        let Some(outcome) = self.opening.as_ref().and_then(Opening::outcome) else { return false };
        let Some(Opening { searching, playing, .. }) = self.opening.take() else { return false };
        let error = match outcome {
            Some(Opened { player: Ok(player), choice }) => {
                tracing::info!("sound goes to {} at {} Hz", player.device(), player.rate());
                self.choice = choice;
                self.found = Some(Instant::now());
                self.go_on_with(player);
                if let (true, Some(player)) = (playing, &mut self.player) {
                    player.play(0, 0.0);
                }
                return true;
            }
            Some(Opened { player: Err(error), .. }) => error,
            None => PlaybackError::NoDevice,
        };
        tracing::warn!("no sound: {error}");
        self.held = None;
        // One that rested was there until now.
        if let SoundStatus::Ready { device, .. } = &self.status {
            self.search = Some(DeviceSearch::begin(device.clone(), false));
        }
        let Some(search) = &mut self.search else {
            self.status = SoundStatus::Absent(error.to_message());
            return true;
        };
        let wait = search.failed();
        let device = search.device.clone();
        self.status = match (searching, search.is_lost()) {
            // Who asked for it is told why it is not there.
            (false, _) if self.status == SoundStatus::Opening => SoundStatus::Absent(error.to_message()),
            (_, true) => SoundStatus::Lost { device },
            _ => SoundStatus::Searching { device },
        };
        self.wake_in(wait, || ());
        true
    }

    /// Has the studio draw a frame after a while: one that is left alone draws none, in which the device
    /// would be looked after. `first` happens just before, or at once where there is no thread to wait in.
    fn wake_in(&self, wait: Duration, first: impl Fn() + Clone + Send + 'static) {
        let (wake, rings) = (self.wake.clone(), first.clone());
        let rung = move || {
            std::thread::sleep(wait + Duration::from_millis(20));
            rings();
            wake();
        };
        if std::thread::Builder::new().name("sound alarm".into()).spawn(rung).is_err() {
            first();
        }
    }

    /// Gives up the device, and remembers where the play head was.
    fn rest(&mut self) -> Option<Player> {
        let player = self.player.take()?;
        self.resting = player.position();
        self.underruns += player.underruns();
        Some(player)
    }

    pub fn choose(&mut self, choice: DeviceChoice) {
        let playing = self.is_playing();
        self.choice = choice;
        self.search = None;
        self.reopen(playing, false);
    }

    /// Opens a device where there is none: one that rests, or one that may have been plugged in, and where
    /// the one that was chosen is not there the system's own.
    pub fn find_device(&mut self) {
        let asked = self.opening.as_ref().is_some_and(|opening| !opening.searching);
        if self.player.is_some() || asked {
            return;
        }
        // A device that only rests is there in a moment, and nobody need know.
        match self.status.is_ready() {
            true => self.open_as_chosen(false, true),
            false => self.reopen(false, true),
        }
    }

    /// Whether it can play, now or once the device is open.
    pub fn can_play(&self) -> bool {
        self.player.is_some() || self.opening.is_some()
    }

    /// Whether there is a device that plays at once.
    pub fn is_open(&self) -> bool {
        self.player.is_some()
    }

    /// Looks after the device; gives whether there is news.
    pub fn look_after(&mut self) -> bool {
        if self.look_after_opening() {
            return true;
        }
        if let Some(player) = &mut self.player {
            player.look_after();
        }
        if self.notice_loss() {
            return true;
        }
        if self.player.is_none()
            && self.opening.is_none()
            && !self.status.is_ready()
            && self.search.as_ref().is_some_and(DeviceSearch::is_due)
        {
            self.look_for_it();
            return false;
        }
        let Some(silent) = self.player.as_ref().and_then(Player::silent_for) else { return false };
        match REST_AFTER.checked_sub(silent) {
            Some(left) if left > Duration::ZERO => {
                if !self.alarm.swap(true, Relaxed) {
                    let alarm = self.alarm.clone();
                    self.wake_in(left, move || alarm.store(false, Relaxed));
                }
            }
            _ => {
                // A device that hangs holds up nobody.
                let rests = self.rest();
                let _ = std::thread::Builder::new().name("sound device".into()).spawn(move || drop(rests));
            }
        }
        false
    }

    pub fn status(&self) -> &SoundStatus {
        &self.status
    }

    pub fn set_timeline(&mut self, timeline: Timeline) {
        self.timeline = Arc::new(timeline);
        if let Some(player) = &mut self.player {
            player.set_timeline(self.timeline.clone());
        }
    }

    pub fn timeline(&self) -> Arc<Timeline> {
        self.timeline.clone()
    }

    /// The moment at which the last sound ends, in seconds.
    pub fn end(&self) -> f64 {
        self.timeline.end() as f64 / f64::from(ziyin_playback::RATE)
    }

    /// Seconds that it sounds on for behind that, in the room.
    pub fn tail(&self) -> f64 {
        self.timeline.tail() as f64 / f64::from(ziyin_playback::RATE)
    }

    /// Plays, after so many clicks that are `beat` seconds apart.
    pub fn play(&mut self, count_in: u32, beat: f64) {
        self.played_from = self.position();
        if let Some(player) = &mut self.player {
            player.play(count_in, beat);
            // Somebody wants to hear it: should it go again, it is looked for as if for the first time, and
            // plays on.
            self.search = None;
        }
        if let Some(opening) = &mut self.opening {
            opening.playing = true;
        }
    }

    pub fn pause(&mut self) {
        if let Some(player) = &mut self.player {
            player.pause();
        }
        if let Some(opening) = &mut self.opening {
            opening.playing = false;
        }
        if let Some(search) = &mut self.search {
            search.pause();
        }
    }

    pub fn seek(&mut self, seconds: f64) {
        self.resting = seconds.max(0.0);
        if let Some(player) = &mut self.player {
            player.seek(self.resting);
        }
    }

    pub fn set_loop(&mut self, range: Option<Range<f64>>) {
        self.looped = range.filter(|range| range.end > range.start);
        if let Some(player) = &mut self.player {
            player.set_loop(self.looped.clone());
        }
    }

    /// Plays a key that was sung beside the song.
    pub fn sing_key(&mut self, timeline: Timeline) {
        let timeline = Arc::new(timeline);
        match &mut self.player {
            Some(player) => player.key(Some(timeline)),
            None => self.held = Some(Held::Sung(timeline)),
        }
    }

    /// Sounds a key as a tone; `None` lets go of any key.
    pub fn sound_key(&mut self, key: Option<u8>) {
        let Some(player) = &mut self.player else {
            self.held = key.map(Held::Tone);
            return;
        };
        if key.is_none() {
            player.key(None);
        }
        player.sound(key.map(|key| pitch_hz(f32::from(key))));
    }

    pub fn is_playing(&self) -> bool {
        self.player.as_ref().is_some_and(Player::is_playing)
            || self.opening.as_ref().is_some_and(|opening| opening.playing)
    }

    pub fn position(&self) -> f64 {
        self.player.as_ref().map_or(self.resting, Player::position)
    }

    pub fn played_from(&self) -> f64 {
        self.played_from
    }

    /// Whether it plays, without a loop, past a moment in seconds.
    pub fn runs_past(&self, seconds: f64) -> bool {
        let within = self.looped.as_ref().is_some_and(|range| self.position() < range.end);
        !within && self.position() > seconds
    }

    pub fn underruns(&self) -> u32 {
        self.underruns + self.player.as_ref().map_or(0, Player::underruns)
    }

    /// Reads the meters of so many lanes; gives whether one of them shows anything.
    pub fn read_meters(&mut self, lanes: usize) -> bool {
        self.lanes.resize(lanes, 0.0);
        let state = self.player.as_ref().map(Player::state);
        for (i, meter) in self.lanes.iter_mut().enumerate() {
            *meter = fall(*meter, state.map_or(0.0, |state| state.lane_peak(i)));
        }
        let peaks = state.map_or([0.0; 2], |state| state.master_peak());
        for (meter, peak) in self.master.iter_mut().zip(peaks) {
            *meter = fall(*meter, peak);
        }
        // It comes back slowly, for the eye to read.
        let recovered = self.limiter + (1.0 - self.limiter) * 0.05;
        let gain = state.map_or(1.0, |state| state.limiter_gain()).min(recovered);
        self.limiter = if gain > 0.995 { 1.0 } else { gain };
        self.limiter < 1.0 || self.lanes.iter().chain(&self.master).any(|&meter| meter > 0.0)
    }

    pub fn lane_meter(&self, lane: usize) -> f32 {
        self.lanes.get(lane).copied().unwrap_or(0.0)
    }

    pub fn master_meter(&self) -> [f32; 2] {
        self.master
    }

    pub fn limited_db(&self) -> f32 {
        -20.0 * self.limiter.log10()
    }
}

fn fall(meter: f32, peak: f32) -> f32 {
    let level = peak.max(meter * FALL);
    if level < SILENCE { 0.0 } else { level }
}
