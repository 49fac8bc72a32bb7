use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Args;

use super::output;
use super::output::{answer, tell};
use ziyin_interchange::{Budget, ImportOptions, open_song};
use ziyin_score::Project;

/// Turn a MIDI file, or a song of another program, into a song
#[derive(Args)]
pub struct Arguments {
    /// The file to import: MIDI, UST, USTX, SVP, VSQX, VPR, VSQ, MusicXML, CeVIO, VoiSona, DeepVocal or VOICEVOX
    file: PathBuf,
    /// Where to save the song, a .ziyin file
    #[arg(short, long, value_name = "SONG")]
    output: PathBuf,
    /// The encoding of the lyrics, such as gb18030, big5, shift_jis, euc-kr; told from the file if not given
    #[arg(long, value_name = "NAME")]
    encoding: Option<String>,
    /// Make a track of each voice where notes sound together, instead of keeping the melody
    #[arg(long)]
    split_voices: bool,
    /// Sing each bar of a MusicXML score once, instead of following its repeats and jumps
    #[arg(long)]
    no_repeats: bool,
    /// Overwrite the song if it exists
    #[arg(long)]
    force: bool,
    /// Print what was imported as one JSON object
    #[arg(long)]
    json: bool,
}

pub fn run(arguments: &Arguments) -> Result<()> {
    output::check_free(&arguments.output, arguments.force)?;
    let options = ImportOptions {
        encoding: arguments.encoding.clone(),
        split_voices: arguments.split_voices,
        no_repeats: arguments.no_repeats,
    };
    let file = arguments.file.display();
    let imported = open_song(&arguments.file, &options, &Budget::default())
        .with_context(|| format!("{file} cannot be imported"))?;
    let song = arguments.output.display();
    imported.project.save(&arguments.output).with_context(|| format!("{song} cannot be saved"))?;

    let warnings = output::warnings(&imported.report);
    for warning in &warnings {
        tell!("warning: {warning}");
    }
    if let Some(encoding) = imported.report.encoding {
        tell!("lyrics read as {encoding}");
    }
    if arguments.json {
        let tracks: Vec<_> = imported.project.tracks.iter().map(describe).collect();
        let report = serde_json::json!({
            "song": arguments.output,
            "title": imported.project.title,
            "encoding": imported.report.encoding,
            "tracks": tracks,
            "warnings": warnings,
        });
        answer!("{report}")?;
    } else {
        answer!("{song}: {}", summary(&imported.project))?;
    }
    Ok(())
}

fn describe(track: &ziyin_score::Track) -> serde_json::Value {
    let sung = track.notes.iter().filter(|note| !note.lyric.is_empty()).count();
    serde_json::json!({ "name": track.name, "notes": track.notes.len(), "lyrics": sung, "mute": track.mute })
}

fn summary(project: &Project) -> String {
    let notes: usize = project.tracks.iter().map(|track| track.notes.len()).sum();
    let plural = |count| if count == 1 { "" } else { "s" };
    let tracks = project.tracks.len();
    format!("{tracks} track{}, {notes} note{}", plural(tracks), plural(notes))
}
