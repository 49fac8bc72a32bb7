//! A number that several notes have, or do not share. Where they differ it says so; what is typed then holds
//! for all of them, and a drag moves each from where it is.

use std::cell::Cell;
use std::ops::RangeInclusive;

use egui::{Response, Ui, Vec2};
use rust_i18n::t;

use crate::widgets::{differ, number, read_number, slider};

/// A number of several notes: that of the first, and whether all have it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shared {
    pub first: f64,
    pub same: bool,
}

impl Shared {
    /// The numbers of some notes, at least one.
    pub fn of(mut values: impl Iterator<Item = f64>) -> Self {
        let first = values.next().unwrap_or_default();
        Self { first, same: values.all(|value| value == first) }
    }
}

/// What a control did.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Moved {
    /// All are to have this.
    To(f64),
    /// Each is to have so much more.
    By(f64),
}

/// How a number is shown and typed.
pub struct Face<'a> {
    pub range: RangeInclusive<f64>,
    /// By how much a point of a drag changes it.
    pub speed: f64,
    /// What is read alike is no change.
    pub decimals: i32,
    pub show: &'a dyn Fn(f64) -> String,
    pub read: &'a dyn Fn(&str) -> Option<f64>,
}

/// Shows a number to drag; gives what was done with it.
pub fn shared_number(ui: &mut Ui, size: Vec2, shared: Shared, face: &Face) -> (Response, Option<Moved>) {
    let typed = Cell::new(None);
    let mixed = (!shared.same).then(|| t!("notes.mixed").into_owned());
    let mut value = shared.first;
    let drag = number(&mut value, face.range.clone())
        .speed(face.speed)
        .custom_formatter(|value, _| mixed.clone().unwrap_or_else(|| (face.show)(value)))
        .custom_parser(|text| {
            let read = (face.read)(text);
            typed.set(read.or(typed.get()));
            read
        });
    let response = ui.add_sized(size, drag);
    let moved = match typed.get() {
        // What lies outside was brought to the edge.
        Some(_) if !shared.same || differ(value, shared.first, face.decimals) => Some(Moved::To(value)),
        None if differ(value, shared.first, face.decimals) => Some(Moved::By(value - shared.first)),
        _ => None,
    };
    (response, moved)
}

/// Shows a number on a rail; gives what all are to have, once that is moved.
pub fn shared_slider(
    ui: &mut Ui,
    name: &str,
    shared: Shared,
    range: RangeInclusive<f64>,
    (unit, decimals): (&str, usize),
) -> (Response, Option<f64>) {
    let typed = Cell::new(false);
    let mixed = (!shared.same).then(|| t!("notes.mixed").into_owned());
    let mut value = shared.first;
    let rail = slider(&mut value, range)
        .custom_formatter(|value, _| mixed.clone().unwrap_or_else(|| format!("{value:.decimals$}{unit}")))
        .custom_parser(|text| {
            let read = read_number(text, unit);
            typed.set(typed.get() || read.is_some());
            read
        });
    ui.label(name);
    let response = ui.name_inputs(name, |ui| ui.add(rail));
    let now = typed.get() && !shared.same || differ(value, shared.first, decimals as i32);
    (response, now.then_some(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_is_told() {
        assert_eq!(Shared::of([2.0, 2.0].into_iter()), Shared { first: 2.0, same: true });
        assert_eq!(Shared::of([2.0, 3.0].into_iter()), Shared { first: 2.0, same: false });
    }
}
