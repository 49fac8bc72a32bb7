//! The arrangement: tracks against time, with their phrases as blocks. A phrase is what stands between rests,
//! so that the file of a song knows nothing of it.

mod block;
mod colouring;
mod drag;
mod header;
mod overview;
mod phrases;
mod recording;
mod rows;

pub use overview::{Arrangement, LOWEST};
