use egui::{Key, Modifiers, pos2};
use egui_kittest::kittest::Queryable;

use super::{CTRL, Desk, NONE, start};

/// The lyrics of the first track.
fn lyrics(desk: &Desk) -> String {
    let notes = &desk.studio().project().tracks[0].notes;
    notes.iter().map(|note| note.lyric.as_str()).collect::<Vec<_>>().join(" ")
}

/// Draws a note where the pointer goes from one point to another.
fn draw(desk: &mut Desk, from: egui::Pos2, to: egui::Pos2) {
    desk.harness.drag_at(from);
    desk.harness.step();
    desk.harness.hover_at(to);
    desk.harness.step();
    desk.harness.drop_at(to);
    desk.settle();
}

#[test]
fn notes_are_drawn_sung_as_typed_and_taken_back() {
    let home = tempfile::tempdir().unwrap();
    let mut desk = Desk::open(start(home.path(), None));
    desk.press(NONE, Key::Num2);
    let roll = desk.harness.get_by_label("Piano roll").rect();
    let y = roll.top() + 200.0;
    draw(&mut desk, pos2(roll.left() + 20.0, y), pos2(roll.left() + 110.0, y));
    draw(&mut desk, pos2(roll.left() + 120.0, y + 40.0), pos2(roll.left() + 210.0, y + 40.0));
    let notes = desk.studio().project().tracks[0].notes.clone();
    assert_eq!(notes.len(), 2);
    assert!(notes[0].pitch > notes[1].pitch);
    assert!(desk.shows("bar 1 beat 1"), "a note is named by its pitch and time");

    // An input method composes 你好 over the first note; the second takes what is left.
    desk.press(NONE, Key::Home);
    desk.press(NONE, Key::ArrowLeft);
    desk.press(NONE, Key::Enter);
    let compose = |text: &str| {
        egui::Event::Ime(egui::ImeEvent::Preedit { text: text.into(), active_range_chars: None })
    };
    desk.harness.event(compose("ni"));
    desk.settle();
    assert_eq!(lyrics(&desk), " ", "nothing is sung before the word is chosen");
    desk.harness.event(compose("nihao"));
    desk.settle();
    desk.harness.event(egui::Event::Ime(egui::ImeEvent::Commit("你好".into())));
    desk.settle();
    desk.press(NONE, Key::Tab);
    assert_eq!(lyrics(&desk), "你 好");
    desk.press(NONE, Key::Escape);
    desk.press(NONE, Key::Escape);

    desk.press(CTRL, Key::Z);
    assert_eq!(lyrics(&desk), " ");
    desk.press(CTRL | Modifiers::SHIFT, Key::Z);
    assert_eq!(lyrics(&desk), "你 好");
    for _ in 0..3 {
        desk.press(CTRL, Key::Z);
    }
    assert!(desk.studio().project().tracks[0].notes.is_empty());
}

#[test]
fn the_keyboard_alone_moves_copies_and_transposes() {
    let home = tempfile::tempdir().unwrap();
    let mut desk = Desk::open(start(home.path(), ziyin::studio::demo_song()));
    let before = desk.studio().project().tracks[0].notes.clone();
    desk.press(NONE, Key::ArrowRight);
    desk.press(NONE, Key::ArrowUp);
    desk.press(Modifiers::SHIFT, Key::ArrowUp);
    let after = desk.studio().project().tracks[0].notes.clone();
    assert_eq!(after[0].pitch, before[0].pitch + 13);
    desk.press(CTRL, Key::A);
    desk.press(CTRL, Key::D);
    assert_eq!(desk.studio().project().tracks[0].notes.len(), 2 * before.len());
    desk.press(NONE, Key::Delete);
    assert_eq!(desk.studio().project().tracks[0].notes.len(), before.len());
}

#[test]
fn a_verse_from_elsewhere_is_spread_over_the_selected_notes() {
    let home = tempfile::tempdir().unwrap();
    let mut desk = Desk::open(start(home.path(), ziyin::studio::demo_song()));
    desk.press(CTRL, Key::A);
    desk.harness.event(egui::Event::Paste("小星星 亮晶晶".into()));
    desk.settle();
    assert!(lyrics(&desk).starts_with("小 星 星 亮 晶 晶 - 茉"), "{}", lyrics(&desk));
}

#[test]
fn harmonies_and_the_history_are_reached_by_their_names() {
    let home = tempfile::tempdir().unwrap();
    let mut desk = Desk::open(start(home.path(), ziyin::studio::demo_song()));
    desk.click("Add harmony");
    desk.click("Third above");
    assert_eq!(desk.studio().project().tracks[0].harmonies.len(), 3);
    desk.click("Make Third above a track of its own");
    assert_eq!(desk.studio().project().tracks.len(), 2);
    desk.press(CTRL, Key::H);
    assert!(desk.shows("Unlink harmony"));
    desk.click("Song as opened");
    assert_eq!(desk.studio().project().tracks.len(), 1);
    assert_eq!(desk.studio().project().tracks[0].harmonies.len(), 2);
}

#[test]
fn the_palette_finds_a_command_by_a_part_of_its_name() {
    let home = tempfile::tempdir().unwrap();
    let mut desk = Desk::open(start(home.path(), None));
    desk.press(CTRL | Modifiers::SHIFT, Key::P);
    desk.text("add tr");
    desk.press(NONE, Key::Enter);
    assert_eq!(desk.studio().project().tracks.len(), 2);
}

#[test]
fn an_idle_studio_asks_for_no_repaint() {
    let home = tempfile::tempdir().unwrap();
    let mut desk = Desk::open(start(home.path(), ziyin::studio::demo_song()));
    desk.harness.run_steps(40);
    let viewports = &desk.harness.output().viewport_output;
    let soonest = viewports.values().map(|viewport| viewport.repaint_delay).min().unwrap();
    assert!(soonest > std::time::Duration::from_secs(3600), "{soonest:?}");
}

#[test]
fn every_control_has_a_name() {
    let home = tempfile::tempdir().unwrap();
    let mut desk = Desk::open(start(home.path(), ziyin::studio::demo_song()));
    desk.press(CTRL, Key::H);
    desk.press(CTRL | Modifiers::SHIFT, Key::M);
    desk.press(NONE, Key::ArrowRight);
    desk.harness.check_accessibility();
    for dialog in [(CTRL, Key::O), (CTRL, Key::E), (CTRL, Key::Comma), (CTRL | Modifiers::SHIFT, Key::P)] {
        desk.press(dialog.0, dialog.1);
        desk.harness.check_accessibility();
        desk.press(NONE, Key::Escape);
        desk.press(NONE, Key::Escape);
    }
}
