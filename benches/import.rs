//! How fast songs come in: MIDI, and the file format at 100,000 notes.

use divan::{Bencher, black_box};
use ziyin_interchange::*;
use ziyin_score::*;

fn main() {
    divan::main();
}

const NOTES: &[u64] = &[1_000, 100_000];

fn song(notes: u64) -> Project {
    let note = |i: u64| Note::new(NoteId(i + 1), i as Tick * 480, 470, 60 + (i % 12) as u8, "花");
    let mut track = Track::new(TrackId(1), "lead");
    track.notes = (0..notes).map(note).collect();
    Project { tracks: vec![track], ..Project::default() }
}

fn json(notes: u64) -> Vec<u8> {
    let mut text = Vec::new();
    song(notes).write_json(&mut text).expect("memory can be written to");
    text
}

#[divan::bench(args = NOTES)]
fn load_ziyin(bencher: Bencher, notes: u64) {
    bencher.with_inputs(|| json(notes)).bench_refs(|text| Project::from_json(black_box(text)));
}

#[divan::bench(args = NOTES)]
fn write_ziyin(bencher: Bencher, notes: u64) {
    bencher.with_inputs(|| song(notes)).bench_refs(|song| song.write_json(&mut Vec::new()));
}

#[divan::bench(args = NOTES)]
fn import_midi_file(bencher: Bencher, notes: u64) {
    let midi = export_midi(&song(notes)).expect("the song fits");
    bencher.bench(|| import_midi(black_box(&midi), &ImportOptions::default(), &Budget::default()));
}

#[divan::bench(args = NOTES)]
fn export_midi_file(bencher: Bencher, notes: u64) {
    bencher.with_inputs(|| song(notes)).bench_refs(|song| export_midi(song));
}

/// What a drag does at every movement of the mouse.
#[divan::bench(args = NOTES)]
fn move_one_note(bencher: Bencher, notes: u64) {
    let mut project = song(notes);
    bencher.bench_local(move || {
        let step = NoteCommand::Move { track: TrackId(1), notes: vec![NoteId(7)], ticks: 0, semitones: 0 };
        Command::Note(step).apply(&mut project)
    });
}
