//! The lane under the lyrics: a curve, or the levels of the notes, over one scale of values and
//! under one set of pens.

use egui::{Align2, FontId, Painter, Pos2, Rect, Role, Sense, Stroke, Ui, WidgetInfo, pos2};
use rust_i18n::t;

use super::editor::{Editor, LevelStroke, PenStroke, Stroke as CurveStroke};
use super::roll::{Palette, RollContext, paint_play_head, way_of_pointer};
use super::view::{KEYBOARD, Lane, View};
use super::{curves, levels};
use ziyin_score::{CurveKind, CurvePoint, EditError, TICKS_PER_QUARTER, Tick};

/// Everything that the lane can show.
pub const LANES: [Lane; 6] = [
    Lane::Curve(CurveKind::Pitch),
    Lane::Curve(CurveKind::Loudness),
    Lane::Curve(CurveKind::Breathiness),
    Lane::Curve(CurveKind::Formant),
    Lane::Curve(CurveKind::Tension),
    Lane::Levels,
];

/// What the lane shows, in the language of the studio.
pub fn lane_name(lane: Lane) -> String {
    match lane {
        Lane::Curve(kind) => curves::curve_name(kind),
        Lane::Levels => t!("levels.title").into_owned(),
    }
}

/// Brings what the lane shows back to rest: a whole curve, or the levels of the selected notes,
/// of all where none is selected.
///
/// # Errors
/// Never: what is at rest is valid.
pub fn reset(editor: &mut Editor, lane: Lane) -> Result<(), EditError> {
    match lane {
        Lane::Curve(kind) => curves::reset(editor, kind),
        Lane::Levels => editor.reset_levels(),
    }
}

/// How the pointer draws in the lane.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pen {
    #[default]
    Free,
    Line,
    Smooth,
    Erase,
}

impl Pen {
    /// Every pen with its key in the language files.
    pub const ALL: [(Pen, &'static str); 4] = [
        (Pen::Free, "pen.free"),
        (Pen::Line, "pen.line"),
        (Pen::Smooth, "pen.smooth"),
        (Pen::Erase, "pen.erase"),
    ];

    /// The name of its step in the history.
    fn step(self, lane: Lane) -> &'static str {
        match (lane, self) {
            (Lane::Levels, _) => "change-levels",
            (_, Pen::Free | Pen::Line) => "draw-curve",
            (_, Pen::Smooth) => "smooth-curve",
            (_, Pen::Erase) => "erase-curve",
        }
    }
}

/// The lane, and the stroke that is being drawn.
#[derive(Default)]
pub struct ValueLane {
    pub pen: Pen,
    drawing: Option<Drawing>,
}

/// Where values stand in the lane.
pub(super) struct Scale {
    pub lane: Rect,
    /// The part of the lane that the values have.
    inner: Rect,
    low: f32,
    high: f32,
    unit: &'static str,
}

impl Scale {
    fn of(shown: Lane, lane: Rect) -> Self {
        let ((low, high), unit) = match shown {
            Lane::Curve(kind) => (curves::range(kind), curves::unit(kind)),
            Lane::Levels => (levels::RANGE, " dB"),
        };
        Self { lane, inner: lane.shrink2(egui::vec2(0.0, 4.0)), low, high, unit }
    }

    /// Where a value stands, in points from the top of the window.
    pub fn y(&self, value: f32) -> f32 {
        let part = (value.clamp(self.low, self.high) - self.low) / (self.high - self.low);
        self.inner.bottom() - part * self.inner.height()
    }

    /// The tick and the value at a place.
    fn point(&self, view: &View, at: Pos2) -> CurvePoint {
        let part = ((self.inner.bottom() - at.y) / self.inner.height()).clamp(0.0, 1.0);
        let value = self.low + part * (self.high - self.low);
        // The middle is hard to hit: near it the value is at rest.
        let value = if (self.y(value) - self.y(0.0)).abs() < 3.0 { 0.0 } else { value };
        CurvePoint { tick: view.tick(at.x - self.lane.left()).max(0.0).round() as Tick, value }
    }

    /// The ground of the lane, with its ends written beside it.
    fn paint(&self, ui: &Ui, palette: &Palette) {
        let edge = self.lane.left() - 6.0;
        for (value, y) in [(self.high, self.lane.top() + 8.0), (self.low, self.lane.bottom() - 8.0)] {
            let text = format!("{value:+}{}", self.unit);
            let font = FontId::proportional(10.0);
            ui.painter().text(pos2(edge, y), Align2::RIGHT_CENTER, text, font, palette.weak_text);
        }
        let painter = ui.painter_at(self.lane);
        painter.rect_filled(self.lane, 0.0, palette.white_key);
        painter.hline(self.lane.x_range(), self.y(0.0), Stroke::new(1.0, palette.beat));
    }

