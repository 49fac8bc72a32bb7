//! What a right click on the roll offers.

use egui::Ui;
use rust_i18n::t;

use crate::action::Action;
use crate::names::manner_name;
use crate::shortcut::shortcut_text;
use crate::widgets::in_sight;
use ziyin_score::Manner;
use ziyin_session::editor::Editor;

/// What a right click on the notes offers, in groups.
const NOTE_MENU: [&[Action]; 5] = [
    &[Action::TypeLyric, Action::PlaySelection, Action::NotePanel],
    &[Action::Cut, Action::Copy, Action::Duplicate, Action::Erase, Action::MuteNotes],
    &[Action::Split, Action::Merge, Action::Quantise, Action::SelectPhrase, Action::Takes],
    &[Action::OctaveUp, Action::OctaveDown],
    &[Action::Vibrato, Action::NoVibrato, Action::UsualVibrato],
];
/// The manners that it offers, in a menu of their own.
const MANNER_MENU: [Option<Manner>; 7] = [
    Some(Manner::Soft),
    Some(Manner::Normal),
    Some(Manner::Strong),
    Some(Manner::Whisper),
    Some(Manner::Falsetto),
    Some(Manner::Growl),
    None,
];
/// What a right click beside the notes offers.
const GROUND_MENU: [&[Action]; 2] = [
    &[Action::Paste, Action::PasteNotes, Action::SelectAll],
    &[Action::ZoomSong, Action::ShowCurves, Action::Spectrogram],
];

/// What can be done with the selected notes, or beside notes where none is selected; gives
/// what was chosen.
pub(super) fn context_menu(ui: &mut Ui, editor: &Editor) -> Option<Action> {
    let selected = editor.selection().len();
    if selected == 0 {
        return menu(ui, &GROUND_MENU, 0);
    }
    let mut chosen = None;
    in_sight(ui, 60.0, |ui| {
        chosen = menu(ui, &NOTE_MENU, selected);
        chosen = chosen.or(manner_menu(ui, editor));
    });
    chosen
}

/// The groups of a menu with their shortcuts; gives what was chosen.
pub(in crate::lanes) fn menu(ui: &mut Ui, groups: &[&[Action]], selected: usize) -> Option<Action> {
    let mut chosen = None;
    ui.set_min_width(190.0);
    for (i, group) in groups.iter().enumerate() {
        if i > 0 {
            ui.separator();
        }
        for &action in *group {
            let mut item = egui::Button::new(action.title());
            if let Some(keys) = shortcut_text(ui.ctx(), action) {
                item = item.shortcut_text(keys);
            }
            let possible = action != Action::Merge || selected > 1;
            if ui.add_enabled(possible, item).clicked() {
                chosen = Some(action);
            }
        }
    }
    chosen
}

/// The manners to choose from; that of the first selected note is marked.
fn manner_menu(ui: &mut Ui, editor: &Editor) -> Option<Action> {
    let now = editor.notes().iter().find(|note| editor.selection().contains(&note.id))?.manner;
    let mut chosen = None;
    ui.separator();
    ui.menu_button(t!("notes.manner"), |ui| {
        for manner in MANNER_MENU {
            if ui.selectable_label(manner == now, manner_name(manner)).clicked() {
                chosen = Some(Action::Manner(manner));
            }
        }
    });
    chosen
}
