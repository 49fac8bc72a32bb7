//! What the threads of an instance share.

use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use super::host_time::{HostTime, Time};
use super::performance::Performance;
use super::shaping::Shaping;
use super::state::State;
use super::status::{Reason, Status};
use super::strips::{STRIPS, Strips};
use rust_i18n::t;
use ziyin_score::Project;

/// What the threads of an instance share.
#[derive(Default)]
pub struct Shared {
    held: Mutex<Timed>,
    /// Whether the song changed since the host last gave one or was told of it.
    unsaved: AtomicBool,
    /// Whether parameters have other names or values than the host last saw.
    renamed: AtomicBool,
    pub strips: Strips,
    /// Whether the studio is asked for, and whether it was closed.
    asked_for_studio: AtomicBool,
    studio_closed: AtomicBool,
    /// The place in the song of the track that takes what the host records.
    recorded_track: AtomicU32,
    /// Whether it takes what comes whenever the host plays.
    records_what_plays: AtomicBool,
    /// Why it could not be opened.
    trouble: Mutex<Option<Reason>>,
    /// Whether nothing is to be heard.
    bypass: AtomicBool,
    /// Whether the song is to go by the host's tempo.
    follows: AtomicBool,
    /// What the audio thread saw of the host's tempo, and of how what shapes a voice is turned.
    pub sightings: Told,
    pub turns: Told,
    /// How they are turned in the course of the song, as far as it is known, and whether they are.
    shaping: Mutex<Shaping>,
    turns_matter: AtomicBool,
    /// Counts the songs that were taken.
    wanted: AtomicU64,
    /// Whether the conductor broke down, so that nothing will come any more.
    gone: AtomicBool,
    /// Why the last song that was to be taken was not.
    refused: Mutex<Option<Reason>>,
    status: Mutex<Status>,
    newest: Mutex<Arc<Performance>>,
    changed: Condvar,
    offline: AtomicBool,
    /// The sample of the song that the host is at, and whether it moves.
    place: AtomicU64,
    playing: AtomicBool,
    /// The sample up to which it played last.
    reached: AtomicU64,
    /// The place among the songs of the studio that the user chose last; 0 for the song as it is.
    pub chosen: AtomicU32,
}

/// The song, and the time that it had before it went by the host's.
#[derive(Default)]
struct Timed {
    song: Project,
    own: Option<Time>,
}

/// What is guarded is whole at any time.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// How often the audio thread told of something, and how often that was heeded.
#[derive(Default)]
pub struct Told {
    told: AtomicU64,
    heeded: AtomicU64,
}

impl Told {
    /// Says that it told of it once more.
    pub fn tell(&self) {
        self.told.fetch_add(1, Relaxed);
    }

    fn is_heeded(&self) -> bool {
        self.heeded.load(Relaxed) == self.told.load(Relaxed)
    }
}

impl Shared {
    pub fn is_offline(&self) -> bool {
        self.offline.load(Relaxed)
    }

    /// Tells whether the host renders without being heard, and so can wait.
    pub fn set_offline(&self, offline: bool) {
        self.offline.store(offline, Relaxed);
    }

    pub fn is_bypassed(&self) -> bool {
        self.bypass.load(Relaxed)
    }

    pub fn set_bypass(&self, bypass: bool) {
        self.bypass.store(bypass, Relaxed);
    }

    pub fn follows_tempo(&self) -> bool {
        self.follows.load(Relaxed)
    }

    pub fn set_follows_tempo(&self, follows: bool) {
        self.follows.store(follows, Relaxed);
    }

    /// The place in the song of the track that takes what the host records.
    pub fn recorded_track(&self) -> usize {
        self.recorded_track.load(Relaxed) as usize
    }

    pub fn set_recorded_track(&self, place: usize) {
        self.recorded_track.store(place.min(STRIPS - 1) as u32, Relaxed);
    }

    /// Whether keys are recorded whenever the host plays. No project keeps it: one that is opened anew does not
    /// take what it plays for something new.
    pub fn records_what_plays(&self) -> bool {
        self.records_what_plays.load(Relaxed)
    }

    pub fn set_records_what_plays(&self, records: bool) {
        self.records_what_plays.store(records, Relaxed);
    }

    /// Asks for the studio. May be called on the audio thread.
    pub fn ask_for_studio(&self) {
        self.asked_for_studio.store(true, Relaxed);
    }

    pub fn take_asked_for_studio(&self) -> bool {
        self.asked_for_studio.swap(false, Relaxed)
    }

    pub fn tell_studio_closed(&self) {
        self.studio_closed.store(true, Relaxed);
    }

    /// Whether the studio was closed since this was last asked.
    pub fn take_studio_closed(&self) -> bool {
        self.studio_closed.swap(false, Relaxed)
    }

