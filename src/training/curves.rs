use std::path::Path;

use anyhow::{Result, anyhow};
use plotters::prelude::*;

/// Draws curves of a run as a PNG: each with its name, one value per epoch.
pub fn draw_curves(path: &Path, curves: &[(&str, Vec<f32>)]) -> Result<()> {
    let finite = || curves.iter().flat_map(|(_, v)| v.iter().copied()).filter(|v| v.is_finite());
    let (low, high) = finite().fold((f32::MAX, f32::MIN), |(a, b), v| (a.min(v), b.max(v)));
    if low > high {
        return Ok(());
    }
    let longest = curves.iter().map(|(_, v)| v.len()).max().unwrap_or(1).max(2);
    let margin = ((high - low) * 0.05).max(1e-3);
    let wrong = |e: &dyn std::fmt::Display| anyhow!("cannot draw {}: {e}", path.display());
    let root = BitMapBackend::new(path, (900, 500)).into_drawing_area();
    root.fill(&WHITE).map_err(|e| wrong(&e))?;
    // No labels: plotters would need a font of the system for them. The figures stand in
    // the log beside the picture; here each curve has its own colour, in their order.
    let mut chart = ChartBuilder::on(&root)
        .margin(20)
        .build_cartesian_2d(0f32..(longest - 1) as f32, low - margin..high + margin)
        .map_err(|e| wrong(&e))?;
    for (i, (_, values)) in curves.iter().enumerate() {
        let points = values.iter().enumerate().map(|(x, &y)| (x as f32, y));
        chart
            .draw_series(LineSeries::new(points, Palette99::pick(i).stroke_width(2)))
            .map_err(|e| wrong(&e))?;
    }
    root.present().map_err(|e| wrong(&e))
}
