//! Which voices a song has: the lead of each track that is heard, and its harmonies.

use std::collections::{HashMap, HashSet};
use ziyin_message::{Message, ToMessage, message};

use super::clock::Clock;
use super::draft::draft;
use super::harmony::{drift, follow};
use super::hint::Hint;
use super::known_lyrics::KnownLyrics;
use super::known_voice::{Delivery, KnownVoice};
use super::melody::{SungNote, melody};
use super::pitch::Stray;
use super::plan::Plan;
use super::stream::VoiceStream;
use super::timbre::with_timbres;
use super::voice::{Voice, VoiceFailure};
use ziyin_lyrics::{Language, Reading};
use ziyin_score::{Curve, Harmony, NoteId, Project, Track, TrackId};

/// Seconds by which a first note may be late without a word about it.
const LATE: f64 = 0.005;

/// Which voices of a song are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// Those that mute and solo leave to be heard.
    Heard,
    /// All: who listens decides later. A track that cannot be sung is left out with a warning.
    All,
}

/// Names a voice of a song: the lead of a track, or one of its harmonies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct VoiceKey {
    pub track: TrackId,
    /// The place among the harmonies of the track.
    pub harmony: Option<usize>,
}

impl VoiceKey {
    /// The voices of a track: its lead, then its harmonies.
    pub fn of(track: &Track) -> impl Iterator<Item = Self> + use<> {
        let (harmonies, track) = ((0..track.harmonies.len()).map(Some), track.id);
        std::iter::once(None).chain(harmonies).map(move |harmony| Self { track, harmony })
    }
}

/// One voice, ready to be sung.
pub struct ScoreVoice {
    pub key: VoiceKey,
    /// The name of its file in the language of the studio, without extension, unlike all others.
    pub file: String,
    /// `lead`, or the name of the harmony.
    pub kind: String,
    pub track: String,
    pub gain_db: f32,
    pub pan: f32,
    /// The part of it that is sent into the room.
    pub room: f32,
    pub stream: VoiceStream,
}

/// Why a song has no voices.
#[derive(Debug, thiserror::Error)]
#[error("{}", self.to_message())]
pub enum Unsung {
    NothingToSing,
    UnknownSinger(String),
    #[error(transparent)]
    Voice(#[from] VoiceFailure),
}

impl ToMessage for Unsung {
    fn to_message(&self) -> Message {
        match self {
            Self::NothingToSing => message!("unsung.nothing-to-sing"),
            Self::UnknownSinger(name) => message!("unsung.unknown-singer", name),
            Self::Voice(inner) => inner.to_message(),
        }
    }
}

/// Plans the voices of a song; gives them with hints for the user.
///
/// # Errors
/// If there is nothing to sing, or a voice of those that are heard names a singer that is not
/// there or fails.
pub fn score_voices(
    project: &Project,
    voice: &dyn Voice,
    which: Which,
) -> Result<(Vec<ScoreVoice>, Vec<Hint>), Unsung> {
    Planner::default().plan(project, voice, which)
}

/// Plans a song again and again at the cost of what has changed in between, and with the
/// same result as [`score_voices`].
#[derive(Default)]
pub struct Planner {
    lyrics: HashMap<TrackId, KnownLyrics>,
    voices: HashMap<VoiceKey, KnownVoice>,
}

impl Planner {
    /// Plans the voices of a song, as [`score_voices`] does.
    ///
    /// # Errors
    /// Those of [`score_voices`].
    pub fn plan(
        &mut self,
        project: &Project,
        voice: &dyn Voice,
        which: Which,
    ) -> Result<(Vec<ScoreVoice>, Vec<Hint>), Unsung> {
        let before = std::mem::take(self);
        let mut song = Song {
            project,
            voice,
            which,
            before,
            names: HashSet::from(["mix".to_string()]),
            voices: Vec::new(),
            hints: Vec::new(),
        };
        let mut left_out = false;
        let alone = project.has_solo();
        let heard = |track: &&Track| which == Which::All || track.is_heard(alone);
        for track in project.tracks.iter().filter(heard) {
            match self.plan_track(track, &mut song) {
                Ok(()) => {}
                // While a song is worked on, the others sing on without one who is not there.
                Err(error) if which == Which::All => {
                    left_out = true;
                    let why = error.to_message();
                    song.hint(track, None, message!("track.unsung", name = &track.name, why));
                }
                Err(error) => return Err(error),
            }
        }
        if song.voices.is_empty() && !left_out {
            return Err(Unsung::NothingToSing);
        }
        Ok((song.voices, song.hints))
    }

