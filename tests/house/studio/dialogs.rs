use std::fs;
use std::path::PathBuf;

use egui::{Key, Modifiers};
use egui_kittest::kittest::{NodeT, Queryable};

use super::{CTRL, Desk, NONE, start};
use crate::cases;
use ziyin_interchange::{ExportOptions, SongKind, export_song};

fn files_in(folder: PathBuf) -> Vec<PathBuf> {
    let mut all: Vec<PathBuf> = Vec::new();
    for entry in fs::read_dir(folder).unwrap().flatten() {
        match entry.path() {
            path if path.is_dir() => all.extend(files_in(path)),
            path => all.push(path),
        }
    }
    all.sort();
    all
}

#[test]
#[cfg_attr(not(world_cases), ignore = "needs the files that ZIYIN_CASES names")]
fn every_song_comes_in_through_the_dialog_or_is_refused_with_a_reason() {
    let folder = cases::folder("songs");
    let home = tempfile::tempdir().unwrap();
    let mut desk = Desk::open(start(home.path(), None));
    let (mut taken, mut refused) = (0, Vec::new());
    for path in files_in(folder) {
        desk.press(CTRL, Key::O);
        desk.choose(&path);
        let expected =
            ziyin_interchange::open_song(&path, &Default::default(), &ziyin_interchange::Budget::default());
        match expected {
            Ok(expected) => {
                assert!(desk.shows("Add to the open song"), "{}", path.display());
                desk.click("Import");
                if desk.harness.query_by_label("Don't save").is_some() {
                    desk.click("Don't save");
                }
                let project = desk.studio().project();
                assert!(project.tracks == expected.project.tracks, "{}", path.display());
                taken += 1;
            }
            Err(_) => {
                assert!(desk.shows("cannot be opened"), "{}", path.display());
                refused.push(path);
            }
        }
    }
    assert!(taken > 40, "{taken} taken, refused: {refused:?}");
}

#[test]
fn a_song_is_saved_under_a_name_and_opened_again() {
    let home = tempfile::tempdir().unwrap();
    let mut desk = Desk::open(start(home.path(), None));
    desk.press(CTRL, Key::T);
    let path = home.path().join("my song");
    desk.press(CTRL, Key::S);
    desk.choose(&path);
    let path = path.with_extension("ziyin");
    assert_eq!(desk.studio().path(), Some(path.as_path()));
    let saved = desk.studio().project().clone();

    // Changed, and then not wanted: the question comes before the song goes.
    desk.press(CTRL, Key::T);
    desk.press(CTRL, Key::N);
    assert!(desk.shows("Unsaved changes"));
    desk.click("Cancel");
    assert_eq!(desk.studio().project().tracks.len(), 3);
    desk.press(CTRL, Key::N);
    desk.click("Don't save");
    assert_eq!(desk.studio().project().tracks.len(), 1);

    // What is looked at and not taken in leaves the open song as unsaved as it was.
    desk.press(CTRL, Key::T);
    let midi = home.path().join("a.mid");
    let demo = ziyin_score::Project::load(&ziyin_studio::demo_song().unwrap()).unwrap();
    let exported = export_song(&demo, SongKind::Midi, ExportOptions::default()).unwrap();
    fs::write(&midi, exported.bytes).unwrap();
    desk.press(CTRL, Key::O);
    desk.choose(&midi);
    assert!(desk.shows("Add to the open song"));
    desk.click("Cancel");
    assert_eq!(desk.studio().project().tracks.len(), 2);
    // One that is to take its place asks for what was done first.
    desk.press(CTRL, Key::O);
    desk.choose(&midi);
    desk.click("Import");
    assert!(desk.shows("Unsaved changes"));
    desk.click("Cancel");
    assert_eq!(desk.studio().project().tracks.len(), 2);
    desk.press(CTRL, Key::N);
    assert!(desk.shows("Unsaved changes"));
    desk.click("Don't save");

    desk.press(CTRL, Key::O);
    desk.choose(&path);
    assert_eq!(desk.studio().project(), &saved);
    desk.press(CTRL, Key::Z);
    assert_eq!(desk.studio().project(), &saved, "an opened song has no steps to undo");
}

