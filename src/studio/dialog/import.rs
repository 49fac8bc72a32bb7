//! Another program's song before it is taken in: its tracks, its encoding, its lyrics.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use ziyin_message::ToMessage;

use egui::{Checkbox, ComboBox, Context, Grid, Label, ProgressBar, RichText, ScrollArea, Ui};
use rust_i18n::t;

use super::frame::{Step, buttons, frame};
use ziyin_interchange::{ImportOptions, Imported, SongKind};
use ziyin_score::Project;
use ziyin_session::importing::Importing;

/// The encodings that songs are written in, as their names are known.
const ENCODINGS: [&str; 7] = ["utf-8", "gb18030", "big5", "shift_jis", "euc-jp", "euc-kr", "windows-1252"];

/// What is done with the file.
#[derive(Clone, Debug, PartialEq)]
pub enum Taken {
    /// It becomes the open song.
    Song(Project),
    /// Its tracks are added to the open song.
    Tracks(Project),
}

/// The dialog.
pub struct ImportDialog {
    path: PathBuf,
    options: ImportOptions,
    imported: Imported,
    /// Which tracks are wanted.
    wanted: Vec<bool>,
    adds: bool,
    /// The same song read with other options.
    again: Option<Importing>,
    error: Option<String>,
}

impl ImportDialog {
    /// For a song that was read, to be looked at.
    pub fn new(path: PathBuf, imported: Imported) -> Self {
        let wanted = vec![true; imported.project.tracks.len()];
        let options = ImportOptions::default();
        Self { path, options, imported, wanted, adds: false, again: None, error: None }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Shows the dialog; gives the song once it is confirmed.
    pub fn show(&mut self, ctx: &Context) -> (Step, Option<Taken>) {
        self.take_again();
        let name = self.path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let title = t!("import.title", file = name).into_owned();
        let (step, escaped) = frame(ctx, "import", title, 640.0, |ui| self.content(ui));
        match step {
            _ if escaped => (Step::Cancelled, None),
            Step::Confirmed => (step, Some(self.taken())),
            step => (step, None),
        }
    }

    fn taken(&self) -> Taken {
        let mut project = self.imported.project.clone();
        let mut wanted = self.wanted.iter();
        project.tracks.retain(|_| wanted.next().copied().unwrap_or(true));
        if self.adds { Taken::Tracks(project) } else { Taken::Song(project) }
    }

    fn content(&mut self, ui: &mut Ui) -> Step {
        self.options(ui);
        ui.add_space(6.0);
        ui.strong(t!("import.tracks"));
        let height = (ui.ctx().content_rect().height() * 0.34).max(120.0);
        ScrollArea::both().id_salt("import-tracks").max_height(height).auto_shrink([false, true]).show(
            ui,
            |ui| {
                Grid::new("import-tracks").num_columns(3).striped(true).spacing([14.0, 4.0]).show(ui, |ui| {
                    for (i, track) in self.imported.project.tracks.iter().enumerate() {
                        let name = if track.name.is_empty() {
                            t!("tracks.unnamed").into_owned()
                        } else {
                            track.name.clone()
                        };
                        if let Some(wanted) = self.wanted.get_mut(i) {
                            ui.add(Checkbox::new(wanted, name));
                        }
                        ui.weak(t!("import.notes", count = track.notes.len()));
                        let lyrics = preview(track.notes.iter().map(|note| note.lyric.as_str()));
                        let text = if lyrics.is_empty() {
                            RichText::new(t!("import.no-lyrics")).weak()
                        } else {
                            RichText::new(lyrics)
                        };
                        ui.add(Label::new(text).extend());
                        ui.end_row();
                    }
                });
                if self.imported.project.tracks.is_empty() {
                    ui.weak(t!("import.nothing"));
                }
            },
        );
        self.warnings(ui);
        if let Some(error) = &self.error {
            ui.label(RichText::new(error).color(ui.visuals().error_fg_color));
        }
        ui.checkbox(&mut self.adds, t!("import.adds"));
        if let Some(again) = &self.again {
            ui.add(ProgressBar::new(again.progress()).desired_height(6.0));
            ui.ctx().request_repaint_after(std::time::Duration::from_millis(100));
        }
        buttons(ui, &t!("import.take"), self.error.is_none() && self.again.is_none())
    }

    fn options(&mut self, ui: &mut Ui) {
        let before = self.options.clone();
        let project = &self.imported.project;
        let tempo = project.tempo.tempo_at(0).bpm();
        let meter = project.meter.at(0);
        let what = t!(
            "import.what",
            title = project.title.as_str(),
            tempo = format!("{tempo:.0}"),
            meter = format!("{}/{}", meter.beats, meter.unit)
        );
        ui.weak(what);
        ui.horizontal(|ui| {
            // The others say themselves how they are written.
            let may_be_any =
                matches!(SongKind::of(&self.path), Some(SongKind::Midi | SongKind::Ust | SongKind::Vsq));
            if may_be_any {
                self.encoding(ui);
                ui.add_space(12.0);
            }
            ui.checkbox(&mut self.options.split_voices, t!("import.split"));
        });
        if self.options != before {
            let wake = ui.ctx().clone();
            let wake = Arc::new(move || wake.request_repaint());
            self.again = Some(Importing::begin(&self.path, &self.options, wake));
        }
    }

    fn encoding(&mut self, ui: &mut Ui) {
        let found = self.imported.report.encoding.unwrap_or("ascii");
        let detected = t!("import.detected", encoding = found).into_owned();
        let shown = self.options.encoding.clone().unwrap_or_else(|| detected.clone());
        ui.label(t!("import.encoding"));
        ui.name_inputs(t!("import.encoding"), |ui| {
            ComboBox::from_id_salt("encoding").width(170.0).selected_text(shown).show_ui(ui, |ui| {
                ui.selectable_value(&mut self.options.encoding, None, detected);
                for encoding in ENCODINGS {
                    ui.selectable_value(&mut self.options.encoding, Some(encoding.into()), encoding);
                }
            })
        });
    }

    /// Takes in the song as it was read with other options.
    fn take_again(&mut self) {
        let Some(read) = self.again.as_ref().and_then(Importing::outcome) else { return };
        self.again = None;
        match read.song {
            Ok(imported) => {
                self.wanted = vec![true; imported.project.tracks.len()];
                (self.imported, self.error) = (imported, None);
            }
            Err(error) => self.error = Some(t!("import.again", why = error.in_full().said()).into_owned()),
        }
    }

    fn warnings(&self, ui: &mut Ui) {
        let report = &self.imported.report;
        if report.warnings.is_empty() {
            return;
        }
        let count = report.warnings.len() + report.further;
        let title = RichText::new(t!("import.warnings", count = count)).color(ui.visuals().warn_fg_color);
        ui.collapsing(title, |ui| {
            ScrollArea::vertical().id_salt("import-warnings").max_height(110.0).show(ui, |ui| {
                for warning in &report.warnings {
                    ui.small(warning.to_message().said());
                }
            });
        });
    }
}

/// The first lyrics of a track, those that are there.
fn preview<'a>(lyrics: impl Iterator<Item = &'a str>) -> String {
    let mut text = String::new();
    for lyric in lyrics.filter(|lyric| !lyric.is_empty()) {
        if text.chars().count() > 36 {
            text.push('…');
            break;
        }
        // Hanzi and kana need no space between them.
        let spaced = lyric.is_ascii() && !text.is_empty();
        if spaced {
            text.push(' ');
        }
        text.push_str(lyric);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_preview_is_short_and_spaced_where_words_need_it() {
        assert_eq!(preview(["好", "", "一", "朵"].into_iter()), "好一朵");
        assert_eq!(preview(["la", "la"].into_iter()), "la la");
        assert!(preview(std::iter::repeat_n("花", 500)).chars().count() < 40);
    }
}
