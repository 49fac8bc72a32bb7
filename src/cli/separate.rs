use std::path::PathBuf;

use anyhow::{Context, Result, anyhow};
use clap::Args;

use super::output;
use super::output::{answer, tell};
use ziyin_message::Message;
use ziyin_session::separating::{separate, separated_files};

/// Separate a song into its vocals and what goes with them
///
/// Both are WAV files of floating point numbers, as long as the song and at its rate: together they are the
/// song.
#[derive(Args)]
pub struct Arguments {
    /// The song: WAV, FLAC, MP3, Ogg Vorbis, Opus, AIFF, CAF or M4A
    song: PathBuf,
    /// The folder for the files
    #[arg(long, value_name = "DIR", default_value = ".")]
    out: PathBuf,
    /// Overwrite files that exist
    #[arg(long)]
    force: bool,
    /// Print what was written as one JSON object
    #[arg(long)]
    json: bool,
}

pub fn run(arguments: &Arguments) -> Result<()> {
    for file in separated_files(&arguments.song, &arguments.out) {
        output::check_free(&file, arguments.force)?;
    }
    let bar = output::part_bar("separating");
    let separated = separate(&arguments.song, &arguments.out, &mut output::shown_on(&bar));
    bar.finish_and_clear();
    let said = |why: Message| anyhow!("{why}");
    let separated = separated.map_err(said)?.context("separating was stopped")?;
    for warning in &separated.warnings {
        tell!("warning: {warning}");
    }
    if arguments.json {
        let warnings: Vec<String> = separated.warnings.iter().map(Message::to_string).collect();
        answer!(
            "{}",
            serde_json::json!({
                "vocals": separated.vocals,
                "accompaniment": separated.accompaniment,
                "seconds": separated.seconds,
                "warnings": warnings,
            })
        )?;
    } else {
        answer!("{}\n{}", separated.vocals.display(), separated.accompaniment.display())?;
    }
    Ok(())
}
