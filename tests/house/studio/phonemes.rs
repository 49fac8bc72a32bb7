//! The sounds of the characters: seen where they are sung, moved, weighed and replaced.

use std::path::Path;
use std::time::{Duration, Instant};

use egui::{Key, vec2};
use egui_kittest::kittest::{NodeT, Queryable};
use ziyin_lyrics::Phoneme;
use ziyin_score::*;
use ziyin_studio::Start;

use super::editing::draw;
use super::{CTRL, Desk, NONE, start};
use crate::null_sink::hum;

/// A studio with two syllables, who is sung by a hum.
fn open(home: &Path) -> Desk {
    let path = home.join("song.ziyin");
    let mut track = Track::new(TrackId(1), "lead");
    track.notes = Notes::new(vec![
        Note::new(NoteId(1), 1920, 960, 60, "fan"),
        Note::new(NoteId(2), 2880, 1920, 62, "sa"),
    ]);
    Project { tracks: vec![track], ..Project::default() }.save(&path).unwrap();
    let mut desk = Desk::open(Start { voice: Some(hum()), ..start(home, Some(path)) });
    desk.press(NONE, Key::H);
    until(&mut desk, "there are phonemes", |desk| desk.shows("Beginning of the vowel of sa"));
    desk
}

#[track_caller]
fn until(desk: &mut Desk, what: &str, so: impl Fn(&Desk) -> bool) {
    let begun = Instant::now();
    while !so(desk) {
        assert!(begun.elapsed() < Duration::from_secs(60), "waited in vain until {what}");
        std::thread::sleep(Duration::from_millis(5));
        desk.settle();
    }
}

fn own(desk: &Desk, note: usize) -> Articulation {
    desk.studio().project().tracks[0].notes[note].articulation(0)
}

fn place(desk: &Desk, name: &str) -> f32 {
    desk.harness.get_by_label(name).rect().center().x
}

#[test]
fn phonemes_are_shown_where_they_are_sung_and_their_boundaries_dragged() {
    let home = tempfile::tempdir().unwrap();
    let mut desk = open(home.path());
    let before = desk.studio().project().clone();
    for name in ["f Consonant of fan", "a Vowel of fan", "n Coda of fan", "s Consonant of sa"] {
        assert!(desk.shows(name), "{name}");
    }
    let name = "Beginning of the consonant of sa";
    let at = desk.harness.get_by_label(name).rect().center();
    let [fan, sa] = ["fan", "sa"].map(|lyric| place(&desk, &format!("Beginning of the vowel of {lyric}")));
    draw(&mut desk, at, at - vec2(12.0, 0.0));
    let set = own(&desk, 1).onset_ms.expect("nothing was moved");
    // Half a second lies between the two vowels.
    let expected = -500.0 * (sa - (at.x - 12.0)) / (sa - fan);
    assert!((set - expected).abs() < 6.0, "{set} instead of {expected}");
    assert_eq!(own(&desk, 0), Articulation::default());
    until(&mut desk, "it is sung there", |desk| (place(desk, name) - (at.x - 12.0)).abs() < 1.5);
    desk.press(CTRL, Key::Z);
    assert_eq!(desk.studio().project(), &before);
    assert_eq!(desk.studio().steps().redo_name(), Some("move-phoneme"));
}

#[test]
fn a_boundary_is_moved_by_the_keyboard() {
    let home = tempfile::tempdir().unwrap();
    let mut desk = open(home.path());
    desk.harness.get_by_label("Beginning of the vowel of sa").focus();
    desk.settle();
    desk.press(NONE, Key::ArrowRight);
    assert_eq!(own(&desk, 1).vowel_ms, Some(5.0));
    // The note is where it was: the key belongs to the boundary.
    assert!(desk.studio().project().tracks[0].notes[1].onset == 2880);
    let label = desk.harness.get_by_label("Beginning of the vowel of sa");
    assert!(label.accesskit_node().numeric_value().is_some());
}

#[test]
fn a_sound_is_weighed_replaced_and_given_back() {
    let home = tempfile::tempdir().unwrap();
    let mut desk = open(home.path());
    let before = desk.studio().project().clone();
    desk.click("n Coda of fan");
    desk.click("left out");
    assert_eq!(own(&desk, 0).sounds, [None, None, None, Some(Sound(Phoneme::None))]);
    until(&mut desk, "it is left out", |desk| !desk.shows("n Coda of fan"));
    desk.press(NONE, Key::Escape);
    desk.press(NONE, Key::Escape);
    desk.press(CTRL, Key::A);
    desk.press(CTRL | egui::Modifiers::SHIFT, Key::P);
    desk.text("Leave the phonemes");
    desk.press(NONE, Key::Enter);
    assert_eq!(desk.studio().project().tracks, before.tracks);
    for _ in 0..2 {
        desk.press(CTRL, Key::Z);
    }
    assert_eq!(desk.studio().project(), &before);
}
