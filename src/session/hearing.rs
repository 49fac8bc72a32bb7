//! What a recording holds, as a song: its notes, its lyrics, its tempo, over the recording itself.

use std::io;
use std::path::{Path, PathBuf, absolute};
use std::sync::Arc;

use super::backing::written;
use super::heard_song::{Line, song};
use super::separating::vocals;
use ziyin_interchange::Budget;
use ziyin_interchange::audio::{Audio, read_audio};
use ziyin_listening::{
    Astray, Course, Ear, Guess, Interval, NoVoice, Pulse, Sounds, follow, follow_by_voice, guess, hanzi_of,
    notes_of_characters, notes_of_course, whole_recording,
};
use ziyin_lyrics::{
    Language, LyricInput, Reading, Syllable, guess_language, read_lyrics, split_into_syllables,
};
use ziyin_message::{Message, ToMessage, message};
use ziyin_model::VoiceModel;
use ziyin_model::device::Compute;
use ziyin_model::installed::{cloning_voice, models_folder};
use ziyin_score::{Backing, Curve, CurvePoint, Key, Note, Notes, Project, Tick, Track};
use ziyin_signal::SAMPLE_RATE;
use ziyin_singing::stems::StemWriter;

/// What is to be listened to, and what is known of it.
#[derive(Clone, Debug, Default)]
pub struct HearingOrder {
    pub recording: PathBuf,
    /// What is sung; `None` to guess it.
    pub lyrics: Option<String>,
    /// `None` to tell it from the lyrics, or from what is heard.
    pub language: Option<Language>,
    /// Whether Mandarin that is guessed is written in hanzi, as far as words are found, not in pinyin.
    pub hanzi: bool,
    /// The ticks to whose multiples notes are brought; `None` to leave them where they are.
    pub grid: Option<Tick>,
    /// Quarter notes per minute, if they are known.
    pub bpm: Option<f64>,
    /// Whether the recording is a mix, whose vocals are separated first.
    pub mix: bool,
    /// Where what goes with the vocals of a mix is written, which then lies beneath in place of the recording.
    pub accompaniment: Option<PathBuf>,
    /// The vocals of the mix where they are known, as [`HeardSong::samples`] has them: nothing is separated
    /// then, nor written.
    pub vocals: Option<Arc<[f32]>>,
}

/// A character of lyrics, wherever it is sung.
#[derive(Clone, Debug, PartialEq)]
pub struct Character {
    /// What stands on its note.
    pub lyric: String,
    /// How it is read: pinyin with its tone where that is known, or romaji.
    pub said: String,
    pub syllable: Syllable,
}

/// A character that was heard.
#[derive(Clone, Debug, PartialEq)]
pub struct HeardCharacter {
    /// What stands on its note.
    pub lyric: String,
    /// How it is read: pinyin with its tone where that is known, or romaji.
    pub said: String,
    pub syllable: Syllable,
    /// In seconds from the start of the recording.
    pub place: Interval,
}

impl Character {
    /// The same where it was heard.
    pub(super) fn at(self, place: Interval) -> HeardCharacter {
        let Self { lyric, said, syllable } = self;
        HeardCharacter { lyric, said, syllable, place }
    }
}

impl From<Guess> for Character {
    fn from(guess: Guess) -> Self {
        Self { said: guess.written.clone(), lyric: guess.written, syllable: guess.syllable }
    }
}

/// A song that was heard.
pub struct HeardSong {
    /// One track, over the recording.
    pub project: Project,
    pub language: Option<Language>,
    pub characters: Vec<HeardCharacter>,
    pub bpm: f64,
    pub key: Option<Key>,
    /// What is missing, or should be known.
    pub warnings: Vec<Message>,
    /// The recording, or the vocals of a mix, at the rate of the house, in one channel.
    pub samples: Arc<[f32]>,
}

