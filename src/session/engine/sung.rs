//! What is known of the song as it is sung: what is ready, what it looks like.

use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::Arc;
use ziyin_message::Message;

use ziyin_lyrics::Syllable;
use ziyin_playback::{Clip, Clips};
use ziyin_score::{NoteId, TempoMap, TrackId};
use ziyin_signal::SAMPLE_RATE;
use ziyin_singing::Character;
use ziyin_singing::draft::Unread;
use ziyin_singing::hint::Hint;
use ziyin_singing::live::{ByKey, LiveEvent, PieceOutline, VoiceOutline};
use ziyin_singing::pitch::PitchCurve;
use ziyin_singing::plan::Phrase;
use ziyin_singing::score_voices::VoiceKey;

/// Samples of which a waveform knows the loudest: 5.8 ms.
pub(super) const BIN: usize = 256;
/// Seconds between two points of a pitch curve, at the finest.
const FINEST: f64 = 0.008;

/// How far the sound of a note is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoteState {
    Waiting,
    Singing,
    Done,
}

/// A character as it is planned, its moments in seconds from the start of the song.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SungCharacter {
    pub note: NoteId,
    /// Its place among the characters of its note, from 0.
    pub character: usize,
    pub syllable: Syllable,
    pub onset: f64,
    /// Where the closure of a plosive ends.
    pub burst: f64,
    /// Where its vowel begins, or the glide before that.
    pub vowel: f64,
    pub glide_end: f64,
    /// Where its coda begins.
    pub coda: f64,
    pub end: f64,
    /// Whether a rest follows.
    pub ends_phrase: bool,
}

impl SungCharacter {
    fn of(character: &Character, place: usize, ends_phrase: bool) -> Self {
        let at = |since: f32| character.onset + f64::from(since);
        let sung = character.sung;
        Self {
            note: character.note,
            character: place,
            syllable: character.syllable,
            onset: character.onset,
            burst: at(sung.burst),
            vowel: at(sung.vowel),
            glide_end: at(character.glide_end()),
            coda: at(sung.nucleus_end),
            end: at(sung.end),
            ends_phrase,
        }
    }
}

/// How far the singing is.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Progress {
    /// Seconds of singing that are ready, and in all; of every voice.
    pub done: f64,
    pub of: f64,
}

impl Progress {
    /// From 0 to 1.
    pub fn part(self) -> f32 {
        if self.of > 0.0 { (self.done / self.of) as f32 } else { 1.0 }
    }
}

/// The loudest sample of each [`BIN`].
fn peaks(samples: &[f32]) -> Arc<[f32]> {
    samples.chunks(BIN).map(|bin| bin.iter().fold(0.0f32, |peak, x| peak.max(x.abs()))).collect()
}

/// How far a harmony is.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct HarmonyState {
    /// Seconds of it that are ready, and in all.
    pub done: f64,
    pub of: f64,
}

#[derive(Clone)]
pub(super) struct Piece {
    samples: Arc<[f32]>,
    peaks: Arc<[f32]>,
}

struct Voice {
    outline: VoiceOutline,
    /// Samples that are ready, and in all.
    done: u64,
    of: u64,
    /// What was there before the last edit, to be played where the new is not yet sung.
    before: Vec<Clip>,
    clips: Arc<Clips>,
    /// Whether pieces came that are not in the clips.
    stale: bool,
}

impl Voice {
    /// The pieces that sound between two samples of the song.
    fn within(&self, samples: Range<u64>) -> &[PieceOutline] {
        let pieces = &self.outline.pieces;
        let first = pieces.partition_point(|piece| piece.samples.end <= samples.start);
        let last = pieces.partition_point(|piece| piece.samples.start < samples.end);
        &pieces[first..last.max(first)]
    }
}

/// What the singer tells, made ready on its own thread for a studio that must not wait.
pub(super) enum Told {
    Planned { song: u64, plan: Box<Planned>, hints: Vec<Hint> },
    Singing(Vec<u64>),
    Piece { key: u64, piece: Piece },
    Idle,
    Failed(Message),
}

/// A plan with what is looked up in it.
#[derive(Default)]
pub(super) struct Planned {
    voices: Vec<VoiceOutline>,
    /// The voice and the place in it of each piece.
    outlines: ByKey<(usize, usize)>,
    /// The pieces of the leads that a note sounds in.
    notes: HashMap<(TrackId, NoteId), Vec<u64>>,
}

