//! Sound to files: which voices, in which format, how much of the song. The singing goes on
//! in the background, and can be stopped.

use std::path::PathBuf;

use egui::scroll_area::ScrollBarVisibility;
use egui::{Checkbox, ComboBox, Context, Grid, ProgressBar, RichText, ScrollArea, TextEdit, Ui};
use rust_i18n::t;

use super::frame::{Step, buttons, frame};
use crate::names::harmony_name;
use ziyin_score::{Project, Tick};
use ziyin_session::rendering::{Order, Rendering, Stage};
use ziyin_session::settings::Settings;
use ziyin_singing::mix::SampleFormat;
use ziyin_singing::render::Level;
use ziyin_singing::score_voices::VoiceKey;
use ziyin_singing::stems::Container;

/// Samples per second that a file can have.
const RATES: [u32; 2] = [44_100, 48_000];
const FORMATS: [(Container, SampleFormat, &str); 5] = [
    (Container::Wav, SampleFormat::S16, "export.s16"),
    (Container::Wav, SampleFormat::S24, "export.s24"),
    (Container::Wav, SampleFormat::F32, "export.f32"),
    (Container::Flac, SampleFormat::S16, "export.flac16"),
    (Container::Flac, SampleFormat::S24, "export.flac24"),
];
/// What streaming services, podcasts and broadcasters ask for, among others.
const LEVELS: [(Level, &str); 5] = [
    (Level::AsSung, "export.as-sung"),
    (Level::Full, "export.normalise"),
    (Level::Loudness(-14.0), "export.streaming"),
    (Level::Loudness(-16.0), "export.podcast"),
    (Level::Loudness(-23.0), "export.broadcast"),
];

/// The dialog.
pub struct ExportDialog {
    folder: String,
    order: Order,
    /// Every voice of the song, its name, and whether it is wanted.
    voices: Vec<(VoiceKey, String, bool)>,
    /// Whether the song has backing audio that is heard.
    backed: bool,
    /// Whether a track or a recording is sent into the room.
    in_room: bool,
    loop_only: bool,
    looped: Option<(Tick, Tick)>,
    rendering: Option<Rendering>,
    /// The folder that is being written into, until it is known that something was.
    writing: Option<PathBuf>,
    /// Why the last rendering failed.
    error: Option<String>,
}

/// What the dialog asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked {
    Nothing,
    Close,
    ChooseFolder,
    /// Begin to render.
    Render,
    /// The folder of what was written is to be shown.
    OpenFolder(PathBuf),
}

impl ExportDialog {
    pub fn new(project: &Project, settings: &Settings, looped: Option<(Tick, Tick)>) -> Self {
        let folder = settings.exports.clone().or_else(|| settings.songs.clone()).or_else(std::env::home_dir);
        let mut voices = Vec::new();
        for track in project.tracks.iter().filter(|track| !track.notes.is_empty()) {
            voices.push((VoiceKey { track: track.id, harmony: None }, track.name.clone(), !track.mute));
            for (index, harmony) in track.harmonies.iter().enumerate() {
                let name = format!("{} – {}", track.name, harmony_name(harmony.kind));
                let wanted = !track.mute && !harmony.mute;
                voices.push((VoiceKey { track: track.id, harmony: Some(index) }, name, wanted));
            }
        }
        Self {
            folder: folder.unwrap_or_default().display().to_string(),
            order: Order::default(),
            voices,
            backed: project.backings.iter().any(|backing| !backing.mute),
            in_room: project.tracks.iter().any(|track| track.room > 0.0)
                || project.backings.iter().any(|backing| backing.room > 0.0),
            loop_only: false,
            looped,
            rendering: None,
            writing: None,
            error: None,
        }
    }

    /// Goes on with another folder.
    pub fn set_folder(&mut self, folder: PathBuf) {
        self.folder = folder.display().to_string();
    }

