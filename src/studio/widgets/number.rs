//! Numbers that are dragged or typed. One that is typed counts when it is confirmed: half of it
//! is no edit. One that lies beyond what the control reaches, as other programs may bring it,
//! stays as it is until it is touched.

use std::ops::RangeInclusive;

use egui::emath::Numeric;
use egui::{DragValue, Slider};

/// A number to drag. What stands before and behind it would be taken for its name: it is to be
/// given one with [`egui::Response::accessible_name`].
pub fn number<N: Numeric>(value: &mut N, range: RangeInclusive<N>) -> DragValue<'_> {
    let range = reaching(range, *value);
    DragValue::new(value).range(range).update_while_editing(false)
}

/// A number on a rail.
pub fn slider<N: Numeric>(value: &mut N, range: RangeInclusive<N>) -> Slider<'_> {
    let range = reaching(range, *value);
    Slider::new(value, range).update_while_editing(false)
}

/// The range up to a value that lies outside.
fn reaching<N: Numeric>(range: RangeInclusive<N>, value: N) -> RangeInclusive<N> {
    let (low, high) = range.into_inner();
    let low = if value < low { value } else { low };
    let high = if value > high { value } else { high };
    low..=high
}

/// Whether two numbers are told apart with so many decimals: what is only looked at comes back
/// as it is shown, and is no edit.
pub fn differ<N: Numeric>(one: N, other: N, decimals: i32) -> bool {
    (one.to_f64() - other.to_f64()).abs() > 0.6 * 10f64.powi(-decimals)
}
