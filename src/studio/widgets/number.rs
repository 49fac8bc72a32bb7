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

/// A number to drag that is shown with its unit, and typed with it or without.
pub fn number_in<'a, N: Numeric>(
    value: &'a mut N,
    range: RangeInclusive<N>,
    unit: &'static str,
) -> DragValue<'a> {
    number(value, range).suffix(unit).custom_parser(move |text| read_number(text, unit))
}

/// The same on a rail.
pub fn slider_in<'a, N: Numeric>(
    value: &'a mut N,
    range: RangeInclusive<N>,
    unit: &'static str,
) -> Slider<'a> {
    slider(value, range).suffix(unit).custom_parser(move |text| read_number(text, unit))
}

/// A number as it is typed, with its unit or without.
pub fn read_number(text: &str, unit: &str) -> Option<f64> {
    let text = text.trim();
    let text = text.strip_suffix(unit.trim()).unwrap_or(text).trim().replace('−', "-").replace(',', ".");
    text.parse().ok().filter(|number: &f64| number.is_finite())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_typed_with_their_unit_or_without() {
        for text in ["-3.5", "−3.5 dB", " -3,5dB "] {
            assert_eq!(read_number(text, " dB"), Some(-3.5), "{text}");
        }
        for text in ["", "dB", "mixed", "inf", "three", "3 ms"] {
            assert_eq!(read_number(text, " dB"), None, "{text}");
        }
    }
}
