//! Songs to begin with, and the open one as such.

use std::path::PathBuf;

use egui::{Button, Context, RichText, ScrollArea, TextEdit, Ui};
use rust_i18n::t;

use super::frame::frame;

/// Height in points of all that is not the list.
const BESIDE: f32 = 300.0;

/// The dialog.
#[derive(Default)]
pub struct TemplatesDialog {
    name: String,
    with_notes: bool,
}

/// What the dialog asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked {
    Nothing,
    Close,
    /// Begin a song with this template.
    Begin(PathBuf),
    /// Keep the song as a template of that name, with its notes or without.
    Keep(String, bool),
    /// Show where the templates lie.
    ShowFolder,
}

impl TemplatesDialog {
    /// Shows the dialog over the templates that there are.
    pub fn show(&mut self, ctx: &Context, templates: &[PathBuf]) -> Asked {
        let title = t!("template.title").into_owned();
        let (asked, escaped) = frame(ctx, "templates", title, 420.0, |ui| self.content(ui, templates));
        if escaped { Asked::Close } else { asked }
    }

    fn content(&mut self, ui: &mut Ui, templates: &[PathBuf]) -> Asked {
        let mut asked = Asked::Nothing;
        ui.weak(t!("template.what"));
        ui.add_space(6.0);
        // As high whatever there is: nothing is to move once the folder has been read.
        let height = (ui.ctx().content_rect().height() - BESIDE).clamp(60.0, 180.0);
        ScrollArea::vertical()
            .max_height(height)
            .min_scrolled_height(height)
            .auto_shrink([false, false])
            .show(ui, |ui| {
                if templates.is_empty() {
                    ui.weak(t!("template.none"));
                }
                for path in templates {
                    let name = path.file_stem().unwrap_or_default().to_string_lossy();
                    let row = Button::new(RichText::new(name.as_ref()).strong()).frame_when_inactive(false);
                    if ui.add(row.truncate()).clicked() {
                        asked = Asked::Begin(path.clone());
                    }
                }
            });
        ui.separator();
        ui.label(t!("template.keep-what"));
        ui.horizontal(|ui| {
            let field = TextEdit::singleline(&mut self.name).desired_width(220.0);
            ui.name_inputs(t!("template.name"), |ui| ui.add(field));
            ui.checkbox(&mut self.with_notes, t!("template.with-notes"));
        });
        let name = self.name.trim().to_string();
        let is_there = templates.iter().any(|path| path.file_stem().is_some_and(|stem| *stem == *name));
        // Its place is kept.
        let warning = if is_there { t!("template.replaces") } else { " ".into() };
        ui.label(RichText::new(warning).color(ui.visuals().warn_fg_color));
        ui.horizontal(|ui| {
            if ui.add_enabled(!name.is_empty(), Button::new(t!("template.keep"))).clicked() {
                self.name.clear();
                asked = Asked::Keep(name, self.with_notes);
            }
            if ui.button(t!("template.folder")).clicked() {
                asked = Asked::ShowFolder;
            }
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                if ui.button(t!("dialog.close")).clicked() {
                    asked = Asked::Close;
                }
            });
        });
        asked
    }
}
