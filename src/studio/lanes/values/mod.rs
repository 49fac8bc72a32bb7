//! The lane under the lyrics: a curve, or the levels of the notes.

mod anchors;
mod curves;
mod levels;
mod scale;
mod value_lane;

pub use value_lane::{LANES, Pen, ValueLane, lane_name, reset};
