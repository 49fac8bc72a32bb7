//! Japanese as people write it.

use egui::Key;
use egui_kittest::kittest::Queryable;
use ziyin_score::{Note, NoteId, Notes, Project, Track, TrackId};

use super::{CTRL, Desk, NONE, start};

fn desk(lyrics: &[&str]) -> (Desk, tempfile::TempDir) {
    let notes = (0..).zip(lyrics).map(|(i, lyric)| Note::new(NoteId(i as u64 + 1), 960 * i, 960, 62, *lyric));
    let track = Track { notes: Notes::new(notes.collect()), ..Track::new(TrackId(1), "lead") };
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("song.ziyin");
    Project { tracks: vec![track], ..Project::default() }.save(&path).unwrap();
    (Desk::open(start(home.path(), Some(path))), home)
}

fn lyrics(desk: &Desk) -> String {
    let notes = &desk.studio().project().tracks[0].notes;
    notes.iter().map(|note| note.lyric.as_str()).collect::<Vec<_>>().join(" ")
}

#[test]
fn kanji_are_laid_on_notes_by_their_words_and_have_furigana_and_other_readings() {
    let (mut desk, _home) = desk(&["la"; 8]);
    desk.press(NONE, Key::ArrowRight);
    desk.press(NONE, Key::Enter);
    desk.text("今日は時計が");
    desk.press(NONE, Key::Enter);
    desk.press(NONE, Key::Escape);
    assert_eq!(lyrics(&desk), "今日 + は 時 計 + が la");
    assert!(desk.shows("Lyric 時, read と") && desk.shows("Lyric 計, read け"));
    desk.harness.get_by_label("Lyric 今日, read きょ").click_secondary();
    desk.settle();
    desk.click("こんにち");
    let said = |desk: &Desk| desk.studio().project().tracks[0].notes[0].pronunciation.clone();
    assert_eq!(said(&desk).as_deref(), Some("こんにち"));
    assert!(desk.shows("Lyric 今日, read こ"));
    desk.press(CTRL, Key::Z);
    assert_eq!(said(&desk), None);
    desk.press(CTRL, Key::Z);
    assert_eq!(lyrics(&desk), "la la la la la la la la");
}
