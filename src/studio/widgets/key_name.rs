//! Keys as musicians write them.

use egui::{Response, Ui};

use super::number;
use ziyin_signal::{note_name, semitones_of};

/// The name of a key that a control holds as a number.
pub fn key_name_of(key: f64) -> String {
    note_name(key.round().clamp(0.0, 127.0) as u8)
}

/// A key to drag or to type, under that name.
pub fn key_number(ui: &mut Ui, name: &str, key: &mut u8) -> Response {
    let drag = number(key, 0..=127).speed(0.1);
    let drag = drag.custom_formatter(|key, _| key_name_of(key)).custom_parser(key_of);
    ui.add(drag).accessible_name(name)
}

/// The key that a text names: `C4`, `f#3`, `Bb5` or its number.
pub fn key_of(text: &str) -> Option<f64> {
    let text = text.trim();
    if let Ok(number) = text.parse::<u8>() {
        return Some(f64::from(number));
    }
    let mut letters = text.chars();
    let step = i32::from(semitones_of(letters.next()?.to_ascii_uppercase())?);
    let rest = letters.as_str();
    let sharp = rest.trim_start_matches(['#', '♯']);
    let flat = sharp.trim_start_matches(['b', '♭']);
    let raised = (rest.chars().count() - sharp.chars().count()) as i32;
    let lowered = (sharp.chars().count() - flat.chars().count()) as i32;
    let octave: i32 = flat.trim().parse().ok()?;
    Some(f64::from((octave.checked_add(1)?.checked_mul(12)?).checked_add(step + raised - lowered)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_typed_as_musicians_write_it() {
        let keys = ["C4", "c#4", "Db4", " F♯3 ", "B-1", "60", "H2", ""].map(key_of);
        let expected = [Some(60.0), Some(61.0), Some(61.0), Some(54.0), Some(11.0), Some(60.0), None, None];
        assert_eq!(keys, expected);
        assert_eq!(key_of(&note_name(61)), Some(61.0));
    }
}
