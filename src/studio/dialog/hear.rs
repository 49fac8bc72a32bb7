//! A song from a recording: what is known of it, progress, and what was heard before it is taken.

use std::path::PathBuf;

use egui::{ComboBox, Context, Label, ProgressBar, RichText, ScrollArea, TextEdit, Ui};
use rust_i18n::t;
use ziyin_message::Message;

use super::frame::{Step, buttons, frame, take_keyboard};
use crate::names::language_name;
use ziyin_lyrics::Language;
use ziyin_score::{TICKS_PER_QUARTER, Tick};
use ziyin_session::hearing::{HeardSong, HearingOrder};
use ziyin_session::listener::{Heard, Listener};
use ziyin_session::separating::free_accompaniment;

/// Grids to choose from, with their parts of a whole note.
const GRIDS: [(&str, Tick); 4] = [
    ("1/8", TICKS_PER_QUARTER / 2),
    ("1/12", TICKS_PER_QUARTER / 3),
    ("1/16", TICKS_PER_QUARTER / 4),
    ("1/32", TICKS_PER_QUARTER / 8),
];

/// The dialog.
pub struct HearDialog {
    order: HearingOrder,
    /// What is sung, as it was typed or heard.
    lyrics: String,
    listener: Option<Listener>,
    heard: Option<Box<HeardSong>>,
    /// The lyrics that were shown with what was heard.
    heard_lyrics: String,
    error: Option<Message>,
    /// Whether what goes with the vocals of a mix shall lie beneath in place of the recording.
    without_vocals: bool,
    /// The file of what is without vocals, once it was asked for: a second try writes the same.
    beneath: Option<PathBuf>,
    /// Whether the recording shall only be laid behind the song.
    behind: bool,
    /// Whether the dialog has yet to take the keyboard.
    fresh: bool,
}

/// What the dialog asks for.
pub enum Asked {
    Nothing,
    Close,
    /// The song is to be taken.
    Take(Box<HeardSong>),
    /// The recording is to be laid behind the song, and nothing else.
    Behind(PathBuf),
}

impl HearDialog {
    pub fn new(recording: PathBuf) -> Self {
        Self {
            order: HearingOrder { recording, ..HearingOrder::default() },
            lyrics: String::new(),
            listener: None,
            heard: None,
            heard_lyrics: String::new(),
            error: None,
            without_vocals: false,
            beneath: None,
            behind: false,
            fresh: true,
        }
    }

    /// Shows the dialog.
    pub fn show(&mut self, ctx: &Context) -> Asked {
        let title = t!("action.hear").trim_end_matches('…').to_string();
        match self.listener.as_ref().map(Listener::heard) {
            Some(Heard::Song(song)) => {
                self.listener = None;
                if self.lyrics.trim().is_empty() {
                    let heard: Vec<&str> = song.characters.iter().map(|one| one.lyric.as_str()).collect();
                    self.lyrics = heard.join(" ");
                }
                self.heard_lyrics = self.lyrics.clone();
                // Other words are looked for in the same vocals.
                self.order.vocals = self.order.mix.then(|| song.samples.clone());
                self.heard = Some(song);
            }
            Some(Heard::Failed(why)) => (self.listener, self.error) = (None, Some(why)),
            Some(Heard::Listening(part)) => {
                let (cancelled, escaped) = frame(ctx, "hear", title, 480.0, |ui| {
                    ui.label(t!("hear.listening"));
                    ui.add(ProgressBar::new(part).show_percentage());
                    ui.add_space(8.0);
                    ui.button(t!("dialog.cancel")).clicked()
                });
                if cancelled || escaped {
                    self.listener = None;
                }
                return Asked::Nothing;
            }
            None => {}
        }
        let (step, escaped) = frame(ctx, "hear", title, 480.0, |ui| self.content(ui));
        match step {
            _ if self.behind => Asked::Behind(self.order.recording.clone()),
            Step::Cancelled => Asked::Close,
            Step::Open if escaped => Asked::Close,
            Step::Open => Asked::Nothing,
            Step::Confirmed => match self.heard.take() {
                Some(heard) if !self.is_changed() => Asked::Take(heard),
                _ => {
                    self.listen(ctx);
                    Asked::Nothing
                }
            },
        }
    }

    fn listen(&mut self, ctx: &Context) {
        let wake = ctx.clone();
        (self.heard, self.error) = (None, None);
        let lyrics = self.lyrics.trim();
        self.order.lyrics = (!lyrics.is_empty()).then(|| lyrics.to_string());
        if self.order.vocals.is_none() {
            let asked = self.order.mix && self.without_vocals;
            let recording = &self.order.recording;
            let beneath = &mut self.beneath;
            let free = || beneath.get_or_insert_with(|| free_accompaniment(recording)).clone();
            self.order.accompaniment = asked.then(free);
        }
        self.listener = Some(Listener::begin(self.order.clone(), move || wake.request_repaint()));
    }

