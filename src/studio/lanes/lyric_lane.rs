//! The words under the roll, each below its note.

use std::sync::Arc;

use egui::{
    Align2, Color32, CornerRadius, Event, FontId, Galley, Key, Painter, Rect, Role, Sense, StrokeKind,
    TextEdit, Ui, WidgetInfo, pos2, vec2,
};
use rust_i18n::t;
use ziyin_message::ToMessage;

use super::context::{LaneContext, paint_play_head};
use super::view::{KEYBOARD, View};
use crate::request::{Request, Requests};
use crate::widgets::Palette;
use ziyin_lyrics::{
    Language, Reading, alternatives, english_readings, furigana, kanji_readings, written_reading,
};
use ziyin_score::{EditError, Note, NoteId, Tick, Track};
use ziyin_session::editor::{Editor, Typed, first_in_one, in_one};

/// Height of the lane in points.
pub const HEIGHT: f32 = 46.0;
/// A note narrower than this on screen shows no text.
const NARROWEST: f32 = 10.0;

/// Height of a lyric in points, and of one that would not be seen as a whole else.
const LYRIC_SIZE: f32 = 14.0;
const SMALLEST_LYRIC: f32 = 9.0;

/// Room before the words that wait, and what they are typed in at least, in points.
const GAP: f32 = 8.0;
const NARROWEST_FIELD: f32 = 240.0;

/// The lane, and what is being typed in it.
#[derive(Default)]
pub struct LyricLane {
    typing: Option<Typing>,
    /// The words that are to wait for notes, while they are typed, and whether the field has yet to take the
    /// keyboard.
    waiting: Option<(String, bool)>,
}

struct Typing {
    note: NoteId,
    text: String,
    /// Whether the field has yet to take the keyboard.
    fresh: bool,
    /// What was typed in the frame that came to this note, after the key that did.
    ahead: Vec<Event>,
}

/// A key that leaves the note that is typed into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Leave {
    Next,
    Back,
    GiveUp,
}

impl Leave {
    fn of(event: &Event) -> Option<Self> {
        match event {
            Event::Key { key: Key::Tab, pressed: true, modifiers, .. } if modifiers.shift => Some(Self::Back),
            Event::Key { key: Key::Tab | Key::Enter, pressed: true, modifiers, .. }
                if modifiers.is_none() =>
            {
                Some(Self::Next)
            }
            Event::Key { key: Key::Escape, pressed: true, .. } => Some(Self::GiveUp),
            _ => None,
        }
    }

    /// Takes the first such key from the events, and what was typed after it: on a slow
    /// machine the next syllables come in the same frame.
    fn take(events: &mut Vec<Event>) -> Option<(Self, Vec<Event>)> {
        let (at, leave) = events.iter().enumerate().find_map(|(i, event)| Some((i, Self::of(event)?)))?;
        let is_typed = |event: &Event| {
            matches!(event, Event::Key { .. } | Event::Text(_) | Event::Ime(_) | Event::Paste(_))
        };
        let after = events.split_off(at + 1);
        events.pop();
        let (ahead, others): (Vec<Event>, Vec<Event>) = after.into_iter().partition(is_typed);
        events.extend(others);
        Some((leave, ahead))
    }
}

impl LyricLane {
    /// Whether keys belong to a text field.
    pub fn is_typing(&self) -> bool {
        self.typing.is_some() || self.waiting.is_some()
    }

    /// Begins to type the lyric of a note.
    pub fn type_into(&mut self, editor: &mut Editor, note: NoteId) {
        if let Some(text) = editor.notes().get(note).map(|note| note.lyric.clone()) {
            if !editor.selection().contains(&note) {
                editor.select([note]);
            }
            self.typing = Some(Typing { note, text, fresh: true, ahead: Vec::new() });
        }
    }

