//! The arrangement: phrases of all tracks as blocks.

use std::path::{Path, PathBuf};

use egui::{Key, Modifiers, PointerButton, Pos2, Rect, vec2};
use egui_kittest::kittest::{NodeT, Queryable};
use ziyin_score::{CurvePoint, Marker, Note, NoteId, Notes, Project, Tick, Track, TrackId};

use super::editing::draw;
use super::{CTRL, Desk, NONE, start};

const BAR: Tick = 3840;

/// Two phrases in the lead, the second of them with a curve, and one below.
fn song(home: &Path) -> (Project, PathBuf) {
    let note = |id: u64, onset: Tick, pitch: u8, lyric: &str| Note::new(NoteId(id), onset, 960, pitch, lyric);
    let mut lead = Track::new(TrackId(1), "lead");
    lead.notes = Notes::new(vec![
        note(1, 0, 64, "好"),
        note(2, 960, 67, "花"),
        note(3, 2 * BAR, 62, "又"),
        note(4, 2 * BAR + 960, 64, "香"),
    ]);
    let points = [(2 * BAR, 0.0), (2 * BAR + 480, 6.0), (2 * BAR + 960, 0.0)];
    let points = points.map(|(tick, value)| CurvePoint { tick, value }).to_vec();
    lead.curves.loudness = ziyin_score::Curve::new(points).unwrap();
    let mut below = Track::new(TrackId(2), "below");
    below.notes = Notes::new(vec![note(1, 2 * BAR, 50, "啦"), note(2, 2 * BAR + 960, 52, "-")]);
    let markers = vec![Marker { tick: BAR, name: "verse".into() }];
    let song = Project { tracks: vec![lead, below], markers, ..Project::default() };
    let path = home.join("song.ziyin");
    song.save(&path).unwrap();
    (song, path)
}

fn open() -> (Desk, Project, tempfile::TempDir) {
    let home = tempfile::tempdir().unwrap();
    let (song, path) = song(home.path());
    let mut desk = Desk::open(start(home.path(), Some(path)));
    desk.press(NONE, Key::A);
    (desk, song, home)
}

/// The block of a phrase, by what its name begins with.
fn block(desk: &Desk, name: &str) -> Rect {
    desk.harness.get_by_label_contains(&format!("{name} – ")).rect()
}

fn is_selected(desk: &Desk, name: &str) -> bool {
    let name = format!("{name} – ");
    let node = desk.harness.get_by_label_contains(&name);
    node.accesskit_node().toggled() == Some(egui::accesskit::Toggled::True)
}

fn click(desk: &mut Desk, at: Pos2, modifiers: Modifiers) {
    desk.harness.hover_at(at);
    for pressed in [true, false] {
        let button = PointerButton::Primary;
        let event = egui::Event::PointerButton { pos: at, button, pressed, modifiers };
        desk.harness.event_modifiers(event, modifiers);
    }
    desk.settle();
}

fn click_block(desk: &mut Desk, name: &str, modifiers: Modifiers) {
    click(desk, block(desk, name).center(), modifiers);
}

fn onsets(desk: &Desk, track: usize) -> Vec<Tick> {
    desk.studio().project().tracks[track].notes.iter().map(|note| note.onset).collect()
}

/// Points of a bar in the arrangement: the phrases begin two bars from one another.
fn bar_width(desk: &Desk) -> f32 {
    (block(desk, "又香").left() - block(desk, "好花").left()) / 2.0
}

#[test]
fn a_click_on_a_block_opens_its_track_and_its_place() {
    let (mut desk, song, _home) = open();
    assert!(desk.shows("好花 – lead, bar 1 to 1") && desk.shows("又香 – lead, bar 3 to 3"));
    assert!(desk.shows("啦 – below, bar 3 to 3"));
    click_block(&mut desk, "啦", NONE);
    assert!(is_selected(&desk, "啦") && !is_selected(&desk, "又香"));
    assert!(desk.shows("啦 D3 bar 3 beat 1"), "the roll shows the track below");
    assert!(desk.shows("Notes selected: 2"));
    // Shift selects beside it, in another track.
    click_block(&mut desk, "又香", Modifiers::SHIFT);
    assert!(is_selected(&desk, "啦") && is_selected(&desk, "又香"));
    assert!(desk.shows("Notes selected: 4") && desk.shows("又 D4 bar 3 beat 1"));
    // A click beside the blocks gives them up.
    let ground = desk.harness.get_by_label("Phrases of all tracks").rect();
    click(&mut desk, ground.right_bottom() - vec2(4.0, 4.0), NONE);
    assert!(!is_selected(&desk, "啦") && !is_selected(&desk, "又香"));
    assert_eq!(desk.studio().project(), &song);
}

