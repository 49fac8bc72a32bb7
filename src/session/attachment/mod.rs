//! A studio that belongs to a plug-in of a DAW: the plug-in holds the song and follows the DAW's transport,
//! the studio edits the song in a process of its own.
//!
//! ```text
//! said    what the two say to each other, as bytes      studio_end   the studio's end
//! ```

mod said;
mod studio_end;

pub use said::{Place, Said};
pub use studio_end::{Arrived, Attachment};
