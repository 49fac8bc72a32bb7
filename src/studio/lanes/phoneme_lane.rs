//! The sounds under the words: consonant, glide, vowel and coda of each character where they are sung.
//! Their boundaries can be dragged, or moved by the arrow keys once they have the keyboard; a click on a
//! sound gives its numbers.

use egui::{
    Align2, Color32, CornerRadius, CursorIcon, EventFilter, FontId, Grid, Key, Rect, Response, Role, Sense,
    Stroke, StrokeKind, Ui, WidgetInfo, pos2,
};
use rust_i18n::t;

use super::context::{LaneContext, paint_play_head};
use super::view::{KEYBOARD, View};
use crate::request::Requests;
use crate::widgets::{Palette, differ, number_in, slider_in};
use ziyin_lyrics::Phoneme;
use ziyin_score::{Articulation, Boundary, EditError, Levels, NoteId, Part, Sound, TempoMap};
use ziyin_session::editor::Editor;
use ziyin_session::engine::SungCharacter;

/// Height of the lane in points.
pub const HEIGHT: f32 = 34.0;
/// How near to a boundary the pointer takes it, in points.
const NEAR: f32 = 3.5;
/// A character narrower than this on screen has no boundaries to take.
const NARROWEST: f32 = 24.0;
/// How far an arrow key moves a boundary, in ms.
const NUDGE_MS: f32 = 5.0;

/// The lane, and the boundary that is dragged in it.
#[derive(Default)]
pub struct PhonemeLane {
    drag: Option<Drag>,
}

struct Drag {
    note: NoteId,
    character: usize,
    boundary: Boundary,
    /// What the boundary is counted from, in seconds from the start of the song.
    reference: f64,
}

impl PhonemeLane {
    pub fn show(
        &mut self,
        ui: &mut Ui,
        editor: &mut Editor,
        view: &View,
        context: &LaneContext,
        asked: &mut Requests,
    ) {
        let whole = ui.available_rect_before_wrap();
        ui.allocate_rect(whole, Sense::hover());
        let palette = Palette::of(ui.visuals());
        let (corner, lane) = whole.split_left_right_at_x(whole.left() + KEYBOARD);
        let title = pos2(corner.right() - 6.0, corner.center().y);
        // The word is as long as the corner is wide.
        let font = FontId::proportional(11.0);
        ui.painter().text(title, Align2::RIGHT_CENTER, t!("phonemes.title"), font, palette.weak_text);
        ui.painter_at(lane).rect_filled(lane, 0.0, palette.black_key);
        let tempo = editor.project().tempo.clone();
        for sung in context.characters {
            let Some(note) = editor.notes().get(sung.note).cloned() else { continue };
            let shown = Shown {
                sung,
                own: note.articulation(sung.character),
                lyric: match sung.character {
                    0 => note.lyric.clone(),
                    n => format!("{} {}", note.lyric, n + 1),
                },
                lane,
                view,
                tempo: &tempo,
            };
            asked.done(self.show_character(ui, editor, &shown, &palette));
        }
        paint_play_head(&ui.painter_at(lane), lane, view, context, &palette);
    }

    fn show_character(
        &mut self,
        ui: &Ui,
        editor: &mut Editor,
        shown: &Shown,
        palette: &Palette,
    ) -> Result<(), EditError> {
        for part in Part::ALL {
            if let Some(rect) = shown.rect(part) {
                show_part(ui, editor, shown, part, rect, palette)?;
            }
        }
        // Boundaries lie over the sounds beside them.
        if shown.x(shown.sung.end) - shown.x(shown.sung.onset) >= NARROWEST {
            for boundary in Boundary::ALL.into_iter().filter(|boundary| shown.has(*boundary)) {
                self.show_boundary(ui, editor, shown, boundary, palette)?;
            }
        }
        Ok(())
    }

