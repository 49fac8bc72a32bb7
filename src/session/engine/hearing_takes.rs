//! Takes of the same notes, heard beside the song.

use std::collections::BTreeSet;

use super::conductor::Engine;
use super::takes::TakeStage;
use ziyin_score::{NoteId, TrackId};

impl Engine {
    /// Sings the first takes of notes of a track, so many of them, to be heard when somebody asks for them. To be
    /// called in each frame in which they are looked at: what is sung is sung once.
    pub fn look_at_takes(&mut self, track: TrackId, notes: &BTreeSet<NoteId>, count: u32) {
        self.start_takes();
        self.takes.look_at(&self.project, self.revision, track, notes);
        (0..count).for_each(|take| self.takes.ask(take, false));
    }

    /// Plays a take, counted from 0, of the notes that were looked at last: with the phrases around them, and
    /// nothing else of the song, which pauses. Another that is heard ends.
    pub fn hear_take(&mut self, take: u32) {
        self.end_audition();
        self.end_take();
        self.starting = false;
        self.sound.pause();
        self.sound.find_device();
        if let Some(samples) = self.takes.hear(take) {
            self.play_take(samples);
        }
    }

    /// Ends the take that is heard or awaited.
    pub fn end_take(&mut self) {
        if self.takes.end() {
            self.sound.sound_key(None);
        }
    }

    /// How it stands with a take of the notes that were looked at last.
    pub fn take_stage(&self, take: u32) -> TakeStage {
        self.takes.stage(take)
    }
}
