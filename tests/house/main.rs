//! Tests that walk through several rooms. One binary, so that they link once.

mod score;
mod singing;
