//! Takes of a phrase, heard one beside the other, and one of them chosen.

use egui::{Key, Modifiers};
use egui_kittest::kittest::{NodeT, Queryable};
use ziyin_score::{Note, NoteId, Notes, Project, Track, TrackId};

use super::super::null_sink::hum;
use super::{CTRL, Desk, NONE, start};

#[test]
fn takes_are_heard_side_by_side_and_one_is_chosen() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("song.ziyin");
    let mut track = Track::new(TrackId(1), "lead");
    let note = |id: u64, onset: i64, lyric: &str| Note::new(NoteId(id), onset, 960, 60, lyric);
    track.notes =
        Notes::new(vec![note(1, 960, "好"), note(2, 1920, "花"), note(3, 7680, "又"), note(4, 8640, "香")]);
    let song = Project { tracks: vec![track], ..Project::default() };
    song.save(&path).unwrap();
    let mut desk = Desk::open(ziyin_studio::Start { voice: Some(hum()), ..start(home.path(), Some(path)) });
    desk.wait("there is a voice", |desk| {
        matches!(desk.studio().voice_status(), ziyin_session::engine::VoiceStatus::Ready { .. })
    });
    // Without a selected note there is nothing to compare.
    desk.press(CTRL, Key::Period);
    assert!(!desk.shows("Hear take 1"));
    desk.press(NONE, Key::ArrowRight);
    desk.press(CTRL | Modifiers::SHIFT, Key::A);
    desk.press(CTRL, Key::Period);
    let is_chosen = |desk: &Desk, name: &str| {
        let node = desk.harness.get_by_label(name);
        node.accesskit_node().toggled() == Some(egui::accesskit::Toggled::True)
    };
    assert!(desk.shows("Hear take 4") && !desk.shows("Hear take 5") && is_chosen(&desk, "Take 1"));
    desk.wait("all are sung", |desk| !desk.shows("being sung"));
    desk.click("Hear take 2");
    assert!(desk.shows("Stop take 2") && is_chosen(&desk, "Take 1"), "to hear is not to choose");
    // From the keyboard: another begins, the one before ends.
    desk.press(NONE, Key::Num3);
    assert!(desk.shows("Stop take 3") && desk.shows("Hear take 2"));
    assert_eq!(desk.studio().project(), &song);
    desk.press(NONE, Key::Enter);
    let takes = |desk: &Desk| -> Vec<u32> {
        desk.studio().project().tracks[0].notes.iter().map(|note| note.take).collect()
    };
    assert_eq!(takes(&desk), [2, 2, 0, 0], "those of the phrase, and no others");
    assert!(is_chosen(&desk, "Take 3") && !is_chosen(&desk, "Take 1"));
    desk.click("One more take");
    desk.wait("the fifth is sung", |desk| desk.shows("Stop take 5"));
    desk.click("Take 5");
    assert_eq!(takes(&desk), [4, 4, 0, 0]);
    desk.press(NONE, Key::Escape);
    assert!(!desk.shows("Hear take 1"));
    // One that was chosen is among those that are shown.
    desk.press(CTRL, Key::Period);
    assert!(is_chosen(&desk, "Take 5"));
    desk.press(NONE, Key::Escape);
    let steps: Vec<&str> = desk.studio().steps().undo_names().collect();
    assert_eq!(steps, ["change-take", "change-take"]);
    desk.press(CTRL, Key::Z);
    desk.press(CTRL, Key::Z);
    assert_eq!(desk.studio().project(), &song);
}
