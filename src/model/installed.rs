//! The voices that are installed: folders with a `voice.json`, its networks beside it.

use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// Why no voice was found.
#[derive(Debug, thiserror::Error)]
pub enum InstalledError {
    #[error("{} is no folder", .0.display())]
    NoFolder(PathBuf),
    #[error("no voices are installed: there is no models folder")]
    NoModels,
    #[error("{} holds no voice", .0.display())]
    NoVoice(PathBuf),
    #[error("{} cannot be read", .path.display())]
    Io { path: PathBuf, source: std::io::Error },
    #[error("{} is no voice", .path.display())]
    NotAVoice { path: PathBuf, source: serde_json::Error },
    #[error("there is no singer named {0}; `ziyin singers` lists them")]
    NoSinger(String),
}

/// What a voice's `voice.json` says of its singers.
#[derive(Deserialize)]
struct Card {
    name: String,
    singers: Vec<CardSinger>,
}

#[derive(Deserialize)]
struct CardSinger {
    name: String,
    credits: String,
    languages: Vec<String>,
    range: [u8; 2],
}

/// A singer, and the voice that holds it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct InstalledSinger {
    pub name: String,
    /// Whom to thank, with the link that the terms ask for.
    pub credits: String,
    pub languages: Vec<String>,
    /// Lowest and highest comfortable MIDI pitch.
    pub range: [u8; 2],
    /// The name of the voice.
    pub voice: String,
    pub folder: PathBuf,
}

/// Where something that comes with Ziyin may lie: beside the program, up to two folders
/// above it, and beside the sources.
pub fn beside_program(name: &str) -> Vec<PathBuf> {
    let program = std::env::current_exe().ok();
    let beside = program.iter().flat_map(|path| path.ancestors().skip(1).take(3));
    beside.chain([Path::new(env!("CARGO_MANIFEST_DIR"))]).map(|folder| folder.join(name)).collect()
}

/// The folder of voices: the one named, else `models` beside the program or the sources,
/// else in the working folder.
///
/// # Errors
/// If there is none.
pub fn models_folder(named: Option<&Path>) -> Result<PathBuf, InstalledError> {
    if let Some(folder) = named {
        let found = folder.is_dir().then(|| folder.to_path_buf());
        return found.ok_or_else(|| InstalledError::NoFolder(folder.to_path_buf()));
    }
    beside_program("models")
        .into_iter()
        .chain([PathBuf::from("models")])
        .find(|folder| folder.is_dir())
        .ok_or(InstalledError::NoModels)
}

/// The voices in a folder, in the order of their names.
///
/// # Errors
/// If the folder cannot be read or holds no voice.
pub fn voices(folder: &Path) -> Result<Vec<PathBuf>, InstalledError> {
    let entries =
        fs::read_dir(folder).map_err(|source| InstalledError::Io { path: folder.to_path_buf(), source })?;
    let mut voices: Vec<PathBuf> = entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.join("voice.json").is_file())
        .collect();
    voices.sort();
    if voices.is_empty() { Err(InstalledError::NoVoice(folder.to_path_buf())) } else { Ok(voices) }
}

/// The singers of all voices in a folder.
///
/// # Errors
/// If there is no voice, or one is damaged.
pub fn singers(folder: &Path) -> Result<Vec<InstalledSinger>, InstalledError> {
    let mut all = Vec::new();
    for folder in voices(folder)? {
        let Card { name: voice, singers } = read_card(&folder)?;
        all.extend(singers.into_iter().map(|singer| InstalledSinger {
            name: singer.name,
            credits: singer.credits,
            languages: singer.languages,
            range: singer.range,
            voice: voice.clone(),
            folder: folder.clone(),
        }));
    }
    Ok(all)
}

/// The voice that holds a singer, the first one for no name.
///
/// # Errors
/// If no voice does.
pub fn voice_of(folder: &Path, singer: Option<&str>) -> Result<PathBuf, InstalledError> {
    let voices = voices(folder)?;
    let Some(name) = singer else { return Ok(voices[0].clone()) };
    let holds = |voice: &PathBuf| {
        read_card(voice)
            .is_ok_and(|card| card.singers.iter().any(|singer| singer.name.eq_ignore_ascii_case(name)))
    };
    voices.into_iter().find(holds).ok_or_else(|| InstalledError::NoSinger(name.into()))
}

fn read_card(folder: &Path) -> Result<Card, InstalledError> {
    let path = folder.join("voice.json");
    let text = fs::read(&path).map_err(|source| InstalledError::Io { path: path.clone(), source })?;
    serde_json::from_slice(&text).map_err(|source| InstalledError::NotAVoice { path, source })
}
