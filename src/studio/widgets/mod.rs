//! Controls that several views share.

pub mod icon;
mod in_sight;
mod key_name;
mod meter;
mod number;
mod palette;
mod rows;
pub mod scroll_bar;
pub mod theme;

pub use in_sight::in_sight;
pub use key_name::{key_name_of, key_number, key_of};
pub use meter::show as show_meter;
pub use number::{differ, number, number_in, read_number, slider, slider_in};
pub use palette::{Palette, blend, ink_on, track_colour};
pub use rows::{left_in, letter, mute_and_solo, row, steady};
