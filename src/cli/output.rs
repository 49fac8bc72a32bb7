//! What commands print.

use std::collections::HashSet;
use std::io::{self, Write};
use std::path::Path;

use anyhow::{Result, ensure};
use indicatif::{ProgressBar, ProgressStyle};

use ziyin_interchange::{Report, Warning};

/// Checked before any work is done, so that nobody waits for a refusal.
///
/// # Errors
/// If the file is there and is not to be overwritten.
pub fn check_free(path: &Path, force: bool) -> Result<()> {
    ensure!(force || !path.exists(), "{} exists already; --force overwrites it", path.display());
    Ok(())
}

/// The first of some names for a file that is not taken yet. Some disks do not tell large letters from small
/// ones.
pub fn free_name(taken: &mut HashSet<String>, mut names: impl Iterator<Item = String>) -> Option<String> {
    names.find(|name| taken.insert(name.to_lowercase()))
}

/// A bar on the terminal for work of which it is known what part is done.
pub fn part_bar(what: &str) -> ProgressBar {
    let style = ProgressStyle::with_template(&format!("{what} {{bar:40}} {{percent}}% {{msg}}"));
    ProgressBar::new(1000).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

/// What shows the part that is done on such a bar, 0 to 1, and lets the work go on.
pub fn shown_on(bar: &ProgressBar) -> impl FnMut(f32) -> bool {
    |part| {
        bar.set_position((1000.0 * part) as u64);
        true
    }
}

/// The warnings of a report, a sentence each.
pub fn warnings(report: &Report) -> Vec<String> {
    let mut lines: Vec<String> = report.warnings.iter().map(Warning::to_string).collect();
    if report.further > 0 {
        lines.push(format!("{} further warnings", report.further));
    }
    lines
}

/// Prints a line of what was asked for, to the standard output. An error of it ends the command.
#[macro_export]
macro_rules! answer {
    ($($said:tt)*) => { $crate::output::print(::std::format_args!($($said)*)) };
}

/// Tells the user a line beside what was asked for, where errors go. Nobody has to listen.
#[macro_export]
macro_rules! tell {
    ($($said:tt)*) => { $crate::output::mention(::std::format_args!($($said)*)) };
}

pub use {answer, tell};

/// What [`answer!`] does.
///
/// # Errors
/// If nobody reads on, or it cannot be written.
pub fn print(line: std::fmt::Arguments<'_>) -> io::Result<()> {
    writeln!(io::stdout(), "{line}")
}

/// What [`tell!`] does.
pub fn mention(line: std::fmt::Arguments<'_>) {
    let _ = writeln!(io::stderr(), "{line}");
}

/// Whether a command ended because whoever read what it printed has read enough, as `head` does.
pub fn is_unread(error: &anyhow::Error) -> bool {
    error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}
