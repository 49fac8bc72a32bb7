//! Backing audio is cut and faded, and the mix has a fader.

use std::path::{Path, PathBuf};

use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable;
use ziyin_score::{Backing, Note, NoteId, Notes, Project, Track, TrackId};

use super::{CTRL, Desk, NONE, start};

/// A song of nine bars with a recording of a second, in the arrangement.
fn desk_with_backing(home: &Path) -> (Desk, Project) {
    let tone = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/house/audio/tone.flac");
    let song = home.join("song.ziyin");
    let mut track = Track::new(TrackId(1), "lead");
    track.notes = Notes::new(vec![
        Note::new(NoteId(1), 0, 960, 60, "la"),
        Note::new(NoteId(2), 8 * 3840, 960, 60, "la"),
    ]);
    let project = Project {
        tracks: vec![track],
        backings: vec![Backing::new(tone.to_string_lossy())],
        ..Project::default()
    };
    project.save(&song).unwrap();
    let mut desk = Desk::open(start(home, Some(song)));
    desk.press(NONE, Key::A);
    desk.wait("the recording is read", |desk| desk.shows("tone.flac – backing audio"));
    (desk, project)
}

#[test]
fn backing_audio_is_dragged_to_a_bar_and_heard_alone() {
    let home = tempfile::tempdir().unwrap();
    let (mut desk, project) = desk_with_backing(home.path());
    let block = |desk: &Desk| desk.harness.get_by_label_contains("tone.flac – backing audio").rect();
    let first = desk.harness.get_all_by_label_contains("la – lead, bar 1 ").next().unwrap().rect().left();
    let ninth = desk.harness.get_all_by_label_contains("la – lead, bar 9 ").next().unwrap().rect().left();
    let bar = (ninth - first) / 8.0;
    let at = block(&desk).center();
    // Nearly two bars further on.
    super::editing::draw(&mut desk, at, at + egui::vec2(1.8 * bar, 0.0));
    let tempo = &project.tempo;
    let moved = desk.studio().project().backings[0].offset_us;
    assert_eq!(moved, (tempo.seconds(2 * 3840) * 1e6).round() as i64);
    assert!(desk.shows("tone.flac – backing audio, bar 3 to 3"));
    assert_eq!(desk.studio().steps().undo_names().count(), 1);
    desk.harness.get_all_by_label("Solo tone.flac").last().unwrap().click();
    desk.settle();
    let names: Vec<String> = desk.studio().steps().undo_names().map(Into::into).collect();
    assert!(desk.studio().project().backings[0].solo && names.last().unwrap() == "solo-backing", "{names:?}");
    desk.press(CTRL, Key::Z);
    desk.press(CTRL, Key::Z);
    assert_eq!(desk.studio().project(), &project);
}

#[test]
fn a_track_is_sent_into_the_room_and_its_size_is_turned() {
    let home = tempfile::tempdir().unwrap();
    let song = home.path().join("song.ziyin");
    let mut track = Track::new(TrackId(1), "lead");
    track.notes = Notes::new(vec![Note::new(NoteId(1), 960, 960, 60, "la")]);
    Project { tracks: vec![track], ..Project::default() }.save(&song).unwrap();
    let mut desk = Desk::open(start(home.path(), Some(song.clone())));
    let before = desk.studio().project().clone();
    desk.press(CTRL, Key::E);
    assert!(!desk.shows("With the room of each voice"));
    desk.press(NONE, Key::Escape);
    desk.press(CTRL | Modifiers::SHIFT, Key::M);
    desk.type_number("Room of lead", "35 %");
    desk.type_number("Size of the room", "2.5 s");
    let project = desk.studio().project();
    assert_eq!((project.tracks[0].room, project.room_s), (0.35, 2.5));
    // The panel of the track has the same.
    let why = "How much of the track is sent into the room, and comes back from it: at 100% as loud as the \
               track itself. 0% is dry.";
    desk.type_number(why, "20");
    assert_eq!(desk.studio().project().tracks[0].room, 0.2);
    let steps: Vec<&str> = desk.studio().steps().undo_names().collect();
    assert_eq!(steps, ["change-room:35%", "change-room-size:2.5 s", "change-room:20%"]);
    desk.press(CTRL, Key::E);
    desk.click("With the room of each voice");
    desk.press(NONE, Key::Escape);
    desk.press(CTRL, Key::S);
    let kept = Project::load(&song).unwrap();
    assert_eq!((kept.tracks[0].room, kept.room_s), (0.2, 2.5));
    for _ in 0..3 {
        desk.press(CTRL, Key::Z);
    }
    assert_eq!(desk.studio().project(), &before);
}

