use std::path::PathBuf;

use anyhow::Result;
use clap::Args;

use super::output::answer;
use ziyin_model::installed::{InstalledSinger, models_folder, singers};
use ziyin_signal::note_name;

/// List the singers that are installed
#[derive(Args)]
pub struct Arguments {
    /// The folder of voices, if it is not the one that comes with Ziyin
    #[arg(long, value_name = "DIR")]
    models: Option<PathBuf>,
    /// Print one JSON array
    #[arg(long)]
    json: bool,
}

pub fn run(arguments: &Arguments) -> Result<()> {
    let all = singers(&models_folder(arguments.models.as_deref())?)?;
    if arguments.json {
        answer!("{}", serde_json::to_string(&all)?)?;
        return Ok(());
    }
    for InstalledSinger { name, credits, languages, range, voice, file, .. } in &all {
        let [low, high] = range.map(note_name);
        let cloned = if file.is_some() { ", cloned" } else { "" };
        answer!("{name} ({voice}{cloned}): {low} to {high}, {}\n    {credits}", languages.join(", "))?;
    }
    Ok(())
}