impl HeardSong {
    /// Its track and the recording behind it as a song of another tempo has them: at the same moments. They
    /// bring the ids that they have here.
    pub fn in_song(&self, song: &Project) -> Option<(Track, Backing)> {
        let (mut track, mut backing) =
            (self.project.tracks.first()?.clone(), self.project.backings.first()?.clone());
        let lead = backing.offset_us as f64 * 1e-6;
        let tick = |own: Tick| song.tempo.tick(self.project.tempo.seconds(own) - lead).max(0);
        let mut notes: Vec<Note> = Vec::with_capacity(track.notes.len());
        for note in track.notes.iter() {
            let (onset, end) = (tick(note.onset), tick(note.end()));
            if notes.last().is_none_or(|last| last.onset < onset) {
                notes.push(Note { onset, length: (end - onset).max(1), ..note.clone() });
            }
        }
        track.notes = Notes::new(notes);
        let mut points: Vec<CurvePoint> = Vec::with_capacity(track.curves.pitch.len());
        for point in track.curves.pitch.iter() {
            let moved = CurvePoint { tick: tick(point.tick), value: point.value };
            if points.last().is_none_or(|last| last.tick < moved.tick) {
                points.push(moved);
            }
        }
        track.curves.pitch = Curve::new(points).ok()?;
        backing.offset_us = 0;
        Some((track, backing))
    }

    /// Writes the song; where it lies beside the recording they can be moved together.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn save(&self, path: &Path) -> io::Result<()> {
        let folder = absolute(path)?.parent().map(Path::to_path_buf).unwrap_or_default();
        written(&self.project, &folder).save(path)
    }
}

/// Below this many samples per second consonants are missing.
const LOW_RATE: u32 = 16_000;
/// Seconds of voice that are needed.
const NEEDED: f64 = 1.0;
/// Share of what is loud that has to have a pitch.
const VOICED_SHARE: f64 = 0.15;
/// dB below the loud parts that are still loud.
const LOUD: f32 = 30.0;
/// The mean likelihood (natural logarithm) below which a character does not sound like its lyric.
const UNLIKE: f32 = -3.5;
/// Longest recording in seconds that a voice is laid along.
const SHORT: f64 = 60.0;
/// How well notes have to lie on a pulse for it to be one.
const STEADY: f64 = 0.45;
/// Quarter notes per minute of a song without a pulse.
const USUAL_BPM: f64 = 120.0;
/// What part of the work on a mix is done when its vocals are known.
const SEPARATED: f32 = 0.7;
/// What part of the work is done when the recording is read, its course known, its sounds heard.
const PARTS: [f32; 3] = [0.05, 0.45, 0.95];

/// A recording that was listened to, before its words are known.
pub(super) struct Listened {
    /// In one channel, at the rate of the house.
    pub samples: Arc<[f32]>,
    /// What went with it in a mix, for the file that was asked for.
    accompaniment: Option<StemWriter>,
    course: Course,
    /// What was heard of its words, if there is a recogniser.
    pub sounds: Option<Sounds>,
    models: PathBuf,
}

