//! The keys of the MIDI keyboard: notes while they are recorded, and step by step while nothing plays.

use rust_i18n::t;

use super::studio::Studio;
use crate::action::Action;

impl Studio {
    /// Takes the keys that were moved since the last frame.
    pub(super) fn take_played(&mut self) {
        let pressed = match self.session.play_in() {
            Ok(pressed) => pressed,
            Err(error) => return self.done(Err(error)),
        };
        let engine = &self.session.engine;
        let steps = self.view.step_input && self.dialog.is_none();
        if !steps || engine.is_playing() || engine.follows_host() {
            return;
        }
        for key in pressed {
            let done = self.insert_note(Some(key));
            self.done(done);
        }
    }

    /// Switches recording, or writing step by step, on and off.
    pub(super) fn perform_keyboard(&mut self, action: Action) {
        let has_keyboard = self.session.keyboard.chosen().is_some();
        match action {
            Action::Record if self.session.is_recording() => {
                let done = self.session.end_recording();
                self.done(done);
            }
            Action::StepInput if self.view.step_input => self.view.step_input = false,
            _ if !has_keyboard => self.tell(t!("notice.no-keyboard")),
            Action::StepInput => {
                self.view.step_input = true;
                self.tell(t!("notice.step-input"));
            }
            Action::Record if self.session.engine.follows_host() => self.tell(t!("notice.daw-plays")),
            Action::Record => {
                if !self.session.keyboard.is_there() {
                    self.tell(t!(
                        "notice.keyboard-away",
                        name = self.session.keyboard.chosen().unwrap_or("")
                    ));
                }
                self.session.record();
            }
            // Every other action is done elsewhere.
            _ => {}
        }
    }
}
