//! The takes of the selected notes: what is heard of them, and which is chosen.

use egui::Context;

use super::studio::Studio;
use crate::dialog::Dialog;
use crate::dialog::takes::{Asked, TakesDialog};

impl Studio {
    pub(super) fn show_takes(&mut self, ctx: &Context, mut dialog: TakesDialog) {
        let Some(all) = self.project().track(dialog.track()).map(|track| track.notes.clone()) else {
            return self.session.engine.end_take();
        };
        self.session.engine.look_at_takes(dialog.track(), dialog.notes(), dialog.count());
        let engine = &self.session.engine;
        let asked = dialog.show(ctx, &all, &|take| engine.take_stage(take));
        match asked {
            Asked::Nothing => {}
            Asked::Close => return self.session.engine.end_take(),
            Asked::Stop => self.session.engine.end_take(),
            Asked::Hear(take) => self.session.engine.hear_take(take),
            Asked::Choose(take) => {
                let done = self.session.editor.set_take(take);
                self.done(done);
            }
        }
        self.dialog = Some(Dialog::Takes(dialog));
    }
}
