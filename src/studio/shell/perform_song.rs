//! What is done with the song as a whole: its tempo and its time signatures, and where one
//! looks and listens.

use egui::Context;

use super::action::Action;
use super::app::Studio;
use super::dialog::Dialog;
use super::dialog::clone_singer::CloneDialog;
use super::dialog::song_change::{Asked, ChangeDialog};
use super::editor::ChangeKind;
use super::roll::ChangeRequest;
use ziyin_score::Tick;

impl Studio {
    /// Does what an action asks for that concerns the song as a whole.
    pub(super) fn perform_song(&mut self, action: Action) {
        match action {
            Action::SetTempo => self.edit_change(ChangeKind::Tempo, self.bar_at_play_head()),
            Action::SetMeter => self.edit_change(ChangeKind::Meter, self.bar_at_play_head()),
            Action::ZoomSelection => {
                if let Some((from, to)) = self.selected_range() {
                    self.view.show_range(from, to, self.lanes.x);
                    self.show_selected_keys();
                }
            }
            Action::PlaySelection => {
                if let Some((from, _)) = self.selected_range() {
                    self.engine.seek(self.editor.project().tempo.seconds(from));
                    if !self.engine.is_playing() {
                        self.engine.toggle();
                    }
                }
            }
            Action::CloneSinger => {
                let takes = self.home.join("takes");
                let new = || Box::new(CloneDialog::new(takes));
                self.dialog = Some(Dialog::Clone(self.put_off_clone.take().unwrap_or_else(new)));
            }
            Action::NotePanel => {
                self.settings.show_note ^= true;
                self.keep_settings();
            }
            // Every other action is done elsewhere.
            _ => {}
        }
    }

    /// Brings the middle of the selected notes to the middle of the roll.
    fn show_selected_keys(&mut self) {
        let keys = self.editor.selected_notes().into_iter().map(|note| note.pitch);
        if let (Some(low), Some(high)) = (keys.clone().min(), keys.max()) {
            self.view.centre_key((f32::from(low) + f32::from(high)) / 2.0, self.lanes.y);
        }
    }

    /// Where the bar of the play head begins.
    fn bar_at_play_head(&self) -> Tick {
        let meter = &self.editor.project().meter;
        meter.bar_start(meter.bar_beat(self.engine.position_ticks().max(0.0) as Tick).bar)
    }

    fn edit_change(&mut self, kind: ChangeKind, tick: Tick) {
        self.dialog = Some(Dialog::Change(ChangeDialog::new(self.editor.project(), kind, tick)));
    }

    /// Does what was asked for on the ruler.
    pub(super) fn change_song(&mut self, request: ChangeRequest) {
        match request {
            ChangeRequest::Edit(kind, tick) => self.edit_change(kind, tick),
            ChangeRequest::Remove(kind, tick) => {
                let done = self.editor.remove_change(kind, tick);
                self.done(done);
            }
        }
    }

    pub(super) fn show_change(&mut self, ctx: &Context, mut change: ChangeDialog) {
        let done = match change.show(ctx, &self.editor.project().meter) {
            Asked::Nothing => {
                self.dialog = Some(Dialog::Change(change));
                return;
            }
            Asked::Close => return,
            Asked::Set { old, tick, change } => self.editor.set_change(old, tick, change),
            Asked::Remove { tick } => self.editor.remove_change(change.kind(), tick),
        };
        self.done(done);
    }
}