    fn show_boundary(
        &mut self,
        ui: &Ui,
        editor: &mut Editor,
        shown: &Shown,
        boundary: Boundary,
        palette: &Palette,
    ) -> Result<(), EditError> {
        let x = shown.x(shown.place(boundary));
        let lane = shown.lane;
        if !(lane.left()..=lane.right()).contains(&x) {
            return Ok(());
        }
        let (note, character) = (shown.sung.note, shown.sung.character);
        let id = ui.scope_id().with(("boundary", note.0, character, boundary));
        let rect = Rect::from_x_y_ranges(x - NEAR..=x + NEAR, lane.y_range());
        let response = ui.interact(rect, id, Sense::click_and_drag());
        let name = boundary_name(boundary, &shown.lyric);
        let reference = shown.reference(boundary);
        let ms = ((shown.place(boundary) - reference) * 1000.0) as f32;
        response.widget_info(|| WidgetInfo {
            value: Some(f64::from(ms.round())),
            ..WidgetInfo::labeled(Role::Slider, true, name.as_str())
        });
        let set = shown.own.boundary(boundary).is_some();
        let held = response.hovered() || response.dragged() || response.has_focus();
        let colour = if set { palette.accent } else { palette.weak_text };
        let width = if held { 3.0 } else { 1.5 };
        ui.painter_at(lane).vline(x, lane.y_range().shrink(3.0), Stroke::new(width, colour));
        if response.drag_started() {
            editor.begin("move-phoneme");
            self.drag = Some(Drag { note, character, boundary, reference });
        }
        let of_this =
            |drag: &&Drag| (drag.note, drag.character, drag.boundary) == (note, character, boundary);
        if response.dragged()
            && let (Some(drag), Some(at)) =
                (self.drag.as_ref().filter(of_this), response.interact_pointer_pos())
        {
            let seconds = shown.tempo.seconds_between(shown.view.tick(at.x - lane.left()));
            let ms = ((seconds - drag.reference) * 1000.0) as f32;
            set_boundary(editor, shown, boundary, Some(ms.round()))?;
        }
        if response.drag_stopped() {
            self.drag = None;
            editor.end();
        }
        if response.has_focus() {
            let filter = EventFilter { horizontal_arrows: true, ..EventFilter::default() };
            ui.memory_mut(|memory| memory.set_focus_lock_filter(id, filter));
            let pressed = |key| ui.input(|input| input.key_pressed(key) && input.modifiers.is_none());
            let by = f32::from(pressed(Key::ArrowRight)) - f32::from(pressed(Key::ArrowLeft));
            if by != 0.0 {
                set_boundary(editor, shown, boundary, Some((ms + by * NUDGE_MS).round()))?;
            }
        }
        if response.double_clicked() {
            set_boundary(editor, shown, boundary, None)?;
        }
        let hint = format!("{name}: {ms:.0} ms");
        response.on_hover_cursor(CursorIcon::ResizeHorizontal).on_hover_text(hint);
        Ok(())
    }
}

fn set_boundary(
    editor: &mut Editor,
    shown: &Shown,
    boundary: Boundary,
    ms: Option<f32>,
) -> Result<(), EditError> {
    let own = shown.own.with_boundary(boundary, ms);
    editor.articulate("move-phoneme", shown.sung.note, shown.sung.character, own)
}

/// A character in the lane.
struct Shown<'a> {
    sung: &'a SungCharacter,
    own: Articulation,
    lyric: String,
    lane: Rect,
    view: &'a View,
    tempo: &'a TempoMap,
}

impl Shown<'_> {
    /// Where a moment in seconds stands on screen.
    fn x(&self, seconds: f64) -> f32 {
        self.lane.left() + self.view.x(self.tempo.tick_between(seconds))
    }

    /// Where a boundary is sung, in seconds.
    fn place(&self, boundary: Boundary) -> f64 {
        match boundary {
            Boundary::Onset => self.sung.onset,
            Boundary::Burst => self.sung.burst,
            Boundary::Vowel => self.sung.vowel,
            Boundary::Coda => self.sung.coda,
            Boundary::Release => self.sung.end,
        }
    }

    /// What a boundary is counted from, in seconds.
    fn reference(&self, boundary: Boundary) -> f64 {
        let set = |ms: Option<f32>| f64::from(ms.unwrap_or(0.0)) / 1000.0;
        match boundary {
            Boundary::Onset | Boundary::Burst | Boundary::Vowel => self.sung.vowel - set(self.own.vowel_ms),
            Boundary::Coda => self.sung.end,
            Boundary::Release => self.sung.end - set(self.own.release_ms),
        }
    }

    /// Whether the character has such a boundary.
    fn has(&self, boundary: Boundary) -> bool {
        let syllable = &self.sung.syllable;
        match boundary {
            Boundary::Onset => syllable.initial != Phoneme::None,
            Boundary::Burst => syllable.initial.has_burst() && self.sung.burst > self.sung.onset,
            Boundary::Vowel => true,
            Boundary::Coda => !syllable.is_open(),
            Boundary::Release => self.sung.ends_phrase,
        }
    }

    fn sound(&self, part: Part) -> Phoneme {
        let syllable = &self.sung.syllable;
        match part {
            Part::Consonant => syllable.initial,
            Part::Glide => syllable.glide,
            Part::Vowel => syllable.nucleus,
            Part::Coda => syllable.coda,
        }
    }

    /// A part as it is written. What closes an English syllable behind its coda stands there too.
    fn text(&self, part: Part) -> String {
        match part {
            Part::Coda => self.sung.syllable.ending().map(written).collect(),
            _ => written(self.sound(part)),
        }
    }

    /// Where a part of it is, as far as it is in sight. What was left out has a place too, to be brought
    /// back.
    fn rect(&self, part: Part) -> Option<Rect> {
        let sung = self.sung;
        let (from, to) = match part {
            Part::Consonant => (sung.onset, sung.vowel),
            Part::Glide => (sung.vowel, sung.glide_end),
            Part::Vowel => (sung.glide_end, sung.coda),
            Part::Coda => (sung.coda, sung.end),
        };
        let is_empty = self.text(part).is_empty();
        let is_there = !is_empty || self.own.sounds[part as usize].is_some();
        let (from, mut to) = (self.x(from), self.x(to));
        if is_empty {
            to = to.max(from + 2.0 * NEAR);
        }
        let range = from.max(self.lane.left())..=to.min(self.lane.right());
        let seen = is_there && range.end() - range.start() >= 1.0;
        seen.then(|| Rect::from_x_y_ranges(range, self.lane.y_range().shrink(3.0)))
    }
}