/// Listens. `progress` hears which part is done, 0 to 1, and gives `false` to stop; `Ok(None)` if it did.
///
/// # Errors
/// Says why there is no song in it, or what cannot be read.
pub fn hear(
    order: &HearingOrder,
    progress: &mut dyn FnMut(f32) -> bool,
) -> Result<Option<HeardSong>, Message> {
    let mut warnings = Vec::new();
    let Some(listened) = listen(order, &mut warnings, progress)? else { return Ok(None) };
    let (mut language, mut characters) = (order.language, Vec::new());
    match (&order.lyrics, &listened.sounds) {
        (Some(text), _) => {
            let lyrics = read(text, order.language, &mut warnings)?;
            language = Some(lyrics.language);
            let places = listened.lay(order, &lyrics.syllables(), &mut warnings)?;
            let found = lyrics.characters.into_iter().zip(places);
            characters.extend(found.filter_map(|(one, place)| Some(one.at(place?))));
        }
        (None, Some(heard)) => {
            let (guessed, guesses) = guess(heard, order.language);
            language = Some(guessed);
            warnings.push(about_guesses(guessed, &guesses));
            let hanzi = match guessed {
                Language::Mandarin if order.hanzi => hanzi_of(&guesses),
                _ => vec![None; guesses.len()],
            };
            characters.extend(guesses.into_iter().zip(hanzi).map(|(guess, hanzi)| {
                let place = guess.place;
                let mut character = Character::from(guess);
                if let Some(hanzi) = hanzi {
                    character.lyric = hanzi.into();
                }
                character.at(place)
            }));
        }
        (None, None) => warnings.push(message!("hearing.no-recogniser")),
    }
    if !progress(PARTS[2]) {
        return Ok(None);
    }
    let Listened { samples, accompaniment, course, .. } = listened;
    let places: Vec<Interval> = characters.iter().map(|character| character.place).collect();
    let notes =
        if places.is_empty() { notes_of_course(&course) } else { notes_of_characters(&course, &places) };
    let onsets: Vec<f64> = notes.iter().map(|note| note.onset).collect();
    let pulse = match order.bpm {
        Some(bpm) => Some(Pulse::at(&onsets, bpm)),
        None => Pulse::of(&onsets).filter(|pulse| pulse.likeness > STEADY),
    };
    if pulse.is_none() {
        warnings.push(message!("hearing.no-tempo", bpm = USUAL_BPM));
    }
    let line = Line {
        recording: &order.recording,
        notes: &notes,
        lyrics: &|character: usize| characters.get(character).map_or("", |one| one.lyric.as_str()),
        course: &course,
        language,
        bpm: pulse.map_or(USUAL_BPM, |pulse| pulse.bpm),
        beat: pulse.map_or(0.0, |pulse| pulse.beat),
        grid: order.grid,
    };
    let mut project = song(&line).map_err(|why| why.in_full())?;
    if let (Some(path), Some(backing)) = (&order.accompaniment, project.backings.first_mut()) {
        backing.path = absolute(path).unwrap_or_else(|_| path.clone()).to_string_lossy().into_owned();
    }
    let (bpm, key) = (line.bpm, project.sounding_key());
    if let (Some(writer), Some(path)) = (accompaniment, &order.accompaniment) {
        writer.publish().map_err(|why| message!("of-file", path, why = why.to_message()))?;
    }
    progress(1.0);
    Ok(Some(HeardSong { project, language, characters, bpm, key, warnings, samples }))
}

/// Listens for all but words: pitch, sounds, whether there is a voice. `Ok(None)` if `progress` stopped it.
///
/// # Errors
/// Says why there is no song in it, or what cannot be read.
pub(super) fn listen(
    order: &HearingOrder,
    warnings: &mut Vec<Message>,
    progress: &mut dyn FnMut(f32) -> bool,
) -> Result<Option<Listened>, Message> {
    let of_file = |why: Message| message!("of-file", path = &order.recording, why);
    let audio = read_audio(&order.recording, &Budget::default()).map_err(|why| of_file(why.in_full()))?;
    if audio.damaged > 0 {
        warnings.push(message!("hearing.damaged", count = audio.damaged));
    }
    if audio.rate < LOW_RATE {
        warnings.push(message!("hearing.low-rate", rate = audio.rate));
    }
    let Some(Sounding { samples, accompaniment }) = sounding(order, audio, progress)? else {
        return Ok(None);
    };
    let before = if order.mix { SEPARATED } else { 0.0 };
    let progress: &mut dyn FnMut(f32) -> bool = &mut |part| progress(before + (1.0 - before) * part);
    let within = |progress: &mut dyn FnMut(f32) -> bool, from: usize, part: f32| {
        progress(PARTS[from] + (PARTS[from + 1] - PARTS[from]) * part)
    };
    if !progress(PARTS[0]) {
        return Ok(None);
    }
    let Some(mut course) = Course::follow(&samples, &mut |part| within(progress, 0, part)) else {
        return Ok(None);
    };
    check_voice(&course).map_err(|why| of_file(why.to_message()))?;
    let models = models_folder(None).map_err(|why| why.in_full())?;
    let sounds = match Ear::among(&models).map_err(|why| why.in_full())? {
        Some(ear) => {
            let heard = ear.hear(&samples, &mut |part| within(progress, 1, part));
            let Some(heard) = heard.map_err(|why| why.in_full())? else { return Ok(None) };
            if heard.sung_seconds() < NEEDED {
                return Err(of_file(message!("hearing.nobody-sings")));
            }
            course.keep_where(|seconds| heard.sings_at(seconds));
            Some(heard)
        }
        None => None,
    };
    Ok(Some(Listened { samples, accompaniment, course, sounds, models }))
}

