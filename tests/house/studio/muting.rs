//! Notes and phrases that stand there and are not sung.

use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable;
use ziyin_score::Project;

use super::{CTRL, Desk, NONE, start, three_tracks};

fn muted(desk: &Desk) -> Vec<bool> {
    desk.studio()
        .project()
        .tracks
        .iter()
        .flat_map(|track| track.notes.iter())
        .map(|note| note.muted)
        .collect()
}

#[test]
fn phrases_are_muted_in_the_arrangement_and_notes_in_the_roll() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("song.ziyin");
    let song = three_tracks();
    song.save(&path).unwrap();
    let mut desk = Desk::open(start(home.path(), Some(path.clone())));
    desk.press(NONE, Key::A);
    let block = |desk: &Desk, name: &str| desk.harness.get_by_label_contains(name).rect().center();
    let click = |desk: &mut Desk, at: egui::Pos2, modifiers: Modifiers| {
        desk.harness.hover_at(at);
        for pressed in [true, false] {
            let button = egui::PointerButton::Primary;
            let event = egui::Event::PointerButton { pos: at, button, pressed, modifiers };
            desk.harness.event_modifiers(event, modifiers);
        }
        desk.settle();
    };
    // Phrases of two tracks by the keyboard, in one step.
    let (alto, bass) = (block(&desk, " – alto, bar 2"), block(&desk, " – bass, bar 2"));
    click(&mut desk, alto, NONE);
    click(&mut desk, bass, Modifiers::SHIFT);
    desk.press(Modifiers::SHIFT, Key::M);
    assert_eq!(muted(&desk), [false, true, true]);
    assert!(desk.shows("花 – alto, bar 2 to 2, muted") && !desk.shows("lead, bar 2 to 2, muted"));
    assert!(desk.shows("香 C4 bar 2 beat 1, muted"), "the roll says so too");
    // What is edited stays muted, and the file keeps it.
    desk.press(NONE, Key::ArrowUp);
    desk.press(Modifiers::SHIFT, Key::ArrowUp);
    assert_eq!(muted(&desk), [false, true, true]);
    desk.press(CTRL, Key::S);
    assert_eq!(&Project::load(&path).unwrap(), desk.studio().project());
    // By the menu of a block, and that of a note.
    for (at, all) in [(alto, [false; 3]), (alto, [false, true, false])] {
        desk.press(CTRL, Key::Z);
        desk.press(CTRL, Key::Z);
        desk.press(CTRL, Key::Z);
        click(&mut desk, at, NONE);
        if !all[1] {
            desk.press(Modifiers::SHIFT, Key::M);
        }
        desk.harness.hover_at(at);
        desk.harness.step();
        for pressed in [true, false] {
            let button = egui::PointerButton::Secondary;
            desk.harness.event(egui::Event::PointerButton { pos: at, button, pressed, modifiers: NONE });
        }
        desk.settle();
        desk.harness.get_by_label_contains("Mute or unmute notes").click();
        desk.settle();
        assert_eq!(muted(&desk), all);
    }
    while desk.studio().steps().undo_names().next().is_some() {
        desk.press(CTRL, Key::Z);
    }
    assert_eq!(desk.studio().project(), &song);
}
