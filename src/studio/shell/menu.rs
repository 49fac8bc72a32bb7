//! The menu bar, made from the table of actions.

use std::path::PathBuf;

use egui::{Button, MenuBar, Ui};
use rust_i18n::t;

use crate::action::{ACTIONS, Action, Menu};
use crate::action_state::ActionState;
use crate::request::{Request, Requests};
use crate::shortcut::shortcut_text;
use crate::widgets::in_sight;
use ziyin_score::Manner;

/// Actions that begin a new section of their menu.
const SECTIONS: [Action; 18] = [
    Action::Save,
    Action::ExportAudio,
    Action::Preferences,
    Action::Cut,
    Action::SelectAll,
    Action::InsertTime,
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

/// Shows the bar.
pub fn show(ui: &mut Ui, state: &ActionState, asked: &mut Requests) {
    MenuBar::new().ui(ui, |ui| {
        for menu in Menu::ALL {
            ui.menu_button(menu.title(), |ui| {
                ui.set_min_width(230.0);
                in_sight(ui, 60.0, |ui| {
                    for (action, ..) in ACTIONS.iter().filter(|(_, of, ..)| *of == menu) {
                        if SECTIONS.contains(action) {
                            ui.separator();
                        }
                        if item(ui, state, *action) {
                            asked.act(*action);
                            ui.close();
                        }
                        if *action == Action::Open {
                            recent(ui, &state.settings.recent, asked);
                        }
                    }
                });
            });
        }
    });
}

fn item(ui: &mut Ui, state: &ActionState, action: Action) -> bool {
    let mut item = Button::new(state.title(action)).selected(state.is_on(action));
    if let Some(keys) = shortcut_text(ui.ctx(), action) {
        item = item.shortcut_text(keys);
    }
    ui.add_enabled(state.is_possible(action), item).clicked()
}

/// The songs of before.
fn recent(ui: &mut Ui, songs: &[PathBuf], asked: &mut Requests) {
    ui.add_enabled_ui(!songs.is_empty(), |ui| {
        ui.menu_button(t!("menu.recent"), |ui| {
            for path in songs {
                if ui.button(path.display().to_string()).clicked() {
                    asked.ask(Request::Open(path.clone()));
                    ui.close();
                }
            }
        });
    });
}
