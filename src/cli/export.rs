use std::{io::Write, path::PathBuf};

use anyhow::{Context, Result};
use atomic_write_file::AtomicWriteFile;
use clap::Args;

use super::output;
use super::output::tell;
use ziyin_interchange::{Budget, ExportOptions, ImportOptions, LyricForm, SongKind, export_song, open_song};

/// Write a song as a file of another program
#[derive(Args)]
pub struct Arguments {
    /// The song to export: .ziyin, or any other that `ziyin import` reads
    song: PathBuf,
    /// Where to write it; the ending says as what: .mid, .ustx, .ust, .svp, .vpr, .vsqx, .musicxml or .mxl
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// How lyrics are written, for the singers of the other program
    #[arg(
        long,
        value_name = "as-written|pinyin|kana|romaji",
        default_value = LyricForm::AsWritten.name(),
        value_parser = lyric_form
    )]
    lyrics: LyricForm,
    /// Overwrite the file if it exists
    #[arg(long)]
    force: bool,
}

fn lyric_form(text: &str) -> Result<LyricForm, String> {
    let named = LyricForm::ALL.into_iter().find(|form| form.name() == text);
    named.ok_or_else(|| "lyrics are written as-written, pinyin, kana or romaji".into())
}

pub fn run(arguments: &Arguments) -> Result<()> {
    let Arguments { song, output, lyrics, force } = arguments;
    let kind = SongKind::of(output).filter(|kind| SongKind::WRITTEN.contains(kind)).with_context(|| {
        let known = SongKind::WRITTEN.map(|kind| format!(".{}", kind.extensions()[0])).join(", ");
        format!("{}: the ending says what is written, and is none of {known}", output.display())
    })?;
    output::check_free(output, *force)?;
    let opened = open_song(song, &ImportOptions::default(), &Budget::default())
        .with_context(|| format!("{} cannot be opened", song.display()))?;
    let exported = export_song(&opened.project, kind, ExportOptions { lyrics: *lyrics })
        .with_context(|| format!("{} cannot be exported", song.display()))?;
    for warning in [&opened.report, &exported.report].into_iter().flat_map(output::warnings) {
        tell!("warning: {warning}");
    }
    let write = || {
        let mut file = AtomicWriteFile::open(output)?;
        file.write_all(&exported.bytes)?;
        file.commit()
    };
    write().with_context(|| format!("{} cannot be written", output.display()))
}
