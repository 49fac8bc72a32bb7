//! The ruler: bars, the loop, tempo and time signatures. A click goes there, a drag marks
//! the loop, a right click changes the song from that bar on.

use egui::{CursorIcon, PointerButton, Rect, Role, Sense, Stroke, Ui, WidgetInfo, pos2};
use rust_i18n::t;

use super::{grid, marks};
use crate::lanes::context::LaneContext;
use crate::lanes::view::View;
use crate::request::{Request, Requests};
use crate::widgets::Palette;
use ziyin_score::Tick;
use ziyin_session::editor::{ChangeKind, Editor};

/// Height of the bar numbers; the tags of the changes stand below.
const NUMBERS: f32 = 20.0;
/// Height of the whole ruler.
pub const HEIGHT: f32 = 40.0;
/// Points on each side of an end of the loop where a drag moves that end.
const REACH: f32 = 5.0;

/// What the ruler remembers from one frame to the next.
pub(in crate::lanes) struct Ruler {
    /// The key of its name in the language files.
    name: &'static str,
    /// Where its menu was opened.
    menu_at: Tick,
    /// The end of the loop that stays while the other is dragged.
    held: Option<Tick>,
}

impl Default for Ruler {
    fn default() -> Self {
        Self::named("roll.ruler")
    }
}

impl Ruler {
    /// One with a name of its own, where there is another.
    pub(in crate::lanes) fn named(name: &'static str) -> Self {
        Self { name, menu_at: 0, held: None }
    }

    pub(in crate::lanes) fn show(
        &mut self,
        ui: &Ui,
        rect: Rect,
        editor: &mut Editor,
        view: &mut View,
        context: &LaneContext,
        asked: &mut Requests,
    ) {
        let palette = &Palette::of(ui.visuals());
        let ruler = ui.interact(rect, ui.scope_id().with("ruler"), Sense::click_and_drag());
        ruler.widget_info(|| WidgetInfo::labeled(Role::Canvas, true, t!(self.name)));
        let painter = ui.painter_at(rect);
        painter.rect_filled(rect, 0.0, ui.visuals().panel_fill);
        let (numbers, tags) = rect.split_top_bottom_at_y(rect.top() + NUMBERS);
        if let Some((from, to)) = view.looped.or(view.last_loop) {
            let left = rect.left() + view.x(from as f64);
            let right = rect.left() + view.x(to as f64);
            let band = Rect::from_x_y_ranges(left..=right, numbers.bottom() - 5.0..=numbers.bottom());
            // Faint where it would come back.
            let colour = if view.looped.is_some() { palette.accent } else { palette.bar };
            painter.rect_filled(band, 2.0, colour);
        }
        grid::paint_bars(&painter, rect, view, &editor.project().meter, palette, |bar, x| {
            grid::paint_bar_number(&painter, pos2(x + 4.0, rect.top() + 8.0), bar, palette);
        });
        painter.hline(rect.x_range(), rect.bottom(), Stroke::new(1.0, palette.bar));
        let tick = |view: &View, x: f32| view.tick(x - rect.left()).max(0.0);
        let on_grid = |view: &View, x: f32| view.snap.nearest(&editor.project().meter, tick(view, x));
        if ruler.clicked()
            && let Some(at) = ruler.interact_pointer_pos()
        {
            asked.ask(Request::Seek(on_grid(view, at.x)));
        }
        if ruler.drag_started_by(PointerButton::Primary)
            && let Some(from) = ui.input(|i| i.pointer.press_origin())
        {
            let other = other_end(view, from.x - rect.left());
            self.held = Some(other.unwrap_or_else(|| on_grid(view, from.x)));
        }
        if ruler.dragged_by(PointerButton::Primary)
            && let (Some(at), Some(held)) = (ruler.interact_pointer_pos(), self.held)
        {
            let end = on_grid(view, at.x);
            view.looped = (held != end).then_some((held.min(end), held.max(end)));
        }
        if ruler.hover_pos().is_some_and(|at| other_end(view, at.x - rect.left()).is_some()) {
            ui.ctx().set_cursor_icon(CursorIcon::ResizeHorizontal);
        }
        if ruler.secondary_clicked()
            && let Some(at) = ruler.interact_pointer_pos()
        {
            self.menu_at = tick(view, at.x) as Tick;
        }
        ruler.context_menu(|ui| self.menu(ui, editor, view, asked));
        let done = marks::show(ui, tags, editor, view, palette, asked);
        asked.done(done);
        let x = rect.left() + view.x(context.play_head);
        if rect.x_range().contains(x) {
            let at = pos2(x, rect.bottom() - 1.0);
            let triangle = vec![at, pos2(at.x - 5.0, at.y - 8.0), pos2(at.x + 5.0, at.y - 8.0)];
            painter.add(egui::Shape::convex_polygon(triangle, palette.play_head, Stroke::NONE));
        }
    }

    fn menu(&self, ui: &mut Ui, editor: &Editor, view: &mut View, asked: &mut Requests) {
        let project = editor.project();
        let bar = project.meter.bar_beat(self.menu_at).bar;
        let start = project.meter.bar_start(bar);
        for (kind, set, remove) in [
            (ChangeKind::Tempo, "ruler.set-tempo", "ruler.remove-tempo"),
            (ChangeKind::Meter, "ruler.set-meter", "ruler.remove-meter"),
        ] {
            if ui.button(t!(set, bar = bar)).clicked() {
                asked.ask(Request::EditChange(kind, start));
                ui.close();
            }
            if start > 0 && kind.ticks(project).contains(&start) && ui.button(t!(remove, bar = bar)).clicked()
            {
                asked.ask(Request::RemoveChange(kind, start));
                ui.close();
            }
        }
        if ui.button(t!("ruler.set-marker", bar = bar)).clicked() {
            asked.ask(Request::EditMarker(start));
            ui.close();
        }
        ui.separator();
        if ui.add_enabled(view.looped.is_some(), egui::Button::new(t!("ruler.no-loop"))).clicked() {
            view.looped = None;
            ui.close();
        }
    }
}

/// The end of the loop that stays where a drag from `x` points of the lanes moves the other;
/// none where it does not begin at an end.
fn other_end(view: &View, x: f32) -> Option<Tick> {
    let (from, to) = view.looped?;
    let near = |tick: Tick| (view.x(tick as f64) - x).abs() <= REACH;
    // A short loop is lengthened rather than begun earlier.
    if near(to) { Some(from) } else { near(from).then_some(to) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drag_at_an_end_of_the_loop_moves_that_end() {
        let mut view = View::default();
        view.zoom(2.0, 0.0);
        view.looped = Some((960, 1920));
        let at = |view: &View, tick: f64| other_end(view, view.x(tick));
        assert_eq!([940.0, 1400.0, 1940.0].map(|tick| at(&view, tick)), [Some(1920), None, Some(960)]);
        view.looped = None;
        assert_eq!(at(&view, 960.0), None);
    }
}
