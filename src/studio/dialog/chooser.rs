//! Files are chosen in the window: by typing a path, from the folder, or from what was open
//! before. The system's own dialog is one click away, where the desktop has one.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use ziyin_message::ToMessage;

use egui::{ComboBox, Context, RichText, ScrollArea, TextEdit, Ui};
use rust_i18n::t;

use super::frame::{Step, buttons, frame, take_keyboard};
use super::look::{Look, Question, Seen};
use super::system_dialog::{Answer, SystemDialog};
use ziyin_interchange::{LyricForm, SongKind, audio};
use ziyin_model::cloned_singer::SINGER_EXTENSION;
use ziyin_session::singer_files::PACKED_SINGERS;

/// What the file is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    OpenSong,
    SaveSong,
    AddBacking,
    /// The file of the recording of that place in the song, which is not where it was.
    FindBacking(usize),
    /// A recording of a voice that is cloned.
    Recording,
    /// The file of a singer who is to be installed.
    Singer,
    /// A recording that a song is made from.
    Hear,
    /// The song as a file of another program.
    ExportSong,
    /// The folder for exported sound.
    ExportFolder,
}

impl Purpose {
    fn key(self) -> &'static str {
        match self {
            Purpose::OpenSong => "open-song",
            Purpose::SaveSong => "save-song",
            Purpose::AddBacking => "add-backing",
            Purpose::FindBacking(_) => "find-backing",
            Purpose::Recording | Purpose::Hear => "recording",
            Purpose::Singer => "singer",
            Purpose::ExportSong => "export-song",
            Purpose::ExportFolder => "export-folder",
        }
    }

    /// The extensions of such files.
    fn extensions(self) -> Vec<&'static str> {
        match self {
            Purpose::OpenSong => {
                SongKind::ALL.into_iter().flat_map(|kind| kind.extensions()).copied().collect()
            }
            Purpose::SaveSong => vec!["ziyin"],
            Purpose::AddBacking | Purpose::FindBacking(_) | Purpose::Recording | Purpose::Hear => {
                audio::EXTENSIONS.to_vec()
            }
            Purpose::Singer => vec![SINGER_EXTENSION, PACKED_SINGERS],
            Purpose::ExportSong => {
                SongKind::WRITTEN.into_iter().flat_map(|kind| kind.extensions()).copied().collect()
            }
            Purpose::ExportFolder => Vec::new(),
        }
    }

    fn saves(self) -> bool {
        matches!(self, Purpose::SaveSong | Purpose::ExportSong)
    }
}

/// Height in points of all that is not the list.
const BESIDE: f32 = 260.0;

/// The dialog.
pub struct Chooser {
    pub purpose: Purpose,
    /// How lyrics are written for another program.
    pub lyrics: LyricForm,
    path: String,
    recent: Vec<PathBuf>,
    look: Look,
    /// Whether it was confirmed before it was known what lies at the path.
    confirmed: bool,
    /// The system's dialog, while that is open.
    asked: Option<SystemDialog>,
    /// Whether it turned out that the system has none.
    alone: bool,
    fresh: bool,
}

impl Chooser {
    /// Begins at a folder, or at the file that is proposed.
    pub fn new(purpose: Purpose, start: &Path, recent: &[PathBuf]) -> Self {
        let mut path = start.display().to_string();
        if start.is_dir() && !path.ends_with(std::path::MAIN_SEPARATOR) {
            path.push(std::path::MAIN_SEPARATOR);
        }
        Self {
            purpose,
            lyrics: LyricForm::default(),
            path,
            recent: recent.to_vec(),
            look: Look::default(),
            confirmed: false,
            asked: None,
            alone: false,
            fresh: true,
        }
    }

    /// Shows the dialog; gives the path once it is confirmed.
    pub fn show(&mut self, ctx: &Context) -> (Step, PathBuf) {
        let title = t!(format!("chooser.{}", self.purpose.key())).into_owned();
        let (step, escaped) = frame(ctx, "chooser", title, 560.0, |ui| self.content(ui));
        let mut step = if escaped { Step::Cancelled } else { step };
        match self.asked.as_ref().and_then(SystemDialog::answer) {
            Some(Answer::Chosen(path)) => {
                self.path = path.display().to_string();
                self.asked = None;
                // It has asked whether the file is replaced, unless the name was not whole.
                if self.chosen() == path || !self.chosen().is_file() {
                    step = Step::Confirmed;
                }
            }
            Some(answer) => (self.asked, self.alone) = (None, answer == Answer::None),
            None => {}
        }
        (step, self.chosen())
    }