#[test]
fn blocks_of_several_tracks_are_moved_copied_and_erased_in_one_step_each() {
    let (mut desk, song, _home) = open();
    click_block(&mut desk, "又香", NONE);
    click_block(&mut desk, "啦", Modifiers::SHIFT);
    // A drag of one moves both, by whole steps of the grid, with the curve.
    let from = block(&desk, "啦").center();
    let bar = bar_width(&desk);
    draw(&mut desk, from, from + vec2(bar + 1.0, 0.0));
    assert_eq!(onsets(&desk, 0), [0, 960, 3 * BAR, 3 * BAR + 960]);
    assert_eq!(onsets(&desk, 1), [3 * BAR, 3 * BAR + 960]);
    let loudness = |desk: &Desk| desk.studio().project().tracks[0].curves.loudness.clone();
    assert_eq!(loudness(&desk).at(3.0 * BAR as f64 + 480.0), 6.0);
    assert_eq!(desk.studio().steps().undo_names().collect::<Vec<_>>(), ["move-notes"]);
    desk.press(CTRL, Key::Z);
    assert_eq!(desk.studio().project(), &song);

    // With Ctrl it lays copies there, and their curves.
    let from = block(&desk, "又香").center();
    drag_with(&mut desk, from, from + vec2(bar, 0.0), CTRL);
    assert_eq!(onsets(&desk, 0), [0, 960, 2 * BAR, 2 * BAR + 960, 3 * BAR, 3 * BAR + 960]);
    assert_eq!(onsets(&desk, 1), [2 * BAR, 2 * BAR + 960, 3 * BAR, 3 * BAR + 960]);
    for at in [2.0, 3.0] {
        assert_eq!(loudness(&desk).at(at * BAR as f64 + 480.0), 6.0);
    }
    assert_eq!(desk.studio().steps().undo_names().collect::<Vec<_>>(), ["duplicate-notes"]);
    desk.press(NONE, Key::Delete);
    assert_eq!((onsets(&desk, 0).len(), onsets(&desk, 1).len()), (4, 2), "the copies are selected");
    desk.press(CTRL, Key::Z);
    desk.press(CTRL, Key::Z);
    assert_eq!(desk.studio().project(), &song);

    // Duplicate, copy and paste do the same with all of them.
    click_block(&mut desk, "又香", NONE);
    click_block(&mut desk, "啦", Modifiers::SHIFT);
    desk.press(CTRL, Key::D);
    assert_eq!(onsets(&desk, 1), [2 * BAR, 2 * BAR + 960, 2 * BAR + 1920, 2 * BAR + 2880]);
    desk.press(CTRL, Key::Z);
    click_block(&mut desk, "又香", NONE);
    click_block(&mut desk, "啦", Modifiers::SHIFT);
    desk.harness.event(egui::Event::Copy);
    desk.settle();
    desk.press(CTRL | Modifiers::SHIFT, Key::P);
    desk.text("Paste");
    desk.press(NONE, Key::Enter);
    assert_eq!(onsets(&desk, 0)[..2], [0, 0], "they land at the play head");
    assert_eq!(onsets(&desk, 1), [0, 960, 2 * BAR, 2 * BAR + 960]);
    desk.press(CTRL, Key::Z);
    assert_eq!(desk.studio().project(), &song);
}

/// A drag with keys held, from press to release.
fn drag_with(desk: &mut Desk, from: Pos2, to: Pos2, modifiers: Modifiers) {
    drag_to(desk, from, to, modifiers);
    let button = PointerButton::Primary;
    desk.harness.event(egui::Event::PointerButton { pos: to, button, pressed: false, modifiers });
    desk.settle();
}

/// The same, without the release.
fn drag_to(desk: &mut Desk, from: Pos2, to: Pos2, modifiers: Modifiers) {
    desk.harness.hover_at(from);
    desk.settle();
    let button = PointerButton::Primary;
    desk.harness.event_modifiers(
        egui::Event::PointerButton { pos: from, button, pressed: true, modifiers },
        modifiers,
    );
    desk.harness.run_steps(2);
    for part in [0.5, 1.0] {
        desk.harness.event_modifiers(egui::Event::PointerMoved(from + (to - from) * part), modifiers);
        desk.harness.run_steps(2);
    }
}

#[test]
fn the_keyboard_goes_from_block_to_block_and_escape_gives_a_drag_up() {
    let (mut desk, song, _home) = open();
    click_block(&mut desk, "好花", NONE);
    desk.press(NONE, Key::ArrowRight);
    assert!(is_selected(&desk, "又香"));
    desk.press(NONE, Key::ArrowDown);
    assert!(is_selected(&desk, "啦") && !is_selected(&desk, "又香"));
    let ground = desk.harness.get_by_label("Phrases of all tracks");
    let spoken = ground.accesskit_node().value();
    assert_eq!(spoken.as_deref(), Some("啦 – below, bar 3 to 3"));
    desk.press(NONE, Key::ArrowUp);
    desk.press(NONE, Key::ArrowLeft);
    assert!(is_selected(&desk, "好花"));
    // By a step of the grid.
    desk.press(Modifiers::ALT, Key::ArrowRight);
    assert_eq!(onsets(&desk, 0)[..2], [240, 1200]);
    desk.press(CTRL, Key::Z);
    desk.press(CTRL, Key::A);
    assert!(is_selected(&desk, "好花") && is_selected(&desk, "啦"), "all tracks");
    desk.press(NONE, Key::Delete);
    assert!(desk.studio().project().tracks.iter().all(|track| track.notes.is_empty()));
    desk.press(CTRL, Key::Z);
    assert_eq!(desk.studio().project(), &song);
    assert_eq!(desk.studio().steps().undo_names().count(), 0);

    let from = block(&desk, "又香").center();
    let to = from + vec2(bar_width(&desk), 0.0);
    drag_to(&mut desk, from, to, NONE);
    assert_ne!(desk.studio().project(), &song);
    desk.press(NONE, Key::Escape);
    assert_eq!(desk.studio().project(), &song);
    let button = PointerButton::Primary;
    desk.harness.event(egui::Event::PointerButton { pos: to, button, pressed: false, modifiers: NONE });
    desk.settle();
    assert_eq!(desk.studio().project(), &song);
    assert_eq!(desk.studio().steps().undo_names().count(), 0);
}