fn show_part(
    ui: &Ui,
    editor: &mut Editor,
    shown: &Shown,
    part: Part,
    rect: Rect,
    palette: &Palette,
) -> Result<(), EditError> {
    let id = ui.scope_id().with(("part", shown.sung.note.0, shown.sung.character, part));
    let response = ui.interact(rect, id, Sense::click());
    let ipa = shown.text(part);
    let name =
        t!("phonemes.part", sound = ipa.as_str(), part = part_name(part), lyric = shown.lyric.as_str());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, name.as_ref()));
    let (strength, sound) = (shown.own.strengths_db[part as usize], shown.own.sounds[part as usize]);
    let changed = strength != 0.0 || sound.is_some();
    let painter = ui.painter_at(rect);
    let ground = match (response.hovered() || response.has_focus(), part) {
        (true, _) => palette.grid,
        (false, Part::Vowel) => palette.white_key,
        _ => Color32::TRANSPARENT,
    };
    let edge = if changed { palette.accent } else { palette.beat };
    painter.rect(rect, CornerRadius::same(2), ground, (1.0, edge), StrokeKind::Inside);
    let text = if ipa.is_empty() { "–" } else { ipa.as_str() };
    let ink = if changed { palette.accent } else { palette.text };
    let text = painter.layout_no_wrap(text.into(), FontId::proportional(12.0), ink);
    // A part of a sign would be another sound.
    if text.size().x <= rect.width() {
        painter.galley(rect.center() - text.size() / 2.0, text, ink);
    }
    let menu = egui::Popup::menu(&response).close_behavior(egui::PopupCloseBehavior::CloseOnClickOutside);
    let done = menu.show(|ui| numbers(ui, editor, shown, part));
    response.on_hover_text(name.as_ref());
    done.map_or(Ok(()), |done| done.inner)
}

