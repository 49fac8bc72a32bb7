//! The microphone at work: what it hears while the song plays is laid behind it where it was sung.

use std::path::Path;

use super::audio_take::{AudioTake, KeptTake, Microphone};
use super::backing::laid_at;
use super::open_song::Session;
use super::recording::keep_take;
use super::search::Found;
use ziyin_message::{Message, ToMessage};

impl Session {
    /// Listens to another microphone than that of the system.
    pub fn listen_by(&mut self, microphone: Microphone) {
        self.microphone = microphone;
    }

    /// Whether what the microphone hears is recorded, and if so how loud that is; 1 is full scale.
    pub fn recorded_level(&self) -> Option<f32> {
        self.audio_take.as_ref().map(|take| take.level)
    }

    /// Records what the microphone hears from now on, and plays the song if it does not.
    ///
    /// # Errors
    /// If there is no microphone, or it refuses.
    pub fn record_audio(&mut self) -> Result<(), Message> {
        let recorder = (self.microphone)().map_err(|error| error.in_full())?;
        let from = self.engine.position();
        self.audio_take = Some(AudioTake::new(recorder, from));
        if !self.engine.is_playing() {
            self.engine.play();
        }
        Ok(())
    }

    /// Takes in what the microphone heard: to be called once in each frame. The take ends with playing, or with
    /// the microphone.
    pub fn listen_in(&mut self) {
        let (position, waits) = (self.engine.position(), self.engine.is_waiting());
        let plays = self.engine.is_playing();
        let Some(take) = &mut self.audio_take else { return };
        take.take_in(position, plays && !waits);
        if !plays || take.recorder.is_lost() {
            self.end_audio();
        }
    }

    /// Records no longer: what was heard becomes a file beside the song, or among the takes where that has none
    /// yet; see [`News::Recorded`](super::News::Recorded).
    pub fn end_audio(&mut self) {
        let Some(AudioTake { recorder, from, start, .. }) = self.audio_take.take() else { return };
        let folder = self.folder().map_or_else(|| self.takes(), Path::to_path_buf);
        let (samples, rate) = recorder.end();
        // Without a moment of the song it is nothing to it.
        let Some(start) = start.filter(|_| !samples.is_empty()) else { return };
        let micros = |seconds: f64| (1e6 * seconds).round() as i64;
        let (song, offset_us, before_us) = (self.song(), micros(start), micros((from - start).max(0.0)));
        self.keeping_takes += usize::from(self.search.begin(move || {
            let kept = keep_take(&folder, &samples, rate);
            Found::Recorded(kept.map(|path| KeptTake { path, song, offset_us, before_us }))
        }));
    }

    /// Whether what was recorded is on its way into its file, and behind the song.
    pub fn is_keeping_take(&self) -> bool {
        self.keeping_takes > 0
    }

    /// Lays a take behind the song that it was recorded to, if that is still open.
    pub(super) fn lay(&mut self, take: &KeptTake) -> Result<(), Message> {
        if take.song != self.song() {
            return Ok(());
        }
        let place = (take.offset_us, take.before_us);
        laid_at(&mut self.editor, "record-audio", &take.path, place).map_err(|error| error.in_full())
    }
}