#[test]
fn a_box_selects_what_it_touches_and_rows_are_muted() {
    let (mut desk, song, _home) = open();
    let (first, last) = (block(&desk, "又香"), block(&desk, "啦"));
    draw(&mut desk, first.left_top() - vec2(6.0, 1.0), last.center());
    assert!(is_selected(&desk, "又香") && is_selected(&desk, "啦") && !is_selected(&desk, "好花"));
    desk.harness.get_all_by_label("Mute below").last().unwrap().click();
    desk.settle();
    assert!(desk.studio().project().tracks[1].mute && !desk.studio().project().tracks[0].mute);
    desk.press(CTRL, Key::Z);
    assert_eq!(desk.studio().project(), &song);
    desk.click("Track lead");
    assert!(desk.shows("好 E4 bar 1 beat 1"));
}

#[test]
fn play_head_loop_and_markers_are_set_on_its_ruler() {
    let (mut desk, song, _home) = open();
    let ruler = desk.harness.get_by_label("Ruler of the arrangement").rect();
    let left = block(&desk, "好花").left();
    let bar = bar_width(&desk);
    let at = |bars: f32| Pos2::new(left + bars * bar, ruler.top() + 8.0);
    draw(&mut desk, at(1.0), at(3.0));
    assert_eq!(desk.studio().project().looped, Some((BAR, 3 * BAR)));
    desk.press(CTRL, Key::Z);
    // One marker stands on both rulers.
    let tags: Vec<Rect> =
        desk.harness.get_all_by_label_contains("Marker verse").map(|tag| tag.rect()).collect();
    assert_eq!(tags.len(), 2);
    let tag = tags.iter().find(|tag| ruler.contains(tag.center())).unwrap().center();
    draw(&mut desk, tag, Pos2::new(at(2.0).x, tag.y));
    assert_eq!(desk.studio().project().markers[0].tick, 2 * BAR);
    desk.press(CTRL, Key::Z);
    assert_eq!(desk.studio().project(), &song);
    // A click goes there: what is pasted lands at the play head.
    click_block(&mut desk, "好花", NONE);
    desk.harness.event(egui::Event::Copy);
    desk.settle();
    click(&mut desk, at(1.0), NONE);
    desk.press(CTRL | Modifiers::SHIFT, Key::P);
    desk.text("Paste");
    desk.press(NONE, Key::Enter);
    assert_eq!(onsets(&desk, 0)[2..4], [BAR, BAR + 960]);
}

#[test]
fn a_grid_that_swings_is_drawn_and_quantised_to() {
    let (mut desk, _song, _home) = open();
    let choose = |desk: &mut Desk, name: &str| {
        desk.harness.get_by_role_and_label(egui::Role::ComboBox, "Grid").click();
        desk.settle();
        desk.click(name);
    };
    choose(&mut desk, "1/8");
    choose(&mut desk, "Swing");
    click_block(&mut desk, "好花", NONE);
    desk.press(Modifiers::ALT, Key::ArrowRight);
    assert_eq!(onsets(&desk, 0)[..2], [480, 1440]);
    desk.press(NONE, Key::Q);
    assert_eq!(onsets(&desk, 0)[..2], [640, 1600], "off-beats come late");
    choose(&mut desk, "Bar");
    desk.press(NONE, Key::Q);
    assert_eq!(onsets(&desk, 0)[..2], [0, 0]);
    let lengths: Vec<Tick> = desk.studio().project().tracks[0].notes[..2].iter().map(|n| n.length).collect();
    assert_eq!(lengths, [BAR, BAR], "what would be left of no length fills the bar");
}

#[test]
fn it_stands_in_the_place_of_the_roll_where_there_is_no_room_for_both() {
    let (mut desk, _song, _home) = open();
    let room = |desk: &Desk| desk.harness.get_by_label("Phrases of all tracks").rect();
    assert!(room(&desk).height() > 56.0 && desk.shows("Piano roll"));
    // As many points as a screen of 1280 by 720 has at 200 %.
    desk.harness.set_size(vec2(640.0, 360.0));
    desk.settle();
    assert!(room(&desk).height() > 56.0 && !desk.shows("Piano roll"));
    desk.press(NONE, Key::A);
    assert!(desk.shows("Piano roll") && !desk.shows("Phrases of all tracks"));
}
