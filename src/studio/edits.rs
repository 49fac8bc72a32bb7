//! The hands of a view: the document, and what is asked for besides.

use egui::Response;

use super::request::Requests;
use ziyin_score::{Command, EditError};
use ziyin_session::editor::Editor;

/// What a view edits with.
pub struct Edits<'a> {
    pub editor: &'a mut Editor,
    pub asked: &'a mut Requests,
}

impl Edits<'_> {
    /// Performs a command as a step of that name.
    pub fn perform(&mut self, step: &str, command: Command) {
        let done = self.editor.perform(step, command);
        self.asked.done(done);
    }

    /// Tells why an edit was not possible, if it was not.
    pub fn done(&mut self, result: Result<(), EditError>) {
        self.asked.done(result);
    }

    /// Performs what a control changed, to `amount`; a whole drag of it is one step.
    pub fn edit_by(
        &mut self,
        response: &Response,
        step: &str,
        amount: std::fmt::Arguments,
        command: Option<Command>,
    ) {
        if response.drag_started() {
            self.editor.begin(step);
        }
        if let Some(command) = command {
            self.perform(&format!("{step}:{amount}"), command);
        }
        if response.drag_stopped() {
            self.editor.end();
        }
    }
}
