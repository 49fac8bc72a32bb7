//! AISHELL-1 (OpenSLR 33): 178 hours of read Mandarin, 400 speakers, 16 kHz.

use std::collections::HashMap;
use std::path::Path;

use super::gathering::{Gathering, Transcript};
use super::{CorpusError, SpeechCorpus, unpacking, walk};

const TRANSCRIPT: &str = "transcript/aishell_transcript_v0.8.txt";

/// Opens the folder that holds `data_aishell`, or that folder. Speakers that are still
/// archives are unpacked into `unpacked`.
///
/// # Errors
/// If there is no transcript, or a file cannot be read.
pub fn open_aishell1(root: &Path, unpacked: &Path) -> Result<SpeechCorpus, CorpusError> {
    let inner = root.join("data_aishell");
    let root = if inner.is_dir() { inner } else { root.to_path_buf() };
    let transcript = root.join(TRANSCRIPT);
    if !transcript.is_file() {
        return Err(CorpusError::Layout { folder: root, name: "AISHELL-1", missing: TRANSCRIPT });
    }
    gather("AISHELL-1", &transcript, &root.join("wav"), &unpacked.join("aishell1"))
}

/// Recordings in folders named after their speakers, and one file with a line
/// `ID word word …` for each.
pub(super) fn gather(
    name: &str,
    transcript: &Path,
    wavs: &Path,
    unpacked: &Path,
) -> Result<SpeechCorpus, CorpusError> {
    let text = walk::read_text(transcript)?;
    let lines = text.lines().filter_map(|line| line.trim().split_once(char::is_whitespace));
    let mut transcripts: HashMap<&str, &str> = lines.collect();
    let mut gathering = Gathering::default();
    let mut files = walk::files(wavs, &["wav"])?;
    for folder in unpacking::unpack_inner(wavs, unpacked)? {
        files.extend(walk::files(&folder, &["wav"])?);
    }
    let mut seen = std::collections::HashSet::new();
    for file in files {
        let id = walk::stem(&file);
        // A speaker may lie beside the archive that it came in.
        if !seen.insert(id.clone()) {
            continue;
        }
        let transcript = transcripts.remove(id.as_str()).map(Transcript::hanzi);
        let speaker = walk::parent(&file);
        gathering.add(file, &speaker, transcript);
    }
    gathering.leave_out("transcripts without a recording", transcripts.len());
    Ok(gathering.finish(name))
}
