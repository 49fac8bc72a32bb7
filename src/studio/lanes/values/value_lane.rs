//! The lane under the lyrics: a curve, or the levels of the notes, over one scale of values and
//! under one set of pens.

use egui::{Label, RichText, Role, Sense, Ui, WidgetInfo, vec2};
use rust_i18n::t;

use super::anchors::{self, Held, Keyboard};
use super::scale::{Scale, Unit};
use super::{curves, levels};
use crate::action::Action;
use crate::lanes::anchor_menu;
use crate::lanes::context::{LaneContext, paint_play_head, way_of_pointer};
use crate::lanes::view::{KEYBOARD, Lane, View};
use crate::request::Requests;
use crate::widgets::Palette;
use ziyin_score::{CurveKind, CurvePoint, EditError, TICKS_PER_QUARTER, Tick};
use ziyin_session::editor::{Editor, LevelStroke, PenStroke, Stroke as CurveStroke};

/// Everything that the lane can show.
pub const LANES: [Lane; 7] = [
    Lane::Curve(CurveKind::Pitch),
    Lane::Curve(CurveKind::Loudness),
    Lane::Curve(CurveKind::Breathiness),
    Lane::Curve(CurveKind::Formant),
    Lane::Curve(CurveKind::Tension),
    Lane::Curve(CurveKind::Mixture),
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
    /// Sets anchors, between which the curve goes in bows; levels, which have none, are drawn freely.
    Anchor,
}

impl Pen {
    /// Every pen with its key in the language files.
    pub const ALL: [(Pen, &'static str); 5] = [
        (Pen::Free, "pen.free"),
        (Pen::Line, "pen.line"),
        (Pen::Smooth, "pen.smooth"),
        (Pen::Erase, "pen.erase"),
        (Pen::Anchor, "pen.anchor"),
    ];

    /// The name of its step in the history.
    fn step(self, lane: Lane) -> &'static str {
        match (lane, self) {
            (Lane::Levels, _) => "change-levels",
            (_, Pen::Free | Pen::Line | Pen::Anchor) => "draw-curve",
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
    held: Option<Held>,
    keyboard: Keyboard,
    /// The anchor that the menu was opened on.
    menu_on: Option<Tick>,
}

impl ValueLane {
    /// The anchor that has the keyboard.
    pub fn held_anchor(&self) -> Option<Tick> {
        self.keyboard.at
    }

    /// Shows the anchors, and gives the keyboard to the one at a tick.
    pub fn lead_to_anchor(&mut self, tick: Tick) {
        self.pen = Pen::Anchor;
        self.keyboard.asked = Some(tick);
    }

    /// Shows the lane in all the room that is left.
    pub fn show(
        &mut self,
        ui: &mut Ui,
        editor: &mut Editor,
        view: &mut View,
        context: &LaneContext,
        asked: &mut Requests,
    ) {
        let whole = ui.available_rect_before_wrap();
        ui.allocate_rect(whole, Sense::hover());
        let palette = Palette::of(ui.visuals());
        let (_, lane) = whole.split_left_right_at_x(whole.left() + KEYBOARD);
        let shown = view.lane;
        let (range, unit) = match shown {
            Lane::Curve(kind) => (kind.usual(), curves::unit(kind)),
            Lane::Levels => (levels::RANGE, Unit::DECIBEL),
        };
        let scale = Scale::new(lane, range, unit);
        scale.paint(ui, &palette);

        let response = ui.interact(lane, ui.scope_id().with("value-lane"), Sense::click_and_drag());
        let name = match shown {
            Lane::Curve(kind) => t!("curve.lane", curve = curves::curve_name(kind)),
            Lane::Levels => t!("levels.lane"),
        };
        response.widget_info(|| WidgetInfo::labeled(Role::Canvas, true, name.as_ref()));
        let anchored = match shown {
            Lane::Curve(kind) if self.pen == Pen::Anchor => Some(kind),
            _ => None,
        };
        if let Some(kind) = anchored {
            let shown = (&scale, &*view, kind);
            let hands = (&mut self.held, &mut self.keyboard);
            asked.done(anchors::edit(ui, &response, hands, editor, shown));
        } else if response.drag_started()
            && let Some(at) = ui.input(|i| i.pointer.press_origin())
        {
            self.drawing = Drawing::begin(editor, view, self.pen, scale.point(view, at));
        }
        if let (Some(drawing), Some(at)) = (&mut self.drawing, response.interact_pointer_pos()) {
            let way = way_of_pointer(ui, at).into_iter().map(|at| scale.point(view, at)).collect();
            asked.done(drawing.go_on(editor, way, view));
        }
        if response.drag_stopped() && self.drawing.take().is_some() {
            editor.end();
        }
        let painter = ui.painter_at(lane);
        match shown {
            Lane::Curve(kind) => curves::paint(&painter, &scale, editor, view, kind),
            Lane::Levels => levels::paint(&painter, &scale, editor, view, &palette),
        }
        self.keyboard.at = None;
        if let Some(kind) = anchored {
            let shown = (&scale, &*view, kind);
            asked.done(anchors::show(ui, &painter, &mut self.keyboard, editor, shown, &palette));
        }
        let alone = editor.active().is_some_and(|track| track.second.is_none());
        if shown == Lane::Curve(CurveKind::Mixture) && alone {
            let text = Label::new(RichText::new(t!("curve.no-second")).weak()).selectable(false).wrap();
            ui.put(lane.shrink2(vec2(16.0, 4.0)), text);
        }
        if let Some(at) = response.hover_pos() {
            scale.paint_pointed(&painter, view, at, &palette);
        }
        if response.secondary_clicked() {
            let at = response.interact_pointer_pos();
            let on = |kind| anchors::at_place(editor, (&scale, &*view, kind), at?);
            self.menu_on = anchored.and_then(on);
        }
        response.context_menu(|ui| {
            if let (Some(kind), Some(tick)) = (anchored, self.menu_on) {
                asked.done(anchor_menu::show(ui, editor, kind, tick));
                ui.separator();
            }
            let text = match shown {
                Lane::Curve(_) => t!("curve.reset"),
                Lane::Levels => t!("levels.reset"),
            };
            if ui.button(text).clicked() {
                asked.done(reset(editor, shown));
                ui.close();
            }
            let possible = [
                (Action::CopyCurve, !editor.selection().is_empty() || view.looped.is_some()),
                (Action::PasteCurve, editor.has_copied_curve()),
            ];
            for (action, possible) in possible.into_iter().filter(|_| matches!(shown, Lane::Curve(_))) {
                if ui.add_enabled(possible, egui::Button::new(action.title())).clicked() {
                    asked.act(action);
                    ui.close();
                }
            }
        });
        paint_play_head(&painter, lane, view, context, &palette);
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
        if matches!(pen, Pen::Free | Pen::Anchor) {
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
            Pen::Free | Pen::Anchor => {
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