    /// What is to be rendered.
    pub fn order(&self) -> Order {
        let wanted = self.voices.iter().filter(|(.., wanted)| *wanted);
        Order {
            folder: PathBuf::from(self.folder.trim()),
            voices: wanted.map(|(key, ..)| *key).collect(),
            range: self.looped.filter(|_| self.loop_only),
            ..self.order.clone()
        }
    }

    pub fn begin(&mut self, rendering: Rendering) {
        (self.rendering, self.writing) = (Some(rendering), Some(self.order().folder));
    }

    /// The folder into which an export was written, once it was.
    pub fn newly_written(&mut self) -> Option<PathBuf> {
        let done = matches!(self.rendering.as_ref().map(Rendering::stage), Some(Stage::Done { .. }));
        self.writing.take_if(|_| done)
    }

    /// Shows the dialog.
    pub fn show(&mut self, ctx: &Context, voice: Result<(), &str>) -> Asked {
        let title = t!("export.title").into_owned();
        // The form says why, to be changed and tried again.
        if let Some(Stage::Failed(why)) = self.rendering.as_ref().map(Rendering::stage) {
            (self.rendering, self.error) = (None, Some(why.said()));
        }
        let (asked, escaped) = frame(ctx, "export", title, 520.0, |ui| match &self.rendering {
            Some(rendering) => progress(ui, rendering),
            None => self.content(ui, voice),
        });
        match asked {
            _ if escaped => {
                if let Some(rendering) = &self.rendering {
                    rendering.cancel();
                }
                Asked::Close
            }
            asked => asked,
        }
    }

    fn content(&mut self, ui: &mut Ui, voice: Result<(), &str>) -> Asked {
        let mut asked = Asked::Nothing;
        ui.horizontal(|ui| {
            ui.label(t!("export.folder"));
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                if ui.button(t!("preferences.choose")).clicked() {
                    asked = Asked::ChooseFolder;
                }
                let field = TextEdit::singleline(&mut self.folder).desired_width(f32::INFINITY);
                ui.name_inputs(t!("export.folder"), |ui| ui.add(field));
            });
        });
        ui.add_space(6.0);
        ui.checkbox(&mut self.order.mix, t!("export.mix"));
        ui.checkbox(&mut self.order.stems, t!("export.stems"));
        if self.in_room {
            ui.horizontal(|ui| {
                ui.add_space(20.0);
                let choice = Checkbox::new(&mut self.order.wet_stems, t!("export.wet-stems"));
                ui.add_enabled(self.order.stems, choice).on_hover_text(t!("export.wet-stems-why"));
            });
        }
        let taken = if self.in_room { 460.0 } else { 430.0 };
        let room = (ui.ctx().content_rect().height() - taken).clamp(76.0, 260.0);
        // A bar that is always there tells of what is below.
        let many = self.voices.len() as f32 * 29.0 > room;
        let bar =
            if many { ScrollBarVisibility::AlwaysVisible } else { ScrollBarVisibility::VisibleWhenNeeded };
        if many {
            ui.spacing_mut().scroll = egui::style::ScrollStyle::solid();
        }
        let list = ScrollArea::vertical().max_height(room).scroll_bar_visibility(bar);
        list.auto_shrink([false, true]).show(ui, |ui| {
            for (_, name, wanted) in &mut self.voices {
                ui.horizontal(|ui| {
                    ui.add_space(20.0);
                    ui.add(Checkbox::new(wanted, name.as_str()));
                });
            }
        });
        if self.backed {
            ui.checkbox(&mut self.order.backings, t!("export.backing"));
        }
        ui.add_space(6.0);
        Grid::new("export").num_columns(2).spacing([18.0, 8.0]).show(ui, |ui| {
            ui.label(t!("export.rate"));
            ui.name_inputs(t!("export.rate"), |ui| {
                ComboBox::from_id_salt("rate").selected_text(format!("{} Hz", self.order.rate)).show_ui(
                    ui,
                    |ui| {
                        for rate in RATES {
                            ui.selectable_value(&mut self.order.rate, rate, format!("{rate} Hz"));
                        }
                    },
                )
            });
            ui.end_row();
            ui.label(t!("export.depth"));
            let chosen = (self.order.container, self.order.format);
            let name = FORMATS.iter().find(|(c, f, _)| (*c, *f) == chosen).map(|(.., key)| t!(*key));
            ui.name_inputs(t!("export.depth"), |ui| {
                ComboBox::from_id_salt("depth").width(230.0).selected_text(name.unwrap_or_default()).show_ui(
                    ui,
                    |ui| {
                        for (container, format, key) in FORMATS {
                            if ui.selectable_label(chosen == (container, format), t!(key)).clicked() {
                                (self.order.container, self.order.format) = (container, format);
                            }
                        }
                    },
                )
            });
            ui.end_row();
            ui.label(t!("export.level"));
            let level = LEVELS.iter().find(|(level, _)| *level == self.order.level).map(|(_, key)| t!(*key));
            ui.name_inputs(t!("export.level"), |ui| {
                ComboBox::from_id_salt("level").width(230.0).selected_text(level.unwrap_or_default()).show_ui(
                    ui,
                    |ui| {
                        for (level, key) in LEVELS {
                            ui.selectable_value(&mut self.order.level, level, t!(key));
                        }
                    },
                )
            });
            ui.end_row();
            ui.label(t!("export.range"));
            ui.horizontal(|ui| {
                ui.selectable_value(&mut self.loop_only, false, t!("export.whole"));
                ui.add_enabled_ui(self.looped.is_some(), |ui| {
                    ui.selectable_value(&mut self.loop_only, true, t!("export.loop"));
                });
            });
            ui.end_row();
        });
        ui.checkbox(&mut self.order.replace, t!("export.replace"));
        if let Some(error) = &self.error {
            ui.label(RichText::new(error).color(ui.visuals().error_fg_color));
        }
        if let Err(why) = voice {
            ui.label(RichText::new(why).color(ui.visuals().warn_fg_color));
        }
        let any = (self.order.mix || self.order.stems) && self.voices.iter().any(|(.., wanted)| *wanted);
        let ready = any && voice.is_ok() && !self.folder.trim().is_empty();
        match buttons(ui, &t!("export.begin"), ready) {
            Step::Confirmed => Asked::Render,
            Step::Cancelled => Asked::Close,
            Step::Open => asked,
        }
    }
}

