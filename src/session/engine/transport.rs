//! Playing: where the play head is and what moves it.

use std::ops::Range;
use std::time::{Duration, Instant};

use super::conductor::Engine;
use super::mixer;
use super::voice::VoiceStatus;
use crate::attachment::Place;
use ziyin_playback::DeviceChoice;
use ziyin_score::{TICKS_PER_QUARTER, TempoMap};
use ziyin_singing::score_voices::VoiceKey;

/// A DAW that was not heard of for this long stands still.
const SILENT: Duration = Duration::from_millis(250);

impl Engine {
    /// Says where the DAW is that plays in place of this engine: the play head is its own from then on, and
    /// nothing here moves it. `None` once there is no DAW.
    pub fn follow_host(&mut self, place: Option<Place>) {
        // A device is not to be told thirty times a second.
        if self.starting || self.sound.is_playing() {
            self.pause();
        }
        if let (None, Some((last, _))) = (place, self.host) {
            self.sound.seek(last.seconds);
        }
        self.host = place.map(|place| (place, Instant::now()));
    }

    /// Whether a DAW plays in place of this engine.
    pub fn follows_host(&self) -> bool {
        self.host.is_some()
    }

    /// Plays from where the play head is; if what comes first is still being sung, as soon
    /// as it is ready. Without a sound device it looks for one again.
    pub fn play(&mut self) {
        if self.follows_host() {
            return;
        }
        self.sound.find_device();
        if self.sound.can_play() {
            self.starting = true;
            self.aim();
            (self.wake)();
        }
    }

    /// Stops where it is.
    pub fn pause(&mut self) {
        self.starting = false;
        self.sound.pause();
    }

    /// Stops and goes back to where playing began.
    pub fn stop(&mut self) {
        self.pause();
        self.seek(self.sound.played_from());
    }

    /// Plays or pauses.
    pub fn toggle(&mut self) {
        if self.is_playing() { self.pause() } else { self.play() }
    }

    /// Whether it plays, or is about to.
    pub fn is_playing(&self) -> bool {
        self.starting || self.sound.is_playing() || self.host.is_some_and(|(place, _)| place.playing)
    }

    /// Whether playing waits for what comes first to be sung.
    pub fn is_waiting(&self) -> bool {
        self.starting
    }

    /// Where the play head is, in seconds from the start of the song.
    pub fn position(&self) -> f64 {
        let Some((place, since)) = self.host else { return self.sound.position() };
        let passed = if place.playing { since.elapsed().min(SILENT).as_secs_f64() } else { 0.0 };
        place.seconds + passed
    }

    /// Where the play head is, in ticks.
    pub fn position_ticks(&self) -> f64 {
        self.project.tempo.tick_between(self.position())
    }

    /// Puts the play head at a moment in seconds.
    pub fn seek(&mut self, seconds: f64) {
        if self.follows_host() {
            return;
        }
        self.sound.seek(seconds);
        self.aim();
    }

    /// Plays from one moment to another over and over, both in seconds; `None` for no loop.
    pub fn set_loop(&mut self, range: Option<Range<f64>>) {
        self.sound.set_loop(range);
    }

    /// Whether the metronome clicks.
    pub fn set_metronome(&mut self, on: bool) {
        self.mixer.changed |= self.mixer.metronome != on;
        self.mixer.metronome = on;
    }

    pub fn metronome(&self) -> bool {
        self.mixer.metronome
    }

    /// Whether a bar is counted before playing begins.
    pub fn set_count_in(&mut self, on: bool) {
        self.count_in = on;
    }

    /// Goes over to another device, or to another buffer of the same; it plays on there.
    pub fn choose_device(&mut self, choice: DeviceChoice) {
        self.sound.choose(choice);
        self.mixer.changed = true;
    }

    /// The moment at which the last sound ends, in seconds.
    pub fn end(&self) -> f64 {
        self.sound.end().max(self.project.tempo.seconds(self.project.end()))
    }

    fn aim(&self) {
        if let Some(singer) = &self.singer {
            singer.aim(self.position());
        }
    }

    /// Whether what is heard in the next half second is ready, or never will be.
    pub(super) fn is_ready_at(&self, seconds: f64) -> bool {
        if self.failure.is_some() {
            return true;
        }
        match self.voice {
            VoiceStatus::Failed(_) => true,
            VoiceStatus::Loading => self.project.end() == 0,
            VoiceStatus::Ready { .. } => {
                let alone = self.project.has_solo();
                let heard = |key: VoiceKey| mixer::is_heard(&self.project, key, alone);
                self.sung.is_ready(seconds..seconds + 0.5, heard)
            }
        }
    }

    /// The beats that are counted before it plays from a moment, and the seconds of one: a bar
    /// as it is there, or none.
    pub(super) fn count_in_at(&self, seconds: f64) -> (u32, f64) {
        let tempo: &TempoMap = &self.project.tempo;
        let tick = tempo.tick(seconds);
        let signature = self.project.meter.at(tick);
        let micros = signature.beat() as f64 * f64::from(tempo.tempo_at(tick).micros());
        let beats = if self.count_in { u32::from(signature.beats) } else { 0 };
        (beats, micros / 1e6 / TICKS_PER_QUARTER as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ziyin_score::{Project, TimeSignature, TimeSignatureChange};

    #[test]
    fn the_play_head_of_a_daw_is_not_moved_from_here() {
        let mut engine = silent();
        engine.seek(3.0);
        engine.follow_host(Some(Place { seconds: 7.0, playing: false }));
        engine.play();
        engine.seek(1.0);
        assert_eq!((engine.position(), engine.is_playing()), (7.0, false));
        engine.follow_host(Some(Place { seconds: 8.0, playing: true }));
        assert!(engine.is_playing() && (8.0..=8.25).contains(&engine.position()));
        assert!(engine.tick());
        engine.follow_host(None);
        assert_eq!((engine.position(), engine.is_playing()), (8.0, false));
        engine.seek(1.0);
        assert_eq!(engine.position(), 1.0);
    }

    /// An engine without voice and sound device.
    fn silent() -> Engine {
        let nowhere = DeviceChoice { name: Some("a device that is nowhere".into()), buffer: None };
        let no_voice = Box::new(|| Err(ziyin_message::Message::foreign("no voice")));
        Engine::start(no_voice, nowhere, std::sync::Arc::new(|| ()))
    }

    #[test]
    fn a_bar_is_counted_as_it_is_where_playing_begins() {
        let mut engine = silent();
        let change =
            |tick, beats, unit| TimeSignatureChange { tick, signature: TimeSignature { beats, unit } };
        let meter = ziyin_score::MeterMap::new(vec![change(0, 3, 4), change(2880, 6, 8)]).unwrap();
        engine.follow(&Project { meter, ..Project::default() }, 1, None);
        assert_eq!(engine.count_in_at(0.0), (0, 0.5));
        engine.set_count_in(true);
        assert_eq!(engine.count_in_at(0.0), (3, 0.5));
        assert_eq!(engine.count_in_at(2.0), (6, 0.25));
    }
}
