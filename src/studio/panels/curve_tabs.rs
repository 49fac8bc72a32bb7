//! The row above the lane of values: what it shows, and the pen.

use egui::{Frame, Margin, ScrollArea, Ui};
use rust_i18n::t;

use crate::lanes::{LANES, Pen, ValueLane, View, lane_name};

/// Shows the row.
pub fn show(ui: &mut Ui, view: &mut View, lane: &mut ValueLane) {
    Frame::new().inner_margin(Margin::symmetric(8, 3)).show(ui, |ui| {
        // In a low window rows of names would take the room of the lane: one of them scrolls.
        if view.low {
            ScrollArea::horizontal().show(ui, |ui| ui.horizontal(|ui| names(ui, view, lane)));
        } else {
            ui.horizontal_wrapped(|ui| names(ui, view, lane));
        }
    });
}

fn names(ui: &mut Ui, view: &mut View, lane: &mut ValueLane) {
    ui.spacing_mut().item_spacing.x = 4.0;
    for shown in LANES {
        if ui.selectable_label(view.lane == shown, lane_name(shown)).clicked() {
            view.lane = shown;
        }
    }
    ui.add_space(12.0);
    for (pen, key) in Pen::ALL {
        if ui.selectable_label(lane.pen == pen, t!(key)).clicked() {
            lane.pen = pen;
        }
    }
}
