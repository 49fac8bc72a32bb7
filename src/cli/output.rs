use std::path::Path;

use anyhow::{Result, ensure};

use ziyin_interchange::{Report, Warning};

/// Checked before any work is done, so that nobody waits for a refusal.
///
/// # Errors
/// If the file is there and is not to be overwritten.
pub fn check_free(path: &Path, force: bool) -> Result<()> {
    ensure!(force || !path.exists(), "{} exists already; --force overwrites it", path.display());
    Ok(())
}

/// The warnings of a report, a sentence each.
pub fn warnings(report: &Report) -> Vec<String> {
    let mut lines: Vec<String> = report.warnings.iter().map(Warning::to_string).collect();
    if report.further > 0 {
        lines.push(format!("{} further warnings", report.further));
    }
    lines
}
