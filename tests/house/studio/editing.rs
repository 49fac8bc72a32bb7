use egui::{Key, Modifiers, pos2, vec2};
use egui_kittest::kittest::{NodeT, Queryable};

use super::{CTRL, Desk, NONE, start};

/// The lyrics of the first track.
fn lyrics(desk: &Desk) -> String {
    let notes = &desk.studio().project().tracks[0].notes;
    notes.iter().map(|note| note.lyric.as_str()).collect::<Vec<_>>().join(" ")
}

/// Draws a note where the pointer goes from one point to another.
pub(super) fn draw(desk: &mut Desk, from: egui::Pos2, to: egui::Pos2) {
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
    assert_eq!(lyrics(&desk), "la la", "nothing else is sung before the word is chosen");
    desk.harness.event(compose("nihao"));
    desk.settle();
    desk.harness.event(egui::Event::Ime(egui::ImeEvent::Commit("你好".into())));
    desk.settle();
    desk.press(NONE, Key::Tab);
    assert_eq!(lyrics(&desk), "你 好");
    desk.press(NONE, Key::Escape);
    desk.press(NONE, Key::Escape);

    desk.press(CTRL, Key::Z);
    assert_eq!(lyrics(&desk), "la la");
    desk.press(CTRL | Modifiers::SHIFT, Key::Z);
    assert_eq!(lyrics(&desk), "你 好");
    for _ in 0..3 {
        desk.press(CTRL, Key::Z);
    }
    assert!(desk.studio().project().tracks[0].notes.is_empty());
}

#[test]
fn what_is_typed_faster_than_frames_come_is_not_lost() {
    let home = tempfile::tempdir().unwrap();
    let mut desk = Desk::open(start(home.path(), ziyin_studio::demo_song()));
    desk.press(NONE, Key::ArrowRight);
    let key =
        |key| egui::Event::Key { key, physical_key: None, pressed: true, repeat: false, modifiers: NONE };
    // Enter, two lyrics and what lies between them, all in one frame: neither a shortcut nor
    // a letter is taken from what follows the keys that lead on.
    let before = desk.studio().project().tracks[0].notes.len();
    desk.harness.event(key(Key::Enter));
    for (name, text) in [(Key::N, "n"), (Key::I, "i")] {
        desk.harness.event(key(name));
        desk.harness.event(egui::Event::Text(text.into()));
    }
    desk.harness.event(key(Key::Tab));
    desk.harness.event(egui::Event::Text("hao".into()));
    desk.harness.event(key(Key::Tab));
    desk.harness.event(egui::Event::Text("ma".into()));
    desk.settle();
    desk.press(NONE, Key::Tab);
    assert!(lyrics(&desk).starts_with("ni hao ma "), "{}", lyrics(&desk));
    assert_eq!(desk.studio().project().tracks[0].notes.len(), before);
    assert!(!desk.shows("Manner"), "N is a letter here");
    // A click begins a lyric as well.
    desk.press(NONE, Key::Escape);
    desk.click("Lyric ma");
    desk.text("me");
    desk.press(NONE, Key::Tab);
    assert!(lyrics(&desk).starts_with("ni hao me "), "{}", lyrics(&desk));
    // Back to the note before, and a text that is not wanted after all.
    desk.press(Modifiers::SHIFT, Key::Tab);
    desk.text("mo");
    desk.press(NONE, Key::Escape);
    assert!(lyrics(&desk).starts_with("ni hao me "), "{}", lyrics(&desk));
}

/// A slow frame brings several keys at once.
#[test]
fn keys_do_what_they_ask_for_in_the_order_in_which_they_were_pressed() {
    let home = tempfile::tempdir().unwrap();
    let mut desk = Desk::open(start(home.path(), ziyin_studio::demo_song()));
    let before = desk.studio().project().clone();
    let press = |desk: &mut Desk, modifiers, key| {
        let (physical_key, pressed, repeat) = (None, true, false);
        desk.harness.event(egui::Event::Key { key, physical_key, pressed, repeat, modifiers });
    };
    press(&mut desk, CTRL, Key::A);
    for key in [Key::ArrowUp, Key::ArrowUp, Key::Delete] {
        press(&mut desk, NONE, key);
    }
    press(&mut desk, CTRL, Key::Z);
    desk.settle();
    let after = desk.studio().project().tracks[0].notes.clone();
    assert_eq!(after.len(), before.tracks[0].notes.len());
    assert!(after.iter().zip(before.tracks[0].notes.iter()).all(|(a, b)| a.pitch == b.pitch + 2));
    // What is typed into the palette are no shortcuts, and Enter waits for it.
    press(&mut desk, CTRL, Key::T);
    press(&mut desk, CTRL | Modifiers::SHIFT, Key::P);
    press(&mut desk, NONE, Key::M);
    desk.harness.event(egui::Event::Text("remove tr".into()));
    press(&mut desk, NONE, Key::Enter);
    desk.settle();
    assert_eq!(desk.studio().project().tracks.len(), before.tracks.len());
    assert!(desk.studio().steps().undo_names().all(|step| step != "mute-track"));
    // Undo and redo in one frame: nothing has changed after them.
    let steps = desk.studio().steps().undo_names().count();
    press(&mut desk, CTRL, Key::Z);
    press(&mut desk, CTRL | Modifiers::SHIFT, Key::Z);
    desk.settle();
    assert_eq!(desk.studio().steps().undo_names().count(), steps);
}

