//! A singer of one's own: recordings chosen or made, a name, and the consent.

use std::path::PathBuf;
use ziyin_message::{Message, ToMessage};

use egui::{Button, Checkbox, Context, Label, ProgressBar, RichText, ScrollArea, TextEdit, Ui};
use rust_i18n::t;

use super::frame::{Step, buttons, frame, take_keyboard};
use crate::widgets::icon::{self, Icon};
use ziyin_playback::Recorder;
use ziyin_session::cloning::{CloneOrder, CloneStage, Cloning, name_is_taken, obstacle};
use ziyin_session::recording::keep_take;

/// The dialog.
pub struct CloneDialog {
    order: CloneOrder,
    recorder: Option<Recorder>,
    /// How loud the microphone was a moment ago.
    level: f32,
    cloning: Option<Cloning>,
    error: Option<String>,
    /// Why it will come to nothing.
    obstacle: Option<Message>,
    /// Whether the dialog has yet to take the keyboard.
    fresh: bool,
    /// The name that was looked up last, and whether a singer has it.
    looked_up: (String, bool),
    /// Where takes are kept.
    takes: PathBuf,
}

/// What the dialog asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    Nothing,
    Close,
    /// A recording is to be chosen.
    Choose,
    Begin,
    /// There is a new singer.
    Made,
}

impl CloneDialog {
    pub fn new(takes: PathBuf) -> Self {
        Self {
            order: CloneOrder::default(),
            recorder: None,
            level: 0.0,
            cloning: None,
            error: None,
            obstacle: obstacle(),
            fresh: true,
            looked_up: (String::new(), false),
            takes,
        }
    }

    /// Adds a recording that was chosen.
    pub fn add(&mut self, path: PathBuf) {
        if !self.order.recordings.contains(&path) {
            self.order.recordings.push(path);
        }
    }

    pub fn begin(&mut self, ctx: &Context) {
        let wake = ctx.clone();
        self.end_take();
        self.error = None;
        let mut order = self.order.clone();
        order.name = order.name.trim().into();
        order.consent = order.consent.trim().into();
        self.cloning = Some(Cloning::begin(order, move || wake.request_repaint()));
    }

    /// Shows the dialog.
    pub fn show(&mut self, ctx: &Context) -> Asked {
        let title = t!("action.clone-singer").trim_end_matches('…').to_string();
        // What was filled in stays, to be changed and tried again.
        if let Some(CloneStage::Failed(why)) = self.cloning.as_ref().map(Cloning::stage) {
            (self.cloning, self.error) = (None, Some(why.said()));
        }
        let (asked, escaped) = frame(ctx, "clone", title, 480.0, |ui| match &self.cloning {
            Some(cloning) => progress(ui, &cloning.stage()),
            None => self.content(ui),
        });
        let made = matches!(self.cloning.as_ref().map(Cloning::stage), Some(CloneStage::Done { .. }));
        match asked {
            Asked::Nothing if escaped && made => Asked::Made,
            Asked::Nothing | Asked::Close if escaped || asked == Asked::Close => self.step_back(),
            asked => asked,
        }
    }

    /// Stops what goes on, and closes where nothing does.
    fn step_back(&mut self) -> Asked {
        if self.cloning.take().is_some() {
            return Asked::Nothing;
        }
        let recorded = self.recorder.is_some();
        self.end_take();
        // Others may be made until it is opened again.
        self.looked_up = (String::new(), false);
        self.fresh = true;
        // A take is not put out of sight by a key that is pressed too soon.
        if recorded { Asked::Nothing } else { Asked::Close }
    }

    /// Whether a singer has the name that was typed.
    fn is_taken(&mut self) -> bool {
        let name = self.order.name.trim();
        if self.looked_up.0 != name {
            self.looked_up = (name.into(), name_is_taken(name));
        }
        self.looked_up.1
    }

