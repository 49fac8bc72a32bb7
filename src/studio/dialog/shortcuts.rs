//! Every shortcut on one page, where each can be changed.

use egui::{Button, Context, Grid, Key, RichText, ScrollArea, Ui};
use rust_i18n::t;

use super::frame::frame;
use crate::action::{ACTIONS, Action, Menu};
use crate::shortcut::{Shortcuts, pressed, shortcut_text};
use crate::widgets::icon::{self, Icon};

/// Points for the name of an action, beside its keys.
const NAMES: f32 = 190.0;
/// How wide a row with the longest keys is.
const WIDEST: f32 = 330.0;

/// The page.
#[derive(Default)]
pub struct ShortcutsDialog {
    /// The action whose keys are about to be pressed.
    waits: Option<Action>,
    /// Who has lost their keys by it.
    told: Option<String>,
}

/// What the page asks for.
#[derive(Clone, Debug, PartialEq)]
pub enum Asked {
    Nothing,
    Close,
    /// These are the shortcuts from now on.
    Change(Shortcuts),
}

impl ShortcutsDialog {
    /// Shows the page.
    pub fn show(&mut self, ctx: &Context) -> Asked {
        let mut shortcuts = Shortcuts::of_window(ctx);
        let before = shortcuts.clone();
        if let Some(action) = self.waits {
            match pressed(ctx) {
                Some((_, Key::Escape)) => self.waits = None,
                Some(keys) => {
                    self.waits = None;
                    let lost = shortcuts.give(action, Some(keys));
                    self.told = lost.map(|lost| t!("shortcuts.lost", action = lost.title()).into_owned());
                }
                None => {}
            }
        }
        let title = t!("action.shortcuts").into_owned();
        let (closed, escaped) = frame(ctx, "shortcuts", title, 700.0, |ui| {
            ui.weak(t!("shortcuts.how"));
            ScrollArea::vertical().max_height(ctx.content_rect().height() - 250.0).show(ui, |ui| {
                // Side by side as far as the longest keys have room.
                let beside = if ui.available_width() < 2.0 * WIDEST { 1 } else { 2 };
                ui.columns(beside, |columns| {
                    for (i, menu) in Menu::ALL.into_iter().enumerate() {
                        self.menu(&mut columns[i % beside], menu, &mut shortcuts);
                    }
                });
                ui.label(RichText::new(t!("shortcuts.mouse")).strong());
                for key in ["wheel", "zoom", "keys", "alt", "copy", "double", "drag"] {
                    ui.label(t!(format!("shortcuts.{key}")));
                }
            });
            let told = self.told.as_deref().unwrap_or(" ");
            ui.label(RichText::new(told).color(ui.visuals().warn_fg_color));
            ui.horizontal(|ui| {
                let own = shortcuts != Shortcuts::default();
                if ui.add_enabled(own, Button::new(t!("shortcuts.reset"))).clicked() {
                    (shortcuts, self.told) = (Shortcuts::default(), None);
                }
                ui.button(t!("dialog.close")).clicked()
            })
            .inner
        });
        match shortcuts == before {
            false => Asked::Change(shortcuts),
            true if closed || escaped => Asked::Close,
            true => Asked::Nothing,
        }
    }

    fn menu(&mut self, ui: &mut Ui, menu: Menu, shortcuts: &mut Shortcuts) {
        ui.label(RichText::new(menu.title()).strong());
        let grid = Grid::new(("shortcuts", menu.title())).num_columns(2).spacing([10.0, 2.0]);
        grid.show(ui, |ui| {
            for (action, ..) in ACTIONS.iter().filter(|(_, of, ..)| *of == menu) {
                let title = action.title();
                ui.horizontal(|ui| {
                    ui.set_width(NAMES);
                    ui.add(egui::Label::new(&title).truncate());
                });
                ui.horizontal(|ui| self.keys(ui, *action, &title, shortcuts));
                ui.end_row();
            }
        });
        ui.add_space(10.0);
    }

    /// The keys of an action as a button that waits for others, and one that takes them away.
    fn keys(&mut self, ui: &mut Ui, action: Action, title: &str, shortcuts: &mut Shortcuts) {
        let waits = self.waits == Some(action);
        let text = match waits {
            true => t!("shortcuts.press").into_owned(),
            false => shortcut_text(ui.ctx(), action).unwrap_or_else(|| "–".into()),
        };
        let name = t!("shortcuts.of", action = title, keys = text.as_str());
        let button = ui.add(Button::new(RichText::new(&text).small()).selected(waits));
        button.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, &*name));
        if button.clicked() {
            self.waits = (!waits).then_some(action);
            // The keys that come are for the page, not for the button.
            button.surrender_focus();
        }
        if shortcuts.of(action).is_some()
            && icon::small(ui, Icon::Close, &t!("shortcuts.remove", action = title)).clicked()
        {
            shortcuts.give(action, None);
            self.told = None;
        }
    }
}
