//! The row of a recording in the track panel.

use egui::{Color32, Frame, Label, Margin, RichText, Ui, vec2};
use rust_i18n::t;

use super::mix_controls::{MixChange, gain_and_pan};
use crate::edits::Edits;
use crate::request::Request;
use crate::widgets::icon::{self, Icon};
use crate::widgets::{differ, left_in, letter, number, row, show_meter};
use ziyin_score::{Backing, BackingCommand, Command};
use ziyin_session::backing::name_of;
use ziyin_session::engine::{BackingStatus, Engine, LaneKey};

/// Shows the row of the recording of that place in the song.
pub(super) fn show(ui: &mut Ui, edits: &mut Edits, engine: &Engine, index: usize) {
    let Some(backing) = edits.editor.project().backings.get(index).cloned() else { return };
    let name = name_of(&backing);
    let change = |backing| Command::Backing(BackingCommand::Change { index, backing });
    let margin = Margin { left: 10, right: 6, top: 5, bottom: 6 };
    Frame::new().fill(Color32::TRANSPARENT).inner_margin(margin).show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.spacing_mut().item_spacing = vec2(5.0, 4.0);
        ui.horizontal(|ui| {
            let (rect, _) = ui.allocate_exact_size(vec2(14.0, 14.0), egui::Sense::hover());
            icon::paint(ui.painter(), rect, Icon::Wave, ui.visuals().weak_text_color());
            let width = (ui.available_width() - 56.0).max(30.0);
            let label = Label::new(&name).truncate();
            left_in(ui, vec2(width, 24.0), label).on_hover_text(&backing.path);
            let warn = ui.visuals().warn_fg_color;
            if letter(ui, "M", &t!("tracks.mute", name = name.as_str()), backing.mute, warn) {
                let muted = change(Backing { mute: !backing.mute, ..backing.clone() });
                edits.perform("mute-backing", muted);
            }
            if icon::small(ui, Icon::Close, &t!("backing.remove", name = name.as_str())).clicked() {
                let remove = Command::Backing(BackingCommand::Remove { index });
                edits.perform("remove-backing", remove);
            }
        });
        match engine.backing_status(index) {
            BackingStatus::Decoding => _ = ui.weak(t!("backing.decoding")),
            BackingStatus::Failed(why) => {
                ui.label(RichText::new(why.said()).color(ui.visuals().error_fg_color));
                // Its gain, pan and start stay as they are.
                let find = ui.button(t!("backing.find")).on_hover_text(t!("backing.find-why"));
                let label = t!("backing.find-named", name = name.as_str());
                find.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, label.as_ref()));
                if find.clicked() {
                    edits.asked.ask(Request::FindBacking(index));
                }
            }
            BackingStatus::Ready { .. } => {}
        }
        gain_and_pan(ui, edits, &name, (backing.gain_db, backing.pan), |moved| {
            change(match moved {
                MixChange::Gain(gain_db) => Backing { gain_db, ..backing.clone() },
                MixChange::Pan(pan) => Backing { pan, ..backing.clone() },
            })
        });
        row(ui, &t!("backing.start"), &t!("backing.offset", name = name.as_str()), |ui| {
            let mut offset = backing.offset_us as f64 / 1e6;
            let label = t!("backing.offset", name = name.as_str());
            let before = offset;
            let value = number(&mut offset, f64::NEG_INFINITY..=f64::INFINITY)
                .speed(0.005)
                .fixed_decimals(3)
                .suffix(" s");
            let response = ui.add_sized(vec2(72.0, 24.0), value).accessible_name(label.as_ref());
            let offset_us = (offset * 1e6).round() as i64;
            let changed = differ(offset, before, 3).then(|| change(Backing { offset_us, ..backing.clone() }));
            let response = response.on_hover_text(label.as_ref());
            edits.edit_by(&response, "move-backing", format_args!("{offset:.3} s"), changed);
        });
        let level = engine.lane_meter(LaneKey::Backing(index));
        show_meter(ui, &t!("tracks.meter", name = name.as_str()), &[level], vec2(ui.available_width(), 4.0));
    });
}
