//! Where there is little room the notes keep theirs, and what lies over them keeps the wheel.

use egui::{Key, Modifiers, vec2};
use egui_kittest::kittest::Queryable;
use ziyin_score::Project;

use super::{CTRL, Desk, NONE, start};

/// As many points as a screen of 1280 by 720 has at 200 %.
fn in_small_window(desk: &mut Desk) {
    desk.harness.set_size(vec2(640.0, 360.0));
    desk.settle();
}

#[test]
fn the_roll_keeps_an_octave_in_a_small_window_whatever_is_open() {
    let home = tempfile::tempdir().unwrap();
    let mut desk = Desk::open(start(home.path(), ziyin_studio::demo_song()));
    in_small_window(&mut desk);
    let octave = 12.0 * 11.0;
    let room = |desk: &Desk| desk.harness.get_by_label("Piano roll").rect().height();
    assert!(room(&desk) >= octave, "{}", room(&desk));
    desk.press(CTRL | Modifiers::SHIFT, Key::M);
    assert!(desk.shows("Gain of lead"), "the mixer lies over the roll");
    desk.press(NONE, Key::N);
    assert!(room(&desk) >= octave, "{}", room(&desk));
}

#[test]
fn curves_come_into_a_small_window_when_they_are_asked_for() {
    let home = tempfile::tempdir().unwrap();
    let mut desk = Desk::open(start(home.path(), ziyin_studio::demo_song()));
    assert!(desk.shows("Loudness curve"));
    in_small_window(&mut desk);
    assert!(!desk.shows("Loudness curve"), "the roll keeps its octave");
    desk.press(CTRL, Key::U);
    let lane = desk.harness.get_by_label("Loudness curve").rect();
    assert!(lane.height() > 40.0, "{lane}");
    desk.press(CTRL, Key::U);
    assert!(!desk.shows("Loudness curve"));
    // In a window with room for both they are there as they were.
    desk.harness.set_size(vec2(1280.0, 800.0));
    desk.settle();
    assert!(desk.shows("Loudness curve"));
    desk.press(CTRL, Key::U);
    assert!(!desk.shows("Loudness curve"));
}

#[test]
fn the_wheel_over_a_dialog_does_not_scroll_the_roll() {
    let home = tempfile::tempdir().unwrap();
    let mut desk = Desk::open(start(home.path(), ziyin_studio::demo_song()));
    let first = |desk: &Desk| desk.harness.get_all_by_label_contains("bar 2 beat 1").next().unwrap().rect();
    let before = first(&desk);
    let wheel = |desk: &mut Desk| {
        desk.harness.hover_at(egui::pos2(640.0, 400.0));
        desk.harness.event(egui::Event::MouseWheel {
            unit: egui::MouseWheelUnit::Point,
            delta: vec2(0.0, -60.0),
            phase: egui::TouchPhase::Move,
            source: egui::MouseWheelSource::Unknown,
            modifiers: NONE,
        });
        desk.settle();
    };
    desk.press(NONE, Key::F1);
    wheel(&mut desk);
    desk.press(NONE, Key::Escape);
    assert_eq!(first(&desk), before);
    wheel(&mut desk);
    assert_ne!(first(&desk), before, "without a dialog it does");
}

#[test]
fn the_loop_is_kept_in_the_song() {
    let home = tempfile::tempdir().unwrap();
    let mut desk = Desk::open(start(home.path(), ziyin_studio::demo_song()));
    desk.press(CTRL, Key::A);
    desk.press(CTRL | Modifiers::SHIFT, Key::P);
    desk.text("loop selected");
    desk.press(NONE, Key::Enter);
    let looped = desk.studio().project().looped;
    assert!(looped.is_some_and(|(from, to)| to > from));
    desk.press(CTRL, Key::Z);
    assert_eq!(desk.studio().project().looped, None);
    desk.press(CTRL | Modifiers::SHIFT, Key::Z);
    desk.press(CTRL, Key::S);
    let path = home.path().join("looped.ziyin");
    desk.choose(&path);
    assert_eq!(Project::load(&path).unwrap().looped, looped);
    // Another window would find the song open already.
    drop(desk);
    let mut again = Desk::open(start(home.path(), Some(path)));
    again.press(NONE, Key::L);
    assert_eq!(again.studio().project().looped, None, "it was on when the song was opened");
}

#[test]
fn a_time_signature_is_chosen_from_the_list() {
    let home = tempfile::tempdir().unwrap();
    let mut desk = Desk::open(start(home.path(), None));
    let meter = |desk: &mut Desk, chosen: &str| {
        desk.harness.get_by_role_and_label(egui::Role::ComboBox, "Time signature at the play head").click();
        desk.settle();
        desk.click(chosen);
    };
    meter(&mut desk, "7/8");
    let at = |desk: &Desk| desk.studio().project().meter.at(0);
    assert_eq!((at(&desk).beats, at(&desk).unit), (7, 8));
}