    /// The value at the pointer, beside it.
    fn paint_pointed(&self, painter: &Painter, view: &View, at: Pos2, palette: &Palette) {
        let value = format!("{:+.2}{}", self.point(view, at).value, self.unit);
        let place = pos2(at.x + 10.0, (at.y - 8.0).max(self.lane.top() + 8.0));
        painter.text(place, Align2::LEFT_CENTER, value, FontId::proportional(11.0), palette.text);
    }
}

impl ValueLane {
    /// Shows the lane in all the room that is left; gives why an edit was not possible.
    pub fn show(
        &mut self,
        ui: &mut Ui,
        editor: &mut Editor,
        view: &mut View,
        context: &RollContext,
    ) -> Option<String> {
        let whole = ui.available_rect_before_wrap();
        ui.allocate_rect(whole, Sense::hover());
        let palette = Palette::of(ui.visuals());
        let (_, lane) = whole.split_left_right_at_x(whole.left() + KEYBOARD);
        let shown = view.lane;
        let scale = Scale::of(shown, lane);
        scale.paint(ui, &palette);

        let response = ui.interact(lane, ui.scope_id().with("value-lane"), Sense::click_and_drag());
        let name = match shown {
            Lane::Curve(kind) => t!("curve.lane", curve = curves::curve_name(kind)),
            Lane::Levels => t!("levels.lane"),
        };
        response.widget_info(|| WidgetInfo::labeled(Role::Canvas, true, name.as_ref()));
        let mut error = None;
        if response.drag_started()
            && let Some(at) = ui.input(|i| i.pointer.press_origin())
        {
            self.drawing = Drawing::begin(editor, view, self.pen, scale.point(view, at));
        }
        if let (Some(drawing), Some(at)) = (&mut self.drawing, response.interact_pointer_pos()) {
            let way = way_of_pointer(ui, at).into_iter().map(|at| scale.point(view, at)).collect();
            error = drawing.go_on(editor, way, view).err().map(|e| e.to_string());
        }
        if response.drag_stopped() && self.drawing.take().is_some() {
            editor.end();
        }
        let painter = ui.painter_at(lane);
        match shown {
            Lane::Curve(kind) => curves::paint(&painter, &scale, editor, view, kind),
            Lane::Levels => levels::paint(&painter, &scale, editor, view, &palette),
        }
        if let Some(at) = response.hover_pos() {
            scale.paint_pointed(&painter, view, at, &palette);
        }
        response.context_menu(|ui| {
            let text = match shown {
                Lane::Curve(_) => t!("curve.reset"),
                Lane::Levels => t!("levels.reset"),
            };
            if ui.button(text).clicked() {
                error = reset(editor, shown).err().map(|e| e.to_string());
                ui.close();
            }
        });
        paint_play_head(&painter, lane, view, context, &palette);
        error
    }
}

/// A stroke of a pen, from press to release: one step of the history.
struct Drawing {
    stroke: Box<dyn PenStroke>,
    pen: Pen,
    step: &'static str,
    /// Where the pen was put down.
    from: CurvePoint,
    /// How far it went to the left and to the right, in ticks.
    swept: (Tick, Tick),
}

impl Drawing {
    /// Puts the pen down; none without a track.
    fn begin(editor: &mut Editor, view: &View, pen: Pen, from: CurvePoint) -> Option<Self> {
        let mut stroke: Box<dyn PenStroke> = match view.lane {
            Lane::Curve(kind) => Box::new(CurveStroke::begin(editor, kind)?),
            Lane::Levels => Box::new(LevelStroke::begin(editor)?),
        };
        if pen == Pen::Free {
            stroke.go_to(from, 1);
        }
        let step = pen.step(view.lane);
        editor.begin(step);
        Some(Self { stroke, pen, step, from, swept: (from.tick, from.tick) })
    }

    /// Goes on along a way, which ends where the pointer is.
    fn go_on(&mut self, editor: &mut Editor, way: Vec<CurvePoint>, view: &View) -> Result<(), EditError> {
        let Some(&to) = way.last() else { return Ok(()) };
        for point in &way {
            let (first, last) = &mut self.swept;
            (*first, *last) = (point.tick.min(*first), point.tick.max(*last));
        }
        let (first, last) = self.swept;
        match self.pen {
            Pen::Free => {
                let apart = ((2.0 / view.scale) as Tick).clamp(1, TICKS_PER_QUARTER / 8);
                way.into_iter().for_each(|point| self.stroke.go_to(point, apart));
            }
            Pen::Line => self.stroke.line(self.from, to),
            Pen::Smooth => self.stroke.smooth(first, last, &editor.project().tempo),
            Pen::Erase => self.stroke.erase(first, last),
        }
        self.stroke.apply(editor, self.step)
    }
}
