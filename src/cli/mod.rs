//! The command line: one file per subcommand.

use std::process::ExitCode;

/// Reads the arguments, runs what they ask for, and says how it went:
/// 0 done, 1 failed with one clear sentence, 2 wrong usage.
pub fn run() -> ExitCode {
    ExitCode::SUCCESS
}