#[test]
fn midi_goes_out_and_comes_in_again() {
    let home = tempfile::tempdir().unwrap();
    let mut desk = Desk::open(start(home.path(), ziyin_studio::demo_song()));
    let notes = desk.studio().project().tracks[0].notes.clone();
    desk.press(CTRL | Modifiers::SHIFT, Key::P);
    desk.text("export midi");
    desk.press(NONE, Key::Enter);
    let path = home.path().join("out.mid");
    desk.choose(&path);
    desk.press(CTRL, Key::O);
    desk.choose(&path);
    desk.click("Import");
    let again = &desk.studio().project().tracks[0].notes;
    assert_eq!(again.len(), notes.len());
    assert!(again.iter().zip(notes.iter()).all(|(a, b)| (a.pitch, &a.lyric) == (b.pitch, &b.lyric)));
}

/// The whole way of a song: the voice that ships sings it into stems.
#[test]
fn stems_and_mix_are_exported_by_the_voice_that_ships() {
    use ziyin_session::engine::VoiceStatus;

    let home = tempfile::tempdir().unwrap();
    let start = ziyin_studio::Start { voice: None, ..start(home.path(), ziyin_studio::demo_song()) };
    let mut settings = ziyin_session::settings::Settings::load(home.path());
    settings.gpu = false;
    settings.save(home.path()).unwrap();
    let mut desk = Desk::open(start);
    let wait = |desk: &mut Desk, until: &dyn Fn(&Desk) -> bool| {
        for _ in 0..6000 {
            desk.harness.step();
            if until(desk) {
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        panic!("it takes two minutes and more");
    };
    wait(&mut desk, &|desk| matches!(desk.studio().voice_status(), VoiceStatus::Ready { .. }));
    desk.press(CTRL, Key::E);
    let out = home.path().join("stems");
    let lead_alone = |desk: &mut Desk| {
        desk.harness.get_by_role_and_label(egui::Role::TextInput, "Folder").focus();
        desk.settle();
        desk.press(CTRL, Key::A);
        desk.text(&out.display().to_string());
        desk.click("lead – Octave above");
        desk.click("lead – Octave below");
    };
    lead_alone(&mut desk);
    desk.click("Export");
    wait(&mut desk, &|desk| desk.shows("Files written"));
    let mut names: Vec<_> = fs::read_dir(&out).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["lead.wav", "茉莉花 – mix.wav"]);
    assert!(desk.shows("Open folder"));
    let kept = || ziyin_session::settings::Settings::load(home.path()).exports;
    wait(&mut desk, &|_| kept().as_ref() == Some(&out));
    let reader = hound::WavReader::open(out.join("茉莉花 – mix.wav")).unwrap();
    assert_eq!((reader.spec().sample_rate, reader.spec().bits_per_sample), (44_100, 24));
    let loudest = reader.into_samples::<i32>().map(|sample| sample.unwrap().abs()).max().unwrap();
    assert!(loudest > 1 << 19, "the mix is silent: {loudest}");

    desk.press(NONE, Key::Escape);
    desk.press(CTRL, Key::E);
    assert!(desk.shows("Export audio") && !desk.shows("Files written"));
    lead_alone(&mut desk);
    for (choice, chosen) in [("Format", "FLAC, 24 bit"), ("Level", "-23 LUFS, for broadcasting")] {
        desk.harness.get_by_role_and_label(egui::Role::ComboBox, choice).click();
        desk.settle();
        desk.click(chosen);
    }
    desk.click("Export");
    wait(&mut desk, &|desk| desk.shows("Files written"));
    assert!(desk.shows("The mix is at -23.0 LUFS"));
    assert!(fs::read(out.join("茉莉花 – mix.flac")).unwrap().starts_with(b"fLaC"));
}

#[test]
fn a_singer_is_cloned_only_with_a_name_a_recording_and_consent() {
    let home = tempfile::tempdir().unwrap();
    let mut desk = Desk::open(start(home.path(), None));
    desk.press(CTRL | Modifiers::SHIFT, Key::P);
    desk.text("clone");
    desk.press(NONE, Key::Enter);
    let enabled = |desk: &Desk| {
        let button = desk.harness.get_by_role_and_label(egui::Role::Button, "Clone");
        !button.accesskit_node().is_disabled()
    };
    let type_into = |desk: &mut Desk, name: &str, text: &str| {
        desk.harness.get_by_role_and_label(egui::Role::TextInput, name).focus();
        desk.settle();
        desk.text(text);
    };
    assert!(!enabled(&desk));
    // The keyboard is the name's at once; one that is taken is told before any work is done.
    desk.text("hitsuboku kumi");
    assert!(desk.shows("is there already"));
    desk.press(CTRL, Key::A);
    desk.text("Nobody");
    assert!(!desk.shows("is there already"));
    desk.click("Choose…");
    // A sine is no voice.
    let tone = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/house/audio/tone.flac");
    desk.choose(&tone);
    assert!(desk.shows("tone.flac") && !enabled(&desk), "nobody has agreed yet");
    type_into(&mut desk, "Consent of the person whose voice it is", "I am a tuning fork and agree.");
    assert!(enabled(&desk));
    desk.harness.get_by_role_and_label(egui::Role::Button, "Clone").click();
    desk.harness.run_steps(2);
    for _ in 0..600 {
        desk.harness.step();
        if desk.shows("Choose…") {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    desk.settle();
    assert!(!desk.shows("sings now") && enabled(&desk), "it is refused, and can be tried again");
    // What was filled in is there until a singer is made of it.
    desk.click("Cancel");
    assert!(desk.harness.query_by_label("Clone").is_none());
    desk.press(CTRL | Modifiers::SHIFT, Key::P);
    desk.text("clone");
    desk.press(NONE, Key::Enter);
    assert!(desk.shows("tone.flac") && enabled(&desk));
}

#[test]
fn keys_of_ones_own_hold_at_once_and_at_the_next_start() {
    let home = tempfile::tempdir().unwrap();
    let mut desk = Desk::open(start(home.path(), ziyin_studio::demo_song()));
    let meters = |desk: &Desk| desk.harness.query_all_by_label_contains("Level of").count();
    let before = meters(&desk);
    desk.press(NONE, Key::F1);
    desk.harness.get_by_label("Keys of Mixer: Ctrl+Shift+M").click_accesskit();
    desk.settle();
    assert!(desk.shows("Keys of Mixer: Press keys…"));
    // Escape gives up, and the page stays.
    desk.press(NONE, Key::Escape);
    desk.harness.get_by_label("Keys of Mixer: Ctrl+Shift+M").click_accesskit();
    desk.settle();
    desk.press(NONE, Key::N);
    assert!(desk.shows("Keys of Mixer: N") && desk.shows("Keys of Note properties: –"));
    desk.press(NONE, Key::Escape);
    assert_eq!(meters(&desk), before);
    desk.press(NONE, Key::N);
    assert!(meters(&desk) > before, "it opens the mixer");
    desk.press(NONE, Key::N);
    assert_eq!(meters(&desk), before);
    drop(desk);
    let mut desk = Desk::open(start(home.path(), ziyin_studio::demo_song()));
    desk.press(NONE, Key::N);
    assert!(meters(&desk) > before);
    desk.press(NONE, Key::N);
    desk.press(NONE, Key::F1);
    desk.click("All as they came");
    assert!(desk.shows("Keys of Mixer: Ctrl+Shift+M"));
}