impl Listened {
    /// Where syllables lie that are known to be sung in it, each if it is found.
    ///
    /// # Errors
    /// If they do not fit into it, or are too many.
    pub(super) fn lay(
        &self,
        order: &HearingOrder,
        syllables: &[Syllable],
        warnings: &mut Vec<Message>,
    ) -> Result<Vec<Option<Interval>>, Message> {
        let seconds = self.samples.len() as f64 / f64::from(SAMPLE_RATE);
        // What is short is laid along what a voice makes of it, which finds characters nearer to where
        // they are, but takes time and memory by the square of its length.
        let is_long = seconds > SHORT || !is_wav(&order.recording) || order.mix;
        match self.sounds.as_ref().filter(|_| is_long) {
            Some(heard) => by_ear(heard, syllables, warnings),
            None if order.mix => Err(message!("hearing.cannot-follow", seconds = SHORT)),
            None => by_voice(&order.recording, &self.models, syllables, seconds, warnings),
        }
    }
}

/// What is to be known of words that were guessed.
pub(super) fn about_guesses(language: Language, guesses: &[Guess]) -> Message {
    match (guesses, language) {
        ([], Language::Mandarin | Language::Japanese) => message!("hearing.no-words"),
        ([], _) => message!("hearing.no-guess"),
        _ => message!("hearing.guessed"),
    }
}

/// Where syllables lie by what was heard.
pub(super) fn by_ear(
    heard: &Sounds,
    syllables: &[Syllable],
    warnings: &mut Vec<Message>,
) -> Result<Vec<Option<Interval>>, Message> {
    let found = follow(heard, syllables).map_err(|astray| match astray {
        Astray::TooShort => message!("hearing.too-much"),
        Astray::TooLong => message!("hearing.too-long"),
    })?;
    let unlike = found.places.iter().filter(|(_, likely)| *likely < UNLIKE).count();
    if unlike > 0 {
        warnings.push(message!("hearing.unlike", count = unlike, of = found.places.len()));
    }
    Ok(found.places.into_iter().map(|(place, _)| Some(place)).collect())
}

/// What is listened to.
struct Sounding {
    /// In one channel, at the rate of the house.
    samples: Arc<[f32]>,
    /// What went with it in a mix, for the file that was asked for.
    accompaniment: Option<StemWriter>,
}

/// What is listened to; `None` if `progress` stopped it.
fn sounding(
    order: &HearingOrder,
    audio: Audio,
    progress: &mut dyn FnMut(f32) -> bool,
) -> Result<Option<Sounding>, Message> {
    let of_file = |why: Message| message!("of-file", path = &order.recording, why);
    if let Some(known) = order.vocals.as_ref().filter(|_| order.mix) {
        return Ok(Some(Sounding { samples: known.clone(), accompaniment: None }));
    }
    let (rate, sides, accompaniment) = if order.mix {
        let path = order.accompaniment.as_deref();
        let voice = vocals(&order.recording, &audio, path, &mut |part| progress(SEPARATED * part))?;
        let Some(voice) = voice else { return Ok(None) };
        (audio.rate, voice.sides, voice.accompaniment)
    } else {
        (audio.rate, audio.sides, None)
    };
    let samples = whole_recording(rate, sides).map_err(|why| of_file(why.in_full()))?;
    Ok(Some(Sounding { samples: samples.into(), accompaniment }))
}

