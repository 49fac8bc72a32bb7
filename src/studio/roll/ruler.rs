//! The ruler: bars, tempo, the loop. A click goes there, a drag marks the loop.

use egui::{Align2, FontId, Rect, Role, Sense, Stroke, Ui, WidgetInfo, pos2};
use rust_i18n::t;

use super::{Palette, RollContext, RollResponse, grid};
use crate::studio::editor::Editor;
use crate::studio::view::View;

pub(super) fn show(
    ui: &Ui,
    rect: Rect,
    editor: &Editor,
    view: &mut View,
    context: &RollContext,
    palette: &Palette,
    response: &mut RollResponse,
) {
    let ruler = ui.interact(rect, ui.scope_id().with("ruler"), Sense::click_and_drag());
    ruler.widget_info(|| WidgetInfo::labeled(Role::Canvas, true, t!("roll.ruler")));
    let painter = ui.painter_at(rect);
    painter.rect_filled(rect, 0.0, ui.visuals().panel_fill);
    if let Some((from, to)) = view.looped {
        let left = rect.left() + view.x(from as f64);
        let right = rect.left() + view.x(to as f64);
        let band = Rect::from_x_y_ranges(left..=right, rect.bottom() - 7.0..=rect.bottom() - 1.0);
        painter.rect_filled(band, 2.0, palette.accent);
    }
    grid::paint_bars(&painter, rect, view, &editor.project().meter, palette, |bar, x| {
        grid::paint_bar_number(&painter, pos2(x + 4.0, rect.top() + 9.0), bar, palette);
    });
    for change in editor.project().tempo.changes() {
        let x = rect.left() + view.x(change.tick as f64);
        if (rect.left()..rect.right()).contains(&x) {
            let text = format!("♩={:.4}", change.tempo.bpm())
                .trim_end_matches('0')
                .trim_end_matches('.')
                .to_string();
            painter.text(
                pos2(x + 28.0, rect.top() + 9.0),
                Align2::LEFT_CENTER,
                text,
                FontId::proportional(10.0),
                palette.warning,
            );
        }
    }
    painter.hline(rect.x_range(), rect.bottom(), Stroke::new(1.0, palette.bar));
    let tick = |x: f32| view.tick(x - rect.left()).max(0.0);
    if ruler.clicked()
        && let Some(at) = ruler.interact_pointer_pos()
    {
        response.seek = Some(view.snap.nearest(tick(at.x)));
    }
    if ruler.dragged()
        && let (Some(at), Some(from)) = (ruler.interact_pointer_pos(), ui.input(|i| i.pointer.press_origin()))
    {
        let (a, b) = (view.snap.nearest(tick(from.x)), view.snap.nearest(tick(at.x)));
        view.looped = (a != b).then_some((a.min(b), a.max(b)));
    }
    let x = rect.left() + view.x(context.play_head);
    if rect.x_range().contains(x) {
        let at = pos2(x, rect.bottom() - 1.0);
        let triangle = vec![at, pos2(at.x - 5.0, at.y - 8.0), pos2(at.x + 5.0, at.y - 8.0)];
        painter.add(egui::Shape::convex_polygon(triangle, palette.play_head, Stroke::NONE));
    }
}