fn progress(ui: &mut Ui, rendering: &Rendering) -> Asked {
    let mut asked = Asked::Nothing;
    match rendering.stage() {
        Stage::Singing(part) => {
            ui.add(ProgressBar::new(part).show_percentage());
            ui.add_space(6.0);
            if ui.button(t!("dialog.cancel")).clicked() {
                rendering.cancel();
                asked = Asked::Close;
            }
        }
        Stage::Done { files, turned_down_db, lufs, warnings } => {
            ui.label(t!("export.done", count = files.len()));
            if let Some(lufs) = lufs {
                ui.label(t!("export.lufs", lufs = format!("{lufs:.1}")));
            }
            ScrollArea::vertical().max_height(200.0).show(ui, |ui| {
                for file in &files {
                    ui.weak(file.display().to_string());
                }
            });
            for warning in &warnings {
                ui.label(RichText::new(warning.said()).color(ui.visuals().warn_fg_color));
            }
            if turned_down_db > 0.0 {
                ui.label(t!("export.turned-down", db = format!("{turned_down_db:.1}")));
            }
            ui.add_space(6.0);
            ui.horizontal(|ui| {
                if ui.button(t!("dialog.close")).clicked() {
                    asked = Asked::Close;
                }
                let folder = files.first().and_then(|file| file.parent());
                if let Some(folder) = folder
                    && ui.button(t!("export.open-folder")).clicked()
                {
                    asked = Asked::OpenFolder(folder.to_path_buf());
                }
            });
        }
        // The form says why.
        Stage::Failed(_) => {}
    }
    asked
}
