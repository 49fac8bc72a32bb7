//! What lies under the notes: keys, bars, beats, and the ruler above.

use egui::{Align2, FontId, Painter, Pos2, Rect, Stroke, pos2, vec2};

use crate::lanes::view::View;
use crate::widgets::Palette;
use ziyin_score::{Key, MeterMap, Tick};
use ziyin_signal::note_name;

const BLACK: [bool; 12] = [false, true, false, true, false, false, true, false, true, false, true, false];

/// Whether a key is a black one.
pub fn is_black(key: u8) -> bool {
    BLACK[usize::from(key) % 12]
}

/// The keys that a roll of this height shows, the highest first.
pub fn shown_keys(view: &View, height: f32) -> impl Iterator<Item = u8> + use<> {
    let high = view.top().ceil().clamp(0.0, 127.0) as u8;
    let low = (view.top() - height / view.key_height).floor().clamp(0.0, 127.0) as u8;
    (low..=high).rev()
}

/// Ground of each key, darker where the singer is not at home. The keys of the scale are lighter, or without one
/// the white ones.
pub fn paint_keys(
    painter: &Painter,
    rect: Rect,
    view: &View,
    palette: &Palette,
    (range, scale): (Option<[u8; 2]>, Option<Key>),
) {
    let is_dark = |key: u8| scale.map_or_else(|| is_black(key), |scale| !scale.holds(key));
    // The lines stand where a scale begins, and beside no black key.
    let (first, second) = scale.map_or((0, Some(5)), |scale| (scale.tonic % 12, None));
    for key in shown_keys(view, rect.height()) {
        let top = rect.top() + view.y(f32::from(key));
        let row = Rect::from_min_size(pos2(rect.left(), top), vec2(rect.width(), view.key_height));
        let fill = if is_dark(key) { palette.black_key } else { palette.white_key };
        painter.rect_filled(row, 0.0, fill);
        if range.is_some_and(|[low, high]| !(low..=high).contains(&key)) {
            painter.rect_filled(row, 0.0, palette.beyond);
        }
        if key % 12 == first || Some(key % 12) == second {
            let y = row.bottom();
            painter.hline(rect.x_range(), y, Stroke::new(1.0, palette.beat));
        }
    }
}

/// The lines of bars, beats and grid; gives each bar's number and place to `on_bar`.
pub fn paint_bars(
    painter: &Painter,
    rect: Rect,
    view: &View,
    meter: &MeterMap,
    palette: &Palette,
    mut on_bar: impl FnMut(i64, f32),
) {
    let right = view.tick(rect.width()) as Tick + 1;
    let first = meter.bar_beat(view.left.max(0.0) as Tick);
    let mut at = view.left.max(0.0) as Tick;
    at -= first.tick + (first.beat - 1) * meter.at(at).beat();
    let at_least = |ticks: Tick, points: f64| ticks as f64 * view.scale >= points;
    while at <= right {
        let signature = meter.at(at);
        let bar = meter.bar_beat(at).bar;
        // Zoomed far out, only every fourth, sixteenth… bar has room for a line.
        let mut every = 1;
        while !at_least(signature.bar() * every, 28.0) {
            every *= 4;
        }
        if (bar - 1) % every == 0 {
            let x = rect.left() + view.x(at as f64);
            painter.vline(x, rect.y_range(), Stroke::new(1.0, palette.bar));
            on_bar(bar, x);
        }
        let next = meter.changes().iter().map(|change| change.tick).find(|&tick| tick > at);
        let end = (at + signature.bar()).min(next.unwrap_or(Tick::MAX));
        let line = |tick: Tick, colour| {
            painter.vline(rect.left() + view.x(tick as f64), rect.y_range(), Stroke::new(1.0, colour));
        };
        let grid = view.snap.ticks(meter, at as f64);
        if grid > 1 && at_least(grid, 10.0) {
            view.snap.lines(meter, (at, end)).skip(1).for_each(|tick| line(tick, palette.grid));
        }
        // Beats stand out, be they on the grid or not.
        if at_least(signature.beat(), 10.0) {
            let beats = (1..).map(|beat| at + beat * signature.beat()).take_while(|&beat| beat < end);
            beats.for_each(|tick| line(tick, palette.beat));
        }
        at = end;
    }
}

/// The number of a bar on the ruler.
pub fn paint_bar_number(painter: &Painter, at: Pos2, bar: i64, palette: &Palette) {
    painter.text(at, Align2::LEFT_CENTER, bar, FontId::proportional(11.0), palette.weak_text);
}

/// The keyboard at the left; `sounding` is the key that the pointer holds down.
pub fn paint_keyboard(painter: &Painter, rect: Rect, view: &View, palette: &Palette, sounding: Option<u8>) {
    painter.rect_filled(rect, 0.0, palette.ivory);
    for key in shown_keys(view, rect.height()) {
        let top = rect.top() + view.y(f32::from(key));
        let held = sounding == Some(key);
        let row = Rect::from_min_size(pos2(rect.left(), top), vec2(rect.width(), view.key_height));
        if is_black(key) {
            let short = Rect::from_min_size(row.min, vec2(rect.width() * 0.62, view.key_height));
            painter.rect_filled(short, 0.0, if held { palette.accent } else { palette.ebony });
        } else {
            if held {
                painter.rect_filled(row, 0.0, palette.accent);
            }
            if key % 12 == 0 || key % 12 == 5 {
                let line = Stroke::new(1.0, egui::Color32::from_gray(150));
                painter.hline(rect.x_range(), row.bottom(), line);
            }
        }
        let named = key % 12 == 0 || (view.key_height >= 15.0 && !is_black(key));
        if named && view.key_height >= 8.0 {
            let font = FontId::proportional((view.key_height * 0.62).min(11.0));
            let at = pos2(rect.right() - 4.0, row.center().y);
            painter.text(at, Align2::RIGHT_CENTER, note_name(key), font, egui::Color32::from_gray(70));
        }
    }
}
