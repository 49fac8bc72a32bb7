//! The command palette: every action by a part of its name.

use egui::{Align2, Area, Context, Frame, Id, Key, Modifiers, Order, ScrollArea, TextEdit, vec2};
use rust_i18n::t;

use crate::action::{ACTIONS, Action};
use crate::action_state::ActionState;
use crate::shortcut::shortcut_text;

/// The palette while it is open.
#[derive(Default)]
pub struct CommandPalette {
    search: String,
    /// The row that Enter takes.
    row: usize,
}

/// How well a name fits what was typed, the smaller the better: its letters must stand in
/// the name in their order.
fn fit(name: &str, search: &str) -> Option<usize> {
    let name = name.to_lowercase();
    let search = search.trim().to_lowercase();
    if let Some(at) = name.find(&search) {
        return Some(at);
    }
    let mut letters = name.char_indices();
    let mut spread = 0;
    for wanted in search.chars().filter(|c| !c.is_whitespace()) {
        spread = letters.find(|(_, c)| *c == wanted)?.0;
    }
    Some(1000 + spread)
}

fn found(search: &str) -> Vec<Action> {
    let mut all: Vec<(usize, Action)> = ACTIONS
        .iter()
        .filter(|(action, ..)| *action != Action::Palette)
        .filter_map(|(action, menu, ..)| {
            let name = format!("{} {}", action.title(), menu.title());
            fit(&name, search).map(|fit| (fit, *action))
        })
        .collect();
    all.sort_by_key(|(fit, _)| *fit);
    all.into_iter().map(|(_, action)| action).collect()
}

/// How the palette stands after a frame.
pub enum Chosen {
    Nothing,
    Closed,
    Action(Action),
}

impl CommandPalette {
    /// Shows the palette.
    pub fn show(&mut self, ctx: &Context, state: &ActionState) -> Chosen {
        let palette = self;
        let (up, down, enter, escape) = ctx.input_mut(|i| {
            let mut take = |key| i.consume_key(Modifiers::NONE, key);
            (take(Key::ArrowUp), take(Key::ArrowDown), take(Key::Enter), take(Key::Escape))
        });
        let mut chosen = None;
        let area = Area::new(Id::unique("palette"))
            .order(Order::Foreground)
            .anchor(Align2::CENTER_TOP, vec2(0.0, 90.0))
            .show(ctx, |ui| {
                Frame::popup(ui.style()).inner_margin(10).show(ui, |ui| {
                    ui.set_width(440.0);
                    // The keyboard is its own from the first letter on; who takes it anew in every
                    // frame would stop an input method.
                    let id = ui.scope_id().with("search");
                    if !ui.memory(|memory| memory.has_focus(id)) {
                        ui.memory_mut(|memory| memory.request_focus(id));
                    }
                    let field = TextEdit::singleline(&mut palette.search)
                        .id(id)
                        .hint_text(t!("palette.hint"))
                        .desired_width(f32::INFINITY)
                        .margin(vec2(8.0, 6.0));
                    let response = ui.name_inputs(t!("action.palette"), |ui| ui.add(field));
                    if response.changed() {
                        palette.row = 0;
                    }
                    // Only now: what was typed just before Enter belongs to the search.
                    let actions = found(&palette.search);
                    palette.row = match (up, down) {
                        (true, _) => palette.row.saturating_sub(1),
                        (_, true) => palette.row + 1,
                        _ => palette.row,
                    }
                    .min(actions.len().saturating_sub(1));
                    if enter {
                        chosen = actions.get(palette.row).copied();
                    }
                    ui.add_space(4.0);
                    ScrollArea::vertical().max_height(320.0).show(ui, |ui| {
                        for (i, &action) in actions.iter().enumerate() {
                            let mut item = egui::Button::selectable(i == palette.row, action.title())
                                .min_size(vec2(ui.available_width(), 24.0));
                            if let Some(keys) = shortcut_text(ctx, action) {
                                item = item.shortcut_text(keys);
                            }
                            let item = ui.add_enabled(state.is_possible(action), item);
                            if item.clicked() {
                                chosen = Some(action);
                            }
                            if i == palette.row && (up || down) {
                                item.scroll_to_me(None);
                            }
                        }
                        if actions.is_empty() {
                            ui.weak(t!("palette.nothing"));
                        }
                    });
                });
            });
        let outside = ctx.input(|i| {
            i.pointer.any_pressed()
                && i.pointer.interact_pos().is_some_and(|at| !area.response.rect.contains(at))
        });
        match chosen.filter(|&action| state.is_possible(action)) {
            Some(action) => Chosen::Action(action),
            None if escape || outside => Chosen::Closed,
            None => Chosen::Nothing,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_words_find_an_action() {
        assert_eq!(fit("Octave up", "octave"), Some(0));
        assert!(fit("Octave up", "ocup").is_some());
        assert_eq!(fit("Octave up", "semitone"), None);
        assert!(fit("Save as…", "save").unwrap() < fit("Octave up Save", "save").unwrap());
    }
}