impl Told {
    pub fn new(event: LiveEvent) -> Self {
        match event {
            LiveEvent::Planned { song, voices, hints } => {
                Told::Planned { song, plan: Box::new(Planned::new(voices)), hints }
            }
            LiveEvent::Singing(keys) => Told::Singing(keys),
            LiveEvent::Piece { key, samples } => {
                let peaks = peaks(&samples);
                Told::Piece { key, piece: Piece { samples, peaks } }
            }
            LiveEvent::Idle => Told::Idle,
            LiveEvent::Failed(why) => Told::Failed(why),
        }
    }
}

impl Planned {
    fn new(voices: Vec<VoiceOutline>) -> Self {
        let mut plan = Planned::default();
        for (place, voice) in voices.iter().enumerate() {
            for (i, piece) in voice.pieces.iter().enumerate() {
                plan.outlines.insert(piece.key, (place, i));
                if voice.key.harmony.is_none() {
                    for &note in &piece.notes[..] {
                        plan.notes.entry((voice.key.track, note)).or_default().push(piece.key);
                    }
                }
            }
        }
        plan.voices = voices;
        plan
    }
}

#[derive(Default)]
pub(super) struct Sung {
    /// The song that was asked for, and the one that is known.
    wanted: u64,
    known: u64,
    voices: Vec<Voice>,
    places: HashMap<VoiceKey, usize>,
    outlines: ByKey<(usize, usize)>,
    notes: HashMap<(TrackId, NoteId), Vec<u64>>,
    pieces: ByKey<Piece>,
    singing: HashSet<u64>,
    states: HashMap<(TrackId, NoteId), NoteState>,
    hints: Vec<Hint>,
    tempo: TempoMap,
    generation: u64,
}

impl Sung {
    /// Says that a song was given to the singer.
    pub fn expect(&mut self, song: u64) {
        self.wanted = song;
    }

    /// Takes in what the singer tells; gives whether the sound changed.
    pub fn take(&mut self, told: Told, tempo: &TempoMap) -> bool {
        match told {
            Told::Planned { song, plan, hints } => {
                self.known = song;
                self.hints = hints;
                self.tempo = tempo.clone();
                self.plan(*plan);
                true
            }
            Told::Singing(keys) => {
                self.singing = keys.iter().copied().collect();
                self.update_notes(&keys);
                false
            }
            Told::Piece { key, piece } => {
                self.singing.remove(&key);
                let Some(&(voice, place)) = self.outlines.get(&key) else { return false };
                if self.pieces.insert(key, piece).is_none() {
                    let voice = &mut self.voices[voice];
                    let range = &voice.outline.pieces[place].samples;
                    voice.done += range.end - range.start;
                    voice.stale = true;
                    self.generation += 1;
                    self.update_notes(&[key]);
                }
                true
            }
            Told::Idle | Told::Failed(_) => {
                self.singing.clear();
                false
            }
        }
    }

    fn plan(&mut self, plan: Planned) {
        self.generation += 1;
        let mut before: HashMap<VoiceKey, Vec<Clip>> = HashMap::new();
        for voice in self.voices.drain(..) {
            // What the last plan had and this one has not, and what was kept from before it.
            let gone = voice.outline.pieces.iter().filter(|piece| !plan.outlines.contains_key(&piece.key));
            let gone = gone.filter_map(|piece| {
                let samples = self.pieces.get(&piece.key)?.samples.clone();
                Some(Clip::mono(piece.samples.start, samples))
            });
            let clips: Vec<Clip> = gone.chain(voice.before).collect();
            before.insert(voice.outline.key, clips);
        }
        self.pieces.retain(|key, _| plan.outlines.contains_key(key));
        self.singing.clear();
        self.places.clear();
        for outline in plan.voices {
            self.places.insert(outline.key, self.voices.len());
            let (mut done, mut of) = (0, 0);
            for piece in &outline.pieces {
                let length = piece.samples.end - piece.samples.start;
                of += length;
                done += if self.pieces.contains_key(&piece.key) { length } else { 0 };
            }
            let before = before.remove(&outline.key).unwrap_or_default();
            self.voices.push(Voice { outline, done, of, before, clips: Arc::default(), stale: true });
        }
        (self.outlines, self.notes) = (plan.outlines, plan.notes);
        self.states = self.notes.keys().map(|&note| (note, self.state(note))).collect();
    }

    fn state(&self, note: (TrackId, NoteId)) -> NoteState {
        let keys = self.notes.get(&note).map_or(&[][..], Vec::as_slice);
        if keys.iter().any(|key| self.singing.contains(key)) {
            NoteState::Singing
        } else if keys.iter().all(|key| self.pieces.contains_key(key)) {
            NoteState::Done
        } else {
            NoteState::Waiting
        }
    }

