//! The dialog of all singers, and where they are at home in the roll.

use std::fs;
use std::path::{Path, PathBuf};

use egui::{Key, Modifiers, Role};
use egui_kittest::kittest::{NodeT, Queryable};
use ziyin_model::character::SINGER;
use ziyin_model::installed::read_singer;
use ziyin_model::{ClonedSinger, Consent, SingerCard, VoiceModel, generator_print};
use ziyin_score::{Note, NoteId, Notes, Project, Track, TrackId};

use super::files::drop_on;
use super::{CTRL, Desk, NONE, start};
use crate::null_sink::hum;

fn nina(folder: &Path) -> PathBuf {
    let voice = Path::new(env!("CARGO_MANIFEST_DIR")).join("models/ziyin");
    let consent = Consent { text: "I am Nina and agree.".into(), date: "2026-11-24".into() };
    let card = SingerCard { name: "Nina".into(), credits: "Nina herself".into(), consent };
    let mut singer = ClonedSinger::new(card, vec![0.3; SINGER]);
    singer.voice = VoiceModel::read_config(&voice).unwrap().name;
    singer.generator = generator_print(&voice).unwrap();
    (singer.like, singer.seconds, singer.range) = ("Yuki".into(), 21.0, [57, 72]);
    singer.languages = vec!["mandarin".into()];
    let path = folder.join("a gift.singer");
    singer.save(&path).unwrap();
    path
}

fn open(home: &Path) -> Desk {
    let mut track = Track::new(TrackId(1), "lead");
    track.singer = Some("Nina".into());
    track.notes = Notes::new(vec![Note::new(NoteId(1), 960, 960, 60, "好")]);
    let song = home.join("song.ziyin");
    Project { tracks: vec![track], ..Project::default() }.save(&song).unwrap();
    let mut desk = Desk::open(ziyin_studio::Start { voice: Some(hum()), ..start(home, Some(song)) });
    desk.wait("they are missing", |desk| desk.shows("Singers are missing"));
    desk.press(NONE, Key::Escape);
    desk.press(CTRL | Modifiers::SHIFT, Key::P);
    desk.text("Singers…");
    desk.press(NONE, Key::Enter);
    desk
}

/// Chooses somebody in the list.
fn choose(desk: &mut Desk, name: &str) {
    desk.harness.get_by_role_and_label(Role::Button, name).click_accesskit();
    desk.settle();
}

/// Chooses somebody for a mixture. The list of singers beside it has the same names.
fn pick(desk: &mut Desk, row: &str, name: &str) {
    let field = desk.harness.get_by_role_and_label(Role::ComboBox, row);
    let across = field.rect().x_range();
    field.click();
    desk.settle();
    let is_offered = |one: &egui_kittest::Node| across.contains(one.rect().center().x);
    let offered = desk.harness.query_all_by_role_and_label(Role::Button, name).find(is_offered);
    offered.unwrap_or_else(|| panic!("no {name}")).click_accesskit();
    desk.settle();
}

fn is_enabled(desk: &Desk, button: &str) -> bool {
    !desk.harness.get_by_role_and_label(Role::Button, button).accesskit_node().is_disabled()
}

#[test]
fn singers_are_installed_renamed_deleted_and_brought_back() {
    let home = tempfile::tempdir().unwrap();
    let mut desk = open(home.path());
    choose(&mut desk, "Haruka");
    for known in ["Mandarin, Japanese", "E3–F4", "Kokoro-82M"] {
        assert!(desk.shows(known), "{known}");
    }
    assert!(!desk.shows("Delete"), "who came with Ziyin stays");
    assert!(!is_enabled(&desk, "Hear a line"), "the voice of this test has nobody but a hum");

    drop_on(&mut desk, &nina(home.path()));
    desk.wait("Nina is there", |desk| desk.shows("21 s of voice, most like Yuki"));
    assert!(desk.shows("A3–C5") && desk.shows("Nina herself") && desk.shows("In this song"));
    let (nina, mina) = (home.path().join("singers/Nina.singer"), home.path().join("singers/Mina.singer"));
    assert!(nina.is_file() && desk.shows(&nina.display().to_string()));

    desk.click("Rename");
    desk.press(CTRL, Key::A);
    desk.text("haruka");
    desk.click("Take this name");
    desk.wait("it is refused", |desk| desk.shows("Nothing was changed"));
    desk.harness.get_by_role_and_label(Role::TextInput, "New name").focus();
    desk.settle();
    desk.press(CTRL, Key::A);
    desk.text("Mina");
    desk.press(NONE, Key::Enter);
    desk.wait("she has another name", |desk| desk.shows("Nina is Mina now"));
    assert!(mina.is_file() && !nina.exists());
    // The song goes along, in a step that can be undone.
    assert_eq!(desk.studio().project().tracks[0].singer.as_deref(), Some("Mina"));
    assert_eq!(desk.studio().steps().undo_names().collect::<Vec<_>>(), ["choose-singer"]);

    let before = fs::read(&mina).unwrap();
    desk.wait("she is in the list", |desk| desk.shows("Delete"));
    desk.click("Delete");
    desk.wait("she is gone", |desk| desk.shows("Mina (deleted)"));
    assert!(!mina.exists());
    choose(&mut desk, "Mina (deleted)");
    desk.click("Bring back");
    desk.wait("she is back", |desk| desk.shows("21 s of voice"));
    assert_eq!(fs::read(&mina).unwrap(), before);
    assert!(!desk.shows("(deleted)"));
    desk.press(NONE, Key::Escape);
    assert!(!desk.shows("21 s of voice"));
}

#[test]
fn a_singer_is_heard_and_two_are_mixed() {
    let home = tempfile::tempdir().unwrap();
    let mut desk = open(home.path());
    // What comes brings the voices that ship along.
    drop_on(&mut desk, &nina(home.path()));
    desk.wait("Nina is there", |desk| desk.shows("21 s of voice"));
    choose(&mut desk, "Haruka");
    desk.wait("the voice is loaded", |desk| is_enabled(desk, "Hear a line"));
    assert!(desk.shows("Can sing"));
    desk.click("Hear a line");
    assert!(desk.shows("Stop the line"));
    desk.click("Stop the line");
    assert!(desk.shows("Hear a line") && !desk.shows("Stop the line"));

    desk.click("Mix…");
    desk.text("Lin");
    assert!(!is_enabled(&desk, "Mix"), "a mixture is of two");
    pick(&mut desk, "Singer 2", "Haruka");
    assert!(desk.shows("stands there twice") && !is_enabled(&desk, "Mix"));
    pick(&mut desk, "Singer 1", "Yuki");
    assert!(is_enabled(&desk, "Mix"), "two are chosen, and they are named");
    desk.harness.get_by_role_and_label(Role::Button, "Mix").click_accesskit();
    desk.settle();
    desk.wait("Lin is there", |desk| desk.shows("Yuki 50%, Haruka 50%"));
    let lin = read_singer(&home.path().join("singers/Lin.singer")).unwrap();
    assert_eq!(lin.mixed.len(), 2);
}

#[test]
fn the_roll_says_where_the_singer_is_at_home() {
    let home = tempfile::tempdir().unwrap();
    let mut desk = Desk::open(start(home.path(), ziyin_studio::demo_song()));
    desk.harness.get_by_label("Keyboard").hover();
    let shown = "where the singer is at home, D♯3 to F4";
    desk.wait("it is said", |desk| desk.shows(shown));
}