    /// Whether something was changed since the recording was heard.
    fn is_changed(&self) -> bool {
        self.lyrics != self.heard_lyrics
    }

    fn content(&mut self, ui: &mut Ui) -> Step {
        let name = self.order.recording.file_name().unwrap_or_default().to_string_lossy().into_owned();
        ui.add(Label::new(RichText::new(name).strong()).truncate())
            .on_hover_text(self.order.recording.display().to_string());
        ui.horizontal_wrapped(|ui| {
            ui.weak(t!("hear.what"));
            self.behind = ui.button(t!("hear.behind")).clicked();
        });
        ui.add_space(6.0);
        if let Some(heard) = &self.heard {
            let notes = heard.project.tracks.first().map_or(0, |track| track.notes.len());
            ui.label(t!("hear.heard", notes = notes, bpm = format!("{:.1}", heard.bpm)));
            for warning in &heard.warnings {
                ui.label(RichText::new(warning.said()).color(ui.visuals().warn_fg_color));
            }
            ui.add_space(6.0);
        }
        ui.label(t!("hear.lyrics"));
        let id = ui.scope_id().with("lyrics");
        take_keyboard(ui, &mut self.fresh, id);
        ScrollArea::vertical().max_height(150.0).auto_shrink([false, true]).show(ui, |ui| {
            let field = TextEdit::multiline(&mut self.lyrics)
                .desired_rows(5)
                .desired_width(f32::INFINITY)
                .hint_text(t!("hear.lyrics-hint"))
                .id(id);
            ui.name_inputs(t!("hear.lyrics"), |ui| ui.add(field));
        });
        ui.add_space(6.0);
        let mut changed = self.mix(ui);
        ui.horizontal(|ui| {
            ui.label(t!("hear.language"));
            changed |= language(ui, &mut self.order.language);
            ui.add_space(12.0);
            ui.label(t!("hear.grid"));
            changed |= grid(ui, &mut self.order.grid);
        });
        changed |= ui
            .checkbox(&mut self.order.hanzi, t!("hear.hanzi"))
            .on_hover_text(t!("hear.hanzi-hint"))
            .changed();
        if changed {
            // What was heard no longer is what is asked for, nor are the words, unless they were given.
            self.heard = None;
            if self.order.lyrics.is_none() && !self.is_changed() {
                self.lyrics.clear();
            }
        }
        if let Some(error) = &self.error {
            ui.label(RichText::new(error.said()).color(ui.visuals().error_fg_color));
        }
        let takes = self.heard.is_some() && !self.is_changed();
        let confirm = if takes { t!("hear.take") } else { t!("hear.begin") };
        buttons(ui, &confirm, true)
    }

    /// What the recording holds, and what lies beneath; whether something else was chosen.
    fn mix(&mut self, ui: &mut Ui) -> bool {
        let before = (self.order.mix, self.without_vocals);
        ui.horizontal_wrapped(|ui| {
            ui.label(t!("hear.holds"));
            ui.radio_value(&mut self.order.mix, false, t!("hear.voice"));
            ui.radio_value(&mut self.order.mix, true, t!("hear.mix"));
        });
        if self.order.mix {
            ui.checkbox(&mut self.without_vocals, t!("hear.without-vocals"))
                .on_hover_text(t!("hear.without-vocals-hint"));
        }
        let changed = before != (self.order.mix, self.without_vocals);
        if changed {
            self.order.vocals = None;
        }
        changed
    }
}

/// A choice of the language; whether another was chosen.
fn language(ui: &mut Ui, chosen: &mut Option<Language>) -> bool {
    let before = *chosen;
    let name = |language: Option<Language>| match language {
        None => t!("hear.as-heard").into_owned(),
        Some(language) => language_name(language),
    };
    ui.name_inputs(t!("hear.language"), |ui| {
        ComboBox::from_id_salt("hear-language").selected_text(name(before)).show_ui(ui, |ui| {
            ui.selectable_value(chosen, None, name(None));
            for language in Language::ALL {
                ui.selectable_value(chosen, Some(language), name(Some(language)));
            }
        })
    });
    *chosen != before
}

/// A choice of the grid; whether another was chosen.
fn grid(ui: &mut Ui, chosen: &mut Option<Tick>) -> bool {
    let before = *chosen;
    let name = |grid: Option<Tick>| match GRIDS.iter().find(|(_, ticks)| Some(*ticks) == grid) {
        Some((name, _)) => (*name).to_string(),
        None => t!("hear.free").into_owned(),
    };
    ui.name_inputs(t!("hear.grid"), |ui| {
        ComboBox::from_id_salt("hear-grid").selected_text(name(before)).show_ui(ui, |ui| {
            ui.selectable_value(chosen, None, name(None));
            for (_, ticks) in GRIDS {
                ui.selectable_value(chosen, Some(ticks), name(Some(ticks)));
            }
        })
    });
    *chosen != before
}
