//! Anchors of a curve: set, dragged, and taken away.

use egui::{Key, Pos2, Role, vec2};
use egui_kittest::kittest::Queryable;
use ziyin_score::{CurveKind, Note, NoteId, Notes, Project, Track, TrackId};

use super::editing::draw;
use super::{CTRL, Desk, NONE, start};

fn anchors(desk: &Desk) -> Vec<Pos2> {
    let all = desk.harness.query_all_by_role(Role::Slider);
    let mut places: Vec<Pos2> = all
        .filter(|node| format!("{node:?}").contains("Anchor of the Pitch curve"))
        .map(|node| node.rect().center())
        .collect();
    places.sort_by(|a, b| a.x.total_cmp(&b.x));
    places
}

fn click(desk: &mut Desk, at: Pos2) {
    desk.harness.hover_at(at);
    desk.harness.step();
    for pressed in [true, false] {
        let button = egui::PointerButton::Primary;
        desk.harness.event(egui::Event::PointerButton { pos: at, button, pressed, modifiers: NONE });
    }
    desk.settle();
    // Two clicks that are meant as such lie apart in time.
    for _ in 0..40 {
        desk.harness.step();
    }
}

#[test]
fn a_pitch_is_bent_by_anchors_that_are_set_dragged_and_taken_away() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("song.ziyin");
    let track = Track {
        notes: Notes::new(vec![Note::new(NoteId(1), 960, 3840, 60, "la")]),
        ..Track::new(TrackId(1), "lead")
    };
    Project { tracks: vec![track], ..Project::default() }.save(&path).unwrap();
    let mut desk = Desk::open(start(home.path(), Some(path)));
    let before = desk.studio().project().clone();
    desk.click("Pitch");
    desk.click("Anchors");
    let lane = desk.harness.get_by_label("Pitch curve").rect();
    let note = desk.harness.get_by_label_contains("la C4").rect();
    let (first, second) = (
        Pos2::new(note.left() + 0.25 * note.width(), lane.top() + 0.25 * lane.height()),
        Pos2::new(note.left() + 0.5 * note.width(), lane.top() + 0.75 * lane.height()),
    );
    click(&mut desk, first);
    click(&mut desk, second);
    let places = anchors(&desk);
    assert_eq!(places.len(), 2, "{places:?}");
    assert!((places[0] - first).length() < 4.0 && (places[1] - second).length() < 4.0, "{places:?}");
    // From the one above to the one below the curve goes in a bow, and it rests elsewhere.
    let curve = |desk: &Desk| desk.studio().project().tracks[0].curves.get(CurveKind::Pitch).clone();
    let at = |desk: &Desk, part: f64| curve(desk).at(960.0 + 3840.0 * part);
    assert!(at(&desk, 0.25) > 60.0 && at(&desk, 0.5) < -60.0, "{} {}", at(&desk, 0.25), at(&desk, 0.5));
    assert!(at(&desk, 0.375).abs() < 15.0 && at(&desk, 0.29) > 0.85 * at(&desk, 0.25));
    assert_eq!((at(&desk, 0.1), at(&desk, 0.7)), (0.0, 0.0));
    // A drag takes one along, with its bow, in one step.
    draw(&mut desk, places[1], places[1] + vec2(0.2 * note.width(), 0.0));
    assert_eq!(anchors(&desk).len(), 2);
    assert!(at(&desk, 0.7) < -60.0 && at(&desk, 0.4) > -60.0);
    let steps = |desk: &Desk| desk.studio().steps().undo_names().map(String::from).collect::<Vec<_>>();
    assert_eq!(steps(&desk), ["set-anchor"; 3]);
    // By a right click.
    let last = *anchors(&desk).last().unwrap();
    desk.harness.hover_at(last);
    desk.harness.step();
    for pressed in [true, false] {
        let button = egui::PointerButton::Secondary;
        desk.harness.event(egui::Event::PointerButton { pos: last, button, pressed, modifiers: NONE });
    }
    desk.settle();
    desk.click("Remove the anchor");
    assert_eq!(anchors(&desk).len(), 1);
    assert_eq!(steps(&desk).last().unwrap(), "remove-anchor");
    for _ in 0..4 {
        desk.press(CTRL, Key::Z);
    }
    assert_eq!(desk.studio().project(), &before);
}

