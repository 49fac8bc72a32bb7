//! What the studio shows of the engine: how far the singing is, what is sung, how loud it is.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;
use ziyin_message::Message;

use super::backing::BackingStatus;
use super::conductor::Engine;
use super::mixer::LaneKey;
use super::sound::SoundStatus;
use super::sung::{HarmonyState, NoteState, Progress, SungCharacter};
use super::voice::{SungVoice, VoiceStatus};
use ziyin_playback::Timeline;
use ziyin_score::{NoteId, TempoMap, Track, TrackId};
use ziyin_singing::draft::Unread;
use ziyin_singing::hint::Hint;
use ziyin_singing::pitch::PitchCurve;
use ziyin_singing::score_voices::VoiceKey;

impl Engine {
    /// Whether the voice is there, who sings, and on what.
    pub fn voice_status(&self) -> &VoiceStatus {
        &self.voice
    }

    /// How it stands with a voice that is to take the place of the one that sings: it is being loaded,
    /// or came to nothing.
    pub fn next_voice(&self) -> Option<&VoiceStatus> {
        self.next.as_ref()
    }

    /// The voice that sings, for a render into files.
    pub fn voice(&self) -> Option<&SungVoice> {
        self.loaded.as_ref()
    }

    /// Why the song, or a part of it, is not sung.
    pub fn failure(&self) -> Option<&Message> {
        self.failure.as_ref()
    }

    /// What the user should know of how the song is sung.
    pub fn hints(&self) -> &[Hint] {
        self.sung.hints()
    }

    /// The singers of a track who are not there; none as long as nobody is known yet.
    pub fn missing_singers<'a>(&self, track: &'a Track) -> impl Iterator<Item = &'a str> {
        let is_missing =
            |name: &&str| self.loaded.as_ref().is_some_and(|voice| voice.voice.singer(name).is_none());
        track.named_singers().filter(is_missing)
    }

    /// The lyrics of a track that nobody could read, which are hummed.
    pub fn unread(&self, track: TrackId) -> &[Unread] {
        self.sung.unread(track)
    }

    /// How far the singing is.
    pub fn progress(&self) -> Progress {
        self.sung.progress()
    }

    /// How far the sound of each note is; a note that is not there is not sung.
    pub fn note_states(&self) -> &HashMap<(TrackId, NoteId), NoteState> {
        self.sung.states()
    }

    /// How far a harmony is.
    pub fn harmony_state(&self, track: TrackId, index: usize) -> HarmonyState {
        self.sung.harmony(VoiceKey { track, harmony: Some(index) })
    }

    /// A number that changes when [`Engine::pitch`], [`Engine::waveform`] or
    /// [`Engine::samples`] may give something else than before.
    pub fn generation(&self) -> u64 {
        self.sung.generation()
    }

    /// The pitch curve that the lead of a track sings between two ticks: for each phrase a
    /// line of tick and MIDI key, in at most about `points` points.
    pub fn pitch(&self, track: TrackId, ticks: Range<f64>, points: usize) -> Vec<Vec<(f64, f32)>> {
        self.sung.pitch(VoiceKey { track, harmony: None }, ticks, points, PitchCurve::at)
    }

    /// The same as it is written: without what the singer does by themselves, which ends where
    /// something is drawn.
    pub fn written_pitch(&self, track: TrackId, ticks: Range<f64>, points: usize) -> Vec<Vec<(f64, f32)>> {
        self.sung.pitch(VoiceKey { track, harmony: None }, ticks, points, PitchCurve::written)
    }

    /// The characters that the lead of a track sings somewhere between two ticks, in order.
    pub fn characters(&self, track: TrackId, ticks: Range<f64>) -> Vec<SungCharacter> {
        self.sung.characters(VoiceKey { track, harmony: None }, ticks)
    }

    /// The lead of a track as it is sung between two ticks: tick, and the loudest sample
    /// (0 to 1) from there to the next point; at most about `points` points.
    pub fn waveform(&self, track: TrackId, ticks: Range<f64>, points: usize) -> Vec<(f64, f32)> {
        self.sung.waveform(VoiceKey { track, harmony: None }, ticks, points)
    }

    /// The lead of a track as it is sung, from sample `from` of the song at 44.1 kHz on;
    /// what is not ready is silent.
    pub fn samples(&self, track: TrackId, from: u64, out: &mut [f32]) {
        self.sung.samples(VoiceKey { track, harmony: None }, from, out);
    }

    /// How far a backing track is, by its place in the song.
    pub fn backing_status(&self, index: usize) -> BackingStatus {
        self.backings.status(index)
    }

    /// The tempo of a backing track in beats a minute, where it has one that is told and is decoded.
    pub fn backing_tempo(&self, index: usize) -> Option<f64> {
        self.backings.tempo(index)
    }

    /// From which tick on a backing track is heard, and up to which, once it is decoded.
    pub fn backing_span(&self, index: usize) -> Option<Range<f64>> {
        self.backings.span(index, &self.project)
    }

    /// A backing track between two ticks, as [`Engine::waveform`] gives a voice.
    pub fn backing_waveform(&self, index: usize, ticks: Range<f64>, points: usize) -> Vec<(f64, f32)> {
        self.backings.waveform(index, &self.project, ticks, points)
    }

    /// The mix that plays.
    pub fn mix(&self) -> Arc<Timeline> {
        self.sound.timeline()
    }

    /// Whether everything that was asked for is sung.
    pub fn is_idle(&self) -> bool {
        self.singer.is_some() && !self.mixer.changed && self.sung.is_done()
    }

    /// What turns its seconds into ticks.
    pub fn tempo(&self) -> &TempoMap {
        &self.project.tempo
    }

    /// The sound device, or why there is none.
    pub fn sound_status(&self) -> &SoundStatus {
        self.sound.status()
    }

    /// Asks which devices can play; [`Engine::devices`] gives them once they are known.
    pub fn look_for_devices(&mut self) {
        self.devices.ask(self.wake.clone());
    }

    /// The names of the devices that can play, as far as they are known.
    pub fn devices(&self) -> &[String] {
        self.devices.names()
    }

    /// How often the device ran out of samples since the studio was started.
    pub fn underruns(&self) -> u32 {
        self.sound.underruns()
    }

    /// The level of a lane (1 is full scale), falling back slowly.
    pub fn lane_meter(&self, lane: LaneKey) -> f32 {
        let place = self.mixer.lanes.iter().position(|&key| key == lane);
        place.map_or(0.0, |place| self.sound.lane_meter(place))
    }

    /// The level of the mix, left and right, as [`Engine::lane_meter`]; above 1 it is too
    /// loud for the device, and turned down by [`Engine::limited_db`].
    pub fn master_meter(&self) -> [f32; 2] {
        self.sound.master_meter()
    }

    /// By how much the mix was turned down lately to stay below full scale, in dB.
    pub fn limited_db(&self) -> f32 {
        self.sound.limited_db()
    }
}
