//! What can be said of the selected notes: pitch, place, length, reading, loudness, manner,
//! vibrato. Each value
//! shows the first of them, and what is changed holds for all.

use egui::{ComboBox, Grid, Response, ScrollArea, TextEdit, Ui, vec2};
use rust_i18n::t;

use crate::edits::Edits;
use crate::names::manner_name;
use crate::widgets::{differ, number, slider};
use ziyin_score::{Levels, Manner, Note, Tick, Vibrato};
use ziyin_session::editor::{Editor, SHORTEST, USUAL_VIBRATO};
use ziyin_signal::{note_name, semitones_of};

/// The panel of the notes that are selected.
pub struct NotePanel<'a>(pub Edits<'a>);

impl NotePanel<'_> {
    pub fn show(&mut self, ui: &mut Ui) {
        ui.add_space(6.0);
        ui.strong(t!("notes.title"));
        ui.add_space(4.0);
        let notes = self.0.editor.selected_notes();
        let Some(first) = notes.first().cloned() else {
            ui.weak(t!("notes.none"));
            return;
        };
        ui.weak(t!("status.selected", count = notes.len()));
        ScrollArea::vertical().auto_shrink([false, false]).show(ui, |ui| {
            Grid::new("note").num_columns(2).spacing([10.0, 6.0]).show(ui, |ui| {
                self.note_words(ui, &first, notes.len());
                self.note_place(ui, &first);
            });
            ui.add_space(8.0);
            ui.separator();
            self.note_sound(ui, &first);
            ui.add_space(8.0);
            ui.separator();
            self.note_vibrato(ui, &first);
        });
    }

    /// Lyric and reading, which only a single note has.
    fn note_words(&mut self, ui: &mut Ui, note: &Note, count: usize) {
        let single = count == 1;
        let mut lyric = note.lyric.clone();
        let lyric_field = field(ui, "notes.lyric", |ui| {
            ui.add_enabled(single, TextEdit::singleline(&mut lyric).desired_width(110.0))
        });
        self.group(&lyric_field, "type-lyric");
        if lyric_field.changed() {
            let done = self.0.editor.set_lyric(note.id, &lyric);
            self.0.done(done);
        }
        let mut reading = note.pronunciation.clone().unwrap_or_default();
        let reading_field = field(ui, "notes.reading", |ui| {
            let hint = t!("lane.usual-reading").into_owned();
            let edit = TextEdit::singleline(&mut reading).hint_text(hint).desired_width(110.0);
            ui.add_enabled(single, edit)
        });
        self.group(&reading_field, "choose-reading");
        if reading_field.changed() {
            let chosen = reading.trim();
            let done = self.0.editor.set_pronunciation(note.id, (!chosen.is_empty()).then_some(chosen));
            self.0.done(done);
        }
    }

    fn note_place(&mut self, ui: &mut Ui, note: &Note) {
        let mut pitch = i32::from(note.pitch);
        let value = number(&mut pitch, 0..=127)
            .speed(0.1)
            .custom_formatter(|key, _| note_name(key as u8))
            .custom_parser(key_of);
        let response = field(ui, "notes.pitch", |ui| ui.add_sized(vec2(110.0, 24.0), value));
        let by = pitch - i32::from(note.pitch);
        self.edit_notes(&response, "transpose", by != 0, |editor| {
            editor.move_selected("transpose", 0, by as i16)
        });

        let meter = self.0.editor.project().meter.clone();
        let at = meter.bar_beat(note.onset);
        let mut onset = note.onset;
        let value = number(&mut onset, 0..=ziyin_score::MAX_TICK - note.length)
            .speed(4.0)
            .custom_formatter(move |_, _| format!("{}.{}.{:03}", at.bar, at.beat, at.tick))
            .custom_parser(move |text| {
                let mut parts = text.split('.').map(|part| part.trim().parse::<Tick>());
                let bar = meter.bar_start(parts.next()?.ok()?.max(1));
                let beat = parts.next().map_or(Some(1), Result::ok)?.max(1);
                let tick = parts.next().map_or(Some(0), Result::ok)?.max(0);
                Some((bar + (beat - 1) * meter.at(bar).beat() + tick) as f64)
            });
        let response = field(ui, "notes.onset", |ui| ui.add_sized(vec2(110.0, 24.0), value));
        let by = onset - note.onset;
        self.edit_notes(&response, "move-notes", by != 0, |editor| editor.move_selected("move-notes", by, 0));

        let mut length = note.length;
        let value = number(&mut length, SHORTEST..=ziyin_score::MAX_TICK).speed(4.0);
        let response = field(ui, "notes.length", |ui| ui.add_sized(vec2(110.0, 24.0), value));
        let by = length - note.length;
        self.edit_notes(&response, "resize-notes", by != 0, |editor| editor.resize_selected(0, by));
    }

    /// How loud the parts of the notes are sung, and in which manner.
    fn note_sound(&mut self, ui: &mut Ui, note: &Note) {
        ui.strong(t!("notes.sound"));
        let mut manner = note.manner;
        ui.name_inputs(t!("notes.manner"), |ui| {
            ComboBox::from_id_salt("manner")
                .width(ui.available_width() - 8.0)
                .selected_text(manner_name(manner))
                .show_ui(ui, |ui| {
                    for choice in std::iter::once(None).chain(Manner::ALL.map(Some)) {
                        ui.selectable_value(&mut manner, choice, manner_name(choice));
                    }
                });
        });
        if manner != note.manner {
            let done = self.0.editor.set_manner(manner);
            self.0.done(done);
        }
        let reach = -Levels::MOST_DB..=Levels::MOST_DB;
        ui.spacing_mut().slider_width = (ui.available_width() - 84.0).max(40.0);
        let parts: [(&str, Part); 3] = [
            ("notes.attack", |levels| &mut levels.attack_db),
            ("notes.body", |levels| &mut levels.body_db),
            ("notes.release", |levels| &mut levels.release_db),
        ];
        for (key, part) in parts {
            let mut levels = note.levels;
            let before = *part(&mut levels);
            let slider = slider(part(&mut levels), reach.clone()).suffix(" dB").fixed_decimals(1);
            ui.label(t!(key));
            let response = ui.name_inputs(t!(key), |ui| ui.add(slider));
            let now = *part(&mut levels);
            self.group(&response, "change-levels");
            if differ(now, before, 1) {
                self.change_notes("change-levels", |note| *part(&mut note.levels) = now);
            }
            self.end_group(&response);
            if response.double_clicked() {
                self.change_notes("change-levels", |note| *part(&mut note.levels) = 0.0);
            }
        }
    }

    fn change_notes(&mut self, step: &str, change: impl Fn(&mut Note)) {
        let mut notes = self.0.editor.selected_notes();
        notes.iter_mut().for_each(change);
        let done = self.0.editor.change(step, notes);
        self.0.done(done);
    }

    fn note_vibrato(&mut self, ui: &mut Ui, note: &Note) {
        let kinds = [None, Some(USUAL_VIBRATO), Some(Vibrato { depth_cents: 0.0, ..USUAL_VIBRATO })];
        let kind_of = |vibrato: Option<Vibrato>| match vibrato {
            None => 0,
            Some(vibrato) if vibrato.depth_cents > 0.0 => 1,
            Some(_) => 2,
        };
        let name = |kind: usize| t!(["action.usual-vibrato", "notes.own", "action.no-vibrato"][kind]);
        let now = kind_of(note.vibrato);
        let mut chosen = now;
        ui.strong(t!("action.vibrato"));
        ui.name_inputs(t!("action.vibrato"), |ui| {
            ComboBox::from_id_salt("vibrato")
                .width(ui.available_width() - 8.0)
                .selected_text(name(now))
                .show_ui(ui, |ui| {
                    for kind in 0..kinds.len() {
                        ui.selectable_value(&mut chosen, kind, name(kind));
                    }
                });
        });
        if chosen != now {
            let done = self.0.editor.set_vibrato(kinds[chosen]);
            self.0.done(done);
        }
        let Some(vibrato) = note.vibrato.filter(|vibrato| vibrato.depth_cents > 0.0) else { return };
        let mut next = vibrato;
        let (mut rate, mut onset) = (1000.0 / vibrato.period_ms, 100.0 * vibrato.onset);
        let sliders = [
            ("vibrato.depth", slider(&mut next.depth_cents, 1.0..=200.0).suffix(" ct").fixed_decimals(0)),
            ("vibrato.rate", slider(&mut rate, 2.0..=12.5).suffix(" Hz").fixed_decimals(1)),
            ("vibrato.onset", slider(&mut onset, 0.0..=95.0).suffix("%").fixed_decimals(0)),
        ];
        ui.spacing_mut().slider_width = (ui.available_width() - 84.0).max(40.0);
        let responses = sliders.map(|(key, slider)| {
            ui.label(t!(key));
            ui.name_inputs(t!(key), |ui| ui.add(slider))
        });
        if !differ(next.depth_cents, vibrato.depth_cents, 0) {
            next.depth_cents = vibrato.depth_cents;
        }
        if differ(rate, 1000.0 / vibrato.period_ms, 1) {
            next.period_ms = 1000.0 / rate;
        }
        if differ(onset, 100.0 * vibrato.onset, 0) {
            next.onset = onset / 100.0;
        }
        for response in &responses {
            self.group(response, "change-vibrato");
        }
        if next != vibrato {
            let done = self.0.editor.set_vibrato(Some(next));
            self.0.done(done);
        }
        for response in &responses {
            self.end_group(response);
        }
    }

    /// Edits the selected notes by what a control changed; a whole drag of it is one step.
    fn edit_notes(
        &mut self,
        response: &Response,
        step: &str,
        changed: bool,
        edit: impl FnOnce(&mut Editor) -> Result<(), ziyin_score::EditError>,
    ) {
        self.group(response, step);
        if changed {
            let done = edit(self.0.editor);
            self.0.done(done);
        }
        self.end_group(response);
    }

    fn group(&mut self, response: &Response, step: &str) {
        if response.drag_started() || response.gained_focus() && response.ctx.text_edit_focused() {
            self.0.editor.begin(step);
        } else if response.lost_focus() {
            self.0.editor.end();
        }
    }

    fn end_group(&mut self, response: &Response) {
        if response.drag_stopped() {
            self.0.editor.end();
        }
    }
}

