//! The desktop application: what is shown of a [`Session`](ziyin_session::Session), and how it is
//! asked for.
//!
//! ```text
//! action     everything that can be done: menus, shortcuts, palette come from one table
//! shortcut   the keys that ask for it, and those that the user has put in their place
//! request    what views ask of the shell      edits      what views edit with
//! lanes      roll, lyrics, values, spectrogram, and the view that they share
//! panels     what stands around the lanes     dialog     what lies over the window
//! widgets    controls that several views share folder_row  folders among tracks
//! names      what things are called           shell      the window, its menus and dialogs, and what an
//!                                              action does
//! track_drop  tracks that are dragged
//! ```
//!
//! A view gets what it shows in a narrow context, edits the document, and gives back what else was
//! asked for (`request::Request`). Only the shell knows all of them.

rust_i18n::i18n!("../../locales/studio", fallback = "en");

pub mod action;
mod action_state;
mod dialog;
mod edits;
mod folder_row;
mod lanes;
mod names;
mod panels;
mod request;
mod shell;
mod shortcut;
mod track_drop;
mod widgets;

pub use shell::{Attach, Start, Studio, demo_song, open_attached, open_window};
pub use widgets::theme;