    /// Plans the lead of a track and its harmonies.
    fn plan_track(&mut self, track: &Track, song: &mut Song) -> Result<(), Unsung> {
        let Song { project, voice, which, .. } = *song;
        let notes = melody(track, &project.tempo, &project.meter);
        let language = track.language.unwrap_or(Language::Mandarin);
        let lyrics = song.before.lyrics.remove(&track.id).unwrap_or_default();
        let lyrics = self.lyrics.entry(track.id).insert_entry(lyrics).into_mut();
        let readings = lyrics.read(&track.notes, &notes, track.language);
        if notes.is_empty() || readings.iter().all(|r| matches!(r, Reading::Rest | Reading::Hold)) {
            if !notes.is_empty() {
                song.hint(track, None, message!("track.without-lyrics", name = &track.name));
            }
            return Ok(());
        }
        let singer = match &track.singer {
            Some(name) => voice.singer(name).ok_or_else(|| Unsung::UnknownSinger(name.clone()))?,
            None => 0,
        };
        let second = track
            .mixed_with()
            .map(|name| voice.singer(name).ok_or_else(|| Unsung::UnknownSinger(name.to_string())));
        let second = second.transpose()?;
        let singing = Singing { project, track, readings, language, singer, second, voice };
        let seed = track.id.0.wrapping_mul(0x9e37_79b9) ^ 1;
        let name = free_name(&file_name(&track.name), &mut song.names);
        let key = VoiceKey { track: track.id, harmony: None };
        let mut known = song.before.voices.remove(&key).unwrap_or_default();
        let stray = Stray {
            seed,
            shared: seed,
            expression: f64::from(track.expression),
            drift: 0.0,
            inflection: f64::from(track.inflection),
        };
        let stream = singing.plan(&notes, stray, 0.0, seed as u32, &mut known)?;
        self.voices.insert(key, known);
        for unread in &stream.plan().unread {
            let at = notes.iter().find(|note| note.id == unread.note).map_or(0.0, |note| note.onset);
            let at = format!("{at:.2}");
            let (name, text, why) = (&track.name, &unread.text, &unread.reason);
            song.hint(track, Some(unread.note), message!("track.hummed", name, seconds = at, text, why));
        }
        if let Some(late) = late_start(track, &notes, stream.plan()) {
            song.hint(track, notes.first().map(|note| note.id), late);
        }
        let mix = (track.level_db(), track.pan);
        song.voices.push(singing.voice(key, name.clone(), "lead".into(), mix, stream));
        let sung = |(_, harmony): &(usize, &Harmony)| which == Which::All || !harmony.mute;
        for (i, harmony) in track.harmonies.iter().enumerate().filter(sung) {
            let seed = seed ^ ((i as u64 + 1) << 32);
            let stray = Stray { seed, drift: drift(harmony), ..stray };
            let noise = (seed ^ (seed >> 32)) as u32;
            let key = VoiceKey { harmony: Some(i), ..key };
            let mut known = song.before.voices.remove(&key).unwrap_or_default();
            let (notes, delay) = (follow(&notes, harmony, seed), f64::from(harmony.delay));
            let stream = singing.plan(&notes, stray, delay, noise, &mut known)?;
            self.voices.insert(key, known);
            let harmony_name = harmony.kind.to_message().said();
            let file = free_name(&format!("{name} – {harmony_name}"), &mut song.names);
            let mix = (track.level_db() + harmony.gain_db, harmony.pan);
            song.voices.push(singing.voice(key, file, harmony.kind.name(), mix, stream));
        }
        Ok(())
    }
}

/// A song that is being planned: what was known of it before, and what has come of it so far.
struct Song<'a> {
    project: &'a Project,
    voice: &'a dyn Voice,
    which: Which,
    before: Planner,
    /// The names of files that are taken.
    names: HashSet<String>,
    voices: Vec<ScoreVoice>,
    hints: Vec<Hint>,
}

impl Song<'_> {
    fn hint(&mut self, track: &Track, note: Option<NoteId>, message: Message) {
        self.hints.push(Hint { track: track.id, note, message });
    }
}

/// What there is to say of a song that begins with a consonant for which it leaves no time.
fn late_start(track: &Track, notes: &[SungNote], plan: &Plan) -> Option<Message> {
    let first = plan.phrases.first()?.characters.first()?;
    let note = notes.iter().find(|note| note.id == first.note)?;
    let set = note.articulations.first().and_then(|own| own.vowel_ms).unwrap_or(0.0);
    let late = first.vowel_at() - note.onset - f64::from(set) / 1000.0;
    (late > LATE)
        .then(|| message!("track.late-start", name = &track.name, ms = format!("{:.0}", 1000.0 * late)))
}

