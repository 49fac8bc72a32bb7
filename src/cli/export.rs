use std::{io::Write, path::PathBuf};

use anyhow::{Context, Result};
use atomic_write_file::AtomicWriteFile;
use clap::Args;

use super::output;
use ziyin_interchange::{Budget, ImportOptions, export_midi, open_song};

/// Write the notes, lyrics and tempo of a song as a MIDI file
#[derive(Args)]
pub struct Arguments {
    /// The song to export, a .ziyin file
    song: PathBuf,
    /// Where to write the MIDI file
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// Overwrite the MIDI file if it exists
    #[arg(long)]
    force: bool,
}

pub fn run(arguments: &Arguments) -> Result<()> {
    output::check_free(&arguments.output, arguments.force)?;
    let song = arguments.song.display();
    let opened = open_song(&arguments.song, &ImportOptions::default(), &Budget::default())
        .with_context(|| format!("{song} cannot be opened"))?;
    for warning in output::warnings(&opened.report) {
        eprintln!("warning: {warning}");
    }
    let midi = export_midi(&opened.project).with_context(|| format!("{song} cannot be exported"))?;
    let write = || {
        let mut file = AtomicWriteFile::open(&arguments.output)?;
        file.write_all(&midi)?;
        file.commit()
    };
    write().with_context(|| format!("{} cannot be written", arguments.output.display()))
}
