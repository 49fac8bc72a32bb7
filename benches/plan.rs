//! How fast a song becomes a plan.

use divan::Bencher;
use ziyin_lyrics::{Language, LyricInput, read_lyrics, split_into_syllables};
use ziyin_score::{Command, Levels, Note, NoteCommand, NoteId, Project, Track, TrackId};
use ziyin_singing::draft::draft;
use ziyin_singing::known_voice::{Delivery, KnownVoice};
use ziyin_singing::melody::SungNote;
use ziyin_singing::score_voices::{Planner, Which, score_voices};
use ziyin_singing::{Block, Character, Timing, TimingInput, Voice, VoiceFailure};

const VERSE: &str = "银行门前的长椅上坐着一个还在长大的孩子，慢慢地数着天上的星星，不知不觉睡着了。";

fn main() {
    divan::main();
}

fn notes(count: usize) -> Vec<SungNote> {
    (0..count)
        .map(|i| SungNote {
            id: NoteId(i as u64),
            onset: i as f64 * 0.4,
            end: i as f64 * 0.4 + if i % 16 == 15 { 0.2 } else { 0.4 },
            key: f64::from(57 + (i as u32 * 5) % 12),
            beat: 0.0,
            vibrato: None,
            transition: None,
            levels: Levels::default(),
            manner: None,
            articulations: Vec::new(),
            take: 0,
        })
        .collect()
}

/// Reading lyrics, with the polyphones chosen from their phrases.
#[divan::bench(args = [500, 5000])]
fn lyrics(bencher: Bencher, count: usize) {
    let syllables: Vec<String> = split_into_syllables(VERSE, None).into_iter().cycle().take(count).collect();
    let inputs: Vec<LyricInput> =
        syllables.iter().map(|lyric| LyricInput { lyric, ..Default::default() }).collect();
    // The dictionary is loaded once.
    read_lyrics(&inputs[..10], Language::Mandarin);
    bencher.bench(|| read_lyrics(&inputs, Language::Mandarin));
}

/// From notes and readings to characters and pitch curves.
#[divan::bench(args = [500, 5000])]
fn plan(bencher: Bencher, count: usize) {
    let notes = notes(count);
    let syllables: Vec<String> = split_into_syllables(VERSE, None).into_iter().cycle().take(count).collect();
    let inputs: Vec<LyricInput> =
        syllables.iter().map(|lyric| LyricInput { lyric, ..Default::default() }).collect();
    let readings = read_lyrics(&inputs, Language::Mandarin);
    let timing = Timing { closure: 0.03, consonant: 0.06, coda: 0.1 };
    bencher.bench(|| {
        let draft = draft(&notes, &readings, Language::Mandarin);
        let timings = |inputs: &[_]| Ok(vec![timing; inputs.len()]);
        KnownVoice::default().follow(draft, Delivery::default(), timings)
    });
}

/// A voice that is asked for lengths only.
struct Steady;

impl Voice for Steady {
    fn fingerprint(&self) -> u64 {
        1
    }

    fn singer(&self, _: &str) -> Option<usize> {
        None
    }

    fn timings(&self, inputs: &[TimingInput]) -> Result<Vec<Timing>, VoiceFailure> {
        Ok(vec![Timing { closure: 0.03, consonant: 0.06, coda: 0.1 }; inputs.len()])
    }

    fn generate(&self, _: &[&Character]) -> Result<Vec<Block>, VoiceFailure> {
        Ok(Vec::new())
    }
}

/// A song of so many notes in phrases of sixteen.
fn song(count: usize) -> Project {
    let syllables = split_into_syllables(VERSE, None).into_iter().cycle().take(count);
    let mut track = Track::new(TrackId(1), "lead");
    let note = |(i, lyric): (i64, String)| {
        Note::new(NoteId(i as u64 + 1), i * 400 + i / 16 * 960, 400, 57 + (i * 5 % 12) as u8, lyric)
    };
    track.notes = (0..).zip(syllables).map(note).collect();
    Project { tracks: vec![track], ..Project::default() }
}

/// A whole song from nothing: what an edit cost before plans followed edits.
#[divan::bench(args = [1_000, 10_000], sample_count = 30)]
fn song_from_nothing(bencher: Bencher, count: usize) {
    let project = song(count);
    bencher.bench(|| score_voices(&project, &Steady, Which::All).map(|planned| planned.0.len()));
}

/// The same song after the edit of one note.
#[divan::bench(args = [1_000, 10_000], sample_count = 60, sample_size = 1)]
fn song_after_an_edit(bencher: Bencher, count: usize) {
    let (mut project, mut planner) = (song(count), Planner::default());
    let _ = planner.plan(&project, &Steady, Which::All);
    let mut edits = 0;
    bencher.bench_local(|| {
        edits += 1;
        let notes = vec![NoteId(edits * 7 % count as u64 + 1)];
        let step = NoteCommand::Move { track: TrackId(1), notes, ticks: 0, semitones: 1 };
        Command::Note(step).apply(&mut project).expect("the note is there");
        planner.plan(&project, &Steady, Which::All).map(|planned| planned.0.len())
    });
}

/// The same song after another lyric for one note.
#[divan::bench(args = [1_000, 10_000], sample_count = 60, sample_size = 1)]
fn song_after_another_lyric(bencher: Bencher, count: usize) {
    let (mut project, mut planner) = (song(count), Planner::default());
    let _ = planner.plan(&project, &Steady, Which::All);
    let mut edits = 0;
    bencher.bench_local(|| {
        edits += 1;
        let lyric = ["la", "花", "好"][edits % 3].to_string();
        let lyrics = vec![(NoteId((edits * 7 % count) as u64 + 1), lyric)];
        let step = NoteCommand::Sing { track: TrackId(1), lyrics };
        Command::Note(step).apply(&mut project).expect("the note is there");
        planner.plan(&project, &Steady, Which::All).map(|planned| planned.0.len())
    });
}
