//! aidatatang_200zh (OpenSLR 62): 200 hours of Mandarin from phones, 600 speakers, 16 kHz.

use std::path::Path;

use super::aishell1::gather;
use super::{CorpusError, SpeechCorpus};

const TRANSCRIPT: &str = "transcript/aidatatang_200_zh_transcript.txt";

/// Opens the folder that holds `corpus` and `transcript`. Speakers that are still archives
/// are unpacked into `unpacked`.
///
/// # Errors
/// If there is no transcript, or a file cannot be read.
pub fn open_aidatatang(root: &Path, unpacked: &Path) -> Result<SpeechCorpus, CorpusError> {
    let transcript = root.join(TRANSCRIPT);
    if !transcript.is_file() {
        let folder = root.to_path_buf();
        return Err(CorpusError::Layout { folder, name: "aidatatang_200zh", missing: TRANSCRIPT });
    }
    gather("aidatatang_200zh", &transcript, &root.join("corpus"), &unpacked.join("aidatatang"))
}