    /// Tells why the studio could not be opened, if it could not.
    pub fn tell_trouble(&self, why: Option<Reason>) {
        if let Some(why) = &why {
            tracing::error!("the studio was not opened: {why}");
        }
        *locked(&self.trouble) = why;
    }

    /// Says that what was told of so often is in what is to be sung.
    pub fn heed(&self, what: &Told, count: u64) {
        if what.heeded.swap(count, Relaxed) != count {
            drop(locked(&self.newest));
            self.changed.notify_all();
        }
    }

    /// Whether it matters where nothing is turned: something else was learnt of the song.
    pub fn turns_matter(&self) -> bool {
        self.turns_matter.load(Relaxed)
    }

    /// What is known of how the host shapes voices.
    pub fn shaping(&self) -> Shaping {
        locked(&self.shaping).clone()
    }

    pub fn set_shaping(&self, shaping: Shaping) {
        self.turns_matter.store(shaping.has_changes(), Relaxed);
        *locked(&self.shaping) = shaping;
    }

    /// Tells where the host is.
    pub fn tell_place(&self, sample: u64, playing: bool) {
        self.place.store(sample, Relaxed);
        self.playing.store(playing, Relaxed);
    }

    /// The sample up to which the host played last.
    pub fn reached(&self) -> u64 {
        self.reached.load(Relaxed)
    }

    pub fn tell_reached(&self, sample: u64) {
        self.reached.store(sample, Relaxed);
    }

    /// The sample of the song that the host is at, and whether it plays.
    pub fn whereabouts(&self) -> (u64, bool) {
        (self.place.load(Relaxed), self.playing.load(Relaxed))
    }

    /// The sample of the song that the host is at, while it plays.
    pub fn place(&self) -> Option<u64> {
        self.playing.load(Relaxed).then(|| self.place.load(Relaxed))
    }

    pub fn newest(&self) -> Arc<Performance> {
        locked(&self.newest).clone()
    }

    /// Puts another performance in the place of the newest.
    pub fn perform(&self, performance: Arc<Performance>) {
        *locked(&self.newest) = performance;
        self.changed.notify_all();
    }

