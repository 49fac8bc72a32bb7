//! Somebody is mixed in along a curve.

use egui::Key;
use egui_kittest::kittest::Queryable;
use ziyin_score::{CurveKind, Note, NoteId, Notes, Project, Track, TrackId};

use super::editing::draw;
use super::{CTRL, Desk, NONE, start};
use crate::null_sink::hum;

#[test]
fn a_second_singer_is_chosen_and_drawn_in_and_taken_back() {
    let home = tempfile::tempdir().unwrap();
    let song = home.path().join("song.ziyin");
    let mut track = Track::new(TrackId(1), "lead");
    track.notes = Notes::new(vec![Note::new(NoteId(1), 960, 1920, 60, "la")]);
    Project { tracks: vec![track], ..Project::default() }.save(&song).unwrap();
    let mut desk = Desk::open(start(home.path(), Some(song.clone())));
    let before = desk.studio().project().clone();
    desk.click("Mixture");
    assert!(desk.shows("Mixture curve"));
    assert!(desk.shows("Nobody is mixed in."), "the lane says what to do");
    desk.harness.get_by_role_and_label(egui::Role::ComboBox, "Mix with").click();
    desk.settle();
    desk.click("Yuki");
    assert_eq!(desk.studio().project().tracks[0].second.as_deref(), Some("Yuki"));
    assert!(!desk.shows("Nobody is mixed in."));
    let lane = desk.harness.get_by_label("Mixture curve").rect();
    let from = lane.left_top() + egui::vec2(60.0, 1.0);
    draw(&mut desk, from, from + egui::vec2(120.0, 0.0));
    let curve = desk.studio().project().tracks[0].curves.get(CurveKind::Mixture).clone();
    assert!(curve.iter().any(|point| point.value == 1.0), "{curve:?}");
    assert!(curve.iter().all(|point| (0.0..=1.0).contains(&point.value)), "{curve:?}");
    let steps: Vec<&str> = desk.studio().steps().undo_names().collect();
    assert_eq!(steps, ["choose-second", "draw-curve"]);
    desk.press(CTRL, Key::S);
    assert_eq!(&Project::load(&song).unwrap(), desk.studio().project());
    desk.press(CTRL, Key::Z);
    desk.press(CTRL, Key::Z);
    assert_eq!(desk.studio().project(), &before);
}

#[test]
fn a_second_singer_who_is_missing_is_told_on_opening_and_another_takes_their_place() {
    let home = tempfile::tempdir().unwrap();
    let song = home.path().join("song.ziyin");
    let mut track = Track::new(TrackId(1), "lead");
    track.notes = Notes::new(vec![Note::new(NoteId(1), 960, 1920, 60, "la")]);
    (track.singer, track.second) = (Some("hum".into()), Some("Nobody".into()));
    let half = ziyin_score::CurvePoint { tick: 0, value: 0.5 };
    track.curves.mixture = ziyin_score::Curve::new(vec![half]).unwrap();
    Project { tracks: vec![track], ..Project::default() }.save(&song).unwrap();
    let start = ziyin_studio::Start { voice: Some(hum()), ..start(home.path(), Some(song)) };
    let mut desk = Desk::open(start);
    desk.wait("Singers are missing", |desk| desk.shows("Singers are missing"));
    assert!(desk.shows("Sings: lead"));
    desk.press(NONE, Key::Escape);
    assert!(desk.shows("Nobody is not installed"), "it is marked on the track");
    desk.click("Nobody is not installed");
    desk.harness.get_all_by_label("Yuki").last().unwrap().click();
    desk.settle();
    let track = &desk.studio().project().tracks[0];
    assert_eq!((track.singer.as_deref(), track.second.as_deref()), (Some("hum"), Some("Yuki")));
    assert_eq!(desk.studio().steps().undo_names().collect::<Vec<_>>(), ["choose-singer"]);
}
