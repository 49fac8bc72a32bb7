//! Level meters.

use egui::{Color32, Rect, Role, Sense, Ui, Vec2, WidgetInfo, pos2};

/// The quietest level that a meter shows, in dB.
const FLOOR: f32 = -54.0;

/// How far up a level stands, 0 to 1; full scale is at 1.
fn height(level: f32) -> f32 {
    if level <= 0.0 { 0.0 } else { ((20.0 * level.log10() - FLOOR) / -FLOOR).clamp(0.0, 1.0) }
}

/// A meter of levels, one bar each (1 is full scale), that grow along the longer side.
pub fn show(ui: &mut Ui, name: &str, levels: &[f32], size: Vec2) {
    let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
    response.widget_info(|| {
        let loudest = levels.iter().copied().fold(0.0f32, f32::max);
        let mut info = WidgetInfo::labeled(Role::Meter, true, name);
        info.value = Some(f64::from(20.0 * loudest.max(1e-3).log10()));
        info
    });
    if !ui.is_rect_visible(rect) {
        return;
    }
    let painter = ui.painter();
    let ground = ui.visuals().extreme_bg_color;
    let upright = size.y > size.x;
    let thick = if upright { rect.width() } else { rect.height() };
    let each = (thick - (levels.len() as f32 - 1.0)) / levels.len() as f32;
    for (i, &level) in levels.iter().enumerate() {
        let offset = i as f32 * (each + 1.0);
        let bar = |from: f32, to: f32| {
            if upright {
                let x = rect.left() + offset;
                let y = |part: f32| rect.bottom() - part * rect.height();
                Rect::from_min_max(pos2(x, y(to)), pos2(x + each, y(from)))
            } else {
                let y = rect.top() + offset;
                let x = |part: f32| rect.left() + part * rect.width();
                Rect::from_min_max(pos2(x(from), y), pos2(x(to), y + each))
            }
        };
        painter.rect_filled(bar(0.0, 1.0), 1.5, ground);
        let top = height(level);
        for (from, to, colour) in zones(level) {
            if top > from {
                painter.rect_filled(bar(from, top.min(to)), 1.5, colour);
            }
        }
    }
}

/// Quiet, loud, and too loud.
fn zones(level: f32) -> [(f32, f32, Color32); 3] {
    let (loud, hot) = (height(0.355), height(0.89));
    let red = Color32::from_rgb(0xE8, 0x4F, 0x4F);
    let clipped = level > 1.0;
    [
        (0.0, loud, if clipped { red } else { Color32::from_rgb(0x3E, 0xB8, 0x7C) }),
        (loud, hot, if clipped { red } else { Color32::from_rgb(0xE3, 0xC0, 0x4B) }),
        (hot, 1.0, red),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn full_scale_is_at_the_top_and_silence_at_the_bottom() {
        assert_eq!((height(0.0), height(1.0), height(4.0)), (0.0, 1.0, 1.0));
        assert!((height(0.5) - (1.0 - 6.02 / 54.0)).abs() < 1e-3);
    }
}
