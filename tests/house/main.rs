//! Tests that walk through several rooms. One binary, so that they link once.

mod cases;
mod demo;
mod midi;
mod score;
mod singing;
