//! Every shortcut on one page.

use egui::{Context, Grid, RichText, ScrollArea};
use rust_i18n::t;

use super::frame::frame;
use crate::action::{ACTIONS, Menu};

/// Shows the page; gives whether it was closed.
pub fn show(ctx: &Context) -> bool {
    let (closed, escaped) = frame(ctx, "shortcuts", t!("action.shortcuts").into_owned(), 640.0, |ui| {
        ScrollArea::vertical().max_height(ctx.content_rect().height() - 220.0).show(ui, |ui| {
            ui.columns(2, |columns| {
                for (i, menu) in Menu::ALL.into_iter().enumerate() {
                    let ui = &mut columns[i % 2];
                    ui.label(RichText::new(menu.title()).strong());
                    let grid = Grid::new(("shortcuts", i)).num_columns(2).spacing([16.0, 2.0]);
                    grid.min_col_width(150.0).show(ui, |ui| {
                        let with_keys =
                            ACTIONS.iter().filter(|(_, of, _, keys)| *of == menu && keys.is_some());
                        for (action, ..) in with_keys {
                            ui.label(action.title());
                            if let Some(keys) = action.shortcut() {
                                ui.weak(ctx.format_shortcut(&keys));
                            }
                            ui.end_row();
                        }
                    });
                    ui.add_space(10.0);
                }
            });
            ui.label(RichText::new(t!("shortcuts.mouse")).strong());
            for key in ["wheel", "zoom", "keys", "alt", "copy", "double", "drag"] {
                ui.label(t!(format!("shortcuts.{key}")));
            }
        });
        ui.add_space(6.0);
        ui.button(t!("dialog.close")).clicked()
    });
    closed || escaped
}