    fn content(&mut self, ui: &mut Ui) -> Asked {
        let mut asked = Asked::Nothing;
        ui.weak(t!("clone.what"));
        if let Some(obstacle) = &self.obstacle {
            ui.label(RichText::new(obstacle.said()).color(ui.visuals().warn_fg_color));
        }
        ui.add_space(6.0);
        ui.horizontal(|ui| {
            ui.label(t!("clone.name"));
            let id = ui.scope_id().with("name");
            take_keyboard(ui, &mut self.fresh, id);
            let field = TextEdit::singleline(&mut self.order.name).desired_width(240.0).id(id);
            ui.name_inputs(t!("clone.name"), |ui| ui.add(field));
        });
        let taken = self.is_taken();
        // Its place is kept, so that nothing moves under the pointer.
        let warning = if taken { t!("clone.taken") } else { " ".into() };
        ui.label(RichText::new(warning).color(ui.visuals().warn_fg_color));
        ui.add_space(6.0);
        ui.strong(t!("clone.recordings"));
        let mut removed = None;
        ScrollArea::vertical().max_height(120.0).auto_shrink([false, true]).show(ui, |ui| {
            for (i, path) in self.order.recordings.iter().enumerate() {
                ui.horizontal(|ui| {
                    let name = path.file_name().unwrap_or_default().to_string_lossy();
                    if icon::small(ui, Icon::Close, &t!("backing.remove", name = name)).clicked() {
                        removed = Some(i);
                    }
                    ui.add(Label::new(name.as_ref()).truncate()).on_hover_text(path.display().to_string());
                });
            }
            if self.order.recordings.is_empty() {
                ui.weak(t!("clone.none"));
            }
        });
        if let Some(i) = removed {
            self.order.recordings.remove(i);
        }
        ui.horizontal(|ui| {
            if ui.add_enabled(self.recorder.is_none(), Button::new(t!("clone.choose"))).clicked() {
                asked = Asked::Choose;
            }
            self.microphone(ui);
        });
        ui.add_space(6.0);
        ui.label(t!("clone.words"));
        ScrollArea::vertical().id_salt("words").max_height(64.0).auto_shrink([false, true]).show(ui, |ui| {
            let field = TextEdit::multiline(&mut self.order.words)
                .desired_rows(2)
                .desired_width(f32::INFINITY)
                .hint_text(t!("clone.words-hint"));
            ui.name_inputs(t!("clone.words"), |ui| ui.add(field));
        });
        // Words are fitted to.
        let worded = !self.order.words.trim().is_empty();
        let mut refined = worded || self.order.refine;
        if ui.add_enabled(!worded, Checkbox::new(&mut refined, t!("clone.refine"))).changed() {
            self.order.refine = refined;
        }
        ui.add_space(6.0);
        ui.label(t!("clone.consent"));
        let field = TextEdit::singleline(&mut self.order.consent).desired_width(f32::INFINITY);
        ui.name_inputs(t!("clone.consent"), |ui| ui.add(field));
        ui.weak(t!("clone.consent-hint"));
        if let Some(error) = &self.error {
            ui.label(RichText::new(error).color(ui.visuals().error_fg_color));
        }
        self.order.name = self.order.name.trim_start().to_string();
        let ready = !self.order.name.trim().is_empty()
            && !taken
            && !self.order.consent.trim().is_empty()
            && !self.order.recordings.is_empty()
            && self.recorder.is_none();
        match buttons(ui, &t!("clone.begin"), ready) {
            Step::Confirmed => Asked::Begin,
            Step::Cancelled => Asked::Close,
            Step::Open => asked,
        }
    }

    fn microphone(&mut self, ui: &mut Ui) {
        let Some(recorder) = &mut self.recorder else {
            if ui.button(t!("clone.record")).clicked() {
                match Recorder::begin() {
                    Ok(recorder) => (self.recorder, self.error) = (Some(recorder), None),
                    Err(error) => self.error = Some(error.in_full().said()),
                }
            }
            return;
        };
        self.level = recorder.take_in().max(self.level * 0.8);
        let (seconds, lost) = (recorder.seconds(), recorder.is_lost());
        let stopped = ui.button(t!("clone.stop")).clicked();
        ui.monospace(format!("{:02}:{:04.1}", (seconds / 60.0) as u32, seconds % 60.0));
        crate::widgets::show_meter(ui, &t!("clone.level"), &[self.level], egui::vec2(110.0, 6.0));
        ui.ctx().request_repaint_after(std::time::Duration::from_millis(50));
        if stopped || lost {
            self.end_take();
        }
    }

    /// Keeps what the microphone heard as a recording.
    fn end_take(&mut self) {
        let Some((samples, rate)) = self.recorder.take().map(Recorder::end) else { return };
        if samples.is_empty() {
            return;
        }
        match keep_take(&self.takes, &samples, rate) {
            Ok(path) => self.add(path),
            Err(why) => self.error = Some(why.said()),
        }
    }
}

fn progress(ui: &mut Ui, stage: &CloneStage) -> Asked {
    let (text, part) = match stage {
        CloneStage::Listening(part) => (t!("clone.listening"), *part),
        CloneStage::Loading => (t!("status.loading"), 1.0),
        CloneStage::Refining(part) => (t!("clone.refining"), *part),
        CloneStage::Done { name, seconds, like, remarks } => {
            ui.label(t!("clone.done", name = name, seconds = format!("{seconds:.0}"), like = like));
            for remark in remarks {
                ui.label(RichText::new(remark.said()).color(ui.visuals().warn_fg_color));
            }
            ui.add_space(8.0);
            return if ui.button(t!("dialog.close")).clicked() { Asked::Made } else { Asked::Nothing };
        }
        // The form says why.
        CloneStage::Failed(_) => return Asked::Nothing,
    };
    ui.label(text);
    ui.add(ProgressBar::new(part).show_percentage());
    ui.add_space(8.0);
    if ui.button(t!("dialog.cancel")).clicked() { Asked::Close } else { Asked::Nothing }
}
