use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::Args;
use serde::{Deserialize, Serialize};

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

/// What a voice's `voice.json` says of its singers.
#[derive(Deserialize)]
struct Card {
    name: String,
    singers: Vec<Singer>,
}

#[derive(Clone, Deserialize, Serialize)]
struct Singer {
    name: String,
    credits: String,
    languages: Vec<String>,
    /// Lowest and highest comfortable MIDI pitch.
    range: [u8; 2],
}

/// A singer and the voice that holds it.
#[derive(Serialize)]
struct Listed {
    #[serde(flatten)]
    singer: Singer,
    voice: String,
    folder: PathBuf,
}

pub fn run(arguments: &Arguments) -> Result<()> {
    let folder = models_folder(arguments.models.as_deref())?;
    let mut all = Vec::new();
    for voice in voices(&folder)? {
        let path = voice.join("voice.json");
        let text = fs::read(&path).with_context(|| format!("{} cannot be read", path.display()))?;
        let card: Card =
            serde_json::from_slice(&text).with_context(|| format!("{} is no voice", path.display()))?;
        all.extend(card.singers.into_iter().map(|singer| Listed {
            singer,
            voice: card.name.clone(),
            folder: voice.clone(),
        }));
    }
    if arguments.json {
        println!("{}", serde_json::to_string(&all)?);
        return Ok(());
    }
    for Listed { singer, voice, .. } in &all {
        let [low, high] = singer.range.map(note_name);
        let languages = singer.languages.join(", ");
        println!("{} ({voice}): {low} to {high}, {languages}\n    {}", singer.name, singer.credits);
    }
    Ok(())
}

/// The folder that holds the voices: the one named, else `models` beside the program or
/// the sources, else in the working folder.
///
/// # Errors
/// If there is none.
pub fn models_folder(named: Option<&Path>) -> Result<PathBuf> {
    if let Some(folder) = named {
        if folder.is_dir() {
            return Ok(folder.to_path_buf());
        }
        bail!("{} is no folder", folder.display());
    }
    let program = std::env::current_exe().ok();
    let beside =
        program.iter().flat_map(|path| path.ancestors().skip(1).take(3)).map(|dir| dir.join("models"));
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("models");
    beside
        .chain([sources, PathBuf::from("models")])
        .find(|folder| folder.is_dir())
        .context("no voices are installed: there is no models folder")
}

/// The voices in a folder, in the order of their names.
///
/// # Errors
/// If the folder cannot be read or holds no voice.
pub fn voices(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder).with_context(|| format!("{} cannot be read", folder.display()))?;
    let mut voices: Vec<PathBuf> = entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.join("voice.json").is_file())
        .collect();
    voices.sort();
    if voices.is_empty() {
        bail!("{} holds no voice", folder.display());
    }
    Ok(voices)
}

/// The voice that holds a singer (or bears that name), the first one for no name.
///
/// # Errors
/// If no voice does.
#[cfg(feature = "voice")]
pub fn voice_of(folder: &Path, singer: Option<&str>) -> Result<PathBuf> {
    let voices = voices(folder)?;
    let Some(name) = singer else { return Ok(voices[0].clone()) };
    let holds = |voice: &PathBuf| -> bool {
        let card = fs::read(voice.join("voice.json")).ok();
        let card = card.and_then(|text| serde_json::from_slice::<Card>(&text).ok());
        card.is_some_and(|card| card.singers.iter().any(|singer| singer.name.eq_ignore_ascii_case(name)))
    };
    voices
        .into_iter()
        .find(holds)
        .with_context(|| format!("there is no singer named {name}; `ziyin singers` lists them"))
}

fn note_name(pitch: u8) -> String {
    const NAMES: [&str; 12] = ["C", "C♯", "D", "D♯", "E", "F", "F♯", "G", "G♯", "A", "A♯", "B"];
    format!("{}{}", NAMES[usize::from(pitch % 12)], i16::from(pitch / 12) - 1)
}
