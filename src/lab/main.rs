use std::process::ExitCode;

fn main() -> ExitCode {
    ziyin_lab::run()
}