/// One of the levels of a note.
type Part = fn(&mut Levels) -> &mut f32;

/// A control with its name before it. The name holds even where a hint stands in the control,
/// which would else be taken for it.
fn field(ui: &mut Ui, key: &str, add: impl FnOnce(&mut Ui) -> Response) -> Response {
    let name = ui.weak(t!(key));
    let response = add(ui).labelled_by(name.id);
    ui.end_row();
    response
}

/// The key that a text names: `C4`, `f#3`, `Bb5` or its number.
fn key_of(text: &str) -> Option<f64> {
    let text = text.trim();
    if let Ok(number) = text.parse::<u8>() {
        return Some(f64::from(number));
    }
    let mut letters = text.chars();
    let step = i32::from(semitones_of(letters.next()?.to_ascii_uppercase())?);
    let rest = letters.as_str();
    let sharp = rest.trim_start_matches(['#', '♯']);
    let flat = sharp.trim_start_matches(['b', '♭']);
    let raised = (rest.chars().count() - sharp.chars().count()) as i32;
    let lowered = (sharp.chars().count() - flat.chars().count()) as i32;
    let octave: i32 = flat.trim().parse().ok()?;
    Some(f64::from((octave.checked_add(1)?.checked_mul(12)?).checked_add(step + raised - lowered)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_typed_as_musicians_write_it() {
        let keys = ["C4", "c#4", "Db4", " F♯3 ", "B-1", "60", "H2", ""].map(key_of);
        let expected = [Some(60.0), Some(61.0), Some(61.0), Some(54.0), Some(11.0), Some(60.0), None, None];
        assert_eq!(keys, expected);
        assert_eq!(key_of(&note_name(61)), Some(61.0));
    }
}
