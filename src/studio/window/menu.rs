//! The menu bar, made from the table of actions.

use egui::{Button, MenuBar, ScrollArea, Ui};
use rust_i18n::t;

use crate::action::{ACTIONS, Action, Menu};
use crate::app::Studio;
use crate::dialog::Leave;
use ziyin_score::Manner;

/// Actions that begin a new section of their menu.
const SECTIONS: [Action; 17] = [
    Action::Save,
    Action::ExportAudio,
    Action::Preferences,
    Action::Cut,
    Action::SelectAll,
    Action::Split,
    Action::SemitoneUp,
    Action::Vibrato,
    Action::Manner(Some(Manner::Soft)),
    Action::SmoothCurve,
    Action::Loop,
    Action::Metronome,
    Action::SetTempo,
    Action::NextTrack,
    Action::HarmonyAbove,
    Action::ZoomIn,
    Action::ShowTracks,
];

impl Studio {
    pub(super) fn menu_bar(&mut self, ui: &mut Ui) {
        let mut asked = None;
        MenuBar::new().ui(ui, |ui| {
            for menu in Menu::ALL {
                ui.menu_button(menu.title(), |ui| {
                    ui.set_min_width(230.0);
                    in_sight(ui, 60.0, |ui| {
                        for (action, ..) in ACTIONS.iter().filter(|(_, of, ..)| *of == menu) {
                            if SECTIONS.contains(action) {
                                ui.separator();
                            }
                            if self.menu_item(ui, *action) {
                                asked = Some(*action);
                                ui.close();
                            }
                            if *action == Action::Open {
                                self.recent_menu(ui);
                            }
                        }
                    });
                });
            }
        });
        if let Some(action) = asked {
            let ctx = ui.ctx().clone();
            self.perform(&ctx, action, None);
        }
    }

    fn menu_item(&self, ui: &mut Ui, action: Action) -> bool {
        let mut item = Button::new(self.title_of_action(action)).selected(self.is_on(action));
        if let Some(keys) = action.shortcut() {
            item = item.shortcut_text(ui.ctx().format_shortcut(&keys));
        }
        ui.add_enabled(self.is_possible(action), item).clicked()
    }

    /// The name of an action; undo and redo say of what.
    fn title_of_action(&self, action: Action) -> String {
        let history = self.editor.history();
        let step = match action {
            Action::Undo => history.undo_name(),
            Action::Redo => history.redo_name(),
            _ => None,
        };
        match step {
            Some(step) => format!("{}: {}", action.title(), step_name(step)),
            None => action.title(),
        }
    }

    fn recent_menu(&mut self, ui: &mut Ui) {
        let mut opened = None;
        ui.add_enabled_ui(!self.settings.recent.is_empty(), |ui| {
            ui.menu_button(t!("menu.recent"), |ui| {
                for path in &self.settings.recent {
                    if ui.button(path.display().to_string()).clicked() {
                        opened = Some(path.clone());
                        ui.close();
                    }
                }
            });
        });
        if let Some(path) = opened {
            let ctx = ui.ctx().clone();
            self.leave(&ctx, Leave::Open(path));
        }
    }

    /// Whether an action does something at this moment.
    pub(super) fn is_possible(&self, action: Action) -> bool {
        let selected = self.editor.selection().len();
        match action {
            Action::Undo => self.editor.history().undo_name().is_some(),
            Action::Redo => self.editor.history().redo_name().is_some(),
            Action::Merge => selected > 1,
            Action::Cut
            | Action::Copy
            | Action::Duplicate
            | Action::Erase
            | Action::SelectPhrase
            | Action::TypeLyric
            | Action::Split
            | Action::Quantise
            | Action::SemitoneUp
            | Action::SemitoneDown
            | Action::OctaveUp
            | Action::OctaveDown
            | Action::NudgeLeft
            | Action::NudgeRight
            | Action::Shorter
            | Action::Longer
            | Action::Vibrato
            | Action::NoVibrato
            | Action::UsualVibrato
            | Action::Manner(_)
            | Action::PlaySelection
            | Action::ZoomSelection
            | Action::LoopSelection => selected > 0,
            Action::TrackUp => self.editor.place_of_track().is_some_and(|place| place > 0),
            Action::TrackDown => {
                let last = self.editor.project().tracks.len().wrapping_sub(1);
                self.editor.place_of_track().is_some_and(|place| place < last)
            }
            Action::RemoveTrack
            | Action::DuplicateTrack
            | Action::Mute
            | Action::Solo
            | Action::HarmonyAbove
            | Action::HarmonyBelow => self.editor.active().is_some(),
            Action::Tour => self.demo.is_some(),
            _ => true,
        }
    }

    /// Whether what an action switches is on.
    fn is_on(&self, action: Action) -> bool {
        use crate::view::Tool;
        match action {
            Action::Loop => self.view.looped.is_some(),
            Action::Metronome => self.settings.metronome,
            Action::CountIn => self.settings.count_in,
            Action::Follow => self.view.follow,
            Action::ToolSelect => self.view.tool == Tool::Select,
            Action::ToolDraw => self.view.tool == Tool::Draw,
            Action::ToolErase => self.view.tool == Tool::Erase,
            Action::ToolPitch => self.view.tool == Tool::Pitch,
            Action::ToolLasso => self.view.tool == Tool::Lasso,
            Action::ShowTracks => self.settings.show_tracks,
            Action::ShowCurves => self.view.show_curves,
            Action::Spectrogram => self.view.show_spectrogram,
            Action::Mixer => self.settings.show_mixer,
            Action::NotePanel => self.settings.show_note,
            Action::History => self.settings.show_history,
            Action::Mute => self.editor.active().is_some_and(|track| track.mute),
            Action::Solo => self.editor.active().is_some_and(|track| track.solo),
            _ => false,
        }
    }
}

/// What a menu or a dialog holds; where it is higher than the window, less so many points, it
/// scrolls.
pub fn in_sight<R>(ui: &mut Ui, less: f32, content: impl FnOnce(&mut Ui) -> R) -> R {
    let height = ui.ctx().content_rect().height() - less;
    // It grows with what it holds, whatever room it had before.
    ScrollArea::vertical().max_height(height).min_scrolled_height(height).show(ui, content).inner
}

/// The name of a step in the language of the studio.
pub fn step_name(step: &str) -> String {
    t!(format!("step.{step}")).into_owned()
}
