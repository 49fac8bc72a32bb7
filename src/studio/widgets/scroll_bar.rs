//! The bars beside the lanes: which part of the song is in sight, and the way to another.

use std::ops::Range;

use egui::{EventFilter, Key, Rect, Response, Role, Sense, Ui, WidgetInfo, pos2};

use super::palette::Palette;

/// Width of a bar in points.
pub const THICK: f32 = 12.0;
/// The shortest handle that a pointer still finds, in points.
const SHORTEST: f32 = 24.0;

/// What a bar runs along, in ticks or keys.
pub struct Extent {
    /// From one end of the bar to the other.
    pub whole: Range<f64>,
    /// What is in sight.
    pub shown: Range<f64>,
    /// Where the notes are.
    pub filled: Range<f64>,
}

impl Extent {
    fn length(&self) -> f64 {
        (self.whole.end - self.whole.start).max(1.0)
    }

    fn part(&self, at: f64) -> f32 {
        ((at - self.whole.start) / self.length()).clamp(0.0, 1.0) as f32
    }
}

/// Shows a bar, upright where it is higher than wide. Gives where the shown part is to
/// begin, if it was moved. Arrow and page keys move it too, once it has the focus.
pub fn show(ui: &Ui, rect: Rect, name: &str, mut extent: Extent) -> Option<f64> {
    let id = ui.scope_id().with(("scroll-bar", name));
    let response = ui.interact(rect, id, Sense::click_and_drag());
    response.widget_info(|| {
        let mut info = WidgetInfo::labeled(Role::ScrollBar, true, name);
        info.value = Some(extent.shown.start);
        info
    });
    let upright = rect.height() > rect.width();
    let long = if upright { rect.height() } else { rect.width() };
    // While the handle is held the song keeps its length on the bar.
    let held: Option<(f64, Range<f64>)> = ui.data(|data| data.get_temp(id));
    if let Some((_, whole)) = &held {
        extent.whole = whole.clone();
    }
    let seen = extent.shown.end - extent.shown.start;
    let per_point = extent.length() / f64::from(long.max(1.0));
    let mut to = None;
    let along = |at: egui::Pos2| f64::from(if upright { at.y - rect.top() } else { at.x - rect.left() });
    if let Some(at) = response.interact_pointer_pos().filter(|_| response.is_pointer_button_down_on()) {
        let pointed = extent.whole.start + along(at) * per_point;
        let grip = match held {
            Some((grip, _)) => grip,
            // Beside the handle the bar goes to where it was pressed.
            None if extent.shown.contains(&pointed) => pointed - extent.shown.start,
            None => seen / 2.0,
        };
        ui.data_mut(|data| data.insert_temp(id, (grip, extent.whole.clone())));
        to = Some(pointed - grip);
    } else if held.is_some() {
        ui.data_mut(|data| data.remove::<(f64, Range<f64>)>(id));
    }
    to = to.or_else(|| keys(ui, &response, upright, seen).map(|by| extent.shown.start + by));
    paint(ui, rect, upright, &extent, &response);
    to.map(|to| to.clamp(extent.whole.start, (extent.whole.end - seen).max(extent.whole.start)))
        .filter(|&to| to != extent.shown.start)
}

/// How far the keyboard moves a bar that has the focus.
fn keys(ui: &Ui, response: &Response, upright: bool, seen: f64) -> Option<f64> {
    if !response.has_focus() {
        return None;
    }
    let arrows = EventFilter { horizontal_arrows: !upright, vertical_arrows: upright, ..Default::default() };
    ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, arrows));
    let (back, on) = if upright { (Key::ArrowUp, Key::ArrowDown) } else { (Key::ArrowLeft, Key::ArrowRight) };
    let pressed = |key| ui.input_mut(|input| input.consume_key(egui::Modifiers::NONE, key));
    [(back, -0.1), (on, 0.1), (Key::PageUp, -0.9), (Key::PageDown, 0.9)]
        .into_iter()
        .find(|(key, _)| pressed(*key))
        .map(|(_, part)| part * seen)
}

fn paint(ui: &Ui, rect: Rect, upright: bool, extent: &Extent, response: &Response) {
    let palette = Palette::of(ui.visuals());
    let painter = ui.painter_at(rect);
    painter.rect_filled(rect, 0.0, ui.visuals().extreme_bg_color);
    let span = |from: f32, to: f32, inset: f32| {
        if upright {
            let y = |part: f32| rect.top() + part * rect.height();
            Rect::from_min_max(pos2(rect.left() + inset, y(from)), pos2(rect.right() - inset, y(to)))
        } else {
            let x = |part: f32| rect.left() + part * rect.width();
            Rect::from_min_max(pos2(x(from), rect.top() + inset), pos2(x(to), rect.bottom() - inset))
        }
    };
    let filled = span(extent.part(extent.filled.start), extent.part(extent.filled.end), 4.0);
    painter.rect_filled(filled, 2.0, palette.accent.gamma_multiply(0.35));
    let (from, to) = (extent.part(extent.shown.start), extent.part(extent.shown.end));
    let mut handle = span(from, to, 2.0);
    if upright && handle.height() < SHORTEST {
        handle = handle.expand2(egui::vec2(0.0, (SHORTEST - handle.height()) / 2.0));
    } else if !upright && handle.width() < SHORTEST {
        handle = handle.expand2(egui::vec2((SHORTEST - handle.width()) / 2.0, 0.0));
    }
    let colour = if response.is_pointer_button_down_on() || response.has_focus() {
        palette.accent
    } else if response.hovered() {
        palette.weak_text
    } else {
        palette.weak_text.gamma_multiply(0.6)
    };
    painter.rect_filled(handle, 4.0, colour.gamma_multiply(0.7));
}