    /// The path as it would be taken: a file to be saved has its extension.
    fn chosen(&self) -> PathBuf {
        let path = expand(self.path.trim());
        let extensions = self.purpose.extensions();
        let is_known = |end: &OsStr| extensions.iter().any(|extension| end.eq_ignore_ascii_case(extension));
        match extensions.first() {
            Some(extension) if self.purpose.saves() && !path.extension().is_some_and(is_known) => {
                let mut name = path.into_os_string();
                name.push(".");
                name.push(extension);
                name.into()
            }
            _ => path,
        }
    }

    /// Whether it is being looked up what lies at the path.
    pub fn is_looking(&self) -> bool {
        self.look.is_looking()
    }

    fn content(&mut self, ui: &mut Ui) -> Step {
        ui.horizontal(|ui| {
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                let system = egui::Button::new(t!("chooser.system"));
                if ui.add_enabled(self.asked.is_none() && !self.alone, system).clicked() {
                    self.ask_system(ui.ctx().clone());
                }
                let label = t!("chooser.path");
                let id = ui.scope_id().with("chooser-path");
                take_keyboard(ui, &mut self.fresh, id);
                let field = TextEdit::singleline(&mut self.path).desired_width(f32::INFINITY).id(id);
                ui.name_inputs(label.as_ref(), |ui| ui.add(field));
            });
        });
        if self.alone {
            ui.label(RichText::new(t!("chooser.alone")).color(ui.visuals().warn_fg_color));
        }
        if self.purpose == Purpose::ExportSong {
            self.format(ui);
        }
        let question = Question {
            typed: expand(self.path.trim()),
            chosen: self.chosen(),
            extensions: self.purpose.extensions(),
        };
        let (seen, known) = self.look.at(ui.ctx(), question);
        let seen = seen.clone();
        self.folder(ui, &seen);
        let replaces = self.purpose.saves() && seen.is_file;
        if self.purpose.saves() {
            // Its place is kept.
            let warning = if replaces { t!("chooser.exists") } else { " ".into() };
            ui.label(RichText::new(warning).color(ui.visuals().warn_fg_color));
        }
        let ready = match self.purpose {
            Purpose::ExportFolder => !self.path.trim().is_empty(),
            purpose if purpose.saves() => {
                !self.path.trim_end().ends_with(std::path::is_separator) && seen.has_folder
            }
            _ => seen.is_file,
        };
        let confirm = match (self.purpose, replaces) {
            (_, true) => t!("chooser.replace"),
            (Purpose::OpenSong | Purpose::AddBacking, _) => t!("chooser.open"),
            (
                Purpose::ExportFolder
                | Purpose::FindBacking(_)
                | Purpose::Recording
                | Purpose::Hear
                | Purpose::Singer,
                _,
            ) => t!("chooser.take"),
            _ => t!("chooser.save"),
        };
        // Who confirms sooner than the disk answers is not asked again, unless a file would go.
        let before = std::mem::take(&mut self.confirmed);
        match buttons(ui, &confirm, ready || !known) {
            Step::Confirmed if !known => self.confirmed = true,
            Step::Open if before && !known => self.confirmed = true,
            Step::Open if before && ready && !replaces => return Step::Confirmed,
            step => return step,
        }
        Step::Open
    }

    /// As what the song is written, which the ending says, and how its lyrics are.
    fn format(&mut self, ui: &mut Ui) {
        let described = |kind: SongKind| format!("{} (.{})", kind.to_message().said(), kind.extensions()[0]);
        let mut kind = SongKind::of(&self.chosen()).unwrap_or(SongKind::Midi);
        let before = kind;
        let lyrics = |form: LyricForm| t!(format!("chooser.lyrics-{}", form.name())).into_owned();
        ui.horizontal(|ui| {
            ui.label(t!("chooser.format"));
            ui.name_inputs(t!("chooser.format"), |ui| {
                ComboBox::from_id_salt("format").width(190.0).selected_text(described(kind)).show_ui(
                    ui,
                    |ui| {
                        for written in SongKind::WRITTEN {
                            ui.selectable_value(&mut kind, written, described(written));
                        }
                    },
                )
            });
            ui.add_space(12.0);
            ui.label(t!("chooser.lyrics"));
            ui.name_inputs(t!("chooser.lyrics"), |ui| {
                ComboBox::from_id_salt("lyrics").width(130.0).selected_text(lyrics(self.lyrics)).show_ui(
                    ui,
                    |ui| {
                        for form in LyricForm::ALL {
                            ui.selectable_value(&mut self.lyrics, form, lyrics(form));
                        }
                    },
                )
            });
        });
        if kind != before {
            self.path = self.chosen().with_extension(kind.extensions()[0]).display().to_string();
        }
    }

    /// The folder of the path, and the songs of before.
    fn folder(&mut self, ui: &mut Ui, seen: &Seen) {
        let mut taken = None;
        ui.add_space(4.0);
        // As high whatever lies there: nothing is to move under the pointer once the folder has been read.
        let height = (ui.ctx().content_rect().height() - BESIDE).clamp(80.0, 240.0);
        ScrollArea::vertical()
            .max_height(height)
            .min_scrolled_height(height)
            .auto_shrink([false, false])
            .show(ui, |ui| {
                if self.purpose == Purpose::OpenSong && !self.recent.is_empty() {
                    ui.weak(t!("chooser.recent"));
                    for path in &self.recent {
                        if row(ui, &path.display().to_string(), false) {
                            taken = Some((path.clone(), false));
                        }
                    }
                    ui.add_space(6.0);
                }
                ui.weak(seen.folder.display().to_string());
                if let Some(above) = seen.folder.parent()
                    && row(ui, "..", true)
                {
                    taken = Some((above.to_path_buf(), true));
                }
                for (entry, is_folder) in &seen.entries {
                    let name = entry.file_name().unwrap_or_default().to_string_lossy();
                    if row(ui, &name, *is_folder) {
                        taken = Some((entry.clone(), *is_folder));
                    }
                }
            });
        if let Some((path, is_folder)) = taken {
            self.path = path.display().to_string();
            if is_folder {
                self.path.push(std::path::MAIN_SEPARATOR);
            }
        }
    }

    fn ask_system(&mut self, ctx: Context) {
        let chosen = self.chosen();
        let folder = if chosen.is_dir() { Some(chosen.as_path()) } else { chosen.parent() };
        let mut dialog = rfd::AsyncFileDialog::new();
        if let Some(folder) = folder.filter(|folder| folder.is_dir()) {
            dialog = dialog.set_directory(folder);
        }
        if !self.purpose.extensions().is_empty() {
            let kind = t!(format!("chooser.{}", self.purpose.key()));
            dialog = dialog.add_filter(kind, &self.purpose.extensions());
        }
        if self.purpose.saves() {
            dialog = dialog.set_file_name(chosen.file_name().unwrap_or_default().to_string_lossy());
        }
        self.asked = Some(match self.purpose {
            purpose if purpose.saves() => SystemDialog::open(Box::pin(dialog.save_file()), ctx),
            Purpose::ExportFolder => SystemDialog::open(Box::pin(dialog.pick_folder()), ctx),
            _ => SystemDialog::open(Box::pin(dialog.pick_file()), ctx),
        });
    }
}

fn row(ui: &mut Ui, name: &str, folder: bool) -> bool {
    let shown = if folder { format!("{name}/") } else { name.to_string() };
    let text = if folder { RichText::new(shown) } else { RichText::new(shown).strong() };
    ui.add(egui::Button::new(text).frame_when_inactive(false).truncate()).clicked()
}

/// `~` is the home of the user.
fn expand(path: &str) -> PathBuf {
    match path.strip_prefix('~').and_then(|rest| Some((std::env::home_dir()?, rest))) {
        Some((home, rest)) => home.join(rest.trim_start_matches(std::path::is_separator)),
        None => PathBuf::from(path),
    }
}