    pub fn show(
        &mut self,
        ui: &mut Ui,
        editor: &mut Editor,
        view: &mut View,
        context: &LaneContext,
        asked: &mut Requests,
    ) {
        let whole = ui.available_rect_before_wrap();
        ui.allocate_rect(whole, Sense::hover());
        let palette = Palette::of(ui.visuals());
        let (corner, lane) = whole.split_left_right_at_x(whole.left() + KEYBOARD);
        let title = pos2(corner.right() - 6.0, corner.center().y);
        ui.painter().text(
            title,
            Align2::RIGHT_CENTER,
            t!("lane.lyrics"),
            FontId::proportional(12.0),
            palette.weak_text,
        );
        let painter = ui.painter_at(lane);
        painter.rect_filled(lane, 0.0, palette.black_key);
        if let Some(id) = self.cells(ui, lane, editor, view, context, &palette) {
            self.type_into(editor, id);
        }
        match self.field(ui, lane, editor, view) {
            Ok(notice) => notice.into_iter().for_each(|notice| asked.ask(Request::Tell(notice))),
            Err(error) => asked.done(Err(error)),
        }
        let waiting = self.waiting(ui, lane, editor, view, &palette);
        asked.done(waiting);
        paint_play_head(&painter, lane, view, context, &palette);
    }

    /// The lyrics of the notes in sight; gives the note that was clicked.
    fn cells(
        &self,
        ui: &Ui,
        lane: Rect,
        editor: &mut Editor,
        view: &View,
        context: &LaneContext,
        palette: &Palette,
    ) -> Option<NoteId> {
        let notes = editor.notes();
        let (from, to) = (view.left as Tick, view.tick(lane.width()) as Tick + 1);
        let mut clicked = None;
        let mut chosen = None;
        let painter = ui.painter_at(lane);
        let before = notes.partition_point(|note| note.onset < to);
        for (note, i) in notes[..before].iter().zip(0..).filter(|(note, _)| note.end() > from) {
            let rect = cell(note, view, lane);
            if rect.width() < NARROWEST || self.typing.as_ref().is_some_and(|typing| typing.note == note.id) {
                continue;
            }
            let reading = context.readings.get(i);
            let id = ui.scope_id().with(("lyric", note.id.0));
            let response = ui.interact(rect.intersect(lane), id, Sense::click());
            response.widget_info(|| {
                let lyric = note.lyric.as_str();
                let read = match reading {
                    Some(Reading::Sung(sung)) => furigana(lyric, sung),
                    _ => None,
                };
                let name = match read {
                    Some(read) => t!("lane.lyric-read", lyric = lyric, reading = read),
                    None => t!("lane.lyric", lyric = lyric),
                };
                WidgetInfo::labeled(Role::Button, true, name)
            });
            let ground = if response.hovered() { palette.grid } else { palette.white_key };
            painter.rect(
                rect.shrink(1.0),
                CornerRadius::same(3),
                ground,
                (1.0, palette.beat),
                StrokeKind::Inside,
            );
            let inside = painter.with_clip_rect(rect.intersect(lane));
            let unknown = matches!(reading, Some(Reading::Unknown { .. }));
            let ink = if unknown { palette.warning } else { palette.text };
            let at = pos2(rect.left() + 4.0, rect.bottom() - 12.0);
            let lyric = fitted(&inside, &note.lyric, rect.width() - 6.0, ink);
            let hidden = lyric.size().x > rect.width() - 4.0;
            inside.galley(at - vec2(0.0, lyric.size().y / 2.0), lyric, ink);
            if let Some(Reading::Sung(sung)) = reading {
                let font = FontId::proportional(10.0);
                let text = inside.layout_no_wrap(written_reading(&note.lyric, sung), font, palette.weak_text);
                // A part of a syllable would be another one; it stands above the note too.
                if text.size().x < rect.width() - 5.0 {
                    let at = pos2(rect.left() + 4.0, rect.top() + 10.0 - text.size().y / 2.0);
                    inside.galley(at, text, palette.weak_text);
                }
            }
            if response.clicked() {
                clicked = Some(note.id);
            }
            if let Some(Reading::Unknown { text, reason }) = reading {
                response.clone().on_hover_text(t!(
                    "roll.unknown",
                    text = text,
                    reason = reason.to_message().said()
                ));
            }
            if hidden {
                response.clone().on_hover_text(&note.lyric);
            }
            let choices = readings_of(note, reading);
            response.context_menu(|ui| {
                ui.label(t!("lane.reading"));
                for choice in &choices {
                    let current = note.pronunciation.as_deref() == Some(choice);
                    if ui.selectable_label(current, choice).clicked() {
                        chosen = Some((note.id, Some(choice.clone())));
                        ui.close();
                    }
                }
                if ui.button(t!("lane.usual-reading")).clicked() {
                    chosen = Some((note.id, None));
                    ui.close();
                }
            });
        }
        if let Some((id, pinyin)) = chosen {
            // The note was there a moment ago.
            let _ = editor.set_pronunciation(id, pinyin.as_deref());
        }
        clicked
    }

