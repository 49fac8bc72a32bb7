//! What can be said of the selected notes: pitch, place, length, reading, loudness, manner, transition,
//! vibrato. Where they differ in it the panel says so, and what is set holds for all.

use std::iter;

use egui::{ComboBox, Grid, Response, ScrollArea, TextEdit, Ui, vec2};
use rust_i18n::t;

use super::shared_value::{Face, Moved, Shared, shared_number, shared_slider};
use crate::edits::Edits;
use crate::names::{beats_name, language_name, manner_name};
use crate::widgets::{key_name_of, key_of, read_number};
use ziyin_lyrics::Language;
use ziyin_score::{CurveKind, Levels, MAX_TICK, Manner, Note, NoteId, Tick, Timbre, Transition, Vibrato};
use ziyin_session::editor::{Editor, SHORTEST, USUAL_VIBRATO};

/// The panel of the notes that are selected.
pub struct NotePanel<'a>(pub Edits<'a>);

/// Of a number in points.
const NUMBER: egui::Vec2 = vec2(110.0, 24.0);

impl NotePanel<'_> {
    pub fn show(&mut self, ui: &mut Ui) {
        ui.add_space(6.0);
        ui.strong(t!("notes.title"));
        ui.add_space(4.0);
        let notes = self.0.editor.all_selected_notes();
        if notes.is_empty() {
            ui.weak(t!("notes.none"));
            return;
        }
        ui.weak(t!("status.selected", count = notes.len()));
        ScrollArea::vertical().auto_shrink([false, false]).show(ui, |ui| {
            Grid::new("note").num_columns(2).spacing([10.0, 6.0]).show(ui, |ui| {
                self.note_words(ui, &notes);
                self.note_place(ui, &notes);
                self.note_take(ui, &notes);
            });
            ui.add_space(8.0);
            ui.separator();
            self.note_language(ui, &notes);
            ui.add_space(8.0);
            ui.separator();
            self.note_sound(ui, &notes);
            ui.add_space(8.0);
            ui.separator();
            self.note_transition(ui, &notes);
            ui.add_space(8.0);
            ui.separator();
            self.note_vibrato(ui, &notes);
            ui.add_space(8.0);
            ui.separator();
            self.note_timbre(ui, &notes);
        });
    }

    /// Lyric and reading, which are typed for a single note.
    fn note_words(&mut self, ui: &mut Ui, notes: &[Note]) {
        let note = &notes[0];
        // One of another track is typed where that is in the roll.
        let single = notes.len() == 1 && self.0.editor.selection().contains(&note.id);
        let mixed = |same: bool, text: &str| match same {
            true => text.to_string(),
            false => t!("notes.mixed").into_owned(),
        };
        let same = notes.iter().all(|other| other.lyric == note.lyric);
        let mut lyric = mixed(same, &note.lyric);
        let lyric_field = field(ui, "notes.lyric", |ui| {
            ui.add_enabled(single, TextEdit::singleline(&mut lyric).desired_width(110.0))
        });
        if lyric_field.changed() {
            let typed: (NoteId, String) = (note.id, lyric.clone());
            ui.data_mut(|data| data.insert_temp(lyric_field.id, typed));
        }
        // What was typed goes on to the next notes once it is whole: another may be selected by then.
        let kept = |data: &mut egui::util::IdTypeMap| {
            let typed = data.get_temp::<(NoteId, String)>(lyric_field.id);
            data.remove::<(NoteId, String)>(lyric_field.id);
            typed
        };
        if lyric_field.lost_focus()
            && let Some((id, lyric)) = ui.data_mut(kept)
        {
            let typed = self.0.editor.type_lyric(id, &lyric);
            self.0.done(typed.map(drop));
        }
        self.group(&lyric_field, "type-lyric");
        if lyric_field.changed() {
            let done = self.0.editor.set_lyric(note.id, &lyric);
            self.0.done(done);
        }
        let same = notes.iter().all(|other| other.pronunciation == note.pronunciation);
        let mut reading = mixed(same, note.pronunciation.as_deref().unwrap_or_default());
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

    fn note_place(&mut self, ui: &mut Ui, notes: &[Note]) {
        let pitches = Shared::of(notes.iter().map(|note| f64::from(note.pitch)));
        let face = Face { range: 0.0..=127.0, speed: 0.1, decimals: 0, show: &key_name_of, read: &key_of };
        let (response, moved) = number_field(ui, "notes.pitch", pitches, &face);
        self.edit_notes(&response, "transpose", moved, |editor, moved| match moved {
            Moved::To(key) => editor.set_pitch(key.round().clamp(0.0, 127.0) as u8),
            Moved::By(keys) => editor.move_selected("transpose", 0, keys.round() as i16),
        });

        // Of several the first: they keep their distances.
        let meter = self.0.editor.project().meter.clone();
        let first = notes[0].onset;
        let face = Face {
            range: 0.0..=(MAX_TICK - notes[0].length) as f64,
            speed: 4.0,
            decimals: 0,
            show: &|tick| {
                let at = meter.bar_beat(tick as Tick);
                format!("{}.{}.{:03}", at.bar, at.beat, at.tick)
            },
            read: &|text| {
                let mut parts = text.split('.').map(|part| part.trim().parse::<Tick>());
                let bar = meter.bar_start(parts.next()?.ok()?);
                let beat = parts.next().map_or(Some(1), Result::ok)?.max(1);
                let tick = parts.next().map_or(Some(0), Result::ok)?.max(0);
                Some((bar + (beat - 1) * meter.at(bar).beat() + tick) as f64)
            },
        };
        let key = if notes.len() == 1 { "notes.onset" } else { "notes.first-onset" };
        let (response, moved) = number_field(ui, key, Shared { first: first as f64, same: true }, &face);
        let response = response.on_hover_text(t!("notes.onset-unit"));
        self.edit_notes(&response, "move-notes", moved, |editor, moved| {
            let by = match moved {
                Moved::To(onset) => onset as Tick - first,
                Moved::By(ticks) => ticks as Tick,
            };
            editor.move_selected("move-notes", by, 0)
        });

        // In beats of the bar that the first stands in.
        let beat = meter.at(first).beat() as f64;
        let lengths = Shared::of(notes.iter().map(|note| note.length as f64));
        let face = Face {
            range: SHORTEST as f64..=MAX_TICK as f64,
            speed: 4.0,
            decimals: 0,
            show: &|ticks| {
                let beats = (1000.0 * ticks / beat).round() / 1000.0;
                format!("{beats} {}", beats_name(beats))
            },
            read: &|text| {
                // In either form, as it is there to be typed over.
                let beats =
                    read_number(text, &beats_name(2.0)).or_else(|| read_number(text, &beats_name(1.0)));
                Some((beats? * beat).round())
            },
        };
        let (response, moved) = number_field(ui, "notes.length", lengths, &face);
        self.edit_notes(&response, "resize-notes", moved, |editor, moved| match moved {
            Moved::To(ticks) => editor.set_length(ticks as Tick),
            Moved::By(ticks) => editor.resize_selected(0, ticks as Tick),
        });
    }

    /// Which take of the notes is sung, counted from 1.
    fn note_take(&mut self, ui: &mut Ui, notes: &[Note]) {
        const LAST: f64 = u32::MAX as f64;
        let takes = Shared::of(notes.iter().map(|note| f64::from(note.take) + 1.0));
        let face = Face {
            range: 1.0..=LAST,
            speed: 0.05,
            decimals: 0,
            show: &|take| format!("{take:.0}"),
            read: &|text| text.trim().parse::<u32>().ok().map(f64::from),
        };
        let (response, moved) = number_field(ui, "notes.take", takes, &face);
        let response = response.on_hover_text(t!("notes.take-why"));
        self.edit_notes(&response, "change-take", moved, |editor, moved| match moved {
            Moved::To(take) => editor.set_take((take.round().clamp(1.0, LAST) - 1.0) as u32),
            Moved::By(takes) => editor.change_take(takes.round() as i64),
        });
    }

    /// The language that the lyrics are read in; that of the track and its lines unless one is chosen.
    fn note_language(&mut self, ui: &mut Ui, notes: &[Note]) {
        ui.strong(t!("notes.language"));
        let name = |language: Option<Language>| {
            language.map_or_else(|| t!("notes.auto-language").into_owned(), language_name)
        };
        let choices: Vec<Option<Language>> = iter::once(None).chain(Language::ALL.map(Some)).collect();
        let own = notes.iter().map(|note| note.language);
        let chosen = choose(ui, "notes.language", &choices, name, own);
        if let Some(language) = chosen {
            let done = self.0.editor.set_language(language);
            self.0.done(done);
        }
    }

    /// How loud the parts of the notes are sung, and in which manner.
    fn note_sound(&mut self, ui: &mut Ui, notes: &[Note]) {
        ui.strong(t!("notes.sound"));
        let choices: Vec<Option<Manner>> = iter::once(None).chain(Manner::ALL.map(Some)).collect();
        let own = notes.iter().map(|note| note.manner);
        let chosen = choose(ui, "notes.manner", &choices, manner_name, own);
        if let Some(manner) = chosen {
            let done = self.0.editor.set_manner(manner);
            self.0.done(done);
        }
        let most = f64::from(Levels::MOST_DB);
        ui.spacing_mut().slider_width = (ui.available_width() - 84.0).max(40.0);
        let parts: [(&str, Part); 3] = [
            ("notes.attack", |levels| &mut levels.attack_db),
            ("notes.body", |levels| &mut levels.body_db),
            ("notes.release", |levels| &mut levels.release_db),
        ];
        for (key, part) in parts {
            let level = |note: &Note| f64::from(*part(&mut note.levels.clone()));
            let shared = Shared::of(notes.iter().map(level));
            let (response, now) = shared_slider(ui, &t!(key), shared, -most..=most, (" dB", 1));
            self.group(&response, "change-levels");
            if let Some(now) = now {
                self.change_notes("change-levels", |note| *part(&mut note.levels) = now as f32);
            }
            self.end_group(&response);
            if response.double_clicked() {
                self.change_notes("change-levels", |note| *part(&mut note.levels) = 0.0);
            }
        }
    }

    /// What is added to the curves of the track as long as the notes sound.
    fn note_timbre(&mut self, ui: &mut Ui, notes: &[Note]) {
        ui.strong(t!("notes.timbre"));
        ui.spacing_mut().slider_width = (ui.available_width() - 84.0).max(40.0);
        let parts: [(&str, TimbrePart, CurveKind, (&str, usize)); 3] = [
            ("notes.breathiness", |timbre| &mut timbre.breathiness, CurveKind::Breathiness, ("", 2)),
            ("notes.tension", |timbre| &mut timbre.tension, CurveKind::Tension, ("", 2)),
            ("notes.formant", |timbre| &mut timbre.formant, CurveKind::Formant, (" st", 1)),
        ];
        for (key, part, kind, unit) in parts {
            let now = |note: &Note| f64::from(*part(&mut note.timbre.clone()));
            let shared = Shared::of(notes.iter().map(now));
            let (low, high) = kind.usual();
            let (response, now) = shared_slider(ui, &t!(key), shared, low.into()..=high.into(), unit);
            self.group(&response, "change-timbre");
            if let Some(now) = now {
                self.change_notes("change-timbre", |note| *part(&mut note.timbre) = now as f32);
            }
            self.end_group(&response);
            if response.double_clicked() {
                self.change_notes("change-timbre", |note| *part(&mut note.timbre) = 0.0);
            }
        }
    }

    fn change_notes(&mut self, step: &str, change: impl Fn(&mut Note)) {
        let done = self.0.editor.change_selected(step, |mut note| {
            change(&mut note);
            note
        });
        self.0.done(done);
    }

    /// How the pitch comes to the notes from those before them.
    fn note_transition(&mut self, ui: &mut Ui, notes: &[Note]) {
        let kinds = [None, Some(Transition::default())];
        let names = ["notes.usual-transition", "notes.own-transition"];
        let kind_of = |note: &Note| usize::from(note.transition.is_some());
        if let Some(kind) = choose_kind(ui, "notes.transition", &names, notes.iter().map(kind_of)) {
            let done = self.0.editor.set_transition(kinds[kind]);
            self.0.done(done);
        }
        self.knobs(ui, notes, "change-transition", &WAYS, |note| note.transition.as_mut());
    }

    fn note_vibrato(&mut self, ui: &mut Ui, notes: &[Note]) {
        let kinds = [None, Some(USUAL_VIBRATO), Some(Vibrato { depth_cents: 0.0, ..USUAL_VIBRATO })];
        let kind_of = |note: &Note| match note.vibrato {
            None => 0,
            Some(vibrato) if vibrato.depth_cents > 0.0 => 1,
            Some(_) => 2,
        };
        let names = ["action.usual-vibrato", "notes.own", "action.no-vibrato"];
        if let Some(kind) = choose_kind(ui, "action.vibrato", &names, notes.iter().map(kind_of)) {
            let done = self.0.editor.set_vibrato(kinds[kind]);
            self.0.done(done);
        }
        self.knobs(ui, notes, "change-vibrato", &KNOBS, |note| {
            note.vibrato.as_mut().filter(|own| own.depth_cents > 0.0)
        });
    }

    /// Sliders for what the notes have of their own, if any has: only of those it is set, and nothing else of it.
    fn knobs<T: Copy>(
        &mut self,
        ui: &mut Ui,
        notes: &[Note],
        step: &str,
        knobs: &[Knob<T>],
        own: fn(&mut Note) -> Option<&mut T>,
    ) {
        let values: Vec<T> = notes.iter().filter_map(|note| own(&mut note.clone()).copied()).collect();
        if values.is_empty() {
            return;
        }
        ui.spacing_mut().slider_width = (ui.available_width() - 84.0).max(40.0);
        for knob in knobs {
            let shared = Shared::of(values.iter().map(knob.get));
            let (low, high) = knob.range;
            let (response, now) =
                shared_slider(ui, &t!(knob.key), shared, low..=high, (knob.unit, knob.decimals));
            self.group(&response, step);
            if let Some(now) = now {
                self.change_notes(step, |note| {
                    if let Some(own) = own(note) {
                        (knob.set)(own, now);
                    }
                });
            }
            self.end_group(&response);
        }
    }

    /// Edits the selected notes by what a control did; a whole drag of it is one step.
    fn edit_notes(
        &mut self,
        response: &Response,
        step: &str,
        moved: Option<Moved>,
        edit: impl FnOnce(&mut Editor, Moved) -> Result<(), ziyin_score::EditError>,
    ) {
        self.group(response, step);
        if let Some(moved) = moved {
            let done = edit(self.0.editor, moved);
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

/// A choice between kinds by their names under a title, where each note has one of them.
fn choose_kind(ui: &mut Ui, title: &str, names: &[&str], own: impl Iterator<Item = usize>) -> Option<usize> {
    ui.strong(t!(title));
    let kinds: Vec<usize> = (0..names.len()).collect();
    choose(ui, title, &kinds, |kind| t!(names[kind]).into_owned(), own)
}

/// A choice of what each note has one of: another that was chosen for all.
fn choose<T: Copy + PartialEq>(
    ui: &mut Ui,
    title: &str,
    choices: &[T],
    name: impl Fn(T) -> String,
    mut own: impl Iterator<Item = T>,
) -> Option<T> {
    let first = own.next()?;
    let now = own.all(|other| other == first).then_some(first);
    let mut chosen = None;
    ui.name_inputs(t!(title), |ui| {
        ComboBox::from_id_salt(title)
            .width(ui.available_width() - 8.0)
            .selected_text(now.map_or_else(|| t!("notes.mixed").into_owned(), &name))
            .show_ui(ui, |ui| {
                for &choice in choices {
                    if ui.selectable_label(now == Some(choice), name(choice)).clicked() {
                        chosen = Some(choice);
                    }
                }
            });
    });
    chosen.filter(|&choice| now != Some(choice))
}

/// One of the parts of a note's timbre.
type TimbrePart = fn(&mut Timbre) -> &mut f32;

/// One of the levels of a note.
type Part = fn(&mut Levels) -> &mut f32;

/// What can be set of a vibrato, or of a transition.
struct Knob<T> {
    key: &'static str,
    range: (f64, f64),
    unit: &'static str,
    decimals: usize,
    get: fn(&T) -> f64,
    set: fn(&mut T, f64),
}

const KNOBS: [Knob<Vibrato>; 5] = [
    Knob {
        key: "vibrato.depth",
        range: (1.0, 200.0),
        unit: " ct",
        decimals: 0,
        get: |vibrato| f64::from(vibrato.depth_cents),
        set: |vibrato, cents| vibrato.depth_cents = cents as f32,
    },
    Knob {
        key: "vibrato.rate",
        range: (2.0, 12.5),
        unit: " Hz",
        decimals: 1,
        get: |vibrato| 1000.0 / f64::from(vibrato.period_ms),
        set: |vibrato, hertz| vibrato.period_ms = 1000.0 / hertz as f32,
    },
    Knob {
        key: "vibrato.onset",
        range: (0.0, 95.0),
        unit: "%",
        decimals: 0,
        get: |vibrato| 100.0 * f64::from(vibrato.onset),
        set: |vibrato, percent| vibrato.onset = percent as f32 / 100.0,
    },
    Knob {
        key: "vibrato.fade-in",
        range: (0.0, 5000.0),
        unit: " ms",
        decimals: 0,
        get: |vibrato| f64::from(vibrato.fade_in_ms),
        set: |vibrato, ms| vibrato.fade_in_ms = ms as f32,
    },
    Knob {
        key: "vibrato.fade-out",
        range: (0.0, 5000.0),
        unit: " ms",
        decimals: 0,
        get: |vibrato| f64::from(vibrato.fade_out_ms),
        set: |vibrato, ms| vibrato.fade_out_ms = ms as f32,
    },
];

/// A transition by when it begins and how long it takes: so its end keeps its distance where its beginning is
/// moved.
const WAYS: [Knob<Transition>; 4] = [
    Knob {
        key: "transition.begin",
        range: (-500.0, 490.0),
        unit: " ms",
        decimals: 0,
        get: |own| f64::from(own.begin_ms),
        set: |own, ms| {
            let (begin_ms, end_ms) = (ms as f32, ms as f32 + own.length_ms());
            *own = Transition { begin_ms, end_ms, ..*own }.bounded();
        },
    },
    Knob {
        key: "transition.length",
        range: (10.0, 1000.0),
        unit: " ms",
        decimals: 0,
        get: |own| f64::from(own.length_ms()),
        set: |own, ms| *own = Transition { end_ms: own.begin_ms + ms as f32, ..*own }.bounded(),
    },
    Knob {
        key: "transition.shape",
        range: (-100.0, 100.0),
        unit: "%",
        decimals: 0,
        get: |own| 100.0 * f64::from(own.shape),
        set: |own, percent| own.shape = percent as f32 / 100.0,
    },
    Knob {
        key: "transition.overshoot",
        range: (0.0, 400.0),
        unit: "%",
        decimals: 0,
        get: |own| 100.0 * f64::from(own.overshoot),
        set: |own, percent| own.overshoot = percent as f32 / 100.0,
    },
];

/// A number of the notes with its name before it.
fn number_field(ui: &mut Ui, key: &str, shared: Shared, face: &Face) -> (Response, Option<Moved>) {
    let name = ui.weak(t!(key));
    let (response, moved) = shared_number(ui, NUMBER, shared, face);
    let response = response.labelled_by(name.id);
    ui.end_row();
    (response, moved)
}

/// A control with its name before it. The name holds even where a hint stands in the control,
/// which would else be taken for it.
fn field(ui: &mut Ui, key: &str, add: impl FnOnce(&mut Ui) -> Response) -> Response {
    let name = ui.weak(t!(key));
    let response = add(ui).labelled_by(name.id);
    ui.end_row();
    response
}
