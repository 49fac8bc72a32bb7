//! The piano roll: ruler, keyboard, notes, the pitch curve over them.

mod anchors;
mod drag;
mod geometry;
mod grid;
mod handle;
mod lasso;
mod marks;
mod menu;
mod note;
mod piano_roll;
mod pointer;
mod ruler;
mod sung;
mod transition;
mod vibrato;

pub use piano_roll::Roll;
pub use ruler::HEIGHT;

pub(super) use grid::paint_bars;
pub(super) use menu::menu as action_menu;
pub(super) use ruler::Ruler;