/// What can be said of a sound in numbers.
fn numbers(ui: &mut Ui, editor: &mut Editor, shown: &Shown, part: Part) -> Result<(), EditError> {
    let (note, character) = (shown.sung.note, shown.sung.character);
    let i = part as usize;
    ui.strong(part_name(part));
    let mut own = shown.own;
    let mut strength = own.strengths_db[i];
    let reach = -Levels::MOST_DB..=Levels::MOST_DB;
    ui.label(t!("phonemes.strength"));
    let field = slider_in(&mut strength, reach, " dB").fixed_decimals(1);
    let response = ui.name_inputs(t!("phonemes.strength"), |ui| ui.add(field));
    group(editor, &response, "change-phoneme-strength");
    if differ(strength, own.strengths_db[i], 1) {
        own.strengths_db[i] = strength;
        editor.articulate("change-phoneme-strength", note, character, own)?;
    }
    end_group(editor, &response);

    let mut sound = own.sounds[i];
    let name = |sound: Option<Sound>| match sound {
        None => t!("phonemes.as-read").into_owned(),
        Some(Sound(Phoneme::None)) => t!("phonemes.left-out").into_owned(),
        Some(Sound(phoneme)) => written(phoneme),
    };
    ui.label(t!("phonemes.sound"));
    // A list of its own would lie outside of this one, and a click there close both.
    egui::ScrollArea::vertical().id_salt("sound").max_height(96.0).show(ui, |ui| {
        ui.selectable_value(&mut sound, None, name(None));
        for &phoneme in Phoneme::ALL {
            let is_sung = !matches!(phoneme, Phoneme::Rest | Phoneme::Breath);
            if is_sung && (phoneme, part) != (Phoneme::None, Part::Vowel) {
                ui.selectable_value(&mut sound, Some(Sound(phoneme)), name(Some(Sound(phoneme))));
            }
        }
    });
    if sound != own.sounds[i] {
        own.sounds[i] = sound;
        editor.articulate("replace-phoneme", note, character, own)?;
    }

    Grid::new("boundaries")
        .num_columns(2)
        .show(ui, |ui| -> Result<(), EditError> {
            for boundary in Boundary::ALL.into_iter().filter(|boundary| shown.has(*boundary)) {
                let now = (shown.place(boundary) - shown.reference(boundary)) * 1000.0;
                let mut ms = own.boundary(boundary).unwrap_or(now as f32).round();
                let before = ms;
                let name = boundary_name(boundary, &shown.lyric);
                ui.label(&name);
                let reach = -Articulation::FARTHEST_MS..=Articulation::FARTHEST_MS;
                let field = number_in(&mut ms, reach, " ms").fixed_decimals(0);
                let response = ui.name_inputs(&name, |ui| ui.add(field));
                group(editor, &response, "move-phoneme");
                if differ(ms, before, 0) {
                    let own = own.with_boundary(boundary, Some(ms));
                    editor.articulate("move-phoneme", note, character, own)?;
                }
                end_group(editor, &response);
                ui.end_row();
            }
            Ok(())
        })
        .inner?;
    if ui.button(t!("phonemes.reset")).clicked() {
        editor.articulate("reset-phonemes", note, character, Articulation::default())?;
        ui.close();
    }
    Ok(())
}

fn group(editor: &mut Editor, response: &Response, step: &str) {
    if response.drag_started() {
        editor.begin(step);
    }
}

fn end_group(editor: &mut Editor, response: &Response) {
    if response.drag_stopped() {
        editor.end();
    }
}

fn part_name(part: Part) -> String {
    let key = match part {
        Part::Consonant => "phonemes.consonant",
        Part::Glide => "phonemes.glide",
        Part::Vowel => "phonemes.vowel",
        Part::Coda => "phonemes.coda",
    };
    t!(key).into_owned()
}

fn boundary_name(boundary: Boundary, lyric: &str) -> String {
    let key = match boundary {
        Boundary::Onset => "phonemes.onset",
        Boundary::Burst => "phonemes.burst",
        Boundary::Vowel => "phonemes.vowel-onset",
        Boundary::Coda => "phonemes.coda-onset",
        Boundary::Release => "phonemes.release",
    };
    t!(key, lyric = lyric).into_owned()
}

/// Signs of IPA in X-SAMPA, which every font can show and users of VOCALOID know.
const X_SAMPA: [(char, &str); 35] = [
    ('ɑ', "A"),
    ('ɔ', "O"),
    ('ɕ', "s\\"),
    ('ə', "@"),
    ('ɚ', "@`"),
    ('ɛ', "E"),
    ('ɡ', "g"),
    ('ɤ', "7"),
    ('ɥ', "H"),
    ('ɪ', "I"),
    ('ɯ', "M"),
    ('ɲ', "J"),
    ('ŋ', "N"),
    ('ɴ', "N\\"),
    ('ɸ', "p\\"),
    ('ɹ', "r\\"),
    ('ɻ', "r\\`"),
    ('ɾ', "4"),
    ('ʂ', "s`"),
    ('ʃ', "S"),
    ('ʒ', "Z"),
    ('ʊ', "U"),
    ('ʌ', "V"),
    ('ʐ', "z`"),
    ('ʑ', "z\\"),
    ('ʔ', "?"),
    ('θ', "T"),
    ('ð', "D"),
    ('ç', "C"),
    ('æ', "{"),
    ('ʰ', "_h"),
    ('\u{308}', "_\""),
    ('\u{31a}', "_}"),
    ('\u{329}', "="),
    ('\u{348}', "_t"),
];

/// A phoneme in X-SAMPA.
fn written(phoneme: Phoneme) -> String {
    let sign = |sign: char| match X_SAMPA.iter().find(|(ipa, _)| *ipa == sign) {
        Some((_, sampa)) => (*sampa).to_owned(),
        None => sign.to_string(),
    };
    phoneme.ipa().chars().map(sign).collect()
}
