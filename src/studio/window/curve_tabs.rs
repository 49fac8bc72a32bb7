//! The row above the curve lane: which curve it shows, and the pen.

use egui::{Frame, Margin, Ui};
use rust_i18n::t;

use crate::score::CurveKind;
use crate::studio::curves::{CurveLane, Pen, curve_name};
use crate::studio::view::View;

pub(super) fn show(ui: &mut Ui, view: &mut View, lane: &mut CurveLane) {
    Frame::new().inner_margin(Margin::symmetric(8, 3)).show(ui, |ui| {
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = 4.0;
            for kind in CurveKind::ALL {
                if ui.selectable_label(view.curve == kind, curve_name(kind)).clicked() {
                    view.curve = kind;
                }
            }
            ui.add_space(12.0);
            for (pen, key) in Pen::ALL {
                if ui.selectable_label(lane.pen == pen, t!(key)).clicked() {
                    lane.pen = pen;
                }
            }
        });
    });
}
