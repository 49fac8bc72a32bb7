use std::process::ExitCode;

fn main() -> ExitCode {
    ziyin_cli::run(ziyin_studio::open_window, ziyin_studio::open_attached)
}
