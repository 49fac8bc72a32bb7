//! The desktop application.
//!
//! ```text
//! editor   the document that is being edited: selection, clipboard, named steps
//! view     what part of the song is on screen, and the tools
//! roll     the piano roll and its ruler        lyric_lane   the words under it
//! curves   the lane of drawn curves            tracks       singers, harmonies, mixer
//! engine   where the document meets the singer and the sound card
//! app      the window: menus, actions, dialogs, files
//! ```

pub mod curves;
pub mod editor;
pub mod engine;
pub mod lyric_lane;
pub mod roll;
pub mod view;
