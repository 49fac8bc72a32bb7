//! The line at the bottom: what the engine does, and what there is to say.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use egui::{Align, Layout, ProgressBar, RichText, Ui};
use rust_i18n::t;

use crate::action::Action;
use crate::request::{Request, Requests};
use crate::widgets::in_sight;
use ziyin_session::engine::{Engine, SoundStatus, VoiceStatus};

/// What the studio has to say to the user.
pub struct Notice {
    pub text: String,
    /// Whether something went wrong.
    pub wrong: bool,
    /// The folder of what it tells of, to be looked into.
    pub folder: Option<PathBuf>,
    /// When it was first to be seen.
    since: Option<Instant>,
}

impl Notice {
    pub fn new(text: String, wrong: bool) -> Self {
        Self { text, wrong, folder: None, since: None }
    }

    /// How long it stays: bad news longer.
    fn stays(&self) -> Duration {
        Duration::from_secs(if self.wrong { 20 } else { 6 })
    }
}

/// The line, with what it shows.
pub struct StatusLine<'a> {
    pub engine: &'a Engine,
    pub notice: &'a mut Option<Notice>,
    /// How many notes are selected.
    pub selected: usize,
    pub asked: &'a mut Requests,
}

impl StatusLine<'_> {
    pub fn show(&mut self, ui: &mut Ui) {
        ui.horizontal(|ui| {
            // As high as a button, which may come and go.
            ui.set_height(24.0);
            self.show_notice(ui);
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                self.show_sound_status(ui);
                ui.separator();
                self.show_voice_status(ui);
            });
        });
    }

    fn show_notice(&mut self, ui: &mut Ui) {
        let Some(notice) = self.notice else {
            if self.selected > 0 {
                ui.weak(t!("status.selected", count = self.selected));
            }
            return;
        };
        let age = notice.since.get_or_insert_with(Instant::now).elapsed();
        if age >= notice.stays() {
            *self.notice = None;
            return;
        }
        ui.ctx().request_repaint_after(notice.stays() - age);
        let text = RichText::new(&notice.text);
        let text = if notice.wrong { text.color(ui.visuals().error_fg_color) } else { text };
        let button = if notice.folder.is_some() { 100.0 } else { 0.0 };
        let width = (ui.available_width() - 420.0 - button).max(160.0);
        ui.allocate_ui(egui::vec2(width, 20.0), |ui| {
            ui.add(egui::Label::new(text).truncate()).on_hover_text(&notice.text);
        });
        if let Some(folder) = &notice.folder
            && ui.button(t!("export.open-folder")).clicked()
        {
            self.asked.ask(Request::OpenFolder(folder.clone()));
        }
    }

    fn show_sound_status(&mut self, ui: &mut Ui) {
        let mut choose = false;
        match self.engine.sound_status() {
            SoundStatus::Ready { device, rate } => {
                let rate = f64::from(*rate) / 1000.0;
                ui.weak(t!("status.device", rate = format!("{rate}"))).on_hover_text(device);
            }
            SoundStatus::Opening => _ = ui.weak(t!("status.opening")),
            SoundStatus::Searching { device } => {
                _ = ui.weak(t!("status.searching")).on_hover_text(device);
            }
            SoundStatus::Lost { device } => {
                let text = RichText::new(t!("status.lost")).color(ui.visuals().error_fg_color);
                choose = ui.button(text).on_hover_text(t!("status.lost-why", device = device)).clicked();
            }
            SoundStatus::Absent(why) => {
                let text = RichText::new(t!("status.no-device")).color(ui.visuals().warn_fg_color);
                choose = ui.button(text).on_hover_text(why.said()).clicked();
            }
        }
        if choose {
            self.asked.act(Action::Preferences);
        }
        let underruns = self.engine.underruns();
        if underruns > 0 {
            let text =
                RichText::new(t!("status.underruns", count = underruns)).color(ui.visuals().warn_fg_color);
            ui.label(text).on_hover_text(t!("status.underruns-why"));
        }
    }

    fn show_voice_status(&mut self, ui: &mut Ui) {
        match self.engine.voice_status() {
            VoiceStatus::Loading => {
                ui.weak(t!("status.loading"));
            }
            VoiceStatus::Failed(why) => {
                let text = RichText::new(t!("status.no-voice")).color(ui.visuals().error_fg_color);
                ui.label(text).on_hover_text(why.said());
            }
            VoiceStatus::Ready { device, .. } => {
                let device = device.said();
                ui.weak(device_name(&device)).on_hover_text(&device);
                match self.engine.next_voice() {
                    Some(VoiceStatus::Loading) => _ = ui.weak(t!("status.loading")),
                    Some(VoiceStatus::Failed(why)) => {
                        let text = RichText::new(t!("status.no-voice")).color(ui.visuals().error_fg_color);
                        ui.label(text).on_hover_text(why.said());
                    }
                    _ => {}
                }
                if let Some(why) = self.engine.failure() {
                    ui.label(RichText::new(t!("status.cannot-sing")).color(ui.visuals().error_fg_color))
                        .on_hover_text(why.said());
                    return;
                }
                let progress = self.engine.progress();
                if progress.part() < 1.0 {
                    let bar = ProgressBar::new(progress.part()).desired_width(110.0).desired_height(6.0);
                    ui.add(bar);
                    ui.weak(t!("status.singing", done = format!("{:.0}", 100.0 * progress.part())));
                } else if self.engine.is_waiting() {
                    ui.weak(t!("status.waiting"));
                } else if progress.of > 0.0 {
                    ui.weak(t!("status.sung"));
                }
            }
        }
        self.show_hints(ui);
    }
}

impl StatusLine<'_> {
    /// What is not sung as it is written; a click on one of them leads to it.
    fn show_hints(&mut self, ui: &mut Ui) {
        let hints = self.engine.hints();
        if hints.is_empty() {
            return;
        }
        let text = RichText::new(t!("status.warnings", count = hints.len()));
        let mut chosen = None;
        ui.menu_button(text.color(ui.visuals().warn_fg_color), |ui| {
            ui.set_max_width(460.0);
            in_sight(ui, 80.0, |ui| {
                for hint in hints.iter().take(MOST_HINTS) {
                    let line = egui::Button::new(hint.message.said()).wrap_mode(egui::TextWrapMode::Wrap);
                    if ui.add(line).clicked() {
                        chosen = Some((hint.track, hint.note));
                        ui.close();
                    }
                }
            });
        });
        if let Some((track, note)) = chosen {
            self.asked.ask(Request::Show(track, note));
        }
    }
}

/// Hints that are listed: a song in a language that nobody sings has thousands.
const MOST_HINTS: usize = 200;

/// The device without the reason, which the hover tells.
fn device_name(device: &str) -> &str {
    device.split_once(['(', '（']).map_or(device, |(name, _)| name.trim_end())
}
