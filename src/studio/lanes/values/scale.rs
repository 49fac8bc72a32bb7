//! The scale that values stand on in their lane.

use egui::{Align2, FontId, Painter, Pos2, Rect, Stroke, Ui, pos2};

use crate::lanes::view::View;
use crate::widgets::Palette;
use ziyin_score::{CurvePoint, Tick};

/// What values are told in.
#[derive(Clone, Copy)]
pub(super) struct Unit {
    name: &'static str,
    /// What a value of 1 is told as.
    one: f32,
    /// Digits behind the point.
    digits: usize,
}

impl Unit {
    pub const DECIBEL: Self = Self::named(" dB");
    pub const PERCENT: Self = Self { name: " %", one: 100.0, digits: 0 };

    pub const fn named(name: &'static str) -> Self {
        Self { name, one: 1.0, digits: 2 }
    }
}

/// Where values stand in the lane.
pub(super) struct Scale {
    pub lane: Rect,
    /// The part of the lane that the values have.
    inner: Rect,
    low: f32,
    high: f32,
    unit: Unit,
}

impl Scale {
    /// A scale over a lane, from the lowest value to the highest.
    pub fn new(lane: Rect, (low, high): (f32, f32), unit: Unit) -> Self {
        Self { lane, inner: lane.shrink2(egui::vec2(0.0, 4.0)), low, high, unit }
    }

    /// A value in its unit. What never goes below 0 has no sign.
    fn said(&self, value: f32, digits: Option<usize>) -> String {
        let (told, name) = (value * self.unit.one, self.unit.name);
        match (digits, self.low < 0.0) {
            (None, true) => format!("{told:+}{name}"),
            (None, false) => format!("{told}{name}"),
            (Some(digits), true) => format!("{told:+.digits$}{name}"),
            (Some(digits), false) => format!("{told:.digits$}{name}"),
        }
    }

    /// A value as it is told.
    pub fn value_name(&self, value: f32) -> String {
        self.said(value, Some(self.unit.digits))
    }

    /// Where a value stands, in points from the top of the window.
    pub fn y(&self, value: f32) -> f32 {
        let part = (value.clamp(self.low, self.high) - self.low) / (self.high - self.low);
        self.inner.bottom() - part * self.inner.height()
    }

    /// By how much a key changes a value: a fiftieth of what the lane shows.
    pub fn step(&self) -> f32 {
        (self.high - self.low) / 50.0
    }

    /// The tick and the value at a place.
    pub fn point(&self, view: &View, at: Pos2) -> CurvePoint {
        let part = ((self.inner.bottom() - at.y) / self.inner.height()).clamp(0.0, 1.0);
        let value = self.low + part * (self.high - self.low);
        // The middle is hard to hit: near it the value is at rest.
        let value = if (self.y(value) - self.y(0.0)).abs() < 3.0 { 0.0 } else { value };
        CurvePoint { tick: view.tick(at.x - self.lane.left()).max(0.0).round() as Tick, value }
    }

    /// The ground of the lane, with its ends written beside it.
    pub fn paint(&self, ui: &Ui, palette: &Palette) {
        let edge = self.lane.left() - 6.0;
        for (value, y) in [(self.high, self.lane.top() + 8.0), (self.low, self.lane.bottom() - 8.0)] {
            let text = self.said(value, None);
            let font = FontId::proportional(10.0);
            ui.painter().text(pos2(edge, y), Align2::RIGHT_CENTER, text, font, palette.weak_text);
        }
        let painter = ui.painter_at(self.lane);
        painter.rect_filled(self.lane, 0.0, palette.white_key);
        painter.hline(self.lane.x_range(), self.y(0.0), Stroke::new(1.0, palette.beat));
    }

    /// The value at the pointer, beside it.
    pub fn paint_pointed(&self, painter: &Painter, view: &View, at: Pos2, palette: &Palette) {
        let value = self.value_name(self.point(view, at).value);
        let place = pos2(at.x + 10.0, (at.y - 8.0).max(self.lane.top() + 8.0));
        painter.text(place, Align2::LEFT_CENTER, value, FontId::proportional(11.0), palette.text);
    }
}
