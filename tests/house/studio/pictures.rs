//! How the main views look.

use egui::{Key, Modifiers};
use egui_kittest::{OsThreshold, SnapshotOptions};
use ziyin_session::settings::{Settings, Theme};

use super::{CTRL, Desk, start};

fn desk(theme: Theme, language: &str) -> (Desk, tempfile::TempDir) {
    let home = tempfile::tempdir().unwrap();
    // No folder of this machine is in the picture.
    let exports = Some("/music".into());
    let settings =
        Settings { theme, language: language.into(), exports, toured: true, ..Settings::default() };
    settings.save(home.path()).unwrap();
    let desk = Desk::open(start(home.path(), ziyin_studio::demo_song()));
    (desk, home)
}

/// Compares with the picture of that name; a driver may draw an edge a little otherwise.
fn compare(desk: &mut Desk, name: &str) {
    desk.harness.run_steps(20);
    desk.harness.remove_cursor();
    desk.harness.run_steps(2);
    // What the machine has for a sound card is none of the picture's business.
    desk.harness.mask(egui::Rect::from_min_max(egui::pos2(900.0, 772.0), egui::pos2(1280.0, 800.0)));
    let options = SnapshotOptions::new()
        .threshold(OsThreshold::new(1.2))
        .max_failed_pixels(OsThreshold::new(2500))
        .output_path(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/house/studio/pictures"));
    desk.harness.snapshot_options(name, &options);
}

#[test]
fn the_dark_studio() {
    let (mut desk, _home) = desk(Theme::Dark, "en");
    desk.press(CTRL, Key::H);
    compare(&mut desk, "dark");
}

#[test]
fn the_light_studio_in_chinese() {
    let (mut desk, _home) = desk(Theme::Light, "zh-CN");
    desk.press(CTRL | Modifiers::SHIFT, Key::M);
    compare(&mut desk, "light-chinese");
}

#[test]
fn the_export_dialog() {
    let (mut desk, _home) = desk(Theme::Dark, "en");
    desk.press(CTRL, Key::E);
    compare(&mut desk, "export");
}