/// A track with what all of its voices share.
struct Singing<'a> {
    project: &'a Project,
    track: &'a Track,
    readings: &'a [Reading],
    language: Language,
    singer: usize,
    second: Option<usize>,
    voice: &'a dyn Voice,
}

impl Singing<'_> {
    fn plan(
        &self,
        notes: &[SungNote],
        stray: Stray,
        delay: f64,
        seed: u32,
        known: &mut KnownVoice,
    ) -> Result<VoiceStream, Unsung> {
        let draft = draft(notes, self.readings, self.language);
        let mut curves = with_timbres(self.track, &self.project.tempo);
        if self.second.is_none() {
            // Nobody is there of whom it could say anything.
            curves.mixture = Curve::default();
        }
        let delivery = Delivery {
            fingerprint: self.voice.fingerprint(),
            singer: self.singer,
            second: self.second,
            seed,
            stray,
            curves,
            clock: Clock { tempo: self.project.tempo.clone(), delay },
        };
        let planned = known.follow(draft, delivery.clone(), |inputs| self.voice.timings(inputs))?;
        Ok(VoiceStream::new(planned, delivery))
    }

    fn voice(
        &self,
        key: VoiceKey,
        file: String,
        kind: String,
        (gain_db, pan): (f32, f32),
        stream: VoiceStream,
    ) -> ScoreVoice {
        let gain_db = gain_db + self.project.mix_gain_db;
        let Track { name, room, .. } = self.track;
        ScoreVoice { key, file, kind, track: name.clone(), gain_db, pan, room: *room, stream }
    }
}

/// The name of a track, or of a song, without what file systems do not take.
pub(super) fn file_name(track: &str) -> String {
    let clean = safe_name(track);
    if clean.is_empty() { "lead".into() } else { clean }
}

/// A name without what file systems do not take, and no longer than they do; it may be empty.
pub fn safe_name(name: &str) -> String {
    let clean: String =
        name.chars().map(|c| if c.is_control() || "/\\:*?\"<>|".contains(c) { '-' } else { c }).collect();
    clean.trim().trim_start_matches('.').chars().take(80).collect()
}

/// The name, or with a number behind it where another file has it, whatever the case.
fn free_name(name: &str, taken: &mut HashSet<String>) -> String {
    let mut free = name.to_string();
    let mut number = 2;
    while !taken.insert(free.to_lowercase()) {
        free = format!("{name}-{number}");
        number += 1;
    }
    free
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Block, Character, Timing, TimingInput, VoiceFailure};
    use ziyin_score::Note;

    #[test]
    fn a_song_that_leaves_no_time_for_its_first_consonant_is_told() {
        use ziyin_score::{Command, NoteCommand, Notes, Project};
        struct Slow;
        impl Voice for Slow {
            fn fingerprint(&self) -> u64 {
                0
            }
            fn singer(&self, _: &str) -> Option<usize> {
                None
            }
            fn timings(&self, inputs: &[TimingInput]) -> Result<Vec<Timing>, VoiceFailure> {
                Ok(vec![Timing { closure: 0.0, consonant: 0.1, coda: 0.0 }; inputs.len()])
            }
            fn generate(&self, _: &[&Character]) -> Result<Vec<Block>, VoiceFailure> {
                Ok(Vec::new())
            }
        }
        let mut track = Track::new(TrackId(1), "lead");
        let note = Note::new(NoteId(1), 0, 960, 60, "sha");
        track.notes = Notes::new(vec![note]);
        let mut project = Project { tracks: vec![track], ..Default::default() };
        let warnings = |project: &Project| score_voices(project, &Slow, Which::All).unwrap().1;
        let told = warnings(&project)[0].to_string();
        assert!(told.contains("comes 60 ms late"), "{told}");
        let later = NoteCommand::Move { track: TrackId(1), notes: vec![NoteId(1)], ticks: 960, semitones: 0 };
        Command::Note(later).apply(&mut project).unwrap();
        assert_eq!(warnings(&project), []);
    }

    #[test]
    fn file_names_are_safe_and_unlike() {
        let mut taken = HashSet::from(["mix".to_string()]);
        assert_eq!(free_name(&file_name("../a:b"), &mut taken), "-a-b");
        assert_eq!(free_name(&file_name(""), &mut taken), "lead");
        assert_eq!(free_name(&file_name("Lead"), &mut taken), "Lead-2");
        assert_eq!(free_name("mix", &mut taken), "mix-2");
    }
}
