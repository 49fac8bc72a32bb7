//! Notes that are selected by what they are.

use egui::{ComboBox, Context, Grid, TextEdit, Ui};
use rust_i18n::t;

use super::frame::{Step, buttons, frame, take_keyboard};
use crate::names::language_name;
use crate::widgets::{key_number, number};
use ziyin_lyrics::{Language, Reading};
use ziyin_score::{MAX_TICK, NoteId, TICKS_PER_QUARTER, Tick, Track};
use ziyin_session::editor::{Editor, LyricSearch, NoteSearch};

/// The dialog.
pub struct SelectDialog {
    lyric: LyricSearch,
    lowest: u8,
    highest: u8,
    shortest: Tick,
    longest: Tick,
    language: Option<Language>,
    unreadable: bool,
    fresh: bool,
}

impl SelectDialog {
    /// For the notes of a track: at first for all of them. `None` for a track without notes.
    pub fn new(track: &Track) -> Option<Self> {
        let all = NoteSearch::of_all(track)?;
        Some(Self {
            lyric: LyricSearch::default(),
            lowest: *all.keys.start(),
            highest: *all.keys.end(),
            shortest: *all.lengths.start(),
            longest: *all.lengths.end(),
            language: None,
            unreadable: false,
            fresh: true,
        })
    }

    /// Shows the dialog over the active track, whose notes are read in that way. Gives the notes that are
    /// found.
    pub fn show(&mut self, ctx: &Context, editor: &Editor, readings: &[Reading]) -> (Step, Vec<NoteId>) {
        let title = t!("action.select-notes").trim_end_matches('…').to_string();
        let ((step, found), escaped) = frame(ctx, "select-notes", title, 400.0, |ui| {
            self.fields(ui);
            let found = editor.find_notes(&self.search(), readings);
            ui.add_space(4.0);
            ui.weak(t!("find.found", count = found.len()));
            (buttons(ui, &t!("find.select"), !found.is_empty()), found)
        });
        (if escaped { Step::Cancelled } else { step }, found)
    }

    fn fields(&mut self, ui: &mut Ui) {
        Grid::new("select-notes").num_columns(2).spacing([18.0, 10.0]).show(ui, |ui| {
            ui.label(t!("find.text"));
            ui.horizontal(|ui| {
                let id = ui.scope_id().with("text");
                take_keyboard(ui, &mut self.fresh, id);
                let field = TextEdit::singleline(&mut self.lyric.text).desired_width(120.0).id(id);
                ui.name_inputs(t!("find.text"), |ui| ui.add(field));
                ui.checkbox(&mut self.lyric.whole, t!("find.whole")).on_hover_text(t!("find.whole-why"));
            });
            ui.end_row();
            ui.label(t!("notes.pitch"));
            ui.horizontal(|ui| {
                key_number(ui, &t!("find.lowest"), &mut self.lowest);
                ui.label("–");
                key_number(ui, &t!("find.highest"), &mut self.highest);
            });
            ui.end_row();
            ui.label(t!("notes.length"));
            ui.horizontal(|ui| {
                length(ui, "find.shortest", &mut self.shortest);
                ui.label("–");
                length(ui, "find.longest", &mut self.longest);
                ui.weak(t!("find.quarters"));
            });
            ui.end_row();
            ui.label(t!("notes.language"));
            let name = |language: Option<Language>| {
                language.map_or_else(|| t!("find.any-language").into_owned(), language_name)
            };
            ui.name_inputs(t!("notes.language"), |ui| {
                ComboBox::from_id_salt("language").selected_text(name(self.language)).show_ui(ui, |ui| {
                    for language in std::iter::once(None).chain(Language::ALL.map(Some)) {
                        ui.selectable_value(&mut self.language, language, name(language));
                    }
                });
            });
            ui.end_row();
        });
        ui.checkbox(&mut self.unreadable, t!("find.unreadable"));
    }

    fn search(&self) -> NoteSearch {
        let asks = self.lyric.whole || !self.lyric.text.trim().is_empty();
        NoteSearch {
            lyric: asks.then(|| self.lyric.clone()),
            keys: self.lowest..=self.highest,
            lengths: self.shortest..=self.longest,
            language: self.language,
            unreadable: self.unreadable,
        }
    }
}

/// A length in quarters.
fn length(ui: &mut Ui, key: &str, ticks: &mut Tick) {
    const QUARTER: f64 = TICKS_PER_QUARTER as f64;
    let drag = number(ticks, 1..=MAX_TICK).speed(4.0);
    let drag = drag
        .custom_formatter(|ticks, _| format!("{}", (1000.0 * ticks / QUARTER).round() / 1000.0))
        // A third of a quarter has no last digit.
        .custom_parser(|text| Some((text.trim().replace(',', ".").parse::<f64>().ok()? * QUARTER).round()));
    ui.add(drag).accessible_name(t!(key));
}
