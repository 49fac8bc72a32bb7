//! Folders of tracks, in the list of tracks and in the arrangement.

use egui::{Label, RichText, Role, Sense, Shape, Stroke, TextEdit, Ui, WidgetInfo, vec2};
use rust_i18n::t;

use super::edits::Edits;
use super::request::Requests;
use super::widgets::{left_in, mute_and_solo};
use ziyin_score::Track;
use ziyin_session::editor::{Editor, Folder};

/// The name of a folder behind a triangle; a click shuts it or opens it.
pub fn fold_button(ui: &mut Ui, width: f32, folder: &Folder, editor: &mut Editor, asked: &mut Requests) {
    let (sign, _) = ui.allocate_exact_size(vec2(10.0, 24.0), Sense::hover());
    let (at, ink) = (sign.center(), ui.visuals().text_color());
    let corners = match folder.folded {
        true => [vec2(-2.5, -4.0), vec2(3.5, 0.0), vec2(-2.5, 4.0)],
        false => [vec2(-4.0, -2.5), vec2(4.0, -2.5), vec2(0.0, 3.5)],
    };
    let corners = corners.map(|corner| at + corner).to_vec();
    ui.painter().add(Shape::convex_polygon(corners, ink, Stroke::NONE));
    let text = RichText::new(&folder.name).strong();
    let label = Label::new(text).truncate().sense(Sense::click());
    let count = t!("folder.holds", name = folder.name.as_str(), count = folder.tracks.len());
    let response = left_in(ui, vec2((width - 14.0).max(20.0), 24.0), label).on_hover_text(count);
    let key = if folder.folded { "folder.open" } else { "folder.shut" };
    let name = t!(key, name = folder.name.as_str());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, name.as_ref()));
    if response.clicked() {
        asked.done(editor.set_folded(&folder.name, !folder.folded));
    }
    response.context_menu(|ui| rename(ui, folder, editor, asked));
}

/// A field for another name, which the folder gets once that is typed.
fn rename(ui: &mut Ui, folder: &Folder, editor: &mut Editor, asked: &mut Requests) {
    let id = ui.scope_id().with(("name", folder.tracks.first()));
    let mut name: String = ui.data(|data| data.get_temp(id)).unwrap_or_else(|| folder.name.clone());
    ui.label(t!("folder.name"));
    let field = TextEdit::singleline(&mut name).desired_width(150.0);
    let response = ui.name_inputs(t!("folder.name"), |ui| ui.add(field));
    if response.changed() {
        ui.data_mut(|data| data.insert_temp(id, name.clone()));
    }
    if response.lost_focus() {
        ui.data_mut(|data| data.remove::<String>(id));
        asked.done(editor.rename_folder(&folder.name, &name));
        ui.close();
    }
}

/// The row of a folder in the list of tracks.
pub fn folder_card(ui: &mut Ui, edits: &mut Edits, folder: &Folder) {
    ui.horizontal(|ui| {
        ui.add_space(6.0);
        ui.spacing_mut().item_spacing.x = 5.0;
        let width = (ui.available_width() - 68.0).max(40.0);
        fold_button(ui, width, folder, edits.editor, edits.asked);
        let (mute, solo) = mute_and_solo(ui, &folder.name, (folder.mute, folder.solo));
        if mute {
            let done = edits.editor.mute_folder(&folder.name, !folder.mute);
            edits.done(done);
        }
        if solo {
            let done = edits.editor.solo_folder(&folder.name, !folder.solo);
            edits.done(done);
        }
    });
}

/// Where a track may lie, in the menu of its name.
pub fn folder_menu(ui: &mut Ui, track: &Track, editor: &mut Editor, asked: &mut Requests) {
    let mut chosen: Option<Option<String>> = None;
    ui.menu_button(t!("folder.menu"), |ui| {
        for folder in editor.folders() {
            let is_own = track.folder.as_deref() == Some(folder.name.as_str());
            if ui.selectable_label(is_own, &folder.name).clicked() {
                chosen = Some(Some(folder.name));
            }
        }
        if ui.button(t!("folder.new")).clicked() {
            chosen = Some(Some(new_name(editor)));
        }
        if ui.add_enabled(track.folder.is_some(), egui::Button::new(t!("folder.none"))).clicked() {
            chosen = Some(None);
        }
    });
    if let Some(folder) = chosen {
        asked.done(editor.put_in_folder(track.id, folder.as_deref()));
        ui.close();
    }
}

/// What a new folder is called.
pub fn new_name(editor: &Editor) -> String {
    editor.free_folder_name(|number| t!("folder.numbered", number = number).into_owned())
}
