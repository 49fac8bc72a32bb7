//! Tempo and time signatures on the ruler: a tag where the song changes, to be clicked,
//! dragged, or asked with a right click.

use egui::{
    CornerRadius, CursorIcon, FontId, PointerButton, Rect, Response, Role, Sense, StrokeKind, Ui, WidgetInfo,
    pos2, vec2,
};
use rust_i18n::t;

use crate::lanes::view::View;
use crate::request::{Request, Requests};
use crate::widgets::Palette;
use ziyin_score::{EditError, Tick};
use ziyin_session::editor::{ChangeKind, Editor, SongChange};

/// Points between two tags.
const GAP: f32 = 4.0;

/// `♩=84`, `3/4`.
pub fn change_text(change: SongChange) -> String {
    match change {
        SongChange::Tempo(tempo) => format!("♩={}", (tempo.bpm() * 100.0).round() / 100.0),
        SongChange::Meter(meter) => format!("{}/{}", meter.beats, meter.unit),
    }
}

/// Shows the tags in their row of the ruler.
pub(super) fn show(
    ui: &Ui,
    row: Rect,
    editor: &mut Editor,
    view: &View,
    palette: &Palette,
    asked: &mut Requests,
) -> Result<(), EditError> {
    let mut tags: Vec<(Tick, ChangeKind, usize)> = Vec::new();
    for kind in [ChangeKind::Meter, ChangeKind::Tempo] {
        let ticks = kind.ticks(editor.project()).into_iter().enumerate();
        tags.extend(ticks.map(|(index, tick)| (tick, kind, index)));
    }
    tags.sort_by_key(|&(tick, kind, _)| (tick, kind == ChangeKind::Tempo));
    let mut free = f32::NEG_INFINITY;
    for (tick, kind, index) in tags {
        let place = row.left() + view.x(tick as f64) + 2.0;
        let x = place.max(free);
        if x > row.right() {
            break;
        }
        // Out of sight, or so crowded that it would stand far from its place.
        if x < row.left() - 120.0 || x - place > 120.0 {
            continue;
        }
        let change = kind.at(editor.project(), tick);
        let font = FontId::proportional(10.5);
        let galley = ui.fonts_mut(|fonts| fonts.layout_no_wrap(change_text(change), font, palette.text));
        let size = vec2(galley.size().x + 8.0, row.height() - 3.0);
        let tag = Rect::from_min_size(pos2(x, row.top() + 1.0), size);
        free = tag.right() + GAP;
        let id = ui.scope_id().with(("change", kind, index));
        let response = ui.interact(tag.intersect(row), id, Sense::click_and_drag());
        let bar = editor.project().meter.bar_beat(tick).bar;
        let key = if kind == ChangeKind::Tempo { "ruler.tempo" } else { "ruler.meter" };
        let name = t!(key, value = change_text(change), bar = bar);
        response.widget_info(|| WidgetInfo::labeled(Role::Button, true, name.as_ref()));
        let lit = response.hovered() || response.dragged() || response.has_focus();
        let painter = ui.painter_at(row);
        let ground = if lit { palette.accent.gamma_multiply(0.5) } else { palette.grid };
        painter.rect(tag, CornerRadius::same(3), ground, (1.0, palette.beat), StrokeKind::Inside);
        painter.galley(tag.min + vec2(4.0, (tag.height() - galley.size().y) / 2.0), galley, palette.text);
        drag(&response, editor, row, view, (tick, change, index))?;
        if response.clicked() {
            asked.ask(Request::EditChange(kind, tick));
        }
        response.context_menu(|ui| {
            if ui.button(t!("ruler.edit")).clicked() {
                asked.ask(Request::EditChange(kind, tick));
                ui.close();
            }
            if ui.add_enabled(tick > 0, egui::Button::new(t!("ruler.remove"))).clicked() {
                asked.ask(Request::RemoveChange(kind, tick));
                ui.close();
            }
        });
        response.on_hover_cursor(CursorIcon::PointingHand).on_hover_text(name);
    }
    Ok(())
}

/// A tag goes to the bar, or for a tempo to the beat, that is nearest to the pointer,
/// between its neighbours. The first one stays.
fn drag(
    response: &Response,
    editor: &mut Editor,
    row: Rect,
    view: &View,
    (tick, change, index): (Tick, SongChange, usize),
) -> Result<(), EditError> {
    if index == 0 {
        return Ok(());
    }
    if response.drag_started_by(PointerButton::Primary) {
        editor.begin(change.kind().step());
    }
    if response.dragged_by(PointerButton::Primary)
        && let Some(at) = response.interact_pointer_pos()
    {
        let pointed = view.tick(at.x - row.left()).max(0.0) as Tick;
        let project = editor.project();
        let to = match change.kind() {
            ChangeKind::Meter => project.meter.nearest_bar(pointed),
            ChangeKind::Tempo => {
                let beat = project.meter.at(pointed).beat();
                let from = project.meter.nearest_bar(pointed);
                from + (pointed - from + beat / 2).div_euclid(beat) * beat
            }
        };
        let ticks = change.kind().ticks(project);
        let after = ticks.get(index + 1).is_none_or(|&next| to < next);
        if to != tick && to > ticks[index - 1] && after {
            editor.set_change(Some(tick), to, change)?;
        }
    }
    if response.drag_stopped() {
        editor.end();
    }
    Ok(())
}
