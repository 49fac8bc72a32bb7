//! Places of the song that have names, and the pickup before its first bar.

use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable;
use ziyin_score::{Marker, Project, TimeSignature};

use super::editing::draw;
use super::{CTRL, Desk, NONE, start};

fn markers(desk: &Desk) -> Vec<(i64, &str)> {
    desk.studio().project().markers.iter().map(|marker| (marker.tick, marker.name.as_str())).collect()
}

fn command(desk: &mut Desk, name: &str) {
    desk.press(CTRL | Modifiers::SHIFT, Key::P);
    desk.text(name);
    desk.press(NONE, Key::Enter);
}

#[test]
fn markers_are_set_gone_to_dragged_renamed_removed_and_kept() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("song.ziyin");
    let song = Project::load(&ziyin_studio::demo_song().unwrap()).unwrap();
    let bar = song.meter.at(0).bar();
    song.save(&path).unwrap();
    let mut desk = Desk::open(start(home.path(), Some(path.clone())));
    desk.press(CTRL, Key::K);
    desk.text("verse");
    desk.press(NONE, Key::Enter);
    assert_eq!(markers(&desk), [(0, "verse")]);
    // The menu of the ruler sets one at its bar.
    let ruler = desk.harness.get_by_label("Ruler").rect();
    let verse = desk.harness.get_by_label("Marker verse at bar 1").rect();
    let chorus_at = egui::pos2(verse.left() + 200.0, ruler.top() + 8.0);
    desk.harness.hover_at(chorus_at);
    for pressed in [true, false] {
        let (button, modifiers) = (egui::PointerButton::Secondary, NONE);
        desk.harness.event(egui::Event::PointerButton { pos: chorus_at, button, pressed, modifiers });
        desk.harness.step();
    }
    desk.settle();
    let item = desk.harness.get_all_by_label_contains("Marker at bar ").next().unwrap();
    item.click();
    desk.settle();
    desk.text("chorus");
    desk.press(NONE, Key::Enter);
    let chorus = markers(&desk)[1].0;
    assert!(chorus > 0 && chorus % bar == 0 && markers(&desk)[1].1 == "chorus", "{:?}", markers(&desk));

    // ] and [ go from one to the other, where the next one is set.
    desk.press(NONE, Key::CloseBracket);
    command(&mut desk, "Marker here");
    assert!(desk.harness.query_by_label("Change").is_some(), "the marker that stands here is named anew");
    desk.press(CTRL, Key::A);
    desk.text("refrain");
    desk.press(NONE, Key::Enter);
    assert_eq!(markers(&desk), [(0, "verse"), (chorus, "refrain")]);
    desk.press(NONE, Key::OpenBracket);
    command(&mut desk, "Marker here");
    desk.press(CTRL, Key::A);
    desk.text("intro");
    desk.press(NONE, Key::Enter);
    assert_eq!(markers(&desk), [(0, "intro"), (chorus, "refrain")]);

    let steps = desk.studio().steps().undo_names().count();
    let tag = desk.harness.get_all_by_label_contains("Marker refrain").next().unwrap().rect();
    draw(&mut desk, tag.center(), tag.center() + egui::vec2(150.0, 0.0));
    assert!(markers(&desk)[1].0 > chorus, "{:?}", markers(&desk));
    assert_eq!(desk.studio().steps().undo_names().count(), steps + 1, "a drag is one step");
    desk.press(CTRL, Key::Z);
    assert_eq!(markers(&desk)[1].0, chorus);

    // What lies between two is a section, and what lies behind the last.
    for (item, marker) in
        [("Loop the section", "Marker intro"), ("Select the section in all tracks", "Marker refrain")]
    {
        desk.harness.get_all_by_label_contains(marker).next().unwrap().click_secondary();
        desk.settle();
        desk.click(item);
    }
    assert_eq!(desk.studio().project().looped, Some((0, chorus)));
    let notes = desk.studio().project().tracks[0].notes.iter().filter(|note| note.onset >= chorus).count();
    assert!(notes > 0 && desk.shows(&format!("Notes selected: {notes}")));

    desk.press(CTRL, Key::S);
    assert_eq!(Project::load(&path).unwrap().markers[1], Marker { tick: chorus, name: "refrain".into() });
    desk.harness.get_all_by_label_contains("Marker refrain").next().unwrap().click_secondary();
    desk.settle();
    desk.click("Remove");
    assert_eq!(markers(&desk), [(0, "intro")]);
    while desk.studio().steps().undo_names().count() > 0 {
        desk.press(CTRL, Key::Z);
    }
    assert_eq!(desk.studio().project(), &song);
}

#[test]
fn a_pickup_is_bar_0() {
    let home = tempfile::tempdir().unwrap();
    let mut desk = Desk::open(start(home.path(), None));
    desk.press(NONE, Key::Num2);
    let roll = desk.harness.get_by_label("Piano roll").rect();
    draw(&mut desk, roll.left_top() + egui::vec2(4.0, 200.0), roll.left_top() + egui::vec2(90.0, 200.0));
    let written = desk.studio().project().clone();
    assert!(desk.shows("bar 1 beat 1"));
    command(&mut desk, "Time signature from here on");
    desk.harness.get_by_role_and_label(egui::Role::SpinButton, "Pickup").click();
    desk.settle();
    desk.press(CTRL, Key::A);
    desk.text("1");
    desk.press(NONE, Key::Enter);
    assert!(desk.shows("bar 0 beat 1") && !desk.shows("bar 1 beat 1"));
    assert_eq!(desk.studio().project().meter.pickup(), 960);
    assert_eq!(desk.studio().project().tracks, written.tracks, "notes stay where they are");
    // The signature that is chosen is that of the whole song.
    desk.harness.get_by_role_and_label(egui::Role::ComboBox, "Time signature at the play head").click();
    desk.settle();
    desk.click("3/4");
    let meter = &desk.studio().project().meter;
    let three = TimeSignature { beats: 3, unit: 4 };
    assert_eq!((meter.at(0), meter.at(960), meter.bar_start(2)), (three, three, 960 + 3 * 960));
    desk.press(CTRL, Key::Z);
    desk.press(CTRL, Key::Z);
    assert_eq!(desk.studio().project(), &written);
}
