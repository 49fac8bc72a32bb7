//! Japanese as people write it, and notes in a language of their own.

use egui::{Key, Role};
use egui_kittest::kittest::Queryable;
use ziyin_lyrics::Language;
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

#[test]
fn notes_have_a_language_of_their_own() {
    let (mut desk, home) = desk(&["花", "花", "好"]);
    let languages = |desk: &Desk| -> Vec<Option<Language>> {
        desk.studio().project().tracks[0].notes.iter().map(|note| note.language).collect()
    };
    const NAME: &str = "Language of the lyrics";
    let choose = |desk: &mut Desk, language: &str| {
        desk.harness.get_by_role_and_label(Role::ComboBox, NAME).click();
        desk.settle();
        desk.click(language);
    };
    let shown = |desk: &Desk| desk.harness.get_by_role_and_label(Role::ComboBox, NAME).value();
    desk.press(NONE, Key::N);
    desk.press(NONE, Key::ArrowRight);
    assert_eq!(shown(&desk).as_deref(), Some("Automatic"));
    choose(&mut desk, "Japanese");
    assert_eq!(languages(&desk), [Some(Language::Japanese), None, None]);
    assert!(desk.shows("Lyric 花, read はな") && desk.shows("Lyric 花") && desk.shows("Lyric 好"));
    desk.press(CTRL, Key::A);
    assert_eq!(shown(&desk).as_deref(), Some("mixed"));
    choose(&mut desk, "Mandarin");
    assert_eq!(languages(&desk), [Some(Language::Mandarin); 3]);
    assert!(!desk.shows("read はな"));
    desk.press(CTRL, Key::Z);
    assert_eq!(languages(&desk), [Some(Language::Japanese), None, None]);
    desk.press(NONE, Key::N);
    desk.press(CTRL | egui::Modifiers::SHIFT, Key::F);
    choose(&mut desk, "Japanese");
    assert!(desk.shows("Notes found: 1"));
    desk.press(NONE, Key::Escape);
    desk.press(CTRL, Key::A);
    // It goes along with a copy, and is kept in the song.
    desk.press(CTRL, Key::D);
    assert_eq!(languages(&desk)[3], Some(Language::Japanese));
    let path = home.path().join("kept.ziyin");
    desk.studio().project().save(&path).unwrap();
    assert!(std::fs::read_to_string(&path).unwrap().contains("\"ziyin\": 16"));
    assert_eq!(&Project::load(&path).unwrap(), desk.studio().project());
}
