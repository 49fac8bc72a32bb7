use std::process::ExitCode;

fn main() -> ExitCode {
    ziyin::cli::run()
}