    fn update_notes(&mut self, keys: &[u64]) {
        for key in keys {
            let Some(&(voice, place)) = self.outlines.get(key) else { continue };
            let outline = &self.voices[voice].outline;
            if outline.key.harmony.is_some() {
                continue;
            }
            let changed: Vec<_> =
                outline.pieces[place].notes.iter().map(|&note| (outline.key.track, note)).collect();
            for note in changed {
                let state = self.state(note);
                self.states.insert(note, state);
            }
        }
    }

    /// The voices and their clips, in the order of the song.
    pub fn clips(&mut self) -> impl Iterator<Item = (VoiceKey, Arc<Clips>)> + '_ {
        let pieces = &self.pieces;
        self.voices.iter_mut().map(|voice| {
            if std::mem::take(&mut voice.stale) {
                voice.clips = Arc::new(clips(voice, pieces));
            }
            (voice.outline.key, voice.clips.clone())
        })
    }

    pub fn hints(&self) -> &[Hint] {
        &self.hints
    }

    pub fn unread(&self, track: TrackId) -> &[Unread] {
        self.voice(VoiceKey { track, harmony: None }).map_or(&[], |voice| &voice.outline.plan.unread)
    }

    pub fn states(&self) -> &HashMap<(TrackId, NoteId), NoteState> {
        &self.states
    }

    pub fn generation(&self) -> u64 {
        self.generation
    }

    pub fn progress(&self) -> Progress {
        let seconds = |samples: u64| samples as f64 / f64::from(SAMPLE_RATE);
        let sum = |part: fn(&Voice) -> u64| self.voices.iter().map(part).sum::<u64>();
        Progress { done: seconds(sum(|voice| voice.done)), of: seconds(sum(|voice| voice.of)) }
    }

    /// Whether the song that was asked for is sung to its end.
    pub fn is_done(&self) -> bool {
        self.known == self.wanted && self.voices.iter().all(|voice| voice.done >= voice.of)
    }

    pub fn harmony(&self, key: VoiceKey) -> HarmonyState {
        let seconds = |samples: u64| samples as f64 / f64::from(SAMPLE_RATE);
        self.voice(key).map_or(HarmonyState::default(), |voice| HarmonyState {
            done: seconds(voice.done),
            of: seconds(voice.of),
        })
    }

    /// Whether everything of the voices that are heard is ready between two moments.
    pub fn is_ready(&self, seconds: Range<f64>, heard: impl Fn(VoiceKey) -> bool) -> bool {
        let samples = sample(seconds.start)..sample(seconds.end);
        self.known == self.wanted
            && self.voices.iter().filter(|voice| heard(voice.outline.key)).all(|voice| {
                voice.within(samples.clone()).iter().all(|piece| self.pieces.contains_key(&piece.key))
            })
    }

    /// Lines along a pitch curve of each phrase, as `at` reads it.
    pub fn pitch(
        &self,
        key: VoiceKey,
        ticks: Range<f64>,
        points: usize,
        at: fn(&PitchCurve, f64) -> f64,
    ) -> Vec<Vec<(f64, f32)>> {
        let Some(voice) = self.voice(key) else { return Vec::new() };
        let from = self.tempo.seconds_between(ticks.start.max(0.0));
        let to = self.tempo.seconds_between(ticks.end.max(0.0));
        let step = ((to - from) / points.max(1) as f64).max(FINEST);
        let phrases = &voice.outline.plan.phrases;
        let first = phrases.partition_point(|phrase| span(phrase).1 <= from);
        phrases[first..]
            .iter()
            .map(|phrase| (phrase, span(phrase)))
            .take_while(|(_, (start, _))| *start < to)
            .map(|(phrase, (start, end))| {
                // On an even grid, so that a curve does not swim as the view scrolls.
                let first = (start.max(from - step) / step).ceil() as u64;
                let last = (end.min(to + step) / step) as u64;
                let point = |i: u64| {
                    let seconds = i as f64 * step;
                    (self.tempo.tick_between(seconds), at(&phrase.pitch, seconds) as f32)
                };
                (first..=last).map(point).collect()
            })
            .collect()
    }

    /// The characters of a voice that sound somewhere between two ticks.
    pub fn characters(&self, key: VoiceKey, ticks: Range<f64>) -> Vec<SungCharacter> {
        let Some(voice) = self.voice(key) else { return Vec::new() };
        let [from, to] = [ticks.start, ticks.end].map(|tick| self.tempo.seconds_between(tick.max(0.0)));
        let phrases = &voice.outline.plan.phrases;
        let first = phrases.partition_point(|phrase| span(phrase).1 <= from);
        let mut sung = Vec::new();
        for phrase in phrases[first..].iter().take_while(|phrase| span(phrase).0 < to) {
            let all = &phrase.characters;
            let seen = all.partition_point(|character| character.end() <= from);
            for i in seen..all.len() {
                if all[i].onset >= to {
                    break;
                }
                let place = all[..i].iter().rev().take_while(|before| before.note == all[i].note).count();
                sung.push(SungCharacter::of(&all[i], place, i + 1 == all.len()));
            }
        }
        sung
    }

    pub fn waveform(&self, key: VoiceKey, ticks: Range<f64>, points: usize) -> Vec<(f64, f32)> {
        let Some(voice) = self.voice(key) else { return Vec::new() };
        let samples = sample(self.tempo.seconds_between(ticks.start.max(0.0)))
            ..sample(self.tempo.seconds_between(ticks.end.max(0.0)));
        let bins = (samples.end.saturating_sub(samples.start) as usize / BIN).div_ceil(points.max(1)).max(1);
        // On an even grid, so that the waveform does not swim as the view scrolls.
        let width = (bins * BIN) as u64;
        let first = samples.start / width;
        let mut loudest = vec![0.0f32; (samples.end / width + 1).saturating_sub(first) as usize];
        for piece in voice.within(samples.clone()) {
            let Some(ready) = self.pieces.get(&piece.key) else { continue };
            for (at, &peak) in (piece.samples.start..).step_by(BIN).zip(&ready.peaks[..]) {
                let place = (at / width).checked_sub(first);
                if let Some(most) = place.and_then(|place| loudest.get_mut(place as usize)) {
                    *most = most.max(peak);
                }
            }
        }
        let tick = |sample: u64| self.tempo.tick_between(sample as f64 / f64::from(SAMPLE_RATE));
        (first..).zip(loudest).map(|(i, peak)| (tick(i * width), peak)).collect()
    }

    pub fn samples(&self, key: VoiceKey, from: u64, out: &mut [f32]) {
        out.fill(0.0);
        let Some(voice) = self.voice(key) else { return };
        let end = from + out.len() as u64;
        for piece in voice.within(from..end) {
            let Some(ready) = self.pieces.get(&piece.key) else { continue };
            let start = piece.samples.start;
            for at in start.max(from)..(start + ready.samples.len() as u64).min(end) {
                out[(at - from) as usize] += ready.samples[(at - start) as usize];
            }
        }
    }

    fn voice(&self, key: VoiceKey) -> Option<&Voice> {
        self.places.get(&key).map(|&place| &self.voices[place])
    }
}

