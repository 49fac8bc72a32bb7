//! The lanes of the song, which share one view: notes, lyrics, values, and the sound behind them. The
//! arrangement above them has a view of its own.

mod anchor_menu;
mod arrangement;
mod context;
mod lyric_lane;
mod phoneme_lane;
mod roll;
mod snap;
mod spectrogram;
mod values;
mod view;

pub use arrangement::{Arrangement, LOWEST as ARRANGEMENT};
pub use context::LaneContext;
pub use lyric_lane::{HEIGHT as LYRICS, LyricLane};
pub use phoneme_lane::{HEIGHT as PHONEMES, PhonemeLane};
pub use roll::{HEIGHT as RULER, Roll};
pub use snap::{Rhythm, Snap};
pub use spectrogram::Spectrogram;
pub use values::{LANES, Pen, ValueLane, lane_name, reset};
pub use view::{Ghosts, KEYBOARD, LOWEST_KEY, Lane, Tool, View};
