//! What stands at the left of the rows: the tracks, and what the colours stand for.

use egui::{ComboBox, Label, Rect, RichText, Role, Sense, Ui, UiBuilder, WidgetInfo, vec2};
use rust_i18n::t;

use super::colouring::Colouring;
use crate::action::Action;
use crate::folder_row::{fold_button, folder_menu};
use crate::request::Requests;
use crate::track_drop;
use crate::widgets::{left_in, mute_and_solo};
use ziyin_score::{Backing, BackingCommand, Command, Track, TrackCommand, TrackField};
use ziyin_session::backing;
use ziyin_session::editor::{Editor, Folder};

/// Its width in points.
pub(super) const WIDTH: f32 = 188.0;

/// What a track is called.
pub(super) fn name_of(track: &Track) -> String {
    if track.name.is_empty() { t!("tracks.unnamed").into_owned() } else { track.name.clone() }
}

/// The head of a row: its name, which leads to the track, and whether it is heard.
pub(super) fn show(
    ui: &mut Ui,
    (rect, clip): (Rect, Rect),
    track: &Track,
    editor: &mut Editor,
    colouring: Colouring,
    asked: &mut Requests,
) {
    let mut ui = head(ui, (rect, clip), ("track", track.id.0));
    let is_active = editor.active_track() == Some(track.id);
    let name = name_of(track);
    let shown = match colouring {
        Colouring::Track => name.clone(),
        Colouring::Singer => {
            let singer = track.singer.clone().unwrap_or_else(|| t!("arrangement.usual").into_owned());
            let singer = track.mixed_with().map_or(singer.clone(), |second| format!("{singer} + {second}"));
            t!("arrangement.sung-by", name = name.as_str(), singer = singer).into_owned()
        }
    };
    let text = RichText::new(&shown);
    let text = if is_active { text.strong() } else { text };
    let label = Label::new(text).truncate().sense(Sense::click_and_drag());
    let width = name_width(&ui);
    let response = left_in(&mut ui, vec2(width, 24.0), label).on_hover_text(&shown);
    response.widget_info(|| {
        WidgetInfo::selected(Role::Button, true, is_active, t!("arrangement.track", name = name.as_str()))
    });
    track_drop::hold(&response, track.id);
    if response.clicked() {
        editor.set_active_track(track.id);
    }
    response.context_menu(|ui| {
        folder_menu(ui, track, editor, asked);
        let hide = egui::Button::new(Action::HideTrack.title());
        if ui.add_enabled(editor.can_hide(track.id), hide).clicked() {
            asked.done(editor.set_hidden(track.id, true));
            ui.close();
        }
    });
    let (mute, solo) = mute_and_solo(&mut ui, &track.name, (track.mute, track.solo));
    let mut set = |step: &str, field: TrackField| {
        let command = Command::Track(TrackCommand::Set { track: track.id, field });
        asked.done(editor.perform(step, command));
    };
    if mute {
        set("mute-track", TrackField::Mute(!track.mute));
    }
    if solo {
        set("solo-track", TrackField::Solo(!track.solo));
    }
}

/// The head of the row of a folder: whether it is shut, its name, and whether what lies in it is heard.
pub(super) fn show_folder(
    ui: &mut Ui,
    (rect, clip): (Rect, Rect),
    folder: &Folder,
    editor: &mut Editor,
    asked: &mut Requests,
) {
    let mut ui = head(ui, (rect, clip), ("folder", folder.tracks.first().map_or(0, |track| track.0)));
    let width = name_width(&ui);
    fold_button(&mut ui, width, folder, editor, asked);
    let (mute, solo) = mute_and_solo(&mut ui, &folder.name, (folder.mute, folder.solo));
    if mute {
        asked.done(editor.mute_folder(&folder.name, !folder.mute));
    }
    if solo {
        asked.done(editor.solo_folder(&folder.name, !folder.solo));
    }
}

/// The head of the row of a recording.
pub(super) fn show_recording(
    ui: &mut Ui,
    (rect, clip): (Rect, Rect),
    index: usize,
    editor: &mut Editor,
    asked: &mut Requests,
) {
    let Some(backing) = editor.project().backings.get(index).cloned() else { return };
    let mut ui = head(ui, (rect, clip), ("recording", index as u64));
    let name = backing::name_of(&backing);
    let label = Label::new(RichText::new(&name).weak()).truncate();
    let width = name_width(&ui);
    left_in(&mut ui, vec2(width, 24.0), label).on_hover_text(&backing.path);
    let (mute, solo) = mute_and_solo(&mut ui, &name, (backing.mute, backing.solo));
    let mut change = |step: &str, backing| {
        asked.done(editor.perform(step, Command::Backing(BackingCommand::Change { index, backing })));
    };
    if mute {
        change("mute-backing", Backing { mute: !backing.mute, ..backing.clone() });
    }
    if solo {
        change("solo-backing", Backing { solo: !backing.solo, ..backing });
    }
}

/// The place of a head.
fn head(ui: &mut Ui, (rect, clip): (Rect, Rect), key: (&str, u64)) -> Ui {
    let place = rect.shrink2(vec2(6.0, 2.0)).with_min_x(rect.left() + 12.0);
    let builder = UiBuilder::new().max_rect(place).id_salt(key);
    let mut ui = ui.new_child(builder.layout(egui::Layout::left_to_right(egui::Align::Center)));
    ui.set_clip_rect(clip);
    ui.spacing_mut().item_spacing.x = 3.0;
    ui
}

/// What two letters leave for a name.
fn name_width(ui: &Ui) -> f32 {
    (ui.available_width() - 54.0).max(20.0)
}

/// The corner above: by what blocks are coloured. Gives whether the whole song is to be shown.
pub(super) fn corner(ui: &mut Ui, rect: Rect, colouring: &mut Colouring) -> bool {
    let builder = UiBuilder::new().max_rect(rect.shrink2(vec2(6.0, 4.0))).id_salt("corner");
    let mut ui = ui.new_child(builder.layout(egui::Layout::left_to_right(egui::Align::Center)));
    ui.spacing_mut().item_spacing.x = 3.0;
    let label = t!("arrangement.colours");
    let name = |of: Colouring| Colouring::ALL.iter().find(|(one, _)| *one == of).map_or("", |(_, key)| *key);
    ui.name_inputs(label.as_ref(), |ui| {
        ComboBox::from_id_salt("colouring")
            .width(76.0)
            .truncate()
            .selected_text(t!(name(*colouring)))
            .show_ui(ui, |ui| {
                for (choice, key) in Colouring::ALL {
                    ui.selectable_value(colouring, choice, t!(key));
                }
            })
            .response
    })
    .on_hover_text(label.as_ref());
    let fit = egui::Button::new(RichText::new(t!("arrangement.fit")).small());
    ui.add(fit).on_hover_text(t!("arrangement.fit-why")).clicked()
}
