//! Words are found and replaced, and notes selected by what they are.

use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable;
use ziyin_score::{Note, NoteId, Notes, Project, Track, TrackId};

use super::{CTRL, Desk, NONE, start};

/// A studio with a lead of four notes that go up, each a quarter longer than the one before, and a second
/// track.
fn desk() -> (Desk, tempfile::TempDir) {
    let track = |id, name: &str, lyrics: &[&str]| {
        let mut onset = 0;
        let notes = (1..).zip(lyrics).map(|(i, lyric)| {
            let note = Note::new(NoteId(i as u64), onset, 960 * i, 59 + i as u8, *lyric);
            onset += 960 * i;
            note
        });
        Track { notes: Notes::new(notes.collect()), ..Track::new(TrackId(id), name) }
    };
    let tracks = vec![track(1, "lead", &["我", "xyzzy", "我们", "-"]), track(2, "second", &["你", "我"])];
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("song.ziyin");
    Project { tracks, ..Project::default() }.save(&path).unwrap();
    (Desk::open(start(home.path(), Some(path))), home)
}

fn lyrics(desk: &Desk, track: usize) -> String {
    let notes = &desk.studio().project().tracks[track].notes;
    notes.iter().map(|note| note.lyric.as_str()).collect::<Vec<_>>().join(" ")
}

fn type_into(desk: &mut Desk, role: egui::Role, name: &str, text: &str) {
    desk.harness.get_by_role_and_label(role, name).click();
    desk.settle();
    desk.press(CTRL, Key::A);
    desk.text(text);
}

#[test]
fn words_are_replaced_in_a_track_or_in_all_and_given_back() {
    let (mut desk, _home) = desk();
    let before = desk.studio().project().clone();
    desk.press(CTRL, Key::F);
    assert!(desk.shows("Notes found: 0"));
    // The keyboard is there at once; Enter selects, and takes nothing away.
    desk.text("我");
    assert!(desk.shows("Notes found: 2"));
    desk.press(NONE, Key::Enter);
    assert!(desk.shows("Notes selected: 2"));
    assert_eq!(desk.studio().project(), &before);

    desk.press(CTRL, Key::F);
    desk.text("我");
    desk.click("In all tracks");
    assert!(desk.shows("Notes found: 3"));
    type_into(&mut desk, egui::Role::TextInput, "Replace with", "他");
    desk.press(NONE, Key::Enter);
    assert_eq!((lyrics(&desk, 0), lyrics(&desk, 1)), ("他 xyzzy 他们 -".into(), "你 他".into()));
    assert!(desk.shows("Notes with another lyric: 3"));
    desk.press(CTRL, Key::Z);
    assert_eq!(desk.studio().project(), &before);

    desk.press(CTRL, Key::F);
    desk.text("我");
    desk.click("Whole lyric");
    assert!(desk.shows("Notes found: 1"));
    type_into(&mut desk, egui::Role::TextInput, "Replace with", "她");
    desk.click("Replace all");
    assert_eq!((lyrics(&desk, 0), lyrics(&desk, 1)), ("她 xyzzy 我们 -".into(), "你 我".into()));
    desk.press(CTRL, Key::H);
    assert!(desk.shows("Replace lyrics 1"));

    // What stands in another track alone leads there.
    desk.press(CTRL, Key::F);
    desk.text("你");
    assert!(desk.shows("Notes found: 0"));
    desk.click("In all tracks");
    desk.click("Select them");
    desk.press(NONE, Key::Delete);
    assert_eq!(lyrics(&desk, 1), "我");
}

#[test]
fn notes_are_selected_by_lyric_pitch_length_and_reading() {
    let (mut desk, _home) = desk();
    /// Erases what was selected, tells what is left, and brings it back.
    fn left(desk: &mut Desk) -> String {
        desk.press(NONE, Key::Delete);
        let left = lyrics(desk, 0);
        desk.press(CTRL, Key::Z);
        left
    }
    let open = |desk: &mut Desk| desk.press(CTRL | Modifiers::SHIFT, Key::F);
    open(&mut desk);
    assert!(desk.shows("Notes found: 4"));
    desk.text("我");
    desk.press(NONE, Key::Enter);
    assert_eq!(left(&mut desk), "xyzzy -");
    open(&mut desk);
    type_into(&mut desk, egui::Role::SpinButton, "Lowest pitch", "D4");
    desk.press(NONE, Key::Enter);
    assert_eq!(left(&mut desk), "我 xyzzy");
    open(&mut desk);
    type_into(&mut desk, egui::Role::SpinButton, "Longest length", "1.5");
    desk.press(NONE, Key::Enter);
    assert_eq!(left(&mut desk), "xyzzy 我们 -");
    open(&mut desk);
    desk.click("Only those that cannot be read");
    assert!(desk.shows("Notes found: 1"));
    desk.click("Select them");
    assert_eq!(left(&mut desk), "我 我们 -");
    // Escape selects nothing else.
    open(&mut desk);
    desk.press(NONE, Key::Escape);
    assert!(!desk.shows("Notes found"));
}
