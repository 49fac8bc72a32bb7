//! The MIDI keyboard at work: its keys are sung by the singer of the track, and become notes while they are
//! recorded.

use std::time::Instant;

use super::open_song::Session;
use super::played::Played;
use ziyin_playback::{MidiKey, RATE};
use ziyin_score::EditError;

impl Session {
    /// Listens to the keyboard of that name from now on, and keeps it among the preferences.
    pub fn choose_keyboard(&mut self, name: Option<String>) {
        self.keyboard.choose(name.as_deref());
        // What was held there is let go of by nobody else.
        self.playing_in.take(MidiKey::AllReleased, 0);
        self.engine.sound_key(None, None);
        self.settings.keyboard = name;
        self.keep_settings();
    }

    /// Whether keys become notes.
    pub fn is_recording(&self) -> bool {
        self.playing_in.pass().is_some()
    }

    /// Records what is played on the keyboard from now on, and plays the song if it does not.
    pub fn record(&mut self) {
        self.playing_in.begin();
        if !self.engine.is_playing() {
            self.engine.play();
        }
    }

    /// Records no longer; the song plays on.
    ///
    /// # Errors
    /// If the last note would lie outside the song.
    pub fn end_recording(&mut self) -> Result<(), EditError> {
        let (pass, at) = (self.playing_in.pass(), self.heard_at(Instant::now()));
        let played = self.playing_in.end(at);
        self.write(played, pass)
    }

    /// Takes the keys that were moved since the last time: to be called once in each frame. Gives those that
    /// were pressed and became no note.
    ///
    /// # Errors
    /// If a note would lie outside the song.
    pub fn play_in(&mut self) -> Result<Vec<u8>, EditError> {
        let mut pressed = Vec::new();
        let mut done = Ok(());
        let before = self.playing_in.sounding();
        for moved in self.keyboard.moved() {
            let (pass, at) = (self.playing_in.pass(), self.heard_at(moved.at));
            let played = self.playing_in.take(moved.key, at);
            done = done.and(self.write(played, pass));
            if let (MidiKey::Pressed(key), None) = (moved.key, pass) {
                pressed.push(key);
            }
        }
        if self.is_recording() && !self.engine.is_playing() {
            done = done.and(self.end_recording());
        }
        let sounding = self.playing_in.sounding();
        if sounding != before {
            let singer = self.editor.active().and_then(|track| track.singer.clone());
            self.engine.sound_key(sounding, singer.as_deref());
        }
        done.map(|()| pressed)
    }

    /// The sample of the song that was heard at a moment a little ago.
    fn heard_at(&self, moment: Instant) -> u64 {
        // While it waits or counts in the song stands still.
        let passed = if self.engine.is_playing() { moment.elapsed().as_secs_f64() } else { 0.0 };
        ((self.engine.position() - passed).max(0.0) * f64::from(RATE)) as u64
    }

    fn write(&mut self, played: Option<Played>, pass: Option<u64>) -> Result<(), EditError> {
        let (Some(played), Some(pass)) = (played, pass) else { return Ok(()) };
        let place = played.place(&self.editor.project().tempo);
        self.editor.record(place, pass)
    }
}
