//! What is asked about the file of a song: another studio has it open, another program has written it,
//! it is damaged.

use std::path::{Path, PathBuf};

use egui::{Context, Key, Modifiers, RichText};
use rust_i18n::t;

use super::frame::frame;
use super::leave::Leave;
use ziyin_score::Project;
use ziyin_session::song_file::SongFile;

/// A question about a file.
pub struct FileQuestion {
    pub path: PathBuf,
    pub what: What,
}

/// What there is to be asked.
pub enum What {
    /// Another studio has the song open, which this one has read.
    Elsewhere,
    /// Another program has written the file that the song would be saved in, for `after` to follow.
    Changed { after: Option<Leave> },
    /// It cannot be read, but the version that a save has kept.
    Damaged { file: SongFile, why: String, before: Box<Project> },
}

/// What is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Nothing for now.
    Leave,
    /// The song becomes one without a file.
    Copy,
    Overwrite,
    SaveAs,
    Reload,
    /// The version before is opened.
    Before,
}

impl FileQuestion {
    /// Asks; gives the answer once there is one.
    pub fn show(&self, ctx: &Context) -> Option<Answer> {
        let (key, choices): (&str, &[(&str, Answer)]) = match &self.what {
            What::Elsewhere => {
                ("elsewhere", &[("file.copy", Answer::Copy), ("file.read-only", Answer::Leave)])
            }
            What::Changed { .. } => (
                "changed",
                &[
                    ("file.save-as", Answer::SaveAs),
                    ("file.overwrite", Answer::Overwrite),
                    ("file.reload", Answer::Reload),
                    ("dialog.cancel", Answer::Leave),
                ],
            ),
            What::Damaged { .. } => {
                ("damaged", &[("file.before", Answer::Before), ("dialog.cancel", Answer::Leave)])
            }
        };
        let title = t!(format!("file.{key}")).into_owned();
        let (answer, escaped) = frame(ctx, "file-question", title, 460.0, |ui| {
            ui.label(t!(format!("file.{key}-text"), file = name(&self.path)));
            if let What::Damaged { why, before, .. } = &self.what {
                ui.label(RichText::new(why).color(ui.visuals().error_fg_color));
                let notes: usize = before.tracks.iter().map(|track| track.notes.len()).sum();
                ui.weak(t!("file.holds", tracks = before.tracks.len(), notes = notes));
            }
            ui.weak(self.path.display().to_string());
            ui.add_space(10.0);
            let mut answer = None;
            ui.horizontal_wrapped(|ui| {
                for (i, (key, choice)) in choices.iter().enumerate() {
                    let text = RichText::new(t!(*key));
                    // What comes first loses nothing, and Enter takes it.
                    let text = if i == 0 { text.strong() } else { text };
                    if ui.button(text).clicked() {
                        answer = Some(*choice);
                    }
                }
            });
            let free = ui.memory(|memory| memory.focused().is_none());
            if free && ui.input_mut(|i| i.consume_key(Modifiers::NONE, Key::Enter)) {
                answer = choices.first().map(|(_, choice)| *choice);
            }
            answer
        });
        if escaped { Some(Answer::Leave) } else { answer }
    }
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
