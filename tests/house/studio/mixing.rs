//! Backing audio is cut and faded, and the mix has a fader.

use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable;
use ziyin_score::{Backing, Project};

use super::{CTRL, Desk, NONE, start};

fn type_number(desk: &mut Desk, name: &str, text: &str) {
    desk.harness.get_by_role_and_label(egui::Role::SpinButton, name).click();
    desk.settle();
    desk.press(CTRL, Key::A);
    desk.text(text);
    desk.press(NONE, Key::Enter);
}

#[test]
fn backing_audio_is_cut_and_faded_and_the_mix_is_turned_down() {
    let home = tempfile::tempdir().unwrap();
    let tone = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/house/audio/tone.flac");
    let song = home.path().join("song.ziyin");
    let backings = vec![Backing::new(tone.to_string_lossy())];
    Project { backings, ..Project::default() }.save(&song).unwrap();
    let mut desk = Desk::open(start(home.path(), Some(song.clone())));
    let before = desk.studio().project().clone();
    type_number(&mut desk, "Cut off the beginning of tone.flac", "0.25");
    type_number(&mut desk, "Cut off the end of tone.flac", "0.1 s");
    type_number(&mut desk, "Fade-in of tone.flac", "0.02");
    type_number(&mut desk, "Fade-out of tone.flac", "0.5");
    let backing = desk.studio().project().backings[0].clone();
    assert_eq!((backing.trim_us, backing.fade_us), ([250_000, 100_000], [20_000, 500_000]));
    desk.press(CTRL | Modifiers::SHIFT, Key::M);
    desk.harness.get_by_label("Gain of Mix").focus();
    desk.settle();
    desk.press(NONE, Key::ArrowDown);
    let turned = desk.studio().project().mix_gain_db;
    assert!((-36.0..0.0).contains(&turned), "{turned}");
    let steps: Vec<&str> =
        desk.studio().steps().undo_names().map(|step| step.split(':').next().unwrap()).collect();
    assert_eq!(steps, ["trim-backing", "trim-backing", "fade-backing", "fade-backing", "change-gain"]);
    desk.press(CTRL, Key::S);
    let kept = Project::load(&song).unwrap();
    assert_eq!((kept.mix_gain_db, kept.backings[0].trim_us), (turned, backing.trim_us));
    for _ in 0..5 {
        desk.press(CTRL, Key::Z);
    }
    assert_eq!(desk.studio().project(), &before);
}
