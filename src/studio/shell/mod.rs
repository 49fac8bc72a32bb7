//! The shell around the views: the window, its menus and dialogs, and what an action does.

mod anchors;
mod command_palette;
mod dialogs;
mod files;
mod menu;
mod open_window;
mod perform;
mod playing_in;
mod quick_stroke;
mod reading_song;
mod recording;
mod singers;
mod studio;
mod takes;
mod tapping;
mod tour;
mod window;

pub use open_window::{open_attached, open_window};
pub use studio::{Attach, Start, Studio, demo_song};
