//! Primewords (OpenSLR 47): 100 hours of Mandarin from phones, 296 speakers, 16 kHz.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::gathering::{Gathering, Transcript};
use super::{CorpusError, SpeechCorpus, walk};

pub(super) const TRANSCRIPT: &str = "set1_transcript.json";

#[derive(Deserialize)]
struct Entry {
    file: String,
    text: String,
    #[serde(default)]
    user_id: String,
}

/// Opens the folder that holds `set1_transcript.json` and `audio_files`.
///
/// # Errors
/// If the transcript is not there or no JSON, or a file cannot be read.
pub fn open_primewords(root: &Path) -> Result<SpeechCorpus, CorpusError> {
    let path = root.join(TRANSCRIPT);
    if !path.is_file() {
        return Err(CorpusError::Layout {
            folder: root.to_path_buf(),
            name: "Primewords",
            missing: TRANSCRIPT,
        });
    }
    let entries: Vec<Entry> = serde_json::from_str(&walk::read_text(&path)?)
        .map_err(|error| CorpusError::Damaged { path, what: error.to_string() })?;
    let mut files: HashMap<String, PathBuf> = HashMap::new();
    for file in walk::files(&root.join("audio_files"), &["wav"])? {
        let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        files.insert(name, file);
    }
    let mut gathering = Gathering::default();
    for entry in entries {
        match files.remove(&entry.file) {
            Some(file) => gathering.add(file, &entry.user_id, Some(Transcript::hanzi(&entry.text))),
            None => gathering.leave_out("transcripts without a recording", 1),
        }
    }
    gathering.leave_out("recordings without a transcript", files.len());
    Ok(gathering.finish("Primewords"))
}
