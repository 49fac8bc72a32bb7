//! Tempo, time signatures and markers on the ruler: a tag where the song changes or has a name, to be
//! clicked, dragged, or asked with a right click.

use egui::{
    CornerRadius, CursorIcon, FontId, PointerButton, Rect, Response, Role, Sense, StrokeKind, Ui, WidgetInfo,
    pos2, vec2,
};
use rust_i18n::t;

use crate::lanes::view::View;
use crate::request::{Request, Requests};
use crate::widgets::Palette;
use ziyin_score::{EditError, Marker, Tick};
use ziyin_session::editor::{ChangeKind, Editor, SongChange};

/// Points between two tags.
const GAP: f32 = 4.0;

/// Characters of a marker's name that its tag shows.
const LONGEST: usize = 24;

/// `♩=84`, `3/4`.
pub fn change_text(change: SongChange) -> String {
    match change {
        SongChange::Tempo(tempo) => format!("♩={}", (tempo.bpm() * 100.0).round() / 100.0),
        SongChange::Meter(meter) => format!("{}/{}", meter.beats, meter.unit),
    }
}

/// What a tag stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Mark {
    /// With its place among the changes of its kind.
    Meter(usize),
    Tempo(usize),
    /// With its place among the markers.
    Marker(usize),
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
    let project = editor.project();
    let ticks = |kind: ChangeKind| kind.ticks(project).into_iter().enumerate();
    let mut tags: Vec<(Tick, Mark)> = Vec::new();
    tags.extend(ticks(ChangeKind::Meter).map(|(i, tick)| (tick, Mark::Meter(i))));
    tags.extend(ticks(ChangeKind::Tempo).map(|(i, tick)| (tick, Mark::Tempo(i))));
    tags.extend(project.markers.iter().enumerate().map(|(i, marker)| (marker.tick, Mark::Marker(i))));
    tags.sort_unstable();
    let mut free = f32::NEG_INFINITY;
    for (tick, mark) in tags {
        let place = row.left() + view.x(tick as f64) + 2.0;
        let x = place.max(free);
        if x > row.right() {
            break;
        }
        // Out of sight, or so crowded that it would stand far from its place.
        if x < row.left() - 120.0 || x - place > 120.0 {
            continue;
        }
        let bar = editor.project().meter.bar_beat(tick).bar;
        let (text, name) = match mark {
            Mark::Marker(index) => {
                // A drag of the one before may have taken its place.
                let Some(marker) = editor.project().markers.get(index) else { continue };
                let shown: String = marker.name.chars().take(LONGEST).collect();
                let text = if shown.is_empty() { "…".into() } else { shown };
                (text, t!("ruler.marker", name = marker.name.as_str(), bar = bar))
            }
            Mark::Tempo(_) => {
                let text = change_text(ChangeKind::Tempo.at(editor.project(), tick));
                let name = t!("ruler.tempo", value = text.as_str(), bar = bar);
                (text, name)
            }
            Mark::Meter(_) => {
                let text = change_text(ChangeKind::Meter.at(editor.project(), tick));
                let name = t!("ruler.meter", value = text.as_str(), bar = bar);
                (text, name)
            }
        };
        let font = FontId::proportional(10.5);
        let galley = ui.fonts_mut(|fonts| fonts.layout_no_wrap(text, font, palette.text));
        let size = vec2(galley.size().x + 8.0, row.height() - 3.0);
        let tag = Rect::from_min_size(pos2(x, row.top() + 1.0), size);
        free = tag.right() + GAP;
        let id = ui.scope_id().with(("mark", std::mem::discriminant(&mark), index_of(mark)));
        let response = ui.interact(tag.intersect(row), id, Sense::click_and_drag());
        response.widget_info(|| WidgetInfo::labeled(Role::Button, true, name.as_ref()));
        let lit = response.hovered() || response.dragged() || response.has_focus();
        let painter = ui.painter_at(row);
        let ground = match mark {
            _ if lit => palette.accent.gamma_multiply(0.5),
            Mark::Marker(_) => palette.accent.gamma_multiply(0.25),
            _ => palette.grid,
        };
        painter.rect(tag, CornerRadius::same(3), ground, (1.0, palette.beat), StrokeKind::Inside);
        painter.galley(tag.min + vec2(4.0, (tag.height() - galley.size().y) / 2.0), galley, palette.text);
        match mark {
            Mark::Marker(_) => marker(&response, editor, (row, view), tick, asked)?,
            Mark::Meter(index) => {
                change(&response, editor, (row, view), (ChangeKind::Meter, tick, index), asked)?
            }
            Mark::Tempo(index) => {
                change(&response, editor, (row, view), (ChangeKind::Tempo, tick, index), asked)?
            }
        }
        response.on_hover_cursor(CursorIcon::PointingHand).on_hover_text(name);
    }
    Ok(())
}

fn index_of(mark: Mark) -> usize {
    match mark {
        Mark::Meter(index) | Mark::Tempo(index) | Mark::Marker(index) => index,
    }
}

/// What is done with the tag of a change.
fn change(
    response: &Response,
    editor: &mut Editor,
    (row, view): (Rect, &View),
    (kind, tick, index): (ChangeKind, Tick, usize),
    asked: &mut Requests,
) -> Result<(), EditError> {
    let change = kind.at(editor.project(), tick);
    drag(response, editor, row, view, (tick, change, index))?;
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
    Ok(())
}

/// What is done with the tag of a marker: a click goes there, a drag moves it along the grid, as far as it
/// does not come upon another.
fn marker(
    response: &Response,
    editor: &mut Editor,
    (row, view): (Rect, &View),
    tick: Tick,
    asked: &mut Requests,
) -> Result<(), EditError> {
    if response.drag_started_by(PointerButton::Primary) {
        editor.begin("set-marker");
    }
    if response.dragged_by(PointerButton::Primary)
        && let Some(at) = response.interact_pointer_pos()
    {
        let to = view.snap.nearest(&editor.project().meter, view.tick(at.x - row.left()).max(0.0));
        let markers = &editor.project().markers;
        let beside = |after: bool| editor.next_marker(tick, after).map(|marker| marker.tick);
        let free =
            beside(false).is_none_or(|before| to > before) && beside(true).is_none_or(|next| to < next);
        let moved = markers.iter().find(|marker| marker.tick == tick && to != tick && free);
        if let Some(moved) = moved.map(|marker| Marker { tick: to, ..marker.clone() }) {
            editor.set_marker(Some(tick), moved)?;
        }
    }
    if response.drag_stopped() {
        editor.end();
    }
    if response.clicked() {
        asked.ask(Request::Seek(tick));
    }
    response.context_menu(|ui| {
        for (key, request) in [
            ("ruler.loop-section", Request::LoopSection(tick)),
            ("ruler.select-section", Request::SelectSection(tick)),
        ] {
            if ui.button(t!(key)).clicked() {
                asked.ask(request);
                ui.close();
            }
        }
        ui.separator();
        if ui.button(t!("ruler.rename")).clicked() {
            asked.ask(Request::EditMarker(tick));
            ui.close();
        }
        if ui.button(t!("ruler.remove")).clicked() {
            asked.ask(Request::RemoveMarker(tick));
            ui.close();
        }
    });
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
