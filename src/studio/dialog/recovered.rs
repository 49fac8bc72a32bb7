//! After a crash: what was being worked on, to go on with or to throw away.

use egui::{Button, Context, RichText};
use rust_i18n::t;
use ziyin_message::ToMessage;

use super::frame::frame;
use crate::names::title_of;
use ziyin_score::Project;
use ziyin_session::recovery::Lost;

/// What to do with a song that was left behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Go on with the song of this place in the list.
    Restore(usize),
    /// Throw it away.
    Discard(usize),
    /// Ask again at the next start.
    Later,
}

/// Offers the songs; gives the answer once there is one.
pub fn show(ctx: &Context, lost: &[Lost]) -> Option<Answer> {
    let (answer, escaped) = frame(ctx, "recovered", t!("recovered.title").into_owned(), 460.0, |ui| {
        ui.label(t!("recovered.text"));
        ui.add_space(8.0);
        let mut answer = None;
        for (i, song) in lost.iter().enumerate() {
            ui.group(|ui| {
                ui.set_width(ui.available_width());
                let path = song.file.as_ref().map(|file| file.path.as_path());
                match &song.project {
                    Ok(project) => {
                        let notes: usize = project.tracks.iter().map(|track| track.notes.len()).sum();
                        ui.strong(title_of(project, path));
                        ui.weak(t!("recovered.notes", count = notes));
                    }
                    Err(why) => {
                        ui.strong(title_of(&Project::default(), path));
                        let why = t!("recovered.unreadable", why = why.in_full().said());
                        ui.label(RichText::new(why).color(ui.visuals().error_fg_color));
                        ui.weak(song.rescued.display().to_string());
                    }
                }
                if let Some(path) = path {
                    ui.weak(path.display().to_string());
                }
                ui.horizontal(|ui| {
                    if ui.add_enabled(song.project.is_ok(), Button::new(t!("recovered.restore"))).clicked() {
                        answer = Some(Answer::Restore(i));
                    }
                    if ui.button(t!("recovered.discard")).clicked() {
                        answer = Some(Answer::Discard(i));
                    }
                });
            });
        }
        ui.add_space(6.0);
        if ui.button(t!("recovered.later")).clicked() {
            answer = Some(Answer::Later);
        }
        answer
    });
    if escaped { Some(Answer::Later) } else { answer }
}