/// A song with a recording alone, and the studio that has it open.
fn open_backed(home: &Path) -> (PathBuf, Desk) {
    let tone = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/house/audio/tone.flac");
    let song = home.join("song.ziyin");
    let backings = vec![Backing::new(tone.to_string_lossy())];
    Project { backings, ..Project::default() }.save(&song).unwrap();
    let desk = Desk::open(start(home, Some(song.clone())));
    (song, desk)
}

#[test]
fn a_recording_is_sent_into_the_room_by_its_row_and_by_its_strip() {
    let home = tempfile::tempdir().unwrap();
    let (song, mut desk) = open_backed(home.path());
    let before = desk.studio().project().clone();
    desk.type_number("Room of tone.flac", "40");
    assert_eq!(desk.studio().project().backings[0].room, 0.4);
    // The strip of the mixer has the same.
    desk.press(CTRL | Modifiers::SHIFT, Key::M);
    let numbers = desk.harness.get_all_by_role_and_label(egui::Role::SpinButton, "Room of tone.flac");
    assert_eq!(numbers.count(), 2);
    desk.press(CTRL, Key::E);
    assert!(desk.shows("With the room of each voice"));
    desk.press(NONE, Key::Escape);
    desk.press(CTRL, Key::S);
    assert_eq!(Project::load(&song).unwrap().backings[0].room, 0.4);
    assert_eq!(desk.studio().steps().undo_names().collect::<Vec<_>>(), ["change-room:40%"]);
    desk.press(CTRL, Key::Z);
    assert_eq!(desk.studio().project(), &before);
}

#[test]
fn backing_audio_is_cut_and_faded_and_the_mix_is_turned_down() {
    let home = tempfile::tempdir().unwrap();
    let (song, mut desk) = open_backed(home.path());
    let before = desk.studio().project().clone();
    desk.type_number("Cut off the beginning of tone.flac", "0.25");
    desk.type_number("Cut off the end of tone.flac", "0.1 s");
    desk.type_number("Fade-in of tone.flac", "0.02");
    desk.type_number("Fade-out of tone.flac", "0.5");
    let backing = desk.studio().project().backings[0].clone();
    assert_eq!((backing.trim_us, backing.fade_us), ([250_000, 100_000], [20_000, 500_000]));
    desk.press(CTRL | Modifiers::SHIFT, Key::M);
    desk.harness.get_by_label("Gain of Mix").focus();
    desk.settle();
    desk.press(NONE, Key::ArrowDown);
    let turned = desk.studio().project().mix_gain_db;
    assert!((-36.0..0.0).contains(&turned), "{turned}");
    let steps: Vec<&str> =
        desk.studio().steps().undo_names().map(|step| step.split(':').next().unwrap()).collect();
    assert_eq!(steps, ["trim-backing", "trim-backing", "fade-backing", "fade-backing", "change-gain"]);
    desk.press(CTRL, Key::S);
    let kept = Project::load(&song).unwrap();
    assert_eq!((kept.mix_gain_db, kept.backings[0].trim_us), (turned, backing.trim_us));
    for _ in 0..5 {
        desk.press(CTRL, Key::Z);
    }
    assert_eq!(desk.studio().project(), &before);
}
