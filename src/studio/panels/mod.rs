//! What stands around the lanes: transport, tracks, mixer, notes, history, status.

mod backing_card;
mod curve_tabs;
mod harmonies;
mod history;
mod mix_controls;
mod mixer;
mod note_panel;
mod shared_value;
mod status;
mod track_panel;
mod transport;

pub use curve_tabs::show as curve_tabs;
pub use history::show as history;
pub use mixer::show as mixer;
pub use note_panel::NotePanel;
pub use status::{Notice, StatusLine};
pub use track_panel::TrackPanel;
pub use transport::TransportBar;