/// What is ready of a voice, and the stretches in which something is missing, in samples of the song and in
/// order; `samples` gives the sound of a piece by its key.
pub fn ready_clips(
    pieces: &[PieceOutline],
    samples: impl Fn(u64) -> Option<Arc<[f32]>>,
) -> (Vec<Clip>, Vec<Range<u64>>) {
    let mut clips = Vec::with_capacity(pieces.len());
    let mut missing: Vec<Range<u64>> = Vec::new();
    for piece in pieces {
        match (samples(piece.key), missing.last_mut()) {
            (Some(samples), _) => clips.push(Clip::mono(piece.samples.start, samples)),
            (None, Some(last)) if last.end >= piece.samples.start => {
                last.end = last.end.max(piece.samples.end);
            }
            (None, _) => missing.push(piece.samples.clone()),
        }
    }
    (clips, missing)
}

/// What is ready, and where something is missing what was there before it.
fn clips(voice: &mut Voice, pieces: &ByKey<Piece>) -> Clips {
    let ready = |key| pieces.get(&key).map(|piece| piece.samples.clone());
    let (mut clips, missing) = ready_clips(&voice.outline.pieces, ready);
    let overlaps = |a: &Range<u64>, b: &Range<u64>| a.start < b.end && b.start < a.end;
    let range = |clip: &Clip| clip.start..clip.end();
    voice.before.retain(|clip| missing.iter().any(|gap| overlaps(gap, &range(clip))));
    // An old piece must not sound over a new one: of what comes together the new is played.
    let covered = |clip: &Clip| {
        let old = range(clip);
        missing.iter().any(|gap| gap.start <= old.start + BIN as u64 && old.end <= gap.end + BIN as u64)
    };
    clips.extend(voice.before.iter().filter(|clip| covered(clip)).cloned());
    Clips::new(clips)
}

fn span(phrase: &Phrase) -> (f64, f64) {
    let first = phrase.characters.first().map_or(0.0, |character| character.onset);
    let last = phrase.characters.last().map_or(first, |character| character.end());
    (first, last)
}

fn sample(seconds: f64) -> u64 {
    (seconds.max(0.0) * f64::from(SAMPLE_RATE)) as u64
}