    /// The text field over the note that is typed into. Tab and Enter go to the next
    /// note, Shift-Tab to the one before; of several syllables those that find a note without lyric go
    /// there.
    fn field(
        &mut self,
        ui: &mut Ui,
        lane: Rect,
        editor: &mut Editor,
        view: &mut View,
    ) -> Result<Option<String>, EditError> {
        let Some(mut typing) = self.typing.take() else { return Ok(None) };
        let Some(note) = editor.notes().get(typing.note).cloned() else { return Ok(None) };
        let x = view.x(note.onset as f64);
        if x < 0.0 || x > lane.width() - 40.0 {
            view.keep_in_sight(note.onset as f64, lane.width());
            ui.ctx().request_repaint();
        }
        let rect = cell(&note, view, lane);
        let rect = Rect::from_min_size(rect.min, vec2(rect.width().max(72.0), rect.height()));
        let id = ui.scope_id().with("lyric-field");
        let ahead = std::mem::take(&mut typing.ahead);
        let left = ui.input_mut(|i| {
            i.events.splice(0..0, ahead);
            Leave::take(&mut i.events)
        });
        // The keyboard is taken before the field looks for what is typed.
        if typing.fresh {
            // Who has it keeps it: asked for again, it would be without its input method.
            if !ui.memory(|memory| memory.has_focus(id)) {
                ui.memory_mut(|memory| memory.request_focus(id));
            }
            select_text(ui, id, typing.text.chars().count());
        }
        let field = TextEdit::singleline(&mut typing.text)
            .id(id)
            .font(FontId::proportional(15.0))
            .margin(vec2(4.0, 4.0))
            .lock_focus(true)
            .desired_width(rect.width());
        let response = ui.put(rect, field);
        response.widget_info(|| WidgetInfo::labeled(Role::TextInput, true, t!("lane.type")));
        // A click elsewhere, as the one that began this, takes it away again in that frame.
        let fresh = typing.fresh;
        typing.fresh &= !response.has_focus();
        if typing.fresh {
            ui.ctx().request_repaint();
        }
        let (leave, ahead) = match left {
            Some((Leave::GiveUp, _)) => {
                ui.memory_mut(|memory| memory.surrender_focus(id));
                return Ok(None);
            }
            Some((leave, ahead)) => (Some(leave), ahead),
            None if response.lost_focus() && !fresh => (None, Vec::new()),
            None => {
                self.typing = Some(typing);
                return Ok(None);
            }
        };
        // Whoever only goes by lays nothing onto other notes.
        let is_old = editor.notes().get(typing.note).is_some_and(|note| note.lyric == typing.text.trim());
        let typed = match is_old {
            true => Typed { notes: 1, shared: 1 },
            false => editor.type_lyric(typing.note, &typing.text)?,
        };
        let notice = (typed.shared > 1).then(|| t!("lane.shared", count = typed.shared).into_owned());
        if let Some(leave) = leave {
            let notes = editor.notes();
            let at = notes.iter().position(|note| note.id == typing.note);
            let next = match (at, leave) {
                (Some(at), Leave::Back) => notes[..at].last(),
                (Some(at), _) => notes[at..].get(typed.notes),
                (None, _) => None,
            };
            match next.map(|note| note.id) {
                Some(id) => {
                    editor.select([id]);
                    self.type_into(editor, id);
                    if let Some(typing) = &mut self.typing {
                        typing.ahead = ahead;
                    }
                    ui.ctx().request_repaint();
                }
                None => ui.memory_mut(|memory| memory.surrender_focus(id)),
            }
        }
        Ok(notice)
    }
}

