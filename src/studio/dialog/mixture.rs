//! A singer mixed of two or three others: who, and how much of each.

use std::ops::RangeInclusive;

use egui::{ComboBox, RichText, TextEdit, Ui};
use rust_i18n::t;

use super::frame::take_keyboard;
use crate::widgets::slider;
use ziyin_model::Share;
use ziyin_session::singers::Singer;

/// How much somebody may weigh beside the others.
const WEIGHTS: RangeInclusive<f32> = 1.0..=100.0;

/// The form.
pub struct MixtureForm {
    name: String,
    rows: [Row; 3],
    /// Whether the form has yet to take the keyboard.
    fresh: bool,
}

struct Row {
    singer: Option<String>,
    weight: f32,
}

/// What the form asks for.
#[derive(Clone, Debug, PartialEq)]
pub enum Asked {
    Nothing,
    Cancel,
    Mix { name: String, shares: Vec<Share> },
}

impl MixtureForm {
    /// Begins with somebody as the first.
    pub fn new(first: Option<&str>) -> Self {
        let row = |singer: Option<&str>| Row { singer: singer.map(String::from), weight: 50.0 };
        Self { name: String::new(), rows: [row(first), row(None), row(None)], fresh: true }
    }

    /// Those who were chosen, with their weights.
    fn chosen(&self) -> impl Iterator<Item = (&String, f32)> {
        self.rows.iter().filter_map(|row| Some((row.singer.as_ref()?, row.weight)))
    }

    /// Shows the form with those who can be mixed.
    pub fn show(&mut self, ui: &mut Ui, singers: &[Singer]) -> Asked {
        ui.strong(t!("mixture.title"));
        ui.weak(t!("mixture.what"));
        ui.add_space(6.0);
        ui.horizontal(|ui| {
            ui.label(t!("clone.name"));
            let id = ui.scope_id().with("name");
            take_keyboard(ui, &mut self.fresh, id);
            let field = TextEdit::singleline(&mut self.name).desired_width(200.0).id(id);
            ui.name_inputs(t!("clone.name"), |ui| ui.add(field));
        });
        ui.add_space(6.0);
        let sum: f32 = self.chosen().map(|(_, weight)| weight).sum();
        for (i, row) in self.rows.iter_mut().enumerate() {
            ui.horizontal(|ui| row.show(ui, i + 1, sum, singers));
        }
        let names: Vec<String> = self.chosen().map(|(name, _)| name.to_lowercase()).collect();
        let twice = names.iter().enumerate().any(|(i, name)| names[..i].contains(name));
        let taken = {
            let name = self.name.trim().to_lowercase();
            singers.iter().any(|singer| singer.name.to_lowercase() == name)
        };
        let warning = match (taken, twice) {
            (true, _) => t!("clone.taken"),
            (_, true) => t!("mixture.twice"),
            // Its place is kept, so that nothing moves under the pointer.
            _ => " ".into(),
        };
        ui.label(RichText::new(warning).color(ui.visuals().warn_fg_color));
        let ready = names.len() >= 2 && !twice && !taken && !self.name.trim().is_empty();
        let mut asked = Asked::Nothing;
        ui.horizontal(|ui| {
            if ui.add_enabled(ready, egui::Button::new(t!("mixture.mix"))).clicked() {
                let share = |(name, weight): (&String, f32)| Share { name: name.clone(), weight };
                let shares = self.chosen().map(share).collect();
                asked = Asked::Mix { name: self.name.trim().into(), shares };
            }
            if ui.button(t!("mixture.cancel")).clicked() {
                asked = Asked::Cancel;
            }
        });
        asked
    }
}

impl Row {
    fn show(&mut self, ui: &mut Ui, number: usize, sum: f32, singers: &[Singer]) {
        let nobody = t!("mixture.nobody").into_owned();
        ui.name_inputs(t!("mixture.singer", number = number), |ui| {
            ComboBox::from_id_salt(("mixed", number))
                .width(170.0)
                .height(320.0)
                .truncate()
                .selected_text(self.singer.as_ref().unwrap_or(&nobody))
                .show_ui(ui, |ui| {
                    ui.selectable_value(&mut self.singer, None, &nobody);
                    for singer in singers.iter().filter(|singer| singer.can_sing()) {
                        ui.selectable_value(&mut self.singer, Some(singer.name.clone()), &singer.name);
                    }
                });
        });
        ui.spacing_mut().slider_width = 110.0;
        ui.add_enabled_ui(self.singer.is_some(), |ui| {
            ui.name_inputs(t!("mixture.weight", number = number), |ui| {
                ui.add(slider(&mut self.weight, WEIGHTS).fixed_decimals(0).show_value(true));
            });
        });
        let share = if self.singer.is_some() && sum > 0.0 { 100.0 * self.weight / sum } else { 0.0 };
        ui.label(format!("{share:.0}%"));
    }
}
