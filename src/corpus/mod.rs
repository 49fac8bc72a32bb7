//! Recordings with exact intervals.