#[test]
fn the_keyboard_alone_moves_copies_and_transposes() {
    let home = tempfile::tempdir().unwrap();
    let mut desk = Desk::open(start(home.path(), ziyin_studio::demo_song()));
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
    let mut desk = Desk::open(start(home.path(), ziyin_studio::demo_song()));
    desk.press(CTRL, Key::A);
    desk.harness.event(egui::Event::Paste("小星星 亮晶晶".into()));
    desk.settle();
    assert!(lyrics(&desk).starts_with("小 星 星 亮 晶 晶 - 茉"), "{}", lyrics(&desk));
}

#[test]
fn harmonies_and_the_history_are_reached_by_their_names() {
    let home = tempfile::tempdir().unwrap();
    let mut desk = Desk::open(start(home.path(), ziyin_studio::demo_song()));
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
fn an_unlinked_harmony_is_heard_as_before() {
    let home = tempfile::tempdir().unwrap();
    let mut desk = Desk::open(start(home.path(), ziyin_studio::demo_song()));
    let lead = desk.studio().project().tracks[0].clone();
    desk.press(NONE, Key::S);
    desk.click("Add harmony");
    desk.click("Fifth below");
    desk.click("Mute Fifth below");
    desk.click("Make Fifth below a track of its own");
    desk.click("Make Octave above a track of its own");
    let tracks = &desk.studio().project().tracks;
    let heard: Vec<_> = tracks.iter().map(|track| (track.solo, track.mute)).collect();
    assert_eq!(heard, [(true, false), (true, false), (true, true)]);
    assert_eq!(tracks[2].name, format!("{} – Fifth below", lead.name));
    let below = |i: usize| lead.notes[i].pitch - tracks[2].notes[i].pitch;
    assert!((0..lead.notes.len()).all(|i| [6, 7, 8].contains(&below(i))));
}

#[test]
fn a_harmony_is_moved_in_time_and_made_another_in_its_place() {
    use ziyin_score::HarmonyKind;

    let home = tempfile::tempdir().unwrap();
    let mut desk = Desk::open(start(home.path(), ziyin_studio::demo_song()));
    let before = desk.studio().project().clone();
    let name = "How much later Octave above sings than the lead";
    desk.harness.get_by_role_and_label(egui::Role::SpinButton, name).click();
    desk.settle();
    desk.press(CTRL, Key::A);
    desk.text("120");
    desk.press(NONE, Key::Enter);
    assert_eq!(desk.studio().project().tracks[0].harmonies[0].delay, 0.12);
    desk.press(NONE, Key::Escape);

    desk.harness.get_by_label("Octave above").click_secondary();
    desk.settle();
    desk.click("Sixth below");
    let changed = desk.studio().project().tracks[0].harmonies[0];
    assert!(matches!(changed.kind, HarmonyKind::Interval { degrees: -5, .. }), "{changed:?}");
    assert_eq!((changed.delay, changed.gain_db), (0.12, before.tracks[0].harmonies[0].gain_db));
    let steps: Vec<_> = desk.studio().steps().undo_names().map(String::from).collect();
    assert_eq!(steps, ["delay-harmony:+120 ms", "change-harmony"]);

    // On its own it sings where it sang.
    desk.click("Make Sixth below a track of its own");
    let tempo = &desk.studio().project().tempo;
    for (own, lead) in desk.studio().project().tracks[1].notes.iter().zip(before.tracks[0].notes.iter()) {
        let late = tempo.seconds(own.onset) - tempo.seconds(lead.onset);
        assert!((late - 0.12).abs() < 0.001, "{late}");
    }
    for _ in 0..3 {
        desk.press(CTRL, Key::Z);
    }
    assert!(desk.studio().project() == &before);
}

/// Songs of other programs hold values that no control reaches. They stay until one is touched,
/// and what is typed is one step.
#[test]
fn what_no_control_reaches_stays_as_it_is() {
    use ziyin_score::{Harmony, HarmonyKind, Project, Tempo, TempoMap, Vibrato};

    let home = tempfile::tempdir().unwrap();
    let mut song = Project::load(&ziyin_studio::demo_song().unwrap()).unwrap();
    song.tempo = TempoMap::constant(Tempo::from_bpm(480.0).unwrap());
    let track = &mut song.tracks[0];
    (track.gain_db, track.pan) = (-61.25, 0.123);
    track.harmonies = vec![Harmony { gain_db: 20.0, ..Harmony::new(HarmonyKind::OctaveUp) }];
    let mut notes = track.notes.to_vec();
    notes[0].vibrato = Some(Vibrato::new(333.3, 61.7, 0.987));
    track.notes = notes.into_iter().collect();
    let path = home.path().join("far.ziyin");
    song.save(&path).unwrap();
    let mut desk = Desk::open(start(home.path(), Some(path)));
    desk.press(CTRL | Modifiers::SHIFT, Key::M);
    desk.press(NONE, Key::ArrowRight);
    desk.press(NONE, Key::N);
    // Whoever goes from control to control by keyboard edits nothing.
    desk.harness.get_by_role_and_label(egui::Role::SpinButton, "Tempo at the play head").focus();
    for _ in 0..60 {
        desk.press(NONE, Key::Tab);
    }
    assert_eq!(desk.studio().steps().undo_names().collect::<Vec<_>>(), Vec::<&str>::new());
    assert!(desk.studio().project() == &song);
    desk.press(NONE, Key::Escape);
    for name in ["Gain of Octave above", "Pan of Octave above", "How far Octave above strays from the lead"] {
        desk.harness.get_all_by_role_and_label(egui::Role::SpinButton, name).next().unwrap();
    }

    desk.harness.get_by_role_and_label(egui::Role::SpinButton, "Tempo at the play head").click();
    desk.settle();
    desk.press(CTRL, Key::A);
    for digit in ["1", "3", "2"] {
        desk.text(digit);
    }
    desk.press(NONE, Key::Enter);
    assert_eq!(desk.studio().steps().undo_names().collect::<Vec<_>>(), ["change-tempo:♩=132"]);
    assert_eq!(desk.studio().project().tempo.tempo_at(0).bpm().round(), 132.0);
}

/// A studio with a song of four notes, all of them selected, and their panel.
fn four_notes(lyrics: [&str; 4]) -> (Desk, tempfile::TempDir) {
    use ziyin_score::{Note, NoteId, Notes, Project, Track, TrackId};

    let home = tempfile::tempdir().unwrap();
    let mut track = Track::new(TrackId(1), "lead");
    let note = |(i, lyric): (i64, &str)| {
        Note::new(NoteId(i as u64 + 1), 960 * i, 480 + 120 * i, 60 + i as u8, lyric)
    };
    track.notes = Notes::new((0..).zip(lyrics).map(note).collect());
    let path = home.path().join("four.ziyin");
    Project { tracks: vec![track], ..Project::default() }.save(&path).unwrap();
    let mut desk = Desk::open(start(home.path(), Some(path)));
    desk.press(CTRL, Key::A);
    desk.press(NONE, Key::N);
    (desk, home)
}

#[test]
fn a_number_that_notes_do_not_share_is_mixed_and_what_is_typed_holds_for_all() {
    let (mut desk, _home) = four_notes(["我", "爱", "你", "-"]);
    let before = desk.studio().project().clone();
    let notes = |desk: &Desk| desk.studio().project().tracks[0].notes.clone();
    assert!(desk.harness.query_all_by_value("mixed").count() >= 2, "pitch and length");
    // The first has that pitch already: the others are to have it too.
    desk.type_number("Pitch", "C4");
    assert!(notes(&desk).iter().all(|note| note.pitch == 60));
    desk.type_number("Length", "0.5 beats");
    assert!(notes(&desk).iter().all(|note| note.length == 480));
    desk.type_number("First begins", "2.1");
    assert_eq!(notes(&desk).iter().map(|note| note.onset).collect::<Vec<_>>(), [3840, 4800, 5760, 6720]);
    assert_eq!(desk.studio().steps().undo_names().count(), 3);
    desk.type_number("Attack", "3");
    assert!(notes(&desk).iter().all(|note| note.levels.attack_db == 3.0));
    for _ in 0..4 {
        desk.press(CTRL, Key::Z);
    }
    assert!(desk.studio().project() == &before);
    // Who looks and goes on has typed nothing.
    desk.harness.get_by_role_and_label(egui::Role::SpinButton, "Pitch").focus();
    for _ in 0..12 {
        desk.press(NONE, Key::Tab);
    }
    assert!(desk.studio().project() == &before);
}

#[test]
fn notes_are_sung_in_another_take_which_the_song_keeps() {
    let (mut desk, home) = four_notes(["我", "爱", "你", "-"]);
    let before = desk.studio().project().clone();
    let takes = |desk: &Desk| -> Vec<u32> {
        desk.studio().project().tracks[0].notes.iter().map(|note| note.take).collect()
    };
    desk.press(NONE, Key::Period);
    desk.press(NONE, Key::Period);
    desk.press(NONE, Key::Comma);
    assert_eq!(takes(&desk), [1; 4]);
    assert_eq!(desk.studio().steps().undo_names().collect::<Vec<_>>(), ["change-take:+1"]);
    desk.press(NONE, Key::Escape);
    desk.press(NONE, Key::Home);
    desk.press(NONE, Key::ArrowRight);
    desk.type_number("Take", "7");
    assert_eq!(takes(&desk), [6, 1, 1, 1]);
    desk.press(CTRL, Key::A);
    assert!(desk.harness.query_all_by_value("mixed").count() >= 3, "pitch, length and take");
    desk.press(NONE, Key::ArrowUp);
    desk.press(CTRL, Key::S);
    let path = home.path().join("four.ziyin");
    assert!(ziyin_score::Project::load(&path).unwrap() == *desk.studio().project());
    for _ in 0..3 {
        desk.press(CTRL, Key::Z);
    }
    assert!(desk.studio().project() == &before);
}

#[test]
fn what_is_typed_on_one_note_takes_no_lyric_away_in_lane_panel_and_paste() {
    let press_enter = |desk: &mut Desk| desk.press(NONE, Key::Enter);
    let first = |desk: &mut Desk| {
        desk.press(NONE, Key::Escape);
        desk.press(NONE, Key::ArrowRight);
    };
    let lane = |desk: &mut Desk| {
        first(desk);
        press_enter(desk);
        desk.text("你好");
        press_enter(desk);
        desk.press(NONE, Key::Escape);
    };
    let panel = |desk: &mut Desk| {
        first(desk);
        desk.harness.get_by_role_and_label(egui::Role::TextInput, "Lyric").focus();
        desk.settle();
        desk.press(CTRL, Key::A);
        desk.text("你好");
        press_enter(desk);
    };
    let paste = |desk: &mut Desk| {
        first(desk);
        desk.harness.event(egui::Event::Paste("你好".into()));
        desk.settle();
    };
    for (way, act) in [("lane", &lane as &dyn Fn(&mut Desk)), ("panel", &panel), ("paste", &paste)] {
        let (mut desk, _home) = four_notes(["我", "爱", "你", "-"]);
        act(&mut desk);
        assert_eq!(lyrics(&desk), "你好 爱 你 -", "{way}");
        desk.press(CTRL, Key::Z);
        assert_eq!(lyrics(&desk), "我 爱 你 -", "{way} is one step");
        let (mut desk, _home) = four_notes(["我", "la", "你", "-"]);
        act(&mut desk);
        assert_eq!(lyrics(&desk), "你 好 你 -", "{way}");
    }
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
    let mut desk = Desk::open(start(home.path(), ziyin_studio::demo_song()));
    desk.harness.run_steps(40);
    let viewports = &desk.harness.output().viewport_output;
    let soonest = viewports.values().map(|viewport| viewport.repaint_delay).min().unwrap();
    assert!(soonest > std::time::Duration::from_secs(3600), "{soonest:?}");
}

#[test]
fn every_control_has_a_name() {
    let home = tempfile::tempdir().unwrap();
    let mut desk = Desk::open(start(home.path(), ziyin_studio::demo_song()));
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

#[test]
fn a_drag_with_ctrl_takes_a_copy_along() {
    let home = tempfile::tempdir().unwrap();
    let mut desk = Desk::open(start(home.path(), ziyin_studio::demo_song()));
    let before = desk.studio().project().clone();
    let first = before.tracks[0].notes[0].clone();
    let at = desk.harness.get_by_label_contains("bar 2 beat 1").rect().center();
    let drag = |desk: &mut Desk, to: egui::Pos2| {
        let button = |pos, pressed| egui::Event::PointerButton {
            pos,
            button: egui::PointerButton::Primary,
            pressed,
            modifiers: CTRL,
        };
        desk.harness.hover_at(at);
        desk.harness.step();
        desk.harness.event(egui::Event::ModifiersChanged(CTRL));
        desk.harness.event(button(at, true));
        desk.harness.step();
        for to in [at + egui::vec2(30.0, 30.0), to] {
            desk.harness.hover_at(to);
            desk.harness.step();
        }
        desk.harness.event(button(to, false));
        desk.harness.event(egui::Event::ModifiersChanged(NONE));
        desk.settle();
    };
    drag(&mut desk, at - egui::vec2(0.0, 90.0));
    let notes = desk.studio().project().tracks[0].notes.clone();
    assert_eq!(notes.len(), before.tracks[0].notes.len() + 1);
    let copy = notes.iter().find(|note| note.onset == first.onset && note.id != first.id).unwrap();
    assert_eq!((copy.pitch, &copy.lyric, copy.length), (first.pitch + 5, &first.lyric, first.length));
    assert_eq!(notes.get(first.id), Some(&first));
    desk.press(CTRL, Key::Z);
    assert_eq!(desk.studio().project(), &before);
    // One that is brought back to where it was taken from is none.
    drag(&mut desk, at);
    assert_eq!(desk.studio().project(), &before);
    assert_eq!(desk.studio().steps().undo_names().count(), 0);
}

#[test]
fn a_lasso_selects_what_it_is_drawn_around() {
    let home = tempfile::tempdir().unwrap();
    let mut desk = Desk::open(start(home.path(), None));
    desk.press(NONE, Key::Num2);
    let roll = desk.harness.get_by_label("Piano roll").rect();
    let at = |x: f32, y: f32| pos2(roll.left() + x, roll.top() + y);
    draw(&mut desk, at(20.0, 100.0), at(110.0, 100.0));
    draw(&mut desk, at(220.0, 100.0), at(310.0, 100.0));
    draw(&mut desk, at(220.0, 300.0), at(310.0, 300.0));
    // Around the first and the last, and past the one between them.
    desk.click("Lasso");
    let way = [(5.0, 80.0), (150.0, 80.0), (150.0, 270.0), (350.0, 270.0), (350.0, 340.0), (5.0, 340.0)];
    desk.harness.drag_at(at(way[0].0, way[0].1));
    desk.harness.step();
    for pair in way.windows(2) {
        for i in 1..=10 {
            let part = i as f32 / 10.0;
            let (x, y) =
                (pair[0].0 + (pair[1].0 - pair[0].0) * part, pair[0].1 + (pair[1].1 - pair[0].1) * part);
            desk.harness.hover_at(at(x, y));
            desk.harness.step();
        }
    }
    desk.harness.drop_at(at(5.0, 340.0));
    desk.settle();
    assert!(desk.shows("Notes selected: 2"));
    desk.press(NONE, Key::Delete);
    let left = &desk.studio().project().tracks[0].notes;
    assert_eq!(left.len(), 1);
    let expected = desk.harness.get_by_label("Piano roll").rect().top() + 100.0;
    let note = desk.harness.get_by_label_contains("bar 1 beat").rect();
    assert!(note.y_range().contains(expected), "{note:?}");
}

#[test]
fn bars_beside_the_roll_scroll_it_by_pointer_and_by_keyboard() {
    let home = tempfile::tempdir().unwrap();
    let mut desk = Desk::open(start(home.path(), ziyin_studio::demo_song()));
    let first =
        |desk: &Desk| desk.harness.query_by_label_contains("bar 2 beat 1").map(|note| note.rect().left());
    let before = first(&desk).unwrap();
    let bar = desk.harness.get_by_label("Scroll through the song").rect();
    draw(&mut desk, bar.left_center() + egui::vec2(20.0, 0.0), bar.left_center() + egui::vec2(60.0, 0.0));
    assert!(first(&desk).is_none_or(|now| now < before - 50.0));
    desk.press(NONE, Key::Home);
    assert_eq!(first(&desk), Some(before));
    desk.harness.get_by_label("Scroll through the song").focus();
    desk.settle();
    desk.press(NONE, Key::ArrowRight);
    assert!(first(&desk).is_none_or(|now| now < before));

    let lowest = desk.harness.get_by_label("Piano roll").rect();
    let keys = desk.harness.get_by_label("Scroll through the keys").rect();
    assert!((keys.height() - lowest.height()).abs() < 1.0, "the bar stands beside the roll");
    draw(&mut desk, keys.center_top() + egui::vec2(0.0, 2.0), keys.center_top() + egui::vec2(0.0, 3.0));
    assert!(first(&desk).is_none(), "the notes are far below");
}

#[test]
fn tempo_and_time_signature_change_from_any_bar() {
    use ziyin_score::TimeSignature;

    let home = tempfile::tempdir().unwrap();
    let mut desk = Desk::open(start(home.path(), ziyin_studio::demo_song()));
    let before = desk.studio().project().clone();
    // A right click in the second bar, where the song begins.
    let ruler = desk.harness.get_by_label("Ruler").rect();
    let bar = desk.harness.get_by_label_contains("bar 2 beat 1").rect();
    let at = pos2(bar.left() + 10.0, ruler.top() + 6.0);
    desk.harness.hover_at(at);
    desk.harness.step();
    for pressed in [true, false] {
        desk.harness.event(egui::Event::PointerButton {
            pos: at,
            button: egui::PointerButton::Secondary,
            pressed,
            modifiers: NONE,
        });
        desk.harness.step();
    }
    desk.settle();
    desk.click("Time signature from bar 2 on…");
    desk.harness.get_by_label("Beats in a bar").focus();
    desk.settle();
    desk.press(CTRL, Key::A);
    desk.text("3");
    desk.press(NONE, Key::Enter);
    desk.press(NONE, Key::Enter);
    if desk.harness.query_by_label("Insert").is_some() {
        desk.click("Insert");
    }
    let meter = &desk.studio().project().meter;
    assert_eq!(meter.changes().len(), 2);
    assert_eq!(meter.at(3840), TimeSignature { beats: 3, unit: 4 });
    assert_eq!(meter.bar_start(3), 3840 + 2880);

    // Its tag is edited, moved and removed.
    desk.click("Time signature 3/4 from bar 2 on");
    desk.click("Remove");
    assert_eq!(desk.studio().project(), &before);
    desk.press(CTRL, Key::Z);
    let tag = desk.harness.get_by_label("Time signature 3/4 from bar 2 on").rect().center();
    let later = desk.harness.query_all_by_label_contains("bar 3 beat 1").next().unwrap().rect();
    let bar_on = later.left() - bar.left();
    draw(&mut desk, tag, tag + egui::vec2(bar_on, 0.0));
    let ticks: Vec<_> = desk.studio().project().meter.changes().iter().map(|change| change.tick).collect();
    assert!(ticks.len() == 2 && ticks[1] > 3840, "{ticks:?}");
    desk.press(CTRL, Key::Z);
    assert_eq!(desk.studio().project().meter.at(3840).beats, 3);

    // By keyboard alone: a tempo from the bar of the play head on.
    desk.press(CTRL | Modifiers::SHIFT, Key::B);
    assert!(desk.shows("Quarters a minute"));
    desk.click("Change");
    assert_eq!(desk.studio().project().tempo, before.tempo);
}

#[test]
fn the_key_is_told_from_the_notes_and_can_be_set() {
    use ziyin_score::{HarmonyKind, Key as SongKey, Scale};

    let home = tempfile::tempdir().unwrap();
    let mut desk = Desk::open(start(home.path(), ziyin_studio::demo_song()));
    let d_major = SongKey { tonic: 2, scale: Scale::Major };
    assert_eq!(desk.studio().project().sounding_key(), Some(d_major));
    let key =
        |desk: &Desk| desk.harness.get_by_role_and_label(egui::Role::ComboBox, "Key of the song").value();
    assert_eq!(key(&desk).as_deref(), Some("D major"));
    desk.click("Add harmony");
    desk.click("Third above");
    desk.harness.get_by_role_and_label(egui::Role::ComboBox, "Key of the song").click();
    desk.settle();
    desk.click("B minor");
    assert_eq!(key(&desk).as_deref(), Some("B minor"));
    let project = desk.studio().project();
    assert_eq!(project.key, Some(SongKey { tonic: 11, scale: Scale::Minor }));
    let sung = HarmonyKind::Interval { degrees: 2, tonic: 11, scale: Scale::Minor };
    assert_eq!(project.tracks[0].harmonies[2].kind, sung);
    let mut file = Vec::new();
    project.write_json(&mut file).unwrap();
    assert_eq!(&ziyin_score::Project::from_json(&file).unwrap(), project);
    desk.press(CTRL, Key::Z);
    assert_eq!(desk.studio().project().key, None);
}

#[test]
fn lyrics_are_read_in_the_language_of_their_track() {
    use ziyin_lyrics::Language;

    let home = tempfile::tempdir().unwrap();
    let mut desk = Desk::open(start(home.path(), ziyin_studio::demo_song()));
    let open = |desk: &mut Desk| {
        desk.harness.get_by_role_and_label(egui::Role::ComboBox, "Language").click();
        desk.settle();
    };
    open(&mut desk);
    desk.click("Japanese");
    assert_eq!(desk.studio().project().tracks[0].language, Some(Language::Japanese));
    assert!(desk.shows("好"));
    open(&mut desk);
    desk.click("Auto (Mandarin)");
    assert_eq!(desk.studio().project().tracks[0].language, None);
    desk.press(CTRL, Key::Z);
    desk.press(CTRL, Key::Z);
    assert_eq!(desk.studio().project().tracks[0].language, Some(Language::Mandarin));
}

#[test]
fn the_note_panel_changes_what_is_selected() {
    let home = tempfile::tempdir().unwrap();
    let mut desk = Desk::open(start(home.path(), ziyin_studio::demo_song()));
    let before = desk.studio().project().clone();
    desk.press(NONE, Key::N);
    assert!(desk.shows("Select notes to see"));
    desk.press(NONE, Key::ArrowRight);
    // What the reading is without one says the field itself, and its name stays.
    let reading = desk.harness.get_by_role_and_label(egui::Role::TextInput, "Reading");
    assert_eq!(reading.accesskit_node().placeholder(), Some("As usual"));
    desk.type_number("Pitch", "Bb3");
    desk.type_number("Begins", "2.2.240");
    // In beats.
    desk.type_number("Length", "0.75");
    let first = before.tracks[0].notes[0].id;
    let note = desk.studio().project().tracks[0].notes.get(first).unwrap();
    assert_eq!((note.pitch, note.onset, note.length), (58, 3840 + 960 + 240, 720));
    desk.harness.get_by_role_and_label(egui::Role::ComboBox, "Manner").click();
    desk.settle();
    desk.click("Whisper");
    desk.type_number("Attack", "-6");
    let note = desk.studio().project().tracks[0].notes.get(first).unwrap();
    assert_eq!(note.manner, Some(ziyin_score::Manner::Whisper));
    assert_eq!(note.levels.parts(), [-6.0, 0.0, 0.0]);
    for (name, text) in [("Breathiness", "0.25"), ("Tension", "-0.5"), ("Formant", "1.5 st")] {
        let name = format!("{name} of the notes");
        desk.harness.get_by_role_and_label(egui::Role::SpinButton, &name).focus();
        desk.settle();
        desk.press(CTRL, Key::A);
        desk.text(text);
        desk.press(NONE, Key::Enter);
    }
    let note = desk.studio().project().tracks[0].notes.get(first).unwrap();
    assert_eq!(note.timbre.parts(), [0.25, -0.5, 1.5]);
    for _ in 0..8 {
        desk.press(NONE, Key::Escape);
        desk.press(CTRL, Key::Z);
    }
    assert_eq!(desk.studio().project(), &before);
}

#[test]
fn notes_are_transposed_in_the_key_and_its_keys_shown() {
    let (mut desk, _home) = four_notes(["我", "爱", "你", "-"]);
    let before = desk.studio().project().clone();
    desk.harness.get_by_role_and_label(egui::Role::ComboBox, "Key of the song").click();
    desk.settle();
    desk.click("G major");
    desk.press(CTRL, Key::A);
    let pitches = |desk: &Desk| -> Vec<u8> {
        desk.studio().project().tracks[0].notes.iter().map(|note| note.pitch).collect()
    };
    assert_eq!(pitches(&desk), [60, 61, 62, 63]);
    // C, C♯ beside the key, D, D♯: two degrees up in G they are E, F, F♯ and G.
    desk.press(CTRL, Key::ArrowUp);
    desk.press(CTRL, Key::ArrowUp);
    assert_eq!(pitches(&desk), [64, 65, 66, 67]);
    assert_eq!(desk.studio().steps().undo_names().last(), Some("transpose-in-key:+2"));
    desk.press(CTRL, Key::ArrowDown);
    assert_eq!(pitches(&desk), [62, 63, 64, 65]);
    assert_eq!(desk.studio().steps().undo_names().count(), 2, "pressed again it is the same step");
    // The scale is on until somebody wants the keys of the piano.
    for on in [true, false] {
        desk.click("View");
        let row = desk.harness.get_by_label("Keys of the scale");
        assert_eq!(row.accesskit_node().toggled() == Some(egui::accesskit::Toggled::True), on);
        row.click();
        desk.settle();
    }
    for _ in 0..2 {
        desk.press(CTRL, Key::Z);
    }
    assert_eq!(desk.studio().project(), &before);
}

#[test]
fn a_middle_drag_pans_and_escape_selects_nothing() {
    let home = tempfile::tempdir().unwrap();
    let mut desk = Desk::open(start(home.path(), ziyin_studio::demo_song()));
    desk.press(CTRL, Key::A);
    assert!(desk.shows("Notes selected"));
    desk.press(NONE, Key::Escape);
    assert!(!desk.shows("Notes selected"));
    let roll = desk.harness.get_by_label("Piano roll").rect();
    let before = desk.harness.get_by_label_contains("bar 2 beat 1").rect();
    let button = |pos, pressed| egui::Event::PointerButton {
        pos,
        button: egui::PointerButton::Middle,
        pressed,
        modifiers: NONE,
    };
    let (from, to) = (roll.center(), roll.center() + egui::vec2(-60.0, 30.0));
    desk.harness.hover_at(from);
    desk.harness.step();
    desk.harness.event(button(from, true));
    desk.harness.step();
    desk.harness.hover_at(to);
    desk.harness.step();
    desk.harness.event(button(to, false));
    desk.settle();
    let after = desk.harness.get_by_label_contains("bar 2 beat 1").rect();
    assert!((after.left() - before.left() + 60.0).abs() < 1.0, "{before:?} {after:?}");
    assert!((after.top() - before.top() - 30.0).abs() < 1.0, "{before:?} {after:?}");
    assert!(!desk.shows("Notes selected"));
}

#[test]
fn notes_are_written_step_by_step_from_the_keyboard() {
    let home = tempfile::tempdir().unwrap();
    let mut desk = Desk::open(start(home.path(), None));
    let before = desk.studio().project().clone();
    desk.press(NONE, Key::Insert);
    desk.press(NONE, Key::ArrowUp);
    desk.press(Modifiers::ALT, Key::Insert);
    desk.press(NONE, Key::Insert);
    let notes = desk.studio().project().tracks[0].notes.clone();
    let places: Vec<_> = notes.iter().map(|note| (note.onset, note.length)).collect();
    assert_eq!(places, [(0, 240), (480, 240)], "with a rest between them");
    assert_eq!(notes[0].pitch, notes[1].pitch, "as high as the one before");
    desk.press(NONE, Key::Enter);
    desk.text("ni");
    desk.press(NONE, Key::Enter);
    assert_eq!(desk.studio().project().tracks[0].notes[1].lyric, "ni");
    while desk.studio().steps().undo_names().count() > 0 {
        desk.press(CTRL, Key::Z);
    }
    assert_eq!(desk.studio().project(), &before);
}

#[test]
fn the_tempo_is_tapped() {
    let home = tempfile::tempdir().unwrap();
    let mut desk = Desk::open(start(home.path(), None));
    for _ in 0..4 {
        // A frame for the press, one for the release, and one more.
        desk.harness.key_press(Key::T);
        desk.harness.step();
        desk.harness.step();
    }
    let beat = 3.0 * f64::from(desk.harness.ctx.input(|input| input.predicted_dt));
    assert!(desk.shows("Tapped: ♩="));
    desk.settle();
    let bpm = desk.studio().project().tempo.tempo_at(0).bpm();
    assert!((bpm - 60.0 / beat).abs() < 0.1, "{bpm} for a beat of {beat} s");
    assert_eq!(desk.studio().steps().undo_names().count(), 1);
}

/// The way into a note is shaped by handles under it, and by numbers in the panel.
#[test]
fn a_transition_and_the_fades_of_a_vibrato_are_shaped_by_handles_and_by_numbers() {
    let home = tempfile::tempdir().unwrap();
    let mut desk = Desk::open(start(home.path(), ziyin_studio::demo_song()));
    let before = desk.studio().project().clone();
    let [_, from, to, ..] = &before.tracks[0].notes[..] else { panic!() };
    assert!(from.pitch != to.pitch && from.end() == to.onset);
    desk.press(NONE, Key::ArrowRight);
    desk.press(CTRL | Modifiers::SHIFT, Key::A);
    desk.press(NONE, Key::Z);
    desk.press(NONE, Key::Escape);
    desk.press(NONE, Key::ArrowRight);
    let handle = |desk: &Desk, name: &str| {
        let mut all = desk.harness.query_all_by_role_and_label(egui::Role::Slider, name);
        all.next().map(|found| found.rect().center())
    };
    // Nothing leads into the first note.
    assert_eq!(handle(&desk, "Start of the transition"), None);
    desk.press(NONE, Key::ArrowRight);
    desk.press(NONE, Key::ArrowRight);
    let drag = |desk: &mut Desk, name: &str, by: egui::Vec2| {
        let at = handle(desk, name).unwrap_or_else(|| panic!("no {name}"));
        draw(desk, at, at + by);
    };
    let own = |desk: &Desk| desk.studio().project().tracks[0].notes[2].transition;
    drag(&mut desk, "Start of the transition", vec2(-20.0, 0.0));
    let begun = own(&desk).unwrap();
    assert!(begun.begin_ms < -90.0 && begun.end_ms == 30.0, "{begun:?}");
    drag(&mut desk, "End of the transition", vec2(20.0, 0.0));
    drag(&mut desk, "Shape of the transition", vec2(8.0, 0.0));
    let far = if to.pitch > from.pitch { -6.0 } else { 6.0 };
    drag(&mut desk, "Overshoot of the transition", vec2(0.0, far));
    let shaped = own(&desk).unwrap();
    assert!(shaped.end_ms > 50.0 && shaped.shape > 0.05 && shaped.overshoot > 1.5, "{shaped:?}");
    let fades = |desk: &Desk| desk.studio().project().tracks[0].notes[2].vibrato;
    drag(&mut desk, "Fade-in of the vibrato", vec2(15.0, 0.0));
    assert!(fades(&desk).unwrap().fade_in_ms > 120.0 && fades(&desk).unwrap().fade_out_ms == 100.0);
    assert_eq!(
        desk.studio().steps().undo_names().collect::<Vec<_>>(),
        [&["change-transition"; 4][..], &["change-vibrato"]].concat()
    );

    desk.press(NONE, Key::N);
    let number = |desk: &mut Desk, name: &str, text: &str| {
        desk.harness.get_by_role_and_label(egui::Role::SpinButton, name).focus();
        desk.settle();
        desk.press(CTRL, Key::A);
        desk.text(text);
        desk.press(NONE, Key::Enter);
    };
    number(&mut desk, "Length of the transition", "250 ms");
    number(&mut desk, "Fade-out of the vibrato", "0");
    let typed = own(&desk).unwrap();
    assert!((typed.length_ms() - 250.0).abs() < 0.01 && typed.begin_ms == shaped.begin_ms, "{typed:?}");
    assert_eq!(fades(&desk).unwrap().fade_out_ms, 0.0);
    desk.harness.get_by_role_and_label(egui::Role::ComboBox, "Transition from the note before").click();
    desk.settle();
    desk.click("The singer's own transition");
    assert_eq!(own(&desk), None);
    while desk.studio().steps().undo_name().is_some() {
        desk.press(CTRL, Key::Z);
    }
    assert!(desk.studio().project() == &before);
    // Numbers of what is sung as the singer does are the usual ones.
    assert_eq!(handle(&desk, "Length of the transition"), None);
}
