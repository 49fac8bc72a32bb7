//! How fast songs come in and go out: MIDI, other programs' files, and the file format at 100,000
//! notes.

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

fn export(song: &Project, kind: SongKind) -> Vec<u8> {
    export_song(song, kind, ExportOptions::default()).expect("the song fits").bytes
}

#[divan::bench(args = NOTES)]
fn import_midi_file(bencher: Bencher, notes: u64) {
    let midi = export(&song(notes), SongKind::Midi);
    bencher.bench(|| import_midi(black_box(&midi), &ImportOptions::default(), &Budget::default()));
}

#[divan::bench(args = NOTES)]
fn export_midi_file(bencher: Bencher, notes: u64) {
    bencher.with_inputs(|| song(notes)).bench_refs(|song| export(song, SongKind::Midi));
}

/// Ten tracks of 600 notes each, with a drawn pitch.
fn ten_tracks() -> Project {
    let track = |id| {
        let mut track = Track { id: TrackId(id), ..song(600).tracks.remove(0) };
        let point = |i: i64| CurvePoint { tick: 240 * i, value: (i * 37 % 200) as f32 - 100.0 };
        track.curves.pitch = Curve::new((0..1200).map(point).collect()).expect("the points are in order");
        track
    };
    Project { tracks: (1..=10).map(track).collect(), ..Project::default() }
}

#[divan::bench(args = SongKind::WRITTEN)]
fn write_ten_tracks(bencher: Bencher, kind: SongKind) {
    let song = ten_tracks();
    bencher.bench(|| export(black_box(&song), kind));
}

#[divan::bench(args = SongKind::WRITTEN)]
fn read_ten_tracks(bencher: Bencher, kind: SongKind) {
    let bytes = export(&ten_tracks(), kind);
    let name = std::path::PathBuf::from(format!("song.{}", kind.extensions()[0]));
    let read = || import_song(black_box(&bytes), &name, &ImportOptions::default(), &Budget::default());
    bencher.bench(read);
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