    /// Waits until all that can be heard between two samples is sung, or will not be.
    pub fn wait_for(&self, samples: &Range<u64>) -> Arc<Performance> {
        let newest = locked(&self.newest);
        let comes = |newest: &mut Arc<Performance>| {
            let in_time = !self.follows_tempo() || self.sightings.is_heeded();
            let in_shape = self.turns.is_heeded();
            let is_there = newest.song == self.wanted.load(Relaxed) && newest.is_ready(samples);
            !(self.gone.load(Relaxed) || in_time && in_shape && is_there)
        };
        let ready = self.changed.wait_while(newest, comes);
        ready.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Says that nothing will be sung any more: whoever waits goes on.
    pub fn break_down(&self) {
        self.tell_status(Status::Failed(Reason::BROKE_DOWN));
        self.gone.store(true, Relaxed);
        drop(locked(&self.newest));
        self.changed.notify_all();
    }

    pub fn status(&self) -> Status {
        locked(&self.status).clone()
    }

    pub fn tell_status(&self, status: Status) {
        *locked(&self.status) = status;
    }

    /// The name of a track, by its place in the song.
    pub fn track_name(&self, place: usize) -> Option<String> {
        locked(&self.held).song.tracks.get(place).map(|track| track.name.clone())
    }

    /// How it stands, in words: what was refused or could not be opened comes before how much is sung.
    pub fn in_words(&self, language: &str) -> String {
        if let Some(why) = &*locked(&self.refused) {
            return t!("status.refused", locale = language, why = why.say(language)).into();
        }
        if let Some(why) = &*locked(&self.trouble) {
            return why.say(language);
        }
        self.status().say(language)
    }

    /// Keeps the song that is there, and why another was not taken.
    pub fn refuse(&self, why: Reason) {
        tracing::error!("a song was refused: {why}");
        *locked(&self.refused) = Some(why);
    }

    /// The song as it is.
    pub fn song(&self) -> Project {
        locked(&self.held).song.clone()
    }

    /// Whether the song was given the host's time.
    pub fn has_time_of_host(&self) -> bool {
        locked(&self.held).own.is_some()
    }

    /// What the host is to keep.
    pub fn state(&self) -> State {
        let held = locked(&self.held);
        let mut strips = [Default::default(); STRIPS];
        strips.iter_mut().enumerate().for_each(|(place, strip)| *strip = self.strips.get(place));
        State {
            song: held.song.clone(),
            follows: self.follows_tempo(),
            own: held.own.clone(),
            bypass: self.is_bypassed(),
            recorded_track: self.recorded_track(),
            strips,
            shaping: self.shaping(),
        }
    }

    /// Takes what a host has kept, and gives the song with its number.
    pub fn take_state(&self, state: State) -> (u64, Project) {
        self.set_bypass(state.bypass);
        self.set_follows_tempo(state.follows);
        self.set_recorded_track(state.recorded_track);
        self.set_records_what_plays(false);
        self.set_shaping(state.shaping);
        state.strips.iter().enumerate().for_each(|(place, &strip)| self.strips.set(place, strip));
        let mut held = locked(&self.held);
        *held = Timed { song: state.song, own: state.own };
        self.renamed.store(true, Relaxed);
        self.unsaved.store(false, Relaxed);
        self.number(&held)
    }

    /// Takes another song, or the same after an edit, and gives it with its number.
    pub fn take_song(&self, song: Project) -> (u64, Project) {
        self.put(&mut locked(&self.held), song)
    }

    fn put(&self, held: &mut Timed, song: Project) -> (u64, Project) {
        let names = |song: &Project| song.tracks.iter().map(|track| track.name.clone()).collect::<Vec<_>>();
        if names(&song) != names(&held.song) {
            self.renamed.store(true, Relaxed);
        }
        let time = Time::of(&song);
        // A time that is not the one that it was given is its own.
        if held.own.is_some() && time != Time::of(&held.song) {
            held.own = Some(time);
        }
        held.song = song;
        self.unsaved.store(true, Relaxed);
        self.number(held)
    }

    /// Takes an edit of the song of that number, and gives it with its own. Where the song has become another
    /// meanwhile nothing is taken.
    pub fn take_edit(&self, number: u64, song: Project) -> Option<(u64, Project)> {
        let mut held = locked(&self.held);
        (self.wanted.load(Relaxed) == number).then(|| self.put(&mut held, song))
    }

    /// Edits the song as it is, and gives it with its number.
    ///
    /// # Errors
    /// Those of the edit; then nothing is another.
    pub fn edit<E>(&self, edit: impl FnOnce(&mut Project) -> Result<(), E>) -> Result<(u64, Project), E> {
        let mut held = locked(&self.held);
        let mut song = held.song.clone();
        edit(&mut song)?;
        Ok(self.put(&mut held, song))
    }

    /// Gives the song the host's time, or that which it had before; gives it with its number if it is another
    /// then.
    pub fn retime(&self, host: &HostTime) -> Option<(u64, Project)> {
        let mut held = locked(&self.held);
        let own = held.own.clone().unwrap_or_else(|| Time::of(&held.song));
        let time = if self.follows_tempo() {
            let time = host.time(&own.meter)?;
            held.own = Some(own);
            time
        } else {
            held.own.take()?
        };
        if time == Time::of(&held.song) {
            return None;
        }
        (held.song.tempo, held.song.meter) = (time.tempo, time.meter);
        self.unsaved.store(true, Relaxed);
        Some(self.number(&held))
    }

    /// Whether parameters have other names or values than the host knows of; it knows from then on.
    pub fn take_renamed(&self) -> bool {
        self.renamed.swap(false, Relaxed)
    }

    /// Whether the song is another than the host knows of; it knows from then on.
    pub fn take_unsaved(&self) -> bool {
        self.unsaved.swap(false, Relaxed)
    }

    fn number(&self, held: &Timed) -> (u64, Project) {
        *locked(&self.refused) = None;
        (self.wanted.fetch_add(1, Relaxed) + 1, held.song.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::super::sighting::Sighting;
    use super::*;
    use ziyin_score::{Tempo, TempoMap};

    #[test]
    fn a_song_that_goes_by_the_host_gets_its_own_tempo_back() {
        let at = |bpm: f64| TempoMap::constant(Tempo::from_bpm(bpm).unwrap());
        let shared = Shared::default();
        shared.take_song(Project { tempo: at(80.0), ..Project::default() });
        let mut host = HostTime::default();
        shared.set_follows_tempo(true);
        assert!(shared.retime(&host).is_none(), "nothing was seen");
        host.see(Sighting::new(0.0, 0.0, 100.0, None).unwrap());
        assert_eq!(shared.retime(&host).unwrap().1.tempo, at(100.0));
        assert!(shared.retime(&host).is_none());
        // An edit keeps both; another song comes with a tempo of its own.
        let edited = Project { title: "edited".into(), ..shared.state().song };
        shared.take_song(edited);
        assert_eq!(shared.state().own.unwrap().tempo, at(80.0));
        shared.take_song(Project { tempo: at(90.0), ..Project::default() });
        assert_eq!(shared.retime(&host).unwrap().1.tempo, at(100.0));
        shared.set_follows_tempo(false);
        assert_eq!(shared.retime(&host).unwrap().1.tempo, at(90.0));
        assert_eq!(shared.state().own, None);
    }
}
