//! What the microphone hears while the song plays, and songs to begin with.

use egui::Context;
use rust_i18n::t;

use super::studio::Studio;
use crate::dialog::Dialog;
use crate::dialog::templates::{Asked, TemplatesDialog};
use std::time::Duration;

/// How often is looked at what is being recorded.
const LOOKED_AT: Duration = Duration::from_millis(50);

impl Studio {
    /// Takes in what the microphone heard since the last frame.
    pub(super) fn listen_in(&mut self, ctx: &Context) {
        self.session.listen_in();
        if self.session.recorded_level().is_some() {
            ctx.request_repaint_after(LOOKED_AT);
        }
    }

    /// Records from the microphone, or no longer.
    pub(super) fn record_audio(&mut self) {
        if self.session.recorded_level().is_some() {
            self.session.end_audio();
            return;
        }
        if self.session.engine.follows_host() {
            self.tell(t!("notice.daw-plays"));
            return;
        }
        match self.session.record_audio() {
            Ok(()) => self.tell(t!("notice.recording-audio")),
            Err(why) => self.complain(why.said()),
        }
    }

    /// Opens the dialog of the templates.
    pub(super) fn open_templates(&mut self) {
        self.session.look_for_templates();
        self.dialog = Some(Dialog::Templates(TemplatesDialog::default()));
    }

    pub(super) fn show_templates(&mut self, ctx: &Context, mut dialog: TemplatesDialog) {
        match dialog.show(ctx, self.session.templates()) {
            Asked::Nothing => self.dialog = Some(Dialog::Templates(dialog)),
            Asked::Close => {}
            Asked::Begin(path) => self.open(ctx, &path),
            Asked::Keep(name, with_notes) => {
                self.session.keep_template(&name, with_notes);
                self.dialog = Some(Dialog::Templates(dialog));
            }
            Asked::ShowFolder => {
                self.open_folder(self.session.template_folder());
                self.dialog = Some(Dialog::Templates(dialog));
            }
        }
    }
}
