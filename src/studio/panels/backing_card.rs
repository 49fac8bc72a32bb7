//! The row of a recording in the track panel.

use egui::{Color32, Frame, Label, Margin, RichText, Role, Sense, Spinner, Ui, WidgetInfo, vec2};
use rust_i18n::t;

use super::mix_controls::{MixChange, gain_and_pan, room_value};
use crate::edits::Edits;
use crate::request::Request;
use crate::widgets::icon::{self, Icon};
use crate::widgets::{differ, left_in, mute_and_solo, number_in, row, show_meter, steady};
use ziyin_score::{Backing, BackingCommand, Command, SongCommand, Tempo};
use ziyin_session::backing::name_of;
use ziyin_session::engine::{BackingStatus, Engine, LaneKey};

/// The most that can be cut off or faded, in seconds.
const MOST_SECONDS: f64 = (Backing::FARTHEST_US / 1_000_000) as f64;

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
            if matches!(engine.backing_status(index), BackingStatus::Decoding) {
                // In the place of the picture: nothing is to move under a pointer when the file has been read.
                let reading = ui.add(Spinner::new().size(14.0));
                let label = t!("backing.decoding");
                reading.widget_info(|| WidgetInfo::labeled(Role::Label, true, label.as_ref()));
                reading.on_hover_text(label.as_ref());
            } else {
                let (rect, _) = ui.allocate_exact_size(vec2(14.0, 14.0), Sense::hover());
                icon::paint(ui.painter(), rect, Icon::Wave, ui.visuals().weak_text_color());
            }
            let width = (ui.available_width() - 85.0).max(30.0);
            let label = Label::new(&name).truncate();
            left_in(ui, vec2(width, 24.0), label).on_hover_text(&backing.path);
            let (mute, solo) = mute_and_solo(ui, &name, (backing.mute, backing.solo));
            if mute {
                let muted = change(Backing { mute: !backing.mute, ..backing.clone() });
                edits.perform("mute-backing", muted);
            }
            if solo {
                edits.perform("solo-backing", change(Backing { solo: !backing.solo, ..backing.clone() }));
            }
            if icon::small(ui, Icon::Close, &t!("backing.remove", name = name.as_str())).clicked() {
                let remove = Command::Backing(BackingCommand::Remove { index });
                edits.perform("remove-backing", remove);
            }
        });
        if let BackingStatus::Failed(why) = engine.backing_status(index) {
            ui.label(RichText::new(why.said()).color(ui.visuals().error_fg_color));
            // Its gain, pan and start stay as they are.
            let find = ui.button(t!("backing.find")).on_hover_text(t!("backing.find-why"));
            let label = t!("backing.find-named", name = name.as_str());
            find.widget_info(|| WidgetInfo::labeled(Role::Button, true, label.as_ref()));
            if find.clicked() {
                edits.asked.ask(Request::FindBacking(index));
            }
        }
        if let Some(bpm) = engine.backing_tempo(index) {
            tempo(ui, edits, (&backing, &name), bpm);
        }
        steady(ui, "values", |ui| values(ui, edits, (index, &backing, &name)));
        let level = engine.lane_meter(LaneKey::Backing(index));
        show_meter(ui, &t!("tracks.meter", name = name.as_str()), &[level], vec2(ui.available_width(), 4.0));
    });
}

/// The tempo that the recording seems to have, and the song for the asking.
fn tempo(ui: &mut Ui, edits: &mut Edits, (backing, name): (&Backing, &str), bpm: f64) {
    let told = (10.0 * bpm).round() / 10.0;
    row(ui, &t!("backing.tempo"), &t!("backing.tempo-why"), |ui| {
        let label = ui.label(format!("♩={told:.1}"));
        let spoken = t!("backing.tempo-of", name = name, bpm = format!("{told:.1}"));
        label.widget_info(|| WidgetInfo::labeled(Role::Label, true, spoken.as_ref()));
        let take = ui.small_button(t!("backing.take-tempo")).on_hover_text(t!("backing.take-tempo-why"));
        if take.clicked()
            && let Some(tempo) = Tempo::from_bpm(told)
        {
            // Where the recording begins, as the song has it there.
            let tempos = &edits.editor.project().tempo;
            let heard = tempos.tick((backing.offset_us + backing.trim_us[0]).max(0) as f64 / 1e6);
            let change = tempos.changes().iter().rfind(|change| change.tick <= heard);
            let tick = change.map_or(0, |change| change.tick);
            let set = Command::Song(SongCommand::Tempo { tick, tempo: Some(tempo) });
            edits.perform(&format!("change-tempo:♩={told}"), set);
        }
    });
}

/// What is cut or faded of a recording, at its beginning and at its end.
type Ends = fn(&mut Backing) -> &mut [i64; 2];

/// What is set of a recording in numbers.
fn values(ui: &mut Ui, edits: &mut Edits, (index, backing, name): (usize, &Backing, &str)) {
    let change = |backing| Command::Backing(BackingCommand::Change { index, backing });
    gain_and_pan(ui, edits, name, (backing.gain_db, backing.pan), |moved| {
        change(match moved {
            MixChange::Gain(gain_db) => Backing { gain_db, ..backing.clone() },
            MixChange::Pan(pan) => Backing { pan, ..backing.clone() },
        })
    });
    row(ui, &t!("backing.start"), &t!("backing.offset", name = name), |ui| {
        let mut offset = backing.offset_us as f64 / 1e6;
        let label = t!("backing.offset", name = name);
        let before = offset;
        let value =
            number_in(&mut offset, f64::NEG_INFINITY..=f64::INFINITY, " s").speed(0.005).fixed_decimals(3);
        let response = ui.add_sized(vec2(72.0, 24.0), value).accessible_name(label.as_ref());
        let offset_us = (offset * 1e6).round() as i64;
        let changed = differ(offset, before, 3).then(|| change(Backing { offset_us, ..backing.clone() }));
        let response = response.on_hover_text(label.as_ref());
        edits.edit_by(&response, "move-backing", format_args!("{offset:.3} s"), changed);
    });
    row(ui, &t!("tracks.room"), &t!("backing.room-why"), |ui| {
        let mut room = backing.room;
        let response = room_value(ui, 64.0, &mut room, &t!("tracks.room-of", name = name));
        let changed = differ(room, backing.room, 2).then(|| change(Backing { room, ..backing.clone() }));
        edits.edit_by(&response, "change-room", format_args!("{:.0}%", 100.0 * room), changed);
    });
    let ends: [(&str, &str, Ends); 2] = [
        ("backing.trim", "trim-backing", |backing| &mut backing.trim_us),
        ("backing.fade", "fade-backing", |backing| &mut backing.fade_us),
    ];
    for (key, step, part) in ends {
        row(ui, &t!(key), &t!(format!("{key}-why")), |ui| {
            for end in 0..2 {
                let label = t!(format!("{key}-{}", ["begin", "end"][end]), name = name);
                let mut changed = backing.clone();
                let part = &mut part(&mut changed)[end];
                let mut seconds = *part as f64 / 1e6;
                let before = seconds;
                let value = number_in(&mut seconds, 0.0..=MOST_SECONDS, " s").speed(0.005).fixed_decimals(2);
                let response = ui.add_sized(vec2(64.0, 24.0), value).accessible_name(label.as_ref());
                let response = response.on_hover_text(label.as_ref());
                *part = (seconds * 1e6).round() as i64;
                let changed = differ(seconds, before, 2).then(|| change(changed));
                edits.edit_by(&response, step, format_args!("{seconds:.2} s"), changed);
            }
        });
    }
}
