//! Notes as they are drawn, found under the pointer, and told to screen readers.

use std::sync::Arc;

use egui::text::{LayoutJob, TextFormat};
use egui::{
    Color32, CornerRadius, FontId, Galley, Mesh, Painter, Pos2, Rect, Role, Sense, Stroke, StrokeKind, Ui,
    WidgetInfo, pos2, vec2,
};
use ziyin_message::ToMessage;

use rust_i18n::t;

use super::geometry::{NotePart, note_rect, rect_at_pitch};
use crate::lanes::context::LaneContext;
use crate::lanes::view::View;
use crate::names::manner_name;
use crate::widgets::{Palette, blend, ink_on, track_colour};
use ziyin_lyrics::{Reading, written_reading};
use ziyin_score::{Manner, Note, NoteId, Tick};
use ziyin_session::editor::{Editor, Late};
use ziyin_session::engine::NoteState;
use ziyin_signal::note_name;

/// Points at each end of a note that resize it.
const EDGE: f32 = 6.0;
/// A note narrower than this, in points, is drawn without outline and corners.
const SLIM: f32 = 5.0;

/// The note of the active track under a point, and which part of it.
pub(super) fn at(editor: &Editor, view: &View, lanes: Rect, at: Pos2) -> Option<(NoteId, NotePart)> {
    let track = editor.active()?;
    let tick = view.tick(at.x - lanes.left());
    let reach = (EDGE as f64 / view.scale) as Tick + 1;
    let near = track.notes.sounding(tick as Tick - reach, tick as Tick + reach);
    let found = near.filter(|note| note_rect(note, view, lanes).contains(at)).last()?;
    let rect = note_rect(found, view, lanes);
    let edge = EDGE.min(rect.width() / 4.0);
    let part = if at.x < rect.left() + edge {
        NotePart::Start
    } else if at.x > rect.right() - edge {
        NotePart::End
    } else {
        NotePart::Middle
    };
    Some((found.id, part))
}

/// The notes of the other tracks and those of the harmonies that are heard, faintly.
pub(super) fn paint_ghosts(painter: &Painter, lanes: Rect, editor: &Editor, view: &View) {
    let (from, to) = (view.left as Tick, view.tick(lanes.width()) as Tick);
    let others = editor.project().tracks.iter().filter(|track| Some(track.id) != editor.active_track());
    for track in others.filter(|track| !track.hidden && view.ghosts.shows(track.id)) {
        let colour = track_colour(track.colour).gamma_multiply(0.28);
        for note in track.notes.sounding(from, to) {
            let rect = note_rect(note, view, lanes);
            if rect.intersects(lanes) {
                let colour = if note.muted { colour.gamma_multiply(0.4) } else { colour };
                painter.rect_filled(rect.shrink2(vec2(0.0, 2.0)), 2.0, colour);
            }
        }
    }
    let Some(lead) = editor.active() else { return };
    let pen = Stroke::new(1.0, track_colour(lead.colour).gamma_multiply(0.45));
    for harmony in lead.harmonies.iter().filter(|harmony| !harmony.mute) {
        let late = Late::new(&editor.project().tempo, harmony.delay);
        // A little of what lies outside may be moved into sight.
        let moved = Late::new(&editor.project().tempo, -harmony.delay);
        for note in lead.notes.sounding(from.min(moved.tick(from.max(0))), to.max(moved.tick(to))) {
            let Some(pitch) = harmony.kind.pitch(note.pitch).filter(|_| !note.muted) else { continue };
            let rect = rect_at_pitch(late.tick(note.onset)..late.tick(note.end()), pitch, view, lanes);
            if rect.intersects(lanes) && rect.width() >= SLIM {
                painter.rect_stroke(rect.shrink2(vec2(0.5, 3.0)), 2.0, pen, StrokeKind::Inside);
            }
        }
    }
}

