//! The command line: one file per subcommand. To add one, give it a file with `Arguments`
//! (which [`clap`] reads) and `run`, and a line in each of the two lists below.

mod align;
mod clone;
pub mod corpora;
mod export;
mod import;
mod listen;
pub mod output;
mod separate;
mod sing;
mod singers;
pub mod train;
pub mod voicebank;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Ziyin sings: notes and lyrics in, a neural voice out. Without a command it opens the
/// studio.
#[derive(Parser)]
#[command(name = "ziyin", version, about, args_conflicts_with_subcommands = true)]
struct CommandLine {
    #[command(subcommand)]
    command: Option<Command>,
    /// Edits the song of the plug-in that started this program
    #[arg(long, hide = true)]
    attached: bool,
    /// The song that the studio opens
    #[arg(value_parser = song)]
    song: Option<PathBuf>,
}

fn song(text: &str) -> Result<PathBuf, String> {
    let path = PathBuf::from(text);
    if path.exists() { Ok(path) } else { Err("there is no song and no command of that name".into()) }
}

#[derive(Subcommand)]
enum Command {
    Import(import::Arguments),
    Listen(listen::Arguments),
    Align(align::Arguments),
    Separate(separate::Arguments),
    Export(export::Arguments),
    Sing(sing::Arguments),
    Singers(singers::Arguments),
    Clone(clone::Arguments),
    Train(train::Arguments),
}

/// Reads the arguments, runs what they ask for, and says how it went:
/// 0 done, 1 failed with one clear sentence, 2 wrong usage. `open_studio` opens the studio, on
/// a song if one is named; `open_attached` on that of the plug-in that started the program.
pub fn run(
    open_studio: impl FnOnce(Option<PathBuf>) -> anyhow::Result<()>,
    open_attached: impl FnOnce() -> anyhow::Result<()>,
) -> ExitCode {
    // clap ends the process with 2 at wrong usage, and with 0 after help.
    let CommandLine { command, attached, song } = CommandLine::parse();
    if attached {
        return told(open_attached());
    }
    let Some(command) = command else { return told(open_studio(song)) };
    leave_screens_alone();
    let done = match command {
        Command::Import(arguments) => import::run(&arguments),
        Command::Listen(arguments) => listen::run(&arguments),
        Command::Align(arguments) => align::run(&arguments),
        Command::Separate(arguments) => separate::run(&arguments),
        Command::Export(arguments) => export::run(&arguments),
        Command::Sing(arguments) => sing::run(&arguments),
        Command::Singers(arguments) => singers::run(&arguments),
        Command::Clone(arguments) => clone::run(&arguments),
        Command::Train(arguments) => train::run(&arguments),
    };
    told(done)
}

/// Keeps Mesa from looking for a Wayland screen where there is none. Its layer that sorts graphics cards
/// does so whenever they are listed, and complains to the user of a command that wants no screen.
#[expect(unsafe_code, reason = "the environment is the only way to tell it")]
fn leave_screens_alone() {
    if std::env::var_os("XDG_RUNTIME_DIR").is_none() {
        // SAFETY: this is the first thread, and it has begun no other.
        unsafe { std::env::set_var("NODEVICE_SELECT", "1") };
    }
}

/// Says on stderr what failed, if anything did.
pub fn told(done: anyhow::Result<()>) -> ExitCode {
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if output::is_unread(&error) => ExitCode::SUCCESS,
        Err(error) => {
            crate::tell!("ziyin: {error:#}");
            ExitCode::FAILURE
        }
    }
}
