//! Pictures of where a network attends.

use std::path::Path;

use anyhow::{Result, anyhow};
use plotters::prelude::*;

/// Draws attention as a PNG: a column for each step, a row for each symbol, from the first
/// at the bottom; the darker, the more.
pub fn draw_attention(path: &Path, attention: &[Vec<f32>]) -> Result<()> {
    let (steps, symbols) = (attention.len().max(1), attention.first().map_or(1, Vec::len).max(1));
    let side = (900 / steps).clamp(2, 24) as i32;
    let tall = (500 / symbols).clamp(2, 24) as i32;
    let wrong = |e: &dyn std::fmt::Display| anyhow!("cannot draw {}: {e}", path.display());
    let size = (steps as u32 * side as u32, symbols as u32 * tall as u32);
    let root = BitMapBackend::new(path, size).into_drawing_area();
    root.fill(&WHITE).map_err(|e| wrong(&e))?;
    for (step, row) in attention.iter().enumerate() {
        for (symbol, weight) in row.iter().enumerate() {
            let shade = 255 - (255.0 * weight.clamp(0.0, 1.0)) as u8;
            let (x, y) = (step as i32 * side, (symbols - 1 - symbol) as i32 * tall);
            let cell = Rectangle::new([(x, y), (x + side, y + tall)], RGBColor(shade, shade, shade).filled());
            root.draw(&cell).map_err(|e| wrong(&e))?;
        }
    }
    root.present().map_err(|e| wrong(&e))
}
