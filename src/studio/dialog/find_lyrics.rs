//! Words that are looked for in lyrics, and others in their place.

use egui::{Button, Context, Grid, Key, TextEdit, Ui};
use rust_i18n::t;

use super::frame::{Step, buttons, frame, take_keyboard};
use ziyin_score::{NoteId, TrackId};
use ziyin_session::editor::{Editor, LyricSearch};

/// The dialog.
pub struct FindDialog {
    search: LyricSearch,
    by: String,
    everywhere: bool,
    fresh: bool,
}

/// What the dialog asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked {
    Nothing,
    Close,
    /// Select these notes of a track.
    Select(TrackId, Vec<NoteId>),
    /// Put a text in the place of another, in the active track or in all.
    Replace {
        search: LyricSearch,
        by: String,
        everywhere: bool,
    },
}

impl FindDialog {
    pub fn new() -> Self {
        Self { search: LyricSearch::default(), by: String::new(), everywhere: false, fresh: true }
    }

    /// Shows the dialog over the song of an editor.
    pub fn show(&mut self, ctx: &Context, editor: &Editor) -> Asked {
        let title = t!("action.find-lyrics").trim_end_matches('…').to_string();
        let (asked, escaped) = frame(ctx, "find-lyrics", title, 420.0, |ui| self.content(ui, editor));
        if escaped { Asked::Close } else { asked }
    }

    fn content(&mut self, ui: &mut Ui, editor: &Editor) -> Asked {
        let mut replaces = false;
        Grid::new("find-lyrics").num_columns(2).spacing([18.0, 10.0]).show(ui, |ui| {
            ui.label(t!("find.text"));
            let id = ui.scope_id().with("text");
            take_keyboard(ui, &mut self.fresh, id);
            let field = TextEdit::singleline(&mut self.search.text).desired_width(240.0).id(id);
            ui.name_inputs(t!("find.text"), |ui| ui.add(field));
            ui.end_row();
            ui.label(t!("find.by"));
            let field = TextEdit::singleline(&mut self.by).desired_width(240.0);
            let field = ui.name_inputs(t!("find.by"), |ui| ui.add(field));
            // Enter behind what is looked for only selects: nothing is replaced by nothing unasked.
            replaces = field.lost_focus() && ui.input(|i| i.key_pressed(Key::Enter));
            ui.end_row();
        });
        ui.add_space(4.0);
        ui.checkbox(&mut self.search.whole, t!("find.whole")).on_hover_text(t!("find.whole-why"));
        ui.checkbox(&mut self.everywhere, t!("find.everywhere"));
        ui.add_space(4.0);
        let mut found = editor.find_lyrics(&self.search, self.everywhere);
        let count: usize = found.iter().map(|(_, notes)| notes.len()).sum();
        ui.horizontal(|ui| {
            ui.weak(t!("find.found", count = count));
            replaces |= ui.add_enabled(count > 0, Button::new(t!("find.replace"))).clicked();
        });
        match buttons(ui, &t!("find.select"), count > 0) {
            _ if replaces && count > 0 => {
                let (search, by, everywhere) = (self.search.clone(), self.by.clone(), self.everywhere);
                Asked::Replace { search, by, everywhere }
            }
            Step::Confirmed => {
                // Notes are selected in one track: the one that is edited, or else the first.
                let active = found.iter().position(|(track, _)| Some(*track) == editor.active_track());
                let (track, notes) = found.swap_remove(active.unwrap_or(0));
                Asked::Select(track, notes)
            }
            Step::Cancelled => Asked::Close,
            Step::Open => Asked::Nothing,
        }
    }
}