impl LyricLane {
    /// The words that wait for notes, behind the last note: a click there types them.
    fn waiting(
        &mut self,
        ui: &mut Ui,
        lane: Rect,
        editor: &mut Editor,
        view: &View,
        palette: &Palette,
    ) -> Result<(), EditError> {
        let end = editor.active().map_or(0, Track::end);
        let left = lane.left() + view.x(end as f64).max(0.0) + GAP;
        let room = Rect::from_min_max(pos2(left, lane.top() + 2.0), lane.max - vec2(2.0, 2.0));
        if self.waiting.is_some() {
            return self.waiting_field(ui, lane, room, editor);
        }
        if room.width() < NARROWEST {
            return Ok(());
        }
        let words = editor.active().map(|track| first_in_one(&track.words)).unwrap_or_default();
        let response = ui.interact(room, ui.scope_id().with("waiting-words"), Sense::click());
        response.widget_info(|| {
            WidgetInfo::labeled(Role::Button, true, t!("lane.words-to-come", words = words.as_str()))
        });
        let hint = t!("lane.no-words-to-come");
        let shown = if words.is_empty() && response.hovered() { hint.as_ref() } else { words.as_str() };
        let font = FontId::proportional(LYRIC_SIZE);
        let ink = palette.weak_text;
        ui.painter_at(room).text(room.left_center(), Align2::LEFT_CENTER, shown, font, ink);
        if response.on_hover_text(t!("lane.words-to-come-why")).clicked() {
            let all = editor.active().map(|track| in_one(&track.words)).unwrap_or_default();
            self.waiting = Some((all, true));
        }
        Ok(())
    }

    /// The text field in which they are typed: Enter or a click elsewhere takes them, Escape does not.
    fn waiting_field(
        &mut self,
        ui: &mut Ui,
        lane: Rect,
        room: Rect,
        editor: &mut Editor,
    ) -> Result<(), EditError> {
        let Some((mut text, fresh)) = self.waiting.take() else { return Ok(()) };
        let left = room.left().min(lane.right() - NARROWEST_FIELD).max(lane.left());
        let rect = Rect::from_min_max(pos2(left, room.top()), room.max);
        let id = ui.scope_id().with("waiting-words-field");
        let gives_up = ui.input_mut(|i| i.consume_key(egui::Modifiers::NONE, Key::Escape));
        let field = TextEdit::singleline(&mut text)
            .id(id)
            .font(FontId::proportional(15.0))
            .margin(vec2(4.0, 4.0))
            .desired_width(rect.width());
        let response = ui.put(rect, field);
        response.widget_info(|| WidgetInfo::labeled(Role::TextInput, true, t!("lane.type-words")));
        if fresh {
            response.request_focus();
            select_text(ui, id, text.chars().count());
            ui.ctx().request_repaint();
        }
        if gives_up {
            response.surrender_focus();
        } else if fresh || response.has_focus() {
            self.waiting = Some((text, fresh && !response.has_focus()));
        } else if editor.active().map(|track| in_one(&track.words)).unwrap_or_default() != text.trim() {
            return editor.let_words_wait(&text).map(drop);
        }
        Ok(())
    }
}

fn select_text(ui: &Ui, id: egui::Id, length: usize) {
    use egui::text::{CCursor, CCursorRange};
    let mut state = egui::text_edit::TextEditState::load(ui.ctx(), id).unwrap_or_default();
    state.cursor.set_char_range(Some(CCursorRange::two(CCursor::new(0), CCursor::new(length))));
    state.store(ui.ctx(), id);
}

/// A lyric as small as it must be for all of its syllables to be seen.
fn fitted(painter: &Painter, lyric: &str, width: f32, ink: Color32) -> Arc<Galley> {
    let laid_out = |size| painter.layout_no_wrap(lyric.into(), FontId::proportional(size), ink);
    let usual = laid_out(LYRIC_SIZE);
    if usual.size().x <= width {
        return usual;
    }
    laid_out((LYRIC_SIZE * width / usual.size().x).floor().max(SMALLEST_LYRIC))
}

/// How the character of a note can be read, or its word of English, or its kanji.
fn readings_of(note: &Note, reading: Option<&Reading>) -> Vec<String> {
    if let Some(Reading::Sung(sung)) = reading {
        match sung.first().map(|sung| sung.syllable.language) {
            Some(Language::English) => return english_readings(&note.lyric),
            Some(Language::Japanese) => return kanji_readings(&note.lyric),
            _ => {}
        }
    }
    note.lyric.chars().next().map(alternatives).unwrap_or_default()
}

fn cell(note: &Note, view: &View, lane: Rect) -> Rect {
    let left = lane.left() + view.x(note.onset as f64);
    let width = (note.length as f64 * view.scale) as f32;
    Rect::from_min_size(pos2(left, lane.top() + 2.0), vec2(width, lane.height() - 4.0))
}