/// The notes of the active track. Only what is in sight is laid out.
pub(super) fn show(
    ui: &Ui,
    lanes: Rect,
    editor: &Editor,
    view: &View,
    context: &LaneContext,
    palette: &Palette,
) -> Words {
    let mut words = Words::default();
    let Some(track) = editor.active() else { return words };
    let painter = ui.painter_at(lanes);
    let (from, to) = (view.left as Tick, view.tick(lanes.width()) as Tick + 1);
    let colour = track_colour(track.colour);
    let first = track.notes.first().map(|note| note as *const Note);
    let waiting = blend(colour, palette.black_key, 0.45);
    let silent = hollow(colour, palette);
    // Seen from far away notes are many and have no corners: one shape for all of them.
    let mut slim = Mesh::default();
    let mut covered = Tick::MIN;
    for note in track.notes.sounding(from, to) {
        let rect = note_rect(note, view, lanes);
        let overlaps = note.onset < covered && !note.muted;
        let covered_before = covered.min(note.end());
        covered = if note.muted { covered } else { covered.max(note.end()) };
        if !rect.intersects(lanes) {
            continue;
        }
        // Notes lie side by side in memory: their place gives their reading.
        let index =
            first.map_or(0, |first| (std::ptr::from_ref(note) as usize - first as usize) / size_of::<Note>());
        let reading = context.readings.get(index);
        let selected = editor.selection().contains(&note.id);
        let state = context.states.get(&(track.id, note.id)).copied();
        if rect.width() < SLIM && !selected {
            let fill = match state {
                _ if note.muted => silent,
                Some(NoteState::Waiting) => waiting,
                _ => colour,
            };
            slim.add_colored_rect(rect.shrink2(vec2(0.0, 1.0)).intersect(lanes), fill);
        } else {
            paint(
                &painter,
                rect,
                note,
                colour,
                palette,
                Looks { selected, overlaps, state, reading },
                &mut words,
            );
            if overlaps {
                mark_overlap(&painter, rect, (covered_before - note.onset) as f64 * view.scale, palette);
            }
        }
        // A sliver on screen can be neither clicked nor read out.
        if rect.width() >= 4.0 {
            let id = ui.scope_id().with(("note", track.id.0, note.id.0));
            let seen = ui.interact(rect.intersect(lanes), id, Sense::hover());
            seen.widget_info(|| WidgetInfo::selected(Role::Button, true, selected, spoken(note, editor)));
            let hint = match reading {
                Some(Reading::Unknown { text, reason }) => {
                    Some(t!("roll.unknown", text = text, reason = reason.to_message().said()).into_owned())
                }
                _ if note.muted => Some(t!("roll.muted").into_owned()),
                _ if overlaps => Some(t!("roll.overlaps").into_owned()),
                _ if note.take > 0 => Some(t!("notes.take-of", take = u64::from(note.take) + 1).into_owned()),
                _ => note.manner.map(|manner| manner_name(Some(manner))),
            };
            if let Some(hint) = hint {
                seen.on_hover_text(hint);
            }
        }
    }
    painter.add(slim);
    words
}

/// The lyrics of the notes in sight, to be painted over the pitch that is sung: it would cross them out.
#[derive(Default)]
pub(super) struct Words(Vec<(Painter, Pos2, Arc<Galley>, Color32)>);

impl Words {
    pub fn paint(self) {
        for (painter, at, galley, ground) in self.0 {
            // The colour of the note around them parts them from the line.
            for by in [vec2(-1.5, 0.0), vec2(1.5, 0.0), vec2(0.0, -1.5), vec2(0.0, 1.5)] {
                painter.galley_with_override_text_color(at + by, galley.clone(), ground);
            }
            painter.galley(at, galley, Color32::PLACEHOLDER);
        }
    }
}

/// Hatches the part of a note that another covers, which ends there.
fn mark_overlap(painter: &Painter, rect: Rect, width: f64, palette: &Palette) {
    let part = rect.shrink2(vec2(0.5, 1.0)).with_max_x((rect.left() + width as f32).min(rect.right()));
    let inside = painter.with_clip_rect(part.intersect(painter.clip_rect()));
    let pen = Stroke::new(1.5, palette.warning);
    let mut x = part.left() - part.height();
    while x < part.right() {
        inside.line_segment([pos2(x, part.bottom()), pos2(x + part.height(), part.top())], pen);
        x += 6.0;
    }
}

struct Looks<'a> {
    selected: bool,
    overlaps: bool,
    state: Option<NoteState>,
    reading: Option<&'a Reading>,
}

