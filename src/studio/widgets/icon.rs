//! The pictures on buttons, drawn as shapes: they are sharp at any size and take the
//! colour of the text.

use std::f32::consts::PI;

use egui::{
    Color32, Painter, Pos2, Rect, Response, Role, Sense, Shape, Stroke, StrokeKind, Ui, Vec2, WidgetInfo,
    vec2,
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Icon {
    Play,
    Pause,
    Stop,
    Record,
    ToStart,
    Loop,
    Metronome,
    CountIn,
    Follow,
    Pointer,
    Lasso,
    Pencil,
    Eraser,
    Wave,
    Undo,
    Redo,
    Plus,
    Close,
    Unlink,
    Curves,
    Mixer,
    Sliders,
    Clock,
    Triplet,
}

/// Width of a button with a picture, in points.
pub const WIDTH: f32 = 28.0;

/// A button with a picture. `name` is what is read out and shown on hover; `chosen` marks
/// what is switched on.
pub fn button(ui: &mut Ui, icon: Icon, name: &str, shortcut: Option<String>, chosen: bool) -> Response {
    sized(ui, icon, name, shortcut, chosen, vec2(WIDTH, 26.0))
}

/// The same, small, for rows of tracks.
pub fn small(ui: &mut Ui, icon: Icon, name: &str) -> Response {
    sized(ui, icon, name, None, false, vec2(20.0, 24.0))
}

fn sized(
    ui: &mut Ui,
    icon: Icon,
    name: &str,
    shortcut: Option<String>,
    chosen: bool,
    size: Vec2,
) -> Response {
    let (rect, response) = ui.allocate_exact_size(size, Sense::click());
    let enabled = ui.is_enabled();
    response.widget_info(|| WidgetInfo::selected(Role::Button, enabled, chosen, name));
    if ui.is_rect_visible(rect) {
        let look = ui.style().interact(&response);
        let visuals = ui.visuals();
        let (ground, ink) = if chosen {
            (visuals.selection.bg_fill, visuals.selection.stroke.color)
        } else if response.hovered() || response.has_focus() || response.is_pointer_button_down_on() {
            (look.weak_bg_fill, look.fg_stroke.color)
        } else {
            (Color32::TRANSPARENT, look.fg_stroke.color)
        };
        ui.painter().rect(rect, 5.0, ground, Stroke::NONE, StrokeKind::Inside);
        if response.has_focus() {
            let ring = Stroke::new(1.0, visuals.selection.bg_fill);
            ui.painter().rect_stroke(rect, 5.0, ring, StrokeKind::Inside);
        }
        let ink = if enabled { ink } else { ui.visuals().disable(ink) };
        let edge = size.min_elem() * 0.56;
        paint(ui.painter(), Rect::from_center_size(rect.center(), Vec2::splat(edge)), icon, ink);
    }
    let hint = match shortcut {
        Some(keys) => format!("{name}  ({keys})"),
        None => name.to_string(),
    };
    response.on_hover_text(hint)
}

/// Paints a picture into a square.
pub fn paint(painter: &Painter, square: Rect, icon: Icon, ink: Color32) {
    let edge = square.width();
    let at = |x: f32, y: f32| square.min + vec2(x, y) * edge;
    let pen = Stroke::new((edge * 0.11).max(1.2), ink);
    let fill = |points: Vec<Pos2>| Shape::convex_polygon(points, ink, Stroke::NONE);
    let line = |points: Vec<Pos2>| Shape::line(points, pen);
    let bar = |x: f32, y: f32, w: f32, h: f32| {
        Shape::rect_filled(Rect::from_min_max(at(x, y), at(x + w, y + h)), 1.0, ink)
    };
    let arc = |middle: Pos2, radius: f32, from: f32, to: f32| {
        let point = |i: i32| {
            let turn = from + (to - from) * i as f32 / 16.0;
            middle + vec2(turn.cos(), turn.sin()) * radius * edge
        };
        Shape::line((0..=16).map(point).collect(), pen)
    };
    let shapes = match icon {
        Icon::Play => vec![fill(vec![at(0.16, 0.06), at(0.92, 0.5), at(0.16, 0.94)])],
        Icon::Pause => vec![bar(0.18, 0.1, 0.22, 0.8), bar(0.6, 0.1, 0.22, 0.8)],
        Icon::Stop => vec![bar(0.14, 0.14, 0.72, 0.72)],
        Icon::Record => vec![Shape::circle_filled(at(0.5, 0.5), 0.42 * edge, ink)],
        Icon::ToStart => {
            vec![bar(0.1, 0.12, 0.14, 0.76), fill(vec![at(0.9, 0.1), at(0.9, 0.9), at(0.32, 0.5)])]
        }
        Icon::Loop => vec![
            arc(at(0.5, 0.5), 0.38, -0.35 * PI, 0.72 * PI),
            arc(at(0.5, 0.5), 0.38, 0.85 * PI, 1.45 * PI),
            fill(vec![at(0.52, -0.06), at(0.52, 0.34), at(0.82, 0.12)]),
        ],
        Icon::Metronome => vec![
            line(vec![at(0.36, 0.06), at(0.64, 0.06), at(0.86, 0.94), at(0.14, 0.94), at(0.36, 0.06)]),
            line(vec![at(0.5, 0.76), at(0.86, 0.2)]),
        ],
        Icon::CountIn => vec![
            bar(0.04, 0.38, 0.14, 0.24),
            bar(0.3, 0.38, 0.14, 0.24),
            fill(vec![at(0.56, 0.16), at(0.98, 0.5), at(0.56, 0.84)]),
        ],
        Icon::Follow => vec![
            bar(0.44, 0.04, 0.12, 0.92),
            line(vec![at(0.68, 0.3), at(0.9, 0.5), at(0.68, 0.7)]),
            line(vec![at(0.32, 0.3), at(0.1, 0.5), at(0.32, 0.7)]),
        ],
        Icon::Pointer => vec![
            fill(vec![at(0.2, 0.02), at(0.2, 0.82), at(0.42, 0.62)]),
            fill(vec![at(0.2, 0.02), at(0.42, 0.62), at(0.76, 0.58)]),
            line(vec![at(0.42, 0.55), at(0.58, 0.94)]),
        ],
        Icon::Lasso => {
            // A loop, and the end of the rope.
            let point = |i: i32| {
                let turn = i as f32 / 20.0 * 2.0 * PI;
                at(0.5 + 0.46 * turn.cos(), 0.36 + 0.28 * turn.sin())
            };
            vec![line((0..=20).map(point).collect()), line(vec![at(0.3, 0.62), at(0.2, 0.8), at(0.34, 0.98)])]
        }
        Icon::Pencil => vec![
            line(vec![
                at(0.12, 0.88),
                at(0.2, 0.62),
                at(0.7, 0.1),
                at(0.9, 0.3),
                at(0.38, 0.82),
                at(0.12, 0.88),
            ]),
            line(vec![at(0.6, 0.22), at(0.78, 0.4)]),
        ],
        Icon::Eraser => vec![
            line(vec![
                at(0.34, 0.86),
                at(0.08, 0.6),
                at(0.58, 0.1),
                at(0.92, 0.42),
                at(0.46, 0.86),
                at(0.34, 0.86),
            ]),
            line(vec![at(0.34, 0.34), at(0.68, 0.66)]),
            line(vec![at(0.46, 0.88), at(0.94, 0.88)]),
        ],
        Icon::Wave => {
            let point = |i: i32| {
                let x = i as f32 / 24.0;
                at(x, 0.5 - 0.34 * (x * 2.0 * PI).sin())
            };
            vec![line((0..=24).map(point).collect())]
        }
        Icon::Undo => vec![
            arc(at(0.54, 0.6), 0.32, -0.9 * PI, 0.4 * PI),
            fill(vec![at(0.02, 0.36), at(0.44, 0.34), at(0.2, 0.72)]),
        ],
        Icon::Redo => vec![
            arc(at(0.46, 0.6), 0.32, -0.1 * PI, -1.4 * PI),
            fill(vec![at(0.98, 0.36), at(0.56, 0.34), at(0.8, 0.72)]),
        ],
        Icon::Plus => vec![line(vec![at(0.5, 0.1), at(0.5, 0.9)]), line(vec![at(0.1, 0.5), at(0.9, 0.5)])],
        Icon::Close => {
            vec![line(vec![at(0.16, 0.16), at(0.84, 0.84)]), line(vec![at(0.84, 0.16), at(0.16, 0.84)])]
        }
        Icon::Unlink => vec![
            arc(at(0.3, 0.7), 0.24, 0.05 * PI, 1.45 * PI),
            arc(at(0.7, 0.3), 0.24, -0.95 * PI, 0.45 * PI),
            line(vec![at(0.1, 0.1), at(0.26, 0.26)]),
            line(vec![at(0.74, 0.74), at(0.9, 0.9)]),
        ],
        Icon::Curves => vec![
            line(vec![at(0.04, 0.8), at(0.3, 0.3), at(0.58, 0.62), at(0.96, 0.14)]),
            Shape::circle_filled(at(0.3, 0.3), edge * 0.11, ink),
            Shape::circle_filled(at(0.58, 0.62), edge * 0.11, ink),
        ],
        Icon::Mixer => vec![
            line(vec![at(0.18, 0.04), at(0.18, 0.96)]),
            line(vec![at(0.5, 0.04), at(0.5, 0.96)]),
            line(vec![at(0.82, 0.04), at(0.82, 0.96)]),
            bar(0.06, 0.6, 0.24, 0.16),
            bar(0.38, 0.22, 0.24, 0.16),
            bar(0.7, 0.46, 0.24, 0.16),
        ],
        Icon::Sliders => vec![
            line(vec![at(0.04, 0.2), at(0.96, 0.2)]),
            line(vec![at(0.04, 0.5), at(0.96, 0.5)]),
            line(vec![at(0.04, 0.8), at(0.96, 0.8)]),
            Shape::circle_filled(at(0.68, 0.2), edge * 0.14, ink),
            Shape::circle_filled(at(0.3, 0.5), edge * 0.14, ink),
            Shape::circle_filled(at(0.56, 0.8), edge * 0.14, ink),
        ],
        Icon::Clock => vec![
            Shape::circle_stroke(at(0.5, 0.5), edge * 0.44, pen),
            line(vec![at(0.5, 0.22), at(0.5, 0.52), at(0.7, 0.64)]),
        ],
        Icon::Triplet => vec![
            Shape::circle_filled(at(0.12, 0.8), edge * 0.12, ink),
            Shape::circle_filled(at(0.5, 0.8), edge * 0.12, ink),
            Shape::circle_filled(at(0.88, 0.8), edge * 0.12, ink),
            line(vec![at(0.22, 0.8), at(0.22, 0.2), at(0.98, 0.2), at(0.98, 0.8)]),
            line(vec![at(0.6, 0.8), at(0.6, 0.2)]),
        ],
    };
    painter.extend(shapes);
}
