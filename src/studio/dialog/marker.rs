//! The name of a marker.

use egui::{Context, TextEdit};
use rust_i18n::t;

use super::frame::{Step, buttons, frame, take_keyboard};
use ziyin_score::{Marker, Project, Tick};

/// The dialog.
pub struct MarkerDialog {
    marker: Marker,
    /// Where the marker stands already, if it does.
    old: Option<Tick>,
    fresh: bool,
}

impl MarkerDialog {
    /// For the marker at a tick, or a new one there.
    pub fn new(project: &Project, tick: Tick) -> Self {
        let there = project.markers.iter().find(|marker| marker.tick == tick);
        let marker = there.cloned().unwrap_or(Marker { tick, name: String::new() });
        Self { marker, old: there.map(|marker| marker.tick), fresh: true }
    }

    /// Shows the dialog. Gives where the marker stood before, and what it is to be.
    pub fn show(&mut self, ctx: &Context) -> (Step, Option<Tick>, Marker) {
        let title = t!("marker.title").into_owned();
        let (step, escaped) = frame(ctx, "marker", title, 320.0, |ui| {
            ui.horizontal(|ui| {
                ui.label(t!("marker.name"));
                let id = ui.scope_id().with("name");
                take_keyboard(ui, &mut self.fresh, id);
                let field = TextEdit::singleline(&mut self.marker.name).desired_width(220.0).id(id);
                ui.name_inputs(t!("marker.name"), |ui| ui.add(field));
            });
            let confirm = if self.old.is_some() { t!("change.set") } else { t!("change.insert") };
            buttons(ui, &confirm, true)
        });
        let marker = Marker { tick: self.marker.tick, name: self.marker.name.trim().into() };
        (if escaped { Step::Cancelled } else { step }, self.old, marker)
    }
}
