//! The preferences. What is changed holds at once.

use egui::{ComboBox, Context, Grid};
use rust_i18n::t;

use super::frame::frame;
use ziyin_session::settings::{LANGUAGES, SIZES, Settings, Theme};

/// Sizes of the device's buffer, in frames.
const BUFFERS: [u32; 6] = [64, 128, 256, 512, 1024, 2048];

/// The dialog.
pub struct PreferencesDialog;

/// What was changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    pub device: bool,
    pub looks: bool,
    pub gpu: bool,
    pub keyboard: bool,
    pub closed: bool,
    /// The folder for exports is to be chosen.
    pub choose_exports: bool,
}

/// What there is to choose from.
pub struct Machine<'a> {
    /// The devices that can play.
    pub devices: &'a [String],
    /// The MIDI keyboards, and whether the one that was chosen is there.
    pub keyboards: &'a [String],
    pub keyboard_is_there: bool,
    /// On what the voice runs.
    pub voice: &'a str,
}

impl PreferencesDialog {
    /// Shows the dialog.
    pub fn show(&mut self, ctx: &Context, settings: &mut Settings, machine: &Machine) -> Changes {
        let before = settings.clone();
        let title = t!("action.preferences").trim_end_matches('…').to_string();
        let (mut changes, escaped) = frame(ctx, "preferences", title, 480.0, |ui| {
            let mut changes = Changes::default();
            Grid::new("preferences").num_columns(2).spacing([18.0, 10.0]).show(ui, |ui| {
                let row = |ui: &mut egui::Ui, key: &str, add: &mut dyn FnMut(&mut egui::Ui)| {
                    let label = t!(key);
                    ui.label(label.as_ref());
                    ui.name_inputs(label.as_ref(), |ui| add(ui));
                    ui.end_row();
                };
                row(ui, "preferences.device", &mut |ui| {
                    changes.device |= device(ui, settings, machine.devices)
                });
                row(ui, "preferences.buffer", &mut |ui| buffer(ui, settings));
                row(ui, "preferences.keyboard", &mut |ui| keyboard(ui, settings, machine));
                row(ui, "preferences.compute", &mut |ui| {
                    ComboBox::from_id_salt("compute")
                        .width(260.0)
                        .selected_text(compute(settings.gpu))
                        .show_ui(ui, |ui| {
                            for gpu in [true, false] {
                                ui.selectable_value(&mut settings.gpu, gpu, compute(gpu));
                            }
                        });
                });
                ui.label("");
                ui.weak(machine.voice);
                ui.end_row();
                row(ui, "preferences.theme", &mut |ui| {
                    ui.horizontal(|ui| {
                        for theme in Theme::ALL {
                            ui.selectable_value(&mut settings.theme, theme, theme_name(theme));
                        }
                    });
                });
                row(ui, "preferences.language", &mut |ui| {
                    ui.horizontal(|ui| {
                        for (language, name) in LANGUAGES {
                            ui.selectable_value(&mut settings.language, language.into(), name);
                        }
                    });
                });
                row(ui, "preferences.size", &mut |ui| {
                    let name = |size: u16| format!("{size}%");
                    ComboBox::from_id_salt("size").selected_text(name(settings.size)).show_ui(ui, |ui| {
                        for size in SIZES {
                            ui.selectable_value(&mut settings.size, size, name(size));
                        }
                    });
                });
                ui.label(t!("preferences.exports"));
                ui.horizontal(|ui| {
                    let folder = settings.exports.as_ref().map(|path| path.display().to_string());
                    if ui.button(t!("preferences.choose")).clicked() {
                        changes.choose_exports = true;
                    }
                    ui.add(
                        egui::Label::new(folder.unwrap_or_else(|| t!("preferences.ask").into_owned()))
                            .truncate(),
                    );
                });
                ui.end_row();
            });
            ui.add_space(10.0);
            changes.closed = ui.button(t!("dialog.close")).clicked();
            changes
        });
        changes.closed |= escaped;
        changes.device |= settings.device != before.device;
        changes.gpu = settings.gpu != before.gpu;
        changes.keyboard = settings.keyboard != before.keyboard;
        let looks = |settings: &Settings| (settings.theme, settings.language.clone(), settings.size);
        changes.looks = looks(settings) != looks(&before);
        changes
    }
}

/// Gives whether a device was chosen, be it the same again: it may be there now.
fn device(ui: &mut egui::Ui, settings: &mut Settings, devices: &[String]) -> bool {
    let mut chosen = false;
    let usual = t!("preferences.usual-device").into_owned();
    let now = settings.device.name.clone().unwrap_or_else(|| usual.clone());
    ComboBox::from_id_salt("device").width(260.0).truncate().selected_text(now).show_ui(ui, |ui| {
        chosen |= ui.selectable_value(&mut settings.device.name, None, usual).clicked();
        for device in devices {
            let name = Some(device.clone());
            chosen |= ui.selectable_value(&mut settings.device.name, name, device).clicked();
        }
    });
    chosen
}

/// The MIDI keyboard; one that was chosen stays chosen while it is away.
fn keyboard(ui: &mut egui::Ui, settings: &mut Settings, machine: &Machine) {
    let none = t!("preferences.no-keyboard").into_owned();
    let chosen = &mut settings.keyboard;
    let now = match chosen {
        None => none.clone(),
        Some(name) if machine.keyboard_is_there => name.clone(),
        Some(name) => t!("preferences.keyboard-away", name = name.as_str()).into_owned(),
    };
    ComboBox::from_id_salt("keyboard").width(260.0).truncate().selected_text(now).show_ui(ui, |ui| {
        ui.selectable_value(chosen, None, none);
        let away = chosen.clone().filter(|name| !machine.keyboards.contains(name));
        for name in machine.keyboards.iter().chain(&away) {
            ui.selectable_value(chosen, Some(name.clone()), name);
        }
    });
}

fn buffer(ui: &mut egui::Ui, settings: &mut Settings) {
    let name = |frames: Option<u32>| match frames {
        None => t!("preferences.usual-buffer").into_owned(),
        Some(frames) => t!("preferences.frames", count = frames).into_owned(),
    };
    let buffer = &mut settings.device.buffer;
    ComboBox::from_id_salt("buffer").width(260.0).selected_text(name(*buffer)).show_ui(ui, |ui| {
        ui.selectable_value(buffer, None, name(None));
        for frames in BUFFERS {
            ui.selectable_value(buffer, Some(frames), name(Some(frames)));
        }
    });
}

fn compute(gpu: bool) -> String {
    let key = if gpu { "preferences.gpu" } else { "preferences.cpu" };
    t!(key).into_owned()
}

fn theme_name(theme: Theme) -> String {
    let key = match theme {
        Theme::Dark => "theme.dark",
        Theme::Light => "theme.light",
        Theme::System => "theme.system",
    };
    t!(key).into_owned()
}