#[test]
fn anchors_are_set_stepped_through_moved_shaped_and_taken_away_by_the_keyboard() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("song.ziyin");
    let track = Track {
        notes: Notes::new(vec![Note::new(NoteId(1), 0, 3840, 60, "la")]),
        ..Track::new(TrackId(1), "lead")
    };
    Project { tracks: vec![track], ..Project::default() }.save(&path).unwrap();
    let mut desk = Desk::open(start(home.path(), Some(path)));
    let before = desk.studio().project().clone();
    desk.click("Pitch");
    let all = |desk: &Desk| -> Vec<(i64, f32)> {
        let curve = desk.studio().project().tracks[0].curves.get(CurveKind::Pitch).clone();
        ziyin_session::editor::anchors(&curve).iter().map(|anchor| (anchor.tick, anchor.value)).collect()
    };
    // One at the play head, raised; another further on.
    desk.press(NONE, Key::V);
    for _ in 0..3 {
        desk.press(NONE, Key::ArrowUp);
    }
    assert!(matches!(all(&desk)[..], [(0, value)] if value > 0.0), "{:?}", all(&desk));
    for _ in 0..4 {
        desk.press(egui::Modifiers::ALT, Key::Insert);
    }
    desk.press(NONE, Key::V);
    desk.press(NONE, Key::ArrowRight);
    desk.press(NONE, Key::ArrowDown);
    let set = all(&desk);
    assert!(matches!(set[..], [(0, first), (1020, second)] if first > 0.0 && second < first), "{set:?}");
    // Back to the first, whose way to the next is straight then.
    desk.press(egui::Modifiers::ALT, Key::OpenBracket);
    desk.press(NONE, Key::Enter);
    let middle = desk.studio().project().tracks[0].curves.get(CurveKind::Pitch).at(255.0);
    assert!((middle - (0.75 * set[0].1 + 0.25 * set[1].1)).abs() < 1.0, "{middle}");
    assert!(desk.shows(", Straight"));
    // What is deleted is the anchor that has the keyboard, and the next gets it.
    desk.press(NONE, Key::Delete);
    assert_eq!(all(&desk), set[1..]);
    desk.press(NONE, Key::Delete);
    assert!(all(&desk).is_empty());
    assert_eq!(desk.studio().project().tracks[0].notes.len(), 1);
    while desk.studio().steps().undo_names().next().is_some() {
        desk.press(CTRL, Key::Z);
    }
    assert_eq!(desk.studio().project(), &before);
}

#[test]
fn anchors_of_the_pitch_are_set_and_dragged_on_the_roll() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("song.ziyin");
    let track = Track {
        notes: Notes::new(vec![Note::new(NoteId(1), 960, 3840, 60, "la")]),
        ..Track::new(TrackId(1), "lead")
    };
    Project { tracks: vec![track], ..Project::default() }.save(&path).unwrap();
    let mut desk = Desk::open(start(home.path(), Some(path)));
    let before = desk.studio().project().clone();
    desk.press(NONE, Key::Num4);
    let note = desk.harness.get_by_label_contains("la C4").rect();
    let row = note.height();
    let at = note.center() - vec2(0.0, row);
    // Each event has a frame of its own, a quarter of a second after the one before.
    desk.harness.ctx.options_mut(|options| options.input_options.max_double_click_delay = 1.0);
    desk.harness.hover_at(at);
    desk.harness.step();
    for pressed in [true, false, true, false] {
        let button = egui::PointerButton::Primary;
        desk.harness.event(egui::Event::PointerButton { pos: at, button, pressed, modifiers: NONE });
    }
    desk.settle();
    let curve = |desk: &Desk| desk.studio().project().tracks[0].curves.get(CurveKind::Pitch).clone();
    let all = |desk: &Desk| ziyin_session::editor::anchors(&curve(desk));
    // A row above the note is a semitone.
    assert!(matches!(all(&desk)[..], [one] if (one.value - 100.0).abs() < 8.0), "{:?}", all(&desk));
    let handle =
        |desk: &Desk| desk.harness.get_by_label_contains("Anchor of the sung pitch curve").rect().center();
    assert!((handle(&desk) - at).length() < 4.0, "{:?} {at:?}", handle(&desk));
    let from = handle(&desk);
    draw(&mut desk, from, at + vec2(0.2 * note.width(), 2.0 * row));
    let moved = all(&desk);
    assert!(matches!(moved[..], [one] if (one.value + 100.0).abs() < 8.0), "{moved:?}");
    assert!((moved[0].tick as f64 - (960.0 + 0.7 * 3840.0)).abs() < 60.0, "{moved:?}");
    let steps: Vec<_> = desk.studio().steps().undo_names().map(String::from).collect();
    assert_eq!(steps, ["set-anchor"; 2]);
    desk.press(CTRL, Key::Z);
    desk.press(CTRL, Key::Z);
    assert_eq!(desk.studio().project(), &before);
}
