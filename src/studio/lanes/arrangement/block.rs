//! Blocks as they are drawn, and told to screen readers.

use egui::{
    Align2, Color32, FontId, Mesh, Rect, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2,
};
use rust_i18n::t;

use super::phrases::{Phrase, Row};
use super::rows::Rows;
use crate::lanes::view::View;
use crate::widgets::{Palette, blend, ink_on};
use ziyin_score::{NoteId, TrackId};
use ziyin_session::editor::Editor;

/// A block narrower than this, in points, can be neither read out nor read.
const NARROWEST: f32 = 6.0;
/// One narrower than this has no words.
const WORDS: f32 = 18.0;

/// The blocks of a row that are in sight; `track` is what its track is called.
pub(super) fn show(
    ui: &Ui,
    (rows, place, row): (Rows, usize, &Row),
    editor: &Editor,
    view: &View,
    (colour, track): (Color32, &str),
    palette: &Palette,
) {
    let painter = ui.painter_at(rows.lanes);
    let ink = ink_on(colour);
    let mut slim = Mesh::default();
    let mut notes = Mesh::default();
    let mut words: Vec<(Rect, &str, Color32)> = Vec::new();
    let mut painted_to = f32::NEG_INFINITY;
    for phrase in row.between(view.left, view.tick(rows.lanes.width())) {
        let rect = rows.block(place, (phrase.from, phrase.to), view);
        // What is muted is hollow: its ground shines through.
        let fill = if phrase.muted { blend(colour, palette.black_key, 0.85) } else { colour };
        let ink = if phrase.muted { palette.weak_text } else { ink };
        let selected = is_selected(editor, row, phrase);
        if rect.width() < NARROWEST {
            // Seen from far away many lie in the same place.
            if rect.right() >= painted_to + 1.0 || selected {
                slim.add_colored_rect(rect.intersect(rows.lanes), if selected { palette.text } else { fill });
                painted_to = rect.right();
            }
            continue;
        }
        painted_to = rect.right();
        let body = rect.shrink2(vec2(0.5, 0.0));
        painter.rect_filled(body, 3.0, fill);
        let edge = match selected {
            true => Stroke::new(2.0, palette.text),
            false if phrase.muted => Stroke::new(1.0, blend(colour, palette.black_key, 0.4)),
            false => Stroke::new(1.0, blend(colour, Color32::BLACK, 0.3)),
        };
        painter.rect_stroke(body, 3.0, edge, StrokeKind::Inside);
        draw_notes(&mut notes, (body, rows.lanes), row, phrase, view, ink.gamma_multiply(0.4));
        if rect.width() >= WORDS && !phrase.words.is_empty() {
            words.push((body, phrase.words.as_str(), ink));
        }
        let (of, first) =
            (row.track.map(|track| track.0), row.notes_of(phrase).first().map(|note| note.id.0));
        let id = ui.scope_id().with(("phrase", of, first));
        let seen = ui.interact(rect.intersect(rows.lanes), id, Sense::hover());
        seen.widget_info(|| {
            WidgetInfo::selected(Role::Button, true, selected, spoken(editor, phrase, track))
        });
    }
    painter.add(slim);
    painter.add(notes);
    for (body, words, ink) in words {
        let inside = painter.with_clip_rect(body.shrink2(vec2(3.0, 0.0)).intersect(rows.lanes));
        // What begins out of sight is read all the same.
        let left = body.left().max(rows.lanes.left());
        let at = pos2(left + 4.0, body.top() + 1.0);
        inside.text(at, Align2::LEFT_TOP, words, FontId::proportional(11.0), ink);
    }
}

/// Where something is sung in a folder that is shut.
pub(super) fn show_spans(ui: &Ui, (rows, place, row): (Rows, usize, &Row), view: &View, palette: &Palette) {
    let painter = ui.painter_at(rows.lanes);
    let right = view.tick(rows.lanes.width());
    for &span in row.spans.iter().filter(|(from, to)| *to as f64 >= view.left && *from as f64 <= right) {
        painter.rect_filled(rows.block(place, span, view).shrink2(vec2(0.5, 8.0)), 2.0, palette.weak_text);
    }
}

/// What a screen reader says: how the lyrics begin, the track, and where.
pub(super) fn spoken(editor: &Editor, phrase: &Phrase, track: &str) -> String {
    let meter = &editor.project().meter;
    let empty = t!("arrangement.empty");
    let words = if phrase.words.is_empty() { empty.as_ref() } else { &phrase.words };
    let (from, to) = (meter.bar_beat(phrase.from).bar, meter.bar_beat(phrase.to - 1).bar);
    let place = t!("arrangement.block", words = words, track = track, from = from, to = to);
    if phrase.muted { t!("roll.silent", note = place).into_owned() } else { place.into_owned() }
}

/// Whether all notes of a phrase are selected.
pub(super) fn is_selected(editor: &Editor, row: &Row, phrase: &Phrase) -> bool {
    let is = |track: TrackId, note: NoteId| editor.is_selected(track, note);
    row.track.is_some_and(|track| row.notes_of(phrase).iter().all(|note| is(track, note.id)))
}

/// The notes of a phrase as far as they are in sight, small, by their pitch.
fn draw_notes(
    mesh: &mut Mesh,
    (body, lanes): (Rect, Rect),
    row: &Row,
    phrase: &Phrase,
    view: &View,
    colour: Color32,
) {
    let (low, high) = row.keys;
    let room = body.shrink2(vec2(1.0, 0.0)).with_min_y(body.top() + 13.0).with_max_y(body.bottom() - 3.0);
    let notes = row.notes_of(phrase);
    let first = notes.partition_point(|note| (note.end() as f64) < view.left);
    let mut drawn_to = f32::NEG_INFINITY;
    for note in &notes[first..] {
        let left = lanes.left() + view.x(note.onset as f64);
        if left > lanes.right() {
            break;
        }
        let right = (left + (note.length as f64 * view.scale) as f32 - 0.5).max(left + 1.0);
        if right < drawn_to + 1.0 {
            continue;
        }
        drawn_to = right;
        let part = f32::from(high - note.pitch.clamp(low, high)) / f32::from((high - low).max(1));
        let y = room.top() + part * (room.height() - 2.0);
        let bar = Rect::from_min_max(pos2(left, y), pos2(right, y + 2.0)).intersect(room).intersect(lanes);
        if bar.is_positive() {
            mesh.add_colored_rect(bar, if note.muted { colour.gamma_multiply(0.4) } else { colour });
        }
    }
}