fn paint(
    painter: &Painter,
    rect: Rect,
    note: &Note,
    colour: Color32,
    palette: &Palette,
    looks: Looks,
    words: &mut Words,
) {
    let unknown = matches!(looks.reading, Some(Reading::Unknown { .. }));
    let body = rect.shrink2(vec2(0.5, 1.0));
    let fill = match looks.state {
        _ if note.muted => hollow(colour, palette),
        Some(NoteState::Waiting) => blend(colour, palette.black_key, 0.45),
        _ => colour,
    };
    painter.rect_filled(body, CornerRadius::same(3), fill);
    let outline = if looks.selected {
        Stroke::new(2.0, palette.text)
    } else if looks.overlaps || unknown {
        Stroke::new(1.5, palette.warning)
    } else if note.muted {
        Stroke::new(1.0, blend(colour, palette.black_key, 0.4))
    } else {
        Stroke::new(1.0, blend(colour, Color32::BLACK, 0.3))
    };
    painter.rect_stroke(body, CornerRadius::same(3), outline, StrokeKind::Inside);
    if looks.state == Some(NoteState::Singing) {
        let bar = Rect::from_min_max(pos2(body.left(), body.bottom() - 3.0), body.max);
        painter.rect_filled(bar, 1.0, palette.play_head);
    }
    if rect.height() < 9.0 || rect.width() < 9.0 {
        return;
    }
    let ink = if note.muted { palette.weak_text } else { ink_on(fill) };
    let size = (rect.height() * 0.72).min(15.0);
    if !note.lyric.is_empty() {
        let inside = painter.with_clip_rect(body.intersect(painter.clip_rect()));
        let at = pos2(body.left() + 4.0, body.center().y);
        let lyric = painter.layout_no_wrap(note.lyric.clone(), FontId::proportional(size), ink);
        let at = at - vec2(0.0, lyric.size().y / 2.0);
        words.0.push((inside, at, lyric, fill));
    }
    // Over the note: within it the pitch would cross the mark of its manner out, and under it stands how a lower
    // neighbour is read.
    let mut above = LayoutJob::default();
    let mut write = |text: &str, size: f32, colour: Color32| {
        let space = if above.is_empty() { 0.0 } else { 3.0 };
        above.append(text, space, TextFormat::simple(FontId::proportional(size), colour));
    };
    if let Some(manner) = note.manner {
        write(mark_of(manner), 11.0, palette.text);
    }
    match looks.reading {
        Some(Reading::Sung(sung)) if rect.height() >= 14.0 => {
            write(&written_reading(&note.lyric, sung), 10.0, palette.weak_text);
        }
        Some(Reading::Unknown { .. }) => write("?", 11.0, palette.warning),
        _ => {}
    }
    if above.is_empty() {
        return;
    }
    let at = pos2(body.left() + 2.0, body.top() - 1.0);
    let width = rect.width().max(24.0) + 6.0;
    let seen = Rect::from_min_max(pos2(at.x, at.y - 15.0), pos2(at.x + width, at.y));
    let above = painter.layout_job(above);
    let top = at - vec2(0.0, above.size().y);
    painter.with_clip_rect(seen.intersect(painter.clip_rect())).galley(top, above, palette.weak_text);
}

/// What is left of the colour of a note that is muted: the ground shines through.
fn hollow(colour: Color32, palette: &Palette) -> Color32 {
    blend(colour, palette.black_key, 0.85)
}

/// The mark of a manner on its note: the dynamics of a score, a breath for a whisper, the head voice for a
/// falsetto, the roughness of a growl.
fn mark_of(manner: Manner) -> &'static str {
    match manner {
        Manner::Soft => "p",
        Manner::Normal => "mf",
        Manner::Strong => "f",
        Manner::Whisper => "h",
        Manner::Falsetto => "v",
        Manner::Growl => "r",
    }
}

/// What a screen reader says: lyric, pitch, time, and the manner if it is not the usual one.
fn spoken(note: &Note, editor: &Editor) -> String {
    let at = editor.project().meter.bar_beat(note.onset);
    let lyric = if note.lyric.is_empty() { "…" } else { &note.lyric };
    let place = t!("roll.note", lyric = lyric, pitch = note_name(note.pitch), bar = at.bar, beat = at.beat);
    let place = match note.manner {
        None => place.into_owned(),
        manner => format!("{place}, {}", manner_name(manner)),
    };
    if note.muted { t!("roll.silent", note = place).into_owned() } else { place }
}