/// Whether a voice may be in it, by its course alone.
fn check_voice(course: &Course) -> Result<(), NoVoice> {
    let mut levels = course.level.clone();
    levels.sort_by(f32::total_cmp);
    let loud = levels.get(levels.len() * 19 / 20).copied().unwrap_or(-140.0) - LOUD;
    let sounding = course.level.iter().filter(|level| **level > loud).count() as f64 * Course::STEP;
    let voiced = course.voiced_seconds();
    let share = voiced / sounding.max(Course::STEP);
    if share < VOICED_SHARE {
        Err(NoVoice::Unpitched { percent: 100.0 * share })
    } else if voiced < NEEDED {
        Err(NoVoice::TooShort { seconds: voiced })
    } else {
        Ok(())
    }
}

/// Lyrics with their syllables, as yet without a place.
pub(super) struct Lyrics {
    pub language: Language,
    pub characters: Vec<Character>,
}

impl Lyrics {
    pub fn syllables(&self) -> Vec<Syllable> {
        self.characters.iter().map(|one| one.syllable).collect()
    }
}

/// Reads lyrics, telling what in them cannot be read.
///
/// # Errors
/// If there is nothing to sing in them.
pub(super) fn read(
    text: &str,
    language: Option<Language>,
    warnings: &mut Vec<Message>,
) -> Result<Lyrics, Message> {
    let mut lyrics: Vec<(String, bool)> = Vec::new();
    for line in text.lines() {
        let parts = split_into_syllables(line, language);
        lyrics.extend(parts.into_iter().enumerate().map(|(i, lyric)| (lyric, i == 0)));
    }
    let inputs: Vec<LyricInput> = lyrics
        .iter()
        .map(|(lyric, after_rest)| LyricInput { lyric, after_rest: *after_rest, ..LyricInput::default() })
        .collect();
    let readings = read_lyrics(&inputs, language);
    let language = language.unwrap_or_else(|| guess_language(&inputs));
    let (mut characters, mut unread) = (Vec::new(), 0);
    for ((lyric, _), reading) in lyrics.iter().zip(readings) {
        match reading {
            Reading::Sung(sung) => characters.extend(sung.into_iter().enumerate().map(|(i, one)| {
                // The syllables of a word that stands on its first note.
                let lyric = if i == 0 { lyric.clone() } else { "+".into() };
                Character { lyric, said: one.pinyin, syllable: one.syllable }
            })),
            Reading::Unknown { .. } => unread += 1,
            Reading::Hold | Reading::Breath | Reading::Rest => {}
        }
    }
    if unread > 0 {
        warnings.push(message!("hearing.unreadable", count = unread));
    }
    if characters.is_empty() {
        Err(message!("hearing.no-lyrics"))
    } else {
        Ok(Lyrics { language, characters })
    }
}

fn is_wav(recording: &Path) -> bool {
    recording.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("wav"))
}

/// Where syllables lie by what a voice makes of them, without a network that hears words.
fn by_voice(
    recording: &Path,
    models: &Path,
    syllables: &[Syllable],
    seconds: f64,
    warnings: &mut Vec<Message>,
) -> Result<Vec<Option<Interval>>, Message> {
    if !is_wav(recording) || seconds > SHORT {
        return Err(message!("hearing.cannot-follow", seconds = SHORT));
    }
    let voice = cloning_voice(models).map_err(|why| why.in_full())?;
    let voice = VoiceModel::load(&voice, &Compute::cpu().tensors).map_err(|why| why.in_full())?;
    let places = follow_by_voice(&voice, recording, syllables).map_err(Message::foreign)?;
    let lost = places.iter().filter(|place| place.is_none()).count();
    if lost == places.len() {
        return Err(message!("hearing.too-much"));
    }
    if lost > 0 {
        warnings.push(message!("hearing.unlike", count = lost, of = places.len()));
    }
    Ok(places)
}
